package activities

import (
	"context"
	"errors"
	"slices"

	"latchkey/clients/freshservice"
	"latchkey/contract"
)

// LookIncident says how the ticket of an incident stands.
func (d *Desk) LookIncident(ctx context.Context, in contract.LookIncidentInput) (contract.TellIncidentResult, error) {
	_, out, err := d.incidentTicket(ctx, in.Ticket)
	return out, d.failed(ctx, about("looking at", in.Ticket), err)
}

// TellIncident writes a note on the ticket of an incident, once for its key, and raises the ticket where it is to be
// raised and is lower. A ticket that a person has closed, or that is gone, is left alone.
func (d *Desk) TellIncident(ctx context.Context, in contract.TellIncidentInput) (contract.TellIncidentResult, error) {
	out, err := d.tellIncident(ctx, in, false)
	return out, d.failed(ctx, about("adding to the incident", in.Ticket), err)
}

// ReopenIncident opens a ticket again that was resolved or closed, and says why.
func (d *Desk) ReopenIncident(ctx context.Context, in contract.TellIncidentInput) (contract.TellIncidentResult, error) {
	out, err := d.tellIncident(ctx, in, true)
	return out, d.failed(ctx, about("opening again", in.Ticket), err)
}

// CloseIncident resolves a ticket for which nothing came for long, where How allows it; otherwise it says so in a note.
// A result with a note and Closed says that it was resolved here.
func (d *Desk) CloseIncident(ctx context.Context, in contract.CloseIncidentInput) (contract.TellIncidentResult, error) {
	out, err := d.closeIncident(ctx, in)
	return out, d.failed(ctx, about("ending the incident", in.Ticket), err)
}

// incidentTicket reads the ticket and judges it.
func (d *Desk) incidentTicket(ctx context.Context, ticket int64) (freshservice.Ticket, contract.TellIncidentResult, error) {
	t, err := d.Client.GetTicket(ctx, ticket)
	switch {
	case isMissing(err):
		return t, contract.TellIncidentResult{Gone: true}, nil
	case err != nil:
		return t, contract.TellIncidentResult{}, err
	}
	desk := d.Policy.Current().Desk()
	return t, contract.TellIncidentResult{
		Gone: t.Deleted || t.Spam, Closed: slices.Contains(desk.ClosedSet, t.Status),
		Touched: t.ResponderID != 0 || t.Status != desk.Open,
	}, nil
}

func (d *Desk) tellIncident(ctx context.Context, in contract.TellIncidentInput, reopen bool) (contract.TellIncidentResult, error) {
	t, out, err := d.incidentTicket(ctx, in.Ticket)
	if err != nil || out.Gone || out.Closed && !reopen {
		return out, err
	}
	var update freshservice.TicketUpdate
	if out.Closed {
		open := d.Policy.Current().Desk().Open
		update.Status, out.Closed = &open, false
	}
	if in.Raise {
		raise(&update, t, in.Facts.Route)
	}
	if update.Status != nil || update.Priority != nil || update.Urgency != nil || update.Impact != nil {
		if _, err := d.Client.UpdateTicket(ctx, in.Ticket, update); err != nil {
			return out, demanded(err)
		}
	}
	body, err := d.incidentBody(ctx, "incident_note", in.Facts)
	if err != nil {
		return out, err
	}
	if in.Summary != 0 {
		mark := markerHTML(markerKey(0, in.Key))
		body, _ = fitBody(body, bodyLimit-len(mark))
		_, err := d.Client.UpdateNote(ctx, in.Summary, body+mark)
		if out.Note = in.Summary; !isMissing(err) {
			return out, err
		}
		// somebody deleted it: it is written anew
	}
	out.Note, err = d.addNote(ctx, in.Ticket, in.Key, body)
	return out, err
}

// raise sets priority, urgency and impact in one call where they are lower than the route's: accounts with a priority
// matrix find the priority from the other two (reference/freshservice-api.md §10).
func raise(update *freshservice.TicketUpdate, t freshservice.Ticket, r contract.AlertRoute) {
	if r.Priority > t.Priority {
		update.Priority = &r.Priority
	}
	if r.Urgency > t.Urgency {
		update.Urgency = &r.Urgency
	}
	if r.Impact > t.Impact {
		update.Impact = &r.Impact
	}
}

// addNote writes a private note once for its key, and gives its number.
func (d *Desk) addNote(ctx context.Context, ticket int64, key, body string) (int64, error) {
	me, err := d.self(ctx)
	if err != nil {
		return 0, err
	}
	key = markerKey(0, key)
	said, err := d.Client.ListConversations(ctx, ticket)
	if err != nil {
		return 0, err
	}
	for _, c := range said {
		if hasMarker(c, key, me.ID) {
			return c.ID, nil
		}
	}
	what := "the note " + key + " on " + contract.TicketLabel(ticket)
	if done, err := d.mayWrite(ctx, what); done || err != nil {
		return -1, err
	}
	mark := markerHTML(key)
	body, _ = fitBody(body, bodyLimit-len(mark))
	note, err := d.Client.AddNote(ctx, ticket, freshservice.Note{BodyHTML: body + mark, Private: true})
	return note.ID, d.wrote(ctx, what, err)
}

func (d *Desk) closeIncident(ctx context.Context, in contract.CloseIncidentInput) (contract.TellIncidentResult, error) {
	t, out, err := d.incidentTicket(ctx, in.Ticket)
	if err != nil || out.Gone {
		return out, err
	}
	there, touched, err := d.incidentSaid(ctx, in.Ticket, in.Key)
	if err != nil {
		return out, err
	}
	if out.Touched = out.Touched || touched; out.Closed {
		out.Note = there // ours where the note is there: an answer was lost after it was resolved
		return out, nil
	}
	resolve := in.How == contract.CloseAlways || in.How == contract.CloseUntouched && !out.Touched
	in.Facts.Closing = resolve
	body, err := d.incidentBody(ctx, "incident_note", in.Facts)
	if err != nil {
		return out, err
	}
	if out.Note, err = d.addNote(ctx, in.Ticket, in.Key, body); err != nil || !resolve {
		return out, err
	}
	_, err = d.resolve(ctx, t)
	out.Closed = err == nil
	return out, err
}

// incidentSaid looks for our own note with a key, and whether anybody else said something.
func (d *Desk) incidentSaid(ctx context.Context, ticket int64, key string) (note int64, touched bool, err error) {
	me, err := d.self(ctx)
	if err != nil {
		return 0, false, err
	}
	said, err := d.Client.ListConversations(ctx, ticket)
	if errors.Is(err, freshservice.NotFound) {
		return 0, false, nil
	}
	for _, c := range said {
		if hasMarker(c, markerKey(0, key), me.ID) {
			note = c.ID
		}
		if c.UserID != me.ID || c.Incoming {
			touched = true
		}
	}
	return note, touched, err
}
