package activities

import (
	"context"
	"slices"
	"strings"

	"latchkey/approval"
	"latchkey/contract"
	"latchkey/policy"
)

// CheckReassign says whether somebody may be added to the unit's open level. The sender of the command is only a claim,
// so the answer depends on nothing but policy and the desk: the person has to be one whom policy, as it is now, names
// for this level (approvers and their fallbacks, escalation, or those it lets an operator add), active and not banned.
// "No" is an answer, not an error.
func (d *Desk) CheckReassign(ctx context.Context, in contract.CheckReassignInput) (contract.CheckReassignResult, error) {
	out, err := d.checkReassign(ctx, in)
	if err != nil {
		return contract.CheckReassignResult{}, d.failed(ctx, about("checking the new approver of", in.Request.Ticket.Number), err)
	}
	return out, nil
}

func (d *Desk) checkReassign(ctx context.Context, in contract.CheckReassignInput) (contract.CheckReassignResult, error) {
	no := func(why string) (contract.CheckReassignResult, error) {
		return contract.CheckReassignResult{Why: why}, nil
	}
	if in.Unit.Chain.Mode != approval.ModeLevels || in.Unit.Level >= len(in.Unit.Chain.Levels) {
		return no("no level of Latchkey's is open, so there is nothing to reassign")
	}
	level := in.Unit.Chain.Levels[in.Unit.Level]
	person, ok, err := d.personByEmail(ctx, strings.TrimSpace(in.To))
	switch {
	case err != nil:
		return contract.CheckReassignResult{}, err
	case !ok:
		return no("nobody in Freshservice has this e-mail address")
	case !person.Active:
		return no("this person is deactivated in Freshservice")
	}
	candidate := approval.Approver{DeskID: person.ID, Email: strings.ToLower(person.Email), Name: person.Name()}
	r, route, err := d.routed(ctx, in.Request, in.Unit)
	if err != nil {
		return contract.CheckReassignResult{}, err
	}
	for _, b := range slices.Concat(r.bans, in.Unit.Bans) {
		if b.Strikes(candidate) {
			return no("this person may not approve it: " + b.Why)
		}
	}
	if !in.Unit.Chain.AllowRepeat && slices.ContainsFunc(in.Unit.Decided, candidate.Same) {
		return no("this person decided an earlier level, and policy wants different people")
	}
	i := slices.IndexFunc(route.Levels, func(l policy.RouteLevel) bool { return l.Name == level.Name })
	if i < 0 {
		return no("policy as it is now has no level " + level.Name + " on the route " + route.Name)
	}
	allowed, err := r.allowed(ctx, route.Levels[i])
	if err != nil {
		return contract.CheckReassignResult{}, err
	}
	j := slices.IndexFunc(allowed, candidate.Same)
	if j < 0 {
		return no("policy does not name this person for level " + level.Name + " (approvals.yaml: reassign_to)")
	}
	candidate.Why = allowed[j].Why
	return contract.CheckReassignResult{Allowed: true, Why: "policy allows it for level " + level.Name + ": " + candidate.Why, Approver: candidate}, nil
}

// allowed lists everybody whom policy names for a level in any way. Fallbacks count beside those they stand in for.
func (r *resolver) allowed(ctx context.Context, l policy.RouteLevel) ([]approval.Approver, error) {
	specs := slices.Concat(l.ReassignTo, l.EscalateTo)
	for _, g := range l.Groups {
		specs = append(specs, g.Who...)
	}
	var all []approval.Approver
	for len(specs) > 0 {
		spec := specs[0]
		specs = append(specs[1:], spec.Fallback...)
		spec.Fallback = nil
		found, err := r.one(ctx, spec)
		if err != nil {
			return nil, err
		}
		all = merge(all, found)
	}
	return all, nil
}
