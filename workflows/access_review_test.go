package workflows_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/review"
	"latchkey/workflows"
)

// fair is a campaign with everything outside it: two reviewers, one of whom has two items about two people.
type fair struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment

	mode      casework.Mode
	settings  review.Settings
	snapshots int // how many calls the snapshot needs
	parts     map[string]contract.ReviewerResult
	started   []contract.ReviewerInput
	never     []string // reviewers whose workflow never ends by itself
	closed    []string
	revoked   map[string][]review.Item
	ends      func(contract.RevocationInput) contract.RevocationResult
	takenFrom []contract.RevocationInput
	finals    []contract.ReviewOutcomesInput
	reports   []contract.ReviewReportInput
	evidence  int
	calls     []string
}

func newFair(t *testing.T) *fair {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	f := &fair{
		t: t, env: suite.NewTestWorkflowEnvironment(), mode: casework.ModeAct, snapshots: 1,
		settings: review.Settings{Title: "Acme access review 2026-Q4", TicketPer: review.TicketPerReviewer, NoResponse: review.NoResponseEscalate, SecondRoundDays: 7},
		parts: map[string]contract.ReviewerResult{
			"00uBOSS":  {Counts: contract.ReviewerCounts{Items: 2, Certified: 1, Revoked: 1}, Answers: "answers/boss"},
			"00uOWNER": {Counts: contract.ReviewerCounts{Items: 1, Certified: 1}, Answers: "answers/owner"},
		},
		revoked: map[string][]review.Item{"answers/boss": {item("i1", "00uADA", group("g1"))}},
	}
	f.ends = func(in contract.RevocationInput) contract.RevocationResult {
		var res contract.RevocationResult
		for _, r := range in.Revoked {
			res.Items = append(res.Items, contract.RevocationItem{Item: r.Item, Object: r.Object, End: contract.RevocationGone, At: f.env.Now()})
		}
		return res
	}
	f.env.SetStartTime(noon)
	f.env.SetTestTimeout(20 * time.Second)
	f.env.RegisterWorkflowWithOptions(workflows.AccessReview, workflow.RegisterOptions{Name: string(casework.AccessReview)})
	f.env.RegisterWorkflowWithOptions(f.reviewer, workflow.RegisterOptions{Name: contract.WorkflowReviewer})
	f.env.RegisterWorkflowWithOptions(f.revocation, workflow.RegisterOptions{Name: contract.WorkflowRevocation})
	f.register()
	return f
}

func item(id, person string, object identity.Entitlement) review.Item {
	return review.Item{ID: id, Person: review.Person{OktaUserID: person, Name: person}, Object: object}
}

// reviewer stands in for a reviewer's workflow: it tells the campaign how it ended, and ends.
func (f *fair) reviewer(ctx workflow.Context, in contract.ReviewerInput) (contract.ReviewerResult, error) {
	f.started = append(f.started, in)
	id := in.State.Reviewer.ID
	closing := workflow.GetSignalChannel(ctx, contract.SignalReviewClose)
	if slices.Contains(f.never, id) {
		closing.Receive(ctx, nil)
		f.closed = append(f.closed, id)
	} else if err := workflow.Sleep(ctx, time.Hour); err != nil {
		return contract.ReviewerResult{}, err
	}
	res := f.parts[id]
	res.Counts.Reviewer, res.Counts.Answers, res.Counts.Ended = in.State.Reviewer, res.Answers, true
	return res, workflow.SignalExternalWorkflow(ctx, "review/2026-Q4", "", contract.SignalReviewProgress, res.Counts).Get(ctx, nil)
}

func (f *fair) revocation(_ workflow.Context, in contract.RevocationInput) (contract.RevocationResult, error) {
	f.takenFrom = append(f.takenFrom, in)
	return f.ends(in), nil
}

// does registers an activity that is counted by name.
func does[In, Out any](f *fair, name string, act func(In) (Out, error)) {
	f.env.RegisterActivityWithOptions(func(_ context.Context, in In) (Out, error) {
		f.calls = append(f.calls, name)
		return act(in)
	}, activity.RegisterOptions{Name: name})
}

func (f *fair) register() {
	does(f, contract.ActReviewPlan, func(in contract.ReviewPlanInput) (contract.ReviewPlanResult, error) {
		return contract.ReviewPlanResult{Campaign: in.Campaign, Mode: f.mode, Settings: f.settings, Due: noon.Add(21 * day), Owner: "Identity Team", Previous: "2026-Q3"}, nil
	})
	does(f, contract.ActReviewCampaignTicket, func(contract.ReviewCampaignTicketInput) (contract.ReviewTicketResult, error) {
		return contract.ReviewTicketResult{Ticket: 70}, nil
	})
	does(f, contract.ActReviewSnapshot, func(contract.ReviewSnapshotInput) (contract.SnapshotRef, error) {
		f.snapshots--
		return contract.SnapshotRef{Key: "s", Users: 3, Done: f.snapshots <= 0, Complete: f.snapshots <= 0, Partial: []string{"the group Old was deleted meanwhile"}}, nil
	})
	does(f, contract.ActReviewEmployees, func(contract.ReviewEmployeesInput) (contract.EmployeesRef, error) {
		return contract.EmployeesRef{Key: "e", Done: true}, nil
	})
	does(f, contract.ActReviewAssign, func(in contract.ReviewAssignInput) (contract.ReviewAssignResult, error) {
		assert.Equal(f.t, "2026-Q3", in.Previous)
		return contract.ReviewAssignResult{Reviewers: 2, Items: 3}, nil
	})
	does(f, contract.ActReviewReviewers, func(in contract.ReviewReviewersInput) (contract.ReviewReviewersResult, error) {
		all := []review.PacketRef{{Reviewer: review.Reviewer{ID: "00uBOSS", Name: "Boss"}, Items: 2}, {Reviewer: review.Reviewer{ID: "00uOWNER", Name: "Owner"}, Items: 1}}
		next := in.From + 1
		if next == len(all) {
			next = 0
		}
		return contract.ReviewReviewersResult{Packets: all[in.From : in.From+1], Next: next}, nil
	})
	does(f, contract.ActReviewRevocations, func(in contract.ReviewRevocationsInput) (contract.ReviewRevocationsResult, error) {
		if in.Unanswered {
			return contract.ReviewRevocationsResult{Items: f.revoked["unanswered/"+in.Reviewer]}, nil
		}
		return contract.ReviewRevocationsResult{Items: f.revoked[in.Answers]}, nil
	})
	does(f, contract.ActReviewKeepOutcomes, func(in contract.ReviewOutcomesInput) (struct{}, error) {
		f.finals = append(f.finals, in)
		return struct{}{}, nil
	})
	does(f, contract.ActReviewEvidence, func(contract.ReviewEvidenceInput) (contract.ReviewEvidenceResult, error) {
		f.evidence++
		return contract.ReviewEvidenceResult{Manifest: "m", Digest: "d1", Counts: contract.ReviewCounts{Items: 3, Certified: 2, Revoked: 1, Gone: 1}}, nil
	})
	does(f, contract.ActReviewReport, func(in contract.ReviewReportInput) (struct{}, error) {
		f.reports = append(f.reports, in)
		return struct{}{}, nil
	})
	does(f, contract.ActReviewTidy, func(contract.ReviewTidyInput) (contract.ReviewTidyResult, error) {
		return contract.ReviewTidyResult{}, nil
	})
	does(f, contract.ActCaseOpen, func(contract.CaseOpenInput) (contract.CaseOpenResult, error) {
		return contract.CaseOpenResult{}, nil
	})
	does(f, contract.ActTell, func(contract.TellInput) (contract.TellResult, error) { return contract.TellResult{}, nil })
	does(f, contract.ActSetTicket, func(contract.SetTicketInput) (contract.SetTicketResult, error) {
		return contract.SetTicketResult{}, nil
	})
}

func (f *fair) run() contract.ReviewState {
	f.t.Helper()
	f.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: "review/2026-Q4", TaskQueue: contract.QueueLatchkey})
	f.env.ExecuteWorkflow(workflows.AccessReview, contract.ReviewInput{Campaign: "2026-Q4"})
	require.True(f.t, f.env.IsWorkflowCompleted())
	require.NoError(f.t, f.env.GetWorkflowError())
	var state contract.ReviewState
	require.NoError(f.t, f.env.GetWorkflowResult(&state))
	return state
}

func TestACampaignReadsAsksTakesAwayAndReports(t *testing.T) {
	t.Parallel()
	f := newFair(t)
	f.snapshots = 3
	state := f.run()
	assert.Equal(t, contract.ReviewEnded, state.Phase)
	assert.Equal(t, "d1", state.Evidence)
	assert.Equal(t, contract.ReviewCounts{Items: 3, Certified: 2, Revoked: 1, Gone: 1}, state.Counts)
	require.Len(t, f.started, 2)
	assert.Equal(t, noon.Add(21*day), f.started[0].State.Due.UTC())
	assert.Equal(t, "Acme access review 2026-Q4", f.started[0].Tend.Title)
	require.Len(t, f.takenFrom, 1)
	assert.Equal(t, int64(70), f.takenFrom[0].Ticket, "what parks is told on the campaign's ticket")
	assert.Equal(t, []casework.Revoked{{Item: "i1", Object: group("g1"), By: "Boss"}}, f.takenFrom[0].Revoked)
	require.Len(t, f.finals, 2, "every reviewer's part is kept, one without revocations too")
	assert.Equal(t, review.OutcomeGone, f.finals[0].Final.Outcomes[0].State)
	assert.Equal(t, "answers/owner", f.finals[1].Final.Answers)
	require.Len(t, f.reports, 1)
	assert.Equal(t, []string{"the group Old was deleted meanwhile"}, f.reports[0].Partial, "completeness is stated")
	count := 0
	for _, c := range f.calls {
		if c == contract.ActReviewSnapshot {
			count++
		}
	}
	assert.Equal(t, 3, count, "the snapshot is asked for until it is done")
}

func TestObservedCampaignsWriteTheReportAndAskNobody(t *testing.T) {
	t.Parallel()
	f := newFair(t)
	f.mode = casework.ModeObserve
	state := f.run()
	assert.Equal(t, 1, f.evidence)
	assert.Empty(t, f.started)
	assert.Empty(t, f.reports)
	assert.Zero(t, state.Ticket)
	assert.NotContains(t, f.calls, contract.ActReviewCampaignTicket)
}

func TestACampaignThatPolicySwitchesOffReadsNothing(t *testing.T) {
	t.Parallel()
	f := newFair(t)
	f.mode = casework.ModeOff
	assert.Equal(t, "policy switches access reviews off", f.run().Why)
	assert.Equal(t, []string{contract.ActReviewPlan}, f.calls)
}

func TestReviewersThatDoNotEndAreClosedAfterTheSecondRound(t *testing.T) {
	t.Parallel()
	f := newFair(t)
	f.never = []string{"00uOWNER"}
	f.run()
	assert.Equal(t, []string{"00uOWNER"}, f.closed)
	assert.Equal(t, noon.Add(28*day+time.Hour), f.env.Now().UTC().Truncate(time.Hour), "21 days, a second round of 7, and an hour")
}

func TestExpediteClosesTheReviewsNow(t *testing.T) {
	t.Parallel()
	f := newFair(t)
	f.never = []string{"00uOWNER", "00uBOSS"}
	f.env.RegisterDelayedCallback(func() {
		f.env.UpdateWorkflow(contract.UpdateExpedite, "e", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { assert.NoError(t, err) },
			OnComplete: func(any, error) {},
		}, contract.OperatorCommand{Operator: contract.Operator{By: "Farah", Reason: "the audit is tomorrow"}})
	}, day)
	state := f.run()
	assert.ElementsMatch(t, []string{"00uOWNER", "00uBOSS"}, f.closed)
	assert.Less(t, f.env.Now().Sub(noon), 25*time.Hour)
	assert.Empty(t, state.Why, "it ended as a campaign ends")
}

func TestAnAbortedCampaignTakesNothingAwayAndReportsWhatWasDecided(t *testing.T) {
	t.Parallel()
	f := newFair(t)
	f.never = []string{"00uOWNER", "00uBOSS"}
	f.env.RegisterDelayedCallback(func() {
		f.env.UpdateWorkflow(contract.UpdateAbort, "a", &testsuite.TestUpdateCallback{
			OnAccept: func() {}, OnReject: func(err error) { assert.NoError(t, err) },
			OnComplete: func(any, error) {},
		}, contract.OperatorCommand{Operator: contract.Operator{By: "Farah", Reason: "wrong scope"}})
	}, day)
	state := f.run()
	assert.Empty(t, f.takenFrom)
	assert.Contains(t, state.Why, "wrong scope")
	require.Len(t, f.reports, 1)
	assert.Contains(t, f.reports[0].Why, "wrong scope")
	assert.Equal(t, 1, f.evidence)
}

func TestSilenceIsRevokedOnlyWherePolicySaysSo(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rule review.NoResponse
		want int
	}{"escalate": {review.NoResponseEscalate, 1}, "keep": {review.NoResponseKeep, 1}, "revoke": {review.NoResponseRevoke, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFair(t)
			f.settings.NoResponse = test.rule
			f.revoked["unanswered/00uBOSS"] = []review.Item{item("i2", "00uBOB", group("g2"))}
			f.run()
			assert.Len(t, f.takenFrom, test.want)
			if test.want == 2 {
				assert.True(t, f.finals[1].Final.Outcomes[0].Unanswered)
				assert.Equal(t, 1, f.finals[1].Part)
			}
		})
	}
}

func TestWhatHasToGoAtItsSourceIsATaskForItsOwner(t *testing.T) {
	t.Parallel()
	f := newFair(t)
	f.revoked["answers/boss"] = []review.Item{item("i1", "00uADA", group("g1")), item("i2", "00uBOB", group("g1")), item("i3", "00uADA", group("g2"))}
	f.ends = func(in contract.RevocationInput) contract.RevocationResult {
		var res contract.RevocationResult
		for _, r := range in.Revoked {
			end := contract.RevocationItem{Item: r.Item, Object: r.Object, End: contract.RevocationLeft, Why: "the group rule Sales gives it", Owner: "owner of rules", Source: true}
			if r.Object.ID == "g2" {
				end.Source, end.Why = false, "Okta said no"
			}
			res.Items = append(res.Items, end)
		}
		return res
	}
	f.run()
	require.Len(t, f.takenFrom, 2, "a person's items are taken away together")
	assert.Len(t, f.takenFrom[0].Revoked, 2)
	require.Len(t, f.reports, 1)
	assert.Equal(t, []contract.ReviewSource{{Object: "group g1", Owner: "owner of rules", Why: "the group rule Sales gives it", People: 2}}, f.reports[0].Sources)
}

func TestARevocationWorkflowThatFailsLeavesEverythingToTheOwner(t *testing.T) {
	t.Parallel()
	f := newFair(t)
	f.env.OnWorkflow(contract.WorkflowRevocation, mock.Anything, mock.Anything).Return(contract.RevocationResult{}, assert.AnError)
	f.run()
	require.Len(t, f.finals, 2)
	out := f.finals[0].Final.Outcomes[0]
	assert.Equal(t, review.OutcomeLeft, out.State)
	assert.Equal(t, "Identity Team", out.Owner)
}
