package freshsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxJSONBody and maxFormBody bound a request in bytes. The vendor documents 40 MB of attachments per ticket
// (reference §4.10); the form may be a little larger than its files.
const (
	maxJSONBody = 1 << 20
	maxFormBody = 42 << 20
)

// call is one vendor request while the server's mutex is held.
type call struct {
	s      *Server
	db     *database
	req    *http.Request
	route  *route
	ids    map[string]int64
	query  url.Values
	body   []byte
	actor  *person // the agent who owns the key
	now    time.Time
	origin string // scheme and host for absolute addresses
}

// answer is what goes back: a status, an encoded body (nil for none) and extra headers.
type answer struct {
	status int
	body   any
	raw    []byte // sent as it is instead of body
	header http.Header
}

func ok(body any) (*answer, error) { return &answer{status: http.StatusOK, body: body}, nil }

func noContent() (*answer, error) { return &answer{status: http.StatusNoContent}, nil }

// created is the vendor's 201 with its Location (reference §1).
func (c *call) created(body any, path string, id int64) (*answer, error) {
	h := http.Header{}
	h.Set("Location", fmt.Sprintf("%s/api/v2/%s/%d", c.origin, path, id))
	return &answer{status: http.StatusCreated, body: body, header: h}, nil
}

// input decodes the call's body.
func (c *call) input() (*input, error) { return readInput(c.req.Header.Get("Content-Type"), c.body) }

// serveAPI answers one request below /api/v2: authenticate, count, trip faults, act, encode, tell the automator.
func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	limit := int64(maxJSONBody)
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		limit = maxFormBody
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if err != nil {
		s.finish(w, r, &answer{status: http.StatusRequestEntityTooLarge}, nil)
		return
	}
	a, after := s.answerAPI(r, body)
	if after.delay > 0 && !sleep(r.Context(), after.delay) {
		return
	}
	if after.drop {
		panic(http.ErrAbortHandler) // the connection ends without an answer
	}
	s.finish(w, r, a, after.header)
}

// afterwards is what is left to do once the mutex is released.
type afterwards struct {
	delay  time.Duration
	drop   bool
	header http.Header
}

func (s *Server) answerAPI(r *http.Request, body []byte) (*answer, afterwards) {
	s.mu.Lock()
	defer s.mu.Unlock()
	path := strings.TrimPrefix(r.URL.Path, "/api/v2")
	rt, ids, allow := s.routes.find(r.Method, path)
	query, queryErr := url.ParseQuery(r.URL.RawQuery)
	after := afterwards{header: s.limits.spend(s.clock.now(), rt, creditCost(rt, query))}
	s.counts.call(r.Method, rt, path)

	if after.header.Get("Retry-After") != "" {
		return &answer{status: http.StatusTooManyRequests}, after
	}
	trip := s.faults.trip(r.Method, path, faultKey(r, body), isWrite(r.Method))
	after.delay, after.drop = trip.delay, trip.drop
	if trip.answer != nil {
		return trip.answer, after
	}
	c := &call{s: s, db: s.db, req: r, route: rt, ids: ids, query: query, body: body, now: s.db.clockNow(), origin: s.origin(r)}
	a, err := c.run(allow, queryErr)
	if err != nil {
		a = refusal(err)
	}
	if a.raw == nil && a.body != nil {
		a.raw, err = encode(a.body)
		if err != nil {
			a = &answer{status: http.StatusInternalServerError}
		}
		a.body = nil
	}
	s.automator.settle()
	if r.Method == http.MethodGet && a.status == http.StatusOK {
		a = s.faults.stale(path, r.URL.RequestURI(), a, s.clock.now())
	}
	return a, after
}

// run checks what the vendor checks before the endpoint itself is asked.
func (c *call) run(allow []string, queryErr error) (*answer, error) {
	c.actor = c.db.authenticate(c.req)
	if c.actor == nil {
		return nil, unauthenticated(c.req)
	}
	if c.route == nil && len(allow) > 0 {
		h := http.Header{}
		h.Set("Allow", strings.Join(allow, ", "))
		return nil, &apiError{status: http.StatusMethodNotAllowed, message: c.req.Method + " method is not allowed on this resource", header: h}
	}
	if c.route == nil {
		return nil, notFound()
	}
	if accept := c.req.Header.Get("Accept"); !acceptable(accept) {
		return nil, &apiError{status: http.StatusNotAcceptable}
	}
	if !c.db.may(c.actor, c.route.need) {
		return nil, denied()
	}
	if queryErr != nil {
		return nil, &apiError{status: http.StatusBadRequest, code: "invalid_value", message: "The query string could not be read"}
	}
	for name := range c.query {
		if !slices.Contains(c.route.query, name) {
			return nil, invalid(name, codeInvalidField, msgUnexpected)
		}
	}
	return c.route.h(c)
}

// acceptable follows the vendor: anything but JSON or */* is a 406 (reference §1).
func acceptable(accept string) bool {
	if accept == "" {
		return true
	}
	for part := range strings.SplitSeq(accept, ",") {
		kind, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if kind == "application/json" || kind == "*/*" || kind == "application/*" {
			return true
		}
	}
	return false
}

func refusal(err error) *answer {
	var e *apiError
	if !errors.As(err, &e) {
		return &answer{status: http.StatusInternalServerError}
	}
	return &answer{status: e.status, body: e.body(), header: e.header}
}

// encode writes JSON without escaping HTML, as the vendor does.
func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// finish writes the answer with the headers that real traffic shows (reference §1).
func (s *Server) finish(w http.ResponseWriter, r *http.Request, a *answer, extra http.Header) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	h.Set("Pragma", "no-cache")
	h.Set("X-Freshservice-Api-Version", "latest=v2; requested=v2")
	h.Set("X-Frame-Options", "SAMEORIGIN")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Xss-Protection", "1; mode=block")
	h.Set("X-Request-Id", s.requestID())
	h.Set("Server", "fwe")
	maps.Copy(h, extra)
	maps.Copy(h, a.header)
	if len(a.raw) > 0 && h.Get("Content-Type") == "" {
		h.Set("Content-Type", "application/json; charset=utf-8")
	}
	if a.status != http.StatusNoContent {
		h.Set("Content-Length", strconv.Itoa(len(a.raw)))
	}
	w.WriteHeader(a.status)
	//nolint:gosec // JSON or an attachment with nosniff, as the vendor sends it
	if _, err := w.Write(a.raw); err != nil && a.status != http.StatusNoContent {
		s.opts.Logger.Debug("answer not written", "path", r.URL.Path, "error", err)
	}
	s.opts.Logger.Debug("call", "method", r.Method, "path", r.URL.Path, "status", a.status)
}

// requestID looks like the uuid that the vendor sends; it is a plain counter.
func (s *Server) requestID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.serial++
	return fmt.Sprintf("00000000-0000-4000-8000-%012d", s.serial)
}

// origin is the address that links are written with. Without a request it is the address that was asked last. The
// caller holds the mutex.
func (s *Server) origin(r *http.Request) string {
	if s.opts.BaseURL != "" {
		return strings.TrimSuffix(s.opts.BaseURL, "/")
	}
	switch {
	case r == nil:
		return s.lastOrigin
	case r.TLS != nil:
		s.lastOrigin = "https://" + r.Host
	default:
		s.lastOrigin = "http://" + r.Host
	}
	return s.lastOrigin
}
