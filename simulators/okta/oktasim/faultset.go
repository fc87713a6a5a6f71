package oktasim

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

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
	late        time.Duration
}

func (out *fault) failure() error {
	if out.err == nil {
		return nil
	}
	return out.err
}

// answerLost says whether a committed change loses its answer. Refusals are answered: nothing was done.
func (out *fault) answerLost(status int) bool { return out.dropAfter && status < 300 }

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
	case FaultAnswerLate:
		out.late += time.Duration(f.Delay)
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
	var e *apiError
	switch {
	case f.Status >= 500:
		e = serverError(f.Status)
	case f.Status == http.StatusLocked: // concurrent group-rule creates (§2.2)
		e = fail(f.Status, "E0000239", "Policy priorities are being reconciled. Please try again later.")
	case f.Status == http.StatusConflict:
		e = stillActivating()
	case f.Status == http.StatusUnauthorized:
		e = invalidToken()
	case f.Status == http.StatusForbidden:
		e = denied()
	default:
		e = invalid("simulated fault")
		e.status = f.Status
	}
	if f.Code != "" {
		e.code = f.Code
	}
	return e
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
