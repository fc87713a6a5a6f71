package workflows

import (
	"errors"
	"fmt"
	"slices"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// revoke takes the entitlement away in the person's turn, under the guards every change is under, and reads it back. It
// returns no ending when the grant has to be looked at again: a claim came, a guard held, something failed.
func (g *grantRun) revoke(ctx workflow.Context) (*ending, error) {
	if err := g.enter(ctx, casework.StateApplying); err != nil {
		return nil, err
	}
	if err := g.takeTurn(ctx, g.grant.Person.OktaUserID); err != nil {
		return nil, err
	}
	// An extension is told in its case's own turn, so one that was granted before this turn is known now.
	if g.hearAll(ctx); g.over() != nil || workflow.Now(ctx).Before(g.grant.Standing()) {
		return nil, g.giveTurnBack(ctx)
	}
	g.State = casework.StateApplying
	change := g.Plan.Changes[0]
	summary := applySummary(change)
	res, err := once[contract.ApplyResult](ctx, g.caseRun, applyChange, summary, g.applyInput(&g.Units[0], change, false))
	if err != nil {
		err = g.failed(ctx, summary, err)
		if errors.Is(err, errSkipped) {
			return g.leftTo(ctx, contract.ApplyResult{Outcome: contract.OutcomeSkipped, Detail: "an operator skipped it"}, casework.EndSkipped)
		}
		return nil, err
	}
	g.refused = zeroTime
	switch res.Outcome {
	case contract.OutcomeHeld:
		return nil, g.held(ctx, change, res)
	case contract.OutcomeRefused:
		return g.leftTo(ctx, res, casework.EndProtected)
	case contract.OutcomeLeft, contract.OutcomeSkipped:
		return g.leftTo(ctx, res, casework.EndResiduals)
	case contract.OutcomeStale:
		return g.stays(ctx, res)
	case contract.OutcomeDone, contract.OutcomeAlready, contract.OutcomeGone:
	}
	g.keep(ctx, change, res)
	return g.readBack(ctx, res)
}

// failed does what call does about a step that failed, but once: whether the entitlement is still to be taken is looked
// at before it is tried again.
func (g *grantRun) failed(ctx workflow.Context, summary string, cause error) error {
	kind, known := kindOf(cause)
	switch {
	case temporal.IsCanceledError(cause):
		return cause
	case known && kind == casework.Unauthorized:
		if g.refused.IsZero() {
			g.refused = workflow.Now(ctx)
		}
		return g.blocked(ctx, applyChange, cause, g.refused)
	case !known || kind.Retried():
		return g.unavailable(ctx, applyChange, cause)
	}
	return g.park(ctx, problemOf(summary, kind, cause, true))
}

// leftTo ends a grant whose entitlement could not be taken away: it is left to an owner, by name.
func (g *grantRun) leftTo(ctx workflow.Context, res contract.ApplyResult, end casework.End) (*ending, error) {
	g.keep(ctx, g.Plan.Changes[0], res)
	why := "its time is over, and it still stands: " + res.Detail
	g.Units[0].Left = append(g.Units[0].Left, casework.Residual{Object: g.grant.Object, Why: why, Owner: g.Owner})
	return &ending{end: end, why: why}, g.giveTurnBack(ctx)
}

// stays ends a grant whose entitlement something else gives by now: a move made it birthright, or a group rule took the
// membership over.
func (g *grantRun) stays(ctx workflow.Context, res contract.ApplyResult) (*ending, error) {
	g.keep(ctx, g.Plan.Changes[0], res)
	why := "its time is over, and it stays: " + res.Detail
	g.Units[0].Left = append(g.Units[0].Left, casework.Residual{Object: g.grant.Object, Why: why, Owner: g.Owner, Expected: true})
	return &ending{end: casework.EndAlready, why: why}, g.giveTurnBack(ctx)
}

// readBack proves that the entitlement is gone.
func (g *grantRun) readBack(ctx workflow.Context, res contract.ApplyResult) (*ending, error) {
	check, err := g.verify(ctx, *g.Plan, false)
	if err != nil {
		return nil, err
	}
	g.Checks = append(g.Checks, check)
	g.Units[0].Left = check.Residuals
	end := &ending{end: casework.EndDone, why: "its time was over: taken away, and read back"}
	switch {
	case unexpected(check.Residuals) > 0:
		end = &ending{end: casework.EndResiduals, why: "its time was over, and the read-back differs: " + check.Residuals[0].Why}
	case res.Outcome != contract.OutcomeDone:
		end = &ending{end: casework.EndAlready, why: "its time was over, and it was not held by name any more (" + res.Detail + ")"}
	}
	return end, g.giveTurnBack(ctx)
}

// close stores the evidence and writes one note on each ticket that claimed the grant. Claims that come meanwhile are
// about the next one.
func (g *grantRun) close(ctx workflow.Context, e *ending) error {
	g.aborted = nil // it has been obeyed; reporting goes on
	if e.end == casework.EndAborted && len(g.Done) == 0 {
		g.Units[0].Left = []casework.Residual{{Object: g.grant.Object, Why: "it stands without an end: " + e.why, Owner: g.Owner}}
	}
	g.endUnit(ctx, &g.Units[0], e.end, e.why)
	was, later := g.parted()
	if err := g.enter(ctx, casework.StateReporting); err != nil {
		return err
	}
	if err := g.giveTurnBack(ctx); err != nil {
		return err
	}
	g.grant = contract.GrantState{Person: was.Person, Object: was.Object, Claims: later}
	if len(later) > 0 {
		g.grant.Since = later[0].From
	}
	err := g.report(ctx, e, was)
	if over, ended := endingOf(err); ended {
		g.note(ctx, "The end could not be written on the tickets: "+over.why+".")
		err = nil
	}
	if err != nil && !errors.Is(err, errSkipped) {
		return err
	}
	g.renew()
	g.StartedAt = g.grant.Since // of a claim that came while this was written
	if len(g.grant.Claims) > 0 {
		return nil
	}
	return g.enter(ctx, casework.StateDone)
}

// parted tells the grant that ends from claims that were made after its entitlement was taken away: a case granted it
// anew while the end waited for somebody to look.
func (g *grantRun) parted() (was contract.GrantState, later []contract.Claim) {
	was = g.grant
	if len(g.Done) == 0 {
		return was, nil
	}
	taken := g.Done[len(g.Done)-1].At
	was.Claims = nil
	for _, c := range g.grant.Claims {
		if c.From.After(taken) {
			later = append(later, c)
		} else {
			was.Claims = append(was.Claims, c)
		}
	}
	return was, later
}

// report stores the evidence and writes the notes.
func (g *grantRun) report(ctx workflow.Context, e *ending, was contract.GrantState) error {
	ref, err := call[contract.RecordRef](ctx, g.caseRun, storeEvidence, "Store the evidence record", contract.EvidenceInput{
		Case: g.Case, End: e.end, Why: e.why, Verify: g.Checks, Grant: &was,
	}, false)
	if err != nil {
		return err
	}
	facts := g.facts()
	facts.Grant, facts.End, facts.Text, facts.Evidence = g.factsOf(was), e.end, e.why, &ref
	if len(g.Checks) > 0 {
		facts.Verify = &g.Checks[len(g.Checks)-1]
	}
	left := g.Units[0].Left
	for i, c := range was.Claims {
		if slices.ContainsFunc(was.Claims[:i], func(b contract.Claim) bool { return b.Ticket == c.Ticket }) {
			continue
		}
		facts.Case.Run, facts.Case.Request.Ticket.Number = c.Run, c.Ticket
		err := g.say(ctx, "Freshservice: say on "+contract.TicketLabel(c.Ticket)+" how the grant ended", contract.TellInput{
			Ticket: c.Ticket, Key: fmt.Sprintf("%s.%d.%s.ended.%d", contract.TicketLabel(c.Ticket), c.Run, g.marks(), was.Since.Unix()),
			Template: "grant_ended", Notify: unexpected(left) > 0, Facts: facts,
		})
		if err != nil {
			return err
		}
	}
	return nil
}
