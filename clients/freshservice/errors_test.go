package freshservice_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestAnswersBecomeKinds(t *testing.T) {
	t.Parallel()
	const html = "<html><body>Bad gateway</body></html>"
	for name, tt := range map[string]struct {
		status int
		body   string
		read   freshservice.Kind
		write  freshservice.Kind
	}{
		"bad credentials":       {401, `{"code":"invalid_credentials","message":"You have to be logged in to perform this action."}`, freshservice.Unauthorized, freshservice.Unauthorized},
		"401 without a body":    {401, ``, freshservice.Unauthorized, freshservice.Unauthorized},
		"no privilege":          {403, `{"code":"access_denied","message":"You are not authorized to perform this action."}`, freshservice.Denied, freshservice.Denied},
		"plan lacks a feature":  {403, `{"code":"require_feature","message":"The Approvals feature is not supported"}`, freshservice.Denied, freshservice.Denied},
		"suspended account":     {403, `{"code":"account_suspended","message":"suspended"}`, freshservice.Unauthorized, freshservice.Unauthorized},
		"404 without a body":    {404, ``, freshservice.NotFound, freshservice.NotFound},
		"404 in HTML":           {404, html, freshservice.NotFound, freshservice.NotFound},
		"wrong verb":            {405, `{"message":"PUT method is not allowed"}`, freshservice.Invalid, freshservice.Invalid},
		"not acceptable":        {406, ``, freshservice.Invalid, freshservice.Invalid},
		"wrong media type":      {415, ``, freshservice.Invalid, freshservice.Invalid},
		"validation":            {400, `{"description":"Validation failed","errors":[{"field":"status","message":"no","code":"invalid_value"}]}`, freshservice.Invalid, freshservice.Invalid},
		"broken JSON":           {400, `{"code":"invalid_json","message":"bad"}`, freshservice.Invalid, freshservice.Invalid},
		"duplicate as 400":      {400, `{"description":"Validation failed","errors":[{"field":"primary_email","message":"It should be a unique value","code":"duplicate_value"}]}`, freshservice.Conflict, freshservice.Conflict},
		"duplicate as 409":      {409, `{"description":"Validation failed","errors":[{"field":"primary_email","message":"taken","code":"duplicate_value"}]}`, freshservice.Conflict, freshservice.Conflict},
		"conflicting state":     {409, `{"code":"inconsistent_state","message":"no"}`, freshservice.Conflict, freshservice.Conflict},
		"rate limit, odd body":  {429, `slow down`, freshservice.RateLimited, freshservice.RateLimited},
		"server error":          {500, `{"code":"internal_error"}`, freshservice.Unavailable, freshservice.Unavailable},
		"maintenance":           {503, html, freshservice.Unavailable, freshservice.Unavailable},
		"edge without backend":  {502, html, freshservice.Unavailable, freshservice.Ambiguous},
		"edge gave up waiting":  {504, html, freshservice.Unavailable, freshservice.Ambiguous},
		"an edge page with 200": {200, html, freshservice.Unavailable, freshservice.Ambiguous},
		"a redirect":            {302, ``, freshservice.Unavailable, freshservice.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).
				on("GET /tickets/7", answer(tt.status, tt.body, "X-Request-Id", "4f0c")).
				on("PUT /tickets/7", answer(tt.status, tt.body, "X-Request-Id", "4f0c"))

			_, err := d.client().GetTicket(t.Context(), 7)
			require.ErrorIs(t, err, tt.read)
			e := fault(t, err)
			assert.Equal(t, tt.status, e.Status)
			assert.Equal(t, "/api/v2/tickets/{id}", e.Path)
			assert.Equal(t, "4f0c", e.RequestID)
			assert.False(t, e.MayHaveApplied(), "a read applies nothing")
			assert.NotContains(t, e.Error(), "<html>")

			_, err = d.client().UpdateTicket(t.Context(), 7, freshservice.TicketUpdate{Status: new(4)})
			require.ErrorIs(t, err, tt.write)
			assert.Equal(t, tt.write == freshservice.Ambiguous || tt.status >= 500, fault(t, err).MayHaveApplied())
			assert.Len(t, d.requests(), 2, "no retries")
		})
	}
}

func TestKindsMatchOnlyThemselves(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /tickets/7", answer(404, ``))
	_, err := d.client().GetTicket(t.Context(), 7)
	require.ErrorIs(t, err, freshservice.NotFound)
	require.NotErrorIs(t, err, freshservice.Denied)
	assert.Equal(t, "freshservice: not found", freshservice.NotFound.Error())
}

func TestFieldErrorsSayWhatIsAllowed(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("POST /tickets", answer(400, `{"description":"Validation failed","errors":[
		{"field":"status","message":"It should be one of these values: '2,3,4,5'","code":"invalid_value"},
		{"field":"requester_id","message":"[ \"It should be a/an Positive Integer\", \"It is mandatory\" ]","code":"missing_field"},
		{"field":"tags","message":["one","two"],"code":"datatype_mismatch"}]}`))
	_, err := d.client().CreateTicket(t.Context(), freshservice.NewTicket{Subject: "s"})
	e := fault(t, err)
	assert.Equal(t, []freshservice.FieldError{
		{Field: "status", Message: "It should be one of these values: '2,3,4,5'", Code: "invalid_value"},
		{Field: "requester_id", Message: "It should be a/an Positive Integer; It is mandatory", Code: "missing_field"},
		{Field: "tags", Message: "one; two", Code: "datatype_mismatch"},
	}, e.Fields)
	assert.Contains(t, e.Error(), "create ticket: invalid: POST /api/v2/tickets answered 400: status: It should be one of these values: '2,3,4,5' (invalid_value); requester_id:")
	f, ok := e.Field("requester_id")
	assert.True(t, ok)
	assert.Equal(t, "missing_field", f.Code)
}

func TestErrorsHoldNeitherKeyNorAddress(t *testing.T) {
	t.Parallel()
	leak := `{"description":"jane.doe+x@acme.test is taken","code":"Bearer ` + testKey + `","message":"key ` + testKey + ` of Jane <jane.doe@acme.test>, see ?email=jane.doe%40acme.test",
		"errors":[{"field":"jane.doe@acme.test","message":"jane.doe@acme.test already has ` + testKey + `","code":"invalid_value"}]}`
	d := newDesk(t).on("GET /requesters", answer(400, leak), answer(200, "jane.doe@acme.test"))
	c := d.client()
	for range 2 {
		_, err := c.ListRequesters(t.Context(), freshservice.RequesterList{Email: "jane.doe@acme.test"})
		for _, text := range everyText(fault(t, err)) {
			assert.NotContains(t, text, testKey)
			assert.NotContains(t, text, "jane.doe")
		}
	}

	d.server.Close() // the transport's own error quotes the address in the URL
	_, err := c.ListRequesters(t.Context(), freshservice.RequesterList{Email: "jane.doe@acme.test"})
	require.ErrorIs(t, err, freshservice.Unavailable)
	for _, text := range everyText(fault(t, err)) {
		assert.NotContains(t, text, "jane.doe")
	}
}

// everyText collects what a caller could print of an error, causes included.
func everyText(e *freshservice.Error) []string {
	texts := []string{e.Error(), e.Code, e.Message}
	for _, f := range e.Fields {
		texts = append(texts, f.Field, f.Message)
	}
	for _, cause := range e.Unwrap() {
		texts = append(texts, cause.Error())
	}
	return texts
}

func TestRetryAfterCountsSeconds(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"17":     17 * time.Second,
		"0":      time.Second,
		"":       time.Minute,
		"soon":   time.Minute,
		"-5":     time.Minute,
		"999999": time.Hour,
	} {
		d := newDesk(t).on("GET /tickets/7", answer(429, ``, "Retry-After", header))
		_, err := d.client().GetTicket(t.Context(), 7)
		require.ErrorIs(t, err, freshservice.RateLimited)
		assert.Equal(t, want, fault(t, err).RetryAfter, "header %q", header)
	}
}

func TestALostAnswerIsAmbiguousOnlyForWrites(t *testing.T) {
	t.Parallel()
	hangUp := func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
	torn := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "500")
		if _, err := io.WriteString(w, `{"ticket":`); err != nil {
			return
		}
		panic(http.ErrAbortHandler)
	}
	for name, lose := range map[string]http.HandlerFunc{"before the headers": hangUp, "in the body": torn} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t).on("GET /tickets/7", lose).on("POST /tickets/7/notes", lose)
			_, err := d.client().GetTicket(t.Context(), 7)
			require.ErrorIs(t, err, freshservice.Unavailable)
			_, err = d.client().AddNote(t.Context(), 7, freshservice.Note{BodyHTML: "x"})
			require.ErrorIs(t, err, freshservice.Ambiguous)
			assert.True(t, fault(t, err).MayHaveApplied())
			assert.Contains(t, err.Error(), "read before writing again")
		})
	}
}

func TestAWriteThatNeverLeftIsUnavailable(t *testing.T) {
	t.Parallel()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	addr := l.Addr().String()
	require.NoError(t, l.Close())
	c, err := freshservice.New(freshservice.Config{BaseURL: "http://" + addr, APIKey: testKey, AllowPlainHTTP: true})
	require.NoError(t, err)
	_, err = c.AddNote(t.Context(), 7, freshservice.Note{BodyHTML: "x"})
	require.ErrorIs(t, err, freshservice.Unavailable)
	assert.False(t, fault(t, err).MayHaveApplied())
}

func TestACallThatIsCancelledUnderWaySaysSo(t *testing.T) {
	t.Parallel()
	stop := errors.New("the worker stops")
	for method, want := range map[string]freshservice.Kind{"GET": freshservice.Unavailable, "PUT": freshservice.Ambiguous} {
		ctx, cancel := context.WithCancelCause(t.Context())
		arrived := func(_ http.ResponseWriter, r *http.Request) {
			cancel(stop)
			<-r.Context().Done()
		}
		d := newDesk(t).on(method+" /tickets/7", arrived)
		var err error
		if method == "GET" {
			_, err = d.client().GetTicket(ctx, 7)
		} else {
			_, err = d.client().UpdateTicket(ctx, 7, freshservice.TicketUpdate{Status: new(4)})
		}
		require.ErrorIs(t, err, want)
		require.ErrorIs(t, err, context.Canceled)
		require.ErrorIs(t, err, stop)
	}
}

func TestATimeoutEndsAnExchange(t *testing.T) {
	t.Parallel()
	silent := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	d := newDesk(t).on("GET /tickets/7", silent).on("PUT /tickets/7", silent)
	_, err := d.client(func(cfg *freshservice.Config) { cfg.Timeout = 50 * time.Millisecond }).GetTicket(t.Context(), 7)
	require.ErrorIs(t, err, freshservice.Unavailable)

	// This timeout begins when the request is written, so what was sent does not depend on the machine's load.
	transport := &http.Transport{ResponseHeaderTimeout: 50 * time.Millisecond}
	t.Cleanup(transport.CloseIdleConnections)
	c := d.client(func(cfg *freshservice.Config) { cfg.HTTPTransport = transport })
	_, err = c.UpdateTicket(t.Context(), 7, freshservice.TicketUpdate{Status: new(4)})
	require.ErrorIs(t, err, freshservice.Ambiguous)
}

func TestTheKeyFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	var visited atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited.Add(1) }))
	t.Cleanup(elsewhere.Close)
	d := newDesk(t).on("GET /tickets/7", answer(302, ``, "Location", elsewhere.URL))
	_, err := d.client().GetTicket(t.Context(), 7)
	require.ErrorIs(t, err, freshservice.Unavailable)
	assert.Contains(t, err.Error(), "set the base URL")
	assert.Zero(t, visited.Load())
}

func TestAnEndlessAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	endless := func(w http.ResponseWriter, _ *http.Request) {
		chunk := make([]byte, 1<<20)
		for range 40 {
			if _, err := w.Write(chunk); err != nil {
				return
			}
		}
	}
	d := newDesk(t).on("GET /tickets/7", endless)
	_, err := d.client().GetTicket(t.Context(), 7)
	require.ErrorIs(t, err, freshservice.Invalid)
	assert.Contains(t, err.Error(), "larger than 32 MiB")
}

func TestAListWithoutItsKeyIsAnErrorNotNothing(t *testing.T) {
	t.Parallel()
	for _, body := range []string{`{}`, `{"things":[],"meta":{}}`, `{"approvals":"none"}`} {
		d := newDesk(t).on("GET /tickets/7/approvals", answer(200, body))
		_, err := d.client().ListApprovals(t.Context(), 7)
		require.ErrorIs(t, err, freshservice.Invalid, body)
		assert.Contains(t, err.Error(), "cannot read the answer")
	}
}

func TestAWriteWithAnUnreadableAnswerMayHaveApplied(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("POST /tickets", answer(201, `{"ticket":{"id":"twelve"}}`))
	_, err := d.client().CreateTicket(t.Context(), freshservice.NewTicket{Subject: "s"})
	require.ErrorIs(t, err, freshservice.Ambiguous)
	assert.Equal(t, 201, fault(t, err).Status)
}

func TestABodyThatJSONCannotHoldNeverLeaves(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	_, err := d.client().UpdateTicket(t.Context(), 7, freshservice.TicketUpdate{CustomFields: freshservice.Fields{"x": make(chan int)}})
	require.ErrorIs(t, err, freshservice.Invalid)
	assert.Empty(t, d.requests())
}
