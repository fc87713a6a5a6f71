package freshservice

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const (
	// maxPerPage is the vendor's cap; above it the vendor answers 400 instead of clamping (reference §4.6).
	maxPerPage = 100
	// maxPages is where a walk over a list stops with an error: the vendor discourages going beyond (reference §4.6).
	maxPages = 500
)

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	// Number is the page's own number, from 1.
	Number int
	// HasNext says that the vendor announced a further page (Link header), or that Total promises one.
	HasNext bool
	// Total counts all records where the vendor says so, on filters and searches; -1 elsewhere (reference §11.4).
	Total int
}

// PageRequest asks for one page. The zero value asks for the first, in the vendor's size of 30.
type PageRequest struct {
	Page    int // from 1; 0 means 1
	PerPage int // at most 100; 0 leaves the vendor's 30
}

func (p PageRequest) number() int { return max(p.Page, 1) }

// paged adds the page parameters, leaving out those that are the vendor's defaults.
func (k *call) paged(p PageRequest) *call {
	if p.number() > 1 {
		k.with("page", strconv.Itoa(p.number()))
	}
	return k.withInt("per_page", int64(p.PerPage))
}

// fetchPage reads one page of a plain list, whose next page is announced by a Link header.
func fetchPage[T any](ctx context.Context, c *Client, k *call, p PageRequest, keys ...string) (Page[T], error) {
	if p.PerPage < 0 || p.PerPage > maxPerPage {
		return Page[T]{}, c.invalid(k, "per_page", fmt.Sprintf("%d is out of range; allowed is 1 to %d", p.PerPage, maxPerPage))
	}
	a, err := c.send(ctx, k.copyOf().paged(p))
	if err != nil {
		return Page[T]{}, err
	}
	items, err := decodeMany[T](a.body, keys...)
	if err != nil {
		return Page[T]{}, c.unreadable(k, a, err)
	}
	return Page[T]{Items: items, Number: p.number(), HasNext: linksNext(a.header), Total: -1}, nil
}

// fetchCounted reads one page of a filter or search, which has a total and no Link header, at perPage records a page.
func fetchCounted[T any](ctx context.Context, c *Client, k *call, page, perPage int, keys ...string) (Page[T], error) {
	p := PageRequest{Page: page}
	a, err := c.send(ctx, k.copyOf().paged(p))
	if err != nil {
		return Page[T]{}, err
	}
	items, err := decodeMany[T](a.body, keys...)
	if err != nil {
		return Page[T]{}, c.unreadable(k, a, err)
	}
	out := Page[T]{Items: items, Number: p.number(), Total: -1}
	var counted struct {
		Total *int `json:"total"`
	}
	if json.Unmarshal(a.body, &counted) == nil && counted.Total != nil {
		out.Total = *counted.Total
		out.HasNext = len(items) > 0 && p.number()*perPage < out.Total
	} else {
		out.HasNext = linksNext(a.header) || len(items) >= perPage
	}
	return out, nil
}

// fetchAll walks a plain list to its end. perPage 0 sends no per_page, for endpoints that do not document it.
func fetchAll[T any](ctx context.Context, c *Client, k *call, perPage int, keys ...string) ([]T, error) {
	return walk(c, k, maxPages, func(page int) (Page[T], error) {
		return fetchPage[T](ctx, c, k, PageRequest{Page: page, PerPage: perPage}, keys...)
	})
}

func walk[T any](c *Client, k *call, limit int, fetch func(page int) (Page[T], error)) ([]T, error) {
	var all []T
	for page := 1; page <= limit; page++ {
		got, err := fetch(page)
		if err != nil {
			return nil, err
		}
		all = append(all, got.Items...)
		if !got.HasNext {
			return all, nil
		}
	}
	return nil, c.invalid(k, "page", fmt.Sprintf("the list goes on beyond page %d, where the vendor stops serving; narrow it", limit))
}

// linksNext finds rel="next" in the Link headers, of which there may be several, each with several links.
func linksNext(h http.Header) bool {
	for _, line := range h.Values("Link") {
		for rest := line; ; {
			open := strings.IndexByte(rest, '<')
			if open < 0 {
				break
			}
			end := strings.IndexByte(rest[open:], '>')
			if end < 0 {
				break
			}
			target := rest[open+1 : open+end]
			rest = rest[open+end+1:]
			params := rest
			if next := strings.IndexByte(rest, '<'); next >= 0 {
				params = rest[:next]
			}
			if _, err := url.Parse(target); err == nil && target != "" && relIsNext(params) {
				return true
			}
		}
	}
	return false
}

func relIsNext(params string) bool {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(strings.Trim(strings.TrimSpace(param), ","), "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for rel := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
			if strings.EqualFold(rel, "next") {
				return true
			}
		}
	}
	return false
}
