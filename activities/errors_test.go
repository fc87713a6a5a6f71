package activities_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"gocloud.dev/blob/memblob"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

func TestAClientsErrorBecomesOneFailure(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault oktasim.Fault
		kind  casework.ErrKind
		final bool
		says  string
	}{
		"the budget is used up":     {oktasim.Fault{Kind: oktasim.FaultRateLimit, Path: "users/*"}, casework.RateLimited, false, "429 to GetUser E0000047"},
		"too many calls at once":    {oktasim.Fault{Kind: oktasim.FaultConcurrency, Path: "users/*"}, casework.RateLimited, false, "429"},
		"Okta is down":              {oktasim.Fault{Kind: oktasim.FaultStatus, Status: http.StatusServiceUnavailable, Path: "users/*"}, casework.Unavailable, false, "503"},
		"a proxy answers":           {oktasim.Fault{Kind: oktasim.FaultStatus, Status: http.StatusBadGateway, HTML: true, Path: "users/*"}, casework.Unavailable, false, "502"},
		"the connection is cut":     {oktasim.Fault{Kind: oktasim.FaultConnectionCut, Path: "users/*"}, casework.Unavailable, false, "no answer"},
		"a write's answer is lost":  {oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: "write"}, casework.Ambiguous, false, "the next try reads first"},
		"our role is too small":     {oktasim.Fault{Kind: oktasim.FaultRefuse, Method: "write", Path: "users/*/lifecycle/suspend"}, casework.Denied, true, "E0000006"},
		"our credential is refused": {oktasim.Fault{Kind: oktasim.FaultStatus, Status: http.StatusUnauthorized, Path: "users/*"}, casework.Unauthorized, true, "starter doctor"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
			w.fault(tt.fault)
			_, err := run[contract.ApplyResult](w, contract.ActApplyChange, input(plan, plan.Changes[0]))
			var failure *temporal.ApplicationError
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, string(tt.kind), failure.Type())
			assert.Equal(t, tt.final, failure.NonRetryable())
			assert.Contains(t, failure.Message(), tt.says)
			assert.Contains(t, failure.Message(), "while suspend account:")
			noAddress(t, failure.Error())
			if tt.kind == casework.RateLimited {
				assert.GreaterOrEqual(t, failure.NextRetryDelay(), time.Second)
				assert.LessOrEqual(t, failure.NextRetryDelay(), 70*time.Second)
				assert.Equal(t, temporal.ApplicationErrorCategoryBenign, failure.Category())
			} else {
				assert.Zero(t, failure.NextRetryDelay())
			}
			assert.Len(t, w.cluster.alarms, map[bool]int{true: 1}[tt.kind == casework.Unauthorized])
			for _, a := range w.cluster.alarms {
				assert.Equal(t, "Okta", a.Vendor)
				noAddress(t, a.Text)
			}
		})
	}
}

func TestTheGateStopsCallsBeforeTheyAreMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, func(o *oktasim.Options) { o.Limits = oktasim.LimitsIntegrator })
	var refused error
	for range 200 {
		if _, refused = w.client.ListFactors(t.Context(), w.user(acme.Ada).ID); refused != nil {
			break
		}
	}
	require.Error(t, refused)
	for _, c := range w.sim.Counters() {
		assert.Zero(t, c.Statuses[http.StatusTooManyRequests], "%s %s", c.Method, c.Path)
	}
	in := contract.PlanInput{Request: leaverRequest(acme.Ada)}
	_, err := run[contract.PlanResult](w, contract.ActPlan, in)
	var failure *temporal.ApplicationError
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, string(casework.RateLimited), failure.Type())
	assert.Positive(t, failure.NextRetryDelay())
	assert.Contains(t, failure.Message(), "was not asked")
}

func TestBadInputIsInvalid(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, err := run[contract.PlanResult](w, contract.ActPlan, contract.PlanInput{Request: casework.Request{UseCase: "Nothing"}})
	assert.Equal(t, casework.Invalid, kind(err))
	_, err = run[contract.ApplyResult](w, contract.ActApplyChange, contract.ApplyInput{Ticket: 12})
	assert.Equal(t, casework.Invalid, kind(err))
	_, err = run[contract.VerifyResult](w, contract.ActVerify, contract.VerifyInput{Ticket: 12})
	assert.Equal(t, casework.Invalid, kind(err))
	request := leaverRequest(acme.Ada)
	request.LocalEffective = "soon"
	_, err = run[contract.PlanResult](w, contract.ActPlan, contract.PlanInput{Request: request})
	assert.Equal(t, casework.Invalid, kind(err))
}

// engine runs an activity that touches neither vendor.
func engine[R any](t *testing.T, e *activities.Engine, name string, in any) (R, error) {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	env := suite.NewTestActivityEnvironment()
	activities.Register(env, activities.Roles{Engine: e})
	var result R
	value, err := env.ExecuteActivity(name, in)
	if err == nil && value.HasValue() {
		err = value.Get(&result)
	}
	return result, err
}

func TestEvidenceOfACaseIsStoredOnce(t *testing.T) {
	t.Parallel()
	store := evidence.NewStore(memblob.OpenBucket(nil))
	e := &activities.Engine{Cluster: newFakeCluster(), Records: store}
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	list := w.carry(plan)
	check := w.verify(plan, list)
	in := contract.EvidenceInput{
		Case: contract.Case{
			Request: leaverRequest(acme.Ada), Plan: &plan, Done: list, StartedAt: time.Now(),
			Units: []contract.Unit{{Key: "plan", Title: "Leaver", Plan: plan}},
		},
		End: casework.EndDone, Verify: []contract.VerifyResult{check},
	}
	first, err := engine[contract.RecordRef](t, e, contract.ActStoreEvidence, in)
	require.NoError(t, err)
	again, err := engine[contract.RecordRef](t, e, contract.ActStoreEvidence, in)
	require.NoError(t, err)
	assert.Equal(t, first, again)
	assert.Contains(t, first.Summary, "nothing left")
	in.Case.Run = 1
	second, err := engine[contract.RecordRef](t, e, contract.ActStoreEvidence, in)
	require.NoError(t, err)

	raw, err := store.Raw(t.Context(), 12)
	require.NoError(t, err)
	require.Len(t, raw, 2)
	require.NoError(t, evidence.Check(raw))
	record, found, err := store.Latest(t.Context(), 12)
	require.NoError(t, err)
	require.True(t, found)
	assert.Equal(t, second.Digest, record.Digest)
	assert.Equal(t, first.Digest, record.Former)
	assert.Len(t, record.Changes, len(plan.Changes))
	assert.Equal(t, []string{check.Snapshot}, record.Snapshots)
	assert.Equal(t, plan.Digest, record.Units[0].PlanDigest)
}

func TestEngineAsksTheCluster(t *testing.T) {
	t.Parallel()
	cluster := newFakeCluster()
	e := &activities.Engine{Cluster: cluster}
	_, err := engine[any](t, e, contract.ActRequestTurn, contract.RequestTurnInput{OktaUserID: "00u1", Request: contract.TurnRequest{Ticket: 12}})
	require.NoError(t, err)
	assert.Len(t, cluster.asked, 1)
	_, err = engine[any](t, e, contract.ActRequestTurn, contract.RequestTurnInput{})
	assert.Equal(t, casework.Invalid, kind(err))
	open, err := engine[contract.CaseOpenResult](t, e, contract.ActCaseOpen, contract.CaseOpenInput{Ticket: 12})
	require.NoError(t, err)
	assert.True(t, open.Open)
	cluster.broken = true
	_, err = engine[contract.CaseOpenResult](t, e, contract.ActCaseOpen, contract.CaseOpenInput{Ticket: 12})
	assert.Equal(t, casework.Unavailable, kind(err))
	require.NotErrorIs(t, err, errCluster, "what failed inside stays inside")
}

func TestEveryActivityOfTheContractIsRegistered(t *testing.T) {
	t.Parallel()
	names := activities.Names(activities.Roles{Okta: &activities.Okta{}, Desk: &activities.Desk{}, Engine: &activities.Engine{}})
	assert.Equal(t, []string{
		contract.ActApplyChange,
		contract.ActAskMassChange,
		contract.ActAskSecurity,
		contract.ActBudgetForecast,
		contract.ActBulkKeep,
		contract.ActBulkPlan,
		contract.ActBulkReport,
		contract.ActBulkRows,
		contract.ActBulkTally,
		contract.ActBulkTicket,
		contract.ActCaseOpen,
		contract.ActCatchUpLog,
		contract.ActCheckReassign,
		contract.ActCheckSettled,
		contract.ActClaimGrant,
		contract.ActCloseGlass,
		contract.ActCloseIncident,
		contract.ActDailyDigest,
		contract.ActDeliverAlerts,
		contract.ActDeskBudgetForecast,
		contract.ActHandOver,
		contract.ActLookIncident,
		contract.ActNotifyChat,
		contract.ActOpenIncident,
		contract.ActOpenLevel,
		contract.ActPlan,
		contract.ActPlanRevocations,
		contract.ActPollLog,
		contract.ActReadApprovals,
		contract.ActReadRequest,
		contract.ActRemindApprovers,
		contract.ActReopenIncident,
		contract.ActReportHour,
		contract.ActReportIncident,
		contract.ActRequestTurn,
		contract.ActReviewAssign,
		contract.ActReviewCampaignTicket,
		contract.ActReviewEmployees,
		contract.ActReviewEvidence,
		contract.ActReviewKeepOutcomes,
		contract.ActReviewOpenTickets,
		contract.ActReviewPlan,
		contract.ActReviewReport,
		contract.ActReviewReviewers,
		contract.ActReviewRevocations,
		contract.ActReviewSnapshot,
		contract.ActReviewTell,
		contract.ActReviewTidy,
		contract.ActRouteAlert,
		contract.ActRouteApproval,
		contract.ActSetTicket,
		contract.ActStoreEvidence,
		contract.ActSweepTickets,
		contract.ActSyncAskRole,
		contract.ActSyncCompare,
		contract.ActSyncFindDesk,
		contract.ActSyncReadDesk,
		contract.ActSyncWalk,
		contract.ActSyncWho,
		contract.ActSyncWriteDesk,
		contract.ActTakeReviewBatch,
		contract.ActTell,
		contract.ActTellIncident,
		contract.ActTendTasks,
		contract.ActVerify,
		contract.ActWithdrawApprovals,
	}, names)
}

func TestAHandOverNamesTheHeirAndTakesNothingForAnID(t *testing.T) {
	t.Parallel()
	cluster := newFakeCluster()
	cluster.heirs = map[string]int64{"00uNOA": 9}
	e := &activities.Engine{Cluster: cluster}
	res, err := engine[contract.HandOverResult](t, e, contract.ActHandOver, contract.HandOverInput{Ticket: 12, OktaUserID: "00uNOA"})
	require.NoError(t, err)
	assert.Equal(t, int64(9), res.Heir)
	for _, id := range []string{"", "00u' OR WorkflowType = 'Person"} {
		_, err = engine[contract.HandOverResult](t, e, contract.ActHandOver, contract.HandOverInput{Ticket: 12, OktaUserID: id})
		assert.Equal(t, casework.Invalid, kind(err))
	}
	cluster.broken = true
	_, err = engine[contract.HandOverResult](t, e, contract.ActHandOver, contract.HandOverInput{Ticket: 12, OktaUserID: "00uNOA"})
	assert.Equal(t, casework.Unavailable, kind(err), "asked again before anything is shut")
}
