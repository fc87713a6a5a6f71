package policy

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"latchkey/casework"
)

// BulkMost is how many rows a file of people may have.
const BulkMost = 20_000

// BulkRow is one person of a file.
type BulkRow struct {
	N    int // from 1, without the heading
	Line int // in the file
	Read Classification
	// Key tells people apart within the file: the address, or the number and the name.
	Key string
}

// BulkProblem is one thing that is wrong with a file, where it stands.
type BulkProblem struct {
	Line   int
	Column int    // in characters from 1; 0: the whole line
	Name   string // of the column
	Why    string
}

// String says the problem as a compiler would: line, column, what.
func (p BulkProblem) String() string {
	where := fmt.Sprintf("line %d", p.Line)
	if p.Column > 0 {
		where += fmt.Sprintf(", column %d", p.Column)
	}
	if p.Name != "" {
		where += " (" + p.Name + ")"
	}
	return where + ": " + p.Why
}

// ReadBulk reads a file of people whole: every row and everything that is wrong with any of them. Commas, semicolons and
// tabs separate; a byte order mark is passed over. Rows are of use only when there are no problems. The error is that of
// the reader.
func (f BulkForm) ReadBulk(in io.Reader) ([]BulkRow, []BulkProblem, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, nil, err
	}
	r := bulkReader{form: f, seen: map[string]int{}}
	r.read(bytes.TrimPrefix(text, []byte("\ufeff")))
	return r.rows, r.problems, nil
}

type bulkReader struct {
	form     BulkForm
	columns  []string // by position; "" for none of ours
	rows     []BulkRow
	problems []BulkProblem
	seen     map[string]int // the line of a key
	lines    [][]byte
}

// problem notes what is wrong; the reader's columns are bytes, and people count characters.
func (r *bulkReader) problem(line, column int, name, format string, args ...any) {
	if column > 0 && line <= len(r.lines) {
		before := r.lines[line-1]
		column = 1 + utf8.RuneCount(before[:min(column-1, len(before))])
	}
	r.problems = append(r.problems, BulkProblem{Line: line, Column: column, Name: name, Why: fmt.Sprintf(format, args...)})
}

func (r *bulkReader) read(text []byte) {
	r.lines = bytes.Split(text, []byte("\n"))
	c := csv.NewReader(bytes.NewReader(text))
	c.Comma, c.FieldsPerRecord = separator(text), -1
	head, err := c.Read()
	if err != nil {
		r.problem(1, 0, "", "the file has no line of headings; it needs %s", r.needs())
		return
	}
	r.heading(c, head)
	if len(r.problems) > 0 {
		return // rows of columns that are not known say nothing
	}
	for {
		cells, err := c.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if broken, ok := errors.AsType[*csv.ParseError](err); ok {
			r.problem(broken.Line, broken.Column, "", "cannot be read as CSV: %v", broken.Err)
			return // what follows cannot be told apart
		}
		line, _ := c.FieldPos(0)
		if len(r.rows) == BulkMost {
			r.problem(line, 0, "", "more than %d people: cut the file", BulkMost)
			return
		}
		r.row(c, line, cells)
	}
	if len(r.rows) == 0 && len(r.problems) == 0 {
		r.problem(1, 0, "", "the file names nobody")
	}
}

// separator is the character that separates: whichever of the usual ones the first line has most of.
func separator(text []byte) rune {
	first, err := bufio.NewReader(bytes.NewReader(text)).ReadString('\n')
	if err != nil && first == "" {
		return ','
	}
	best := ','
	for _, c := range []rune{';', '\t'} {
		if strings.Count(first, string(c)) > strings.Count(first, string(best)) {
			best = c
		}
	}
	return best
}

func (r *bulkReader) heading(c *csv.Reader, head []string) {
	r.columns = make([]string, len(head))
	for i, text := range head {
		line, at := c.FieldPos(i)
		column, known := r.form.Column(text)
		switch {
		case strings.TrimSpace(text) == "":
			r.problem(line, at, "", "the heading is empty")
		case !known:
			r.problem(line, at, text, "no such column; there are %s", r.names())
		case slices.Contains(r.columns, column.Name):
			r.problem(line, at, text, "the column stands twice")
		}
		r.columns[i] = column.Name
	}
	for _, column := range r.form.Columns {
		if column.Required && !slices.Contains(r.columns, column.Name) {
			r.problem(1, 0, column.Name, "the column is missing (%s)", column.Label)
		}
	}
}

func (r *bulkReader) names() string {
	list := make([]string, 0, len(r.form.Columns))
	for _, c := range r.form.Columns {
		list = append(list, c.Name)
	}
	return strings.Join(list, ", ")
}

func (r *bulkReader) needs() string {
	var list []string
	for _, c := range r.form.Columns {
		if c.Required {
			list = append(list, c.Name)
		}
	}
	return strings.Join(list, ", ")
}

func (r *bulkReader) row(c *csv.Reader, line int, cells []string) {
	if !slices.ContainsFunc(cells, func(cell string) bool { return strings.TrimSpace(cell) != "" }) {
		return // an empty line
	}
	if len(cells) > len(r.columns) {
		_, at := c.FieldPos(len(r.columns))
		r.problem(line, at, "", "%d cells, and %d headings", len(cells), len(r.columns))
	}
	values, places := map[string]string{}, map[string]int{}
	for i, cell := range cells {
		if i < len(r.columns) {
			_, places[r.columns[i]] = c.FieldPos(i)
			values[r.columns[i]] = cell
		}
	}
	row := BulkRow{N: len(r.rows) + 1, Line: line, Read: r.form.Read(values)}
	for _, m := range row.Read.Missing {
		r.problem(line, places[m.Field], m.Field, "%s", m.Why)
	}
	row.Key = bulkKey(row.Read)
	if before, twice := r.seen[row.Key]; twice && row.Key != "" {
		r.problem(line, 0, "", "the same person as in line %d", before)
	} else {
		r.seen[row.Key] = line
	}
	r.rows = append(r.rows, row)
}

// bulkKey tells people of a file apart; empty when a row does not say who it is.
func bulkKey(c Classification) string {
	text := func(name string) string {
		v, given := c.Fields[name]
		if !given {
			return ""
		}
		return strings.ToLower(strings.TrimSpace(fmt.Sprint(v)))
	}
	switch {
	case c.UseCase == casework.Offboarding:
		return c.Subject
	case text("employee_number") != "":
		return "number " + text("employee_number")
	case text("personal_email") != "":
		return "mail " + text("personal_email")
	}
	return strings.Trim("name "+text("first_name")+" "+text("last_name"), " ")
}
