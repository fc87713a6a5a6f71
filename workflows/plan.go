package workflows

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// plan asks for the plan, unless this case already has one from before a continue-as-new. A clear end that needs no
// plan (nobody by that address, already deactivated) is an ending.
func (c *caseRun) plan(ctx workflow.Context) error {
	if len(c.Units) > 0 {
		return nil
	}
	if err := c.enter(ctx, casework.StatePlanning); err != nil {
		return err
	}
	planned, err := c.planned(ctx)
	if err != nil {
		return err
	}
	c.Units = planned.Units
	for i := range c.Units {
		c.Units[i].Status = approval.StatusOpen
	}
	c.choosePlan(planned)
	return c.publish(ctx)
}

// planned asks for a plan without keeping it. Where there can be none before a person says more on the ticket, it asks
// there and waits.
func (c *caseRun) planned(ctx workflow.Context) (contract.PlanResult, error) {
	var planned contract.PlanResult
	for {
		var err error
		planned, err = call[contract.PlanResult](ctx, c, planCase, "Okta: read the present state and plan",
			contract.PlanInput{Request: c.Request, Reschedule: c.Reschedule, Run: c.Run}, false)
		if err != nil {
			return planned, err
		}
		if len(planned.Missing) == 0 {
			break
		}
		if c.beside != nil {
			return planned, endWith(casework.EndIncomplete, missingWords(planned.Missing))
		}
		if err := c.askAndRead(ctx, planned.Missing); err != nil {
			return planned, err
		}
	}
	if planned.Alarm != "" && c.Request.Mode == casework.ModeAct {
		c.quietly(ctx, askSecurity, "Freshservice: tell security of a reset that is held", contract.AskSecurityInput{
			Ticket: c.ticket, Run: c.Run, Person: planned.Person.DisplayName(), Why: planned.Alarm, At: workflow.Now(ctx),
		})
	}
	if planned.End != "" {
		return planned, endWith(planned.End, planned.Why)
	}
	return planned, nil
}

// missingWords says what is missing, for something that has no ticket of its own to ask on.
func missingWords(list []casework.Missing) string {
	words := make([]string, 0, len(list))
	for _, m := range list {
		words = append(words, m.Label+" "+m.Why)
	}
	return strings.Join(words, "; ")
}

// askAndRead asks on the ticket for what the planner needs, and reads it again once it changed.
func (c *caseRun) askAndRead(ctx workflow.Context, missing []casework.Missing) error {
	if err := c.giveTurnBack(ctx); err != nil {
		return err
	}
	first := !c.ReadNotes && answerable(missing)
	if c.ReadNotes = c.ReadNotes || first; !first { // an answer of an earlier run may be there already
		if err := c.askFor(ctx, missing); err != nil {
			return err
		}
	}
	c.Nudged = false
	read, err := call[contract.ReadRequestResult](ctx, c, readRequest, "Freshservice: read the ticket again", c.reading(), false)
	if err != nil {
		return err
	}
	if err := c.stillWanted(read.Request.Ticket); err != nil {
		return err
	}
	if len(read.Missing) == 0 {
		c.Request, c.trouble = read.Request, ""
	}
	return c.enter(ctx, casework.StatePlanning)
}

// answerable says whether a note on the ticket may answer one of the questions.
func answerable(missing []casework.Missing) bool {
	return slices.ContainsFunc(missing, func(m casework.Missing) bool { return m.Answerable })
}

// choosePlan keeps the plan that stands for the case: a leaver's only one; the union of an access request's.
func (c *caseRun) choosePlan(planned contract.PlanResult) {
	whole := casework.Plan{UseCase: c.Request.UseCase, Person: planned.Person}
	if len(c.Units) == 1 {
		whole = c.Units[0].Plan
	} else {
		for _, u := range c.Units {
			whole.Changes = append(whole.Changes, u.Plan.Changes...)
		}
	}
	c.Plan = &whole
}

// replan plans again and compares with what was approved. A plan that changed re-opens the levels it touches; one that
// shrank, or a leaver's that only revokes more, does not, and the difference is reported. It says whether anything has
// to be approved again.
func (c *caseRun) replan(ctx workflow.Context) (reopened bool, err error) {
	planned, err := c.planned(ctx)
	if err != nil {
		return false, err
	}
	for i := range c.Units {
		u := &c.Units[i]
		if u.End != "" || u.Review != nil { // what was granted by break-glass is reviewed, not planned again
			continue
		}
		now, ok := unitOf(planned.Units, u.Key)
		if !ok {
			c.endUnit(ctx, u, casework.EndCancelled, "it is no longer on the ticket")
			continue
		}
		if now.End != "" {
			c.endUnit(ctx, u, now.End, now.Why)
			continue
		}
		again, err := c.replaceUnitPlan(ctx, u, now)
		if err != nil {
			return reopened, err
		}
		reopened = reopened || again
	}
	for _, now := range planned.Units {
		if _, ok := unitOf(c.Units, now.Key); !ok {
			now.Status = approval.StatusOpen
			c.Units = append(c.Units, now)
			reopened = true
		}
	}
	c.choosePlan(planned)
	return reopened, nil
}

// replaceUnitPlan gives a unit its new plan, and opens its levels again when the difference asks for it.
func (c *caseRun) replaceUnitPlan(ctx workflow.Context, u *contract.Unit, now contract.Unit) (bool, error) {
	diff := casework.Compare(u.Plan, now.Plan)
	if diff.OtherPerson {
		if err := c.leaveAlone(ctx, u); err != nil {
			return false, err
		}
	}
	u.Plan = now.Plan
	if diff.Empty() {
		return false, nil
	}
	if diff.DateMoved && c.Reschedule != nil && len(diff.Added) == 0 {
		diff.DateMoved = false // an operator moved the date, by name and with a reason; that is in the log
	}
	words := fmt.Sprintf("The plan for %s changed: %d added, %d dropped, date moved: %t.", u.Title, len(diff.Added), len(diff.Removed), diff.DateMoved)
	if diff.OtherPerson {
		words += " It is about another person now."
	}
	if !diff.Reopens(c.Request.UseCase) {
		c.note(ctx, words+" The approvals stand.")
		return false, nil
	}
	c.note(ctx, words+" Policy is asked again who approves it.")
	if u.Chain.Mode == approval.ModeLevels && !u.Opened.IsZero() {
		if err := c.do(ctx, withdraw, "Freshservice: withdraw the approvals of the old plan", contract.WithdrawInput{Ticket: c.ticket, Run: c.Run, Unit: new(*u)}); err != nil {
			return false, err
		}
	}
	if err := c.askDeskAgain(ctx, u, words); err != nil {
		return false, err
	}
	u.Round++
	u.Chain, u.Bans = approval.Chain{}, nil // another plan may have other approvers
	u.Level, u.AskedAt, u.Opened, u.Remind, u.Raised, u.Extra, u.Decided, u.Status = 0, zeroTime, zeroTime, 0, false, nil, nil, approval.StatusOpen
	return true, nil
}

// askDeskAgain makes the desk's own answers to an older plan void. Those name no plan, so the desk has to be asked by
// people: its chain once more, or the ticket out of its stage and into it again. A note says so where the desk had said
// yes already.
func (c *caseRun) askDeskAgain(ctx workflow.Context, u *contract.Unit, words string) error {
	// By the desk's own clock where the ticket was edited; by ours where Okta changed.
	u.Since = workflow.Now(ctx).Add(-clockSkew)
	if at := c.Request.Ticket.UpdatedAt; at.After(u.Since) {
		u.Since = at
	}
	var todo string
	switch approved := u.Status == approval.StatusApproved; {
	case approved && u.Chain.Mode == approval.ModeDesk:
		todo = "Ask for the approval again in Freshservice"
	case approved && u.Chain.Mode == approval.ModeStage:
		u.Leave = true
		todo = "Take the ticket out of its approved stage, save, and bring it there again"
	default:
		return nil
	}
	facts := c.facts()
	facts.Unit, facts.Text = new(*u), words+" "+todo
	return c.do(ctx, tell, "Freshservice: say that the plan changed after its approval", contract.TellInput{
		Ticket: c.ticket, Key: c.marker("plan_changed."+u.Key, u.Round), Template: "plan_changed", Facts: facts,
	})
}

// reread reads the ticket again after a nudge. A ticket that a person ended ends the case; one that asks for something
// else is planned again. It says whether something has to be approved again.
func (c *caseRun) reread(ctx workflow.Context) (reopened bool, err error) {
	c.Nudged = false
	read, err := call[contract.ReadRequestResult](ctx, c, readRequest, "Freshservice: read the ticket again", c.reading(), false)
	if err != nil {
		return false, err
	}
	c.Unread = false
	if err := c.stillWanted(read.Request.Ticket); err != nil || c.beside != nil {
		return false, err // what works like a case is asked for elsewhere than on its ticket
	}
	old := c.Request
	read.Request = keepGlass(old, read.Request)
	if len(read.Missing) > 0 || sameAsk(old, read.Request) {
		c.Request.Ticket = read.Request.Ticket
		return false, nil
	}
	c.Request = read.Request
	c.Request.Emergency = old.Emergency && old.Subject == read.Request.Subject // called once, at intake, for one person
	if c.Reschedule != nil && c.Reschedule.Ticket != read.Request.EffectiveText {
		c.note(ctx, "The date on the ticket changed; it replaces the operator's.")
		c.Reschedule = nil
	}
	c.note(ctx, "The ticket changed; planning again.")
	return c.replan(ctx)
}

// sameAsk says whether two readings of a ticket ask for the same.
func sameAsk(a, b casework.Request) bool { return bytes.Equal(ask(a), ask(b)) }

// ask is what a request asks for, without the ticket's own state.
func ask(r casework.Request) []byte {
	if r.Reset != nil { // what policy makes of it is no part of what was asked
		reset := *r.Reset
		reset.LeaveRefused = false
		r.Reset = &reset
	}
	r.Ticket, r.Mode, r.PolicyDigest, r.Backlog, r.Emergency, r.EmergencyRefused = casework.Ticket{}, "", "", false, false, ""
	if len(r.Items) > 0 {
		r.Items = slices.Clone(r.Items)
	}
	for i := range r.Items { // what policy answered is not what was asked
		r.Items[i].BreakGlass, r.Items[i].BreakGlassRefused = nil, ""
	}
	raw, err := json.Marshal(r)
	if err != nil {
		panic("workflows: a request always marshals: " + err.Error())
	}
	return raw
}

// askDigest names what a request asks for. What people answered is no part of it: a first reading does not look for it.
func askDigest(r casework.Request) string {
	r.Answers = nil
	sum := sha256.Sum256(ask(r))
	return hex.EncodeToString(sum[:])
}

// unitOf finds a unit by key.
func unitOf(units []contract.Unit, key string) (contract.Unit, bool) {
	for _, u := range units {
		if u.Key == key {
			return u, true
		}
	}
	return contract.Unit{}, false
}

// endUnit ends one unit.
func (c *caseRun) endUnit(ctx workflow.Context, u *contract.Unit, end casework.End, why string) {
	u.End, u.Why = end, why
	c.note(ctx, u.Title+": "+string(end)+", "+why+".")
}
