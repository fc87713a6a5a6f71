package activities_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/examples/acme"
	"latchkey/policy"
	"latchkey/simulators/freshservice/freshsim"
)

const deskKey = "desk-key"

// deskWorld is a desk with the Acme company in it, the activities that talk to it, and a cluster that remembers.
type deskWorld struct {
	sim     *freshsim.Server
	url     string
	client  *freshservice.Client // for arranging and looking; not the one under test
	desk    *activities.Desk
	cluster *deskCluster
	records *evidence.Store
	blobs   *blob.Bucket
}

// fixedPolicy is a policy that does not change.
type fixedPolicy struct{ current *policy.Policy }

func (f fixedPolicy) Current() *policy.Policy { return f.current }

func newDeskWorld(t *testing.T, adjust ...func(*freshsim.Options)) *deskWorld {
	t.Helper()
	company, err := acme.Load()
	require.NoError(t, err)
	// Acme has two people with one address, for Okta's sake; a desk keeps one account an address.
	addresses := map[string]bool{}
	company.People = slices.DeleteFunc(company.People, func(p acme.Person) bool {
		twice := addresses[p.Email]
		addresses[p.Email] = true
		return twice
	})
	options := freshsim.Options{APIKey: deskKey, Seed: &company}
	for _, a := range adjust {
		a(&options)
	}
	sim, err := freshsim.New(options)
	require.NoError(t, err)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(func() {
		server.Close()
		sim.Close()
	})
	p, err := policy.Load("testdata/desk")
	require.NoError(t, err)
	w := &deskWorld{sim: sim, url: server.URL, cluster: &deskCluster{}, blobs: memblob.OpenBucket(nil)}
	t.Cleanup(func() { require.NoError(t, w.blobs.Close()) })
	w.client = w.newClient(t, deskKey)
	w.records = evidence.NewStore(w.blobs)
	w.desk = &activities.Desk{
		Client: w.newClient(t, deskKey), Policy: fixedPolicy{p}, Cluster: w.cluster, Records: w.records, Blobs: w.blobs, Now: sim.Now,
	}
	return w
}

func (w *deskWorld) newClient(t *testing.T, key string) *freshservice.Client {
	t.Helper()
	c, err := freshservice.New(freshservice.Config{
		BaseURL: w.url, APIKey: key, AllowPlainHTTP: true, Now: w.sim.Now, HTTPTransport: &http.Transport{DisableKeepAlives: true},
	})
	require.NoError(t, err)
	return c
}

// once runs one attempt of an activity and gives the details of its last heartbeat.
func once[T any](t *testing.T, function, in any, details json.RawMessage) (T, json.RawMessage, error) {
	t.Helper()
	var out T
	suite := testsuite.WorkflowTestSuite{}
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: "step"})
	if details != nil {
		env.SetHeartbeatDetails(details)
	}
	var mu sync.Mutex
	beat := details
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, values converter.EncodedValues) {
		mu.Lock()
		defer mu.Unlock()
		var raw json.RawMessage
		if values.Get(&raw) == nil {
			beat = raw
		}
	})
	value, err := env.ExecuteActivity("step", in)
	if err == nil && value.HasValue() {
		require.NoError(t, value.Get(&out))
	}
	mu.Lock()
	defer mu.Unlock()
	return out, beat, err
}

// do runs an activity as Temporal does: attempt after attempt while the kind of the error is one that is retried, with
// growing pauses of the desk's time and the heartbeat details of the attempt before. It gives up after twelve attempts.
func do[T any](t *testing.T, w *deskWorld, function, in any) (T, int, error) {
	t.Helper()
	var details json.RawMessage
	pause := time.Second
	for attempt := 1; ; attempt++ {
		out, beat, err := once[T](t, function, in, details)
		if err == nil || attempt == 12 {
			return out, attempt, err
		}
		var failed *temporal.ApplicationError
		require.ErrorAs(t, err, &failed)
		if failed.NonRetryable() {
			return out, attempt, err
		}
		details = beat
		w.sim.Advance(max(pause, failed.NextRetryDelay()))
		pause = min(2*pause, time.Minute)
	}
}

// kindOf is the type of the Temporal failure.
func failureKind(t *testing.T, err error) casework.ErrKind {
	t.Helper()
	var failed *temporal.ApplicationError
	require.ErrorAs(t, err, &failed)
	return casework.ErrKind(failed.Type())
}

// admin posts to the simulator's own surface.
func (w *deskWorld) admin(t *testing.T, path string, body any) {
	t.Helper()
	raw, err := json.Marshal(body)
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.url+"/admin"+path, bytes.NewReader(raw))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { require.NoError(t, resp.Body.Close()) }()
	var answer bytes.Buffer
	_, err = answer.ReadFrom(resp.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, resp.StatusCode, "%s: %s", path, answer.String())
}

// request places a service request for an item, by name.
func (w *deskWorld) request(t *testing.T, item, email string, answers freshservice.Fields) freshservice.Ticket {
	t.Helper()
	ticket, err := w.client.PlaceRequest(t.Context(), w.itemID(t, item), freshservice.PlaceRequest{Email: email, CustomFields: answers})
	require.NoError(t, err)
	return ticket
}

func (w *deskWorld) itemID(t *testing.T, name string) int64 {
	t.Helper()
	items, err := w.client.ListItems(t.Context(), 0)
	require.NoError(t, err)
	i := slices.IndexFunc(items, func(i freshservice.ServiceItem) bool { return i.Name == name })
	require.GreaterOrEqual(t, i, 0, "the catalogue has no %q", name)
	return items[i].DisplayID
}

// salesforce is Ben asking for Salesforce.
func (w *deskWorld) salesforce(t *testing.T) freshservice.Ticket {
	t.Helper()
	return w.request(t, "Salesforce access", acme.Ben, freshservice.Fields{
		"business_justification": "To see my accounts", "access_level": "Standard user",
	})
}

func (w *deskWorld) person(t *testing.T, email string) freshservice.Person {
	t.Helper()
	p, err := w.client.FindPersonByEmail(t.Context(), email)
	require.NoError(t, err)
	return p
}

func (w *deskWorld) conversations(t *testing.T, ticket int64) []freshservice.Conversation {
	t.Helper()
	all, err := w.client.ListConversations(t.Context(), ticket)
	require.NoError(t, err)
	return all
}

func (w *deskWorld) groups(t *testing.T, ticket int64) []freshservice.ApprovalGroup {
	t.Helper()
	all, err := w.client.ListApprovalGroups(t.Context(), ticket)
	require.NoError(t, err)
	return all
}

func (w *deskWorld) approvals(t *testing.T, ticket int64) []freshservice.Approval {
	t.Helper()
	all, err := w.client.ListApprovals(t.Context(), ticket)
	require.NoError(t, err)
	return all
}

// decide answers the newest open request of one approver, by e-mail address.
func (w *deskWorld) decide(t *testing.T, ticket int64, email string, decision freshsim.Decision) {
	t.Helper()
	person := w.person(t, email)
	for _, a := range slices.Backward(w.approvals(t, ticket)) {
		if a.ApproverID == person.ID && a.Status == freshservice.ApprovalRequested {
			require.NoError(t, w.sim.Decide(a.ID, decision))
			return
		}
	}
	t.Fatalf("%s has no open request on ticket %d", email, ticket)
}

func approve() freshsim.Decision { return freshsim.Decision{Decision: "approved"} }

func reject(remark string) freshsim.Decision {
	return freshsim.Decision{Decision: "rejected", Remark: remark}
}

func (w *deskWorld) fault(t *testing.T, f freshsim.Fault) {
	t.Helper()
	_, err := w.sim.AddFault(f)
	require.NoError(t, err)
}

// calls counts what was asked of the vendor while f ran.
func (w *deskWorld) calls(t *testing.T, f func()) map[string]int {
	t.Helper()
	before := map[string]int{}
	for _, r := range w.sim.Requests() {
		before[r.Route] = r.Count
	}
	f()
	made := map[string]int{}
	for _, r := range w.sim.Requests() {
		if n := r.Count - before[r.Route]; n > 0 {
			made[r.Route] = n
		}
	}
	return made
}

// read is ReadRequest on a ticket.
func (w *deskWorld) read(t *testing.T, ticket int64) contract.ReadRequestResult {
	t.Helper()
	out, _, err := do[contract.ReadRequestResult](t, w, w.desk.ReadRequest, contract.ReadRequestInput{Ticket: ticket})
	require.NoError(t, err)
	return out
}

// deskCluster is a Temporal namespace as the desk's activities see it.
type deskCluster struct {
	grants []activities.OpenGrant
	activities.Cluster

	mu        sync.Mutex
	controls  contract.Controls
	since     time.Time // what ReportModes answers
	reports   []contract.ModesReport
	alarms    []contract.AlarmSignal
	open      map[int64]activities.OpenCase
	nudged    []int64
	started   []int64
	incidents []string // workflows of incidents that were told to look
	down      error
}

var errTemporalDown = errors.New("temporal is down")

func (c *deskCluster) Controls(context.Context) (contract.Controls, error) { return c.controls, c.down }

func (c *deskCluster) ReportModes(_ context.Context, report contract.ModesReport) (contract.ModesSince, error) {
	c.reports = append(c.reports, report)
	out := contract.ModesSince{Since: map[casework.UseCase]time.Time{}}
	for useCase, mode := range report.Modes {
		if mode == casework.ModeAct {
			out.Since[useCase] = c.since
		}
	}
	return out, c.down
}

func (c *deskCluster) Alarm(_ context.Context, alarm contract.AlarmSignal) error {
	c.alarms = append(c.alarms, alarm)
	return nil
}

func (c *deskCluster) Nudge(_ context.Context, ticket int64, start bool) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down != nil {
		return false, c.down
	}
	_, was := c.open[ticket]
	if was {
		c.nudged = append(c.nudged, ticket)
		return true, nil
	}
	if start {
		c.started = append(c.started, ticket)
		c.runs(activities.OpenCase{Ticket: ticket, State: casework.StateIntake})
	}
	return false, nil
}

func (c *deskCluster) OpenGrants(context.Context) ([]activities.OpenGrant, error) {
	return c.grants, c.down
}

func (c *deskCluster) NudgeIncident(_ context.Context, workflow string) (bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.incidents = append(c.incidents, workflow)
	return true, nil
}

func (c *deskCluster) OpenCases(context.Context) ([]activities.OpenCase, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []activities.OpenCase
	for _, one := range c.open {
		all = append(all, one)
	}
	return all, c.down
}

// runs makes a case run.
func (c *deskCluster) runs(open activities.OpenCase) {
	if c.open == nil {
		c.open = map[int64]activities.OpenCase{}
	}
	c.open[open.Ticket] = open
}

// forget clears what was nudged and started so far.
func (c *deskCluster) forget() { c.nudged, c.started = nil, nil }

// withMarker are the conversations of a ticket that carry a marker.
func withMarker(all []freshservice.Conversation, marker string) []freshservice.Conversation {
	var found []freshservice.Conversation
	for _, c := range all {
		if strings.HasSuffix(strings.TrimSpace(c.BodyText), marker) {
			found = append(found, c)
		}
	}
	return found
}

// writeFaults are the troubles that a write can meet, by name.
func writeFaults() map[string]freshsim.Fault {
	return map[string]freshsim.Fault{
		"rate limited":              {Kind: freshsim.FaultRateLimited, Method: "write", Times: 2},
		"rate limited on reads too": {Kind: freshsim.FaultRateLimited, Times: 3, RetryAfterSeconds: 7},
		"server error":              {Kind: freshsim.FaultServerError, Method: "write", Times: 1},
		"edge page":                 {Kind: freshsim.FaultServerError, Method: "write", Times: 2, Status: 502, HTML: true},
		"reads fail":                {Kind: freshsim.FaultServerError, Method: "GET", Times: 2, Status: 503},
		"slow":                      {Kind: freshsim.FaultSlow, DelayMillis: 15},
		"answer lost":               {Kind: freshsim.FaultAnswerLost, Method: "write", Once: true},
		"every answer lost twice":   {Kind: freshsim.FaultAnswerLost, Method: "write", Times: 2},
	}
}

// staleFault serves old lists for a while after they were first read.
func staleFault(path string) freshsim.Fault {
	return freshsim.Fault{Kind: freshsim.FaultStaleRead, Path: path, DelayMillis: 20_000}
}

func label(ticket int64) string { return fmt.Sprintf("FS-%d", ticket) }

// editPolicy replaces a text in a file of the policy in force.
func (w *deskWorld) editPolicy(t *testing.T, file, before, after string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/desk")))
	raw, err := os.ReadFile(filepath.Join(dir, file))
	require.NoError(t, err)
	require.Contains(t, string(raw), before)
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(strings.Replace(string(raw), before, after, 1)), 0o600))
	p, err := policy.Load(dir)
	require.NoError(t, err)
	w.desk.Policy = fixedPolicy{p}
}
