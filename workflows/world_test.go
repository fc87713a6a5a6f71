package workflows_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/workflows"
)

// world is what lies outside the workflows: a ticket, its approvals and an Okta, at the level of the contract. A test
// sets it up, lets people act at certain times, and reads what was done.
type world struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment

	request casework.Request
	missing []casework.Missing
	earlier *contract.RecordRef
	plan    contract.PlanResult
	chain   approval.Chain
	bans    []approval.Ban

	votes    []approval.Vote // answers given so far, at the open level
	level    map[string]int  // unit → level that was opened
	round    map[string]int
	asked    map[string][]int64
	desk     contract.DeskDecision
	written  time.Time // what the desk says of the time of our own changes of the ticket
	holdTurn bool      // the person's workflow does not grant the turn
	away     time.Time // from when on standIns have to be asked; zero is never
	standIns []contract.StandIn
	ahead    time.Duration // by how much the case's clock is ahead of that of whoever reads the approvals

	apply  func(contract.ApplyInput) (contract.ApplyResult, error)
	verify func(contract.VerifyInput) contract.VerifyResult
	fail   map[string][]error // by activity name: errors of the next attempts

	applied  []string // "verb object" in order
	times    []time.Time
	told     []contract.TellInput
	wishes   []contract.TicketWish
	opened   []string // "unit/level/round"
	reminded int
	withdrew int
	evidence []contract.EvidenceInput
	reads    int
	looks    int // at the approvals
	plans    int
	admitted []contract.AdmitVerdict
	alarms   []contract.AskSecurityInput
	settled  []contract.SettledInput
	lacking  []identity.Entitlement // what group rules do not give
	// tasksOpen are the child tasks of the ticket that nobody has done.
	tasksOpen []string
	claimed   []contract.ClaimGrantInput
	offered   []contract.HandOverInput
	heir      int64 // who takes an account over
	turns     []contract.TurnRequest
	tell      []string                 // who hears of a break-glass grant
	routes    []approval.Chain         // answers of the router, before chain
	closed    []contract.GlassAnswer   // how break-glass reviews were closed
	urgent    bool                     // the ticket was made urgent
	planned   func(contract.PlanInput) // before each plan
	seen      func(name string)        // of each activity that a break-glass depends on

	timers   map[string]string
	enrolled bool // an authenticator was enrolled since the reset
}

// anything matches any argument of a signal.
const anything = mock.Anything

// noon is when every story begins.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// newWorld is a world with an active person Ada, a leaver's plan of four changes, and no approval needed.
func newWorld(t *testing.T) *world {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	w := &world{
		t: t, env: suite.NewTestWorkflowEnvironment(),
		level: map[string]int{}, round: map[string]int{}, asked: map[string][]int64{}, fail: map[string][]error{},
		timers: map[string]string{},
		chain:  approval.Chain{Mode: approval.ModeNone, Reason: "test"},
	}
	w.env.SetStartTime(noon)
	w.env.SetTestTimeout(20 * time.Second)
	w.request = casework.Request{
		Ticket:  casework.Ticket{Number: 7, Status: 2, CreatedAt: noon.Add(-time.Hour), UpdatedAt: noon},
		UseCase: casework.Offboarding, Rule: "leaver", Mode: casework.ModeAct, Subject: "ada@acme.example",
	}
	w.plan = contract.PlanResult{Person: ada, Units: []contract.Unit{leaverUnit()}}
	w.apply = func(contract.ApplyInput) (contract.ApplyResult, error) {
		return contract.ApplyResult{Outcome: contract.OutcomeDone, At: w.env.Now()}, nil
	}
	w.verify = func(contract.VerifyInput) contract.VerifyResult { return contract.VerifyResult{At: w.env.Now()} }
	w.register()
	w.watchTimers()
	return w
}

var ada = identity.Person{OktaUserID: "00uADA", Status: identity.StatusActive, Email: "ada@acme.example", FirstName: "Ada"}

// leaverUnit is a small leaver's plan.
func leaverUnit() contract.Unit {
	plan := casework.Seal(casework.Plan{UseCase: casework.Offboarding, Person: ada, Changes: []casework.Change{
		{ID: "suspend", Phase: casework.PhaseDoor, Verb: casework.VerbSuspend, Inverse: casework.VerbUnsuspend, Object: account(), Reversible: true},
		{ID: "sessions", Phase: casework.PhaseSessions, Verb: casework.VerbEndSessions, Object: account(), Reversible: true},
		{ID: "leave g1", Phase: casework.PhaseMemberships, Verb: casework.VerbRemoveMember, Inverse: casework.VerbAddMember, Object: group("g1")},
		{ID: "deactivate", Phase: casework.PhaseEnd, Verb: casework.VerbDeactivate, Object: account()},
	}})
	return contract.Unit{Key: "plan", Title: "leaver Ada", Plan: plan}
}

func account() identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindAccount, ID: ada.OktaUserID, Name: "Ada"}
}

func group(id string) identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindGroup, ID: id, Name: id}
}

// accessUnit is one requested item that grants a group.
func accessUnit(key, groupID string) contract.Unit {
	plan := casework.Seal(casework.Plan{UseCase: casework.AccessRequest, Person: ada, Changes: []casework.Change{
		{ID: "join " + groupID, Phase: casework.PhaseGrant, Verb: casework.VerbAddMember, Inverse: casework.VerbRemoveMember, Object: group(groupID), Item: key},
	}})
	return contract.Unit{Key: key, Title: "group " + groupID, Plan: plan, Subject: group(groupID)}
}

// asAccess turns the world's ticket into an access request for some groups.
func (w *world) asAccess(groups ...string) {
	w.request.UseCase, w.request.Rule = casework.AccessRequest, "access"
	w.plan.Units = nil
	for i, g := range groups {
		key := fmt.Sprintf("item%d", i+1)
		w.request.Items = append(w.request.Items, casework.Item{Key: key, Name: g, Beneficiary: ada.Email})
		w.plan.Units = append(w.plan.Units, accessUnit(key, g))
	}
}

// boss and owner are approvers.
var (
	boss  = approval.Approver{DeskID: 1, Email: "boss@acme.example", Name: "Boss"}
	owner = approval.Approver{DeskID: 2, Email: "owner@acme.example", Name: "Owner"}
)

// needs sets a chain with one level for each approver.
func (w *world) needs(approvers ...approval.Approver) {
	w.chain = approval.Chain{Mode: approval.ModeLevels}
	for i, a := range approvers {
		w.chain.Levels = append(w.chain.Levels, approval.Level{
			Name:   fmt.Sprintf("level %d", i+1),
			Groups: []approval.Group{{Name: "approvers", Rule: approval.RuleAnyone, Approvers: []approval.Approver{a}}},
		})
	}
}

// at lets something happen after a while.
func (w *world) at(after time.Duration, do func()) { w.env.RegisterDelayedCallback(do, after) }

// answers is an approver's answer, with the webhook's nudge behind it.
func (w *world) answers(who approval.Approver, decision approval.Decision) {
	w.votes = append(w.votes, approval.Vote{
		ApprovalID: int64(len(w.votes) + 1), Group: "approvers", By: who, For: who, Decision: decision, At: w.env.Now(),
	})
	w.nudge()
}

func (w *world) nudge() { w.env.SignalWorkflow(contract.SignalNudge, nil) }

// command sends an update and returns how it was answered.
func (w *world) command(name string, arg any) *reply {
	r := &reply{}
	w.env.UpdateWorkflow(name, fmt.Sprintf("%s-%d", name, w.env.Now().UnixNano()), &testsuite.TestUpdateCallback{
		OnAccept:   func() { r.accepted = true },
		OnReject:   func(err error) { r.rejected = err },
		OnComplete: func(_ any, err error) { r.done, r.err = true, err },
	}, arg)
	return r
}

type reply struct {
	accepted, done bool
	rejected, err  error
}

// operator names who sends a command.
func operator() contract.OperatorCommand {
	return contract.OperatorCommand{Operator: contract.Operator{By: "op", Reason: "test"}}
}

// run runs the use case's own workflow as intake would have handed it over, and returns its result.
func (w *world) run() contract.CaseResult {
	w.t.Helper()
	w.start()
	require.NoError(w.t, w.env.GetWorkflowError())
	return w.result()
}

func (w *world) start() {
	w.t.Helper()
	w.execute(contract.CaseInput{Ticket: 7, Case: &contract.Case{
		Request: w.request, State: casework.StatePlanning, StartedAt: noon, Times: shortTimes(),
	}})
}

// execute runs the use case on a given input.
func (w *world) execute(in contract.CaseInput) {
	w.t.Helper()
	w.env.OnSignalExternalWorkflow(mock.Anything, contract.PersonWorkflowID(ada.OktaUserID), "", mock.Anything, mock.Anything).Return(nil).Maybe()
	run := map[casework.UseCase]any{
		casework.Offboarding: workflows.Offboarding, casework.AccessRequest: workflows.AccessRequest,
		casework.CredentialReset: workflows.CredentialReset,
	}
	w.env.ExecuteWorkflow(run[w.request.UseCase], in)
	require.True(w.t, w.env.IsWorkflowCompleted())
}

func (w *world) result() contract.CaseResult {
	w.t.Helper()
	var res contract.CaseResult
	require.NoError(w.t, w.env.GetWorkflowResult(&res))
	for id, what := range w.timers {
		w.t.Errorf("timer %s %q was left running", id, what)
	}
	return res
}

func shortTimes() contract.Times {
	return contract.Times{
		Idle: time.Hour, SettleEvery: 10 * time.Second, SettleFor: time.Minute, ParkRemind: 24 * time.Hour,
		HoldRecheck: 5 * time.Minute, BlockedEvery: 5 * time.Minute, UnavailableIn: time.Hour,
	}
}

// watchTimers notes every timer that is neither fired nor cancelled.
func (w *world) watchTimers() {
	w.env.SetOnTimerScheduledListener(func(id string, d time.Duration) { w.timers[id] = d.String() })
	w.env.SetOnTimerFiredListener(func(id string) { delete(w.timers, id) })
	w.env.SetOnTimerCanceledListener(func(id string) { delete(w.timers, id) })
}

// failing takes the next error that a test planned for an activity.
func (w *world) failing(name string) error {
	queue := w.fail[name]
	if len(queue) == 0 {
		return nil
	}
	w.fail[name] = queue[1:]
	return queue[0]
}

// kinded is a failure as activities report it.
func kinded(kind casework.ErrKind, words string) error {
	return temporal.NewApplicationErrorWithOptions(words, string(kind), temporal.ApplicationErrorOptions{NonRetryable: !kind.Retried()})
}

// register stands in for every activity.
func (w *world) register() {
	as := func(name string, fn any) { w.env.RegisterActivityWithOptions(fn, activity.RegisterOptions{Name: name}) }
	as(contract.ActReadRequest, w.readRequest)
	as(contract.ActPlan, func(_ context.Context, in contract.PlanInput) (contract.PlanResult, error) {
		w.plans++
		if w.planned != nil {
			w.planned(in)
		}
		return w.plan, w.failing(contract.ActPlan)
	})
	as(contract.ActRouteApproval, func(context.Context, contract.RouteApprovalInput) (contract.RouteApprovalResult, error) {
		w.saw(contract.ActRouteApproval)
		chain := w.chain
		if len(w.routes) > 0 {
			chain, w.routes = w.routes[0], w.routes[1:]
		}
		return contract.RouteApprovalResult{Chain: chain, Bans: w.bans, Tell: w.tell}, w.failing(contract.ActRouteApproval)
	})
	as(contract.ActOpenLevel, w.openLevel)
	as(contract.ActReadApprovals, w.readApprovals)
	as(contract.ActRemindApprovers, func(context.Context, contract.RemindInput) error { w.reminded++; return nil })
	as(contract.ActWithdrawApprovals, func(context.Context, contract.WithdrawInput) error { w.withdrew++; return nil })
	as(contract.ActCheckReassign, func(_ context.Context, in contract.CheckReassignInput) (contract.CheckReassignResult, error) {
		if in.To == owner.Email {
			return contract.CheckReassignResult{Allowed: true, Approver: owner}, nil
		}
		return contract.CheckReassignResult{Why: "not among those policy names"}, nil
	})
	as(contract.ActTell, func(_ context.Context, in contract.TellInput) (contract.TellResult, error) {
		if err := w.failing(contract.ActTell); err != nil {
			return contract.TellResult{}, err
		}
		w.saw(contract.ActTell)
		w.told = append(w.told, in)
		return contract.TellResult{}, nil
	})
	as(contract.ActSetTicket, func(_ context.Context, in contract.SetTicketInput) (contract.SetTicketResult, error) {
		if in.Urgent {
			w.urgent = true
			return contract.SetTicketResult{UpdatedAt: w.written}, nil
		}
		w.wishes = append(w.wishes, in.Wish)
		if in.Wish == contract.WishResolved {
			w.request.Ticket.Closed = true
		}
		return contract.SetTicketResult{UpdatedAt: w.written}, nil
	})
	as(contract.ActApplyChange, w.applyChange)
	as(contract.ActTendTasks, func(context.Context, contract.TendTasksInput) (contract.TendTasksResult, error) {
		return contract.TendTasksResult{Open: w.tasksOpen}, nil
	})
	as(contract.ActCheckSettled, func(_ context.Context, in contract.SettledInput) (contract.SettledResult, error) {
		w.settled = append(w.settled, in)
		if !in.EnrolledSince.IsZero() {
			return contract.SettledResult{Enrolled: w.enrolled}, nil
		}
		if len(in.Come) == 0 {
			return contract.SettledResult{}, nil
		}
		return contract.SettledResult{Lacking: w.lacking}, nil
	})
	as(contract.ActVerify, func(_ context.Context, in contract.VerifyInput) (contract.VerifyResult, error) {
		w.saw(contract.ActVerify)
		return w.verify(in), w.failing(contract.ActVerify)
	})
	as(contract.ActCloseGlass, func(_ context.Context, in contract.CloseGlassInput) error {
		w.closed = append(w.closed, in.Answer)
		return w.failing(contract.ActCloseGlass)
	})
	as(contract.ActStoreEvidence, func(_ context.Context, in contract.EvidenceInput) (contract.RecordRef, error) {
		w.evidence = append(w.evidence, in)
		return contract.RecordRef{Key: "record", End: in.End}, nil
	})
	as(contract.ActClaimGrant, func(_ context.Context, in contract.ClaimGrantInput) error {
		if err := w.failing(contract.ActClaimGrant); err != nil {
			return err
		}
		w.saw(contract.ActClaimGrant)
		w.claimed = append(w.claimed, in)
		return nil
	})
	as(contract.ActHandOver, func(_ context.Context, in contract.HandOverInput) (contract.HandOverResult, error) {
		w.offered = append(w.offered, in)
		return contract.HandOverResult{Heir: w.heir}, nil
	})
	as(contract.ActRequestTurn, func(_ context.Context, in contract.RequestTurnInput) error {
		w.turns = append(w.turns, in.Request)
		if err := w.failing(contract.ActRequestTurn); err != nil {
			return err
		}
		if !w.holdTurn {
			w.env.SignalWorkflow(contract.SignalTurnGranted, contract.TurnGranted{OktaUserID: in.OktaUserID})
		}
		return nil
	})
	as(contract.ActAskSecurity, func(_ context.Context, in contract.AskSecurityInput) (contract.AskSecurityResult, error) {
		w.alarms = append(w.alarms, in)
		return contract.AskSecurityResult{Ticket: 98}, w.failing(contract.ActAskSecurity)
	})
	as(contract.ActAskMassChange, func(_ context.Context, in contract.AskMassChangeInput) (contract.AskMassChangeResult, error) {
		w.admitted = append(w.admitted, in.Verdict)
		return contract.AskMassChangeResult{Ticket: 99}, nil
	})
}

// saw notes that an activity ran, where a test wants the order.
func (w *world) saw(name string) {
	if w.seen != nil {
		w.seen(name)
	}
}

func (w *world) readRequest(context.Context, contract.ReadRequestInput) (contract.ReadRequestResult, error) {
	w.reads++
	if err := w.failing(contract.ActReadRequest); err != nil {
		return contract.ReadRequestResult{}, err
	}
	return contract.ReadRequestResult{Request: w.request, Missing: w.missing, Earlier: w.earlier, Times: shortTimes()}, nil
}

func (w *world) openLevel(_ context.Context, in contract.OpenLevelInput) (contract.OpenLevelResult, error) {
	if err := w.failing(contract.ActOpenLevel); err != nil {
		return contract.OpenLevelResult{}, err
	}
	u := in.Unit
	if w.level[u.Key] != u.Level || w.round[u.Key] != u.Round {
		w.votes = nil
	}
	w.level[u.Key], w.round[u.Key] = u.Level, u.Round
	w.asked[u.Key] = nil
	for _, g := range u.Chain.Levels[u.Level].Groups {
		for _, a := range slices.Concat(g.People(), u.Extra) {
			w.asked[u.Key] = append(w.asked[u.Key], a.DeskID)
		}
	}
	w.opened = append(w.opened, fmt.Sprintf("%s/%d/%d", u.Key, u.Level, u.Round))
	return contract.OpenLevelResult{}, nil
}

func (w *world) readApprovals(_ context.Context, in contract.ReadApprovalsInput) (contract.ReadApprovalsResult, error) {
	res := contract.ReadApprovalsResult{Desk: w.desk, Reach: w.desk.Status == "stage"}
	w.looks++
	for _, u := range in.Units {
		votes := contract.UnitVotes{
			Unit: u.Key, Level: w.level[u.Key], Round: w.round[u.Key], Votes: w.votesFor(u.Key), Asked: w.asked[u.Key],
		}
		if w.env.Now().Add(-w.ahead).Before(w.away) {
			votes.Again = w.away
		} else {
			votes.StandIns = w.standIns
		}
		res.Votes = append(res.Votes, votes)
	}
	return res, nil
}

// votesFor lets a remark name the unit that a vote is about, where a test has several.
func (w *world) votesFor(unit string) []approval.Vote {
	var list []approval.Vote
	for _, v := range w.votes {
		if v.Remark == "" || v.Remark == unit {
			list = append(list, v)
		}
	}
	return list
}

func (w *world) applyChange(_ context.Context, in contract.ApplyInput) (contract.ApplyResult, error) {
	if err := w.failing(contract.ActApplyChange); err != nil {
		return contract.ApplyResult{}, err
	}
	w.saw(contract.ActApplyChange)
	res, err := w.apply(in)
	if err == nil && res.Outcome == contract.OutcomeDone {
		w.applied = append(w.applied, string(in.Change.Verb)+" "+in.Change.Object.Name)
		w.times = append(w.times, w.env.Now().UTC())
	}
	return res, err
}

// templates lists the notes that were written, in order.
func (w *world) templates() []string {
	var names []string
	for _, t := range w.told {
		names = append(names, t.Template)
	}
	return names
}
