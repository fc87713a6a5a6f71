package okta

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"
)

// transport sits between the SDK and the network. It asks the gate, signs OAuth calls, reads every answer to its end
// within a bound, reports its rate facts, and hands the SDK only successes it can read; everything else becomes an
// *Error. It follows no redirect.
type transport struct {
	cfg    Config
	base   http.RoundTripper
	tokens *tokenSource // nil with an API token
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	call, ok := ctx.Value(callKey{}).(*call)
	if !ok {
		return nil, &Error{Kind: Invalid, Op: "RoundTrip", Method: req.Method, Summary: "a request that no method of the client made"}
	}
	call.hiding(t.cfg.Token)
	if err := t.cfg.Admit(ctx, call.bucket()); err != nil {
		return nil, t.refused(call, err)
	}
	out := req.Clone(ctx)
	var grant *grant
	if t.tokens != nil {
		var err error
		if grant, err = t.tokens.get(ctx, call); err != nil {
			t.cfg.OnLost(call.bucket(), false)
			return nil, err
		}
		call.hiding(grant.token)
		out.Header.Set("Authorization", "Bearer "+grant.token)
	}
	answer, failure := t.send(out, call)
	if !call.told {
		t.cfg.OnLost(call.bucket(), call.sent.Load())
	}
	if failure != nil {
		return nil, failure
	}
	if failure := t.judge(call, answer); failure != nil {
		if grant != nil && failure.Kind == Unauthorized && failure.Status != 0 {
			return nil, t.tokens.refused(ctx, grant, failure)
		}
		return nil, failure
	}
	call.next = nextLink(answer.header.Values("Link"))
	return answer.response(req), nil
}

// answer is one HTTP answer, read to its end.
type answer struct {
	status  int
	header  http.Header
	body    []byte
	readErr error // why body is not the whole body
}

// send makes one HTTP exchange. It fails when no status line came.
func (t *transport) send(req *http.Request, call *call) (*answer, *Error) {
	ctx := req.Context()
	call.told = false
	if ctx.Err() != nil {
		return nil, call.lost(ctx, ctx.Err())
	}
	// A request may have gone out unless it is known to have waited in vain for a connection.
	var waited, connected atomic.Bool
	trace := &httptrace.ClientTrace{
		GetConn: func(string) { waited.Store(true) },
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	}
	resp, err := t.base.RoundTrip(req.WithContext(httptrace.WithClientTrace(ctx, trace)))
	call.sent.Store(err == nil || connected.Load() || !waited.Load())
	if err != nil {
		return nil, call.lost(ctx, err)
	}
	defer func() { _ = resp.Body.Close() }() // the body is read; an error here changes nothing
	now := t.cfg.Now()
	if facts, ok := rateFacts(call.bucket(), resp.StatusCode, resp.Header, now); ok {
		call.told = true
		t.cfg.OnRate(facts)
	}
	a := &answer{status: resp.StatusCode, header: resp.Header}
	a.body, a.readErr = io.ReadAll(io.LimitReader(resp.Body, t.cfg.MaxBytes+1))
	if int64(len(a.body)) > t.cfg.MaxBytes {
		a.body, a.readErr = nil, errTooLarge
	}
	return a, nil
}

var errTooLarge = errors.New("the answer is larger than MaxBytes")

// lost is the error of an exchange whose answer never came.
func (c *call) lost(ctx context.Context, err error) *Error {
	kind, what := Unavailable, "Okta was not reached"
	if c.sent.Load() {
		what = "no answer came"
		if c.write() {
			kind, what = Ambiguous, "the change was sent but no answer came"
		}
	}
	e := c.fail(kind, what+": "+networkWords(err))
	// Only a context's error is kept in the chain: io.EOF there would make the SDK send again, without end.
	switch {
	case errors.Is(err, context.Canceled):
		e.cause = context.Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		e.cause = context.DeadlineExceeded
	}
	return e
}

// networkWords describes a network's error without addresses of people: the errors below http.Client hold no URL.
func networkWords(err error) string {
	var timeout net.Error
	switch {
	case errors.Is(err, context.Canceled):
		return "the call was cancelled"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "time ran out"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed"
	}
	return err.Error()
}

// refused is the error of a call that the gate stopped.
func (t *transport) refused(call *call, err error) *Error {
	e := call.fail(RateLimited, "not sent: the gate refused the call")
	if !errors.Is(err, io.EOF) {
		e.cause = err
	}
	if over, ok := errors.AsType[*OverBudget](err); ok {
		e.Summary = "not sent: " + over.Error()
		if !over.RetryAt.IsZero() {
			e.ResetAt = over.RetryAt
			e.RetryAfter = max(over.RetryAt.Sub(t.cfg.Now()), 0)
		}
	}
	return e
}

// judge gives the error of an answer, or nil for a success that can be used.
func (t *transport) judge(call *call, a *answer) *Error {
	if a.status < 200 || a.status > 299 {
		return t.explain(call, a)
	}
	switch {
	case errors.Is(a.readErr, errTooLarge):
		return call.unreadable(a, fmt.Sprintf("the answer is larger than %d bytes: ask for smaller pages or raise MaxBytes", t.cfg.MaxBytes), Invalid)
	case a.readErr != nil:
		return call.unreadable(a, "the answer broke off: "+networkWords(a.readErr), Unavailable)
	case len(bytes.TrimSpace(a.body)) == 0:
		if call.wantsBody {
			return call.unreadable(a, "the answer is empty", Unavailable)
		}
	case !json.Valid(a.body):
		return call.unreadable(a, "the answer is not JSON ("+mediaType(a.header)+"): a proxy or a sign-in page may have answered", Unavailable)
	}
	return nil
}

// unreadable is the error of a success that cannot be used. A write was most likely taken.
func (c *call) unreadable(a *answer, summary string, forReads Kind) *Error {
	kind := forReads
	if c.write() {
		kind = Ambiguous
	}
	e := c.fail(kind, summary)
	e.Status, e.RequestID = a.status, requestID(a.header)
	return e
}

// response gives the SDK the answer in a form it accepts: it refuses JSON under another name, and 204 needs no body.
func (a *answer) response(req *http.Request) *http.Response {
	header := a.header.Clone()
	if len(a.body) > 0 {
		header.Set("Content-Type", "application/json")
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", a.status, http.StatusText(a.status)), StatusCode: a.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header, Request: req,
		Body: io.NopCloser(bytes.NewReader(a.body)), ContentLength: int64(len(a.body)),
	}
}

func mediaType(h http.Header) string {
	name, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	if name = strings.TrimSpace(name); name != "" && len(name) < 60 {
		return name
	}
	return "no type"
}

func requestID(h http.Header) string {
	id := h.Get("X-Okta-Request-Id")
	if len(id) > 64 || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return ""
	}
	return id
}
