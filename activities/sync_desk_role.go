package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// askedKeeps is how far back the ticket of a role change is looked for, where the memory of it was lost.
const askedKeeps = 30 * 24 * time.Hour

// SyncAskRole asks for a role change, because the desk says that somebody has another role than Okta: on the catalogue's own
// form where policy names one, so that it goes the way of every role change, with its approvals; otherwise in a ticket for
// people. The same person and values are asked about once.
func (d *Desk) SyncAskRole(ctx context.Context, in contract.SyncAskRoleInput) (contract.SyncAskRoleResult, error) {
	result, err := d.askRole(ctx, in)
	return result, d.failed(ctx, "asking for a role change", err)
}

func (d *Desk) askRole(ctx context.Context, in contract.SyncAskRoleInput) (contract.SyncAskRoleResult, error) {
	if d.syncHeld(ctx) != "" {
		return contract.SyncAskRoleResult{}, nil // it is asked for when the sync may act
	}
	s := d.Policy.Current().Sync()
	texts := []string{in.Person.OktaUserID}
	result := contract.SyncAskRoleResult{Filed: true}
	for _, dr := range in.Drifts {
		texts = append(texts, dr.Attribute.Name+" "+dr.Wanted)
		result.Filed = result.Filed && s.Request.Takes(dr.Attribute.Name) && dr.Wanted != ""
	}
	if !result.Filed && s.Ask == "" {
		return contract.SyncAskRoleResult{}, nil // the form has no field for it, and nobody else is to be asked
	}
	slices.Sort(texts[1:])
	digest := syncDigest(texts...)
	memory, err := readMemory(ctx, d.Blobs, in.Person.OktaUserID)
	if err != nil {
		return result, err
	}
	if result.Ticket = memory.Asked[digest]; result.Ticket != 0 {
		return result, nil
	}
	if result.Filed {
		result.Ticket, err = d.fileRole(ctx, s.Request, in, digest)
	} else {
		result.Ticket, err = d.roleTicket(ctx, s, in, digest)
	}
	if err != nil {
		return result, err
	}
	memory.Asked = map[string]int64{digest: result.Ticket} // an older question is answered, or asks for what is no longer so
	return result, memory.write(ctx, d.Blobs, in.Person.OktaUserID)
}

// roleTicket opens the ticket for people.
func (d *Desk) roleTicket(ctx context.Context, s policy.SyncPolicy, in contract.SyncAskRoleInput, digest string) (int64, error) {
	body, err := d.Policy.Current().Text("sync_role_change", in)
	if err != nil {
		return 0, problemText("sync_role_change", err)
	}
	body, _ = fitBody(body, bodyLimit)
	return d.ensureTicket(ctx, ownTicket{
		marker:   "latchkey-role-" + digest,
		subject:  fmt.Sprintf("Latchkey: %s has another role on the desk than in Okta", in.Person.DisplayName()),
		body:     body,
		group:    s.Ask,
		setting:  "sync.yaml: role_change.ask",
		priority: freshservice.PriorityMedium,
		since:    d.now().Add(-askedKeeps),
	})
}

// fileRole places the request on the form. The form takes no marker, so its answers are the key: a request with the same
// ones, whoever filed it, is the one. Its case is nudged, for webhooks do not tell of what our own agent did.
func (d *Desk) fileRole(ctx context.Context, r policy.SyncRequest, in contract.SyncAskRoleInput, digest string) (int64, error) {
	item, err := d.itemNamed(ctx, r.Item)
	if err != nil {
		return 0, err
	}
	asker, there, err := d.personByEmail(ctx, r.By)
	if err != nil || !there {
		if err == nil {
			err = problemf(casework.Invalid, "nobody on the desk has the address of sync.yaml: role_change.request.by")
		}
		return 0, err
	}
	answers := freshservice.Fields{}
	for field, answer := range r.Fields {
		switch answer {
		case policy.SyncPerson:
			answers[field] = in.Person.Email
		case policy.SyncToday:
			answers[field] = d.now().Format(time.DateOnly)
		default:
			for _, dr := range in.Drifts {
				if dr.Attribute.Name == answer {
					answers[field] = dr.Wanted
				}
			}
		}
	}
	number, err := d.findFiled(ctx, asker.ID, item, r, answers)
	if err != nil {
		return 0, err
	}
	if number != 0 {
		_, err = d.Cluster.Nudge(ctx, number, true)
		return number, err
	}
	what := "the role change " + digest
	if done, err := d.mayWrite(ctx, what); done || err != nil {
		if done {
			err = problemf(casework.Ambiguous, "%s was filed moments ago and the desk does not show it yet", what)
		}
		return 0, err
	}
	ticket, err := d.Client.PlaceRequest(ctx, item, freshservice.PlaceRequest{Email: r.By, CustomFields: answers})
	if err := d.wrote(ctx, what, err); err != nil {
		return 0, err
	}
	_, err = d.Cluster.Nudge(ctx, ticket.ID, true)
	return ticket.ID, err
}

// itemNamed finds an item of the catalogue by its name.
func (d *Desk) itemNamed(ctx context.Context, name string) (int64, error) {
	names, err := d.itemNames(ctx)
	if err != nil {
		return 0, err
	}
	for id, n := range names {
		if strings.EqualFold(n, name) {
			return id, nil
		}
	}
	return 0, problemf(casework.Invalid, "the service catalogue has no item %q, which policy names (sync.yaml: role_change.request.item)", name)
}

// findFiled looks for a request of the asker's with the same answers, the day aside.
func (d *Desk) findFiled(ctx context.Context, asker, item int64, r policy.SyncRequest, answers freshservice.Fields) (int64, error) {
	for page := 1; ; page++ {
		found, err := d.Client.ListTickets(ctx, freshservice.TicketList{
			UpdatedSince: d.now().Add(-askedKeeps), RequesterID: asker, Page: page, PerPage: listPage,
		})
		if err != nil {
			return 0, err
		}
		for _, t := range found.Items {
			if t.Type != freshservice.TypeServiceRequest {
				continue
			}
			items, err := d.Client.RequestedItems(ctx, t.ID)
			if err != nil && !isMissing(err) {
				return 0, err
			}
			if slices.ContainsFunc(items, func(i freshservice.RequestedItem) bool { return i.ServiceItemID == item && filedAs(i, r, answers) }) {
				return t.ID, nil
			}
		}
		if !found.HasNext {
			return 0, nil
		}
	}
}

// filedAs says whether a form was answered so, the day aside. (A list of requested items names no item, only its number.)
func filedAs(i freshservice.RequestedItem, r policy.SyncRequest, answers freshservice.Fields) bool {
	for field, what := range r.Fields {
		if what != policy.SyncToday && !strings.EqualFold(fmt.Sprint(i.CustomFields[field]), fmt.Sprint(answers[field])) {
			if answers[field] != nil || i.CustomFields[field] != nil {
				return false
			}
		}
	}
	return true
}
