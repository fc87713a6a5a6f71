package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// Revocation takes away from one person what a certification campaign revoked, in that person's turn and under the
// guards every change is under, reads it back, and says of each item what became of it. What has to be taken away at its
// source is named with its owner. Runbook: docs/runbooks/access-review.md.
func Revocation(ctx workflow.Context, in contract.RevocationInput) (contract.RevocationResult, error) {
	r := openRevocation(ctx, in)
	why := ""
	err := r.run(ctx)
	if over, ended := endingOf(err); ended {
		why, err = over.why, nil
	}
	if temporal.IsCanceledError(err) {
		why, err = "an operator cancelled the workflow", nil
	}
	if err != nil {
		return contract.RevocationResult{}, err
	}
	free, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	if err := r.giveTurnBack(free); err != nil {
		return contract.RevocationResult{}, err
	}
	result := contract.RevocationResult{Items: r.ends(workflow.Now(free), why)}
	if err := r.enter(free, casework.StateDone); err != nil {
		return result, err
	}
	return result, workflow.Await(free, func() bool { return workflow.AllHandlersFinished(free) })
}

// revocationRun is one run of a person's revocations. It uses the machinery of a case: turns, guards that hold, parking,
// operators.
type revocationRun struct {
	*caseRun
	in   contract.RevocationInput
	gone bool // the account is not in Okta any more
}

func openRevocation(ctx workflow.Context, in contract.RevocationInput) *revocationRun {
	r := &revocationRun{in: in}
	r.caseRun = openCase(ctx, contract.CaseInput{Ticket: in.Ticket, Case: in.Case})
	if in.Case == nil {
		r.Request = casework.Request{
			UseCase: casework.AccessReview, Mode: casework.ModeAct, Ticket: casework.Ticket{Number: in.Ticket},
		}
		r.Times, r.Owner, r.State = in.Times, in.Owner, casework.StatePlanning
	}
	// The reviewers' decisions name what is done: it is no ticket from before the use case acted.
	r.named = &contract.Operator{By: "the access review", Reason: "campaign " + in.Campaign}
	r.beside = &besides{
		id:      contract.RevocationWorkflowID(in.Campaign, in.Person.OktaUserID),
		marks:   "revoke-" + in.Person.OktaUserID,
		pending: never,
		listen:  func(workflow.Context) {},
		carry: func() any {
			state := r.Case
			next := r.in
			next.Case = &state
			return next
		},
		line:  r.line,
		table: func(*strings.Builder) {},
		facts: func() *contract.GrantFacts { return nil },
	}
	return r
}

// line is the one-liner for the UI's list. It holds no name.
func (r *revocationRun) line() string {
	return "Revocations of campaign " + r.in.Campaign + ": " + stateWords(r.State)
}

// run plans, applies and reads back.
func (r *revocationRun) run(ctx workflow.Context) error {
	if err := r.takeTurn(ctx, r.in.Person.OktaUserID); err != nil {
		return err
	}
	if err := r.plan(ctx); err != nil || r.gone {
		return err
	}
	r.State = casework.StateApplying
	if err := r.applyAll(ctx, r.Plan.Changes); err != nil {
		return err
	}
	check, err := r.verify(ctx, *r.Plan, false)
	if err != nil {
		return err
	}
	r.Checks = []contract.VerifyResult{check}
	return nil
}

// plan reads the person afresh, unless an earlier run has begun to change something.
func (r *revocationRun) plan(ctx workflow.Context) error {
	if r.Plan != nil {
		return nil
	}
	res, err := call[contract.PlanRevocationsResult](ctx, r.caseRun, planRevocations, "Okta: read what is still held", contract.PlanRevocationsInput{
		Campaign: r.in.Campaign, Person: r.in.Person, Revoked: r.in.Revoked,
	}, false)
	if err != nil {
		return err
	}
	r.Plan, r.gone = &res.Plan, res.Gone
	r.Units = []contract.Unit{{Key: unitRevocation, Title: "Revocations of campaign " + r.in.Campaign, Plan: res.Plan}}
	return nil
}

// unitRevocation is the key of the one unit of a person's revocations.
const unitRevocation = "revocation"

// ends says of each item what became of it. why is said of what nobody came to.
func (r *revocationRun) ends(now time.Time, why string) []contract.RevocationItem {
	items := make([]contract.RevocationItem, 0, len(r.in.Revoked))
	for _, revoked := range r.in.Revoked {
		item := r.endOf(revoked, why)
		item.Item, item.Object, item.At = revoked.Item, revoked.Object, now
		items = append(items, item)
	}
	return items
}

func (r *revocationRun) endOf(revoked casework.Revoked, why string) contract.RevocationItem {
	key := revoked.Object.Key()
	if r.gone {
		return contract.RevocationItem{End: contract.RevocationGone, Why: "the account is not in Okta any more"}
	}
	if r.Plan == nil {
		return r.leftTo(why)
	}
	for _, k := range r.Plan.Kept {
		if k.Object.Key() == key {
			return contract.RevocationItem{End: contract.RevocationKept, Why: k.Why, Owner: k.Who}
		}
	}
	for _, left := range r.Plan.Residuals { // also of an app that is assigned by name and by a group
		if left.Object.Key() == key {
			return contract.RevocationItem{End: contract.RevocationLeft, Why: left.Why, Owner: left.Owner, Source: true}
		}
	}
	if !r.touches(key) {
		return contract.RevocationItem{End: contract.RevocationGone, Why: "it was not held any more when its turn came"}
	}
	return r.provedEnd(key, why)
}

// touches says whether the plan takes something away.
func (r *revocationRun) touches(key string) bool {
	for _, c := range r.Plan.Changes {
		if c.Object.Key() == key {
			return true
		}
	}
	for _, e := range r.Plan.Effects {
		if e.Object.Key() == key {
			return true
		}
	}
	return false
}

// provedEnd is what the read-back says of something that the plan takes away.
func (r *revocationRun) provedEnd(key, why string) contract.RevocationItem {
	done := ""
	for _, d := range r.Done {
		if d.Change.Object.Key() == key {
			done = d.Detail
			if d.Outcome == contract.OutcomeRefused {
				return contract.RevocationItem{End: contract.RevocationKept, Why: d.Detail, Owner: r.Owner}
			}
		}
	}
	if len(r.Checks) == 0 {
		return r.leftTo(why)
	}
	for _, left := range r.Checks[0].Residuals {
		if left.Object.Key() == key {
			return contract.RevocationItem{End: contract.RevocationLeft, Why: left.Why, Owner: ownerOr(left.Owner, r.Owner), Source: left.Expected}
		}
	}
	return contract.RevocationItem{End: contract.RevocationGone, Why: done}
}

func (r *revocationRun) leftTo(why string) contract.RevocationItem {
	return contract.RevocationItem{End: contract.RevocationLeft, Why: why, Owner: r.Owner}
}

func ownerOr(owner, other string) string {
	if owner == "" {
		return other
	}
	return owner
}
