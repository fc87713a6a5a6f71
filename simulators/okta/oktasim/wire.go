package oktasim

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const jsonType = "application/json"

// object is a JSON object whose keys depend on the data, such as links and profiles.
type object = map[string]any

// stamp is a time of a user, group or app: whole seconds, always printed with three zeros (§0). The zero stamp is null.
type stamp time.Time

// MarshalJSON prints the vendor's form, such as "2025-03-13T23:45:57.000Z".
func (s stamp) MarshalJSON() ([]byte, error) {
	if time.Time(s).IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + time.Time(s).UTC().Truncate(time.Second).Format(timeForm) + `"`), nil
}

// timeForm has exactly three fraction digits, as all of the vendor's dates (§0).
const timeForm = "2006-01-02T15:04:05.000Z"

func formatTime(t time.Time) string { return t.UTC().Format(timeForm) }

// formatSeconds is the form of the few endpoints that print no fraction: rate-limit settings and group push mappings
// [T TestAccResourceOktaPrincipalRateLimits_crud, T TestAccResourceOktaPushGroup_crud].
func formatSeconds(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func link(href string) object { return object{"href": href} }

func action(method, href string) object { return object{"href": href, "method": method} }

// pageQuery says how a list may be asked: which parameters it knows (others vanish from the self link, §0), and its limits.
type pageQuery struct {
	known []string // besides limit and after
	limit int      // default
	most  int
	least int
}

// limitFrom reads the limit parameter; values out of range are pulled into it.
func (p pageQuery) limitFrom(q url.Values) (int, error) {
	text := q.Get("limit")
	if text == "" {
		return p.limit, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, invalid("limit", "limit: must be a positive integer, got '"+text+"'")
	}
	return min(max(n, p.least, 1), p.most), nil
}

// linkLines returns the Link header of a page: self first, then next, one line each (§0).
func (p pageQuery) linkLines(c *call, limit int, next string) []string {
	at := func(after string) string {
		v := make([]string, 0, len(p.known)+2)
		if after != "" {
			v = append(v, "after="+url.QueryEscape(after))
		}
		for _, name := range p.known {
			if c.query.Has(name) {
				v = append(v, name+"="+url.QueryEscape(c.query.Get(name)))
			}
		}
		v = append(v, "limit="+strconv.Itoa(limit))
		return c.base + c.path + "?" + strings.Join(v, "&")
	}
	lines := []string{`<` + at(c.query.Get("after")) + `>; rel="self"`}
	if next != "" {
		lines = append(lines, `<`+at(next)+`>; rel="next"`)
	}
	return lines
}

// answer is what a handler gives back: a status, a body to marshal (nil for none) and headers of its own.
type answer struct {
	status int
	body   any
	header http.Header
}

func ok(body any) (answer, error) { return answer{status: http.StatusOK, body: body}, nil }

func noContent() (answer, error) { return answer{status: http.StatusNoContent}, nil }

func created(body any) (answer, error) { return answer{status: http.StatusCreated, body: body}, nil }

// emptyObject is the body `{}` of lifecycle operations.
func emptyObject() (answer, error) { return ok(object{}) }

// listOf is a 200 with Link lines.
func listOf(body any, lines []string) (answer, error) {
	return answer{status: http.StatusOK, body: body, header: http.Header{"Link": lines}}, nil
}

// walk collects up to limit values from ids in order; keep turns an id into a value or skips it. The cursor of the next
// page is the last id taken, empty when nothing follows.
func walk[T any](ids []string, limit int, keep func(id string) (T, bool)) (items []T, next string) {
	items = make([]T, 0, min(limit, len(ids)))
	last := ""
	for _, id := range ids {
		v, wanted := keep(id)
		if !wanted {
			continue
		}
		if len(items) == limit {
			return items, last
		}
		items, last = append(items, v), id
	}
	return items, ""
}
