package okta

import (
	"context"
	"encoding/json"
	"net/http"
	"time"
)

const (
	logTemplate = "/api/v1/logs"
	logPage     = 1000 // the most (okta-api.md §7)
	// logTime is Okta's own form: UTC with exactly three digits of fraction.
	logTime = "2006-01-02T15:04:05.000Z"
)

// LogQuery asks for the first page of a reading of the System Log.
//
// With Until it is bounded: ordered by published time, and it ends (Next is ""); events that arrive late may be missing.
// Without Until it is a poll: ordered by arrival, complete, and Next is always there, even on an empty page: store it and
// go on from it with FollowLogs. A poll must ascend.
type LogQuery struct {
	Since  time.Time // zero: seven days before until. Okta keeps 90 days
	Until  time.Time // zero: poll
	Filter string    // SCIM filter, built with Eq and Quote; empty: everything
	Limit  int       // 0 means 1000, the most
	// SortOrder is "ASCENDING" (the default) or "DESCENDING".
	SortOrder string
}

// LogPage is one page of the System Log.
type LogPage struct {
	Events []LogEvent
	Next   string // for FollowLogs
}

// ListLogs begins a reading of the System Log. Its bucket is scarce: 120 calls a minute, half for one token.
func (c *Client) ListLogs(ctx context.Context, q LogQuery) (LogPage, error) {
	call := newCall("ListLogs", http.MethodGet, logTemplate).hiding(quoted(q.Filter)...)
	for key, at := range map[string]time.Time{"since": q.Since, "until": q.Until} {
		if !at.IsZero() {
			call.with(key, at.UTC().Format(logTime))
		}
	}
	if q.Filter != "" {
		call.with("filter", q.Filter)
	}
	if q.SortOrder != "" {
		call.with("sortOrder", q.SortOrder)
	}
	return c.logs(ctx, call, orDefault(q.Limit, logPage), "")
}

// RawLogPage is one page of the System Log, each event as Okta wrote it.
type RawLogPage struct {
	Events []json.RawMessage
	Next   string // for FollowRawLogs
	Full   bool   // as many events as were asked for: more may wait
}

// PollRawLogs begins a poll at a moment, without reading into the events: what comes is for the alert engine.
func (c *Client) PollRawLogs(ctx context.Context, since time.Time) (RawLogPage, error) {
	call := newCall("PollRawLogs", http.MethodGet, logTemplate).with("since", since.UTC().Format(logTime)).with("sortOrder", "ASCENDING")
	return c.rawLogs(ctx, call, logPage, "")
}

// FollowRawLogs goes on from the Next of a poll. Invalid, NotFound and Conflict say that Okta no longer takes it.
func (c *Client) FollowRawLogs(ctx context.Context, next string) (RawLogPage, error) {
	call := newCall("FollowRawLogs", http.MethodGet, logTemplate)
	if next == "" {
		return RawLogPage{}, call.fail(Invalid, "there is no next page: begin with PollRawLogs")
	}
	return c.rawLogs(ctx, call, 0, next)
}

func (c *Client) rawLogs(ctx context.Context, call *call, limit int, after string) (RawLogPage, error) {
	call.poll = true
	page, err := list[json.RawMessage](ctx, c, call, limit, after)
	return RawLogPage{Events: page.Items, Next: page.Next, Full: len(page.Items) >= logPage}, err
}

// FollowLogs reads the page that a Next names. On a poll, a page without events has a Next too, often the same: wait a
// while and follow it again.
func (c *Client) FollowLogs(ctx context.Context, next string) (LogPage, error) {
	call := newCall("FollowLogs", http.MethodGet, logTemplate)
	if next == "" {
		return LogPage{}, call.fail(Invalid, "there is no next page: a bounded reading has ended; begin another with ListLogs")
	}
	return c.logs(ctx, call, 0, next)
}

func (c *Client) logs(ctx context.Context, call *call, limit int, after string) (LogPage, error) {
	call.poll = true
	page, err := listVia[eventWire](ctx, c, call, limit, after)
	return LogPage{Events: page.Items, Next: page.Next}, err
}
