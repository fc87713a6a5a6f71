package activities

import (
	"context"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/evidence"
)

// StoreEvidence seals the record of a case and stores it behind the ticket's earlier ones. The key is the ticket and
// its run: asked again, it answers with the record that is there.
func (e *Engine) StoreEvidence(ctx context.Context, in contract.EvidenceInput) (contract.RecordRef, error) {
	if in.Grant != nil {
		return e.storeGrant(ctx, in)
	}
	now := clock(e.Now)
	stored, err := e.Records.Put(ctx, recordOf(in, now))
	if err != nil {
		return contract.RecordRef{}, failure(now, "storing the evidence record",
			problemf(casework.Unavailable, "the evidence store does not take it: %v", err))
	}
	return RefOf(stored), nil
}

// RefOf points at a stored record.
func RefOf(r evidence.Record) contract.RecordRef {
	return contract.RecordRef{
		Key: evidence.Key(r.Ticket, r.Run), Digest: r.Digest, End: casework.End(r.End), At: r.EndedAt, Summary: r.Summary,
		TicketUpdatedAt: r.TicketUpdatedAt, Ask: r.Ask, Waiting: r.Waiting,
	}
}

// RequestTurn asks the person's workflow for a turn, starting it if need be. The workflow answers the case by signal;
// asking twice is asking once.
func (e *Engine) RequestTurn(ctx context.Context, in contract.RequestTurnInput) error {
	doing := "asking for a turn"
	if in.OktaUserID == "" || in.Request.Ticket <= 0 {
		return failure(clock(e.Now), doing, problemf(casework.Invalid, "a turn needs an Okta user and a ticket"))
	}
	return failure(clock(e.Now), doing, e.Cluster.RequestTurn(ctx, in.OktaUserID, in.Request))
}

// CaseOpen says whether a ticket's case, or what else takes turns, is running: a turn whose holder is gone goes to the next.
func (e *Engine) CaseOpen(ctx context.Context, in contract.CaseOpenInput) (contract.CaseOpenResult, error) {
	open, err := e.Cluster.CaseOpen(ctx, contract.Turn{Ticket: in.Ticket, Workflow: in.Workflow})
	return contract.CaseOpenResult{Open: open}, failure(clock(e.Now), "looking for the case of "+contract.TicketLabel(in.Ticket), err)
}
