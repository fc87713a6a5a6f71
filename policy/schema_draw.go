package policy

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// A loader draws its own schema: it runs over values that are not there (value.drawn is set), and each reader notes
// what it would take instead of reading. So a schema cannot say anything else than the loader does.

// drawing is what the runs of one loader have drawn. Where a loader asks whether a value is a mapping or a list, it runs
// again for each answer.
type drawing struct {
	shapes map[string]*shape // by path
	chosen map[string]form   // what values are taken for in this run, by path; a single value where it says nothing
	asked  []string          // the paths that this run asked about
	begun  map[string]bool   // the definitions that this run has drawn
}

// shape is what readers take at one place of a file: any of what it holds.
type shape struct {
	path    string
	drawing *drawing
	leaves  []leaf
	object  *objectShape
	free    *shape // the values of a mapping whose keys are free
	list    *shape // the entries of a list
	ref     string // a definition
}

type objectShape struct {
	what       string
	properties map[string]*shape
	required   []string
}

// form is what a value is, for a loader that takes several.
type form int

const (
	formSingle form = iota
	formMapping
	formSequence
)

// definition begins the path of a part that has a name.
const definition = "#"

// placeholder stands for a key that is free.
const placeholder = "NAME"

func draw(read func(value)) *drawing {
	d := &drawing{shapes: map[string]*shape{}}
	explored := map[string]bool{}
	for todo := []map[string]form{{}}; len(todo) > 0; todo = todo[1:] {
		d.chosen, d.asked, d.begun = todo[0], nil, map[string]bool{}
		read(d.value(""))
		for _, path := range d.asked {
			if explored[path] {
				continue
			}
			explored[path] = true
			for _, f := range []form{formMapping, formSequence} {
				more := maps.Clone(d.chosen)
				more[path] = f
				todo = append(todo, more)
			}
		}
	}
	return d
}

func (d *drawing) shape(path string) *shape {
	s, there := d.shapes[path]
	if !there {
		s = &shape{path: path, drawing: d}
		d.shapes[path] = s
	}
	return s
}

// value is a place that a loader can run over. Problems that it reports are about nothing and go nowhere.
func (d *drawing) value(path string) value {
	return value{doc: &document{problems: &problems{}}, drawn: d.shape(path)}
}

// is says whether a value is taken for a form in this run.
func (s *shape) is(f form) bool {
	chosen, is := s.drawing.chosen[s.path]
	if !is {
		s.drawing.asked = append(s.drawing.asked, s.path)
	}
	return chosen == f
}

// draws notes what a reader takes, and says whether there is nothing to read.
func (v value) draws(l leaf) bool {
	if v.drawn == nil {
		return false
	}
	known := func(o leaf) bool { return o.name == l.name && reflect.DeepEqual(o.schema, l.schema) }
	if !slices.ContainsFunc(v.drawn.leaves, known) {
		v.drawn.leaves = append(v.drawn.leaves, l)
	}
	return true
}

// drawObject draws a mapping with known keys.
func (v value) drawObject(what string, known keys, required []string) {
	s := v.drawn
	if s.object == nil {
		s.object = &objectShape{what: what, properties: map[string]*shape{}, required: required}
	}
	for _, key := range known.names() {
		child := s.drawing.value(s.path + "/" + key)
		s.object.properties[key] = child.drawn
		known[key](child)
	}
}

// drawEntries draws a mapping with free keys.
func (v value) drawEntries() []entry {
	one := v.drawn.drawing.value(v.drawn.path + "/{}")
	v.drawn.free = one.drawn
	return []entry{{key: placeholder, at: value{doc: v.doc}, value: one}}
}

// drawItems draws a list.
func (v value) drawItems() []value {
	one := v.drawn.drawing.value(v.drawn.path + "/[]")
	v.drawn.list = one.drawn
	return []value{one}
}

// named reads a part that may hold itself, or stands in many places: a schema says it once, by this name.
func (v value) named(name string, read func(value)) {
	if v.drawn == nil {
		read(v)
		return
	}
	v.drawn.ref = name
	if d := v.drawn.drawing; !d.begun[name] {
		d.begun[name] = true
		read(d.value(definition + name))
	}
}

// expressionLeaf is the schema of an expression: a text, with the variables it may use.
func expressionLeaf(s scope, w want) leaf {
	gives := map[want]string{
		wantBool: "true or false", wantValue: "a text, a number, true or false, a time or null", wantText: "a text",
	}[w]
	kind := map[want]string{wantBool: "condition", wantValue: "value", wantText: "text"}[w]
	variables := strings.Join(slices.Sorted(maps.Keys(scopeVars(s))), ", ")
	return leaf{name: kind + "_over_" + string(s), schema: schema{
		"type": "string", "pattern": `\S`,
		"description": "A CEL expression that gives " + gives + ". Variables: " + variables + ". See docs/policy.md, Expressions.",
	}}
}
