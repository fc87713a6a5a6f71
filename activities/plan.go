package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// Plan makes the plan of a request from the present state of Okta and the policy in force. It changes nothing.
func (o *Okta) Plan(ctx context.Context, in contract.PlanInput) (contract.PlanResult, error) {
	doing := "planning " + contract.TicketLabel(in.Request.Ticket.Number)
	var result contract.PlanResult
	var err error
	switch in.Request.UseCase {
	case casework.Offboarding:
		result, err = o.planLeaver(ctx, in)
	case casework.AccessRequest:
		result, err = o.planAccess(ctx, in)
	case casework.Onboarding:
		result, err = o.planJoiner(ctx, in)
	case casework.RoleChange:
		result, err = o.planMover(ctx, in)
	case casework.CredentialReset:
		result, err = o.planReset(ctx, in)
	case casework.ProfileSync, casework.SecurityAlert, casework.AccessReview: // no ticket asks for them, or what they do is compared elsewhere
		fallthrough
	default:
		err = problemf(casework.Invalid, "there is no planner for the use case %q; known are %v", in.Request.UseCase, casework.UseCases())
	}
	return result, o.failed(ctx, doing, err)
}

// leaverUnit is the key of the one unit of a leaver, a joiner and a mover.
const leaverUnit = "plan"

// planLeaver finds the person and plans what they lose.
func (o *Okta) planLeaver(ctx context.Context, in contract.PlanInput) (contract.PlanResult, error) {
	address := in.Request.Subject
	if address == "" {
		return contract.PlanResult{End: casework.EndUnknownPerson, Why: "the ticket does not say who leaves"}, nil
	}
	found, err := o.Client.FindUsersByEmail(ctx, address)
	if err != nil {
		return contract.PlanResult{}, err
	}
	chosen, former := pick(found)
	switch len(chosen) {
	case 0:
		return contract.PlanResult{End: casework.EndUnknownPerson, Why: "nobody in Okta has the address " + address}, nil
	case 1:
	default:
		return contract.PlanResult{End: casework.EndSeveralPeople, Why: fmt.Sprintf(
			"%d accounts in Okta have the address %s, and taking access from the wrong one cannot be undone; say which one is meant", len(chosen), address)}, nil
	}
	held, err := o.planHoldings(ctx, chosen[0].ID)
	if goneFromOkta(err) {
		return contract.PlanResult{End: casework.EndUnknownPerson, Why: "the account with the address " + address + " was deleted a moment ago"}, nil
	}
	if err != nil {
		return contract.PlanResult{}, err
	}
	plan, err := o.leaverPlan(in, held)
	if err != nil {
		return contract.PlanResult{}, err
	}
	if former > 0 {
		plan.Notes = append(plan.Notes, fmt.Sprintf("%d deactivated account(s) with the same address are left as they are.", former))
	}
	person := plan.Person
	if person.Status == identity.StatusDeprovisioned && len(plan.Changes) == 0 {
		why := fmt.Sprintf("the account of %s is deactivated already and nothing is left to remove", person.DisplayName())
		if n := len(plan.Residuals) + len(plan.Kept); n > 0 {
			why += fmt.Sprintf(" (%d membership(s) stay where others master them or policy keeps them)", n)
		}
		return contract.PlanResult{Person: person, End: casework.EndAlready, Why: why}, nil
	}
	return contract.PlanResult{Person: person, Units: []contract.Unit{
		{Key: leaverUnit, Title: "Leaver: " + person.DisplayName(), Plan: plan},
	}}, nil
}

// leaverPlan asks policy and calls the pure planner.
func (o *Okta) leaverPlan(in contract.PlanInput, held holdings) (casework.Plan, error) {
	p, now := o.Policy.Current(), o.now()
	rules := p.Offboarding()
	person := held.access.Person
	at, notes, err := effective(in, person.TimeZone, rules.DefaultZone)
	if err != nil {
		return casework.Plan{}, err
	}
	facts := casework.LeaverFacts{
		Request: in.Request, Access: held.access, EffectiveAt: at, End: rules.End, DeactivateAfter: rules.DeactivateAfter,
		ClearAttributes: rules.ClearAttributes, Keep: map[string]casework.Kept{}, Owners: rules.ResidualOwner,
		PolicyDigest: p.Digest(),
	}
	for _, g := range held.access.All() {
		if k, ok := p.Keep(person, g, now); ok {
			facts.Keep[g.Entitlement.Key()] = k
		}
	}
	if hold, ok := p.LegalHold(person, now); ok {
		facts.Hold = &hold
	}
	plan := casework.PlanLeaver(facts)
	plan.Person = discreet(plan.Person)
	plan.Notes = slices.Concat(notes, protectedNote(p, person), plan.Notes, held.notes)
	return plan, nil
}

// effective is when the changes may begin: an operator's date wins until the ticket's own date changes again.
// Zones are tried in order.
func effective(in contract.PlanInput, zones ...string) (at time.Time, notes []string, err error) {
	if r := in.Reschedule; r != nil && r.Ticket == in.Request.EffectiveText {
		if r.At.IsZero() {
			return r.At, []string{fmt.Sprintf("%s moved it to at once: %s.", r.By.By, r.By.Reason)}, nil
		}
		return r.At.UTC(), []string{fmt.Sprintf("%s moved it to %s: %s.", r.By.By, r.At.UTC().Format("2006-01-02 15:04 MST"), r.By.Reason)}, nil
	}
	at, notes, err = casework.Effective(in.Request, zones...)
	if err != nil {
		return at, notes, problemf(casework.Invalid, "%v", err)
	}
	return at, notes, nil
}

func protectedNote(p *policy.Policy, person identity.Person) []string {
	protection, ok := p.ProtectedAccount(person)
	if !ok {
		return nil
	}
	named, need := p.ProtectedApprovers()
	note := fmt.Sprintf("The account is protected (%s): %d of the people that policy names have to approve.", protection.Why, need)
	if len(named) < need {
		note = fmt.Sprintf("The account is protected (%s), and policy names too few people who could approve: %d of %d needed.", protection.Why, len(named), need)
	}
	return []string{note}
}

// planAccess plans each requested item on its own.
func (o *Okta) planAccess(ctx context.Context, in contract.PlanInput) (contract.PlanResult, error) {
	if len(in.Request.Items) == 0 {
		return contract.PlanResult{End: casework.EndUnknownItem, Why: "the ticket asks for nothing that the catalogue knows"}, nil
	}
	a := accessPlanner{okta: o, policy: o.Policy.Current(), request: in.Request, people: map[string]*beneficiary{}}
	var result contract.PlanResult
	for _, item := range in.Request.Items {
		unit, err := a.unit(ctx, item)
		if err != nil {
			return contract.PlanResult{}, err
		}
		result.Units = append(result.Units, unit)
		if err := beat(ctx, item.Key); err != nil {
			return contract.PlanResult{}, err
		}
	}
	if people := slices.Collect(maps.Values(a.people)); len(people) == 1 && len(people[0].found) == 1 {
		result.Person = discreet(people[0].found[0])
	}
	return result, nil
}
