package activities

import (
	"context"

	"latchkey/casework"
	"latchkey/contract"
)

// ClaimGrant tells the workflow of a time-bound grant of a claim, starting it if need be. A claim for good is told only
// where such a workflow runs. Telling twice is telling once: the ticket and its item name the claim.
func (e *Engine) ClaimGrant(ctx context.Context, in contract.ClaimGrantInput) error {
	doing := "telling the grant of its claim"
	claim := in.Signal.Claim
	if in.Person.OktaUserID == "" || in.Object.ID == "" || claim.Ticket <= 0 {
		return failure(clock(e.Now), doing, problemf(casework.Invalid, "a claim needs an Okta user, an entitlement and a ticket"))
	}
	return failure(clock(e.Now), doing, e.Cluster.Claim(ctx, in))
}

// tellGrants tells time-bound grants that a case took away what they own, so that they end at once. It is a courtesy: a
// grant that does not hear of it finds out when it is due.
func (o *Okta) tellGrants(ctx context.Context, in contract.ApplyInput, result contract.ApplyResult) {
	if result.Outcome != contract.OutcomeDone || in.Unit == contract.UnitGrant {
		return
	}
	object := &in.Change.Object
	switch in.Change.Verb {
	case casework.VerbRemoveMember, casework.VerbUnassignApp:
	case casework.VerbDeactivate:
		object = nil // everything
	case casework.VerbSuspend, casework.VerbUnsuspend, casework.VerbEndSessions, casework.VerbResetFactors, casework.VerbRevokeRole,
		casework.VerbClearAttributes, casework.VerbAddMember, casework.VerbAssignApp, casework.VerbCreateAccount,
		casework.VerbActivate, casework.VerbMailActivation, casework.VerbUpdateProfile, casework.VerbResetPassword, casework.VerbUnlock, casework.VerbReactivate, casework.VerbResetFactor:
		return
	}
	err := o.Cluster.GrantEnded(ctx, in.Person.OktaUserID, object, contract.GrantEndedSignal{Ticket: in.Ticket, At: o.now()})
	if err != nil {
		logger(o.Log).WarnContext(ctx, "a time-bound grant could not be told that it ended", "ticket", in.Ticket, "change", in.Change.ID)
	}
}

// storeGrant stores the record of a grant that ended in a chain of the grant's own, beside the tickets'. The same ticket
// may end the same grant more than once in a long life: the moment it began tells the records apart.
func (e *Engine) storeGrant(ctx context.Context, in contract.EvidenceInput) (contract.RecordRef, error) {
	now := clock(e.Now)
	folder, ok := contract.GrantFolder(contract.GrantWorkflowID(in.Grant.Person.OktaUserID, in.Grant.Object))
	if !ok {
		return contract.RecordRef{}, failure(now, "storing the evidence record of a grant",
			problemf(casework.Invalid, "a grant needs an Okta user and an entitlement"))
	}
	store := e.Records.Under(folder)
	record := recordOf(in, now)
	record.UseCase = contract.WorkflowGrant
	record.Summary = summaryOf(record)
	for run := record.Run; ; run++ {
		record.Run = run
		stored, err := store.Put(ctx, record)
		if err != nil {
			return contract.RecordRef{}, failure(now, "storing the evidence record of a grant",
				problemf(casework.Unavailable, "the evidence store does not take it: %v", err))
		}
		if stored.StartedAt.Equal(record.StartedAt) {
			ref := RefOf(stored)
			ref.Key = store.Key(stored.Ticket, stored.Run)
			return ref, nil
		}
	}
}
