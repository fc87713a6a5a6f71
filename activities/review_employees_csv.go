package activities

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"gocloud.dev/gcerrors"

	"latchkey/casework"
	"latchkey/policy"
)

const (
	exportPart   = 1000 // lines of one part
	exportBadRow = 20   // rows that could not be judged, named before the rest is only counted
)

// export reads the HR system's export whole. A row that cannot be read stops it: a list with a hole would make orphans of
// whoever is in the hole. A row whose condition cannot be evaluated counts as not active, and is said.
func (r *employeesReader) export(ctx context.Context) error {
	in, err := r.open(ctx)
	if err != nil {
		return err
	}
	defer in.Close()
	r.place = employeesPlace{Campaign: r.place.Campaign}
	rows := csv.NewReader(withoutMark(in))
	rows.Comma = r.settings.Comma
	head, err := rows.Read()
	if err != nil {
		return exportProblem(err)
	}
	head = slices.Clone(head)
	for i := range head {
		head[i] = strings.TrimSpace(head[i])
	}
	for _, heading := range r.settings.Columns {
		if !slices.Contains(head, heading) {
			return problemf(casework.Invalid, "the employees' export has no column %q; it has %s. Correct columns in review.yaml or the export", heading, strings.Join(head, ", "))
		}
	}
	var lines []employee
	unclear := 0
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return exportProblem(err)
		}
		line, judged := r.row(head, row)
		if lines = append(lines, line); !judged {
			if unclear++; unclear <= exportBadRow {
				number, _ := rows.FieldPos(0)
				r.place.Partial = append(r.place.Partial, fmt.Sprintf("line %d of the employees' export: whether it is an active employee could not be judged, so it counts as none", number))
			}
		}
		if len(lines) == exportPart {
			if err := r.add(ctx, lines); err != nil {
				return err
			}
			lines = lines[:0]
			if err := beat(ctx, r.place.People); err != nil {
				return err
			}
		}
	}
	if unclear > exportBadRow {
		r.place.Partial = append(r.place.Partial, fmt.Sprintf("%d more lines of the employees' export could not be judged", unclear-exportBadRow))
	}
	return r.add(ctx, lines)
}

// row is one line of the export; judged says that policy could judge it.
func (r *employeesReader) row(head, cells []string) (line employee, judged bool) {
	row := make(map[string]string, len(head))
	for i, name := range head {
		row[name] = strings.TrimSpace(cells[i])
	}
	cell := func(name string) string {
		if heading := r.settings.Columns[name]; heading != "" {
			return row[heading]
		}
		return ""
	}
	line = employee{Number: cell(string(policy.SyncByEmployeeNumber)), Manager: strings.ToLower(cell("manager")), Department: cell("department")}
	if email := cell(string(policy.SyncByEmail)); email != "" {
		line.Emails = []string{strings.ToLower(email)}
	}
	active, err := r.policy.ReviewEmployed(row)
	line.Active = active && err == nil
	return line, err == nil
}

// open opens the export.
func (r *employeesReader) open(ctx context.Context) (io.ReadCloser, error) {
	if r.settings.Blob != "" {
		in, err := r.desk.Blobs.NewReader(ctx, r.settings.Blob, nil)
		if gcerrors.Code(err) == gcerrors.NotFound {
			return nil, problemf(casework.Invalid, "the employees' export %s is not in the blob store: put it there, or correct employees.blob in review.yaml", r.settings.Blob)
		}
		return in, err
	}
	in, err := os.Open(r.settings.Path)
	if err != nil {
		// The path is the operator's own word in review.yaml; the error itself would name it again.
		return nil, problemf(casework.Invalid, "the employees' export cannot be opened on this worker: put it where employees.path of review.yaml says, readable for Latchkey, on every worker of the queue freshservice")
	}
	return in, nil
}

// withoutMark drops the byte order mark that spreadsheets put in front.
func withoutMark(in io.Reader) io.Reader {
	b := bufio.NewReader(in)
	if mark, err := b.Peek(3); err == nil && string(mark) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	return b
}

func exportProblem(err error) error {
	if errors.Is(err, io.EOF) {
		return problemf(casework.Invalid, "the employees' export is empty: it has no line of headings")
	}
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		return problemf(casework.Invalid, "the employees' export is no CSV of this form at line %d, column %d (%v): correct the export, or comma in review.yaml", bad.Line, bad.Column, bad.Err)
	}
	return fmt.Errorf("read the employees' export: %w", err)
}
