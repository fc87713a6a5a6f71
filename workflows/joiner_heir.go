package workflows

import (
	"errors"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// Two tickets may be about one joiner. The case that made the account may be called off while the other waits for its
// first day: it offers the account to the other, and only what nobody takes is deactivated.

// versionHandOver guards the offer, which earlier histories do not hold.
const versionHandOver = "joiner-hand-over"

// mayInherit lets another joiner's case leave its account to this one.
func (c *caseRun) mayInherit(ctx workflow.Context) {
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateInherit,
		func(ctx workflow.Context, offer contract.InheritCommand) (contract.InheritResult, error) {
			if c.MadeAccount != offer.OktaUserID {
				c.MadeAccount = offer.OktaUserID
				c.note(ctx, contract.TicketLabel(offer.From)+", which had made the account, was called off; the account is this ticket's from now on.")
			}
			return contract.InheritResult{}, nil
		},
		workflow.UpdateHandlerOptions{
			Validator:   func(_ workflow.Context, offer contract.InheritCommand) error { return c.waitsFor(offer) },
			Description: "From a joiner that is called off: takes its account over. Not for people.",
		}))
}

// waitsFor refuses an account that this case does not go on to open.
func (c *caseRun) waitsFor(offer contract.InheritCommand) error {
	switch {
	case c.calling || c.Reported != nil:
		return errors.New("this case ends without the account")
	case c.Request.Mode != casework.ModeAct:
		return errors.New("this case changes nothing")
	case len(c.Units) == 0 || c.theUnit().End != "" || c.theUnit().Plan.Person.OktaUserID != offer.OktaUserID || offer.OktaUserID == "":
		return errors.New("this case is about another account, or has no plan yet")
	}
	return nil
}

// handOver offers the account that this case made to whoever else waits for it. Zero is nobody.
func (c *caseRun) handOver(ctx workflow.Context) (heir int64, err error) {
	if workflow.GetVersion(ctx, versionHandOver, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return 0, nil
	}
	res, err := call[contract.HandOverResult](ctx, c, handOver, "Does another joiner's case wait for the account?",
		contract.HandOverInput{Ticket: c.ticket, OktaUserID: c.MadeAccount}, false)
	return res.Heir, err
}
