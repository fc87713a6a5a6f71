package policy

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	yamlast "github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// inside turns a place in an expression into a place in the file.
func (v value) inside(line, column int) (int, int) {
	switch n := v.node.(type) {
	case *yamlast.LiteralNode:
		return v.insideBlock(strings.HasPrefix(n.Start.Value, ">"), line, column)
	case *yamlast.StringNode:
		quoted := 0
		if n.Token != nil && (n.Token.Type == token.SingleQuoteType || n.Token.Type == token.DoubleQuoteType) {
			quoted = 1
		}
		return v.line, v.col + quoted + column
	default:
		return v.line, v.col
	}
}

// insideBlock does so for the text below a | or, folded to one line, a >.
func (v value) insideBlock(folded bool, line, column int) (int, int) {
	row := v.line + line // the text begins on the line after the sign
	if row > len(v.doc.lines) || v.line >= len(v.doc.lines) {
		return v.line, v.col
	}
	first := v.doc.lines[v.line]
	indent := len(first) - len(strings.TrimLeft(first, " "))
	for folded && line == 1 && row < len(v.doc.lines) {
		here := max(0, len(v.doc.lines[row-1])-indent)
		if column <= here {
			break
		}
		column -= here + 1
		row++
	}
	return row, indent + column + 1
}

var (
	undeclared = regexp.MustCompile(`undeclared reference to '([^']+)'`)
	undefined  = regexp.MustCompile(`undefined field '([^']+)'`)
)

// hint says what would have been allowed.
func hint(message, source string, s scope) string {
	vars := scopeVars(s)
	if m := undeclared.FindStringSubmatch(message); m != nil {
		if m[1] == "has" {
			return "; has() is not needed: every field is there, and an answer that was not given is null"
		}
		names := make([]string, 0, len(vars))
		for name := range vars {
			names = append(names, name)
		}
		slices.Sort(names)
		return "; known here: " + strings.Join(names, ", ") + " and the functions of docs/policy.md"
	}
	m := undefined.FindStringSubmatch(message)
	if m == nil {
		return ""
	}
	for name, t := range vars {
		if regexp.MustCompile(`\b` + name + `\s*\.\s*` + regexp.QuoteMeta(m[1]) + `\b`).MatchString(source) {
			return "; " + name + " has: " + strings.Join(fieldNames(t), ", ")
		}
	}
	return ""
}

func fieldNames(t *cel.Type) []string {
	for _, known := range []reflect.Type{
		reflect.TypeFor[ticketVars](), reflect.TypeFor[itemVars](), reflect.TypeFor[personVars](),
		reflect.TypeFor[catalogueVars](), reflect.TypeFor[grantVars](),
	} {
		if known.String() != t.TypeName() {
			continue
		}
		var names []string
		for f := range known.Fields() {
			names = append(names, f.Tag.Get("cel"))
		}
		slices.Sort(names)
		return names
	}
	return nil
}
