package activities_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/detection"
	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

const bruteForce = `thresholds: {tries: 5}
rules:
  brute_force:
    name: Brute force
    severity: S3
    on: [user.session.start]
    when: event.outcome == "FAILURE"
    count: {at_least: tries, within: 10m}
    key: [subject]
  suspended:
    name: Somebody was suspended
    severity: S2
    on: [user.lifecycle.suspend]
    key: [subject]
`

// logWorld is a world whose policy has alert rules.
func logWorld(t *testing.T, over ...string) *world {
	t.Helper()
	files := map[string]string{"alerts.yaml": "mode: act\n", "alerts/rules.yaml": bruteForce}
	for i := 0; i+1 < len(over); i += 2 {
		files[over[i]] = over[i+1]
	}
	return newWorld(t, files)
}

// wrong has somebody type a wrong password so many times.
func (w *world) wrong(who string, times int) {
	w.t.Helper()
	for range times {
		_, err := w.sim.Inject([]byte(fmt.Sprintf(`{"eventType":"user.session.start","outcome":{"result":"FAILURE","reason":"INVALID_CREDENTIALS"},"actor":{"id":%q,"type":"User","alternateId":"x@acme.example"}}`, who)))
		require.NoError(w.t, err)
	}
}

func (w *world) poll(in contract.PollLogInput) contract.PollLogResult {
	w.t.Helper()
	result, err := run[contract.PollLogResult](w, contract.ActPollLog, in)
	require.NoError(w.t, err)
	return result
}

// deliver sends what a checkpoint holds and returns all that incidents were told so far.
func (w *world) deliver(ref *contract.CheckpointRef) []contract.AlertSignal {
	w.t.Helper()
	e := &activities.Engine{Cluster: w.cluster, Blobs: w.blobs}
	require.NoError(w.t, e.DeliverAlerts(w.t.Context(), contract.DeliverAlertsInput{Checkpoint: *ref}))
	return w.cluster.alerts
}

func TestALogBeginsNowAndEachPageEndsInACheckpoint(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	w.wrong("00u0", 5) // before anybody read
	first := w.poll(contract.PollLogInput{})
	require.NotNil(t, first.Checkpoint)
	assert.Equal(t, uint64(1), first.Checkpoint.Number)
	assert.Zero(t, first.Signals)

	w.wrong("00u1", 7)
	second := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	assert.Equal(t, 7, second.Events)
	assert.Equal(t, 1, second.Signals)
	assert.Equal(t, uint64(2), second.Checkpoint.Number)
	require.NotNil(t, second.View)
	assert.Equal(t, 1, second.View.Open)

	told := w.deliver(second.Checkpoint)
	require.Len(t, told, 1)
	assert.True(t, told[0].Opened)
	assert.Equal(t, uint64(2), told[0].Checkpoint)
	assert.Equal(t, "brute_force", told[0].Key.Rule)
	assert.Equal(t, detection.S3, told[0].Severity)
	assert.Equal(t, 7, told[0].Events)
	assert.Len(t, told[0].Evidence, 7)
	assert.False(t, told[0].Observe)

	w.wrong("00u1", 2)
	third := w.poll(contract.PollLogInput{Checkpoint: second.Checkpoint})
	assert.Equal(t, 1, third.Signals)
	told = w.deliver(third.Checkpoint)
	require.Len(t, told, 2)
	assert.False(t, told[1].Opened)
	assert.Equal(t, 2, told[1].Events)
}

func TestAnAttemptThatComesLateChangesNothing(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	first := w.poll(contract.PollLogInput{})
	w.wrong("00u1", 4)
	second := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	w.wrong("00u1", 1)
	zombie := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint}) // the same number, another page
	assert.Equal(t, second.Checkpoint.Number, zombie.Checkpoint.Number)
	assert.NotEqual(t, second.Checkpoint.Key(), zombie.Checkpoint.Key())
	third := w.poll(contract.PollLogInput{Checkpoint: second.Checkpoint})
	assert.Equal(t, 1, third.Events)
	assert.Equal(t, 1, third.Signals)
	require.Len(t, w.deliver(third.Checkpoint), 1)
	assert.Equal(t, 5, w.cluster.alerts[0].Events)
}

func TestAPageWithoutNewsKeepsItsCheckpoint(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	first := w.poll(contract.PollLogInput{})
	again := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	assert.Equal(t, first.Checkpoint, again.Checkpoint)
	assert.Nil(t, again.View)
	assert.True(t, again.ReadAt.After(first.ReadAt))
}

func TestCatchingUpTellsEachIncidentOncePerPage(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	first := w.poll(contract.PollLogInput{})
	for i := range 25 {
		w.wrong(fmt.Sprintf("00u%d", i), 100)
	}
	page := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	assert.True(t, page.More)
	assert.Zero(t, page.Wait)
	rest, err := run[contract.PollLogResult](w, contract.ActCatchUpLog, contract.PollLogInput{Checkpoint: page.Checkpoint})
	require.NoError(t, err)
	assert.False(t, rest.More)
	assert.Equal(t, 1500, rest.Events)
	assert.Equal(t, 2, rest.Pages)
	assert.Equal(t, uint64(4), rest.Checkpoint.Number)
	w.deliver(page.Checkpoint)
	seen := map[string]bool{}
	opened := 0
	for _, s := range w.deliver(rest.Checkpoint) {
		key := fmt.Sprint(s.Key.String(), s.Checkpoint)
		assert.False(t, seen[key], "one signal a page and incident")
		seen[key] = true
		if s.Opened {
			opened++
		}
	}
	assert.Equal(t, 21, opened, "twenty in an hour, and the storm that lists the rest")
}

func TestObserveIsSaidToIncidentsAndOffReadsNothing(t *testing.T) {
	t.Parallel()
	w := logWorld(t, "alerts.yaml", "mode: observe\n")
	first := w.poll(contract.PollLogInput{})
	w.wrong("00u1", 5)
	second := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	require.Len(t, w.deliver(second.Checkpoint), 1)
	assert.True(t, w.cluster.alerts[0].Observe)

	w.rules(map[string]string{"alerts.yaml": "mode: 'off'\n", "alerts/rules.yaml": bruteForce})
	w.wrong("00u2", 5)
	off := w.poll(contract.PollLogInput{Checkpoint: second.Checkpoint})
	assert.Contains(t, off.Idle, "off")
	assert.Equal(t, casework.ModeOff, off.Mode)

	w.rules(map[string]string{"alerts.yaml": "mode: act\n"})
	assert.Contains(t, w.poll(contract.PollLogInput{Checkpoint: second.Checkpoint}).Idle, "no alert rules")

	w.rules(map[string]string{"alerts.yaml": "mode: act\n", "alerts/rules.yaml": bruteForce})
	on := w.poll(contract.PollLogInput{Checkpoint: second.Checkpoint, AtNow: true})
	require.Len(t, on.Gaps, 1)
	assert.Contains(t, on.Gaps[0].Why, "switched off")
	assert.Zero(t, on.Signals)
}

func TestOrdersCountFromTheNextPageOn(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	first := w.poll(contract.PollLogInput{})
	now := time.Now()
	silence := detection.Silence{
		ID: "s1", Matchers: []detection.Matcher{{Field: "rule", Op: detection.OpEqual, Value: "brute_force"}}, Author: "ada", Reason: "a test",
		From: now.Add(-time.Minute), Until: now.Add(time.Hour),
	}
	w.wrong("00u1", 6)
	second := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint, Orders: []contract.LogOrder{{ID: 1, Silence: &silence}}})
	assert.Zero(t, second.Signals)
	require.Len(t, second.View.Silences, 1)
	third := w.poll(contract.PollLogInput{Checkpoint: second.Checkpoint, Orders: []contract.LogOrder{{ID: 2, Expire: "s1"}}})
	assert.Equal(t, 1, third.Signals, "it is judged again")
	require.Len(t, w.deliver(third.Checkpoint), 1)
	assert.Equal(t, detection.Silenced, w.cluster.alerts[0].After)

	key := w.cluster.alerts[0].Key
	closed := w.poll(contract.PollLogInput{Checkpoint: third.Checkpoint, Orders: []contract.LogOrder{{ID: 3, Close: &key}}})
	assert.Zero(t, closed.View.Open)
	w.wrong("00u1", 5)
	assert.Equal(t, 1, w.poll(contract.PollLogInput{Checkpoint: closed.Checkpoint}).Signals, "afresh")
}

func TestALostPlaceIsAGapAndReadingGoesOn(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	first := w.poll(contract.PollLogInput{})
	w.wrong("00u1", 5)
	second := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	lost := *second.Checkpoint
	require.NoError(t, w.blobs.Delete(t.Context(), lost.Key()))

	_, err := run[contract.PollLogResult](w, contract.ActPollLog, contract.PollLogInput{Checkpoint: &lost, LastEvent: second.LastEvent})
	assert.Equal(t, casework.Unavailable, kind(err), "a shared folder may lag")
	again, err := retried[contract.PollLogResult](w, contract.ActPollLog, contract.PollLogInput{Checkpoint: &lost, LastEvent: second.LastEvent})
	require.NoError(t, err)
	require.Len(t, again.Gaps, 1)
	assert.Contains(t, again.Gaps[0].Why, "lost")
	assert.Greater(t, again.Checkpoint.Number, lost.Number)

	w.poll(contract.PollLogInput{Checkpoint: again.Checkpoint}) // the workflow refers to it
	w.wrong("00u2", 5)
	anew := w.poll(contract.PollLogInput{}) // somebody ended the workflow
	assert.Greater(t, anew.Checkpoint.Number, uint64(1_000_000))
	assert.Equal(t, 10, anew.Events, "from the newest checkpoint that the workflow had referred to")
}

func TestAPlaceThatOktaRefusesIsAGapAndNothingIsReadTwice(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	first := w.poll(contract.PollLogInput{})
	w.wrong("00u1", 5)
	second := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	require.Equal(t, 5, second.Events)
	w.wrong("00u2", 3)
	w.fault(oktasim.Fault{Kind: oktasim.FaultStatus, Method: http.MethodGet, Path: "/logs", First: 1, Status: http.StatusBadRequest})
	third := w.poll(contract.PollLogInput{Checkpoint: second.Checkpoint})
	require.Len(t, third.Gaps, 1)
	assert.Contains(t, third.Gaps[0].Why, "refused the place")
	assert.Equal(t, third.Events-3, third.Repeated, "what was read before is dropped by its uuid")
	assert.Positive(t, third.Repeated)
}

func TestAReadingThatStoodStillForLongerThanOktaKeepsItsLogIsAGap(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	first := w.poll(contract.PollLogInput{})
	then := w.okta.Now
	w.okta.Now = func() time.Time {
		now := time.Now()
		if then != nil {
			now = then()
		}
		return now.AddDate(0, 0, 100)
	}
	late := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	require.Len(t, late.Gaps, 1)
	assert.Contains(t, late.Gaps[0].Why, "90 days")
	assert.True(t, late.Gaps[0].From.Before(late.Gaps[0].To))
}

func TestOldCheckpointsGo(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	ref := w.poll(contract.PollLogInput{}).Checkpoint
	for range 60 {
		w.wrong("00u1", 1)
		ref = w.poll(contract.PollLogInput{Checkpoint: ref}).Checkpoint
	}
	n := 0
	list := w.blobs.List(&blob.ListOptions{Prefix: contract.CheckpointFolder})
	for {
		if _, err := list.Next(context.Background()); err != nil {
			break
		}
		n++
	}
	assert.Less(t, n, 40)
	assert.True(t, strings.HasPrefix(ref.Key(), contract.CheckpointFolder))
}

func TestOurOwnApprovedChangesStayQuietAndOthersOfOurCredentialDoNot(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	first := w.poll(contract.PollLogInput{})
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	w.carry(plan)
	second := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	assert.Positive(t, second.Own)
	assert.Zero(t, second.Signals)
	raw, err := w.blobs.List(&blob.ListOptions{Prefix: "alerts/cases/ticket/FS-12/"}).Next(t.Context())
	require.NoError(t, err)
	assert.Contains(t, raw.Key, ".json")

	require.NoError(t, w.client.Suspend(t.Context(), w.user(acme.Farah).ID)) // our credential, and no case
	third := w.poll(contract.PollLogInput{Checkpoint: second.Checkpoint})
	assert.Zero(t, third.Own)
	require.Equal(t, 1, third.Signals)
	require.Len(t, w.deliver(third.Checkpoint), 1)
	assert.Equal(t, "suspended", w.cluster.alerts[0].Key.Rule)
}

func TestTheCountsOfAnHourAreToldOnceItIsOver(t *testing.T) {
	t.Parallel()
	w := logWorld(t)
	hour := time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC)
	now := hour.Add(5 * time.Minute)
	w.okta.Now = func() time.Time { return now }
	first := w.poll(contract.PollLogInput{})
	w.wrong("00u1", 6)
	second := w.poll(contract.PollLogInput{Checkpoint: first.Checkpoint})
	assert.False(t, second.Hour)
	now = hour.Add(time.Hour)
	third := w.poll(contract.PollLogInput{Checkpoint: second.Checkpoint})
	require.True(t, third.Hour)

	var told []map[string]any
	var authorised string
	status := http.StatusServiceUnavailable
	monitor := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		authorised = r.Header.Get("Authorization")
		var report map[string]any
		if json.NewDecoder(r.Body).Decode(&report) == nil {
			told = append(told, report)
		}
		rw.WriteHeader(status)
	}))
	t.Cleanup(monitor.Close)
	var said bytes.Buffer
	e := &activities.Engine{
		Cluster: w.cluster, Blobs: w.blobs, Log: slog.New(slog.NewJSONHandler(&said, nil)), Monitor: &activities.Monitor{URL: monitor.URL, Token: "a-token-for-the-test"},
	}
	err := e.ReportHour(t.Context(), contract.ReportHourInput{Checkpoint: *third.Checkpoint})
	assert.Equal(t, casework.Unavailable, kind(err))
	assert.NotContains(t, err.Error(), "a-token")
	status = http.StatusNoContent
	require.NoError(t, e.ReportHour(t.Context(), contract.ReportHourInput{Checkpoint: *third.Checkpoint}))
	require.Len(t, told, 2)
	assert.Equal(t, "Bearer a-token-for-the-test", authorised)
	assert.Equal(t, "2026-11-24T10:00:00Z", told[1]["from"])
	assert.InDelta(t, 6, told[1]["events"], 0)
	assert.Equal(t, map[string]any{"brute_force": map[string]any{"fired": 1.0, "counted": 5.0}}, told[1]["hits"])
	assert.Contains(t, said.String(), `"brute_force":{"counted":5,"fired":1}`)

	fourth := w.poll(contract.PollLogInput{Checkpoint: third.Checkpoint})
	assert.False(t, fourth.Hour, "once")
}
