package okta

import (
	"context"
	"iter"
	"net/http"
	"strconv"
	"strings"
)

// Page is one page of a list. Next is the whole link to the page after it, "" on the last: pass it back as After and
// store it freely, but never build or change one. Lists are not atomic: what changes while they are read may be missed
// or seen twice.
type Page[T any] struct {
	Items []T
	Next  string
}

// PageRequest asks for one page. The zero value asks for the first, as large as is sensible.
type PageRequest struct {
	Limit int    // items a page; 0 means the most that Okta advises; Okta lowers what is too large
	After string // Next of the page before; the other parameters then do not count
}

// Pages walks a list from its first page to its last, item by item. After an error it ends. ask fetches the page that
// comes after a link, "" for the first: any paged method of Client in a closure.
func Pages[T any](ask func(after string) (Page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for after := ""; ; {
			page, err := ask(after)
			if err != nil {
				var none T
				yield(none, err)
				return
			}
			for _, item := range page.Items {
				if !yield(item, nil) {
					return
				}
			}
			if page.Next == "" {
				return
			}
			after = page.Next
		}
	}
}

// Collect reads a whole list. It returns no part of a list that could not be read to its end.
func Collect[T any](ask func(after string) (Page[T], error)) ([]T, error) {
	var all []T
	for item, err := range Pages(ask) {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// list fetches one page through call: its own path and query, or the link in after.
func list[T any](ctx context.Context, c *Client, call *call, limit int, after string) (Page[T], error) {
	call.page(limit, after)
	var items []T
	if err := c.exchange(ctx, call, nil, &items); err != nil {
		return Page[T]{}, err
	}
	next := call.next
	if next != "" && next == call.target() && !call.poll {
		return Page[T]{}, call.endless()
	}
	return Page[T]{Items: items, Next: next}, nil
}

// listVia is list for types whose form on the wire is another than ours.
func listVia[W interface{ plain() T }, T any](ctx context.Context, c *Client, call *call, limit int, after string) (Page[T], error) {
	page, err := list[W](ctx, c, call, limit, after)
	if err != nil {
		return Page[T]{}, err
	}
	items := make([]T, 0, len(page.Items))
	for _, w := range page.Items {
		items = append(items, w.plain())
	}
	return Page[T]{Items: items, Next: page.Next}, nil
}

// endless is the error of a list whose next page is the page itself. A list cut short must never pass for a whole one.
func (c *call) endless() *Error {
	return c.fail(Unavailable, "the list's next page is the page itself, so it cannot be read to its end")
}

// page sets limit and place.
func (c *call) page(limit int, after string) {
	if after == "" {
		if limit > 0 {
			c.with("limit", strconv.Itoa(limit))
		}
		return
	}
	path, _, _ := strings.Cut(after, "?")
	if c.method != http.MethodGet || !sameShape(c.template, path) {
		c.err = errForeignLink
		return
	}
	c.link = after
}

// sameShape reports whether a link's path is an instance of a template.
func sameShape(template, path string) bool {
	want, got := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		if strings.HasPrefix(want[i], "{") {
			if got[i] == "" {
				return false
			}
		} else if want[i] != got[i] {
			return false
		}
	}
	return true
}
