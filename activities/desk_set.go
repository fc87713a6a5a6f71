package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// SetTicket brings a ticket to what the case wishes, and says when it is so already. A ticket that a person closed,
// deleted or marked as spam is left alone: nobody's decision is undone. Only an open ticket is set to waiting. What the desk demands for closing comes from
// policy; a demand that policy does not meet is Invalid and says what to set.
func (d *Desk) SetTicket(ctx context.Context, in contract.SetTicketInput) (contract.SetTicketResult, error) {
	out, err := d.setTicket(ctx, in)
	if err != nil {
		return contract.SetTicketResult{}, d.failed(ctx, fmt.Sprintf("setting %s to %s", contract.TicketLabel(in.Ticket), in.Wish), err)
	}
	return out, nil
}

func (d *Desk) setTicket(ctx context.Context, in contract.SetTicketInput) (contract.SetTicketResult, error) {
	desk := d.Policy.Current().Desk()
	if in.Urgent {
		result, err := d.raise(ctx, in.Ticket, desk)
		if err != nil || in.Wish == "" {
			return result, err
		}
	}
	wished, known := wishedStatus(in.Wish, desk)
	if !known {
		return contract.SetTicketResult{}, problemf(casework.Invalid, "the wish %q for a ticket is not known", in.Wish)
	}
	t, err := d.Client.GetTicket(ctx, in.Ticket)
	if isMissing(err) {
		return contract.SetTicketResult{LeftAlone: true}, nil
	}
	if err != nil {
		return contract.SetTicketResult{}, err
	}
	switch {
	case t.Deleted || t.Spam:
		return contract.SetTicketResult{LeftAlone: true, UpdatedAt: t.UpdatedAt.UTC()}, nil
	case t.Status == wished:
		return contract.SetTicketResult{Already: true, UpdatedAt: t.UpdatedAt.UTC()}, nil
	case slices.Contains(desk.ClosedSet, t.Status):
		return contract.SetTicketResult{LeftAlone: true, UpdatedAt: t.UpdatedAt.UTC()}, nil
	case in.Wish == contract.WishWaiting && t.Status != desk.Open:
		// Somebody, or the desk's own workflow, put it into a status of its own: it may be the stage a case waits for.
		return contract.SetTicketResult{LeftAlone: true, UpdatedAt: t.UpdatedAt.UTC()}, nil
	}
	update := freshservice.TicketUpdate{Status: &wished}
	if in.Wish == contract.WishResolved {
		if err := closing(&update, t, desk.Closing); err != nil {
			return contract.SetTicketResult{}, err
		}
		if in.Note != "" {
			update.ResolutionNotes = &in.Note
		}
	}
	updated, err := d.Client.UpdateTicket(ctx, in.Ticket, update)
	if refusesNote(err) {
		// Only newer accounts have a resolution note (reference/freshservice-api.md §4.1).
		update.ResolutionNotes = nil
		updated, err = d.Client.UpdateTicket(ctx, in.Ticket, update)
	}
	if err != nil {
		return contract.SetTicketResult{}, demanded(err)
	}
	return contract.SetTicketResult{UpdatedAt: updated.UpdatedAt.UTC()}, nil
}

// raise gives a ticket the highest priority. One that a person ended is left alone.
func (d *Desk) raise(ctx context.Context, ticket int64, desk policy.DeskPolicy) (contract.SetTicketResult, error) {
	t, err := d.Client.GetTicket(ctx, ticket)
	if isMissing(err) {
		return contract.SetTicketResult{LeftAlone: true}, nil
	}
	if err != nil {
		return contract.SetTicketResult{}, err
	}
	result := contract.SetTicketResult{UpdatedAt: t.UpdatedAt.UTC()}
	switch {
	case t.Deleted || t.Spam || slices.Contains(desk.ClosedSet, t.Status):
		result.LeftAlone = true
		return result, nil
	case t.Priority >= freshservice.PriorityUrgent:
		result.Already = true
		return result, nil
	}
	updated, err := d.Client.UpdateTicket(ctx, ticket, freshservice.TicketUpdate{Priority: new(freshservice.PriorityUrgent)})
	if err != nil {
		return contract.SetTicketResult{}, demanded(err)
	}
	return contract.SetTicketResult{UpdatedAt: updated.UpdatedAt.UTC()}, nil
}

func wishedStatus(wish contract.TicketWish, desk policy.DeskPolicy) (int, bool) {
	switch wish {
	case contract.WishWaiting:
		return desk.Waiting, true
	case contract.WishResolved:
		return desk.Resolved, true
	case contract.WishOpen:
		return desk.Open, true
	}
	return 0, false
}

// customPrefix begins the keys of custom fields in desk.yaml, "closing".
const customPrefix = "custom_fields."

// closing adds what the desk demands for closing. What somebody filled in already stays.
func closing(update *freshservice.TicketUpdate, t freshservice.Ticket, fields map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		value := fields[name]
		if custom, ok := strings.CutPrefix(name, customPrefix); ok {
			if t.CustomFields.Text(custom) != "" {
				continue
			}
			if update.CustomFields == nil {
				update.CustomFields = freshservice.Fields{}
			}
			update.CustomFields[custom] = value
			continue
		}
		if err := closingField(update, t, name, value); err != nil {
			return err
		}
	}
	return nil
}

// closingField fills one field of the ticket itself that is empty. A name it does not know is policy's mistake: passing
// it over would make the desk's refusal a riddle.
func closingField(update *freshservice.TicketUpdate, t freshservice.Ticket, name string, value any) error {
	text := fmt.Sprint(value)
	switch name {
	case "category":
		fillText(&update.Category, t.Category, text)
	case "sub_category":
		fillText(&update.SubCategory, t.SubCategory, text)
	case "item_category":
		fillText(&update.ItemCategory, t.ItemCategory, text)
	case "resolution_notes":
		fillText(&update.ResolutionNotes, t.ResolutionNotes, text)
	case "group_id":
		return fillID(&update.GroupID, t.GroupID, name, text)
	case "responder_id":
		return fillID(&update.ResponderID, t.ResponderID, name, text)
	case "department_id":
		return fillID(&update.DepartmentID, t.DepartmentID, name, text)
	default:
		return problemf(casework.Invalid, "desk.yaml, closing, names %q; allowed are category, sub_category, item_category, resolution_notes, "+
			"group_id, responder_id, department_id and %q", name, customPrefix+"<name>")
	}
	return nil
}

func fillText(to **string, have, value string) {
	if strings.TrimSpace(have) == "" {
		*to = &value
	}
}

func fillID(to **int64, have int64, name, value string) error {
	id, err := strconv.ParseInt(value, 10, 64)
	if err != nil {
		return problemf(casework.Invalid, "desk.yaml, closing, %s has to be the number of a record in Freshservice, found %q", name, value)
	}
	if have == 0 {
		*to = &id
	}
	return nil
}

// refusesNote says that the account knows no resolution note.
func refusesNote(err error) bool {
	vendor, ok := errors.AsType[*freshservice.Error](err)
	if !ok || vendor.Kind != freshservice.Invalid {
		return false
	}
	f, complained := vendor.Field("resolution_notes")
	return complained && f.Code != "missing_field"
}

// demanded turns a refusal that names fields into what to set in policy.
func demanded(err error) error {
	vendor, ok := errors.AsType[*freshservice.Error](err)
	if !ok || vendor.Kind != freshservice.Invalid || len(vendor.Fields) == 0 {
		return err
	}
	var wants []string
	for _, f := range vendor.Fields {
		wants = append(wants, fmt.Sprintf("%s (%s)", f.Field, strings.TrimSuffix(f.Message, ".")))
	}
	return problemf(casework.Invalid,
		"Freshservice demands fields that the ticket does not have: %s. Set them in desk.yaml under `closing` (custom fields as %q), or on the ticket",
		strings.Join(wants, "; "), customPrefix+"<name>")
}
