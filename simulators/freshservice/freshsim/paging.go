package freshsim

import (
	"fmt"
	"iter"
	"maps"
	"net/http"
	"strconv"
)

// page is a slice of a list: 30 a page, at most 100; more is refused, not clamped (reference §4.6).
type page struct{ number, size int }

const (
	defaultPerPage = 30
	maxPerPage     = 100
	maxFilterPage  = 40 // reference §4.7, documented for requesters and agents
)

func (c *call) page() (page, error) {
	p := page{1, defaultPerPage}
	for _, f := range []struct {
		name string
		to   *int
		most int
	}{{"page", &p.number, 1 << 30}, {"per_page", &p.size, maxPerPage}} {
		v, sent := c.query[f.name]
		if !sent {
			continue
		}
		n, err := strconv.Atoi(v[0])
		if err != nil || n < 1 || n > f.most {
			message := msgPositive
			if f.name == "per_page" {
				message = fmt.Sprintf("It should be a Positive Integer less than or equal to %d", maxPerPage)
			}
			return p, invalid(f.name, codeInvalidValue, message)
		}
		*f.to = n
	}
	return p, nil
}

// filterPage is the fixed paging of filter and query endpoints: 30 a page, page 40 the last.
func (c *call) filterPage() (page, error) {
	p, err := c.page()
	if err == nil && p.number > maxFilterPage {
		err = invalid("page", codeInvalidValue, fmt.Sprintf("It should be a Positive Integer less than or equal to %d", maxFilterPage))
	}
	p.size = defaultPerPage
	return p, err
}

// slicePage takes one page of a sequence and says whether more follows.
func slicePage[T any](p page, seq iter.Seq[T]) (rows []T, more bool) {
	skip := (p.number - 1) * p.size
	for v := range seq {
		if skip > 0 {
			skip--
			continue
		}
		if len(rows) == p.size {
			return rows, true
		}
		rows = append(rows, v)
	}
	return rows, false
}

// countPage takes one page of a sequence and counts all of it.
func countPage[T any](p page, seq iter.Seq[T]) (rows []T, total int) {
	first := (p.number - 1) * p.size
	for v := range seq {
		if total >= first && len(rows) < p.size {
			rows = append(rows, v)
		}
		total++
	}
	return rows, total
}

// listed answers one page of a list under its root key; the next page is announced in the Link header and nowhere
// else (reference §4.6).
func listed[T any](c *call, root string, seq iter.Seq[T], view func(T) obj) (*answer, error) {
	p, err := c.page()
	if err != nil {
		return nil, err
	}
	rows, more := slicePage(p, seq)
	out := make([]obj, 0, len(rows))
	for _, r := range rows {
		out = append(out, view(r))
	}
	a := &answer{status: http.StatusOK, body: obj{root: out}, header: http.Header{}}
	if more {
		q := maps.Clone(c.query)
		q.Set("page", strconv.Itoa(p.number+1))
		a.header.Set("Link", fmt.Sprintf(`<%s%s?%s>; rel="next"`, c.origin, c.req.URL.Path, q.Encode()))
	}
	return a, nil
}

// found answers one page of a filter: a total and no Link header (reference §4.7).
func found[T any](c *call, root string, seq iter.Seq[T], view func(T) obj) (*answer, error) {
	p, err := c.filterPage()
	if err != nil {
		return nil, err
	}
	rows, total := countPage(p, seq)
	out := make([]obj, 0, len(rows))
	for _, r := range rows {
		out = append(out, view(r))
	}
	return ok(obj{root: out, "total": total})
}

// matching keeps what a predicate keeps.
func matching[T any](seq iter.Seq[T], keep func(T) bool) iter.Seq[T] {
	return func(yield func(T) bool) {
		for v := range seq {
			if keep(v) && !yield(v) {
				return
			}
		}
	}
}
