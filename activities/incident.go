package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// RouteAlert says what policy makes of an incident.
func (d *Desk) RouteAlert(_ context.Context, in contract.RouteAlertInput) (contract.AlertRoute, error) {
	p := d.Policy.Current()
	r := p.AlertRoute(policy.AlertFacts{Key: in.Key, Severity: in.Severity, Events: in.Events})
	out := contract.AlertRoute{
		Mode: p.Mode(casework.SecurityAlert), Severity: r.Severity, Name: r.Name, Ticket: r.Ticket, Priority: r.Priority, Urgency: r.Urgency,
		Impact: r.Impact, Group: r.Group, Category: r.Category, SubCat: r.SubCat, ItemCat: r.ItemCat, Tags: r.Tags, Wait: r.Wait,
		Interval: r.Interval, Notes: r.Notes, Quiet: r.Quiet, Close: contract.AlertClose(r.Close), Reopen: r.Reopen,
		Rule: r.Rule.Name, Why: r.Rule.Why, Steps: r.Rule.FirstSteps,
	}
	for _, t := range r.Chat {
		out.Chat = append(out.Chat, contract.ChatTarget{Name: t.Name, Kind: string(t.Kind)})
	}
	return out, nil
}

// OpenIncident finds the ticket of an incident, or opens it: one for its key and the checkpoint of its crossing,
// whichever attempt or worker comes first. What of the route the desk does not take (a category, a group that is gone)
// is left out and named: an alert is never lost for it.
func (d *Desk) OpenIncident(ctx context.Context, in contract.OpenIncidentInput) (contract.OpenIncidentResult, error) {
	out, err := d.openIncident(ctx, in)
	if err != nil {
		return contract.OpenIncidentResult{}, d.failed(ctx, "opening the incident of "+in.Facts.Key.String(), err)
	}
	return out, nil
}

func (d *Desk) openIncident(ctx context.Context, in contract.OpenIncidentInput) (contract.OpenIncidentResult, error) {
	if d.Policy.Current().Mode(casework.SecurityAlert) != casework.ModeAct {
		return contract.OpenIncidentResult{Observed: true}, nil
	}
	body, err := d.incidentBody(ctx, "incident", in.Facts)
	if err != nil {
		return contract.OpenIncidentResult{}, err
	}
	mark := markerHTML(incidentMark(in.Facts.Workflow))
	body, _ = fitBody(body, bodyLimit-len(mark))
	var out contract.OpenIncidentResult
	r := in.Facts.Route
	t := ownTicket{
		marker: incidentMarker(in.Facts.Key.Hash, in.Opening), subject: incidentTitle(in.Facts), body: body + mark, priority: r.Priority,
		since: in.Began, shape: func(made *freshservice.NewTicket) {
			made.Urgency, made.Impact, made.Source = r.Urgency, r.Impact, freshservice.SourceAlert
			made.Category, made.SubCategory, made.ItemCategory = r.Category, r.SubCat, r.ItemCat
			made.Tags = append(made.Tags, r.Tags...)
		},
		loosen: func(made *freshservice.NewTicket, refused error) bool {
			left := loosened(made, refused)
			out.Left = append(out.Left, left...)
			return len(left) > 0
		},
	}
	switch _, err := d.agentGroup(ctx, r.Group, "alerts.yaml"); {
	case r.Group == "":
	case err == nil:
		t.group = r.Group
	case kindOf(err) == casework.Invalid:
		out.Left = append(out.Left, fmt.Sprintf("the group %q, which is not there", r.Group))
	default:
		return out, err
	}
	if out.Ticket, err = d.ensureTicket(ctx, t); err != nil {
		return out, err
	}
	if out.Ticket, err = d.settleDoubles(ctx, t, out.Ticket); err != nil {
		return out, err
	}
	out.URL = d.Client.TicketURL(out.Ticket)
	return out, nil
}

// loosened takes out of a ticket what the vendor refused and an incident can do without, and says what that was.
func loosened(t *freshservice.NewTicket, err error) []string {
	vendor, ok := errors.AsType[*freshservice.Error](err)
	if !ok || vendor.Kind != freshservice.Invalid {
		return nil
	}
	var left []string
	drop := func(field, shown string, cut func()) {
		if _, refused := vendor.Field(field); refused && shown != "" {
			left = append(left, fmt.Sprintf("the %s %q", strings.ReplaceAll(field, "_", " "), shown))
			cut()
		}
	}
	drop("category", t.Category, func() { t.Category, t.SubCategory, t.ItemCategory = "", "", "" })
	drop("sub_category", t.SubCategory, func() { t.SubCategory, t.ItemCategory = "", "" })
	drop("item_category", t.ItemCategory, func() { t.ItemCategory = "" })
	if t.Source != 0 {
		drop("source", fmt.Sprint(t.Source), func() { t.Source = 0 })
	}
	if t.GroupID != 0 {
		drop("group_id", fmt.Sprint(t.GroupID), func() { t.GroupID = 0 })
	}
	if len(t.Tags) > 1 {
		drop("tags", strings.Join(t.Tags[1:], ", "), func() { t.Tags = t.Tags[:1] })
	}
	if t.Urgency != 0 {
		drop("urgency", fmt.Sprint(t.Urgency), func() { t.Urgency = 0 })
	}
	if t.Impact != 0 {
		drop("impact", fmt.Sprint(t.Impact), func() { t.Impact = 0 })
	}
	return left
}

// settleDoubles makes one ticket of several with the same marker, which two attempts can have made at the same moment:
// the oldest stays, the others are resolved and say so.
func (d *Desk) settleDoubles(ctx context.Context, t ownTicket, ours int64) (int64, error) {
	all, err := d.ownTickets(ctx, t)
	if err != nil {
		return ours, err
	}
	if !slices.Contains(all, ours) {
		all = append(all, ours) // the list is behind
	}
	slices.Sort(all)
	first := all[0]
	for _, double := range all[1:] {
		if err := d.resolveDouble(ctx, double, first); err != nil {
			return ours, err
		}
	}
	return first, nil
}

func (d *Desk) resolveDouble(ctx context.Context, double, first int64) error {
	desk := d.Policy.Current().Desk()
	t, err := d.Client.GetTicket(ctx, double)
	if isMissing(err) || err == nil && (t.Deleted || t.Spam || slices.Contains(desk.ClosedSet, t.Status)) {
		return nil
	}
	if err != nil {
		return err
	}
	if _, err := d.addNote(ctx, double, "double", "<p>This ticket is a double of ticket "+fmt.Sprint(first)+", made at the same moment. Please go on there.</p>"); err != nil {
		return err
	}
	_, err = d.resolve(ctx, t)
	return err
}

// resolve sets a ticket to resolved, with what the desk demands for it.
func (d *Desk) resolve(ctx context.Context, t freshservice.Ticket) (time.Time, error) {
	desk := d.Policy.Current().Desk()
	status := desk.Resolved
	update := freshservice.TicketUpdate{Status: &status}
	if err := closing(&update, t, desk.Closing); err != nil {
		return time.Time{}, err
	}
	updated, err := d.Client.UpdateTicket(ctx, t.ID, update)
	if err != nil {
		return time.Time{}, demanded(err)
	}
	return updated.UpdatedAt.UTC(), nil
}
