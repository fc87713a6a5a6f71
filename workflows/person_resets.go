package workflows

import (
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// The reset firewall's books lie with the person, in the workflow that gives turns: whatever case, form or worker asks,
// there is one place that counts. A run that began before there were books has none, and behaves as it did: everything
// new hangs on a mark, and only a new event brings one.

// admitResets registers the update by which the firewall is asked. It answers at once, and is idempotent by ticket, run
// and role.
func (p *line) admitResets(ctx workflow.Context) {
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateAdmitReset,
		func(ctx workflow.Context, ask contract.ResetRequest) (casework.ResetVerdict, error) {
			return p.admitReset(workflow.Now(ctx), ask), nil
		},
		workflow.UpdateHandlerOptions{
			Validator: func(_ workflow.Context, ask contract.ResetRequest) error {
				if ask.Mark.Ticket <= 0 || len(ask.Mark.Kinds) == 0 || !slices.Contains([]casework.ResetRole{casework.ResetTarget, casework.ResetRequester}, ask.Mark.Role) {
					return errors.New("admit_reset needs a ticket, kinds and a role: target or requester")
				}
				return nil
			},
			Description: "From a worker: may this person's credentials be reset now, or may they ask for one more?",
		}))
}

// admitReset judges and, where it lets through, writes the mark.
func (p *line) admitReset(now time.Time, ask contract.ResetRequest) casework.ResetVerdict {
	mark := ask.Mark
	mark.At, mark.Keep = now, now.Add(ask.Limits.Keep())
	verdict := casework.JudgeReset(p.Resets, mark, ask.Limits)
	if verdict.Admitted {
		p.Resets, p.marked = casework.Marked(p.Resets, mark), true
	}
	return verdict
}

// untilForgotten is how long to wait with nobody in line: until the last mark no longer matters, or idle without one.
func (p *line) untilForgotten(ctx workflow.Context, idle time.Duration) time.Duration {
	wait := idle
	for _, m := range p.Resets {
		wait = max(wait, m.Keep.Sub(workflow.Now(ctx)))
	}
	return wait
}
