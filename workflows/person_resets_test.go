package workflows_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/workflows"
)

const week = 7 * 24 * time.Hour

func resetOf(ticket int64) contract.ResetRequest {
	return contract.ResetRequest{
		Mark:   casework.ResetMark{Ticket: ticket, Role: casework.ResetTarget, Kinds: []casework.ResetKind{casework.ResetPassword}},
		Limits: casework.ResetLimits{CoolDown: 24 * time.Hour, Most: 3, Window: week},
	}
}

// admits asks the firewall after a while, and keeps the verdict.
func (s *street) admits(t *testing.T, after time.Duration, ask contract.ResetRequest) *casework.ResetVerdict {
	t.Helper()
	verdict := &casework.ResetVerdict{}
	s.env.RegisterDelayedCallback(func() {
		s.env.UpdateWorkflow(contract.UpdateAdmitReset, s.env.Now().String(), &testsuite.TestUpdateCallback{
			OnAccept: func() {},
			OnReject: func(err error) { verdict.Why = "rejected: " + err.Error() },
			OnComplete: func(answer any, err error) {
				if v, ok := answer.(casework.ResetVerdict); assert.True(t, ok, "%v", err) {
					*verdict = v
				}
			},
		}, ask)
	}, after)
	return verdict
}

func TestTheBooksOutliveTheTurns(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	first := s.admits(t, time.Minute, resetOf(1))
	s.asks(2*time.Minute, 1, casework.CredentialReset)
	s.gives(3*time.Minute, 1)
	again := s.admits(t, 10*time.Hour, resetOf(1))
	second := s.admits(t, 23*time.Hour, resetOf(2))
	third := s.admits(t, 25*time.Hour, resetOf(3))
	nobody := s.admits(t, 26*time.Hour, contract.ResetRequest{})
	s.env.ExecuteWorkflow(workflows.Person, contract.PersonInput{OktaUserID: "u"})
	require.NoError(t, s.env.GetWorkflowError())
	assert.True(t, first.Admitted)
	assert.True(t, again.Admitted, "the same ticket asks for nothing new")
	assert.False(t, second.Admitted)
	assert.False(t, second.RetryAt.IsZero())
	assert.True(t, third.Admitted)
	assert.Contains(t, nobody.Why, "rejected: admit_reset needs a ticket")
	assert.Equal(t, []string{"ticket/FS-1 leaver=0"}, s.granted)
}

// It stays until the last mark no longer matters, on one timer rather than with a look every ten minutes.
func TestTheBooksAreClosedWhenNothingInThemMatters(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	var began time.Time
	timers := 0
	s.env.SetOnTimerScheduledListener(func(string, time.Duration) { timers++ })
	s.env.RegisterDelayedCallback(func() { began = s.env.Now() }, time.Second)
	s.admits(t, time.Minute, resetOf(1))
	s.env.ExecuteWorkflow(workflows.Person, contract.PersonInput{OktaUserID: "u"})
	require.NoError(t, s.env.GetWorkflowError())
	assert.GreaterOrEqual(t, s.env.Now().Sub(began), week)
	assert.LessOrEqual(t, timers, 4)
}

func TestTheBooksAreCarriedOver(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	mark := resetOf(1).Mark
	mark.At, mark.Keep = s.env.Now(), s.env.Now().Add(week)
	verdict := s.admits(t, time.Minute, resetOf(2))
	s.env.RegisterDelayedCallback(func() { s.env.SetContinueAsNewSuggested(true) }, time.Hour)
	s.asks(2*time.Hour, 3, casework.CredentialReset)
	s.env.ExecuteWorkflow(workflows.Person, contract.PersonInput{OktaUserID: "u", Turns: contract.Turns{Resets: []casework.ResetMark{mark}}})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(t, s.env.GetWorkflowError(), &next)
	assert.False(t, verdict.Admitted, "what was carried over counts")
	var in contract.PersonInput
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(next.Input, &in))
	assert.Len(t, in.Turns.Resets, 1)
}
