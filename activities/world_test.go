package activities_test

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/policy"
	"latchkey/simulators/okta/oktasim"
)

const token = "00token-for-tests-only-0123456789"

// world is Acme's Okta, the activities that work on it, and what the cluster's workflows would answer.
type world struct {
	t       *testing.T
	sim     *oktasim.Server
	client  *okta.Client
	gate    *activities.OktaGate
	cluster *fakeCluster
	blobs   *blob.Bucket
	okta    *activities.Okta
	url     string // of the simulator
}

// rulebook is a policy folder; a test overrides single files.
func rulebook(over map[string]string) map[string]string {
	files := map[string]string{
		"intake.yaml":      "use_cases: {offboarding: {mode: act}, access_request: {mode: act}}\nrules: []\n",
		"offboarding.yaml": "end: deactivate\nclear_attributes: [department, title, city, userType]\nresidual_owner: {default: Identity Team, imported: HR Operations, group_push: Application Owners}\n",
		"catalogue.yaml": "items:\n  salesforce: {name: Salesforce, app: Salesforce, owner: omar.haddad@acme.example}\n" +
			"  aurora: {name: Project Aurora, group: Project Aurora}\n  payroll: {name: Payroll, group: Workday Payroll EMEA}\n" +
			"  ghost: {name: Ghost, group: Nothing of the kind}\n  glass: {name: Glass, group: Break-glass Administrators}\n" +
			"  miro: {name: Miro, app: Miro, owner: elodie.marchand@acme.example}\n  off: {name: Off, app: Miro, requestable: false}\n",
		"approvals.yaml": "routes:\n  - {name: nobody, when: 'true', mode: none, reason: a test}\n",
		"guards.yaml": "last_admins: 2\nmass_change: {people: 1000, percent: 100, window: 1h}\n" +
			"protected:\n  accounts:\n    - {login: breakglass-1@acme.example, why: break-glass, who: Grace}\n" +
			"  groups:\n    - {name: '*Administrators*', why: made by hand, who: Grace}\n" +
			"  approvers: {people: [grace.achterberg@acme.example, eleanor.marsh@acme.example], need: 2}\n",
		"desk.yaml": "{}\n", "onboarding.yaml": "{}\n", "mover.yaml": "{}\n", "profile.yaml": "{}\n",
		"birthright.yaml": "{}\n", "duties.yaml": "{}\n", "sync.yaml": "{}\n", "review.yaml": "{}\n", "credentials.yaml": "{}\n",
		"alerts.yaml": "{}\n",
	}
	maps.Copy(files, over)
	return files
}

func loadPolicy(t *testing.T, over map[string]string) *policy.Policy {
	t.Helper()
	dir := t.TempDir()
	for name, text := range rulebook(over) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	p, err := policy.Load(dir)
	require.NoError(t, err)
	return p
}

type fixed struct{ policy *policy.Policy }

func (f fixed) Current() *policy.Policy { return f.policy }

func newWorld(t *testing.T, over map[string]string, options ...func(*oktasim.Options)) *world {
	t.Helper()
	company, err := acme.Load()
	require.NoError(t, err)
	simOptions := oktasim.Options{Token: token, Seed: &company}
	for _, set := range options {
		set(&simOptions)
	}
	sim, err := oktasim.New(simOptions)
	require.NoError(t, err)
	t.Cleanup(sim.Close)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)

	w := &world{t: t, sim: sim, cluster: newFakeCluster(), blobs: memblob.OpenBucket(nil), url: server.URL}
	w.gate = activities.NewOktaGate(activities.GateOptions{})
	w.client, err = okta.New(okta.Config{
		OrgURL: server.URL, Token: token, AllowPlainHTTP: true, Timeout: 5 * time.Second, Admit: w.gate.Admit, OnRate: w.gate.OnRate,
	})
	require.NoError(t, err)
	w.okta = &activities.Okta{Client: w.client, Policy: fixed{loadPolicy(t, over)}, Cluster: w.cluster, Blobs: w.blobs}
	return w
}

// rules changes the policy in force.
func (w *world) rules(over map[string]string) {
	w.t.Helper()
	w.okta.Policy = fixed{loadPolicy(w.t, over)}
}

func (w *world) user(login string) oktasim.UserView {
	w.t.Helper()
	u, ok := w.sim.User(login)
	require.True(w.t, ok, "no user %s", login)
	return u
}

// events counts what the System Log says of a person, by type.
func (w *world) events(login string) map[string]int {
	id := w.user(login).ID
	counts := map[string]int{}
	for _, e := range w.sim.Log() {
		if slices.Contains(e.TargetIDs, id) && e.TokenID != "" {
			counts[e.EventType]++
		}
	}
	return counts
}

func (w *world) fault(f oktasim.Fault) {
	w.t.Helper()
	_, err := w.sim.SetFault(f)
	require.NoError(w.t, err)
}

// run runs one activity as Temporal would, one attempt.
func run[R any](w *world, name string, in any) (R, error) {
	w.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestActivityEnvironment()
	env.SetTestTimeout(30 * time.Second)
	register(env, w)
	var result R
	value, err := env.ExecuteActivity(name, in)
	if err == nil {
		err = value.Get(&result)
	}
	return result, err
}

// retried runs one activity under a retry policy, as a workflow would, until it succeeds or fails for good.
func retried[R any](w *world, name string, in any) (R, error) {
	w.t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(60 * time.Second)
	register(env, w)
	env.ExecuteWorkflow(func(ctx workflow.Context) (R, error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: time.Minute,
			RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, MaximumAttempts: 8},
		})
		var result R
		err := workflow.ExecuteActivity(ctx, name, in).Get(ctx, &result)
		return result, err
	})
	var result R
	if err := env.GetWorkflowError(); err != nil {
		return result, err
	}
	return result, env.GetWorkflowResult(&result)
}

func register(registry worker.ActivityRegistry, w *world) {
	activities.Register(registry, activities.Roles{Okta: w.okta})
}

// kind is the type of the Temporal failure in an error.
func kind(err error) casework.ErrKind {
	var failure *temporal.ApplicationError
	if !errors.As(err, &failure) {
		return ""
	}
	return casework.ErrKind(failure.Type())
}

// leaverRequest asks for somebody to leave at once.
func leaverRequest(login string) casework.Request {
	return casework.Request{
		Ticket: casework.Ticket{Number: 12, CreatedAt: time.Now()}, UseCase: casework.Offboarding, Subject: login, Mode: casework.ModeAct,
	}
}

func (w *world) plan(request casework.Request) contract.PlanResult {
	w.t.Helper()
	result, err := run[contract.PlanResult](w, contract.ActPlan, contract.PlanInput{Request: request})
	require.NoError(w.t, err)
	return result
}

// change makes the input of one change of a plan.
func input(plan casework.Plan, change casework.Change) contract.ApplyInput {
	return contract.ApplyInput{
		Ticket: 12, UseCase: plan.UseCase, Unit: "plan", Person: plan.Person, Change: change, Created: time.Now(),
	}
}

// carry applies all changes of a plan, in order, each under the retry policy.
func (w *world) carry(plan casework.Plan) []contract.Done {
	w.t.Helper()
	var all []contract.Done
	for _, c := range plan.Changes {
		result, err := retried[contract.ApplyResult](w, contract.ActApplyChange, input(plan, c))
		require.NoError(w.t, err, c.ID)
		all = append(all, contract.Done{Change: c, Outcome: result.Outcome, Detail: result.Detail, At: result.At})
	}
	return all
}

// fakeCluster answers for the workflows that hold what all workers share.
type fakeCluster struct {
	mu       sync.Mutex
	controls contract.Controls
	turns    map[string]contract.Turns
	verdict  *contract.AdmitVerdict
	broken   bool
	admitted []contract.AdmitRequest
	alarms   []contract.AlarmSignal
	asked    []contract.TurnRequest
	grants   map[string]contract.GrantState
	claims   []contract.ClaimGrantInput
	ended    []string
	reports  int
	heirs    map[string]int64 // by account
	alerts   []contract.AlertSignal
}

var errCluster = errors.New("the cluster does not answer")

func newFakeCluster() *fakeCluster {
	since := time.Now().Add(-time.Hour)
	c := contract.Controls{Since: map[casework.UseCase]time.Time{}, Modes: map[casework.UseCase]casework.Mode{}}
	for _, u := range casework.UseCases() {
		c.Since[u], c.Modes[u] = since, casework.ModeAct
	}
	return &fakeCluster{controls: c, turns: map[string]contract.Turns{}}
}

func (f *fakeCluster) fails() error {
	if f.broken {
		return errCluster
	}
	return nil
}

func (f *fakeCluster) Controls(context.Context) (contract.Controls, error) {
	return f.controls, f.fails()
}

func (f *fakeCluster) Admit(_ context.Context, r contract.AdmitRequest) (contract.AdmitVerdict, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.admitted = append(f.admitted, r)
	if f.verdict != nil {
		return *f.verdict, nil
	}
	f.controls.Shrinks = append(f.controls.Shrinks, contract.Shrink{OktaUserID: r.OktaUserID, Ticket: r.Ticket, At: time.Now()})
	return contract.AdmitVerdict{Admitted: true, Count: len(f.admitted), Limit: r.Limit}, f.fails()
}

func (f *fakeCluster) ReportModes(_ context.Context, r contract.ModesReport) (contract.ModesSince, error) {
	f.reports++
	since := map[casework.UseCase]time.Time{}
	for u, m := range r.Modes {
		if m == casework.ModeAct {
			since[u] = time.Now()
		}
	}
	return contract.ModesSince{Since: since}, f.fails()
}

func (f *fakeCluster) Alarm(_ context.Context, a contract.AlarmSignal) error {
	f.alarms = append(f.alarms, a)
	return f.fails()
}

func (f *fakeCluster) Turns(_ context.Context, id string) (contract.Turns, error) {
	return f.turns[id], f.fails()
}

func (f *fakeCluster) RequestTurn(_ context.Context, _ string, r contract.TurnRequest) error {
	f.asked = append(f.asked, r)
	return f.fails()
}

// AdmitReset keeps the books as the person's workflow does.
func (f *fakeCluster) AdmitReset(_ context.Context, id string, r contract.ResetRequest) (casework.ResetVerdict, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.fails(); err != nil {
		return casework.ResetVerdict{}, err
	}
	mark := r.Mark
	mark.Keep = mark.At.Add(r.Limits.Keep())
	turns := f.turns[id]
	verdict := casework.JudgeReset(turns.Resets, mark, r.Limits)
	if verdict.Admitted {
		turns.Resets = casework.Marked(turns.Resets, mark)
		f.turns[id] = turns
	}
	return verdict, nil
}

func (f *fakeCluster) CaseOpen(_ context.Context, turn contract.Turn) (bool, error) {
	return turn.Ticket == 12, f.fails()
}

func (f *fakeCluster) Grant(_ context.Context, id string, object identity.Entitlement) (contract.GrantState, bool, error) {
	state, ok := f.grants[contract.GrantWorkflowID(id, object)]
	return state, ok, f.fails()
}

func (f *fakeCluster) Claim(_ context.Context, in contract.ClaimGrantInput) error {
	f.claims = append(f.claims, in)
	return f.fails()
}

func (f *fakeCluster) GrantEnded(_ context.Context, id string, object *identity.Entitlement, _ contract.GrantEndedSignal) error {
	what := contract.GrantWorkflowPrefix(id) + "*"
	if object != nil {
		what = contract.GrantWorkflowID(id, *object)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.ended = append(f.ended, what)
	return f.fails()
}

func (f *fakeCluster) HandOver(_ context.Context, in contract.HandOverInput) (int64, error) {
	return f.heirs[in.OktaUserID], f.fails()
}

// Alert keeps what incidents were told.
func (f *fakeCluster) Alert(_ context.Context, signal contract.AlertSignal) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.broken {
		return errCluster
	}
	f.alerts = append(f.alerts, signal)
	return nil
}

func (f *fakeCluster) Nudge(context.Context, int64, bool) (bool, error) { return false, f.fails() }

func (f *fakeCluster) OpenGrants(context.Context) ([]activities.OpenGrant, error) {
	return nil, f.fails()
}

func (f *fakeCluster) NudgeIncident(context.Context, string) (bool, error) { return false, nil }

func (f *fakeCluster) OpenCases(context.Context) ([]activities.OpenCase, error) {
	return nil, f.fails()
}

func noAddress(t *testing.T, text string) {
	t.Helper()
	require.NotContains(t, text, "@", "no address in a failure")
	require.NotContains(t, text, token, "no token in a failure")
}
