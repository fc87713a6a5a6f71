package oktasim

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// filterNode is a parsed SCIM filter: a comparison, or and, or, not over others.
type filterNode struct {
	op    string // "and", "or", "not" or "cmp"
	kids  []*filterNode
	attr  string
	cmp   string // eq ne gt ge lt le sw ew co pr
	value any    // string, bool, float64 or nil
}

// filterError says where a filter stops making sense.
type filterError struct {
	text     string // what is wrong
	operator string // set when it is an unknown operator
	position int    // of the offending word
}

func (e *filterError) Error() string { return e.text }

type filterToken struct {
	kind string // "word", "string", "(", ")" or "end"
	text string
	pos  int
}

// maxFilter bounds the length of filters; deeper nesting than maxDepth is refused.
const (
	maxFilter = 16 << 10
	maxDepth  = 50
)

func lexFilter(text string) ([]filterToken, error) {
	if len(text) > maxFilter {
		return nil, &filterError{text: "the filter is too long"}
	}
	var tokens []filterToken
	for i := 0; i < len(text); {
		ch := text[i]
		switch {
		case unicode.IsSpace(rune(ch)):
			i++
		case ch == '(' || ch == ')':
			tokens = append(tokens, filterToken{string(ch), string(ch), i})
			i++
		case ch == '"':
			end := i + 1
			for end < len(text) && text[end] != '"' {
				if text[end] == '\\' {
					end++
				}
				end++
			}
			if end >= len(text) {
				return nil, &filterError{text: "unterminated string", position: i}
			}
			value, err := strconv.Unquote(text[i : end+1])
			if err != nil {
				return nil, &filterError{text: "malformed string", position: i}
			}
			tokens = append(tokens, filterToken{"string", value, i})
			i = end + 1
		default:
			end := i
			for end < len(text) && !unicode.IsSpace(rune(text[end])) && !strings.ContainsRune(`()"`, rune(text[end])) {
				end++
			}
			tokens = append(tokens, filterToken{"word", text[i:end], i})
			i = end
		}
	}
	return append(tokens, filterToken{"end", "", len(text)}), nil
}

// parseFilter reads a SCIM filter. Errors are of type *filterError.
func parseFilter(text string) (*filterNode, error) {
	tokens, err := lexFilter(text)
	if err != nil {
		return nil, err
	}
	p := &filterParser{tokens: tokens}
	n, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != "end" {
		return nil, &filterError{text: fmt.Sprintf("unexpected %q", t.text), position: t.pos}
	}
	return n, nil
}

type filterParser struct {
	tokens []filterToken
	at     int
}

func (p *filterParser) peek() filterToken { return p.tokens[p.at] }

func (p *filterParser) next() filterToken {
	t := p.tokens[p.at]
	if t.kind != "end" {
		p.at++
	}
	return t
}

func (p *filterParser) word(want string) bool {
	if t := p.peek(); t.kind == "word" && strings.EqualFold(t.text, want) {
		p.at++
		return true
	}
	return false
}

func (p *filterParser) or(depth int) (*filterNode, error) {
	return p.chain(depth, "or", func() (*filterNode, error) {
		return p.chain(depth, "and", func() (*filterNode, error) { return p.unary(depth) })
	})
}

func (p *filterParser) chain(_ int, op string, part func() (*filterNode, error)) (*filterNode, error) {
	left, err := part()
	if err != nil {
		return nil, err
	}
	n := &filterNode{op: op, kids: []*filterNode{left}}
	for p.word(op) {
		right, err := part()
		if err != nil {
			return nil, err
		}
		n.kids = append(n.kids, right)
	}
	if len(n.kids) == 1 {
		return left, nil
	}
	return n, nil
}

func (p *filterParser) unary(depth int) (*filterNode, error) {
	if depth > maxDepth {
		return nil, &filterError{text: "the filter is nested too deeply", position: p.peek().pos}
	}
	if p.word("not") {
		kid, err := p.unary(depth + 1)
		if err != nil {
			return nil, err
		}
		return &filterNode{op: "not", kids: []*filterNode{kid}}, nil
	}
	t := p.next()
	switch t.kind {
	case "(":
		n, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if end := p.next(); end.kind != ")" {
			return nil, &filterError{text: "missing )", position: end.pos}
		}
		return n, nil
	case "word":
		return p.comparison(t)
	}
	return nil, &filterError{text: fmt.Sprintf("expected an attribute, got %q", t.text), position: t.pos}
}

func (p *filterParser) comparison(attr filterToken) (*filterNode, error) {
	op := p.next()
	if op.kind != "word" {
		return nil, &filterError{text: "expected an operator", position: op.pos}
	}
	n := &filterNode{op: "cmp", attr: attr.text, cmp: strings.ToLower(op.text)}
	switch n.cmp {
	case "pr":
		return n, nil
	case "eq", "ne", "gt", "ge", "lt", "le", "sw", "ew", "co":
	default:
		return nil, &filterError{text: "unknown operator " + op.text, operator: op.text, position: op.pos}
	}
	v := p.next()
	switch v.kind {
	case "string":
		n.value = v.text
	case "word":
		switch strings.ToLower(v.text) {
		case "true":
			n.value = true
		case "false":
			n.value = false
		case "null":
			n.value = nil
		default:
			f, err := strconv.ParseFloat(v.text, 64)
			if err != nil {
				return nil, &filterError{text: fmt.Sprintf("the value %q needs quotes", v.text), position: v.pos}
			}
			n.value = f
		}
	default:
		return nil, &filterError{text: "expected a value", position: v.pos}
	}
	return n, nil
}
