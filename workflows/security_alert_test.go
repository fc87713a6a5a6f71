package workflows_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/detection"
	"latchkey/workflows"
)

// deskTicket is one incident at the desk of alertWorld.
type deskTicket struct {
	number   int64
	opening  uint64
	severity detection.Severity
	closed   bool
	gone     bool
	touched  bool
	notes    []contract.IncidentFacts
	summary  int // how often a note was brought up to date
	keys     map[string]bool
}

// alertWorld is what an incident meets, at the level of the contract.
type alertWorld struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment

	route   contract.AlertRoute
	fail    map[string]error // the next call of an activity fails, once
	away    map[string]bool  // every call fails
	tickets []*deskTicket
	opens   []contract.OpenIncidentInput
	chats   []contract.NotifyChatInput
	ended   []contract.IncidentEndedSignal
	reports []contract.AlertState
	looks   int
	began   time.Time
	logGone bool
}

var mira = detection.Key{Rule: "brute_force", Parts: []detection.KeyPart{{Name: "subject", Value: "00u8k2m4q"}}, Hash: "0123456789abcdef0123456789abcdef"}

func newAlertWorld(t *testing.T) *alertWorld {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	w := &alertWorld{
		t: t, env: suite.NewTestWorkflowEnvironment(), fail: map[string]error{}, away: map[string]bool{}, began: noon,
		route: contract.AlertRoute{
			Mode: casework.ModeAct, Ticket: true, Priority: 2, Urgency: 2, Impact: 2, Wait: 5 * time.Minute, Interval: 15 * time.Minute, Notes: 4,
			Quiet: 6 * time.Hour, Close: contract.CloseUntouched, Reopen: 24 * time.Hour, Rule: "Brute force",
		},
	}
	w.env.SetStartTime(noon)
	w.env.SetTestTimeout(20 * time.Second)
	w.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: contract.AlertWorkflowID(mira), TaskQueue: contract.QueueLatchkey})
	for name, function := range map[string]any{
		contract.ActRouteAlert:   w.routes,
		contract.ActOpenIncident: w.open,
		contract.ActTellIncident: func(_ context.Context, in contract.TellIncidentInput) (contract.TellIncidentResult, error) {
			return w.tell(contract.ActTellIncident, in)
		},
		contract.ActReopenIncident: func(_ context.Context, in contract.TellIncidentInput) (contract.TellIncidentResult, error) {
			return w.tell(contract.ActReopenIncident, in)
		},
		contract.ActCloseIncident: w.close,
		contract.ActLookIncident: func(_ context.Context, in contract.LookIncidentInput) (contract.TellIncidentResult, error) {
			w.looks++
			d := w.ticket(in.Ticket)
			return contract.TellIncidentResult{Closed: d.closed, Gone: d.gone, Touched: d.touched}, w.failing(contract.ActLookIncident)
		},
		contract.ActReportIncident: func(_ context.Context, in contract.ReportIncidentInput) error {
			w.reports = append(w.reports, in.State)
			return nil
		},
		contract.ActNotifyChat: func(_ context.Context, in contract.NotifyChatInput) (contract.NotifyChatResult, error) {
			w.chats = append(w.chats, in)
			return contract.NotifyChatResult{}, w.failing(contract.ActNotifyChat)
		},
	} {
		w.env.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
	workflows.Register(w.env)
	w.env.OnSignalExternalWorkflow(mock.Anything, contract.SystemLogID, "", contract.SignalIncidentEnded, mock.Anything).Return(
		func(_, _, _, _ string, arg any) error {
			if w.logGone {
				return errors.New("no such workflow")
			}
			s, ok := arg.(contract.IncidentEndedSignal)
			require.True(t, ok)
			w.ended = append(w.ended, s)
			return nil
		}).Maybe()
	return w
}

func (w *alertWorld) failing(name string) error {
	if w.away[name] {
		return temporal.NewNonRetryableApplicationError("the desk will not", string(casework.Invalid), nil)
	}
	err := w.fail[name]
	delete(w.fail, name)
	return err
}

func (w *alertWorld) routes(_ context.Context, in contract.RouteAlertInput) (contract.AlertRoute, error) {
	r := w.route
	r.Severity = in.Severity
	if in.Severity == 0 {
		r.Severity = detection.S3
	}
	if in.Severity == detection.S1 {
		r.Priority, r.Urgency, r.Impact, r.Wait = 4, 3, 3, 0
	}
	return r, w.failing(contract.ActRouteAlert)
}

// open makes one ticket for an opening, as the activity does: a further attempt finds it.
func (w *alertWorld) open(_ context.Context, in contract.OpenIncidentInput) (contract.OpenIncidentResult, error) {
	w.opens = append(w.opens, in)
	for _, d := range w.tickets {
		if d.opening == in.Opening {
			return contract.OpenIncidentResult{Ticket: d.number, Already: true}, nil
		}
	}
	if w.away[contract.ActOpenIncident] {
		return contract.OpenIncidentResult{}, w.failing(contract.ActOpenIncident)
	}
	d := &deskTicket{number: int64(41 + len(w.tickets)), opening: in.Opening, severity: in.Facts.Severity, keys: map[string]bool{}}
	w.tickets = append(w.tickets, d)
	return contract.OpenIncidentResult{Ticket: d.number, URL: fmt.Sprintf("https://desk/%d", d.number)}, w.failing(contract.ActOpenIncident)
}

func (w *alertWorld) ticket(n int64) *deskTicket { return w.tickets[n-41] }

func (w *alertWorld) tell(name string, in contract.TellIncidentInput) (contract.TellIncidentResult, error) {
	d := w.ticket(in.Ticket)
	if d.gone {
		return contract.TellIncidentResult{Gone: true}, nil
	}
	if d.closed && name != contract.ActReopenIncident {
		return contract.TellIncidentResult{Closed: true}, nil
	}
	d.closed = false
	if in.Raise {
		d.severity = in.Facts.Severity
	}
	if in.Summary != 0 {
		d.summary++
		return contract.TellIncidentResult{Note: in.Summary}, nil
	}
	if !d.keys[in.Key] {
		d.keys[in.Key] = true
		d.notes = append(d.notes, in.Facts)
	}
	return contract.TellIncidentResult{Note: int64(len(d.notes))}, w.failing(name)
}

func (w *alertWorld) close(_ context.Context, in contract.CloseIncidentInput) (contract.TellIncidentResult, error) {
	d := w.ticket(in.Ticket)
	switch {
	case d.gone:
		return contract.TellIncidentResult{Gone: true}, nil
	case d.closed && !d.keys[in.Key]:
		return contract.TellIncidentResult{Closed: true}, nil
	}
	if !d.keys[in.Key] {
		d.keys[in.Key] = true
		d.notes = append(d.notes, in.Facts)
	}
	d.closed = in.How == contract.CloseAlways || in.How == contract.CloseUntouched && !d.touched
	return contract.TellIncidentResult{Note: int64(len(d.notes)), Closed: d.closed, Touched: d.touched}, w.failing(contract.ActCloseIncident)
}

// say sends a signal after a time.
func (w *alertWorld) say(after time.Duration, s contract.AlertSignal) {
	if s.Key.Rule == "" {
		s.Key = mira
	}
	if s.At.IsZero() {
		s.At = noon.Add(after)
	}
	for i := len(s.Evidence); i < min(s.Events, 20); i++ {
		s.Evidence = append(s.Evidence, detection.Evidence{UUID: fmt.Sprintf("%d-%d", s.Checkpoint, i), At: s.At, Type: "user.session.start", Login: "mira"})
	}
	w.env.RegisterDelayedCallback(func() { w.env.SignalWorkflow(contract.SignalAlert, s) }, after)
}

func (w *alertWorld) at(after time.Duration, do func()) { w.env.RegisterDelayedCallback(do, after) }

func (w *alertWorld) nudge() { w.env.SignalWorkflow(contract.SignalNudge, nil) }

func (w *alertWorld) state() contract.AlertState {
	w.t.Helper()
	value, err := w.env.QueryWorkflow(contract.QueryAlert)
	require.NoError(w.t, err)
	var s contract.AlertState
	require.NoError(w.t, value.Get(&s))
	return s
}

// run runs the incident to its end and says how long it lived.
func (w *alertWorld) run() time.Duration {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.SecurityAlert, contract.AlertInput{})
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	return w.env.Now().Sub(noon)
}

func opened(checkpoint uint64, severity detection.Severity, events int) contract.AlertSignal {
	return contract.AlertSignal{Checkpoint: checkpoint, Opened: true, Severity: severity, Events: events, Measure: events}
}

func TestAnIncidentWaitsOpensTakesMoreAndIsResolvedWhenItIsQuiet(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.route.Chat = []contract.ChatTarget{{Name: "soc", Kind: "slack"}}
	w.say(0, opened(1, detection.S3, 10))
	w.say(time.Minute, contract.AlertSignal{Checkpoint: 2, Events: 1})
	w.at(4*time.Minute, func() {
		assert.Empty(t, w.tickets, "it waits for more")
		assert.Equal(t, contract.AlertPending, w.state().Phase)
	})
	w.at(6*time.Minute, func() { assert.Len(t, w.tickets, 1) })
	w.say(7*time.Minute, contract.AlertSignal{Checkpoint: 3, Events: 1})
	w.at(19*time.Minute, func() { assert.Empty(t, w.tickets[0].notes, "no more often than policy's interval") })
	lived := w.run()

	require.Len(t, w.tickets, 1)
	d := w.tickets[0]
	assert.Equal(t, 11, w.opens[0].Facts.Events)
	require.Len(t, d.notes, 2)
	assert.Equal(t, 1, d.notes[0].Added)
	assert.Equal(t, 12, d.notes[0].Events, "twelve events in one incident")
	assert.True(t, d.notes[1].Quiet)
	assert.True(t, d.closed)
	assert.Equal(t, []contract.IncidentEndedSignal{{Key: mira, At: noon.Add(7*time.Minute + 6*time.Hour)}}, w.ended)
	assert.InDelta(t, 30*time.Hour+7*time.Minute, lived, float64(time.Minute), "it stays for a day to recognise what comes back")
	assert.Len(t, w.chats, 1, "one notice for one opening")
	require.Len(t, w.reports, 2)
	assert.Len(t, w.reports[0].Fresh, 11)
	assert.Equal(t, contract.AlertEndQuiet, w.reports[1].End)
}

func TestARepeatOfACheckpointCountsNothing(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(7, detection.S3, 10))
	w.say(time.Second, opened(7, detection.S1, 10))
	w.say(2*time.Second, contract.AlertSignal{Checkpoint: 6, Events: 5})
	w.at(10*time.Minute, func() {
		s := w.state()
		assert.Equal(t, 10, s.Events)
		assert.Equal(t, detection.S3, s.Severity)
	})
	w.say(8*time.Hour, opened(7, detection.S3, 10)) // a page worked off again after the end
	w.run()
	assert.Len(t, w.tickets, 1)
	assert.Len(t, w.opens, 1)
	assert.Len(t, w.ended, 1)
}

func TestABiggerAlertMutesWhatIsNotOpenYet(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	bigger := detection.Key{Rule: "brute_force_success", Hash: "ffff"}
	w.say(0, opened(1, detection.S3, 10))
	w.say(time.Minute, contract.AlertSignal{Checkpoint: 2, MutedBy: &bigger})
	lived := w.run()
	assert.Empty(t, w.tickets)
	assert.Len(t, w.ended, 1, "the log takes it out of its index")
	assert.Equal(t, contract.AlertEndMuted, w.reports[0].End)
	assert.GreaterOrEqual(t, lived, time.Hour, "repeats of the page are recognised")
}

func TestABiggerAlertIsNamedOnWhatIsOpen(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	bigger := detection.Key{Rule: "brute_force_success", Hash: "ffff"}
	w.say(0, opened(1, detection.S3, 10))
	w.say(10*time.Minute, contract.AlertSignal{Checkpoint: 2, MutedBy: &bigger})
	w.run()
	require.NotEmpty(t, w.tickets[0].notes)
	assert.Equal(t, &bigger, w.tickets[0].notes[0].MutedBy)
}

func TestWhatWasMissedComesBeforeItIsOpened(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 1))
	w.say(time.Minute, contract.AlertSignal{Checkpoint: 2, Eased: true})
	w.run()
	assert.Empty(t, w.tickets)
	assert.Equal(t, contract.AlertEndEased, w.reports[0].End)
}

func TestARiseRaisesAtOnceAndShortensTheWait(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.route.Chat = []contract.ChatTarget{{Name: "soc", Kind: "teams"}}
	w.say(0, opened(1, detection.S3, 10))
	w.say(10*time.Minute, contract.AlertSignal{Checkpoint: 2, Severity: detection.S1, Events: 1})
	w.at(10*time.Minute+time.Second, func() {
		d := w.tickets[0]
		assert.Equal(t, detection.S1, d.severity, "not at the next interval")
		require.Len(t, d.notes, 1)
		assert.Equal(t, detection.S3, d.notes[0].Was)
		assert.Equal(t, 4, d.notes[0].Route.Priority)
	})
	w.run()
	assert.Len(t, w.chats, 2, "one for the opening, one for the raise")

	w = newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 10))
	w.say(time.Minute, contract.AlertSignal{Checkpoint: 2, Severity: detection.S1, Events: 1})
	w.at(time.Minute+time.Second, func() { assert.Len(t, w.tickets, 1, "the worst do not wait") })
	w.run()
}

func TestNotesAreCappedAndTheLastIsKeptUpToDate(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 10))
	for i := range 12 {
		w.say(time.Duration(i+1)*20*time.Minute, contract.AlertSignal{Checkpoint: uint64(i + 2), Events: 30})
	}
	w.run()
	d := w.tickets[0]
	require.Len(t, d.notes, 6, "four, the one that is kept up to date, and the end")
	assert.True(t, d.notes[4].Rolling)
	assert.Equal(t, 7, d.summary)
	assert.True(t, d.notes[5].Quiet)
	assert.Equal(t, 370, d.notes[5].Events, "every event counts")
}

func TestWhatComesBackInTimeOpensTheSameTicketAgain(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 10))
	w.say(8*time.Hour, opened(2, detection.S2, 3)) // resolved for quiet at six hours
	w.at(8*time.Hour+time.Minute, func() {
		assert.False(t, w.tickets[0].closed)
		assert.Equal(t, contract.AlertOpen, w.state().Phase)
	})
	w.run()
	require.Len(t, w.tickets, 1)
	d := w.tickets[0]
	require.Len(t, d.notes, 3)
	assert.True(t, d.notes[1].Reopened)
	assert.Equal(t, detection.S2, d.severity, "it came back worse")
	assert.Equal(t, 13, d.notes[1].Events)
	assert.Len(t, w.ended, 2)
}

func TestWhatComesBackTooLateIsANewIncidentThatNamesTheFormer(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.route.Reopen = 10 * time.Minute
	w.say(0, opened(1, detection.S3, 10))
	w.say(6*time.Hour+30*time.Minute, opened(2, detection.S3, 10))
	w.run()
	require.Len(t, w.tickets, 2)
	assert.Equal(t, int64(41), w.opens[1].Facts.Before)
	assert.Equal(t, uint64(2), w.opens[1].Opening)
	assert.Equal(t, 10, w.opens[1].Facts.Events)
}

func TestAPersonWhoClosesTheTicketEndsIt(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 10))
	w.at(time.Hour, func() {
		w.tickets[0].closed = true
		w.nudge()
	})
	w.say(time.Hour+time.Minute, contract.AlertSignal{Checkpoint: 2, Events: 1}) // on its way when it ended
	lived := w.run()
	d := w.tickets[0]
	assert.True(t, d.closed, "it stays closed")
	assert.Empty(t, d.notes)
	assert.Equal(t, []contract.IncidentEndedSignal{{Key: mira, At: noon.Add(time.Hour)}}, w.ended)
	assert.Equal(t, contract.AlertEndPerson, w.reports[1].End)
	assert.InDelta(t, 25*time.Hour, lived, float64(time.Minute))
}

func TestAClosedTicketThatGetsWorseIsOpenedAgain(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 10))
	w.at(time.Hour, func() { w.tickets[0].closed = true }) // no webhook came
	w.say(time.Hour+time.Minute, contract.AlertSignal{Checkpoint: 2, Severity: detection.S1, Events: 1})
	w.at(time.Hour+2*time.Minute, func() {
		assert.False(t, w.tickets[0].closed)
		assert.Equal(t, detection.S1, w.tickets[0].severity)
	})
	w.run()
	assert.Len(t, w.tickets, 1)
}

func TestATicketThatWasDeletedIsNotOpenedAgain(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 10))
	w.at(time.Hour, func() { w.tickets[0].gone = true; w.nudge() })
	w.say(2*time.Hour, opened(2, detection.S3, 10))
	w.run()
	require.Len(t, w.tickets, 2, "what came back is not lost with it")
	assert.Equal(t, contract.AlertEndGone, w.reports[1].End)
}

func TestATakenTicketIsNotedAsQuietAndLeft(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 10))
	w.at(time.Hour, func() { w.tickets[0].touched = true })
	w.at(20*time.Hour, func() {
		s := w.state()
		assert.Equal(t, contract.AlertOpen, s.Phase)
		assert.True(t, s.SaidQuiet)
		assert.Len(t, w.tickets[0].notes, 1, "said once")
		w.tickets[0].closed = true
		w.nudge()
	})
	w.run()
	assert.Equal(t, contract.AlertEndPerson, w.reports[1].End)
}

func TestALostAnswerOpensNoSecondTicket(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.fail[contract.ActOpenIncident] = temporal.NewApplicationError("the answer was lost", string(casework.Ambiguous))
	w.fail[contract.ActCloseIncident] = temporal.NewApplicationError("the answer was lost", string(casework.Ambiguous))
	w.say(0, opened(1, detection.S3, 10))
	w.run()
	assert.Len(t, w.tickets, 1)
	assert.Len(t, w.opens, 2)
	assert.Len(t, w.tickets[0].notes, 1)
	assert.Equal(t, contract.AlertEndQuiet, w.reports[1].End)
}

func TestWhatTheDeskRefusesIsShownAndTriedAgain(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.away[contract.ActOpenIncident] = true
	w.say(0, opened(1, detection.S3, 10))
	w.at(7*time.Minute, func() {
		s := w.state()
		assert.Contains(t, s.Trouble, "the desk will not")
		assert.False(t, s.RetryAt.IsZero())
	})
	w.say(8*time.Minute, contract.AlertSignal{Checkpoint: 2, Events: 2})
	w.at(9*time.Minute, func() {
		delete(w.away, contract.ActOpenIncident)
		w.nudge() // a person mended it
	})
	w.at(10*time.Minute, func() { assert.Len(t, w.tickets, 1, "at once, not at the next try") })
	w.run()
	assert.Equal(t, 12, w.opens[len(w.opens)-1].Facts.Events)
}

func TestALogThatIsAwayIsToldLater(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.logGone = true
	w.say(0, opened(1, detection.S3, 10))
	w.at(time.Hour, func() { w.tickets[0].closed = true; w.nudge() })
	// The log still thinks that it is open: its evidence is not lost.
	w.say(2*time.Hour, contract.AlertSignal{Checkpoint: 2, Events: 1})
	w.at(2*time.Hour+time.Minute, func() {
		assert.False(t, w.tickets[0].closed)
		w.logGone = false
	})
	w.run()
	assert.Len(t, w.tickets, 1)
	assert.Len(t, w.ended, 1)
}

func TestObserveWritesTheReportAndOpensNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*alertWorld, *contract.AlertSignal){
		"the log observes":       func(_ *alertWorld, s *contract.AlertSignal) { s.Observe = true },
		"policy observes":        func(w *alertWorld, _ *contract.AlertSignal) { w.route.Mode = casework.ModeObserve },
		"policy wants no ticket": func(w *alertWorld, _ *contract.AlertSignal) { w.route.Ticket = false },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newAlertWorld(t)
			w.route.Chat = []contract.ChatTarget{{Name: "soc", Kind: "slack"}}
			s := opened(1, detection.S3, 10)
			change(w, &s)
			w.say(0, s)
			w.say(time.Hour, contract.AlertSignal{Checkpoint: 2, Events: 3})
			w.run()
			assert.Empty(t, w.opens)
			assert.Empty(t, w.chats)
			require.Len(t, w.reports, 2)
			assert.Equal(t, 13, w.reports[1].Events)
		})
	}
}

func TestAChannelThatFailsHoldsNothingUp(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.route.Chat = []contract.ChatTarget{{Name: "soc", Kind: "slack"}}
	w.away[contract.ActNotifyChat] = true
	w.say(0, opened(1, detection.S3, 10))
	w.run()
	assert.Len(t, w.tickets, 1)
	assert.Empty(t, w.reports[1].Trouble)
	assert.Contains(t, fmt.Sprint(w.reports[1].Log), "Chat could not be told")
}

func TestAStormCarriesOnItsList(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	keys := func(n int) (list []detection.Key) {
		for i := range n {
			list = append(list, detection.Key{Rule: "brute_force", Hash: fmt.Sprint(i)})
		}
		return list
	}
	w.say(0, contract.AlertSignal{Checkpoint: 1, Opened: true, Severity: detection.S2, Events: 1, Stopped: keys(2)})
	w.say(10*time.Minute, contract.AlertSignal{Checkpoint: 2, Stopped: keys(150)})
	w.run()
	assert.Len(t, w.opens[0].Facts.Stopped, 2)
	note := w.tickets[0].notes[0]
	assert.Len(t, note.Stopped, 100, "a list that somebody reads")
	assert.Equal(t, 152, note.StoppedAll)
}

func TestAnIncidentWithoutASignalEnds(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	assert.Less(t, w.run(), 2*time.Minute)
	assert.Empty(t, w.reports)
}

func TestALongIncidentContinuesAsNewWithEverything(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 10))
	w.at(time.Hour, func() { w.env.SetContinueAsNewSuggested(true); w.nudge() })
	w.env.ExecuteWorkflow(workflows.SecurityAlert, contract.AlertInput{})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &next)
	assert.Equal(t, string(casework.SecurityAlert), next.WorkflowType.Name)
	s := w.state()
	assert.Equal(t, int64(41), s.Ticket)

	again := newAlertWorld(t)
	again.tickets = w.tickets
	again.say(time.Second, opened(1, detection.S3, 10)) // a repeat
	again.env.SetStartTime(noon.Add(time.Hour))
	again.env.ExecuteWorkflow(workflows.SecurityAlert, contract.AlertInput{State: &s})
	require.NoError(t, again.env.GetWorkflowError())
	assert.Empty(t, again.opens)
	assert.True(t, w.tickets[0].closed)
}

func TestACancelledIncidentTellsTheLog(t *testing.T) {
	t.Parallel()
	w := newAlertWorld(t)
	w.say(0, opened(1, detection.S3, 10))
	w.at(time.Hour, w.env.CancelWorkflow)
	w.env.ExecuteWorkflow(workflows.SecurityAlert, contract.AlertInput{})
	require.Error(t, w.env.GetWorkflowError())
	assert.Len(t, w.ended, 1)
}
