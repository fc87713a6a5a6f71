package policy

import (
	"fmt"
	"slices"
	"strings"

	"latchkey/casework"
)

// The columns of a file of people that are no answers of a form.
const (
	BulkPerson = "person" // e-mail address of whom it is about; of an offboarding
	BulkDate   = "date"   // first or last working day
	BulkTime   = "time"   // hour of that day; may be left out
)

// BulkForm is what a file of people says of each: the answers that intake.yaml reads from a form, by their names.
type BulkForm struct {
	UseCase casework.UseCase
	Rule    string // the intake rule whose answers they are
	Columns []BulkColumn

	rule        *intakeRule
	defaultTime string
}

// BulkColumn is one answer.
type BulkColumn struct {
	Name     string   // a heading of the file, and policy's name of the answer
	Label    string   // for people; a heading may be it as well
	Kind     string   // text, email, date, number, boolean or choice
	Required bool     // the file needs the column, and every row an answer
	Allowed  []string // of a choice
}

// BulkForm is the form of a file of joiners or leavers: that of the intake rule which reads the most answers, so that a
// row says what a ticket says. It is an error when intake.yaml has no rule for the use case.
func (p *Policy) BulkForm(u casework.UseCase) (BulkForm, error) {
	var best *intakeRule
	for _, r := range p.intake.rules {
		if r.useCase == u && (best == nil || len(r.fields) > len(best.fields)) {
			best = r
		}
	}
	if best == nil {
		return BulkForm{}, fmt.Errorf("intake.yaml has no rule for %s: a row of a file is read as its form is", useCaseWord(u))
	}
	f := BulkForm{UseCase: u, Rule: best.name, rule: best, defaultTime: p.defaultTime(u)}
	if best.subject != nil {
		f.Columns = append(f.Columns, BulkColumn{Name: BulkPerson, Label: best.subject.label, Kind: string(fieldEmail), Required: true})
	}
	for _, fd := range best.fields {
		f.Columns = append(f.Columns, BulkColumn{Name: fd.name, Label: fd.label, Kind: string(fd.kind), Required: fd.required, Allowed: fd.allowed})
	}
	if e := best.effective; e != nil {
		f.Columns = append(f.Columns,
			BulkColumn{Name: BulkDate, Label: e.label, Kind: string(fieldDate), Required: !e.now},
			BulkColumn{Name: BulkTime, Label: e.label + " (hour)", Kind: string(fieldText)})
	}
	return f, nil
}

// Column finds the column that a heading means, by name or by label, whatever its case.
func (f BulkForm) Column(heading string) (BulkColumn, bool) {
	heading = strings.TrimSpace(heading)
	i := slices.IndexFunc(f.Columns, func(c BulkColumn) bool {
		return strings.EqualFold(c.Name, heading) || strings.EqualFold(c.Label, heading)
	})
	if i < 0 {
		return BulkColumn{}, false
	}
	return f.Columns[i], true
}

// Read reads one row, its cells by column name, as if a ticket had said it. Cells are data: an answer that cannot be read
// is a Missing that names its column.
func (f BulkForm) Read(cells map[string]string) Classification {
	c := Classification{UseCase: f.UseCase, Rule: f.Rule, Fields: map[string]any{}}
	take := func(fd *field, column string) (any, bool) {
		text := strings.TrimSpace(cells[column])
		if text == "" {
			if fd.required {
				c.Missing = append(c.Missing, casework.Missing{Field: column, Label: fd.label, Why: "is empty"})
			}
			return nil, false
		}
		v, why := fd.convert(text)
		if why != "" {
			c.Missing = append(c.Missing, casework.Missing{Field: column, Label: fd.label, Why: why})
			return nil, false
		}
		return v, true
	}
	if f.rule.subject != nil {
		if v, ok := take(f.rule.subject, BulkPerson); ok {
			c.Subject, _ = v.(string)
		}
	}
	for _, fd := range f.rule.fields {
		if v, ok := take(fd, fd.name); ok {
			c.Fields[fd.name] = v
		}
	}
	if e := f.rule.effective; e != nil {
		before := len(c.Missing)
		e.take(&c, strings.TrimSpace(cells[BulkDate]), strings.TrimSpace(cells[BulkTime]), f.defaultTime)
		for i := range c.Missing[before:] {
			m := &c.Missing[before+i]
			m.Field = map[string]string{"effective": BulkDate, "effective_time": BulkTime}[m.Field]
		}
	}
	return c
}
