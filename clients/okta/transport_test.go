package okta_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/okta"
)

const userJSON = `{"id":"00u1a2b3c4d5e6f7g8h9","status":"ACTIVE","lastLogin":null,"type":{"id":"otyfoo"},
"created":"2025-03-13T23:45:57.000Z","profile":{"login":"jane@example.com","email":"jane@example.com","floor":3},
"credentials":{"provider":{"type":"OKTA","name":"OKTA"}}}`

func TestReadsAreNeverCached(t *testing.T) {
	t.Parallel()
	var n atomic.Int64
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			answer(w, http.StatusOK, `{}`)
			return
		}
		status := "ACTIVE"
		if n.Add(1) > 1 {
			status = "SUSPENDED"
		}
		answer(w, http.StatusOK, `{"id":"x","status":"`+status+`"}`)
	})
	c := o.client(t, nil)
	before, err := c.GetUser(t.Context(), testUser)
	require.NoError(t, err)
	require.NoError(t, c.Suspend(t.Context(), testUser))
	after, err := c.GetUser(t.Context(), testUser)
	require.NoError(t, err)
	assert.Equal(t, okta.Active, before.Status)
	assert.Equal(t, okta.Suspended, after.Status)
}

// hangUp closes the connection without an answer.
func hangUp(w http.ResponseWriter, _ *http.Request) {
	h, ok := w.(http.Hijacker)
	if !ok {
		panic("no hijacker")
	}
	conn, _, err := h.Hijack()
	if err != nil {
		panic(err)
	}
	_ = conn.Close()
}

func TestALostAnswerIsNeverRetried(t *testing.T) {
	t.Parallel()
	o := newOrg(t, hangUp)
	c := o.client(t, nil)

	e := requireKind(t, okta.Ambiguous, c.Suspend(t.Context(), testUser))
	assert.Zero(t, e.Status)
	require.NotErrorIs(t, e, io.EOF, "io.EOF in the chain makes the SDK send again without end")
	assert.Len(t, o.seen(), 1)

	_, err := c.UpdateProfile(t.Context(), testUser, map[string]any{"title": "x"})
	checkKind(t, okta.Ambiguous, err)
	assert.Len(t, o.seen(), 2)

	_, err = c.SearchUsers(t.Context(), okta.UserSearch{})
	checkKind(t, okta.Unavailable, err)
}

func TestAnUnreachableOrgIsUnavailableEvenForWrites(t *testing.T) {
	t.Parallel()
	o := newOrg(t, hangUp)
	c := o.client(t, nil)
	o.Close()
	e := requireKind(t, okta.Unavailable, c.Deactivate(t.Context(), testUser, false))
	assert.Zero(t, e.Status)
}

// brokenTransport fails as a connection that is reset after the request went out, and knows nothing of httptrace.
type brokenTransport struct{}

func (brokenTransport) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, &net.OpError{Op: "read", Err: syscall.ECONNRESET}
}

func TestAnUnknownFailureOfAWriteIsAmbiguous(t *testing.T) {
	t.Parallel()
	o := newOrg(t, hangUp)
	c := o.client(t, func(cfg *okta.Config) { cfg.Transport = brokenTransport{} })
	checkKind(t, okta.Ambiguous, c.Suspend(t.Context(), testUser))
	_, err := c.GetUser(t.Context(), testUser)
	checkKind(t, okta.Unavailable, err)
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	server := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC) // years behind our clock: only the difference counts
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	tests := map[string]struct {
		headers     map[string]string
		wait        time.Duration
		concurrency bool
		known       bool
	}{
		"waits until the reset by the server's clock": {
			headers: map[string]string{
				"X-Rate-Limit-Limit": "300", "X-Rate-Limit-Remaining": "0",
				"X-Rate-Limit-Reset": strconv.FormatInt(server.Add(40*time.Second).Unix(), 10),
			}, wait: 41 * time.Second, known: true,
		},
		"does not believe the reset of a concurrency limit": {
			headers: map[string]string{
				"X-Rate-Limit-Limit": "0", "X-Rate-Limit-Remaining": "0",
				"X-Rate-Limit-Reset": strconv.FormatInt(server.Add(10*time.Minute).Unix(), 10),
			}, wait: time.Second, concurrency: true, known: true,
		},
		"does not believe a reset beyond a window": {
			headers: map[string]string{
				"X-Rate-Limit-Limit": "300", "X-Rate-Limit-Remaining": "0",
				"X-Rate-Limit-Reset": strconv.FormatInt(server.Add(time.Hour).Unix(), 10),
			}, wait: time.Minute, known: true,
		},
		"survives missing headers": {},
		"survives headers that are no numbers": {
			headers: map[string]string{"X-Rate-Limit-Limit": "many", "X-Rate-Limit-Remaining": "-1", "X-Rate-Limit-Reset": "soon"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Date", server.Format(http.TimeFormat))
				for k, v := range tt.headers {
					w.Header().Set(k, v)
				}
				refusal(w, http.StatusTooManyRequests, "E0000047", "API call exceeded rate limit due to too many requests.")
			})
			var facts []okta.RateFacts
			c := o.client(t, func(cfg *okta.Config) {
				cfg.Now = func() time.Time { return now }
				cfg.OnRate = func(f okta.RateFacts) { facts = append(facts, f) }
			})
			e := requireKind(t, okta.RateLimited, c.AddMember(t.Context(), testGroup, testUser))
			assert.Equal(t, tt.wait, e.RetryAfter)
			assert.Equal(t, tt.concurrency, e.Concurrency)
			assert.Equal(t, "E0000047", e.Code)
			assert.Len(t, o.seen(), 1, "the SDK's own retry must be off")
			if !tt.known {
				assert.Empty(t, facts)
				assert.True(t, e.ResetAt.IsZero())
				return
			}
			require.Len(t, facts, 1)
			assert.Equal(t, okta.BucketGroups, facts[0].Bucket)
			assert.Equal(t, server, facts[0].ServerNow)
			assert.Equal(t, tt.concurrency, facts[0].Concurrency)
			assert.Equal(t, now.Add(tt.wait), e.ResetAt)
		})
	}
}

func TestRateFactsComeWithEverySuccess(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Rate-Limit-Limit", "600")
		w.Header().Set("X-Rate-Limit-Remaining", "599")
		w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(time.Now().Add(time.Minute).Unix(), 10))
		w.WriteHeader(http.StatusNoContent)
	})
	var facts []okta.RateFacts
	c := o.client(t, func(cfg *okta.Config) { cfg.OnRate = func(f okta.RateFacts) { facts = append(facts, f) } })
	require.NoError(t, c.ClearSessions(t.Context(), testUser, true, false))
	require.Len(t, facts, 1)
	assert.Equal(t, okta.BucketUsers, facts[0].Bucket)
	assert.Equal(t, 600, facts[0].Limit)
	assert.Equal(t, 599, facts[0].Remaining)
	assert.Equal(t, http.StatusNoContent, facts[0].Status)
}

func TestTheGateStopsACallBeforeItIsMade(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{}`) })
	now := time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)
	var asked []okta.Bucket
	c := o.client(t, func(cfg *okta.Config) {
		cfg.Now = func() time.Time { return now }
		cfg.Admit = func(_ context.Context, b okta.Bucket) error {
			asked = append(asked, b)
			return &okta.OverBudget{Bucket: b, RetryAt: now.Add(30 * time.Second)}
		}
	})
	e := requireKind(t, okta.RateLimited, c.Suspend(t.Context(), testUser))
	assert.Equal(t, 30*time.Second, e.RetryAfter)
	assert.Equal(t, now.Add(30*time.Second), e.ResetAt)
	var over *okta.OverBudget
	require.ErrorAs(t, e, &over)
	assert.Equal(t, []okta.Bucket{okta.BucketUsers}, asked)
	assert.Empty(t, o.seen())
}

func TestAGateThatFailsWithEOFDoesNotLoop(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{}`) })
	asked := 0
	c := o.client(t, func(cfg *okta.Config) {
		cfg.Admit = func(context.Context, okta.Bucket) error { asked++; return io.EOF }
	})
	checkKind(t, okta.RateLimited, c.Suspend(t.Context(), testUser))
	assert.Equal(t, 1, asked)
}

func TestOddAnswers(t *testing.T) {
	t.Parallel()
	html := func(status int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, "<html>jane@example.com signed in</html>")
		}
	}
	tests := map[string]struct {
		handler     http.HandlerFunc
		read, write okta.Kind // of GetUser and Suspend
	}{
		"a sign-in page instead of JSON":                     {html(http.StatusOK), okta.Unavailable, okta.Ambiguous},
		"a proxy's page for a refusal":                       {html(http.StatusForbidden), okta.Denied, okta.Denied},
		"a proxy's page for a bad gateway":                   {html(http.StatusBadGateway), okta.Unavailable, okta.Ambiguous},
		"a maintenance page":                                 {html(http.StatusServiceUnavailable), okta.Unavailable, okta.Unavailable},
		"a page for an unknown path is not a missing person": {html(http.StatusNotFound), okta.Invalid, okta.Invalid},
		"JSON that is not Okta's, for an unknown path": {
			func(w http.ResponseWriter, _ *http.Request) {
				answer(w, 404, `{"status":404,"message":"Resource not found"}`)
			},
			okta.Invalid, okta.Invalid,
		},
		"an empty refusal": {
			func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, okta.Denied, okta.Denied,
		},
		"a redirect is not followed": {
			func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/elsewhere", http.StatusFound) },
			okta.Unavailable, okta.Unavailable,
		},
		"an answer that breaks off": {
			func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Length", "5000")
				answer(w, http.StatusOK, `{"id":"x"`)
			}, okta.Unavailable, okta.Ambiguous,
		},
		"JSON that breaks off": {
			func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{"id":"x"`) }, okta.Unavailable, okta.Ambiguous,
		},
		"an answer without end": {
			func(w http.ResponseWriter, _ *http.Request) {
				answer(w, http.StatusOK, `{"id":"`)
				for chunk := strings.Repeat("x", 1<<16); ; {
					if _, err := io.WriteString(w, chunk); err != nil {
						return // the client has hung up
					}
				}
			}, okta.Invalid, okta.Ambiguous,
		},
		"a success of another shape": {
			func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					answer(w, http.StatusOK, `["surprise"]`)
					return
				}
				answer(w, http.StatusInternalServerError, `["surprise"]`)
			}, okta.Invalid, okta.Unavailable,
		},
		"errors whose causes have another shape": {
			func(w http.ResponseWriter, _ *http.Request) {
				answer(w, http.StatusBadRequest, `{"errorCode":"E0000001","errorCauses":"none"}`)
			}, okta.Invalid, okta.Invalid,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, tt.handler)
			c := o.client(t, func(cfg *okta.Config) { cfg.MaxBytes = 4096 })
			_, err := c.GetUser(t.Context(), testUser)
			e := requireKind(t, tt.read, err)
			assert.NotContains(t, e.Error(), "jane@example.com")
			assert.NotEmpty(t, e.Summary, "an error says what happened")
			checkKind(t, tt.write, c.Suspend(t.Context(), testUser))
			assert.Len(t, o.seen(), 2, "one request a call")
		})
	}
}

func TestAnEmptyReadIsNotAnEmptyPerson(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	_, err := o.client(t, nil).GetUser(t.Context(), testUser)
	checkKind(t, okta.Unavailable, err)
}

func TestJSONUnderAnotherNameIsRead(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, userJSON)
	})
	user, err := o.client(t, nil).GetUser(t.Context(), testUser)
	require.NoError(t, err)
	assert.Equal(t, "jane@example.com", user.Login())
	assert.Equal(t, "3", user.Attr("floor"))
	assert.Empty(t, user.Attr("nothing"))
	assert.True(t, user.LastLogin.IsZero())
	assert.Equal(t, 2025, user.Created.Year())
	assert.Equal(t, "otyfoo", user.Type.ID)
	assert.Equal(t, "OKTA", user.Credentials.Provider.Type)
}

func TestTheContextEndsACall(t *testing.T) {
	t.Parallel()
	arrived, release := make(chan struct{}, 8), make(chan struct{})
	o := newOrg(t, func(_ http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		select {
		case <-release:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(release) })
	c := o.client(t, nil)

	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-arrived
		cancel()
	}()
	err := c.Suspend(ctx, testUser)
	checkKind(t, okta.Ambiguous, err)
	require.ErrorIs(t, err, context.Canceled)

	_, err = c.GetUser(ctx, testUser) // cancelled before it began
	checkKind(t, okta.Unavailable, err)
	require.ErrorIs(t, err, context.Canceled)
	assert.Len(t, o.seen(), 1)

	short := o.client(t, func(cfg *okta.Config) { cfg.Timeout = 20 * time.Millisecond })
	err = short.Suspend(t.Context(), testUser)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

func TestRequestsCarryWhatOktaWants(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{}`) })
	require.NoError(t, o.client(t, nil).Suspend(t.Context(), testUser))
	call := o.seen()[0]
	assert.Equal(t, http.MethodPost, call.method)
	assert.Equal(t, "/api/v1/users/"+testUser+"/lifecycle/suspend", call.path)
	assert.Equal(t, "SSWS "+testToken, call.header.Get("Authorization"))
	assert.Equal(t, "0", call.header.Get("Content-Length"), "Okta answers 411 without")
	assert.Contains(t, call.header.Get("User-Agent"), "latchkey")
}

// Not parallel: it changes the environment, which the SDK reads.
func TestNeitherFilesNorVariablesReachTheSDK(t *testing.T) {
	home := t.TempDir()
	require.NoError(t, os.Mkdir(filepath.Join(home, ".okta"), 0o700))
	yaml := "okta:\n  client:\n    orgUrl: http://127.0.0.1:1\n    token: from-file\n    authorizationMode: PrivateKey\n" +
		"    connectionTimeout: 1\n    cache:\n      enabled: true\n    rateLimit:\n      maxRetries: 5\nuseragentextra: from-file\n"
	require.NoError(t, os.WriteFile(filepath.Join(home, ".okta", "okta.yaml"), []byte(yaml), 0o600))
	t.Setenv("HOME", home)
	t.Setenv("OKTA_CLIENT_TOKEN", "from-env")
	t.Setenv("OKTA_CLIENT_ORGURL", "http://127.0.0.1:1")
	t.Setenv("OKTA_CLIENT_CACHE_ENABLED", "true")
	t.Setenv("OKTA_CLIENT_RATE_LIMIT_MAX_RETRIES", "5")
	t.Setenv("OKTA_CLIENT_SCOPES", "okta.users.manage")
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/groups/"+testGroup) {
			refusal(w, http.StatusTooManyRequests, "E0000047", "too many")
			return
		}
		answer(w, http.StatusOK, userJSON)
	})
	c := o.client(t, nil)
	for range 2 {
		_, err := c.GetUser(t.Context(), testUser)
		require.NoError(t, err)
	}
	_, err := c.GetGroup(t.Context(), testGroup)
	checkKind(t, okta.RateLimited, err)
	calls := o.seen()
	require.Len(t, calls, 3, "no cache, no retry")
	for _, call := range calls {
		assert.Equal(t, "SSWS "+testToken, call.header.Get("Authorization"))
		assert.NotContains(t, call.header.Get("User-Agent"), "from-file")
	}
}

func TestALinkNeverLeadsToAnotherHost(t *testing.T) {
	t.Parallel()
	seen := 0
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen++ }))
	t.Cleanup(elsewhere.Close)
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Add("Link", "<"+elsewhere.URL+"/api/v1/groups/rules?after=2>; rel=\"next\"")
		answer(w, http.StatusOK, `[]`)
	})
	_, err := o.client(t, nil).ListRules(t.Context())
	checkKind(t, okta.Unavailable, err) // the second page names itself, but asked of our own org
	assert.Zero(t, seen, "a link must not carry the credential to another host")
	assert.Len(t, o.seen(), 2)
}
