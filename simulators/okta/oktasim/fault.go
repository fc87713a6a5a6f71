package oktasim

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// FaultKind is one kind of trouble.
type FaultKind string

// The kinds of trouble a Fault can make.
const (
	FaultRateLimit     FaultKind = "rate-limit"     // 429 E0000047 with Remaining 0
	FaultConcurrency   FaultKind = "concurrency"    // 429 with Limit 0 and a misleading Reset (§6.2)
	FaultStatus        FaultKind = "status"         // answer Status without doing anything; HTML picks a proxy's page as body
	FaultSlow          FaultKind = "slow"           // wait Delay before doing anything
	FaultAnswerLost    FaultKind = "answer-lost"    // do it, then close the connection without an answer
	FaultAnswerLate    FaultKind = "answer-late"    // do it at once, then wait Delay before answering
	FaultConnectionCut FaultKind = "connection-cut" // close the connection without doing it
	FaultStale         FaultKind = "stale"          // GETs answer from the org as it was Delay ago
	FaultRefuse        FaultKind = "refuse"         // 403 E0000006; with Objects, only for writes that name one of them
	FaultHookLost      FaultKind = "hook-lost"      // an event hook delivery is never sent
	FaultHookDuplicate FaultKind = "hook-duplicate" // it is sent twice
	FaultHookLate      FaultKind = "hook-late"      // it is sent after Delay
	FaultHookReorder   FaultKind = "hook-reorder"   // it is held until after the next one
)

// Fault is trouble on demand. Which requests it hits is deterministic: First and Every count matching requests, per key.
type Fault struct {
	ID   string    `json:"id"` // set by the server when empty
	Kind FaultKind `json:"kind"`
	// Method is an HTTP method, "write" for POST, PUT, PATCH and DELETE, or empty for all.
	Method string `json:"method,omitempty"`
	// Path is a pattern below /api/v1: "*" stands for one segment, a final "**" for the rest. Empty means every path.
	Path string `json:"path,omitempty"`
	// Status of FaultStatus, 400 to 599. The body is the vendor's for that status unless HTML is set.
	Status int  `json:"status,omitempty"`
	HTML   bool `json:"html,omitempty"`
	// Code is the vendor's error code of FaultStatus, such as E0000239 with status 423. Empty picks one that fits.
	Code string `json:"code,omitempty"`
	// Delay of slow, stale and hook-late.
	Delay Duration `json:"delay,omitempty"`
	// First hits only the first n matching requests, Every only each nth. Both zero hits all; both set needs both.
	First int `json:"first,omitempty"`
	Every int `json:"every,omitempty"`
	// PerWrite counts First and Every for each distinct request (method, path, query and body), so First 1 hits the first
	// attempt of every write and its retry succeeds.
	PerWrite bool `json:"per_write,omitempty"`
	// Objects of refuse: ids, logins, group names or app labels.
	Objects []string `json:"objects,omitempty"`
}

// Duration is a time.Duration that reads and writes JSON as text, such as "1.5s".
type Duration time.Duration

// MarshalText implements encoding.TextMarshaler.
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *Duration) UnmarshalText(b []byte) error {
	v, err := time.ParseDuration(string(b))
	if err != nil {
		return fmt.Errorf("want a duration such as 1.5s: %w", err)
	}
	*d = Duration(v)
	return nil
}

func (f *Fault) check() error {
	switch f.Kind {
	case FaultRateLimit, FaultConcurrency, FaultAnswerLost, FaultConnectionCut, FaultHookLost, FaultHookDuplicate, FaultHookReorder:
	case FaultRefuse:
	case FaultStatus:
		if f.Status < 400 || f.Status > 599 {
			return fmt.Errorf("fault status %d: want 400 to 599", f.Status)
		}
	case FaultSlow, FaultAnswerLate, FaultStale, FaultHookLate:
		if f.Delay <= 0 {
			return fmt.Errorf("fault %s: needs a delay such as \"500ms\"", f.Kind)
		}
	default:
		return fmt.Errorf("fault kind %q is unknown: see the FaultKind constants or docs/simulators/okta.md", f.Kind)
	}
	if f.First < 0 || f.Every < 0 {
		return errors.New("first and every must not be negative")
	}
	return nil
}

func (f *Fault) isHook() bool { return strings.HasPrefix(string(f.Kind), "hook-") }

// needsBody says whether the fault can only be counted once the body is read.
func (f *Fault) needsBody() bool {
	return f.PerWrite || f.Kind == FaultAnswerLost || f.Kind == FaultConnectionCut
}

func (f *Fault) matches(method, path string) bool {
	switch f.Method {
	case "", method:
	case "write":
		if method == http.MethodGet || method == http.MethodHead {
			return false
		}
	default:
		return false
	}
	if f.Path == "" {
		return true
	}
	want, have := strings.Split(strings.Trim(f.Path, "/"), "/"), strings.Split(strings.Trim(path, "/"), "/")
	for i, seg := range want {
		if seg == "**" && i == len(want)-1 {
			return true
		}
		if i >= len(have) || seg != "*" && seg != have[i] {
			return false
		}
	}
	return len(want) == len(have)
}
