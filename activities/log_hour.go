package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"latchkey/casework"
	"latchkey/contract"
)

// Monitor is an endpoint that is sent the counts of each hour, as JSON.
type Monitor struct {
	URL    string
	Token  string       // sent as a bearer token; empty: none
	Client *http.Client // nil: one that gives up after ten seconds and follows no redirect
}

// ReportHour tells the counts of the hours that a checkpoint closed: to the log, and to the monitoring endpoint where
// there is one. They may be told twice: From names the hour.
func (e *Engine) ReportHour(ctx context.Context, in contract.ReportHourInput) error {
	const doing = "telling the counts of an hour"
	now := clock(e.Now)
	head, _, err := readCheckpoint(ctx, e.Blobs, in.Checkpoint)
	if err != nil {
		return failure(now, doing, lostCheckpoint(err))
	}
	for _, h := range head.New.Closed {
		attributes := []any{"from", h.From, "until", h.Until, "events", h.Events}
		for _, rule := range slices.Sorted(maps.Keys(h.Hits)) {
			var outcomes []any
			for _, o := range slices.Sorted(maps.Keys(h.Hits[rule])) {
				outcomes = append(outcomes, slog.Int(string(o), h.Hits[rule][o]))
			}
			attributes = append(attributes, slog.Group(rule, outcomes...))
		}
		logger(e.Log).InfoContext(ctx, "alerts of the hour", attributes...)
		if e.Monitor == nil || e.Monitor.URL == "" {
			continue
		}
		if err := e.Monitor.send(ctx, h); err != nil {
			return failure(now, doing, problemf(casework.Unavailable, "%v", err))
		}
	}
	return nil
}

// send posts one report. Its errors hold neither address nor token.
func (m *Monitor) send(ctx context.Context, report hourCounts) error {
	raw, err := json.Marshal(report)
	if err != nil {
		return fmt.Errorf("encode the counts: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("the address of the monitoring endpoint is none (LATCHKEY_ALERTS_MONITOR_URL)")
	}
	request.Header.Set("Content-Type", "application/json")
	if m.Token != "" {
		request.Header.Set("Authorization", "Bearer "+m.Token)
	}
	c := m.Client
	if c == nil {
		c = &http.Client{
			Timeout:       10 * time.Second,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	answer, err := c.Do(request)
	if err != nil {
		return fmt.Errorf("the monitoring endpoint does not answer (LATCHKEY_ALERTS_MONITOR_URL)")
	}
	defer answer.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(answer.Body, 64<<10)) // so that the connection can be used again
	if answer.StatusCode/100 != 2 {
		return fmt.Errorf("the monitoring endpoint answers with status %d", answer.StatusCode)
	}
	return nil
}
