package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// zeroTime is a time that has not come.
var zeroTime time.Time

// approve carries every unit through its chain, level after level. granted runs as soon as one unit's chain has
// approved, while others may still wait. approve returns when every unit has ended or been approved.
//
// It believes nothing but what it reads: a nudge only makes it look, and before a level expires it looks once more.
func (c *caseRun) approve(ctx workflow.Context, granted func(workflow.Context, *contract.Unit) error) error {
	announced := false
	for {
		if c.Nudged || c.drainNudges() {
			if _, err := c.reread(ctx); err != nil {
				return err
			}
		}
		if err := c.breakGlass(ctx); err != nil {
			return err
		}
		if err := c.routeAll(ctx); err != nil {
			return err
		}
		next, err := c.lookAtApprovals(ctx)
		if err != nil {
			return err
		}
		if err := c.runApproved(ctx, granted); err != nil {
			return err
		}
		if c.emergencyHeld && c.undecided() {
			if err := c.applyEmergency(ctx); err != nil {
				return err
			}
		}
		if c.emergencyHeld {
			next = sooner(next, workflow.Now(ctx).Add(c.Times.HoldRecheck))
		}
		next = sooner(next, c.beginning())
		if c.beside != nil && c.beside.look > 0 {
			next = sooner(next, workflow.Now(ctx).Add(c.beside.look))
		}
		if !c.undecided() {
			return nil
		}
		if c.reopened() {
			continue
		}
		if !announced {
			if err := c.announceApprovals(ctx); err != nil {
				return err
			}
			announced = true
		}
		if err := c.rest(ctx); err != nil {
			return err
		}
		c.State = casework.StateAwaitingApproval
		why, err := c.wait(ctx, next, "Approval: reminder, escalation or expiry", never)
		if err != nil {
			return err
		}
		_ = why // whatever ended the wait, the next turn of the loop reads before it decides
	}
}

// sooner is the earlier of two times, of which zero is never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// never is the condition of a wait that only time, a nudge or an operator ends.
func never() bool { return false }

// undecided says whether any unit still waits for an approval.
func (c *caseRun) undecided() bool {
	for _, u := range c.Units {
		if u.End == "" && u.Status != approval.StatusApproved {
			return true
		}
	}
	return false
}

// reopened says whether a unit has to be routed and asked for now: a plan that changed at the last moment asks again.
func (c *caseRun) reopened() bool {
	for _, u := range c.Units {
		if u.End != "" || u.Status == approval.StatusApproved {
			continue
		}
		if u.Chain.Mode == "" || (u.Chain.Mode == approval.ModeLevels && u.Opened.IsZero()) {
			return true
		}
	}
	return false
}

// runApproved hands each newly approved unit on.
func (c *caseRun) runApproved(ctx workflow.Context, granted func(workflow.Context, *contract.Unit) error) error {
	if granted == nil {
		return nil
	}
	for i := range c.Units {
		if u := &c.Units[i]; u.End == "" && u.Status == approval.StatusApproved {
			if err := granted(ctx, u); err != nil {
				return err
			}
		}
	}
	return nil
}

// routeAll finds the chain of every unit that has none yet: policy chooses it, and the answer is frozen here.
func (c *caseRun) routeAll(ctx workflow.Context) error {
	for i := range c.Units {
		u := &c.Units[i]
		if u.End != "" || u.Chain.Mode != "" {
			continue
		}
		if c.beside != nil && c.beside.refuse != nil {
			return c.beside.refuse(u)
		}
		route, err := call[contract.RouteApprovalResult](ctx, c, routeApproval, "Policy: who approves "+u.Title,
			contract.RouteApprovalInput{Request: c.Request, Unit: *u}, false)
		if err != nil {
			return err
		}
		u = &c.Units[i]
		u.Chain, u.Bans = route.Chain, route.Bans
		if u.Chain.Mode == approval.ModeNone {
			u.Status = approval.StatusApproved
			c.note(ctx, u.Title+": policy asks for no approval ("+u.Chain.Reason+").")
		}
	}
	return nil
}

// announceApprovals says once on the ticket that approvals are open, and stops the clock of its SLA.
func (c *caseRun) announceApprovals(ctx workflow.Context) error {
	if err := c.enter(ctx, casework.StateAwaitingApproval); err != nil {
		return err
	}
	key := c.marker("approvals", 0)
	if slices.Contains(c.Asked, key) {
		return nil
	}
	err := c.do(ctx, tell, "Freshservice: say what is planned and who is asked", contract.TellInput{
		Ticket: c.ticket, Key: key, Template: "approvals_opened", Facts: c.facts(),
	})
	if err != nil {
		return err
	}
	c.Asked = append(c.Asked, key)
	return c.do(ctx, setTicket, "Freshservice: set the ticket to waiting", contract.SetTicketInput{Ticket: c.ticket, Wish: contract.WishWaiting})
}

// lookAtApprovals reads every answer, moves each unit as far as it goes and says when something is due next.
func (c *caseRun) lookAtApprovals(ctx workflow.Context) (time.Time, error) {
	var next time.Time
	for moved := true; moved; {
		moved, next = false, zeroTime
		if err := c.openLevels(ctx); err != nil {
			return next, err
		}
		for _, mode := range []approval.Mode{approval.ModeLevels, approval.ModeDesk, approval.ModeStage} {
			units := c.waitingUnits(mode)
			if len(units) == 0 {
				continue
			}
			read, err := call[contract.ReadApprovalsResult](ctx, c, readApprovals, "Freshservice: read the approvals",
				contract.ReadApprovalsInput{Ticket: c.ticket, Run: c.Run, Mode: mode, Units: units, Request: c.Request}, false)
			if err != nil {
				return next, err
			}
			for _, unit := range units {
				i := c.indexOf(unit.Key)
				if i < 0 {
					continue
				}
				at, again, err := c.step(ctx, i, mode, read)
				if err != nil {
					return next, err
				}
				moved = moved || again
				if !at.IsZero() && (next.IsZero() || at.Before(next)) {
					next = at
				}
			}
		}
	}
	return next, nil
}

// waitingUnits copies the units of one mode that are undecided.
func (c *caseRun) waitingUnits(mode approval.Mode) []contract.Unit {
	var units []contract.Unit
	for _, u := range c.Units {
		if u.End == "" && u.Status != approval.StatusApproved && u.Chain.Mode == mode {
			units = append(units, slim(u))
		}
	}
	return units
}

// slim leaves out what only a mail to approvers or the report needs: a leaver's plan may hold hundreds of changes, and
// every look at the approvals would write it into the history again.
func slim(u contract.Unit) contract.Unit {
	u.Plan = casework.Plan{UseCase: u.Plan.UseCase, Person: u.Plan.Person, Digest: u.Plan.Digest, BreakGlass: u.Plan.BreakGlass}
	u.Log, u.Left = nil, nil
	if hasCalendar := func(l approval.Level) bool { return l.Calendar != nil }; slices.ContainsFunc(u.Chain.Levels, hasCalendar) {
		u.Chain.Levels = slices.Clone(u.Chain.Levels)
		for i := range u.Chain.Levels {
			u.Chain.Levels[i].Calendar = nil // time is counted here
		}
	}
	return u
}

// indexOf finds a unit's place.
func (c *caseRun) indexOf(key string) int {
	for i, u := range c.Units {
		if u.Key == key {
			return i
		}
	}
	return -1
}

// openLevels asks for every level that is due and not yet open.
func (c *caseRun) openLevels(ctx workflow.Context) error {
	for i := range c.Units {
		u := c.Units[i]
		if u.End != "" || u.Chain.Mode != approval.ModeLevels || !u.Opened.IsZero() || u.Level >= len(u.Chain.Levels) {
			continue
		}
		c.State = casework.StateAwaitingApproval
		if u.AskedAt.IsZero() {
			c.Units[i].AskedAt = workflow.Now(ctx)
		}
		_, err := call[contract.OpenLevelResult](ctx, c, openLevel, "Freshservice: ask for "+u.Title+", level "+u.Chain.Levels[u.Level].Name,
			contract.OpenLevelInput{Ticket: c.ticket, Run: c.Run, Unit: u, Request: c.Request}, false)
		if err != nil {
			return err
		}
		c.Units[i].Opened = workflow.Now(ctx)
	}
	return nil
}

// step judges one unit by what was read. It says when the unit is due next, and whether it moved so far that a fresh
// look is worth it.
func (c *caseRun) step(ctx workflow.Context, i int, mode approval.Mode, read contract.ReadApprovalsResult) (time.Time, bool, error) {
	switch mode {
	case approval.ModeDesk:
		again, err := c.stepDesk(ctx, i, read.Desk)
		return zeroTime, again, err
	case approval.ModeStage:
		c.stepStage(ctx, i, read.Reach)
		return zeroTime, false, nil
	case approval.ModeLevels:
		return c.stepLevel(ctx, i, read)
	case approval.ModeNone:
	}
	return zeroTime, false, nil
}

// stepStage starts a unit whose ticket reached the stage that policy names. A stage that was reached for another plan
// has to be left first.
func (c *caseRun) stepStage(ctx workflow.Context, i int, reached bool) {
	u := &c.Units[i]
	switch {
	case !reached:
		u.Leave = false
	case !u.Leave:
		u.Status = approval.StatusApproved
		c.note(ctx, u.Title+": the ticket reached the stage that policy names; no approver is named by it.")
	}
}

// stepDesk judges the desk's own chain, with our bans. It says whether the approvals have to be read again.
func (c *caseRun) stepDesk(ctx workflow.Context, i int, desk contract.DeskDecision) (again bool, err error) {
	u := &c.Units[i]
	out := approval.Desk(approval.Decision(desk.Status), approval.Ask{Votes: desk.Votes, Bans: u.Bans, Since: u.Since})
	switch out.Status {
	case approval.StatusOpen:
	case approval.StatusApproved:
		c.record(ctx, u, "the desk's own chain", "", out)
		u.Status, u.Decided = approval.StatusApproved, out.Deciders()
	case approval.StatusRejected:
		c.record(ctx, u, "the desk's own chain", "", out)
		u.Status = approval.StatusRejected
		c.endUnit(ctx, u, casework.EndRejected, out.Why)
	case approval.StatusImpossible:
		return true, c.park(ctx, contract.Problem{
			Step: "Approval of " + u.Title, Why: out.Why,
			Todo: "Ask somebody who may approve this for an approval in Freshservice; when it is given, send `retry`; `abort` ends the case.",
		})
	}
	return false, nil
}

// stepLevel judges the open level of one unit.
func (c *caseRun) stepLevel(ctx workflow.Context, i int, read contract.ReadApprovalsResult) (time.Time, bool, error) {
	u := &c.Units[i]
	votes := votesOf(read, *u)
	c.takeStandIns(ctx, u, votes.StandIns)
	level := u.Chain.Levels[u.Level]
	out := level.Evaluate(approval.Ask{
		Votes: since(u.AskedAt, votes.Votes), Bans: u.Bans, Earlier: u.Decided, AllowRepeat: u.Chain.AllowRepeat, Extra: u.Extra,
	})
	switch out.Status {
	case approval.StatusApproved:
		return zeroTime, true, c.levelApproved(ctx, i, level, out)
	case approval.StatusRejected:
		if u.Review != nil {
			return zeroTime, false, c.reviewRejected(ctx, u.Key, level, out)
		}
		c.record(ctx, u, level.Name, u.Plan.Digest, out)
		u.Status = approval.StatusRejected
		c.endUnit(ctx, u, casework.EndRejected, level.Name+": "+out.Why)
		return zeroTime, false, c.withdrawUnit(ctx, *u)
	case approval.StatusImpossible:
		return zeroTime, true, c.park(ctx, contract.Problem{
			Step: "Approval of " + u.Title + ", level " + level.Name, Why: out.Why,
			Todo: "Send `reassign` with a person whom policy allows for this level, or mend the policy and `retry`; `abort` ends the case.",
		})
	case approval.StatusOpen:
		next, again, err := c.stillOpen(ctx, i, level, out, votes)
		if c.Units[i].End == "" {
			next = sooner(next, c.nextAbsence(ctx, votes.Again))
		}
		return next, again, err
	}
	return zeroTime, false, nil
}

// levelApproved closes a level and moves the unit to the next, or to the end of its chain.
func (c *caseRun) levelApproved(ctx workflow.Context, i int, level approval.Level, out approval.Outcome) error {
	u := &c.Units[i]
	c.record(ctx, u, level.Name, u.Plan.Digest, out)
	if err := c.withdrawUnit(ctx, *u); err != nil {
		return err
	}
	u = &c.Units[i]
	u.Decided = append(u.Decided, out.Deciders()...)
	u.Level++
	u.AskedAt, u.Opened, u.Remind, u.Raised, u.Extra = zeroTime, zeroTime, 0, false, nil
	if u.Level >= len(u.Chain.Levels) {
		u.Status = approval.StatusApproved
	}
	return nil
}

// stillOpen asks whoever has not been asked (the vendor may close a group before ours is decided), and does what is
// due: remind, escalate, expire.
func (c *caseRun) stillOpen(ctx workflow.Context, i int, level approval.Level, out approval.Outcome, votes contract.UnitVotes) (time.Time, bool, error) {
	u := &c.Units[i]
	if unasked := unasked(out, votes.Asked); len(unasked) > 0 {
		res, err := call[contract.OpenLevelResult](ctx, c, openLevel, "Freshservice: ask those who have not answered",
			contract.OpenLevelInput{Ticket: c.ticket, Run: c.Run, Unit: *u, Only: unasked, Request: c.Request}, false)
		if err != nil {
			return zeroTime, false, err
		}
		if len(res.Opened) > 0 {
			c.note(ctx, fmt.Sprintf("%s: %d further request(s) opened for people who had not answered.", u.Title, len(res.Opened)))
		}
	}
	var late time.Time
	if c.Units[i].Review != nil { // an unanswered review never ends by itself
		var err error
		if late, err = c.sayLate(ctx, c.Units[i].Key); err != nil {
			return zeroTime, false, err
		}
		level.ExpireAfter = 0
	}
	u = &c.Units[i]
	due := approval.Timing(level, u.Opened, u.Remind, u.Raised, workflow.Now(ctx))
	switch due.Due {
	case approval.DueNothing:
	case approval.DueRemind:
		u.Remind = due.Reminders
		err := c.do(ctx, remind, "Freshservice: remind the approvers of "+u.Title, contract.RemindInput{Ticket: c.ticket, Run: c.Run, Unit: slim(*u)})
		return sooner(due.At, late), false, err
	case approval.DueEscalate:
		u.Raised = true
		u.Extra = append(u.Extra, level.EscalateTo...)
		c.note(ctx, u.Title+": nobody answered in time, level "+level.Name+" was escalated.")
		return zeroTime, true, nil
	case approval.DueExpire:
		u.Status = approval.StatusRejected
		c.endUnit(ctx, u, casework.EndExpired, "nobody decided level "+level.Name+" in time")
		return zeroTime, false, c.withdrawUnit(ctx, *u)
	}
	return sooner(due.At, late), false, nil
}

// unasked narrows the outcome to people who may still answer and have no open request.
func unasked(out approval.Outcome, asked []int64) []approval.GroupOutcome {
	open := func(id int64) bool {
		return slices.Contains(asked, id)
	}
	var groups []approval.GroupOutcome
	for _, g := range out.Groups {
		if g.Status != approval.StatusOpen {
			continue
		}
		left := approval.GroupOutcome{Group: g.Group, Status: g.Status}
		for _, w := range g.Waiting {
			if !open(w.DeskID) {
				left.Waiting = append(left.Waiting, w)
			}
		}
		if len(left.Waiting) > 0 {
			groups = append(groups, left)
		}
	}
	return groups
}

// votesOf finds the votes of a unit's open level.
func votesOf(read contract.ReadApprovalsResult, u contract.Unit) contract.UnitVotes {
	for _, v := range read.Votes {
		if v.Unit == u.Key && v.Level == u.Level && v.Round == u.Round {
			return v
		}
	}
	return contract.UnitVotes{Unit: u.Key, Level: u.Level, Round: u.Round}
}

// clockSkew allows for the distance between Temporal's clock and the desk's, which tells time in whole seconds.
const clockSkew = time.Minute

// since leaves out answers that are older than the asking. A case that was terminated stored no evidence, so the next one
// finds its approval groups under the names it would give its own; what was approved there may have been another plan.
func since(asked time.Time, votes []approval.Vote) []approval.Vote {
	if asked.IsZero() {
		return votes
	}
	return slices.DeleteFunc(slices.Clone(votes), func(v approval.Vote) bool {
		return !v.At.IsZero() && v.At.Before(asked.Add(-clockSkew))
	})
}

// record logs each decision: who, when, level, remark, digest, and whether it counted.
func (c *caseRun) record(ctx workflow.Context, u *contract.Unit, level, digest string, out approval.Outcome) {
	line := func(v approval.Vote, counted bool, why approval.Reason) {
		u.Log = append(u.Log, contract.DecisionLine{
			Level: level, Group: v.Group, By: v.By, For: v.For, Decision: v.Decision, At: v.At,
			Remark: clip(v.Remark, 500), Digest: digest, Counted: counted, Ignored: why,
		})
	}
	for _, g := range out.Groups {
		for _, v := range g.Approved {
			line(v, true, "")
		}
		for _, v := range g.Rejected {
			line(v, true, "")
		}
	}
	for _, ig := range out.Ignored {
		line(ig.Vote, false, ig.Reason)
	}
	c.note(ctx, u.Title+", "+level+": "+out.Why+".")
}

// withdrawUnit cancels what is still open of a unit's level.
func (c *caseRun) withdrawUnit(ctx workflow.Context, u contract.Unit) error {
	u = slim(u)
	return c.do(ctx, withdraw, "Freshservice: withdraw what is still open for "+u.Title, contract.WithdrawInput{Ticket: c.ticket, Run: c.Run, Unit: &u})
}

// withdrawAll cancels whatever this case still has open on the ticket.
func (c *caseRun) withdrawAll(ctx workflow.Context) {
	for _, u := range c.Units {
		if u.Chain.Mode == approval.ModeLevels && !u.Opened.IsZero() {
			c.quietly(ctx, withdraw, "Freshservice: withdraw open approvals", contract.WithdrawInput{Ticket: c.ticket, Run: c.Run})
			return
		}
	}
}
