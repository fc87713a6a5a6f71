package activities

import (
	"context"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/policy"
)

// reading is a ticket with all that policy may know of it.
type reading struct {
	vendor    freshservice.Ticket
	ticket    casework.Ticket
	facts     policy.TicketFacts
	requester policy.PersonFacts
}

// readTicket reads a ticket and, if further says that it is worth the calls, what hangs on it: the answers of requested
// items, the context of an onboarding or offboarding request, and the requester. further is asked about the ticket
// alone; whole says whether it was read to the end. A ticket that is not there is NotFound.
func (d *Desk) readTicket(ctx context.Context, p *policy.Policy, number int64, further func(policy.TicketFacts) bool) (r reading, whole bool, err error) {
	return d.readTicketWith(ctx, p, number, further, d.readAsker)
}

// askerReader reads who asked.
type askerReader func(ctx context.Context, id int64) (asker, error)

func (d *Desk) readTicketWith(ctx context.Context, p *policy.Policy, number int64, further func(policy.TicketFacts) bool, who askerReader) (r reading, whole bool, err error) {
	t, err := d.Client.GetTicket(ctx, number, freshservice.IncludeTags)
	if err != nil {
		return reading{}, false, err
	}
	status, err := d.statusName(ctx, t.Status)
	if err != nil {
		return reading{}, false, err
	}
	group, err := d.groupNameOf(ctx, t.GroupID)
	if err != nil {
		return reading{}, false, err
	}
	r = reading{
		vendor: t,
		ticket: caseTicket(t, status, d.Client.TicketURL(t.ID), p.Desk()),
		facts:  ticketFacts(t, status, group),
	}
	if r.ticket.Gone || !further(r.facts) {
		return r, false, nil
	}
	for _, add := range []func(context.Context, *reading) error{d.addBoarding, d.addItems} {
		if err := add(ctx, &r); err != nil {
			return reading{}, false, err
		}
	}
	asked, err := who(ctx, t.RequesterID)
	if err != nil {
		return reading{}, false, err
	}
	r.ticket.Requester, r.requester = asked.asker, asked.facts
	me, err := d.self(ctx)
	if err != nil {
		return reading{}, false, err
	}
	if me.ID != 0 && t.RequesterID == me.ID {
		r.facts.Own = " " // what Latchkey wrote itself asks for nothing by its words
	}
	return r, true, nil
}

// addBoarding reads the form of an onboarding or offboarding request; the source says which tickets have one. The
// request makes a ticket for each of its steps as well; whether those show the form too is not documented, so the form
// is the parent's alone: a leaver is one case, not one for each step.
func (d *Desk) addBoarding(ctx context.Context, r *reading) error {
	include := map[int]string{
		freshservice.SourceOnboarding:  freshservice.IncludeOnboarding,
		freshservice.SourceOffboarding: freshservice.IncludeOffboarding,
	}[r.vendor.Source]
	if include == "" {
		return nil
	}
	t, err := d.Client.GetTicket(ctx, r.vendor.ID, include, freshservice.IncludeRelatedTickets)
	if err != nil {
		return err
	}
	if t.RelatedTickets != nil && t.RelatedTickets.ParentID != 0 {
		return nil
	}
	if t.OnboardingContext != nil {
		r.facts.Onboarding = boardingFacts(*t.OnboardingContext)
	}
	if t.OffboardingContext != nil {
		r.facts.Offboarding = boardingFacts(*t.OffboardingContext)
	}
	return nil
}

// addItems reads the requested items: only there are the answers of a service request
// (reference/freshservice-api.md §5.3). An incident has none.
func (d *Desk) addItems(ctx context.Context, r *reading) error {
	if r.vendor.Type == freshservice.TypeIncident {
		return nil
	}
	items, err := d.Client.RequestedItems(ctx, r.vendor.ID)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, item := range items {
		if item.Stage == freshservice.StageCancelled {
			continue
		}
		name := item.ItemName
		if name == "" {
			names, err := d.itemNames(ctx)
			if err != nil {
				return err
			}
			name = names[item.ServiceItemID]
		}
		r.facts.Items = append(r.facts.Items, itemFacts(item, name))
	}
	return nil
}
