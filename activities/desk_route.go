package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// RouteApproval asks policy who has to approve a unit and the desk who these people are. Inactive and banned people are
// passed over for their fallbacks. A level at which nobody is left to ask is Invalid: no chain opens with a hole in it.
func (d *Desk) RouteApproval(ctx context.Context, in contract.RouteApprovalInput) (contract.RouteApprovalResult, error) {
	out, err := d.route(ctx, in.Request, in.Unit)
	if err != nil {
		return contract.RouteApprovalResult{}, d.failed(ctx, about("finding the approvers of "+in.Unit.Title+" in", in.Request.Ticket.Number), err)
	}
	return out, nil
}

func (d *Desk) route(ctx context.Context, request casework.Request, unit contract.Unit) (contract.RouteApprovalResult, error) {
	r, route, err := d.routed(ctx, request, unit)
	if err != nil {
		return contract.RouteApprovalResult{}, err
	}
	out := contract.RouteApprovalResult{
		Chain: approval.Chain{Mode: route.Mode, Reason: routeReason(route), AllowRepeat: route.AllowRepeat},
		Bans:  r.bans,
	}
	if err := r.resetLevels(ctx, unit.Plan.Reset, &out.Chain); err != nil {
		return out, err
	}
	guarded, err := r.protectedLevel(ctx)
	if err != nil {
		return out, err
	}
	if guarded != nil {
		// The two people stand before the route's own levels, and may be asked there again: the manager of a protected
		// person is often one of them. Where the route has no levels of ours, theirs is the only one.
		out.Chain.Mode, out.Chain.AllowRepeat = approval.ModeLevels, true
		out.Chain.Levels = append(out.Chain.Levels, *guarded)
	}
	tell, err := r.group(ctx, route.Tell)
	if err != nil {
		return out, err
	}
	for _, a := range tell {
		if a.Email != "" {
			out.Tell = append(out.Tell, a.Email)
		}
	}
	if route.Mode != approval.ModeLevels {
		return out, nil
	}
	if len(route.Levels) == 0 && len(out.Chain.Levels) == 0 {
		return out, problemf(casework.Invalid, "the route %q in approvals.yaml has no level: add one, or say `mode: none` with a reason", route.Name)
	}
	for _, l := range route.Levels {
		level, err := r.level(ctx, route.Name, l)
		if err != nil {
			return out, err
		}
		out.Chain.Levels = append(out.Chain.Levels, level)
	}
	return out, nil
}

// routed reads the ticket again and asks policy for the route of a unit. The resolver knows who is struck out.
func (d *Desk) routed(ctx context.Context, request casework.Request, unit contract.Unit) (*resolver, policy.Route, error) {
	p := d.Policy.Current()
	read, _, err := d.readTicket(ctx, p, request.Ticket.Number, func(policy.TicketFacts) bool { return true })
	if err != nil {
		return nil, policy.Route{}, err
	}
	r := &resolver{desk: d}
	r.facts = policy.RouteFacts{
		UseCase:   request.UseCase,
		Ticket:    read.facts,
		Requester: read.requester,
		Fields:    request.Fields,
		Emergency: request.Emergency,
		// The same chain is routed, opened and reassigned: a review stays one.
		BreakGlass: unit.Plan.BreakGlass != nil,
		Now:        d.now(),
	}
	email := request.Subject
	if item, ok := itemOf(request, unit.Key); ok {
		email = item.Beneficiary
		if entry, known := p.Item(item.Catalogue); known {
			r.facts.Item = &entry
		}
	}
	if err := r.readSubject(ctx, email, unit.Plan.Person); err != nil {
		return nil, policy.Route{}, err
	}
	_, r.facts.Protected = p.ProtectedAccount(r.facts.Subject.Person)
	route, err := p.Route(r.facts)
	if err != nil {
		return nil, policy.Route{}, problemf(casework.Invalid, "%s", err)
	}
	return r, route, r.strike(ctx, request, read.ticket.Requester, email, route)
}

// itemOf finds the requested item that a unit is about.
func itemOf(request casework.Request, key string) (casework.Item, bool) {
	i := slices.IndexFunc(request.Items, func(i casework.Item) bool { return i.Key == key })
	if i < 0 {
		return casework.Item{}, false
	}
	return request.Items[i], true
}

// readSubject fills who the unit is about: what the identity provider knows, and what only the desk does.
func (r *resolver) readSubject(ctx context.Context, email string, person identity.Person) error {
	r.facts.Subject = policy.PersonFacts{Person: person, Active: person.Status != identity.StatusDeprovisioned}
	if r.facts.Subject.Person.Email == "" {
		r.facts.Subject.Person.Email = email
	}
	tried := map[string]bool{"": true}
	for _, address := range []string{email, person.Email, person.Login} {
		if tried[strings.ToLower(address)] {
			continue
		}
		tried[strings.ToLower(address)] = true
		found, ok, err := r.desk.personByEmail(ctx, address)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		r.subject = found
		desk, err := r.desk.personFacts(ctx, found)
		if err != nil {
			return err
		}
		desk.Person = overlay(r.facts.Subject.Person, desk.Person)
		r.facts.Subject = desk
		return nil
	}
	return nil
}

// overlay is what the identity provider says of a person, filled up by the desk where it says nothing.
func overlay(idp, desk identity.Person) identity.Person {
	out := idp
	out.DeskID = desk.DeskID
	for to, from := range map[*string]string{
		&out.Email: desk.Email, &out.FirstName: desk.FirstName, &out.LastName: desk.LastName, &out.Title: desk.Title,
		&out.Department: desk.Department, &out.Location: desk.Location, &out.ManagerEmail: desk.ManagerEmail, &out.TimeZone: desk.TimeZone,
	} {
		if *to == "" {
			*to = from
		}
	}
	if out.Attributes == nil {
		out.Attributes = desk.Attributes
	}
	return out
}

// strike fills the bans: nobody approves what they asked for or what is for themselves, and whom policy names never
// approves here. A ban carries the desk's ID and the address where both are known: a delegate may show only one.
func (r *resolver) strike(ctx context.Context, request casework.Request, asker casework.Asker, subject string, route policy.Route) error {
	if asker.DeskID == 0 {
		asker = request.Ticket.Requester
	}
	r.ban(asker.DeskID, asker.Email, "asked for this")
	r.ban(r.subject.ID, subject, "is the person this is about")
	for _, address := range []string{r.facts.Subject.Person.Email, r.facts.Subject.Person.Login, r.facts.Subject.Person.SecondEmail} {
		if address != "" && !strings.EqualFold(address, subject) {
			r.ban(r.subject.ID, address, "is the person this is about")
		}
	}
	for _, address := range route.BanExtra {
		person, _, err := r.desk.personByEmail(ctx, address)
		if err != nil && kindOf(err) != casework.Invalid {
			return err
		}
		r.ban(person.ID, address, "policy lets them approve nothing on the route "+route.Name)
	}
	return nil
}

func (r *resolver) ban(id int64, email, why string) {
	if id == 0 && email == "" {
		return
	}
	r.bans = append(r.bans, approval.Ban{DeskID: id, Email: strings.ToLower(strings.TrimSpace(email)), Why: why})
}

// level resolves one level.
func (r *resolver) level(ctx context.Context, route string, l policy.RouteLevel) (approval.Level, error) {
	out := approval.Level{
		Name: l.Name, RemindAfter: l.RemindAfter, RemindMax: l.RemindMax, EscalateAfter: l.EscalateAfter, ExpireAfter: l.ExpireAfter,
		Calendar: l.Calendar,
	}
	for _, g := range l.Groups {
		people, err := r.group(ctx, g.Who)
		if err != nil {
			return out, err
		}
		if len(people) == 0 {
			return out, problemf(casework.Invalid,
				"nobody can be asked at level %q, group %q (route %q): %s. Set it in Freshservice, or add a fallback in approvals.yaml",
				l.Name, g.Name, route, r.lacking(g.Who))
		}
		out.Groups = append(out.Groups, approval.Group{Name: g.Name, Rule: g.Rule, Need: g.Need, Deny: g.Deny, Approvers: people})
	}
	var err error
	out.EscalateTo, err = r.group(ctx, l.EscalateTo)
	return out, err
}

// protectedLevel is the name of the level that a protected leaver has before those of its route.
const protectedLevel = "Protected account"

// protectedLevel is the level that a protected leaver has on top of the route (guards.yaml, "protected.approvers"): so
// many different ones of the people that policy names. Without it the protected guard lets no change through. Nil where
// nothing is protected, or policy names nobody.
func (r *resolver) protectedLevel(ctx context.Context) (*approval.Level, error) {
	emails, need := r.desk.Policy.Current().ProtectedApprovers()
	if r.facts.UseCase != casework.Offboarding || !r.facts.Protected || len(emails) == 0 {
		return nil, nil
	}
	group := policy.RouteGroup{Name: "protected", Rule: approval.RuleQuorum, Need: need}
	for _, email := range emails {
		group.Who = append(group.Who, policy.Approvers{Kind: policy.ApproverPerson, Value: email})
	}
	level, err := r.level(ctx, "protected.approvers in guards.yaml", policy.RouteLevel{Name: protectedLevel, Groups: []policy.RouteGroup{group}})
	if err != nil {
		return nil, err
	}
	if found := len(level.Groups[0].Approvers); found < need {
		return nil, problemf(casework.Invalid, "a protected leaver needs %d approvers, and only %d of those named in guards.yaml can be asked: name more, or mend their accounts on the desk", need, found)
	}
	return &level, nil
}

// lacking says in words what each specification of a group would have needed.
func (r *resolver) lacking(specs []policy.Approvers) string {
	whose := r.facts.Subject.Person.DisplayName()
	var words []string
	for _, spec := range specs {
		text := string(spec.Kind)
		switch spec.Kind {
		case policy.ApproverManager:
			text = whose + " has no active reporting manager other than the requester"
		case policy.ApproverSecondManager:
			text = "the manager of " + whose + " has no active reporting manager who may approve"
		case policy.ApproverOwner:
			text = "the catalogue entry has no active owner who may approve"
		case policy.ApproverDepartmentHead:
			text = "the department has no active head who may approve"
		case policy.ApproverAgentGroup:
			text = fmt.Sprintf("the agent group %q does not exist or has no active member who may approve", spec.Value)
		case policy.ApproverPerson:
			text = fmt.Sprintf("the person named as %q is not an active person of the desk who may approve", maskAddress(spec.Value))
		case policy.ApproverField:
			text = fmt.Sprintf("the person named in the ticket's field %q, %q, is not an active person of the desk who may approve",
				spec.Field, maskAddress(spec.Value))
		}
		words = append(words, text)
	}
	return strings.Join(words, "; ")
}

// maskAddress keeps an e-mail address recognisable to whoever wrote it without spelling it out in an error.
func maskAddress(address string) string {
	name, domain, ok := strings.Cut(address, "@")
	if !ok || name == "" {
		return address
	}
	return string([]rune(name)[:1]) + "…@" + domain
}

// routeReason is which rule of policy chose the chain, and why.
func routeReason(r policy.Route) string {
	if r.Reason == "" {
		return "route " + r.Name
	}
	return "route " + r.Name + ": " + r.Reason
}
