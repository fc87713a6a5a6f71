package policy

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"latchkey/detection"
)

// BacktestEvent is what a back-test says of one event.
type BacktestEvent struct {
	UUID      string        `json:"uuid"`
	EventType string        `json:"event_type"`
	Hits      []BacktestHit `json:"hits"`
	Incident  string        `json:"incident"` // correlation key, "rule/hash"; empty when it belongs to none
}

// BacktestHit is a rule that an event fits and what became of it.
type BacktestHit struct {
	Rule    string            `json:"rule"`
	Outcome detection.Outcome `json:"outcome"`
}

// BacktestSummary is what a back-test says of all events.
type BacktestSummary struct {
	Events    int            `json:"events"`
	Incidents int            `json:"incidents"` // opened, the storm's among them
	ByRule    map[string]int `json:"by_rule"`   // incidents opened by each rule
}

// mostLine bounds a line of a file of events. Okta's events are some kilobytes.
const mostLine = 4 << 20

// Backtest runs the rules over recorded events, one JSON object a line in the order in which they arrived, and has
// everything that is pending in the end come due. It opens nothing and keeps nothing. malformed is told of each line
// that is no event; it is skipped. An event that came before has no hits.
func (a *Alerts) Backtest(r io.Reader, malformed func(line int, err error)) ([]BacktestEvent, BacktestSummary, error) {
	const page = 1000
	b := backtest{alerts: a, state: detection.NewState(), at: map[string]int{}, summary: BacktestSummary{ByRule: map[string]int{}}}
	var events []*detection.Event
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, mostLine)
	for n := 1; lines.Scan(); n++ {
		text := bytes.TrimSpace(lines.Bytes())
		if len(text) == 0 {
			continue
		}
		e, err := detection.ParseEvent(bytes.Clone(text))
		if err != nil {
			malformed(n, err)
			continue
		}
		if events = append(events, e); len(events) == page {
			b.take(a.engine.Step(b.state, detection.Page{Events: events, More: true}))
			events = nil
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, BacktestSummary{}, fmt.Errorf("read events: a line is longer than %d bytes; write one event a line", mostLine)
		}
		return nil, BacktestSummary{}, fmt.Errorf("read events: %w", err)
	}
	b.take(a.engine.Step(b.state, detection.Page{Events: events, More: true}))
	b.take(a.engine.Finish(b.state))
	return b.list, b.summary, nil
}

// WriteBacktest writes events and summary as JSON lines.
func WriteBacktest(w io.Writer, events []BacktestEvent, summary BacktestSummary) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	for _, e := range events {
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("write a back-test: %w", err)
		}
	}
	if err := enc.Encode(map[string]BacktestSummary{"summary": summary}); err != nil {
		return fmt.Errorf("write a back-test: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write a back-test: %w", err)
	}
	return nil
}

type backtest struct {
	alerts  *Alerts
	state   *detection.State
	list    []BacktestEvent
	at      map[string]int // uuid to its first place in list
	summary BacktestSummary
}

func (b *backtest) take(r *detection.Result) {
	for _, e := range r.Events {
		out := BacktestEvent{UUID: e.UUID, EventType: e.Type, Hits: []BacktestHit{}, Incident: e.Incident}
		for _, h := range e.Hits {
			out.Hits = append(out.Hits, BacktestHit{Rule: h.Rule, Outcome: h.Outcome})
		}
		if !e.Repeated {
			b.at[e.UUID] = len(b.list)
		}
		b.list = append(b.list, out)
		b.summary.Events++
	}
	for _, s := range r.Settled { // an absence: what became of the event that began it
		i, known := b.at[s.UUID]
		if !known {
			continue
		}
		for j := range b.list[i].Hits {
			if b.list[i].Hits[j].Rule == s.Hit.Rule {
				b.list[i].Hits[j].Outcome = s.Hit.Outcome
			}
		}
		if b.list[i].Incident == "" && s.Hit.Outcome == detection.Fired {
			b.list[i].Incident = s.Hit.Key.String()
		}
	}
	for _, c := range r.Crossings {
		if c.Kind == detection.Opened {
			b.summary.Incidents++
			b.summary.ByRule[c.Key.Rule]++
			b.claim(c)
		}
	}
}

// claim gives an incident the events that led to it.
func (b *backtest) claim(c detection.Crossing) {
	for _, ev := range c.Evidence {
		if i, known := b.at[ev.UUID]; known && b.list[i].Incident == "" {
			b.list[i].Incident = c.Key.String()
		}
	}
}
