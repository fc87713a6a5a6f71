package freshsim

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FaultKind names a kind of trouble.
type FaultKind string

// The kinds of trouble that an API call can meet.
const (
	// FaultRateLimited answers 429 with Retry-After and acts on nothing.
	FaultRateLimited FaultKind = "rate_limited"
	// FaultServerError answers Status (default 500), as JSON or with HTML as an edge does, and acts on nothing.
	FaultServerError FaultKind = "server_error"
	// FaultSlow acts, then answers after Delay.
	FaultSlow FaultKind = "slow"
	// FaultAnswerLost acts, then drops the connection without an answer.
	FaultAnswerLost FaultKind = "answer_lost"
	// FaultStaleRead repeats the former answer to the same GET for Delay after it was first given (default one minute).
	FaultStaleRead FaultKind = "stale_read"
)

// Fault is trouble for the API calls that it matches. Faults are asked in the order of their making; the first that
// matches wins, except that a slow one also lets a later one act.
type Fault struct {
	// ID is given by the server.
	ID string `json:"id"`
	// Kind is required.
	Kind FaultKind `json:"kind"`
	// Method is an HTTP method, "write" for everything but GET and HEAD, or empty for any.
	Method string `json:"method"`
	// Path is relative to /api/v2, with * for one segment and a last ** for any rest, such as /tickets/*/notes or
	// /requesters/**. Empty matches every path.
	Path string `json:"path"`
	// Once hits only the first call of each distinct method, path and body, so that a retry succeeds.
	Once bool `json:"once"`
	// Skip lets this many matching calls pass first.
	Skip int `json:"skip"`
	// Times ends the fault after so many hits; 0 is until removed.
	Times int `json:"times"`
	// Status is the status of a server error; default 500.
	Status int `json:"status"`
	// HTML gives a server error the body of an edge instead of JSON.
	HTML bool `json:"html"`
	// RetryAfterSeconds goes into Retry-After; default 1.
	RetryAfterSeconds int `json:"retry_after_seconds"`
	// DelayMillis is the pause of a slow answer or the age of a stale one, in milliseconds.
	DelayMillis int `json:"delay_millis"`
	// Hits counts how often it struck.
	Hits int `json:"hits"`

	keys map[string]bool
}

func (f *Fault) check() error {
	if !slices.Contains([]FaultKind{FaultRateLimited, FaultServerError, FaultSlow, FaultAnswerLost, FaultStaleRead}, f.Kind) {
		return fmt.Errorf("fault kind %q is unknown; use rate_limited, server_error, slow, answer_lost or stale_read", f.Kind)
	}
	if f.Status != 0 && (f.Status < 400 || f.Status > 599) {
		return fmt.Errorf("fault status %d is not an error; use 400 to 599", f.Status)
	}
	if f.Skip < 0 || f.Times < 0 || f.DelayMillis < 0 || f.RetryAfterSeconds < 0 {
		return fmt.Errorf("skip, times, delay_millis and retry_after_seconds must not be negative")
	}
	return nil
}

// faultBox holds the active faults.
type faultBox struct {
	faults []*Fault
	serial int
	served map[string]servedAnswer // by address, for stale reads
}

type servedAnswer struct {
	a  *answer
	at time.Time
}

// tripped is what the faults do to one call.
type tripped struct {
	delay  time.Duration
	drop   bool
	answer *answer
}

// trip asks every fault about a call; key tells distinct writes apart.
func (b *faultBox) trip(method, path, key string, write bool) tripped {
	var t tripped
	for _, f := range b.faults {
		if f.Kind == FaultStaleRead || !f.matches(method, path, write) || !f.strikes(key) {
			continue
		}
		switch f.Kind {
		case FaultSlow:
			t.delay += time.Duration(f.DelayMillis) * time.Millisecond
			continue
		case FaultAnswerLost:
			t.drop = true
		case FaultRateLimited:
			h := http.Header{}
			h.Set("Retry-After", strconv.Itoa(max(f.RetryAfterSeconds, 1)))
			t.answer = &answer{status: http.StatusTooManyRequests, header: h}
		case FaultServerError:
			t.answer = f.errorAnswer()
		case FaultStaleRead:
		}
		return t
	}
	return t
}

func (f *Fault) errorAnswer() *answer {
	status := f.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	if f.HTML {
		h := http.Header{}
		h.Set("Content-Type", "text/html; charset=utf-8")
		page := fmt.Sprintf("<html><head><title>%d %s</title></head><body><h1>%s</h1></body></html>", status, http.StatusText(status), http.StatusText(status))
		return &answer{status: status, raw: []byte(page), header: h}
	}
	raw := fmt.Sprintf(`{"code":"internal_error","message":%q}`, "We're sorry, but something went wrong.")
	return &answer{status: status, raw: []byte(raw)}
}

func (f *Fault) matches(method, path string, write bool) bool {
	switch {
	case f.Times > 0 && f.Hits >= f.Times:
		return false
	case strings.EqualFold(f.Method, "write"):
		if !write {
			return false
		}
	case f.Method != "" && !strings.EqualFold(f.Method, method):
		return false
	}
	return matchPath(f.Path, path)
}

// strikes counts a matching call and says whether it is hit.
func (f *Fault) strikes(key string) bool {
	if f.Skip > 0 {
		f.Skip--
		return false
	}
	if f.Once {
		if f.keys[key] {
			return false
		}
		if f.keys == nil {
			f.keys = map[string]bool{}
		}
		f.keys[key] = true
	}
	f.Hits++
	return true
}

// matchPath compares segment by segment: * is one segment, a last ** any rest.
func matchPath(pattern, path string) bool {
	if pattern == "" {
		return true
	}
	want := strings.Split(strings.Trim(pattern, "/"), "/")
	have := strings.Split(strings.Trim(path, "/"), "/")
	for i, w := range want {
		if w == "**" {
			return true
		}
		if i >= len(have) || w != "*" && !isParam(w) && w != have[i] {
			return false
		}
	}
	return len(want) == len(have)
}

// stale remembers answers while a stale_read fault is set, and repeats an old one within the fault's delay.
func (b *faultBox) stale(path, address string, a *answer, now time.Time) *answer {
	for _, f := range b.faults {
		if f.Kind != FaultStaleRead || !f.matches(http.MethodGet, path, false) {
			continue
		}
		age := time.Duration(f.DelayMillis) * time.Millisecond
		if age == 0 {
			age = time.Minute
		}
		if old, ok := b.served[address]; ok && now.Sub(old.at) < age {
			if !f.strikes(address) {
				return a
			}
			return old.a
		}
		if b.served == nil {
			b.served = map[string]servedAnswer{}
		}
		b.served[address] = servedAnswer{a, now}
	}
	return a
}

// faultKey tells distinct requests apart: method, address and body.
func faultKey(r *http.Request, body []byte) string {
	sum := sha256.Sum256(body)
	return r.Method + " " + r.URL.RequestURI() + " " + hex.EncodeToString(sum[:])
}

func isWrite(method string) bool { return method != http.MethodGet && method != http.MethodHead }

// AddFault arms a fault and gives its id.
func (s *Server) AddFault(f Fault) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.serial++
	f.ID, f.Hits, f.keys = "fault-"+strconv.Itoa(s.faults.serial), 0, nil
	s.faults.faults = append(s.faults.faults, &f)
	return f.ID, nil
}

// ClearFaults removes one fault by id, or every fault when id is empty. It reports whether any was removed.
func (s *Server) ClearFaults(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.faults.faults)
	s.faults.faults = slices.DeleteFunc(s.faults.faults, func(f *Fault) bool { return id == "" || f.ID == id })
	s.faults.served = nil
	return len(s.faults.faults) < before
}

// Faults lists the armed faults with their hits.
func (s *Server) Faults() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Fault, 0, len(s.faults.faults))
	for _, f := range s.faults.faults {
		c := *f
		c.keys = nil
		out = append(out, c)
	}
	return out
}

// sleep pauses in real time; false when ctx ended first.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
