package policy

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// LoadError is one thing wrong with a policy, and where: what was found, and what is allowed.
type LoadError struct {
	File    string // relative to the policy folder
	Line    int    // from 1; 0 where the whole file is meant
	Column  int
	Message string
}

func (p *LoadError) Error() string {
	if p.Line == 0 {
		return fmt.Sprintf("%s: %s", p.File, p.Message)
	}
	return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
}

// problems collects what is wrong in all files, so that one load shows everything.
type problems struct{ list []*LoadError }

func (p *problems) add(file string, line, column int, format string, args ...any) {
	p.list = append(p.list, &LoadError{File: file, Line: line, Column: column, Message: fmt.Sprintf(format, args...)})
}

// err joins the problems in the order of files and lines; nil when there are none.
func (p *problems) err() error {
	slices.SortStableFunc(p.list, func(a, b *LoadError) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	list := make([]error, 0, len(p.list))
	for _, one := range p.list {
		list = append(list, one)
	}
	return errors.Join(list...)
}

// document is one YAML file while it is read.
type document struct {
	file     string
	lines    []string
	problems *problems
}

// value is one node of a document. Reading a value that does not fit records a problem and gives the zero value, so a
// reader goes on and finds the next one.
type value struct {
	doc   *document
	node  ast.Node
	line  int
	col   int
	drawn *shape // set where a loader draws its schema instead of reading a file
}

// parse reads a file as one YAML document. A file that is no YAML, or empty, is a problem.
func parse(file string, text []byte, found *problems) (value, bool) {
	doc := &document{file: file, lines: strings.Split(string(text), "\n"), problems: found}
	tree, err := parser.ParseBytes(text, 0)
	if err != nil {
		line, column := 1, 1
		message := err.Error()
		if where, ok := errors.AsType[yaml.Error](err); ok {
			message = where.GetMessage()
			if t := where.GetToken(); t != nil && t.Position != nil {
				line, column = t.Position.Line, t.Position.Column
			}
		}
		if strings.Contains(message, "mapping value is not allowed") {
			message += "; a text or expression that holds a colon and a blank goes in quotes, or below a >-"
		}
		found.add(file, line, column, "not valid YAML: %s", message)
		return value{}, false
	}
	docs := slices.DeleteFunc(tree.Docs, func(d *ast.DocumentNode) bool { return d.Body == nil })
	switch len(docs) {
	case 0:
		found.add(file, 1, 1, "the file is empty; write {} to leave everything at its default")
		return value{}, false
	case 1:
		return doc.at(docs[0].Body, 1, 1), true
	default:
		found.add(file, 1, 1, "the file holds %d YAML documents; it has to be one", len(docs))
		return value{}, false
	}
}

func (d *document) at(node ast.Node, line, column int) value {
	v := value{doc: d, node: node, line: line, col: column}
	if m, ok := node.(*ast.MappingNode); ok && len(m.Values) > 0 && !m.IsFlowStyle {
		node = m.Values[0].Key
	}
	if m, ok := node.(*ast.MappingValueNode); ok {
		node = m.Key
	}
	if t := node.GetToken(); t != nil && t.Position != nil {
		v.line, v.col = t.Position.Line, t.Position.Column
	}
	return v
}

func (v value) problem(format string, args ...any) {
	v.doc.problems.add(v.doc.file, v.line, v.col, format, args...)
}

// entry is one key of a mapping with its value.
type entry struct {
	key   string
	at    value // the key's place
	value value
}

// entries reads a mapping whose keys are free.
func (v value) entries(what string) []entry {
	if v.drawn != nil {
		return v.drawEntries()
	}
	var pairs []*ast.MappingValueNode
	switch n := v.node.(type) {
	case *ast.MappingNode:
		pairs = n.Values
	case *ast.MappingValueNode:
		pairs = []*ast.MappingValueNode{n}
	default:
		v.problem("%s has to be a mapping (key: value), found %s", what, v.kind())
		return nil
	}
	list := make([]entry, 0, len(pairs))
	for _, p := range pairs {
		at := v.doc.at(p.Key, v.line, v.col)
		if p.Key.IsMergeKey() {
			at.problem("merge keys (<<) are not supported; write the values out")
			continue
		}
		key, ok := p.Key.(ast.ScalarNode)
		if !ok {
			at.problem("%s: a key has to be plain text, found %s", what, at.kind())
			continue
		}
		list = append(list, entry{key: fmt.Sprint(key.GetValue()), at: at, value: v.doc.at(p.Value, at.line, at.col)})
	}
	return list
}

// keys says what a mapping may hold and who reads it.
type keys map[string]func(value)

func (k keys) names() []string {
	names := make([]string, 0, len(k))
	for name := range k {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// object reads a mapping with known keys. An unknown key is a problem that lists the allowed ones; so is a required key
// that is not there. A key without a value (null) is a problem of its own, because it is never what was meant.
func (v value) object(what string, known keys, required ...string) {
	if v.drawn != nil {
		v.drawObject(what, known, required)
		return
	}
	seen := map[string]bool{}
	for _, e := range v.entries(what) {
		read, ok := known[e.key]
		if !ok {
			e.at.problem("unknown key %q in %s; allowed: %s", e.key, what, strings.Join(known.names(), ", "))
			continue
		}
		seen[e.key] = true
		if _, null := e.value.node.(*ast.NullNode); null {
			e.at.problem("%q has no value; give it one or remove the key", e.key)
			continue
		}
		read(e.value)
	}
	if !v.mapping() {
		return
	}
	for _, key := range required {
		if !seen[key] {
			v.problem("%s lacks %q; it takes: %s", what, key, strings.Join(known.names(), ", "))
		}
	}
}

func (v value) mapping() bool {
	if v.drawn != nil {
		return v.drawn.is(formMapping)
	}
	switch v.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return true
	default:
		return false
	}
}

func (v value) sequence() bool {
	if v.drawn != nil {
		return v.drawn.is(formSequence)
	}
	_, is := v.node.(*ast.SequenceNode)
	return is
}

// items reads a list.
func (v value) items(what string) []value {
	if v.drawn != nil {
		return v.drawItems()
	}
	list, ok := v.node.(*ast.SequenceNode)
	if !ok {
		v.problem("%s has to be a list (- one, - two), found %s", what, v.kind())
		return nil
	}
	values := make([]value, 0, len(list.Values))
	for _, n := range list.Values {
		values = append(values, v.doc.at(n, v.line, v.col))
	}
	return values
}

// kind names what a node is, for a person.
func (v value) kind() string {
	switch n := v.node.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "a mapping"
	case *ast.SequenceNode:
		return "a list"
	case *ast.StringNode, *ast.LiteralNode:
		return "the text " + quote(v.raw())
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "the number " + n.String()
	case *ast.BoolNode:
		return "the word " + n.String() + " (a boolean)"
	case *ast.NullNode:
		return "nothing"
	case *ast.AnchorNode, *ast.AliasNode:
		return "an anchor or alias, which policies do not use"
	case *ast.TagNode:
		return "a tag, which policies do not use"
	default:
		return "something that is no plain YAML"
	}
}

// raw is the text of a string node, as written.
func (v value) raw() string {
	switch n := v.node.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	default:
		return ""
	}
}

// quote shortens what is shown of a found text.
func quote(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
