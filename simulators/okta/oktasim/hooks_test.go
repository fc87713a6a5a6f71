package oktasim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

// receiver is an event hook endpoint that can misbehave.
type receiver struct {
	*httptest.Server

	mu       sync.Mutex
	statuses []int // answers to give first; then 204
	bodies   []object
	headers  []http.Header
	mute     bool // does not echo the challenge
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.Server = httptest.NewServer(http.HandlerFunc(r.serve))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) serve(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if req.Method == http.MethodGet {
		if !r.mute {
			_ = json.NewEncoder(w).Encode(map[string]string{"verification": req.Header.Get("x-okta-verification-challenge")})
		}
		return
	}
	raw, _ := io.ReadAll(req.Body)
	var body object
	_ = json.Unmarshal(raw, &body)
	r.bodies, r.headers = append(r.bodies, body), append(r.headers, req.Header)
	status := http.StatusNoContent
	if len(r.statuses) > 0 {
		status, r.statuses = r.statuses[0], r.statuses[1:]
	}
	w.WriteHeader(status)
}

func hookBody(uri string, items ...string) object {
	return object{
		"name": "Latchkey", "events": object{"type": "EVENT_TYPE", "items": items},
		"channel": object{"type": "HTTP", "version": "1.0.0", "config": object{
			"uri": uri, "headers": []object{{"key": "X-Env", "value": "test"}},
			"authScheme": object{"type": "HEADER", "key": "Authorization", "value": "shared-secret"},
		}},
	}
}

// hooked makes a verified hook for these event types.
func hooked(o *org, r *receiver, items ...string) string {
	id := o.id(o.ok("POST", "/eventHooks", hookBody(r.URL+"/hook", items...)))
	o.ok("POST", "/eventHooks/"+id+"/lifecycle/verify", nil)
	return id
}

// delivered waits until so many attempts were made.
func delivered(t *testing.T, o *org, n int) []oktasim.Delivery {
	t.Helper()
	require.Eventually(t, func() bool { return len(o.sim.Deliveries()) >= n }, 10*time.Second, 5*time.Millisecond)
	return o.sim.Deliveries()
}

func TestHookLifecycle(t *testing.T) {
	t.Parallel()
	o, r := newOrg(t), newReceiver(t)
	hook := o.ok("POST", "/eventHooks", hookBody(r.URL, "user.lifecycle.suspend")).object(t)
	id, isText := hook["id"].(string)
	require.True(t, isText)
	assert.Regexp(t, `^who.{17}$`, id)
	assert.Equal(t, []any{"ACTIVE", "UNVERIFIED"}, []any{hook["status"], hook["verificationStatus"]})
	assert.NotContains(t, o.ok("GET", "/eventHooks/"+id, nil).raw, "shared-secret", "the value is write-only")

	r.mute = true
	o.want(400, "E0000001", "POST", "/eventHooks/"+id+"/lifecycle/verify", nil)
	r.mute = false
	assert.Equal(t, "VERIFIED", o.ok("POST", "/eventHooks/"+id+"/lifecycle/verify", nil).object(t)["verificationStatus"])

	same := hookBody(r.URL, "user.lifecycle.suspend", "user.lifecycle.create")
	assert.Equal(t, "VERIFIED", o.ok("PUT", "/eventHooks/"+id, same).object(t)["verificationStatus"])
	moved := hookBody(r.URL+"/new", "user.lifecycle.suspend")
	assert.Equal(t, "UNVERIFIED", o.ok("PUT", "/eventHooks/"+id, moved).object(t)["verificationStatus"], "a new channel must be verified again")

	o.want(400, "E0000001", "DELETE", "/eventHooks/"+id, nil)
	assert.Equal(t, "INACTIVE", o.ok("POST", "/eventHooks/"+id+"/lifecycle/deactivate", nil).object(t)["status"], "answers with the hook")
	assert.Equal(t, "ACTIVE", o.ok("POST", "/eventHooks/"+id+"/lifecycle/activate", nil).object(t)["status"])
	o.ok("POST", "/eventHooks/"+id+"/lifecycle/deactivate", nil)
	o.want(204, "", "DELETE", "/eventHooks/"+id, nil)
	assert.Contains(t, o.want(404, "E0000007", "GET", "/eventHooks/"+id, nil).raw, "(Webhook)")
	assert.Empty(t, o.ok("GET", "/eventHooks", nil).list(t))
}

func TestVerifiedEndpointMayCallBack(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	back := make(chan int, 1)
	endpoint := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		g, err := o.try("SSWS "+token, "GET", "/users/me", nil) //nolint:contextcheck // the call belongs to the test
		if err == nil {
			back <- g.status
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"verification": req.Header.Get("x-okta-verification-challenge")})
	}))
	t.Cleanup(endpoint.Close)
	id := o.id(o.ok("POST", "/eventHooks", hookBody(endpoint.URL, "user.lifecycle.create")))
	o.ok("POST", "/eventHooks/"+id+"/lifecycle/verify", nil)
	assert.Equal(t, 200, <-back)
}

func TestHookBodiesAreChecked(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.want(400, "E0000001", "POST", "/eventHooks", hookBody("https://example.com", "security.threat.detected"))
	o.want(400, "E0000001", "POST", "/eventHooks", hookBody("https://example.com", "user.made.up"))
	o.want(400, "E0000001", "POST", "/eventHooks", hookBody("http://example.com", "user.lifecycle.create"))
	o.want(400, "E0000001", "POST", "/eventHooks", hookBody("https://example.com"))
	for range 25 {
		o.ok("POST", "/eventHooks", hookBody("https://example.com", "user.lifecycle.create"))
	}
	o.want(400, "E0000001", "POST", "/eventHooks", hookBody("https://example.com", "user.lifecycle.create"))
}

func TestDeliveryLooksLikeTheVendors(t *testing.T) {
	t.Parallel()
	o, r := newOrg(t), newReceiver(t)
	id := hooked(o, r, "user.lifecycle.suspend")
	uid := o.user("ada@example.com")
	o.ok("POST", "/users/"+uid+"/lifecycle/suspend", nil)
	d := delivered(t, o, 1)
	require.Len(t, d, 1)
	assert.Equal(t, 204, d[0].Status)

	r.mu.Lock()
	defer r.mu.Unlock()
	require.Len(t, r.bodies, 1, "only the subscribed type")
	assert.Equal(t, "shared-secret", r.headers[0].Get("Authorization"))
	assert.Equal(t, "test", r.headers[0].Get("X-Env"))
	body := r.bodies[0]
	assert.Equal(t, "com.okta.event_hook", body["eventType"])
	assert.Equal(t, o.url+"/api/v1/eventHooks/"+id, body["source"])
	events, isList := dig(t, body, "data", "events").([]any)
	require.True(t, isList)
	require.Len(t, events, 1)
	assert.Equal(t, "user.lifecycle.suspend", dig(t, events[0], "eventType"))
	assert.Contains(t, dig(t, events[0], "client"), "ipChain")
	assert.NotEmpty(t, dig(t, events[0], "insertionTimestamp"))
	assert.Equal(t, d[0].UUIDs[0], dig(t, events[0], "uuid"))
}

func TestDeliveryIsRetriedOnceAndOnlyAfterServerErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		answers []int
		want    []int
		failed  bool
	}{
		"good":          {nil, []int{204}, false},
		"5xx then good": {[]int{503}, []int{503, 204}, false},
		"5xx twice":     {[]int{500, 502}, []int{500, 502}, true},
		"4xx":           {[]int{401}, []int{401}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o, r := newOrg(t), newReceiver(t)
			hooked(o, r, "group.lifecycle.create", "group.lifecycle.delete")
			r.mu.Lock()
			r.statuses = tt.answers
			r.mu.Unlock()
			gid := o.group("Team")
			delivered(t, o, len(tt.want))
			o.ok("DELETE", "/groups/"+gid, nil) // the queue is in order: what came before is over once this arrives
			all := delivered(t, o, len(tt.want)+1)
			have := []int{}
			for _, d := range all[:len(all)-1] {
				have = append(have, d.Status)
			}
			assert.Equal(t, tt.want, have)
			if tt.failed {
				assert.Contains(t, o.events(), "event_hook.delivery")
			} else {
				assert.NotContains(t, o.events(), "event_hook.delivery")
			}
		})
	}
}

func TestUnverifiedAndInactiveHooksStaySilent(t *testing.T) {
	t.Parallel()
	o, r := newOrg(t), newReceiver(t)
	o.ok("POST", "/eventHooks", hookBody(r.URL+"/unverified", "group.lifecycle.create"))
	off := hooked(o, r, "group.lifecycle.create")
	o.ok("POST", "/eventHooks/"+off+"/lifecycle/deactivate", nil)
	on := hooked(o, r, "group.lifecycle.create")
	o.group("Team")
	for _, d := range delivered(t, o, 1) {
		assert.Equal(t, on, d.HookID)
	}
}

func TestHookFaults(t *testing.T) {
	t.Parallel()
	o, r := newOrg(t), newReceiver(t)
	hooked(o, r, "group.lifecycle.create")
	arrived := func() []any {
		r.mu.Lock()
		defer r.mu.Unlock()
		names := []any{}
		for _, b := range r.bodies {
			events, isList := dig(t, b, "data", "events").([]any)
			require.True(t, isList)
			targets, isList := dig(t, events[0], "target").([]any)
			require.True(t, isList)
			names = append(names, dig(t, targets[0], "displayName"))
		}
		return names
	}
	wait := func(want ...any) {
		t.Helper()
		require.Eventually(t, func() bool { return assert.ObjectsAreEqual(want, arrived()) }, 10*time.Second, 5*time.Millisecond, "have %v", arrived())
	}
	fault := func(f oktasim.Fault) {
		t.Helper()
		o.sim.ClearFaults()
		_, err := o.sim.SetFault(f)
		require.NoError(t, err)
	}
	fault(oktasim.Fault{Kind: oktasim.FaultHookLost, First: 1})
	o.group("lost")
	o.group("A")
	wait("A")
	fault(oktasim.Fault{Kind: oktasim.FaultHookDuplicate, First: 1})
	o.group("B")
	wait("A", "B", "B")
	fault(oktasim.Fault{Kind: oktasim.FaultHookReorder, First: 1})
	o.group("C")
	o.group("D")
	wait("A", "B", "B", "D", "C")
	fault(oktasim.Fault{Kind: oktasim.FaultHookLate, Delay: oktasim.Duration(time.Minute), First: 1})
	o.group("E")
	o.group("F")
	wait("A", "B", "B", "D", "C", "F")
	o.sim.Advance(time.Minute)
	wait("A", "B", "B", "D", "C", "F", "E")
}
