package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/workflows"
)

// intake runs Intake from the beginning.
func (w *world) intake() {
	w.t.Helper()
	w.env.ExecuteWorkflow(workflows.Intake, contract.CaseInput{Ticket: 7})
	require.True(w.t, w.env.IsWorkflowCompleted())
}

func (w *world) becomesLeaver() {
	w.t.Helper()
	var next *workflow.ContinueAsNewError
	require.ErrorAs(w.t, w.env.GetWorkflowError(), &next)
	assert.Equal(w.t, string(casework.Offboarding), next.WorkflowType.Name)
}

func TestAClassifiedTicketBecomesItsUseCase(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.intake()
	w.becomesLeaver()
	assert.Empty(t, w.told)
}

func TestMissingFieldsAreAskedForOnceAndTheCaseGoesOnWhenTheTicketChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.missing = []casework.Missing{{Field: "last_day", Label: "Last working day", Why: "is empty"}}
	w.at(time.Hour, func() { assert.Equal(t, casework.StateNeedsInformation, w.status().State); w.nudge() })
	w.at(2*time.Hour, func() { w.missing = nil; w.nudge() })
	w.intake()
	w.becomesLeaver()
	require.NotEmpty(t, w.told)
	for _, told := range w.told {
		assert.Equal(t, w.told[0].Key, told.Key, "the same fields have the same marker: one note")
		assert.False(t, told.Public)
	}
	assert.Contains(t, w.wishes, contract.WishWaiting)
}

func TestATicketThatConcernsNobodyIsLeftAlone(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		set func(*world)
		end casework.End
	}{
		"no rule wants it":    {func(w *world) { w.request.UseCase = "" }, casework.EndNotWanted},
		"its use case is off": {func(w *world) { w.request.Mode = casework.ModeOff }, casework.EndNotWanted},
		"older than act":      {func(w *world) { w.request.Backlog = true }, casework.EndNotWanted},
		"closed before":       {func(w *world) { w.request.Ticket.Closed = true }, casework.EndNotWanted},
		"deleted":             {func(w *world) { w.request.Ticket.Gone = true }, casework.EndCancelled},
		"left to a person by an earlier run, and asks for the same": {func(w *world) {
			w.earlier = &contract.RecordRef{Key: "old", Summary: "aborted", Waiting: true, Ask: w.askDigest()}
		}, casework.EndEarlier},
		"closed by an earlier run": {func(w *world) {
			w.request.Ticket.Closed, w.earlier = true, &contract.RecordRef{Key: "old", Summary: "done"}
		}, casework.EndEarlier},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.set(w)
			w.intake()
			require.NoError(t, w.env.GetWorkflowError())
			res := w.result()
			assert.Equal(t, c.end, res.End)
			assert.Empty(t, w.told)
			assert.Empty(t, w.wishes)
		})
	}
}

func TestATicketLeftToAPersonRunsAgainWhenItAsksForSomethingElseOrIsNamed(t *testing.T) {
	t.Parallel()
	changed := newWorld(t)
	changed.earlier = &contract.RecordRef{Key: "old", Waiting: true, Ask: changed.askDigest()}
	changed.request.Subject = "somebody.else@acme.example"
	changed.intake()
	changed.becomesLeaver()

	named := newWorld(t)
	named.earlier = &contract.RecordRef{Key: "old", Waiting: true, Ask: named.askDigest()}
	named.at(0, func() { named.env.SignalWorkflow(contract.SignalNudge, &contract.Operator{By: "op", Reason: "again"}) })
	named.intake()
	named.becomesLeaver()
}

// askDigest is the digest that a run of this very ticket would have stored.
func (w *world) askDigest() string {
	w.t.Helper()
	before := newWorld(w.t)
	before.run()
	return before.evidence[0].Ask
}
