package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/contract"
)

// SyncFind finds out who is meant by a requester's number or an address, and nudges that person's sync; for a look it
// compares and answers. Histories and IDs of the person's workflow hold Okta's ID only.
func SyncFind(ctx workflow.Context, in contract.SyncFindInput) (contract.SyncResult, error) {
	if in.DeskID != 0 {
		found, err := syncStep[contract.SyncFindDeskResult](ctx, syncFindDesk, "Freshservice: who changed", in)
		if err != nil {
			return contract.SyncResult{}, err
		}
		in.Email = found.Email
	}
	result := contract.SyncResult{End: contract.SyncNobody, Why: "nobody on the desk has this number, or they have no address", At: workflow.Now(ctx)}
	if in.Email == "" {
		return result, nil
	}
	who, err := syncStep[contract.SyncWhoResult](ctx, syncWho, "Okta: who is it", contract.SyncWhoInput{Email: in.Email})
	if err != nil {
		return result, err
	}
	if result.Mode, result.Why = who.Mode, who.Why; who.OktaUserID == "" {
		return result, nil
	}
	if in.Look {
		s := &syncRun{in: contract.SyncInput{OktaUserID: who.OktaUserID, Look: true, Idle: -time.Second}}
		err := s.look(ctx)
		return s.result, err
	}
	startSync(ctx, contract.SyncInput{OktaUserID: who.OktaUserID})
	result.OktaUserID, result.End = who.OktaUserID, contract.SyncNudged
	return result, nil
}
