package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// changeBreakGlass names the change of AccessRequest that brought break-glass.
const changeBreakGlass = "break-glass"

// breakGlass grants at once what policy names in advance for this requester, tells those whom policy names, and leaves
// the unit's levels to be asked as its review. A review that nobody can be asked for is no review: then, and whenever
// else something stands in the way, the item goes by the ordinary approval and the ticket says so.
func (c *caseRun) breakGlass(ctx workflow.Context) error {
	var keys []string
	for _, u := range c.Units {
		if u.End == "" && u.Plan.BreakGlass != nil && (u.Review == nil || !u.Review.Told) {
			keys = append(keys, u.Key)
		}
	}
	if len(keys) == 0 || workflow.GetVersion(ctx, changeBreakGlass, workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return nil
	}
	for _, key := range keys {
		granted, err := c.grantAtOnce(ctx, key)
		if err != nil {
			return err
		}
		if granted {
			if err := c.secureAndTell(ctx, key); err != nil {
				return err
			}
		}
		if err := c.giveTurnBack(ctx); err != nil {
			return err
		}
	}
	return nil
}

// glassDue says that something is about to be granted at once: those steps go before what people wait for.
func (c *caseRun) glassDue() bool {
	return slices.ContainsFunc(c.Units, func(u contract.Unit) bool {
		return u.End == "" && u.Plan.BreakGlass != nil && (u.Review == nil || !u.Review.Told)
	})
}

// grantAtOnce makes the one change of a break-glass item in the person's turn, under every guard, and says whether it is
// granted.
func (c *caseRun) grantAtOnce(ctx workflow.Context, key string) (bool, error) {
	u := &c.Units[c.indexOf(key)]
	if u.Review != nil {
		return true, nil // resumed
	}
	route, why, err := c.routeReview(ctx, *u)
	if err != nil {
		return false, err
	}
	if why != "" {
		return false, c.goOrdinary(ctx, key, why)
	}
	person := u.Plan.Person.OktaUserID
	if err := c.enter(ctx, casework.StateApplying); err != nil {
		return false, err
	}
	if err := c.takeTurn(ctx, person); err != nil {
		return false, err
	}
	if leaver := c.leaving[person]; leaver != 0 {
		c.endUnit(ctx, &c.Units[c.indexOf(key)], casework.EndLeaver, "a leaver for the same person began in "+contract.TicketLabel(leaver))
		return false, nil
	}
	if _, err := c.replan(ctx); err != nil {
		return false, err
	}
	u = &c.Units[c.indexOf(key)]
	if u.End != "" || u.Plan.BreakGlass == nil || u.Plan.Person.OktaUserID != person {
		return false, nil // held already, somebody else's, or an extension: the plan says so
	}
	for _, change := range u.Plan.Changes {
		done, err := c.apply(ctx, u, change, false)
		if err != nil {
			return false, err
		}
		u = &c.Units[c.indexOf(key)]
		if done.Guard == contract.GuardBreakGlass {
			c.Done = slices.DeleteFunc(c.Done, func(d contract.Done) bool { return d.Change.ID == change.ID && d.Change.Item == change.Item })
			return false, c.goOrdinary(ctx, key, done.Detail)
		}
		if c.refused(ctx, u, done) {
			c.quietly(ctx, closeGlass, "Nothing was granted by break-glass", c.closeInput(*u, ""))
			return false, nil
		}
		u.Review = &contract.GlassReview{
			GrantedAt: done.At.UTC(), Until: casework.EndOf(change, done.At), Due: done.At.Add(u.Plan.BreakGlass.ReviewBy).UTC(), Tell: route.Tell,
		}
	}
	u.Chain, u.Bans = route.Chain, route.Bans
	c.note(ctx, u.Title+": "+u.Plan.BreakGlass.Words()+".")
	return u.Review != nil, nil
}

// routeReview asks policy who reviews the grant, before it is made. why says why nobody does.
func (c *caseRun) routeReview(ctx workflow.Context, u contract.Unit) (route contract.RouteApprovalResult, why string, err error) {
	in := contract.RouteApprovalInput{Request: c.Request, Unit: u}
	summary := "Policy: who reviews " + u.Title
	route, err = once[contract.RouteApprovalResult](ctx, c, routeApproval, summary, in)
	if kind, known := kindOf(err); err != nil && known && !kind.Retried() && kind != casework.Unauthorized {
		return route, "no review can be asked for: " + messageOf(err), nil
	}
	if err != nil {
		if route, err = call[contract.RouteApprovalResult](ctx, c, routeApproval, summary, in, false); err != nil {
			return route, "", err
		}
	}
	switch {
	case route.Chain.Mode != approval.ModeLevels:
		why = "its review needs levels that Latchkey opens, and policy routes it otherwise (" + route.Chain.Reason + ")"
	case len(route.Tell) == 0:
		why = "nobody of those whom policy has told of it can be found on the desk"
	}
	return route, why, nil
}

// goOrdinary has an item approved in the ordinary way, with the ordinary time limit.
func (c *caseRun) goOrdinary(ctx workflow.Context, key, why string) error {
	c.Request.Items = slices.Clone(c.Request.Items)
	for i := range c.Request.Items {
		if item := &c.Request.Items[i]; item.Key == key {
			item.BreakGlass, item.BreakGlassRefused = nil, why
		}
	}
	c.note(ctx, c.Units[c.indexOf(key)].Title+" is not granted at once: "+why+". It goes by the ordinary approval.")
	_, err := c.replan(ctx)
	return err
}

// secureAndTell sees to it that the access ends by itself before anything else, then that those whom policy names hear
// of it, and reads back what was granted.
func (c *caseRun) secureAndTell(ctx workflow.Context, key string) error {
	u := &c.Units[c.indexOf(key)]
	if !u.Review.Claimed {
		if err := c.claimGrants(ctx, u.Plan, u.Review.GrantedAt); err != nil {
			return err
		}
		u = &c.Units[c.indexOf(key)]
		u.Review.Claimed = true
	}
	if err := c.tellOfGlass(ctx, key, "break_glass", "Freshservice: say that access was granted by break-glass", c.marker("break_glass."+key, u.Round)); err != nil {
		return err
	}
	c.quietly(ctx, setTicket, "Freshservice: raise the priority of the ticket", contract.SetTicketInput{Ticket: c.ticket, Urgent: true})
	check, err := c.verify(ctx, c.Units[c.indexOf(key)].Plan, false)
	if err != nil {
		return err
	}
	u = &c.Units[c.indexOf(key)]
	c.Checks = append(c.Checks, check)
	u.Left, u.Review.Told = check.Residuals, true
	return nil
}

// tellOfGlass writes a private note that also goes to those whom policy names.
func (c *caseRun) tellOfGlass(ctx workflow.Context, key, template, summary, marker string) error {
	u := c.Units[c.indexOf(key)]
	return c.do(ctx, tell, summary, contract.TellInput{
		Ticket: c.ticket, Key: marker, Template: template, To: u.Review.Tell, Facts: c.unitFacts(u),
	})
}

// unitFacts is what a note may say of one unit.
func (c *caseRun) unitFacts(u contract.Unit) contract.TellFacts {
	facts := c.facts()
	facts.Unit = &u
	return facts
}

// closeInput says how the review of a unit ended.
func (c *caseRun) closeInput(u contract.Unit, answer contract.GlassAnswer) contract.CloseGlassInput {
	return contract.CloseGlassInput{
		Ticket: c.ticket, Run: c.Run, Unit: u.Key, OktaUserID: u.Plan.Person.OktaUserID, Object: u.Subject, Answer: answer,
	}
}

// keepGlass carries policy's answer to a request that was read again: break-glass is asked for once, when the item was
// first read. An item that came later has its own.
func keepGlass(old, now casework.Request) casework.Request {
	now.Items = slices.Clone(now.Items)
	for i := range now.Items {
		item := &now.Items[i]
		at := slices.IndexFunc(old.Items, func(o casework.Item) bool { return o.Key == item.Key })
		if at >= 0 {
			was := old.Items[at]
			if was.Beneficiary != item.Beneficiary || was.Catalogue != item.Catalogue {
				item.BreakGlass, item.BreakGlassRefused = nil, "the ticket was changed after policy had looked at it"
				continue
			}
			item.BreakGlass, item.BreakGlassRefused = was.BreakGlass, was.BreakGlassRefused
		}
	}
	return now
}
