package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/workflows"
)

// syncWorld is both sides of people, at the level of the contract: what differs, and what was written.
type syncWorld struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment

	mode   casework.Mode
	takes  bool
	drifts []casework.Drift
	desk   int64
	create bool
	asks   bool
	apply  func(contract.ApplyInput) (contract.ApplyResult, error)
	left   map[string]string
	sticks bool // what was written reads so afterwards

	applied  []contract.ApplyInput
	wrote    []contract.SyncWriteDeskInput
	asked    []contract.SyncAskRoleInput
	looked   []contract.SyncCompareInput
	tripped  int
	walked   []contract.SyncWalkInput
	part     func(contract.SyncWalkInput) contract.SyncWalkResult
	everyone int
}

var (
	titleOfOkta = casework.SyncAttribute{Name: "title", Owner: casework.SideOkta, Okta: "title", Desk: "job_title"}
	phoneOfDesk = casework.SyncAttribute{Name: "mobile", Owner: casework.SideDesk, Okta: "mobilePhone", Desk: "mobile_phone_number"}
	roleOfDesk  = casework.SyncAttribute{Name: "department", Owner: casework.SideDesk, Okta: "department", Desk: "department"}
)

func drift(a casework.SyncAttribute, kind casework.DriftKind, wanted, has string) casework.Drift {
	return casework.Drift{Attribute: a, Kind: kind, Wanted: wanted, Has: has}
}

func newSyncWorld(t *testing.T) *syncWorld {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	w := &syncWorld{t: t, env: suite.NewTestWorkflowEnvironment(), mode: casework.ModeAct, takes: true, desk: 7, asks: true, sticks: true}
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeDone}, nil
	}
	w.env.SetStartTime(noon)
	w.env.SetTestTimeout(20 * time.Second)
	for name, function := range map[string]any{
		contract.ActSyncWho: func(_ context.Context, in contract.SyncWhoInput) (contract.SyncWhoResult, error) {
			if in.Email == "nobody@acme.example" {
				return contract.SyncWhoResult{Mode: w.mode, Why: "nobody"}, nil
			}
			return contract.SyncWhoResult{OktaUserID: ada.OktaUserID, Email: ada.Email, Takes: w.takes, Mode: w.mode}, nil
		},
		contract.ActSyncFindDesk: func(context.Context, contract.SyncFindInput) (contract.SyncFindDeskResult, error) {
			return contract.SyncFindDeskResult{Email: ada.Email}, nil
		},
		contract.ActSyncReadDesk: func(_ context.Context, in contract.SyncReadDeskInput) (contract.SyncReadDeskResult, error) {
			if in.Email == "" {
				w.everyone++
			}
			return contract.SyncReadDeskResult{People: 1, Mode: w.mode}, nil
		},
		contract.ActSyncCompare:   w.compare,
		contract.ActApplyChange:   w.change,
		contract.ActSyncWriteDesk: w.write,
		contract.ActSyncAskRole: func(_ context.Context, in contract.SyncAskRoleInput) (contract.SyncAskRoleResult, error) {
			w.asked = append(w.asked, in)
			return contract.SyncAskRoleResult{Ticket: 40}, nil
		},
		contract.ActAskMassChange: func(context.Context, contract.AskMassChangeInput) (contract.AskMassChangeResult, error) {
			w.tripped++
			return contract.AskMassChangeResult{}, nil
		},
		contract.ActSyncWalk: func(_ context.Context, in contract.SyncWalkInput) (contract.SyncWalkResult, error) {
			w.walked = append(w.walked, in)
			return w.part(in), nil
		},
	} {
		w.env.RegisterActivityWithOptions(function, activity.RegisterOptions{Name: name})
	}
	workflows.Register(w.env)
	return w
}

func (w *syncWorld) compare(_ context.Context, in contract.SyncCompareInput) (contract.SyncCompareResult, error) {
	w.looked = append(w.looked, in)
	return contract.SyncCompareResult{
		Person: identity.Person{OktaUserID: in.OktaUserID, Email: ada.Email}, DeskID: w.desk, Drifts: w.drifts, Mode: w.mode, Asks: w.asks,
		Create: w.create, Report: true,
	}, nil
}

// settle takes away what was written, as a later reading would.
func (w *syncWorld) settle(name string) {
	if !w.sticks {
		return
	}
	var rest []casework.Drift
	for _, d := range w.drifts {
		if d.Attribute.Okta != name && d.Attribute.Desk != name {
			rest = append(rest, d)
		}
	}
	w.drifts = rest
}

func (w *syncWorld) change(_ context.Context, in contract.ApplyInput) (contract.ApplyResult, error) {
	w.applied = append(w.applied, in)
	res, err := w.apply(in)
	if err == nil && res.Outcome == contract.OutcomeDone {
		w.settle(in.Change.Object.ID)
	}
	return res, err
}

func (w *syncWorld) write(_ context.Context, in contract.SyncWriteDeskInput) (contract.SyncWriteDeskResult, error) {
	w.wrote = append(w.wrote, in)
	for name := range in.Values {
		if _, left := w.left[name]; !left {
			w.settle(name)
		}
	}
	return contract.SyncWriteDeskResult{Outcome: contract.OutcomeDone, DeskID: 7, Left: w.left}, nil
}

func (w *syncWorld) run(in contract.SyncInput) contract.SyncResult {
	w.t.Helper()
	if in.OktaUserID == "" {
		in.OktaUserID = ada.OktaUserID
	}
	w.env.ExecuteWorkflow(workflows.ProfileSync, in)
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	var result contract.SyncResult
	require.NoError(w.t, w.env.GetWorkflowResult(&result))
	return result
}

func TestASyncWritesEachSideAndReadsBack(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	w.drifts = []casework.Drift{drift(titleOfOkta, casework.DriftWrite, "Director", "Analyst"), drift(phoneOfDesk, casework.DriftWrite, "+1", "")}
	result := w.run(contract.SyncInput{})
	assert.Equal(t, contract.SyncWritten, result.End)
	require.Len(t, w.applied, 1)
	assert.Equal(t, map[string]any{"mobilePhone": "+1"}, w.applied[0].Change.Values)
	assert.Empty(t, w.applied[0].Change.After, "a phone number is in the values that are written, and nowhere else")
	assert.True(t, w.applied[0].Named)
	assert.Equal(t, casework.ProfileSync, w.applied[0].UseCase)
	require.Len(t, w.wrote, 1)
	assert.Equal(t, map[string]string{"job_title": "Director"}, w.wrote[0].Values)
	require.Len(t, w.looked, 2, "read before and after")
	assert.Equal(t, map[string]string{"title": "Analyst", "mobile": ""}, w.looked[1].Wrote)
	for _, line := range result.Lines {
		assert.True(t, line.Done, line.Attribute)
	}
	assert.Equal(t, noon.Add(time.Minute), w.env.Now().UTC(), "it idles a little and ends")
}

func TestNudgesAreCoalescedAndALateOneCostsOneLook(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	for range 5 {
		w.env.RegisterDelayedCallback(func() { w.env.SignalWorkflow(contract.SignalNudge, nil) }, 10*time.Second)
	}
	result := w.run(contract.SyncInput{})
	assert.Equal(t, contract.SyncAlike, result.End)
	assert.Len(t, w.looked, 2)
	assert.Empty(t, w.applied)
	assert.Equal(t, noon.Add(72*time.Second), w.env.Now().UTC())
}

func TestASyncThatMayNotActOnlyLooks(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		mode casework.Mode
		in   contract.SyncInput
		end  contract.SyncEnd
	}{
		"observe":           {casework.ModeObserve, contract.SyncInput{}, contract.SyncObserved},
		"a look in act":     {casework.ModeAct, contract.SyncInput{Look: true}, contract.SyncObserved},
		"a look when off":   {casework.ModeOff, contract.SyncInput{Look: true}, contract.SyncObserved},
		"off does not read": {casework.ModeOff, contract.SyncInput{}, contract.SyncOut},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newSyncWorld(t)
			w.mode = test.mode
			w.drifts = []casework.Drift{drift(titleOfOkta, casework.DriftWrite, "a", "b"), drift(phoneOfDesk, casework.DriftWrite, "a", "b"), drift(roleOfDesk, casework.DriftRoleChange, "a", "b")}
			assert.Equal(t, test.end, w.run(test.in).End)
			assert.Empty(t, w.applied)
			assert.Empty(t, w.wrote)
			assert.Empty(t, w.asked)
		})
	}
}

func TestARoleChangeIsAskedForAndNeverWritten(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	w.drifts = []casework.Drift{drift(roleOfDesk, casework.DriftRoleChange, "Sales", "IT")}
	result := w.run(contract.SyncInput{})
	assert.Equal(t, contract.SyncLeft, result.End)
	assert.Len(t, w.asked, 1)
	assert.Empty(t, w.applied)
	assert.Contains(t, result.Lines[0].Why, "FS-40")
}

func TestAHeldSyncComesBackAndThenLeavesItToTheNextWalk(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	w.drifts = []casework.Drift{drift(phoneOfDesk, casework.DriftWrite, "+1", "")}
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		if len(w.applied) < 4 {
			return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardTurn, Detail: "a case"}, nil
		}
		return contract.ApplyResult{Outcome: contract.OutcomeDone}, nil
	}
	assert.Equal(t, contract.SyncWritten, w.run(contract.SyncInput{}).End)
	assert.Equal(t, noon.Add(16*time.Minute), w.env.Now().UTC())

	w = newSyncWorld(t)
	w.drifts = []casework.Drift{drift(phoneOfDesk, casework.DriftWrite, "+1", "")}
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeHeld, Guard: contract.GuardMassChange, Tripped: &contract.AdmitVerdict{}}, nil
	}
	assert.Equal(t, contract.SyncLeft, w.run(contract.SyncInput{}).End)
	assert.LessOrEqual(t, len(w.applied), 13, "it does not wait for ever")
	assert.Positive(t, w.tripped, "a person is asked about the mass-change guard")
}

func TestWhatFailsForGoodIsSaidAndEndsTheLook(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	w.drifts = []casework.Drift{drift(phoneOfDesk, casework.DriftWrite, "+1", ""), drift(titleOfOkta, casework.DriftWrite, "a", "b")}
	w.left = map[string]string{"job_title": "too long"}
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{}, temporal.NewNonRetryableApplicationError("Okta refused it", string(casework.Invalid), nil)
	}
	result := w.run(contract.SyncInput{})
	assert.Equal(t, contract.SyncLeft, result.End)
	assert.Equal(t, "Okta refused it", result.Lines[0].Why)
	assert.Equal(t, "too long", result.Lines[1].Why)
	assert.Equal(t, contract.SyncPrivate, result.Lines[0].Wanted)
}

func TestWhatWasWrittenAndDoesNotReadSoIsNotCalledDone(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	w.sticks = false
	w.drifts = []casework.Drift{drift(titleOfOkta, casework.DriftWrite, "a", "b")}
	result := w.run(contract.SyncInput{})
	assert.Equal(t, contract.SyncLeft, result.End)
	assert.False(t, result.Lines[0].Done)
	assert.Len(t, w.wrote, 1, "once a look")
}

func TestSomebodyWhoIsNotOnTheDeskIsMadeWherePolicySaysSo(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	w.desk = 0
	assert.Equal(t, contract.SyncMissing, w.run(contract.SyncInput{}).End)
	assert.Empty(t, w.wrote)
	w = newSyncWorld(t)
	w.desk, w.create = 0, true
	assert.Equal(t, contract.SyncWritten, w.run(contract.SyncInput{}).End)
	require.Len(t, w.wrote, 1)
	assert.Zero(t, w.wrote[0].DeskID)
}

// runAll runs one part of a walk.
func (w *syncWorld) runAll(in contract.SyncAllInput) contract.SyncAllResult {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.SyncAll, in)
	require.True(w.t, w.env.IsWorkflowCompleted())
	require.NoError(w.t, w.env.GetWorkflowError())
	var result contract.SyncAllResult
	require.NoError(w.t, w.env.GetWorkflowResult(&result))
	return result
}

func TestAWalkWorksOnThoseWhoDifferAFewAtATime(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	var people []string
	for i := range 25 {
		people = append(people, "00uPERSON"+string(rune('a'+i)))
	}
	w.part = func(contract.SyncWalkInput) contract.SyncWalkResult {
		return contract.SyncWalkResult{Mode: w.mode, Work: people, Counts: contract.SyncCounts{People: 40, Differ: 25}, Report: "r"}
	}
	running, most := 0, 0
	w.env.OnWorkflow(string(casework.ProfileSync), anything, anything).Return(func(ctx workflow.Context, in contract.SyncInput) (contract.SyncResult, error) {
		running++
		most = max(most, running)
		err := workflow.Sleep(ctx, time.Minute)
		running--
		assert.Negative(t, in.Idle, "a walk waits for nobody's further nudges")
		return contract.SyncResult{End: contract.SyncWritten}, err
	})
	result := w.runAll(contract.SyncAllInput{})
	assert.Equal(t, 25, result.Ends[contract.SyncWritten])
	assert.Equal(t, 10, most)
	assert.Equal(t, 1, w.everyone, "the desk is read once")
	assert.Equal(t, []string{"r"}, result.Reports)
}

func TestAWalkGoesOnWhereAPartEnded(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	w.mode = casework.ModeObserve
	w.part = func(contract.SyncWalkInput) contract.SyncWalkResult {
		return contract.SyncWalkResult{Mode: w.mode, Counts: contract.SyncCounts{People: 1000}, Next: "cursor-1", Report: "r"}
	}
	w.env.ExecuteWorkflow(workflows.SyncAll, contract.SyncAllInput{})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, w.env.GetWorkflowError(), &next)
	require.Len(t, w.walked, 1)

	again := newSyncWorld(t)
	again.part = func(in contract.SyncWalkInput) contract.SyncWalkResult {
		assert.Equal(t, "cursor-1", in.Cursor)
		assert.Equal(t, 1, in.Part)
		return contract.SyncWalkResult{Mode: casework.ModeObserve, Counts: contract.SyncCounts{People: 5}, Report: "r"}
	}
	result := again.runAll(contract.SyncAllInput{Carry: &contract.SyncAllCarry{
		Started: noon, Cursor: "cursor-1", Part: 1, Result: contract.SyncAllResult{Counts: contract.SyncCounts{People: 1000}, Reports: []string{"r"}},
	}})
	assert.Equal(t, 1005, result.Counts.People)
	assert.Zero(t, again.everyone, "the desk is not read again")
}

func TestAWalkThatIsOffReadsNobody(t *testing.T) {
	t.Parallel()
	w := newSyncWorld(t)
	w.mode = casework.ModeOff
	assert.Equal(t, casework.ModeOff, w.runAll(contract.SyncAllInput{}).Mode)
	assert.Empty(t, w.walked)
}

func TestFindingSomebodyNudgesTheirSyncOrLooks(t *testing.T) {
	t.Parallel()
	find := func(w *syncWorld, in contract.SyncFindInput) contract.SyncResult {
		w.env.ExecuteWorkflow(workflows.SyncFind, in)
		require.NoError(t, w.env.GetWorkflowError())
		var result contract.SyncResult
		require.NoError(t, w.env.GetWorkflowResult(&result))
		return result
	}
	w := newSyncWorld(t)
	result := find(w, contract.SyncFindInput{DeskID: 42})
	assert.Equal(t, contract.SyncNudged, result.End)
	assert.Equal(t, ada.OktaUserID, result.OktaUserID)

	w = newSyncWorld(t)
	w.drifts = []casework.Drift{drift(titleOfOkta, casework.DriftWrite, "a", "b")}
	result = find(w, contract.SyncFindInput{Email: ada.Email, Look: true})
	assert.Equal(t, contract.SyncObserved, result.End)
	assert.Empty(t, w.wrote)

	assert.Equal(t, contract.SyncNobody, find(newSyncWorld(t), contract.SyncFindInput{Email: "nobody@acme.example"}).End)
}
