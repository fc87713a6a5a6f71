package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/policy"
)

// The templates that the evidence record rides on: of a case, and of a time-bound grant.
const (
	resultTemplate = "result"
	grantTemplate  = "grant_ended"
)

// Tell posts one note or reply, exactly once for its key: the ticket's conversations are looked through for the marker
// first, so a lost answer never says a thing twice. Texts of the ticket that the template shows are escaped by it.
func (d *Desk) Tell(ctx context.Context, in contract.TellInput) (contract.TellResult, error) {
	out, err := d.tell(ctx, in)
	if err != nil {
		return contract.TellResult{}, d.failed(ctx, fmt.Sprintf("writing %q on %s", in.Template, contract.TicketLabel(in.Ticket)), err)
	}
	return out, nil
}

func (d *Desk) tell(ctx context.Context, in contract.TellInput) (contract.TellResult, error) {
	p := d.Policy.Current()
	key := markerKey(in.Facts.Case.Run, in.Key)
	there, err := d.told(ctx, in.Ticket, key)
	if err != nil || there {
		return contract.TellResult{Already: there}, err
	}
	what := "the note " + key + " on " + contract.TicketLabel(in.Ticket)
	if done, err := d.mayWrite(ctx, what); done || err != nil {
		return contract.TellResult{Already: done}, err
	}
	body, files, err := d.compose(ctx, p, in, key)
	if err != nil {
		return contract.TellResult{}, err
	}
	var addresses []string
	if in.Notify {
		if addresses, err = d.parkedAddresses(ctx, p.Desk()); err != nil {
			return contract.TellResult{}, err
		}
	}
	for _, to := range in.To {
		if !slices.ContainsFunc(addresses, func(a string) bool { return strings.EqualFold(a, to) }) {
			addresses = append(addresses, to)
		}
	}
	if in.Public {
		_, err = d.Client.Reply(ctx, in.Ticket, freshservice.Reply{BodyHTML: body, CCEmails: in.CC, BCCEmails: addresses, Attachments: files})
	} else {
		_, err = d.Client.AddNote(ctx, in.Ticket, freshservice.Note{BodyHTML: body, Private: true, NotifyEmails: addresses, Attachments: files})
	}
	return contract.TellResult{}, d.wrote(ctx, what, err)
}

// told looks for the marker among everything that was said on the ticket.
func (d *Desk) told(ctx context.Context, ticket int64, key string) (bool, error) {
	me, err := d.self(ctx)
	if err != nil {
		return false, err
	}
	said, err := d.Client.ListConversations(ctx, ticket)
	return slices.ContainsFunc(said, func(c freshservice.Conversation) bool { return hasMarker(c, key, me.ID) }), err
}

// compose renders the body with its marker, and the files: the evidence record with a result, and the whole text where
// it had to be cut.
func (d *Desk) compose(ctx context.Context, p *policy.Policy, in contract.TellInput, key string) (string, []freshservice.File, error) {
	text, err := p.Text(in.Template, in.Facts)
	if err != nil {
		return "", nil, problemText(in.Template, err)
	}
	var files []freshservice.File
	if (in.Template == resultTemplate || in.Template == grantTemplate) && in.Facts.Evidence != nil {
		file, err := d.recordFile(ctx, *in.Facts.Evidence)
		if err != nil {
			return "", nil, err
		}
		files = append(files, file)
	}
	marker := markerHTML(key)
	body, whole := fitBody(text, bodyLimit-len(marker))
	if !whole {
		files = append(files, freshservice.File{
			Name:        fmt.Sprintf("%s-%s.html", contract.TicketLabel(in.Ticket), fileWord(in.Template)),
			ContentType: "text/html; charset=utf-8",
			Content:     []byte("<!doctype html><meta charset=\"utf-8\"><title>" + html.EscapeString(in.Template) + "</title>" + text),
		})
	}
	return body + marker, files, nil
}

// recordFile is the evidence record as a file for machines.
func (d *Desk) recordFile(ctx context.Context, ref contract.RecordRef) (freshservice.File, error) {
	record, err := d.Records.Get(ctx, ref.Key)
	if evidence.NotFound(err) {
		return freshservice.File{}, problemf(casework.NotFound, "the evidence store has no record %q: do all workers use the same LATCHKEY blob store?", ref.Key)
	}
	if err != nil {
		return freshservice.File{}, err
	}
	raw, err := json.MarshalIndent(record, "", "  ")
	if err != nil {
		return freshservice.File{}, fmt.Errorf("encode the record %s: %w", ref.Key, err)
	}
	return freshservice.File{
		Name:        fmt.Sprintf("%s-run-%d-record.json", record.TicketLabel(), record.Run),
		ContentType: "application/json",
		Content:     append(raw, '\n'),
	}, nil
}

// fileWord keeps a template's name fit for a file name.
func fileWord(name string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' {
			return r
		}
		return '-'
	}, name)
}

// parkedAddresses are those who are told when a case parks: the addresses that policy lists and the active members of
// the group that it names. A group that is not there must not keep the note from being written.
func (d *Desk) parkedAddresses(ctx context.Context, desk policy.DeskPolicy) ([]string, error) {
	addresses := slices.Clone(desk.ParkedMail)
	if desk.ParkedGroup == "" {
		return addresses, nil
	}
	group, err := d.agentGroup(ctx, desk.ParkedGroup, "desk.yaml: parked group")
	if err != nil && kindOf(err) == casework.Invalid {
		logger(d.Log).WarnContext(ctx, "nobody of the group for parked cases was told", "group", desk.ParkedGroup)
		return addresses, nil
	}
	if err != nil {
		return nil, err
	}
	for _, id := range group.Members {
		person, ok, err := d.personByID(ctx, id)
		if err != nil {
			return nil, err
		}
		if ok && person.Active && person.Email != "" && !slices.ContainsFunc(addresses, func(a string) bool { return strings.EqualFold(a, person.Email) }) {
			addresses = append(addresses, strings.ToLower(person.Email))
		}
	}
	return addresses, nil
}
