package activities

import (
	"context"
	"slices"

	"go.temporal.io/sdk/activity"

	"latchkey/contract"
)

// RemindApprovers makes the desk remind everybody with an open request at the unit's level. The desk cannot say whether
// a reminder was sent, so a lost answer may remind one person twice; those reminded before it are not reminded again.
func (d *Desk) RemindApprovers(ctx context.Context, in contract.RemindInput) error {
	return d.failed(ctx, about("reminding the approvers of", in.Ticket), d.remind(ctx, in))
}

func (d *Desk) remind(ctx context.Context, in contract.RemindInput) error {
	all, err := d.readDesk(ctx, in.Ticket)
	if err != nil {
		return err
	}
	var done []int64
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &done); err != nil {
			done = nil
		}
	}
	key := keyOf(in.Ticket, in.Run, in.Unit)
	for _, a := range all.ours {
		if a.id.levelKey != key || !a.open || slices.Contains(done, a.ID) {
			continue
		}
		if err := d.Client.RemindApprover(ctx, in.Ticket, a.ID); err != nil && !isRefused(err) {
			return err // refused: it was answered meanwhile
		}
		done = append(done, a.ID)
		activity.RecordHeartbeat(ctx, done)
	}
	return nil
}

// WithdrawApprovals cancels what is still open: of one unit up to its level, or of the whole run of the case. Cancelling
// again is harmless, and so is a ticket that is not there any more.
func (d *Desk) WithdrawApprovals(ctx context.Context, in contract.WithdrawInput) error {
	return d.failed(ctx, about("withdrawing the open approvals of", in.Ticket), d.withdraw(ctx, in))
}

func (d *Desk) withdraw(ctx context.Context, in contract.WithdrawInput) error {
	all, err := d.readDesk(ctx, in.Ticket)
	if isMissing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	cancelled := map[int64]bool{}
	for _, a := range all.ours {
		if !a.open || !withdrawn(in, a.id.levelKey) || cancelled[a.Group.ID] {
			continue
		}
		if _, err := d.Client.CancelApprovalGroup(ctx, in.Ticket, a.Group.ID); err != nil && !isRefused(err) {
			return err // refused: it ended meanwhile
		}
		cancelled[a.Group.ID] = true
	}
	return nil
}

// withdrawn says whether a level of this run is to be cancelled. Earlier levels and rounds of a unit go with it, later
// ones never: the next level may be open already when an answer was lost.
func withdrawn(in contract.WithdrawInput, k levelKey) bool {
	if k.run != in.Run {
		return false
	}
	if in.Unit == nil {
		return true
	}
	now := keyOf(in.Ticket, in.Run, *in.Unit)
	return k.unit == now.unit && (k.round < now.round || k.round == now.round && k.level <= now.level)
}
