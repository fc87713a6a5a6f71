package activities

import (
	"context"
	"fmt"
	"slices"
	"time"

	"latchkey/clients/freshservice"
	"latchkey/contract"
)

// askedKeeps is how far back the ticket of a role change is looked for, where the memory of it was lost.
const askedKeeps = 30 * 24 * time.Hour

// SyncAskRole opens the one ticket that asks for a role change, because the desk says that somebody has another role than
// Okta: it is for people to file, and then goes the way of every role change, with its approvals. The same person and
// values are asked about once.
func (d *Desk) SyncAskRole(ctx context.Context, in contract.SyncAskRoleInput) (contract.SyncAskRoleResult, error) {
	number, err := d.askRole(ctx, in)
	return contract.SyncAskRoleResult{Ticket: number}, d.failed(ctx, "asking for a role change", err)
}

func (d *Desk) askRole(ctx context.Context, in contract.SyncAskRoleInput) (int64, error) {
	p := d.Policy.Current()
	if d.syncHeld(ctx) != "" {
		return 0, nil // it is asked for when the sync may act
	}
	texts := []string{in.Person.OktaUserID}
	for _, dr := range in.Drifts {
		texts = append(texts, dr.Attribute.Name, dr.Wanted)
	}
	slices.Sort(texts[1:])
	digest := syncDigest(texts...)
	memory, err := readMemory(ctx, d.Blobs, in.Person.OktaUserID)
	if err != nil {
		return 0, err
	}
	if number := memory.Asked[digest]; number != 0 {
		return number, nil
	}
	body, err := p.Text("sync_role_change", in)
	if err != nil {
		return 0, problemText("sync_role_change", err)
	}
	body, _ = fitBody(body, bodyLimit)
	number, err := d.ensureTicket(ctx, ownTicket{
		marker:   "latchkey-role-" + digest,
		subject:  fmt.Sprintf("Latchkey: %s has another role on the desk than in Okta", in.Person.DisplayName()),
		body:     body,
		group:    p.Sync().Ask,
		setting:  "sync.yaml: role_change.ask",
		priority: freshservice.PriorityMedium,
		since:    d.now().Add(-askedKeeps),
	})
	if err != nil {
		return 0, err
	}
	memory.Asked = map[string]int64{digest: number} // an older question is answered, or asks for what is no longer so
	return number, memory.write(ctx, d.Blobs, in.Person.OktaUserID)
}
