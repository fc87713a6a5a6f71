package workflows_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/detection"
	"latchkey/workflows"
)

// logWorld is the log at the level of the contract: what each reading answers, and what was done with it.
type logWorld struct {
	env *testsuite.TestWorkflowEnvironment

	answer    func(n int, in contract.PollLogInput) (contract.PollLogResult, error) // of the n-th reading, from 1
	deliver   func(n int) error
	report    func() error
	read      []contract.PollLogInput
	caught    int // readings that caught up
	delivered []contract.CheckpointRef
	at        []time.Time // of the readings
	done      []string
}

func newLogWorld(t *testing.T) *logWorld {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	w := &logWorld{env: suite.NewTestWorkflowEnvironment()}
	w.env.SetTestTimeout(30 * time.Second)
	poll := func(_ context.Context, in contract.PollLogInput) (contract.PollLogResult, error) {
		w.read = append(w.read, in)
		w.at = append(w.at, w.env.Now())
		w.done = append(w.done, "read")
		n := uint64(1)
		if in.Checkpoint != nil {
			n = in.Checkpoint.Number + 1
		}
		res := contract.PollLogResult{Mode: casework.ModeAct, Checkpoint: &contract.CheckpointRef{Number: n, Digest: "d"}, Wait: 20 * time.Second, ReadAt: w.env.Now()}
		if w.answer == nil {
			return res, nil
		}
		own, err := w.answer(len(w.read), in)
		if own.Mode == "" {
			own.Mode = res.Mode
		}
		if own.Checkpoint == nil && own.Idle == "" {
			own.Checkpoint = res.Checkpoint
		}
		if own.Wait == 0 && !own.More {
			own.Wait = res.Wait
		}
		return own, err
	}
	register := func(name string, f any) { w.env.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name}) }
	register(contract.ActPollLog, poll)
	register(contract.ActCatchUpLog, func(ctx context.Context, in contract.PollLogInput) (contract.PollLogResult, error) {
		w.caught++
		return poll(ctx, in)
	})
	register(contract.ActDeliverAlerts, func(_ context.Context, in contract.DeliverAlertsInput) error {
		w.delivered = append(w.delivered, in.Checkpoint)
		w.done = append(w.done, "deliver")
		if w.deliver != nil {
			return w.deliver(len(w.delivered))
		}
		return nil
	})
	register(contract.ActReportHour, func(context.Context, contract.ReportHourInput) error {
		w.done = append(w.done, "report")
		if w.report != nil {
			return w.report()
		}
		return nil
	})
	return w
}

// runFor runs the log for a while of its own time and cancels it.
func (w *logWorld) runFor(t *testing.T, d time.Duration) {
	t.Helper()
	w.env.RegisterDelayedCallback(w.env.CancelWorkflow, d)
	w.env.ExecuteWorkflow(workflows.SystemLog, contract.SystemLogInput{})
	require.True(t, w.env.IsWorkflowCompleted())
}

func (w *logWorld) state(t *testing.T) contract.LogState {
	t.Helper()
	value, err := w.env.QueryWorkflow(contract.QueryLog)
	require.NoError(t, err)
	var s contract.LogState
	require.NoError(t, value.Get(&s))
	return s
}

func TestTheLogGoesOnFromTheCheckpointThatItKnows(t *testing.T) {
	t.Parallel()
	w := newLogWorld(t)
	w.runFor(t, 50*time.Second)
	require.Len(t, w.read, 3)
	assert.Nil(t, w.read[0].Checkpoint)
	assert.Equal(t, uint64(1), w.read[1].Checkpoint.Number)
	assert.Equal(t, uint64(2), w.read[2].Checkpoint.Number)
	assert.Empty(t, w.delivered, "nothing to tell")
	assert.Equal(t, 20*time.Second, w.at[1].Sub(w.at[0]))
}

func TestSignalsOfAPageAreSentBeforeTheNextIsRead(t *testing.T) {
	t.Parallel()
	w := newLogWorld(t)
	w.answer = func(n int, _ contract.PollLogInput) (contract.PollLogResult, error) {
		if n == 1 {
			return contract.PollLogResult{Signals: 3, More: true}, nil
		}
		return contract.PollLogResult{}, nil
	}
	w.deliver = func(n int) error {
		if n < 4 {
			return temporal.NewApplicationError("Temporal is busy", string(casework.Unavailable))
		}
		return nil
	}
	w.runFor(t, 30*time.Second)
	assert.Equal(t, []string{"read", "deliver", "deliver", "deliver", "deliver", "read"}, w.done[:6])
	for _, ref := range w.delivered {
		assert.Equal(t, uint64(1), ref.Number)
	}
	assert.Equal(t, 1, w.caught, "a full page is followed by catching up")
}

func TestANudgeCutsTheWaitShortAndManyAreOne(t *testing.T) {
	t.Parallel()
	w := newLogWorld(t)
	for i := range 50 {
		w.env.RegisterDelayedCallback(func() { w.env.SignalWorkflow(contract.SignalWake, nil) }, 5*time.Second+time.Duration(i)*10*time.Millisecond)
	}
	w.runFor(t, 19*time.Second)
	require.Len(t, w.read, 2)
	assert.Equal(t, 7*time.Second, w.at[1].Sub(w.at[0]))
}

func TestTroubleIsSaidAndTheLogGoesOn(t *testing.T) {
	t.Parallel()
	w := newLogWorld(t)
	w.answer = func(n int, _ contract.PollLogInput) (contract.PollLogResult, error) {
		if n == 2 {
			return contract.PollLogResult{}, temporal.NewNonRetryableApplicationError("the scope is missing", string(casework.Unauthorized), errors.New("401"))
		}
		return contract.PollLogResult{}, nil
	}
	w.env.RegisterDelayedCallback(func() {
		s := w.state(t)
		assert.Contains(t, s.Trouble, "scope")
		assert.Equal(t, uint64(1), s.Checkpoint.Number)
		w.env.SignalWorkflow(contract.SignalWake, nil) // nobody is asked more often for it
	}, time.Minute)
	w.runFor(t, 6*time.Minute)
	require.GreaterOrEqual(t, len(w.read), 3)
	assert.Equal(t, 5*time.Minute, w.at[2].Sub(w.at[1]))
	assert.Equal(t, uint64(1), w.read[2].Checkpoint.Number)
	assert.Empty(t, w.state(t).Trouble)
}

func TestWhatOthersOrderIsGivenToReadingsUntilOneTookIt(t *testing.T) {
	t.Parallel()
	w := newLogWorld(t)
	key := detection.Key{Rule: "r", Hash: "h"}
	until := w.env.Now().Add(time.Hour)
	w.answer = func(n int, _ contract.PollLogInput) (contract.PollLogResult, error) {
		if n == 2 {
			return contract.PollLogResult{}, temporal.NewNonRetryableApplicationError("no", string(casework.Invalid), nil)
		}
		return contract.PollLogResult{}, nil
	}
	w.env.RegisterDelayedCallback(func() {
		w.env.SignalWorkflow(contract.SignalIncidentEnded, contract.IncidentEndedSignal{Key: key})
		w.env.UpdateWorkflow(contract.UpdateSilence, "u1", &updated{t: t}, contract.SilenceCommand{
			Operator: contract.Operator{By: "ada", Reason: "a test"}, Matchers: []detection.Matcher{{Field: "rule", Op: detection.OpEqual, Value: "r"}}, Until: until,
		})
	}, time.Second)
	w.env.RegisterDelayedCallback(func() { assert.Len(t, w.state(t).Standing(w.env.Now()), 1) }, 2*time.Second)
	w.runFor(t, 90*time.Second)
	require.GreaterOrEqual(t, len(w.read), 4)
	require.Len(t, w.read[1].Orders, 2)
	assert.Equal(t, w.read[1].Orders, w.read[2].Orders, "it failed: they are given again")
	assert.Empty(t, w.read[3].Orders)
	var silence *detection.Silence
	var closed *detection.Key
	for _, o := range w.read[1].Orders {
		if o.Silence != nil {
			silence = o.Silence
		}
		if o.Close != nil {
			closed = o.Close
		}
	}
	require.NotNil(t, silence)
	require.NotNil(t, closed)
	assert.Equal(t, "ada", silence.Author)
	assert.Equal(t, key, *closed)
}

func TestASilenceNeedsANameAReasonAMatcherAndAnEnd(t *testing.T) {
	t.Parallel()
	w := newLogWorld(t)
	good := contract.SilenceCommand{
		Operator: contract.Operator{By: "ada", Reason: "a test"}, Matchers: []detection.Matcher{{Field: "rule", Op: detection.OpMatch, Value: "a|b"}}, Until: w.env.Now().Add(time.Hour),
	}
	w.env.RegisterDelayedCallback(func() {
		for name, change := range map[string]func(*contract.SilenceCommand){
			"who you are":   func(c *contract.SilenceCommand) { c.Reason = "" },
			"needs a match": func(c *contract.SilenceCommand) { c.Matchers = nil },
			"time to come":  func(c *contract.SilenceCommand) { c.Until = w.env.Now() },
			"at most":       func(c *contract.SilenceCommand) { c.Until = w.env.Now().AddDate(1, 0, 0) },
			"(": func(c *contract.SilenceCommand) {
				c.Matchers = []detection.Matcher{{Field: "rule", Op: detection.OpMatch, Value: "("}}
			},
		} {
			bad := good
			change(&bad)
			w.env.UpdateWorkflow(contract.UpdateSilence, name, &updated{t: t, refused: name}, bad)
		}
		w.env.UpdateWorkflow(contract.UpdateExpireSilence, "none", &updated{t: t, refused: "no silence"}, contract.ExpireSilenceCommand{Operator: good.Operator, ID: "s1"})
		w.env.UpdateWorkflow(contract.UpdateSilence, "good", &updated{t: t}, good)
	}, time.Second)
	w.env.RegisterDelayedCallback(func() {
		standing := w.state(t).Standing(w.env.Now())
		if assert.Len(t, standing, 1) {
			w.env.UpdateWorkflow(contract.UpdateExpireSilence, "its end", &updated{t: t}, contract.ExpireSilenceCommand{Operator: good.Operator, ID: standing[0].ID})
		}
	}, 2*time.Second)
	w.env.RegisterDelayedCallback(func() { assert.Empty(t, w.state(t).Standing(w.env.Now())) }, 2500*time.Millisecond)
	w.runFor(t, 10*time.Second)
}

// updated is how an update of a test should end.
type updated struct {
	t       *testing.T
	refused string
}

func (u *updated) Accept() {
	assert.Empty(u.t, u.refused, "it is to be refused")
}

func (u *updated) Reject(err error) {
	if u.refused == "" {
		assert.NoError(u.t, err)
		return
	}
	assert.ErrorContains(u.t, err, u.refused)
}

func (u *updated) Complete(_ any, err error) { assert.NoError(u.t, err) }

func TestALogThatNobodyIsToReadSaysSoAndSkipsWhatItMissed(t *testing.T) {
	t.Parallel()
	w := newLogWorld(t)
	w.answer = func(n int, _ contract.PollLogInput) (contract.PollLogResult, error) {
		if n == 2 || n == 3 {
			return contract.PollLogResult{Idle: "off", Mode: casework.ModeOff}, nil
		}
		return contract.PollLogResult{}, nil
	}
	w.env.RegisterDelayedCallback(func() { assert.Equal(t, "off", w.state(t).Idle) }, time.Minute)
	w.runFor(t, 4*time.Minute)
	require.GreaterOrEqual(t, len(w.read), 4)
	assert.Equal(t, time.Minute, w.at[2].Sub(w.at[1]))
	assert.False(t, w.read[1].AtNow)
	assert.True(t, w.read[3].AtNow)
	assert.Equal(t, uint64(1), w.read[3].Checkpoint.Number)
	assert.False(t, w.read[4].AtNow)
}

func TestAnHourThatCannotBeToldStopsNothing(t *testing.T) {
	t.Parallel()
	w := newLogWorld(t)
	w.answer = func(n int, _ contract.PollLogInput) (contract.PollLogResult, error) {
		return contract.PollLogResult{Hour: n == 1}, nil
	}
	w.report = func() error { return temporal.NewApplicationError("away", string(casework.Unavailable)) }
	w.runFor(t, time.Minute)
	assert.Len(t, w.read, 3, "20 seconds apart, as ever")
	assert.Contains(t, w.done, "report")
}

func TestALongLogContinuesAsNewWithAllThatItKnows(t *testing.T) {
	t.Parallel()
	w := newLogWorld(t)
	w.answer = func(n int, _ contract.PollLogInput) (contract.PollLogResult, error) {
		if n == 3 {
			w.env.SetContinueAsNewSuggested(true)
		}
		return contract.PollLogResult{Events: 10, Gaps: []contract.LogGap{{Why: "a test"}}, View: &contract.LogView{Open: n}}, nil
	}
	w.env.ExecuteWorkflow(workflows.SystemLog, contract.SystemLogInput{State: &contract.LogState{Events: 100, Ordered: 7}})
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &again)
	s := w.state(t)
	assert.Equal(t, 130, s.Events)
	assert.Equal(t, uint64(3), s.Checkpoint.Number)
	assert.Equal(t, 3, s.View.Open)
	assert.Len(t, s.Gaps, 3)
}
