package workflows

import (
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// The search attributes a case keeps up to date.
var (
	attrState    = temporal.NewSearchAttributeKeyKeyword(contract.AttrState)
	attrTicket   = temporal.NewSearchAttributeKeyKeyword(contract.AttrTicket)
	attrOktaUser = temporal.NewSearchAttributeKeyKeyword(contract.AttrOktaUser)
	attrLevel    = temporal.NewSearchAttributeKeyKeyword(contract.AttrLevel)
	attrDueAt    = temporal.NewSearchAttributeKeyTime(contract.AttrDueAt)
	attrBatch    = temporal.NewSearchAttributeKeyKeyword(contract.AttrBatch)
	attrCampaign = temporal.NewSearchAttributeKeyKeyword(contract.AttrCampaign)
)

// caseRun is one run of a ticket's workflow. What has to survive continue-as-new is in Case; the rest is rebuilt.
type caseRun struct {
	contract.Case
	ticket int64
	named  *contract.Operator

	nudges workflow.ReceiveChannel
	turns  workflow.ReceiveChannel
	began  workflow.ReceiveChannel

	turn    string           // the Okta user whose turn this case holds; empty holds none
	wanted  string           // the Okta user whose turn was asked for and has not come
	stray   []string         // turns that came though nobody wants them any more: they are given back
	leaving map[string]int64 // by Okta user: the ticket of a leaver that began, other than this case
	trouble string           // what a vendor is doing to us, for the details
	due     time.Time
	dueWhat string

	shown   string             // the search attributes as last written: each write is an event in the history
	answer  answer             // what an operator decided about a parked case
	aborted *contract.Operator // an operator ended the case
	// emergencyHeld says that a guard holds what an emergency may do before its approval: it is tried again.
	emergencyHeld bool
	// calling says that a joiner is being called off: it takes no account over any more.
	calling bool
	// obeyed says that a person ended the case and what follows takes back: the ended ticket does not end it again.
	obeyed  bool
	renamed bool // a person named the ticket while this case was running
	woken   bool // an update changed something the current wait has to look at

	beside *besides // set where this is no ticket's case but something that works like one
}

// besides is what differs where something else than a ticket's case uses a case's machinery: a time-bound grant.
type besides struct {
	id      string                      // its workflow ID: it takes turns under that, not under the ticket's
	marks   string                      // begins the markers of its notes, so that none is taken for the case's own
	pending func() bool                 // something was signalled that nobody heard
	listen  func(workflow.Context)      // hears it
	carry   func() any                  // the input of its next run
	line    func() string               // its one-liner
	table   func(*strings.Builder)      // what its details show beside the rest
	facts   func() *contract.GrantFacts // what its notes may say
	hurry   func() string               // obeys expedite and says so; nil: there is nothing to hurry
	again   func() string               // obeys retry where nothing is parked, and says so; nil: there is nothing to try again
	refuse  func(*contract.Unit) error  // ends what would have to be approved anew; nil: policy is asked who approves
	moved   func(workflow.Context)      // hears that the state was published
	bulk    bool                        // it is part of a batch: its calls go in the lane of bulk work
	look    time.Duration               // how often approvals are looked at without a nudge; 0: never
}

// openCase builds the run from its input and registers what people and other workflows may ask and say. Handlers come
// last: an update that was waiting runs the moment it is registered.
func openCase(ctx workflow.Context, in contract.CaseInput) *caseRun {
	c := &caseRun{
		leaving: map[string]int64{},
		ticket:  in.Ticket,
		named:   in.Named,
		nudges:  workflow.GetSignalChannelWithOptions(ctx, contract.SignalNudge, workflow.SignalChannelOptions{Description: "Read the ticket again. Carries no decision."}),
		turns:   workflow.GetSignalChannelWithOptions(ctx, contract.SignalTurnGranted, workflow.SignalChannelOptions{Description: "From the person's workflow: this case may go on."}),
		began:   workflow.GetSignalChannelWithOptions(ctx, contract.SignalLeaverBegan, workflow.SignalChannelOptions{Description: "From the person's workflow: a leaver began; grant nothing."}),
	}
	if in.Case != nil {
		c.Case = *in.Case
	} else {
		c.Case = contract.Case{State: casework.StateIntake, StartedAt: workflow.Now(ctx), Times: defaultTimes()}
	}
	c.answerQueries(ctx)
	c.takeCommands(ctx)
	return c
}

// defaultTimes hold until the ticket has been read and policy has spoken.
func defaultTimes() contract.Times {
	return contract.Times{
		Idle: time.Hour, SettleEvery: 10 * time.Second, SettleFor: 10 * time.Minute, ParkRemind: 24 * time.Hour,
		HoldRecheck: 5 * time.Minute, BlockedEvery: 5 * time.Minute, UnavailableIn: time.Hour,
	}
}

// input is what the next run gets over continue-as-new.
func (c *caseRun) input() contract.CaseInput {
	state := c.Case
	return contract.CaseInput{Ticket: c.ticket, Named: c.named, Case: &state}
}

// enter moves the case to a state, for operators: search attributes and current details.
func (c *caseRun) enter(ctx workflow.Context, state casework.State) error {
	c.State = state
	if state != casework.StateUnavailable && state != casework.StateBlocked {
		c.trouble = ""
	}
	return c.publish(ctx)
}

// publish brings what operators see up to date. Details cost nothing; the attributes are written only when they
// changed.
func (c *caseRun) publish(ctx workflow.Context) error {
	if c.beside != nil && c.beside.moved != nil {
		c.beside.moved(ctx)
	}
	workflow.SetCurrentDetails(ctx, c.details(workflow.Now(ctx)))
	person := ""
	if c.Plan != nil {
		person = c.Plan.Person.OktaUserID
	}
	now := strings.Join([]string{string(c.State), person, c.levelLabel(), c.due.String()}, " ")
	if now == c.shown {
		return nil
	}
	c.shown = now
	updates := []temporal.SearchAttributeUpdate{
		attrState.ValueSet(string(c.State)),
		attrTicket.ValueSet(contract.TicketLabel(c.ticket)),
	}
	if person != "" {
		updates = append(updates, attrOktaUser.ValueSet(person))
	}
	if level := c.levelLabel(); level != "" {
		updates = append(updates, attrLevel.ValueSet(level))
	} else {
		updates = append(updates, attrLevel.ValueUnset())
	}
	if c.due.IsZero() {
		updates = append(updates, attrDueAt.ValueUnset())
	} else {
		updates = append(updates, attrDueAt.ValueSet(c.due))
	}
	return workflow.UpsertTypedSearchAttributes(ctx, updates...)
}

// note adds a line to the case's log, which the report carries.
func (c *caseRun) note(ctx workflow.Context, text string) {
	c.Log = append(c.Log, contract.LogLine{At: workflow.Now(ctx), Text: text})
}

// noteOnce adds a line unless it would repeat the last one.
func (c *caseRun) noteOnce(ctx workflow.Context, text string) {
	if n := len(c.Log); n == 0 || c.Log[n-1].Text != text {
		c.note(ctx, text)
	}
}

// priority is the key of this case's activities.
func (c *caseRun) priority() int {
	switch {
	case c.Request.Emergency || c.glassDue():
		return casework.PriorityEmergency
	case c.Request.UseCase == casework.AccessReview:
		return casework.PriorityReviews
	case c.beside != nil && c.beside.bulk:
		return casework.PriorityBulk
	}
	return casework.PriorityPeople
}
