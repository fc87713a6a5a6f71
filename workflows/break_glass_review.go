package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// reviewConfirmed ends a unit whose break-glass grant its reviewers found right. The access ends by its own grant.
func (c *caseRun) reviewConfirmed(ctx workflow.Context, key string) error {
	c.answerReview(ctx, key, contract.GlassConfirmed, deciders(c.Units[c.indexOf(key)]))
	u := c.Units[c.indexOf(key)]
	if err := c.do(ctx, closeGlass, "The review confirmed the break-glass", c.closeInput(u, contract.GlassConfirmed)); err != nil {
		return err
	}
	end := casework.EndDone
	if unexpected(u.Left) > 0 {
		end = casework.EndResiduals
	}
	c.endUnit(ctx, &c.Units[c.indexOf(key)], end, glassWords(u))
	return nil
}

// reviewRejected takes away at once what reviewers found wrong, and tells those whom policy names.
func (c *caseRun) reviewRejected(ctx workflow.Context, key string, level approval.Level, out approval.Outcome) error {
	u := &c.Units[c.indexOf(key)]
	if u.Review.Answer == "" {
		c.record(ctx, u, level.Name, u.Plan.Digest, out)
		c.answerReview(ctx, key, contract.GlassRejected, level.Name+", "+out.Why+", by "+deciders(c.Units[c.indexOf(key)]))
		if err := c.withdrawUnit(ctx, c.Units[c.indexOf(key)]); err != nil {
			return err
		}
	}
	became, err := c.takeGlassBack(ctx, key)
	if err != nil {
		return err
	}
	return c.endReview(ctx, key, casework.EndRejected, became)
}

// endReview bars the next time, says what became of the access, and ends the unit.
func (c *caseRun) endReview(ctx workflow.Context, key string, end casework.End, became string) error {
	u := c.Units[c.indexOf(key)]
	if err := c.do(ctx, closeGlass, "The review did not confirm the break-glass", c.closeInput(u, u.Review.Answer)); err != nil {
		return err
	}
	c.endUnit(ctx, &c.Units[c.indexOf(key)], end, glassWords(u)+"; "+became)
	if end == casework.EndCancelled { // a ticket that is not there any more takes no note
		u = c.Units[c.indexOf(key)]
		c.quietly(ctx, tell, "Freshservice: say that the review was left", contract.TellInput{
			Ticket: c.ticket, Key: c.marker("break_glass_ended."+key, u.Round), Template: "break_glass_ended", To: u.Review.Tell, Notify: true,
			Facts: c.unitFacts(u),
		})
		return nil
	}
	return c.tellOfGlass(ctx, key, "break_glass_ended", "Freshservice: say that the review did not confirm it", c.marker("break_glass_ended."+key, u.Round))
}

// takeGlassBack takes the access away in the person's turn, under every guard a removal is under, and reads that back.
// It says in words what became of it.
func (c *caseRun) takeGlassBack(ctx workflow.Context, key string) (string, error) {
	plan := c.Units[c.indexOf(key)].Plan
	c.Units[c.indexOf(key)].Left = nil // what was left of the grant is not what is left of its end
	if err := c.enter(ctx, casework.StateApplying); err != nil {
		return "", err
	}
	if err := c.takeTurn(ctx, plan.Person.OktaUserID); err != nil {
		return "", err
	}
	c.State = casework.StateApplying
	var words []string
	back := casework.Plan{UseCase: plan.UseCase, Person: plan.Person, PolicyDigest: plan.PolicyDigest}
	for _, change := range plan.Changes {
		taking := casework.RevokeOf(change.Object, "break-glass access that its review did not confirm")
		taking.Item = change.Item
		done, err := c.apply(ctx, &c.Units[c.indexOf(key)], taking, false)
		if err != nil {
			return "", err
		}
		u := &c.Units[c.indexOf(key)]
		switch done.Outcome {
		case contract.OutcomeDone:
			words = append(words, "taken away")
		case contract.OutcomeAlready, contract.OutcomeGone:
			words = append(words, "it had ended already ("+done.Detail+")")
		case contract.OutcomeStale: // somebody else's approval, birthright or a rule gives it
			words = append(words, "it stays: "+done.Detail)
			if err := c.endClaims(ctx, plan); err != nil {
				return "", err
			}
			continue
		case contract.OutcomeRefused, contract.OutcomeSkipped, contract.OutcomeLeft, contract.OutcomeHeld:
			words = append(words, "it still stands: "+done.Detail)
			u.Left = append(u.Left, casework.Residual{
				Object: change.Object, Why: "break-glass access that its review did not confirm still stands: " + done.Detail, Owner: c.Owner,
			})
			continue
		}
		back.Changes = append(back.Changes, taking)
	}
	if len(back.Changes) > 0 {
		check, err := c.verify(ctx, casework.Seal(back), false)
		if err != nil {
			return "", err
		}
		c.Checks = append(c.Checks, check)
		u := &c.Units[c.indexOf(key)]
		u.Left = append(u.Left, check.Residuals...)
		if len(check.Residuals) == 0 {
			words = append(words, "read back")
		}
	}
	return strings.Join(words, ", "), c.giveTurnBack(ctx)
}

// endClaims has the time-bound grant know that this case holds nothing any more, while others do.
func (c *caseRun) endClaims(ctx workflow.Context, plan casework.Plan) error {
	now := workflow.Now(ctx).UTC()
	for _, change := range plan.Changes {
		claim := contract.Claim{Ticket: c.ticket, Run: c.Run, Item: change.Item, From: now, Until: now}
		if err := c.do(ctx, claimGrant, "Tell the grant of "+change.Object.Label()+" that this case holds it no more", contract.ClaimGrantInput{
			Person: plan.Person, Object: change.Object, Signal: contract.ClaimSignal{Claim: claim, Times: c.Times, Owner: c.Owner},
		}); err != nil {
			return err
		}
	}
	return nil
}

// sayLate says again and again that a review has not been answered, to those whom policy names and to whoever is told of
// parked cases. It gives the time of the next saying: a review never ends by itself.
func (c *caseRun) sayLate(ctx workflow.Context, key string) (time.Time, error) {
	u := &c.Units[c.indexOf(key)]
	if workflow.Now(ctx).Before(u.Review.Due) {
		return u.Review.Due, nil
	}
	u.Review.Late++
	u.Review.Due = workflow.Now(ctx).Add(u.Plan.BreakGlass.ReviewBy).UTC()
	late := *u
	c.note(ctx, late.Title+": its break-glass review has not been answered.")
	c.quietly(ctx, tell, "Freshservice: say that the review is late", contract.TellInput{
		Ticket: c.ticket, Key: c.marker("break_glass_late."+key, late.Review.Late), Template: "break_glass_late", Notify: true,
		To: late.Review.Tell, Facts: c.unitFacts(late),
	})
	return late.Review.Due, c.do(ctx, remind, "Freshservice: remind the reviewers of "+late.Title, contract.RemindInput{Ticket: c.ticket, Run: c.Run, Unit: slim(late)})
}

// afterReviews looks at how a case ends. A ticket that a person closed while a break-glass review was open is no answer:
// the access is taken away, and the review is left to an owner by name.
func (c *caseRun) afterReviews(ctx workflow.Context, cause error) error {
	e, ended := endingOf(cause)
	if !ended || e.end != casework.EndCancelled || c.Reported != nil {
		return cause
	}
	c.obeyed, c.Nudged = true, true // should this run be carried on, the ticket is read again
	for _, key := range c.openReviews() {
		u := &c.Units[c.indexOf(key)]
		if u.Review.Answer == "" {
			c.answerReview(ctx, key, contract.GlassLeft, e.why)
		}
		became, err := c.takeGlassBack(ctx, key)
		if err == nil {
			err = c.endReview(ctx, key, casework.EndCancelled, became)
		}
		if over, again := endingOf(err); again {
			c.note(ctx, "What stands of the break-glass could not be taken away: "+over.why+".")
			break
		}
		if err != nil {
			return err
		}
		c.leaveReview(&c.Units[c.indexOf(key)])
	}
	return cause
}

// openReviews are the units whose break-glass was neither confirmed nor taken away.
func (c *caseRun) openReviews() []string {
	var keys []string
	for _, u := range c.Units {
		if u.End == "" && u.Review != nil {
			keys = append(keys, u.Key)
		}
	}
	return keys
}

// unreviewed names what a case leaves behind that ends before a review was answered: an operator aborted it.
func (c *caseRun) unreviewed(ctx workflow.Context, e *ending) {
	for _, key := range c.openReviews() {
		u := &c.Units[c.indexOf(key)]
		if u.Review.Answer == "" {
			c.answerReview(ctx, key, contract.GlassLeft, e.why)
		}
		c.quietly(ctx, closeGlass, "The review was not answered", c.closeInput(*u, u.Review.Answer))
		c.leaveReview(u)
		if u.Review.Answer == contract.GlassRejected {
			u.Left = append(u.Left, casework.Residual{
				Object: u.Subject, Owner: c.Owner,
				Why: "its break-glass review rejected it, and the case ended before it was taken away; it ends by its time-bound grant",
			})
		}
		if !u.Review.Claimed {
			u.Left = append(u.Left, casework.Residual{Object: u.Subject, Why: "it was granted by break-glass, and nothing ends it", Owner: c.Owner})
		}
	}
}

// leaveReview leaves a review that nobody answered to an owner.
func (c *caseRun) leaveReview(u *contract.Unit) {
	if u.Review.Answer == contract.GlassLeft {
		u.Left = append(u.Left, casework.Residual{
			Object: u.Subject, Owner: c.Owner,
			Why: "it was granted by policy as break-glass, with no approver, and its review was never answered (" + u.Review.Why + ")",
		})
	}
}

// answerReview keeps how a review ended.
func (c *caseRun) answerReview(ctx workflow.Context, key string, answer contract.GlassAnswer, why string) {
	u := &c.Units[c.indexOf(key)]
	u.Review.Answer, u.Review.AnsweredAt, u.Review.Why = answer, workflow.Now(ctx).UTC(), strings.TrimSuffix(why, ".")
	c.note(ctx, u.Title+": the review of its break-glass was "+u.Review.Words()+".")
}

// glassWords say plainly how the access came about and how its review ended.
func glassWords(u contract.Unit) string {
	return "granted by policy as break-glass, no approver; review " + u.Review.Words()
}

// deciders names those whose answers counted.
func deciders(u contract.Unit) string {
	var names []string
	for _, line := range u.Log {
		if line.Counted {
			names = append(names, line.By.Label())
		}
	}
	return strings.Join(names, ", ")
}
