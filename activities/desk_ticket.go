package activities

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
)

// ownTicket is a ticket that Latchkey opens itself: for a question to a person, or for the daily digest.
type ownTicket struct {
	marker   string // unique; a tag of the ticket, and the end of its subject
	subject  string
	body     string // HTML
	group    string // agent group that gets it, by name
	setting  string // where policy names the group
	priority int
	since    time.Time // it was not made before this
	// shape sets what else the ticket has; nil leaves it at that.
	shape func(*freshservice.NewTicket)
	// loosen takes out what the vendor refuses, and says whether it found something; nil takes nothing out.
	loosen func(*freshservice.NewTicket, error) bool
	// requester is whose ticket it is; 0: our own account's.
	requester int64
}

// title is the subject with the marker: lists show no tags (reference/freshservice-api.md §11.3).
func (t ownTicket) title() string { return t.subject + " [" + t.marker + "]" }

// ensureTicket finds the ticket with the marker, or opens it. It reads a plain list rather than the search index, which
// lags by minutes (reference/freshservice-api.md §4.7).
func (d *Desk) ensureTicket(ctx context.Context, t ownTicket) (int64, error) {
	me, err := d.self(ctx)
	if err != nil {
		return 0, err
	}
	if me.ID == 0 {
		return 0, problemf(casework.Denied, "Freshservice does not say which agent owns the API key, and a ticket needs a requester: allow GET /agents/me for it")
	}
	if t.requester == 0 {
		t.requester = me.ID
	}
	if number, ok, err := d.findOwn(ctx, t, me.ID); ok || err != nil {
		return number, err
	}
	what := "the ticket " + t.marker
	if done, err := d.mayWrite(ctx, what); done || err != nil {
		if done {
			err = problemf(casework.Ambiguous, "%s was opened moments ago and the desk does not show it yet", what)
		}
		return 0, err
	}
	made := freshservice.NewTicket{
		RequesterID: t.requester, Subject: t.title(), Description: t.body, Type: freshservice.TypeIncident,
		Status: freshservice.StatusOpen, Priority: t.priority, Tags: []string{t.marker},
	}
	if t.group != "" {
		group, err := d.agentGroup(ctx, t.group, t.setting)
		if err != nil {
			return 0, err
		}
		made.GroupID = group.ID
	}
	if t.shape != nil {
		t.shape(&made)
	}
	ticket, err := d.Client.CreateTicket(ctx, made)
	for range 2 { // a form may refuse what is there and demand what is not
		if err == nil || !d.supply(&made, err) && (t.loosen == nil || !t.loosen(&made, err)) {
			break
		}
		ticket, err = d.Client.CreateTicket(ctx, made)
	}
	if err := d.wrote(ctx, what, err); err != nil {
		return 0, demanded(err)
	}
	return ticket.ID, nil
}

// findOwn looks for the ticket among those of our own account, or of the requester we opened it for. A ticket of anybody
// else that carries the marker in its subject is not it; one of that requester counts only with the marker as a tag,
// which the portal gives nobody (reference/freshservice-api.md §11.3).
func (d *Desk) findOwn(ctx context.Context, t ownTicket, me int64) (int64, bool, error) {
	for page := 1; ; page++ {
		found, err := d.Client.ListTickets(ctx, freshservice.TicketList{
			UpdatedSince: t.since.Add(-sweepOverlap), RequesterID: t.requester, Page: page, PerPage: listPage,
		})
		if err != nil {
			return 0, false, err
		}
		for _, one := range found.Items {
			if one.RequesterID != t.requester || !strings.HasSuffix(strings.TrimSpace(one.Subject), "["+t.marker+"]") {
				continue
			}
			ours, err := d.tagged(ctx, one.ID, t, me)
			if ours || err != nil {
				return one.ID, ours, err
			}
		}
		if !found.HasNext {
			return 0, false, nil
		}
	}
}

// tagged says whether a ticket that wears the marker in its subject was opened by us.
func (d *Desk) tagged(ctx context.Context, number int64, t ownTicket, me int64) (bool, error) {
	if t.requester == me {
		return true, nil
	}
	ticket, err := d.Client.GetTicket(ctx, number, freshservice.IncludeTags)
	if isMissing(err) {
		return false, nil
	}
	return slices.Contains(ticket.Tags, t.marker), err
}

// supply adds what the form demands of agents, where policy's closing fields have it, and says whether it did.
func (d *Desk) supply(t *freshservice.NewTicket, err error) bool {
	vendor, ok := errors.AsType[*freshservice.Error](err)
	if !ok || vendor.Kind != freshservice.Invalid {
		return false
	}
	closing := d.Policy.Current().Desk().Closing
	supplied := false
	for _, name := range slices.Sorted(maps.Keys(closing)) {
		custom, isCustom := strings.CutPrefix(name, customPrefix)
		if _, demanded := vendor.Field(custom); !demanded {
			continue
		}
		text, isText := closing[name].(string)
		switch {
		case isCustom:
			if t.CustomFields == nil {
				t.CustomFields = freshservice.Fields{}
			}
			t.CustomFields[custom] = closing[name]
		case custom == "category" && isText:
			t.Category = text
		case custom == "sub_category" && isText:
			t.SubCategory = text
		case custom == "item_category" && isText:
			t.ItemCategory = text
		default:
			continue
		}
		supplied = true
	}
	return supplied
}
