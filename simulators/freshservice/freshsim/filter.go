package freshsim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// maxFilterLength is in characters, the quotes included (reference §4.7).
const maxFilterLength = 512

// filterKind is the type of a queryable field.
type filterKind int

const (
	kindString filterKind = iota
	kindNumber
	kindBool
	kindTime
	kindLabel // a string that also takes prefix search in ~[a|b]:'jo'
)

// filterSchema is the whitelist of a query: field to type.
type filterSchema map[string]filterKind

// getter gives the values of a field of one record; none means null.
type getter func(field string) []any

// matcher says whether a record fits.
type matcher func(getter) bool

// parseFilter reads `"<expr>"` in the vendor's query language: field:value, field:>value (at least), field:<value (at
// most), AND, OR, parentheses, null, single-quoted strings and dates, bare numbers and booleans (reference §4.7), and
// the prefix search ~[first_name|last_name]:'jo' (reference §8.1). AND binds tighter than OR.
func parseFilter(query string, schema filterSchema) (matcher, error) {
	if len([]rune(query)) > maxFilterLength {
		return nil, invalid("query", codeInvalidValue, fmt.Sprintf("It should have at most %d characters", maxFilterLength))
	}
	if len(query) < 2 || query[0] != '"' || query[len(query)-1] != '"' {
		return nil, badQuery("the query must be given in double quotes")
	}
	p := &filterParser{rest: query[1 : len(query)-1], schema: schema}
	m, err := p.or()
	if err != nil {
		return nil, err
	}
	if p.skip(); p.rest != "" {
		return nil, badQuery("unexpected text near " + strconv.Quote(head(p.rest)))
	}
	return m, nil
}

func badQuery(why string) error {
	return &apiError{status: http.StatusBadRequest, code: "invalid_value", message: "The query is not valid: " + why}
}

func head(s string) string { return s[:min(len(s), 20)] }

type filterParser struct {
	rest   string
	schema filterSchema
}

func (p *filterParser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// word takes an upper-case operator that stands alone.
func (p *filterParser) word(w string) bool {
	p.skip()
	after, ok := strings.CutPrefix(p.rest, w)
	if !ok || after != "" && !strings.ContainsAny(after[:1], " (\t\r\n") {
		return false
	}
	p.rest = after
	return true
}

func (p *filterParser) symbol(s string) bool {
	p.skip()
	after, ok := strings.CutPrefix(p.rest, s)
	if ok {
		p.rest = after
	}
	return ok
}

func (p *filterParser) or() (matcher, error) {
	left, err := p.and()
	if err != nil {
		return nil, err
	}
	for p.word("OR") {
		right, err := p.and()
		if err != nil {
			return nil, err
		}
		a := left
		left = func(g getter) bool { return a(g) || right(g) }
	}
	return left, nil
}

func (p *filterParser) and() (matcher, error) {
	left, err := p.term()
	if err != nil {
		return nil, err
	}
	for p.word("AND") {
		right, err := p.term()
		if err != nil {
			return nil, err
		}
		a := left
		left = func(g getter) bool { return a(g) && right(g) }
	}
	return left, nil
}

func (p *filterParser) term() (matcher, error) {
	if p.symbol("(") {
		m, err := p.or()
		if err != nil {
			return nil, err
		}
		if !p.symbol(")") {
			return nil, badQuery("a parenthesis is not closed")
		}
		return m, nil
	}
	if p.symbol("~[") {
		return p.prefix()
	}
	return p.comparison()
}

// prefix reads the rest of ~[a|b]:'jo'.
func (p *filterParser) prefix() (matcher, error) {
	names, rest, ok := strings.Cut(p.rest, "]:")
	if !ok {
		return nil, badQuery("a prefix search looks like ~[first_name|last_name]:'jo'")
	}
	p.rest = rest
	fields := strings.Split(names, "|")
	for _, f := range fields {
		if kind, ok := p.schema[f]; !ok || kind != kindLabel {
			return nil, unknownField(f)
		}
	}
	want, quoted, err := p.operand()
	if err != nil {
		return nil, err
	}
	if !quoted {
		return nil, badQuery("a prefix search needs a string in single quotes")
	}
	want = strings.ToLower(want)
	return func(g getter) bool {
		for _, f := range fields {
			for _, v := range g(f) {
				if s, ok := v.(string); ok && strings.HasPrefix(strings.ToLower(s), want) {
					return true
				}
			}
		}
		return false
	}, nil
}

// unknownField is the documented answer to a field outside the whitelist (reference §2).
func unknownField(name string) error {
	return invalid(name, codeInvalidValue, "[:invalid_field]")
}

func (p *filterParser) comparison() (matcher, error) {
	p.skip()
	end := strings.IndexFunc(p.rest, func(r rune) bool {
		return r != '_' && r != '-' && r != '.' && !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	if end <= 0 || p.rest[end] != ':' {
		return nil, badQuery("expected field:value near " + strconv.Quote(head(p.rest)))
	}
	field := p.rest[:end]
	p.rest = p.rest[end+1:]
	kind, known := p.schema[field]
	if !known {
		return nil, unknownField(field)
	}
	op := "="
	switch {
	case p.symbol(">"):
		op = ">"
	case p.symbol("<"):
		op = "<"
	}
	word, quoted, err := p.operand()
	if err != nil {
		return nil, err
	}
	if word == "null" && !quoted {
		if op != "=" {
			return nil, badQuery("null takes no comparison")
		}
		return func(g getter) bool { return len(g(field)) == 0 }, nil
	}
	return compare(field, kind, op, word, quoted)
}

// operand reads a single-quoted string or a bare word.
func (p *filterParser) operand() (word string, quoted bool, err error) {
	p.skip()
	if rest, ok := strings.CutPrefix(p.rest, "'"); ok {
		value, after, ok := strings.Cut(rest, "'")
		if !ok {
			return "", true, badQuery("a quote is not closed")
		}
		p.rest = after
		return value, true, nil
	}
	end := strings.IndexAny(p.rest, " ()\t\r\n'")
	if end < 0 {
		end = len(p.rest)
	}
	if end == 0 {
		return "", false, badQuery("a value is missing")
	}
	word, p.rest = p.rest[:end], p.rest[end:]
	return word, false, nil
}

// compare checks the operand against the field's type and builds the matcher.
func compare(field string, kind filterKind, op, word string, quoted bool) (matcher, error) {
	switch kind {
	case kindNumber:
		n, err := strconv.ParseFloat(word, 64)
		if err != nil || quoted {
			return nil, invalid(field, codeInvalidValue, `[ "It should be a/an Positive Integer" ]`)
		}
		return any1(field, func(v any) bool { return ordered(op, number(v), n) }), nil
	case kindBool:
		if quoted || op != "=" || word != "true" && word != "false" {
			return nil, invalid(field, codeInvalidValue, `[ "It should be a/an Boolean" ]`)
		}
		return any1(field, func(v any) bool { b, ok := v.(bool); return ok && b == (word == "true") }), nil
	case kindTime:
		return compareTime(field, op, word, quoted)
	case kindString, kindLabel:
		if !quoted || op != "=" {
			return nil, invalid(field, codeInvalidValue, `[ "It should be a/an String" ]`)
		}
		return any1(field, func(v any) bool { s, ok := v.(string); return ok && strings.EqualFold(s, word) }), nil
	}
	return nil, unknownField(field)
}

// compareTime takes 'YYYY-MM-DD' or a full time, with :> and :< only. A date counts as its whole day.
func compareTime(field, op, word string, quoted bool) (matcher, error) {
	at, ok := parseTime(word)
	if !ok || !quoted || op == "=" {
		return nil, invalid(field, codeInvalidValue, `[ "It should be a date in single quotes, compared with :> or :<" ]`)
	}
	end := at
	if len(word) == len(time.DateOnly) {
		end = at.Add(24*time.Hour - time.Nanosecond)
	}
	return any1(field, func(v any) bool {
		t, ok := v.(time.Time)
		if !ok {
			return false
		}
		if op == ">" {
			return !t.Before(at)
		}
		return !t.After(end)
	}), nil
}

// any1 matches when any of the field's values does.
func any1(field string, fits func(any) bool) matcher {
	return func(g getter) bool { return slices.ContainsFunc(g(field), fits) }
}

func number(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	case int:
		return float64(v)
	}
	return -1
}

func ordered(op string, have, want float64) bool {
	switch op {
	case ">":
		return have >= want
	case "<":
		return have <= want
	}
	return have == want
}
