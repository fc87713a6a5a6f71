package bridge_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/bridge"
)

const (
	secret = "a-webhook-secret-of-some-length"
	next   = "the-secret-that-will-follow-it"
	okta   = "the-event-hook-secret"
)

// engine is a Temporal that remembers nudges, and can be away.
type engine struct {
	mu     sync.Mutex
	nudged []int64
	people []string
	wakes  int
	err    error
}

func (e *engine) WakeLog(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wakes++
	return e.err
}

func (e *engine) Nudge(_ context.Context, ticket int64) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.nudged = append(e.nudged, ticket)
	}
	return e.err
}

func (e *engine) NudgePerson(_ context.Context, id string) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.err == nil {
		e.people = append(e.people, id)
	}
	return e.err
}

func (e *engine) NudgeRequester(ctx context.Context, id int64) error {
	return e.NudgePerson(ctx, "requester "+strconv.FormatInt(id, 10))
}

func (e *engine) Ready(context.Context) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

func (e *engine) away(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = err
}

func newBridge(t *testing.T, e *engine, change func(*bridge.Options)) http.Handler {
	t.Helper()
	o := bridge.Options{Temporal: e, WebhookSecrets: []string{secret, next}, OktaSecrets: []string{okta}}
	if change != nil {
		change(&o)
	}
	b, err := bridge.New(o)
	require.NoError(t, err)
	return b.Handler()
}

func post(path, body string, headers ...string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// answered is what came back.
type answered struct {
	StatusCode int
	Header     http.Header
}

func ask(h http.Handler, r *http.Request) (answered, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answered{StatusCode: w.Code, Header: w.Header()}, w.Body.String()
}

func TestFreshserviceWebhook(t *testing.T) {
	t.Parallel()
	right := []string{"Authorization", "Bearer " + secret}
	tests := []struct {
		name    string
		body    string
		headers []string
		status  int
		ticket  int64
		says    string
	}{
		{"our own shape", `{"event":"ticket_created","ticket_id":"SR-12","delivery":"a1"}`, right, 202, 12, "FS-12"},
		{"an incident", `{"ticket_id":"INC-7"}`, right, 202, 7, "FS-7"},
		{"with a hash", `{"ticket_id":"#SR-12"}`, right, 202, 12, ""},
		{"number as text", `{"ticket_id":"12"}`, right, 202, 12, ""},
		{"number", `{"ticket_id":12}`, right, 202, 12, ""},
		{"text with spaces around it", `{"ticket_id":" SR-12 "}`, right, 202, 12, ""},
		{"wrapped", `{"freshservice_webhook":{"ticket_id":"SR-9","ticket_subject":"x"}}`, right, 202, 9, ""},
		{"wrapped number", `{"freshservice_webhook":{"ticket_id":9}}`, right, 202, 9, ""},
		{"an approval is claimed in the event", `{"event":"approval_approved","ticket_id":"SR-12"}`, right, 202, 12, ""},
		{"an approval is claimed in ticked attributes", `{"freshservice_webhook":{"ticket_id":12,"approval_status":"Approved","approver":"me"}}`, right, 202, 12, ""},
		{"an approval is claimed in our shape", `{"ticket_id":12,"decision":"approved"}`, right, 400, 0, "only"},
		{"the other secret", `{"ticket_id":12}`, []string{"Authorization", "Bearer " + next}, 202, 12, ""},
		{"scheme in lower case", `{"ticket_id":12}`, []string{"Authorization", "bearer " + secret}, 202, 12, ""},
		{"header of our own", `{"ticket_id":12}`, []string{"X-Latchkey-Secret", secret}, 202, 12, ""},
		{"header of our own beside another's credential", `{"ticket_id":12}`, []string{"X-Latchkey-Secret", secret, "Authorization", "Basic eDp5"}, 202, 12, ""},
		{"no type named", `{"ticket_id":12}`, append(right, "Content-Type", ""), 202, 12, ""},
		{"no secret", `{"ticket_id":12}`, nil, 401, 0, "secret"},
		{"a wrong secret", `{"ticket_id":12}`, []string{"Authorization", "Bearer " + secret + "x"}, 401, 0, "secret"},
		{"a secret cut short", `{"ticket_id":12}`, []string{"Authorization", "Bearer " + secret[:10]}, 401, 0, ""},
		{"an empty bearer", `{"ticket_id":12}`, []string{"Authorization", "Bearer "}, 401, 0, ""},
		{"okta's secret is not ours", `{"ticket_id":12}`, []string{"Authorization", okta}, 401, 0, ""},
		{"unfilled placeholder", `{"ticket_id":"{{ticket.id_numeric}}"}`, right, 400, 0, "placeholders"},
		{"no ticket", `{"event":"ticket_created"}`, right, 400, 0, "missing"},
		{"null ticket", `{"ticket_id":null}`, right, 400, 0, "missing"},
		{"zero", `{"ticket_id":0}`, right, 400, 0, "not a ticket number"},
		{"negative", `{"ticket_id":-4}`, right, 400, 0, "not a ticket number"},
		{"fraction", `{"ticket_id":1.5}`, right, 400, 0, "not a ticket number"},
		{"too large", `{"ticket_id":99999999999999999999}`, right, 400, 0, "not a ticket number"},
		{"an object for a ticket", `{"ticket_id":{"id":1}}`, right, 400, 0, ""},
		{"a field beside the wrapper", `{"freshservice_webhook":{"ticket_id":1},"ticket_id":2}`, right, 400, 0, "beside"},
		{"wrapper that is no object", `{"freshservice_webhook":"SR-1"}`, right, 400, 0, "object"},
		{"list", `[{"ticket_id":1}]`, right, 400, 0, "object"},
		{"null", `null`, right, 400, 0, "null"},
		{"empty", ``, right, 400, 0, "empty"},
		{"cut short", `{"ticket_id":`, right, 400, 0, "cut short"},
		{"two objects", `{"ticket_id":1}{"ticket_id":2}`, right, 400, 0, "follows"},
		{"unquoted placeholder", `{"ticket_id":SR-12}`, right, 400, 0, "quote"},
		{"xml", `<ticket/>`, append(right, "Content-Type", "application/xml"), 415, 0, "JSON"},
		{"form", `ticket_id=12`, append(right, "Content-Type", "application/x-www-form-urlencoded"), 415, 0, "JSON"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var e engine
			answer, body := ask(newBridge(t, &e, nil), post("/webhooks/freshservice", test.body, test.headers...))
			assert.Equal(t, test.status, answer.StatusCode, body)
			assert.Contains(t, body, test.says)
			if test.ticket == 0 {
				assert.Empty(t, e.nudged)
			} else {
				assert.Equal(t, []int64{test.ticket}, e.nudged)
			}
		})
	}
}

func TestBodyCap(t *testing.T) {
	t.Parallel()
	var e engine
	h := newBridge(t, &e, nil)
	fill := func(size int) string {
		const head, tail = `{"ticket_id":12,"delivery":"`, `"}`
		return head + strings.Repeat("x", size-len(head)-len(tail)) + tail
	}
	answer, _ := ask(h, post("/webhooks/freshservice", fill(64<<10), "X-Latchkey-Secret", secret))
	require.Equal(t, http.StatusAccepted, answer.StatusCode)
	answer, body := ask(h, post("/webhooks/freshservice", fill(64<<10+1), "X-Latchkey-Secret", secret))
	require.Equal(t, http.StatusRequestEntityTooLarge, answer.StatusCode)
	require.Contains(t, body, "64 KiB")
	require.Equal(t, []int64{12}, e.nudged)
}

func TestTemporalAwayIsSaidSoAndNothingIsLost(t *testing.T) {
	t.Parallel()
	var e engine
	h := newBridge(t, &e, nil)
	e.away(errors.New("connection refused"))
	answer, body := ask(h, post("/webhooks/freshservice", `{"ticket_id":12}`, "X-Latchkey-Secret", secret))
	require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode)
	require.NotEmpty(t, answer.Header.Get("Retry-After"))
	require.NotContains(t, body, "refused")

	e.away(nil)
	answer, _ = ask(h, post("/webhooks/freshservice", `{"ticket_id":12}`, "X-Latchkey-Secret", secret))
	require.Equal(t, http.StatusAccepted, answer.StatusCode)
	require.Equal(t, []int64{12}, e.nudged)
}

func TestWrongSecretsAreSlowedDownAndRightOnesAreNot(t *testing.T) {
	t.Parallel()
	var e engine
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	h := newBridge(t, &e, func(o *bridge.Options) {
		o.RefusedBurst, o.Now = 3, func() time.Time { return now }
	})
	var last int
	for range 4 {
		answer, _ := ask(h, post("/webhooks/freshservice", `{"ticket_id":12}`, "X-Latchkey-Secret", "guess"))
		last = answer.StatusCode
	}
	require.Equal(t, http.StatusTooManyRequests, last)
	answer, _ := ask(h, post("/webhooks/freshservice", `{"ticket_id":12}`, "X-Latchkey-Secret", secret))
	require.Equal(t, http.StatusAccepted, answer.StatusCode)

	now = now.Add(time.Hour)
	answer, _ = ask(h, post("/webhooks/freshservice", `{"ticket_id":12}`, "X-Latchkey-Secret", "guess"))
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
}

func TestRateIsPerSource(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	tests := []struct {
		name    string
		proxies int
		first   [2]string // address, X-Forwarded-For
		second  [2]string
		shared  bool
	}{
		{"one address", 0, [2]string{"192.0.2.1:5", ""}, [2]string{"192.0.2.1:6", ""}, true},
		{"two addresses", 0, [2]string{"192.0.2.1:5", ""}, [2]string{"192.0.2.2:5", ""}, false},
		{"a header nobody vouches for", 0, [2]string{"192.0.2.1:5", "198.51.100.1"}, [2]string{"192.0.2.1:5", "198.51.100.2"}, true},
		{"a proxy's word", 1, [2]string{"192.0.2.1:5", "198.51.100.1"}, [2]string{"192.0.2.1:5", "198.51.100.2"}, false},
		{"written left of the proxy's word", 1, [2]string{"192.0.2.1:5", "1.1.1.1, 198.51.100.1"}, [2]string{"192.0.2.1:5", "2.2.2.2, 198.51.100.1"}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var e engine
			h := newBridge(t, &e, func(o *bridge.Options) {
				o.Burst, o.PerSecond, o.TrustedProxies, o.Now = 1, 1, test.proxies, func() time.Time { return now }
			})
			send := func(from [2]string) int {
				r := post("/webhooks/freshservice", `{"ticket_id":12}`, "X-Latchkey-Secret", secret)
				r.RemoteAddr = from[0]
				if from[1] != "" {
					r.Header.Set("X-Forwarded-For", from[1])
				}
				answer, _ := ask(h, r)
				return answer.StatusCode
			}
			require.Equal(t, http.StatusAccepted, send(test.first))
			want := http.StatusAccepted
			if test.shared {
				want = http.StatusTooManyRequests
			}
			require.Equal(t, want, send(test.second))
		})
	}
}

func TestOktaChallengeIsEchoed(t *testing.T) {
	t.Parallel()
	h := newBridge(t, &engine{}, nil)
	r := httptest.NewRequest(http.MethodGet, "/webhooks/okta", nil)
	r.Header.Set("x-okta-verification-challenge", "value-of-okta")
	answer, body := ask(h, r)
	require.Equal(t, http.StatusOK, answer.StatusCode)
	require.Equal(t, "application/json", answer.Header.Get("Content-Type"))
	require.JSONEq(t, `{"verification":"value-of-okta"}`, body)

	answer, _ = ask(h, httptest.NewRequest(http.MethodGet, "/webhooks/okta", nil))
	require.Equal(t, http.StatusBadRequest, answer.StatusCode)
}

func TestOktaEventsAreCountedAndNudgeNobody(t *testing.T) {
	t.Parallel()
	var e engine
	h := newBridge(t, &e, nil)
	const delivery = `{"eventType":"com.okta.event_hook","eventId":"e1","data":{"events":[
		{"uuid":"u1","eventType":"user.lifecycle.suspend"},{"uuid":"u2","eventType":"user.lifecycle.suspend"},{"eventType":"not one\n"}]}}`
	for _, credential := range []string{okta, "Bearer " + okta} {
		answer, body := ask(h, post("/webhooks/okta", delivery, "Authorization", credential))
		require.Equal(t, http.StatusNoContent, answer.StatusCode, body)
	}
	answer, _ := ask(h, post("/webhooks/okta", delivery, "Authorization", secret))
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
	answer, _ = ask(h, post("/webhooks/okta", `{"ticket_id":1}`, "Authorization", okta))
	require.Equal(t, http.StatusBadRequest, answer.StatusCode)
	require.Empty(t, e.nudged)

	_, page := ask(h, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	require.Contains(t, page, `latchkey_okta_events_total{type="user.lifecycle.suspend"} 4`)
	require.Contains(t, page, `latchkey_okta_events_total{type="other"} 2`)
	require.Contains(t, page, `latchkey_webhooks_total{path="okta",status="401"} 1`)
}

func TestAProfileChangeNudgesThatPersonsSync(t *testing.T) {
	t.Parallel()
	var e engine
	h := newBridge(t, &e, func(o *bridge.Options) { o.OktaActors = []string{"0oaOURSELVES", "00uTOKENOWNER"} })
	const delivery = `{"eventType":"com.okta.event_hook","data":{"events":[
		{"eventType":"user.account.update_profile","actor":{"id":"00uADMIN","type":"User"},"target":[{"id":"00uADA","type":"User"},{"id":"x","type":"AppInstance"}]},
		{"eventType":"user.account.update_profile","actor":{"id":"00uADA","type":"User"},"target":[{"id":"00uADA","type":"User"}]},
		{"eventType":"user.account.update_profile","actor":{"id":"0oaOURSELVES","type":"PublicClientApp"},"target":[{"id":"00uBEN","type":"User"}]},
		{"eventType":"user.account.update_profile","actor":{"id":"00uTOKENOWNER","type":"User"},"target":[{"id":"00uBEN","type":"User"}]},
		{"eventType":"user.lifecycle.suspend","actor":{"id":"00uADMIN","type":"User"},"target":[{"id":"00uBEN","type":"User"}]}]}}`
	answer, body := ask(h, post("/webhooks/okta", delivery, "Authorization", okta))
	require.Equal(t, http.StatusNoContent, answer.StatusCode, body)
	require.Equal(t, []string{"00uADA"}, e.people, "once, and nobody for what we did ourselves")
	require.Empty(t, e.nudged)
	e.away(errors.New("gone"))
	answer, _ = ask(h, post("/webhooks/okta", delivery, "Authorization", okta))
	require.Equal(t, http.StatusServiceUnavailable, answer.StatusCode, "Okta tries once more")
}

func TestARequesterThatChangedNudgesTheirSync(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"event":"requester_updated","requester_id":42,"delivery":"d"}`: "requester 42",
		`{"requester_id":"42"}`:               "requester 42",
		`{"requester_id":0}`:                  "",
		`{"requester_id":"{{requester.id}}"}`: "",
		`{"requester_id":42,"ticket_id":7}`:   "",
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			var e engine
			answer, text := ask(newBridge(t, &e, nil), post("/webhooks/freshservice", body, "Authorization", "Bearer "+secret))
			require.Empty(t, e.nudged)
			if want == "" {
				require.Equal(t, http.StatusBadRequest, answer.StatusCode, text)
				require.Empty(t, e.people)
				return
			}
			require.Equal(t, http.StatusAccepted, answer.StatusCode, text)
			require.JSONEq(t, `{"accepted":true,"requester":42}`, text)
			require.Equal(t, []string{want}, e.people)
		})
	}
}

func TestOktaEventsWithoutASecretSetAreRefused(t *testing.T) {
	t.Parallel()
	h := newBridge(t, &engine{}, func(o *bridge.Options) { o.OktaSecrets = nil })
	answer, _ := ask(h, post("/webhooks/okta", `{"eventType":"com.okta.event_hook"}`, "Authorization", ""))
	require.Equal(t, http.StatusUnauthorized, answer.StatusCode)
}

func TestReadyFollowsTemporal(t *testing.T) {
	t.Parallel()
	var e engine
	now := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	b, err := bridge.New(bridge.Options{Temporal: &e, WebhookSecrets: []string{secret}, Now: func() time.Time { return now }})
	require.NoError(t, err)
	ready := func() int {
		answer, _ := ask(b.Handler(), httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return answer.StatusCode
	}
	require.Equal(t, http.StatusOK, ready())
	e.away(errors.New("gone"))
	now = now.Add(time.Minute)
	require.Equal(t, http.StatusServiceUnavailable, ready())
	e.away(nil)
	now = now.Add(time.Minute)
	require.Equal(t, http.StatusOK, ready())
	b.Drain()
	require.Equal(t, http.StatusServiceUnavailable, ready())
	answer, _ := ask(b.Handler(), httptest.NewRequest(http.MethodGet, "/healthz", nil))
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

func TestOtherMethodsAndPathsAreRefused(t *testing.T) {
	t.Parallel()
	h := newBridge(t, &engine{}, nil)
	answer, _ := ask(h, httptest.NewRequest(http.MethodGet, "/webhooks/freshservice", nil))
	require.Equal(t, http.StatusMethodNotAllowed, answer.StatusCode)
	answer, _ = ask(h, post("/webhooks/elsewhere", `{}`))
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
}

func TestNoBodyAndNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	e := engine{}
	h := newBridge(t, &e, func(o *bridge.Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	for _, body := range []string{
		`{"ticket_id":12,"event":"ada@example.com said so","delivery":"one"}`,
		`{"ticket_id":"ada@example.com"}`, `{"ada@example.com":1}`, `{"ticket_id":12} ada@example.com`, `{"event":["ada@example.com"]}`,
	} {
		ask(h, post("/webhooks/freshservice", body, "X-Latchkey-Secret", secret))
		ask(h, post("/webhooks/freshservice", body, "X-Latchkey-Secret", "guessed-secret"))
	}
	require.NotContains(t, log.String(), "ada@example.com")
	require.NotContains(t, log.String(), secret)
	require.NotContains(t, log.String(), "guessed-secret")
	require.Contains(t, log.String(), "FS-12")
}

func TestOptionsThatWouldLeaveTheDoorOpenAreRefused(t *testing.T) {
	t.Parallel()
	for name, o := range map[string]bridge.Options{
		"no temporal":     {WebhookSecrets: []string{secret}},
		"no secret":       {Temporal: &engine{}},
		"an empty secret": {Temporal: &engine{}, WebhookSecrets: []string{secret, " "}},
		"an empty okta secret": {
			Temporal: &engine{}, WebhookSecrets: []string{secret}, OktaSecrets: []string{""},
		},
	} {
		_, err := bridge.New(o)
		require.Error(t, err, name)
	}
}
