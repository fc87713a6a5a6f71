package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
)

// figure is one line of bench.ndjson.
type figure struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`
	Note  string  `json:"note"`

	goal    string // empty: none
	section string // what stands together in the table
}

// report collects figures. only keeps the one of that name; empty keeps all.
type report struct {
	only    string
	section string // of the figures to come
	figures []figure
}

func (r *report) add(name string, value float64, unit, note string, args ...any) {
	if r.only != "" && r.only != name {
		return
	}
	if len(args) > 0 {
		note = fmt.Sprintf(note, args...)
	}
	r.figures = append(r.figures, figure{Name: name, Value: value, Unit: unit, Note: note, section: r.section})
}

// table prints the figures for a person, a blank line between sections.
func (r *report) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "FIGURE\tVALUE\tGOAL\tUNIT\tNOTE")
	for i, f := range r.figures {
		if i > 0 && f.section != r.figures[i-1].section {
			_, _ = fmt.Fprintln(w, "\t\t\t\t")
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.Name, number(f.Value), f.goal, f.Unit, strings.TrimPrefix(f.Note, "goal "+f.goal+"; "))
	}
	return w.Flush()
}

// number prints a value with as many digits as a reader can use.
func number(v float64) string {
	switch {
	case v == float64(int64(v)):
		return fmt.Sprintf("%d", int64(v))
	case v >= 100:
		return fmt.Sprintf("%.0f", v)
	}
	return fmt.Sprintf("%.3g", v)
}

// save writes one JSON object a line.
func (r *report) save(file string) error {
	var b strings.Builder
	for _, f := range r.figures {
		line, err := json.Marshal(f)
		if err != nil {
			return err
		}
		b.Write(line)
		b.WriteByte('\n')
	}
	return os.WriteFile(file, []byte(b.String()), 0o600)
}
