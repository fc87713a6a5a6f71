package oktasim

import (
	"fmt"
	"strconv"
	"strings"
)

// parseRule reads a condition.
func parseRule(text string) (ruleExpr, error) {
	tokens, err := lexRule(text)
	if err != nil {
		return nil, err
	}
	p := &ruleParser{tokens: tokens}
	e, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != "end" {
		return nil, fmt.Errorf("unexpected %q", t.text)
	}
	return e, nil
}

type ruleToken struct{ kind, text string } // kind: word, string, number, op, end

const ruleOperators = "== != <= >= && || < > ! ( ) ,"

func lexRule(text string) ([]ruleToken, error) {
	var out []ruleToken
	for i := 0; i < len(text); {
		ch := text[i]
		switch {
		case strings.ContainsRune(" \t\r\n", rune(ch)):
			i++
		case ch == '"' || ch == '\'':
			end := strings.IndexByte(text[i+1:], ch)
			if end < 0 {
				return nil, fmt.Errorf("unterminated string at position %d", i)
			}
			out = append(out, ruleToken{"string", text[i+1 : i+1+end]})
			i += end + 2
		case isWordByte(ch):
			end := i
			for end < len(text) && isWordByte(text[end]) {
				end++
			}
			out = append(out, ruleToken{"word", text[i:end]})
			i = end
		default:
			op := ""
			for o := range strings.FieldsSeq(ruleOperators) {
				if strings.HasPrefix(text[i:], o) {
					op = o
					break
				}
			}
			if op == "" {
				return nil, fmt.Errorf("unexpected %q at position %d", string(ch), i)
			}
			out = append(out, ruleToken{"op", op})
			i += len(op)
		}
	}
	return append(out, ruleToken{"end", ""}), nil
}

func isWordByte(ch byte) bool {
	return ch == '_' || ch == '.' || ch >= '0' && ch <= '9' || ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z'
}

type ruleParser struct {
	tokens []ruleToken
	at     int
}

func (p *ruleParser) peek() ruleToken { return p.tokens[p.at] }

// take consumes the next token if it is one of these operators or words.
func (p *ruleParser) take(texts ...string) (string, bool) {
	t := p.peek()
	if t.kind == "op" || t.kind == "word" {
		for _, text := range texts {
			if t.kind == "op" && t.text == text || t.kind == "word" && strings.EqualFold(t.text, text) {
				p.at++
				return text, true
			}
		}
	}
	return "", false
}

func (p *ruleParser) or(depth int) (ruleExpr, error) {
	return p.chain("or", []string{"||", "or"}, func() (ruleExpr, error) {
		return p.chain("and", []string{"&&", "and"}, func() (ruleExpr, error) { return p.comparison(depth) })
	})
}

func (p *ruleParser) chain(op string, signs []string, part func() (ruleExpr, error)) (ruleExpr, error) {
	left, err := part()
	if err != nil {
		return nil, err
	}
	for {
		if _, more := p.take(signs...); !more {
			return left, nil
		}
		right, err := part()
		if err != nil {
			return nil, err
		}
		left = ruleBinary{op, left, right}
	}
}

func (p *ruleParser) comparison(depth int) (ruleExpr, error) {
	left, err := p.unary(depth)
	if err != nil {
		return nil, err
	}
	op, found := p.take("==", "!=", "<=", ">=", "<", ">")
	if !found {
		return left, nil
	}
	right, err := p.unary(depth)
	if err != nil {
		return nil, err
	}
	return ruleBinary{op, left, right}, nil
}

func (p *ruleParser) unary(depth int) (ruleExpr, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	if _, negated := p.take("!", "not"); negated {
		of, err := p.unary(depth + 1)
		if err != nil {
			return nil, err
		}
		return ruleNot{of}, nil
	}
	if _, opened := p.take("("); opened {
		e, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, closed := p.take(")"); !closed {
			return nil, fmt.Errorf("expected ), got %q", p.peek().text)
		}
		return e, nil
	}
	t := p.peek()
	switch t.kind {
	case "string":
		p.at++
		return ruleLiteral{t.text}, nil
	case "word":
		p.at++
		return p.word(t.text, depth)
	}
	return nil, fmt.Errorf("expected a value, got %q", t.text)
}

func (p *ruleParser) word(text string, depth int) (ruleExpr, error) {
	switch strings.ToLower(text) {
	case "null":
		return ruleLiteral{nil}, nil
	case "true":
		return ruleLiteral{true}, nil
	case "false":
		return ruleLiteral{false}, nil
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return ruleLiteral{n}, nil
	}
	if name, isAttr := strings.CutPrefix(text, "user."); isAttr && !strings.Contains(name, ".") {
		if name == "isMemberOfAnyGroup" {
			return p.arguments("ismemberofanygroup", depth)
		}
		return ruleAttr{name}, nil
	}
	return p.arguments(strings.ToLower(text), depth)
}

func (p *ruleParser) arguments(name string, depth int) (ruleExpr, error) {
	count, known := ruleFunctions[name]
	if !known {
		return nil, fmt.Errorf("unknown name %q: group rules know user attributes, String.startsWith, String.stringContains, Arrays.contains and isMemberOf… functions", name)
	}
	if _, opened := p.take("("); !opened {
		return nil, fmt.Errorf("expected ( after %s", name)
	}
	f := ruleCall{name: name}
	for {
		arg, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		f.args = append(f.args, arg)
		if _, more := p.take(","); !more {
			break
		}
	}
	if _, closed := p.take(")"); !closed {
		return nil, fmt.Errorf("expected ), got %q", p.peek().text)
	}
	if count >= 0 && len(f.args) != count {
		return nil, fmt.Errorf("%s takes %d arguments, got %d", name, count, len(f.args))
	}
	return f, nil
}
