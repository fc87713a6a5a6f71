package oktasim

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"
	"time"
)

const apiPrefix = "/api/v1"

// serve sends a request to the surface it names.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case path == "/admin" || strings.HasPrefix(path, "/admin/"):
		s.serveAdmin(w, r)
	case path == tokenPath:
		s.serveToken(w, r)
	case path == discoveryPath:
		s.serveDiscovery(w, r)
	case path == authorizePath:
		s.serveAuthorize(w, r)
	case path == keysPath:
		s.serveKeys(w, r)
	case path == userinfoPath:
		s.serveUserinfo(w, r)
	case path == signInPath:
		s.serveSignIn(w, r)
	case path == "/.well-known/okta-organization":
		s.serveOrganization(w, r)
	case strings.HasPrefix(path, apiPrefix+"/"):
		s.serveAPI(w, r)
	default:
		// Outside the API the vendor shows a web page (§0).
		writeRaw(w, http.StatusNotFound, "text/html;charset=utf-8", []byte("<!DOCTYPE html><html><head><title>Page not found</title></head><body><h1>404</h1></body></html>"))
	}
}

// reply is a finished answer, ready to be written without the lock.
type reply struct {
	status int
	header http.Header
	body   []byte
	kind   string
	drop   bool // close the connection instead
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	defer s.inFlight.Add(-1)
	crowd := s.inFlight.Add(1)
	c := &call{s: s, req: r, base: baseURL(r), path: r.URL.EscapedPath(), query: r.URL.Query(), id: requestID()}
	rep := s.answerAPI(r.Context(), c, w, int(crowd))
	if rep.drop {
		panic(http.ErrAbortHandler) // net/http closes the connection without an answer
	}
	rep.write(w)
}

// answerAPI runs the stages in the vendor's order: who, where, how often, may they, what.
func (s *Server) answerAPI(ctx context.Context, c *call, w http.ResponseWriter, crowd int) *reply {
	rep := &reply{header: http.Header{}}
	c.standardHeaders(rep.header)

	s.mu.Lock()
	locked := true
	unlock := func() {
		if locked {
			locked = false
			s.mu.Unlock()
		}
	}
	defer unlock()
	s.base = c.base
	s.settle()
	c.now, c.st = s.now(), s.st
	rep.header.Set("Date", c.now.Format(http.TimeFormat))

	who, err := s.authenticate(c)
	if err != nil {
		s.counters.count(c.req.Method, "(unauthenticated)", statusOf(err))
		return rep.fail(err)
	}
	c.who = who
	if err := s.find(c); err != nil {
		s.counters.count(c.req.Method, "(unknown path)", statusOf(err))
		return rep.fail(err)
	}
	fault := s.faults.pick(c)
	if err := s.admit(c, rep.header, crowd, fault); err != nil {
		s.counters.count(c.route.method, c.route.pattern, statusOf(err))
		return rep.fail(err)
	}

	unlock()
	if err := c.readBody(w); err != nil {
		s.mu.Lock()
		locked = true
		s.counters.count(c.route.method, c.route.pattern, statusOf(err))
		return rep.fail(err)
	}
	if !pause(ctx, fault.delay) {
		rep.drop = true
		return rep
	}
	s.mu.Lock()
	locked = true
	s.settle()
	c.now, c.st = s.now(), s.st
	s.faults.pickWithBody(c, &fault)

	if fault.dropBefore {
		s.counters.count(c.route.method, c.route.pattern, 0)
		rep.drop = true
		return rep
	}
	if err := s.permit(c, fault); err != nil {
		s.counters.count(c.route.method, c.route.pattern, statusOf(err))
		return rep.fail(err)
	}
	if fault.stale > 0 && c.req.Method == http.MethodGet {
		c.st = s.snapshotAt(c.now.Add(-fault.stale))
	}
	if c.req.Method != http.MethodGet {
		s.keepSnapshot()
	}
	ans, err := c.route.handle(c)
	s.settle() // work without delay belongs to this answer
	if err != nil {
		s.counters.count(c.route.method, c.route.pattern, statusOf(err))
		return rep.fail(err)
	}
	s.counters.count(c.route.method, c.route.pattern, ans.status)
	rep.drop = fault.answerLost(ans.status)
	unlock() // what an answer points to is never changed in place, so it is written without the lock
	rep.take(ans)
	if !pause(ctx, fault.late) {
		rep.drop = true
	}
	return rep
}

// find matches the route. Families the API does not know answer E0000008, unknown paths inside a family answer a 404 that
// is not Okta-shaped, and a wrong method is E0000022 (§0).
func (s *Server) find(c *call) error {
	segments, err := splitPath(c.path, apiPrefix)
	if err != nil {
		return pathNotFound()
	}
	rt, params, found := s.routes.match(c.req.Method, segments)
	switch {
	case !found && s.routes.knowsFamily(segments[0]):
		return foreignNotFound()
	case !found:
		return pathNotFound()
	case rt == nil:
		return wrongMethod()
	}
	c.route, c.params = rt, params
	return nil
}

func (r *router) knowsFamily(first string) bool {
	for _, list := range r.bySegments {
		for _, c := range list {
			if c.segments[0] == first {
				return true
			}
		}
	}
	return false
}

// standardHeaders are on every answer of an authenticated call (§0).
func (c *call) standardHeaders(h http.Header) {
	h.Set("X-Okta-Request-Id", c.id)
	h.Set("Cache-Control", "no-cache, no-store")
	h.Set("Pragma", "no-cache")
	h.Set("Expires", "0")
	h.Set("Server", "nginx")
	h.Set("P3p", `CP="HONK"`)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Strict-Transport-Security", "max-age=315360000; includeSubDomains")
	h.Set("Accept-Ch", "Sec-CH-UA-Platform-Version")
	h.Add("Set-Cookie", `sid="";Version=1;Path=/;Max-Age=0`)
	h.Add("Set-Cookie", `xids="";Version=1;Path=/;Max-Age=0`)
}

func statusOf(err error) int {
	if api, ok := errors.AsType[*apiError](err); ok {
		return api.status
	}
	return http.StatusInternalServerError
}

func (rep *reply) fail(err error) *reply {
	var api *apiError
	if !errors.As(err, &api) {
		api = serverError(http.StatusInternalServerError)
	}
	rep.status = api.status
	maps.Copy(rep.header, api.header)
	switch {
	case api.empty:
	case api.raw != nil:
		rep.body, rep.kind = api.raw, api.rawType
	default:
		rep.setJSON(api.wire())
	}
	return rep
}

func (rep *reply) take(ans answer) {
	rep.status = ans.status
	maps.Copy(rep.header, ans.header)
	if ans.body != nil {
		rep.setJSON(ans.body)
	}
}

func (rep *reply) setJSON(body any) {
	b, err := json.Marshal(body)
	if err != nil {
		rep.status, b = http.StatusInternalServerError, []byte(`{"errorCode":"E0000009","errorSummary":"Internal Server Error","errorCauses":[]}`)
	}
	rep.body, rep.kind = b, jsonType
}

func (rep *reply) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), rep.header)
	if rep.kind != "" {
		w.Header().Set("Content-Type", rep.kind)
	}
	w.WriteHeader(rep.status)
	_, _ = w.Write(rep.body) // the client is gone if this fails; there is nobody to tell
}

func writeRaw(w http.ResponseWriter, status int, kind string, body []byte) {
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// pause waits and says whether the caller is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
