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
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/review"
	"latchkey/workflows"
)

// seat is a reviewer's part with the activity outside: it counts what it is handed.
type seat struct {
	t    *testing.T
	env  *testsuite.TestWorkflowEnvironment
	in   contract.ReviewerInput
	took []contract.TakeReviewBatchInput
	told []contract.ReviewerCounts
	// take answers for the activity; nil takes one certification a batch.
	take func(contract.TakeReviewBatchInput) (contract.TakeReviewBatchResult, error)
}

func newSeat(t *testing.T, items int) *seat {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	s := &seat{t: t, env: suite.NewTestWorkflowEnvironment()}
	s.env.SetStartTime(noon)
	s.env.RegisterWorkflowWithOptions(workflows.Reviewer, workflow.RegisterOptions{Name: contract.WorkflowReviewer})
	s.in = contract.ReviewerInput{State: contract.ReviewerState{
		Campaign: "2026-Q4", Reviewer: review.Reviewer{ID: "00uBOSS", Name: "Boss"}, Items: items, Due: noon.Add(14 * 24 * time.Hour), Deputies: []string{"00uDEPUTY"},
	}}
	s.env.RegisterActivityWithOptions(func(_ context.Context, in contract.TakeReviewBatchInput) (contract.TakeReviewBatchResult, error) {
		s.took = append(s.took, in)
		if s.take != nil {
			return s.take(in)
		}
		n := len(s.took)
		return contract.TakeReviewBatchResult{Taken: 1, Answers: fmt.Sprintf("answers-%d", n), Certified: n}, nil
	}, activity.RegisterOptions{Name: contract.ActTakeReviewBatch})
	s.env.OnSignalExternalWorkflow(mock.Anything, "review/2026-Q4", "", contract.SignalReviewProgress, mock.Anything).Return(
		func(_, _, _, _ string, arg any) error {
			counts, ok := arg.(contract.ReviewerCounts)
			require.True(t, ok)
			s.told = append(s.told, counts)
			return nil
		})
	return s
}

// answered is what came back of an update.
type answered struct {
	result   contract.DecideResult
	state    contract.ReviewerState
	rejected error
	err      error
	done     bool
}

func (s *seat) update(after time.Duration, name, id string, arg any) *answered {
	a := &answered{}
	s.env.RegisterDelayedCallback(func() {
		s.env.UpdateWorkflow(name, id, &testsuite.TestUpdateCallback{
			OnAccept: func() {},
			OnReject: func(err error) { a.rejected = err },
			OnComplete: func(result any, err error) {
				a.done, a.err = true, err
				switch r := result.(type) {
				case contract.DecideResult:
					a.result = r
				case contract.ReviewerState:
					a.state = r
				}
			},
		}, arg)
	}, after)
	return a
}

func (s *seat) decides(after time.Duration, batch string) *answered {
	return s.update(after, contract.UpdateDecide, fmt.Sprintf("%s-%d", batch, after), contract.DecideCommand{Batch: batch})
}

func (s *seat) run() contract.ReviewerResult {
	s.t.Helper()
	s.env.ExecuteWorkflow(workflows.Reviewer, s.in)
	require.True(s.t, s.env.IsWorkflowCompleted())
	require.NoError(s.t, s.env.GetWorkflowError())
	var res contract.ReviewerResult
	require.NoError(s.t, s.env.GetWorkflowResult(&res))
	return res
}

func (s *seat) state() contract.ReviewerState {
	s.t.Helper()
	value, err := s.env.QueryWorkflow(contract.QueryReviewer)
	require.NoError(s.t, err)
	var state contract.ReviewerState
	require.NoError(s.t, value.Get(&state))
	return state
}

func TestAReviewerEndsAWhileAfterTheLastAnswer(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 2)
	s.decides(time.Hour, "b1")
	s.decides(2*time.Hour, "b2")
	change := s.decides(2*time.Hour+10*time.Minute, "b3")
	s.take = func(contract.TakeReviewBatchInput) (contract.TakeReviewBatchResult, error) {
		n := min(len(s.took), 2)
		return contract.TakeReviewBatchResult{Taken: 1, Answers: fmt.Sprintf("answers-%d", len(s.took)), Certified: n}, nil
	}
	s.env.RegisterDelayedCallback(func() {
		state := s.state()
		assert.True(t, state.Open)
		assert.Equal(t, noon.Add(2*time.Hour+contract.ReviewerLinger), state.Until.UTC())
	}, 2*time.Hour+time.Minute)
	res := s.run()
	assert.Equal(t, contract.ReviewerAnswered, res.End)
	assert.Equal(t, "answers-3", res.Answers, "an answer may be changed for a while")
	assert.Equal(t, 1, change.result.Taken)
	assert.Equal(t, noon.Add(2*time.Hour+10*time.Minute+contract.ReviewerLinger), s.env.Now().UTC())
	assert.True(t, res.Counts.Ended)
	assert.Equal(t, []string{"", "answers-1", "answers-2"}, []string{s.took[0].Answers, s.took[1].Answers, s.took[2].Answers}, "each batch builds on the one before")
	assert.Equal(t, []string{"00uDEPUTY"}, s.took[0].Deputies)
	require.Len(t, s.told, 3, "the campaign is told of progress, not of a change of mind, and of the end")
	assert.True(t, s.told[2].Ended)
	assert.Equal(t, 2, s.told[1].Certified)
}

func TestAReviewerWhoSaysNothingEndsWhenTheTimeIsOver(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 2)
	s.decides(time.Hour, "b1")
	res := s.run()
	assert.Equal(t, contract.ReviewerDue, res.End)
	assert.Equal(t, 1, res.Counts.Certified)
	assert.Equal(t, noon.Add(14*24*time.Hour), s.env.Now().UTC())
}

func TestACampaignClosesAReviewer(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 2)
	s.env.RegisterDelayedCallback(func() { s.env.SignalWorkflow(contract.SignalReviewClose, nil) }, time.Hour)
	res := s.run()
	assert.Equal(t, contract.ReviewerClosed, res.End)
	assert.Equal(t, noon.Add(time.Hour), s.env.Now().UTC())
}

func TestTheSameBatchCountsOnce(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 3)
	first := s.decides(time.Hour, "b1")
	again := s.decides(time.Hour+time.Second, "b1")
	res := s.run()
	assert.Len(t, s.took, 1)
	assert.Equal(t, 1, first.result.Taken)
	assert.Equal(t, first.result, again.result)
	assert.Equal(t, 1, res.Counts.Certified)
}

func TestBatchesThatComeTogetherGoOneAfterTheOther(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 9)
	for i := range 5 {
		s.decides(time.Hour, fmt.Sprintf("b%d", i))
		s.decides(time.Hour, fmt.Sprintf("b%d", i)) // and each twice
	}
	res := s.run()
	require.Len(t, s.took, 5)
	for i, in := range s.took[1:] {
		assert.Equal(t, fmt.Sprintf("answers-%d", i+1), in.Answers)
	}
	assert.Equal(t, "answers-5", res.Answers)
}

func TestARefusedBatchChangesNothing(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 1)
	s.take = func(contract.TakeReviewBatchInput) (contract.TakeReviewBatchResult, error) {
		return contract.TakeReviewBatchResult{Refused: "no known key has signed the batch as it is"}, nil
	}
	got := s.decides(time.Hour, "forged")
	res := s.run()
	assert.Equal(t, "no known key has signed the batch as it is", got.result.Refused)
	assert.Zero(t, got.result.Taken)
	assert.Equal(t, contract.ReviewerDue, res.End)
	assert.Zero(t, res.Counts.Certified+res.Counts.Revoked)
	assert.Empty(t, res.Answers)
}

func TestABatchThatCouldNotBeVerifiedMayComeAgain(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 1)
	broken := true
	s.take = func(contract.TakeReviewBatchInput) (contract.TakeReviewBatchResult, error) {
		if broken {
			return contract.TakeReviewBatchResult{}, temporal.NewNonRetryableApplicationError("the packet is missing", string(casework.Conflict), errors.New("x"))
		}
		return contract.TakeReviewBatchResult{Taken: 1, Answers: "a", Certified: 1}, nil
	}
	failed := s.decides(time.Hour, "b1")
	s.env.RegisterDelayedCallback(func() { broken = false }, 2*time.Hour)
	worked := s.decides(3*time.Hour, "b1")
	res := s.run()
	require.ErrorContains(t, failed.err, "the packet is missing")
	assert.Equal(t, 1, worked.result.Taken)
	assert.Equal(t, contract.ReviewerAnswered, res.End)
}

func TestAClosedReviewTakesNothing(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 2)
	var late *answered
	s.take = func(contract.TakeReviewBatchInput) (contract.TakeReviewBatchResult, error) {
		s.env.SignalWorkflow(contract.SignalReviewClose, nil) // while a batch is being verified
		late = s.decides(0, "b2")
		return contract.TakeReviewBatchResult{Taken: 1, Answers: "a", Certified: 1}, nil
	}
	first := s.decides(time.Hour, "b1")
	res := s.run()
	assert.Equal(t, 1, first.result.Taken, "what was on its way when it closed counts")
	assert.Equal(t, 1, res.Counts.Certified)
	assert.Len(t, s.took, 1)
	if late.done {
		assert.NotEmpty(t, late.result.Refused)
	}
	bad := newSeat(t, 2)
	wrong := bad.update(time.Hour, contract.UpdateDecide, "x", contract.DecideCommand{Batch: "../../elsewhere"})
	bad.run()
	require.ErrorIs(t, wrong.rejected, review.ErrID)
}

func TestLinksAreMadeAndRevokedByName(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 1)
	op := contract.Operator{By: "op", Reason: "no OIDC here"}
	make1 := contract.LinkCommand{Operator: op, ID: "l1", Expires: noon.Add(48 * time.Hour)}
	made := s.update(time.Hour, contract.UpdateLink, "1", make1)
	again := s.update(2*time.Hour, contract.UpdateLink, "2", make1)
	revoked := s.update(3*time.Hour, contract.UpdateLink, "3", contract.LinkCommand{Operator: op, Revoke: "l1"})
	back := s.update(4*time.Hour, contract.UpdateLink, "4", make1)
	bad := map[string]*answered{
		"say who you are": s.update(5*time.Hour, contract.UpdateLink, "5", contract.LinkCommand{ID: "l2", Expires: noon.Add(48 * time.Hour)}),
		"time to come":    s.update(5*time.Hour, contract.UpdateLink, "6", contract.LinkCommand{Operator: op, ID: "l2", Expires: noon}),
		"90 days":         s.update(5*time.Hour, contract.UpdateLink, "7", contract.LinkCommand{Operator: op, ID: "l2", Expires: noon.Add(91 * 24 * time.Hour)}),
		"needs an ID":     s.update(5*time.Hour, contract.UpdateLink, "8", contract.LinkCommand{Operator: op, Expires: noon.Add(48 * time.Hour)}),
		"no link":         s.update(5*time.Hour, contract.UpdateLink, "9", contract.LinkCommand{Operator: op, Revoke: "l2"}),
	}
	s.run()
	assert.Equal(t, []contract.ReviewLink{{ID: "l1", Expires: noon.Add(48 * time.Hour), By: "op"}}, made.state.Links)
	assert.Equal(t, made.state.Links, again.state.Links)
	assert.True(t, revoked.state.Links[0].Revoked)
	assert.True(t, back.state.Links[0].Revoked, "a revoked link does not come back")
	for says, a := range bad {
		require.ErrorContains(t, a.rejected, says)
	}
}

func TestAReviewerGoesOnAsNewAndRemembersBatches(t *testing.T) {
	t.Parallel()
	s := newSeat(t, 9)
	s.decides(time.Hour, "b1")
	s.decides(3*time.Hour, "b2")
	s.take = func(in contract.TakeReviewBatchInput) (contract.TakeReviewBatchResult, error) {
		s.env.SetContinueAsNewSuggested(in.Batch == "b2") // while it is being verified
		return contract.TakeReviewBatchResult{Taken: 1, Answers: fmt.Sprintf("answers-%d", len(s.took)), Certified: len(s.took)}, nil
	}
	s.env.ExecuteWorkflow(workflows.Reviewer, s.in)
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, s.env.GetWorkflowError(), &next)
	after := newSeat(t, 9)
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &after.in))
	assert.Equal(t, []contract.TakenBatch{{ID: "b1", N: 1}, {ID: "b2", N: 1}}, after.in.Taken)
	again := after.decides(time.Hour, "b1")
	res := after.run()
	assert.Equal(t, 1, again.result.Taken)
	assert.Empty(t, after.took)
	assert.Equal(t, "answers-2", res.Answers)
}
