package oktasim

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"slices"
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
	case FaultSlow, FaultStale, FaultHookLate:
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

// faultSet holds the faults in force and how often each has matched.
type faultSet struct {
	list []*Fault
	seen map[string]int // fault id and key to matches so far
	hits map[string]int // fault id to requests it changed
	last int
}

// SetFault adds a fault, or replaces the one with the same ID, and returns its ID.
func (s *Server) SetFault(f Fault) (string, error) {
	if err := f.check(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.ID == "" {
		s.faults.last++
		f.ID = fmt.Sprintf("fault-%d", s.faults.last)
	}
	s.faults.remove(f.ID)
	s.faults.list = append(s.faults.list, &f)
	s.keepSnapshot()
	return f.ID, nil
}

// ClearFault removes one fault; it is fine if there is none with this ID.
func (s *Server) ClearFault(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults.remove(id)
}

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = faultSet{last: s.faults.last}
}

// FaultHits says how many requests or deliveries each fault has changed.
func (s *Server) FaultHits() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	hits := make(map[string]int, len(s.faults.list))
	for _, f := range s.faults.list {
		hits[f.ID] = s.faults.hits[f.ID]
	}
	return hits
}

func (fs *faultSet) remove(id string) {
	fs.list = slices.DeleteFunc(fs.list, func(f *Fault) bool { return f.ID == id })
	delete(fs.hits, id)
	for k := range fs.seen {
		if strings.HasPrefix(k, id+"\x00") {
			delete(fs.seen, k)
		}
	}
}

// fires counts one match and says whether it is one to hit.
func (fs *faultSet) fires(f *Fault, key string) bool {
	if fs.seen == nil {
		fs.seen, fs.hits = map[string]int{}, map[string]int{}
	}
	k := f.ID + "\x00" + key
	fs.seen[k]++
	n := fs.seen[k]
	if f.First > 0 && n > f.First || f.Every > 0 && n%f.Every != 0 {
		return false
	}
	fs.hits[f.ID]++
	return true
}

// fault is what all faults together do to one request.
type fault struct {
	err         *apiError
	rateLimit   bool
	concurrency bool
	delay       time.Duration
	stale       time.Duration
	refuse      bool
	dropBefore  bool
	dropAfter   bool
}

func (f fault) failure() error {
	if f.err == nil {
		return nil
	}
	return f.err
}

// answerLost says whether a committed change loses its answer. Refusals are answered: nothing was done.
func (f fault) answerLost(status int) bool { return f.dropAfter && status < 300 }

// pick chooses the faults that need no body.
func (fs *faultSet) pick(c *call) fault {
	var out fault
	for _, f := range fs.list {
		if f.isHook() || f.needsBody() || f.Kind == FaultRefuse && len(f.Objects) > 0 || !f.matches(c.req.Method, strings.TrimPrefix(c.path, apiPrefix)) {
			continue
		}
		if fs.fires(f, "") {
			out.apply(f)
		}
	}
	return out
}

// pickWithBody adds the faults that tell one write from another.
func (fs *faultSet) pickWithBody(c *call, out *fault) {
	for _, f := range fs.list {
		if f.isHook() || !f.needsBody() || !f.matches(c.req.Method, strings.TrimPrefix(c.path, apiPrefix)) {
			continue
		}
		key := ""
		if f.PerWrite {
			sum := sha256.Sum256(c.body)
			key = c.req.Method + " " + c.path + "?" + c.query.Encode() + " " + hex.EncodeToString(sum[:8])
		}
		if fs.fires(f, key) {
			out.apply(f)
		}
	}
}

func (out *fault) apply(f *Fault) {
	switch f.Kind {
	case FaultRateLimit:
		out.rateLimit = true
	case FaultConcurrency:
		out.concurrency = true
	case FaultStatus:
		out.err = statusFault(f)
	case FaultSlow:
		out.delay += time.Duration(f.Delay)
	case FaultAnswerLost:
		out.dropAfter = true
	case FaultConnectionCut:
		out.dropBefore = true
	case FaultStale:
		out.stale = max(out.stale, time.Duration(f.Delay))
	case FaultRefuse:
		out.refuse = true
	case FaultHookLost, FaultHookDuplicate, FaultHookLate, FaultHookReorder:
		// deliveries are not requests; see delivery.go
	}
}

func statusFault(f *Fault) *apiError {
	if f.HTML {
		text := http.StatusText(f.Status)
		return &apiError{
			status: f.Status, rawType: "text/html",
			raw: fmt.Appendf(nil, "<html>\r\n<head><title>%d %s</title></head>\r\n<body>\r\n<center><h1>%d %s</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n", f.Status, text, f.Status, text),
		}
	}
	if f.Status >= 500 {
		return serverError(f.Status)
	}
	return fail(f.Status, "E0000001", "Api validation failed: simulated fault")
}

// refuses says whether a fault protects an object that this write names in its path.
func (fs *faultSet) refuses(c *call) bool {
	for _, f := range fs.list {
		if f.Kind != FaultRefuse || len(f.Objects) == 0 || !f.matches(c.req.Method, strings.TrimPrefix(c.path, apiPrefix)) {
			continue
		}
		for _, p := range c.params {
			if slices.ContainsFunc(f.Objects, func(o string) bool { return c.st.names(p, o) }) && fs.fires(f, "") {
				return true
			}
		}
	}
	return false
}

// names says whether ref, an id or login in a path, is the object that a person calls by this name.
func (st *state) names(ref, name string) bool {
	if ref == name {
		return true
	}
	if u, found := st.findUser(ref); found {
		return u.id == name || strings.EqualFold(u.login(), name)
	}
	if g, found := st.groups[ref]; found {
		return g.name() == name
	}
	if a, found := st.apps[ref]; found {
		return a.label == name
	}
	return false
}
