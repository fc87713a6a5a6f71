package workflows_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/workflows"
)

// office is a controls workflow that runs for a day and then continues as new.
type office struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment
	n   int
}

func newOffice(t *testing.T) *office {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	o := &office{t: t, env: suite.NewTestWorkflowEnvironment()}
	o.env.SetStartTime(noon)
	return o
}

// sends sends an update after a while and hands its result on.
func sends[Out any](o *office, after time.Duration, name string, arg any, then func(Out, error)) {
	o.n++
	id := fmt.Sprintf("u%d", o.n)
	o.env.RegisterDelayedCallback(func() {
		o.env.UpdateWorkflow(name, id, &testsuite.TestUpdateCallback{
			OnAccept: func() {},
			OnReject: func(err error) { var zero Out; then(zero, err) },
			OnComplete: func(v any, err error) {
				out, ok := v.(Out)
				assert.True(o.t, ok || err != nil)
				then(out, err)
			},
		}, arg)
	}, after)
}

func (o *office) run() {
	o.t.Helper()
	o.env.ExecuteWorkflow(workflows.Controls, contract.Controls{})
	var next *workflow.ContinueAsNewError
	require.ErrorAs(o.t, o.env.GetWorkflowError(), &next)
	assert.Equal(o.t, contract.WorkflowControls, next.WorkflowType.Name)
}

func (o *office) look() contract.Controls {
	o.t.Helper()
	v, err := o.env.QueryWorkflow(contract.QueryControls)
	require.NoError(o.t, err)
	var c contract.Controls
	require.NoError(o.t, v.Get(&c))
	return c
}

var by = contract.Operator{By: "op", Reason: "incident"}

func TestFreezeHoldsOneUseCaseOrAllUntilThawed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	sends(o, time.Minute, contract.UpdateFreeze, contract.FreezeCommand{Operator: by, UseCase: "Offboarding"}, func(_ contract.CommandResult, err error) {
		require.NoError(t, err)
		_, frozen := o.look().FrozenFor(casework.Offboarding)
		assert.True(t, frozen)
		_, frozen = o.look().FrozenFor(casework.AccessRequest)
		assert.False(t, frozen)
	})
	sends(o, 2*time.Minute, contract.UpdateFreeze, contract.FreezeCommand{Operator: by}, func(_ contract.CommandResult, err error) { require.NoError(t, err) })
	sends(o, 3*time.Minute, contract.UpdateThaw, contract.FreezeCommand{Operator: by}, func(_ contract.CommandResult, err error) {
		require.NoError(t, err)
		assert.Empty(t, o.look().Frozen)
	})
	o.run()
}

func TestFreezeRefusesAnUnknownUseCaseAndANamelessOperator(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	sends(o, time.Minute, contract.UpdateFreeze, contract.FreezeCommand{Operator: by, UseCase: "offbording"}, func(_ contract.CommandResult, err error) {
		assert.ErrorContains(t, err, "Offboarding")
	})
	sends(o, 2*time.Minute, contract.UpdateFreeze, contract.FreezeCommand{}, func(_ contract.CommandResult, err error) {
		assert.ErrorContains(t, err, "say who you are")
	})
	o.run()
	assert.Empty(t, o.look().Frozen)
}

func TestTheMassChangeGuardCountsPeopleOncePerTicketAndTripsOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	ask := func(n int) contract.AdmitRequest {
		return contract.AdmitRequest{OktaUserID: fmt.Sprintf("u%d", n), Ticket: int64(n), Limit: 2, Window: time.Hour}
	}
	expect := func(admitted, first bool) func(contract.AdmitVerdict, error) {
		return func(v contract.AdmitVerdict, err error) {
			require.NoError(t, err)
			assert.Equal(t, admitted, v.Admitted)
			assert.Equal(t, first, v.First)
		}
	}
	sends(o, 1*time.Minute, contract.UpdateAdmit, ask(1), expect(true, false))
	sends(o, 2*time.Minute, contract.UpdateAdmit, ask(1), expect(true, false))
	sends(o, 3*time.Minute, contract.UpdateAdmit, ask(2), expect(true, false))
	sends(o, 4*time.Minute, contract.UpdateAdmit, ask(3), expect(false, true))
	sends(o, 5*time.Minute, contract.UpdateAdmit, ask(3), expect(false, false))
	sends(o, 6*time.Minute, contract.UpdateAdmit, ask(2), expect(true, false))
	sends(o, 7*time.Minute, contract.UpdateRelease, contract.ReleaseCommand{Operator: by, Until: noon.Add(10 * time.Minute)}, func(_ contract.CommandResult, err error) { require.NoError(t, err) })
	sends(o, 8*time.Minute, contract.UpdateAdmit, ask(3), expect(true, false))
	sends(o, 20*time.Minute, contract.UpdateAdmit, ask(4), expect(false, true))
	sends(o, 2*time.Hour, contract.UpdateAdmit, ask(4), expect(true, false))
	o.run()
}

func TestSwitchingOnIsRememberedOnceAndForgottenWhenSwitchedOff(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	modes := func(m casework.Mode) contract.ModesReport {
		return contract.ModesReport{Modes: map[casework.UseCase]casework.Mode{casework.Offboarding: m}}
	}
	var first time.Time
	sends(o, time.Minute, contract.UpdateModes, modes(casework.ModeAct), func(s contract.ModesSince, err error) {
		require.NoError(t, err)
		first = s.Since[casework.Offboarding]
		assert.False(t, first.IsZero())
	})
	sends(o, 2*time.Minute, contract.UpdateModes, modes(casework.ModeAct), func(s contract.ModesSince, err error) {
		require.NoError(t, err)
		assert.Equal(t, first, s.Since[casework.Offboarding])
	})
	sends(o, 3*time.Minute, contract.UpdateModes, modes(casework.ModeObserve), func(s contract.ModesSince, err error) {
		require.NoError(t, err)
		assert.NotContains(t, s.Since, casework.Offboarding)
	})
	sends(o, 4*time.Minute, contract.UpdateModes, modes(casework.ModeAct), func(s contract.ModesSince, err error) {
		require.NoError(t, err)
		assert.True(t, s.Since[casework.Offboarding].After(first))
	})
	o.run()
}

func TestRepeatedAlarmsAreOneAlarm(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i := range 5 {
		o.env.RegisterDelayedCallback(func() {
			o.env.SignalWorkflow(contract.SignalAlarm, contract.AlarmSignal{Vendor: "okta", Text: "401"})
		}, time.Duration(i)*time.Minute)
	}
	o.env.RegisterDelayedCallback(func() {
		alarms := o.look().Alarms
		require.Len(t, alarms, 1)
		assert.Equal(t, 5, alarms[0].Count)
	}, time.Hour)
	o.run()
}
