package workflows

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// Grant owns the time-bound grant of one entitlement to one person, whichever tickets claim it. When the last claim has
// ended it takes the entitlement away, reads that back and says so; it ends without doing so when a claim is for good or
// a case took the entitlement away before. Runbook: docs/runbooks/grant.md.
func Grant(ctx workflow.Context, in contract.GrantInput) error {
	g := openGrant(ctx, in)
	err := g.run(ctx)
	if !temporal.IsCanceledError(err) || ctx.Err() == nil {
		return err
	}
	if len(g.grant.Claims) == 0 {
		return nil
	}
	free, cancel := workflow.NewDisconnectedContext(ctx)
	defer cancel()
	return g.close(free, &ending{end: casework.EndAborted, why: "an operator cancelled the workflow; the access stands and nothing ends it"})
}

// grantRun is one run of a grant. It uses the machinery of a case: turns, guards that hold, parking, operators.
type grantRun struct {
	*caseRun
	grant   contract.GrantState
	claims  workflow.ReceiveChannel
	endings workflow.ReceiveChannel
	refused time.Time // since when our credential has been refused; zero is not
}

// openGrant builds the run from its input and registers what may be asked and said.
func openGrant(ctx workflow.Context, in contract.GrantInput) *grantRun {
	g := &grantRun{
		grant:   in.Grant,
		claims:  workflow.GetSignalChannelWithOptions(ctx, contract.SignalClaim, workflow.SignalChannelOptions{Description: "From a case: an approved item holds this until a time, or for good."}),
		endings: workflow.GetSignalChannelWithOptions(ctx, contract.SignalGrantEnded, workflow.SignalChannelOptions{Description: "From a case: it took this away."}),
	}
	g.caseRun = openCase(ctx, contract.CaseInput{Case: in.Case})
	if in.Case == nil {
		g.renew()
	}
	// The end was approved together with the beginning: it is no ticket from before the use case acted.
	g.named = &contract.Operator{By: "the approval", Reason: "the time limit is part of what was approved"}
	g.beside = &besides{
		id:      contract.GrantWorkflowID(g.grant.Person.OktaUserID, g.grant.Object),
		marks:   g.marks(),
		pending: func() bool { return g.claims.Len()+g.endings.Len() > 0 },
		listen:  g.listen,
		carry: func() any {
			state := g.Case
			return contract.GrantInput{Grant: g.grant, Case: &state}
		},
		line:  g.line,
		table: g.table,
		facts: func() *contract.GrantFacts { return g.factsOf(g.grant) },
	}
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QueryGrant, func() (contract.GrantState, error) { return g.grant, nil },
		workflow.QueryHandlerOptions{Description: "Which tickets hold this entitlement, and until when."}))
	return g
}

// marks begins the markers of this grant's notes on a ticket that may have several grants.
func (g *grantRun) marks() string {
	return "grant-" + string(g.grant.Object.Kind) + "-" + g.grant.Object.ID
}

// renew forgets the grant that ended, for one that begins.
func (g *grantRun) renew() {
	person := g.grant.Person
	plan := casework.Seal(casework.Plan{
		UseCase: casework.AccessRequest, Person: person,
		Changes: []casework.Change{casework.RevokeOf(g.grant.Object, "its time is over")},
	})
	g.Case = contract.Case{
		Request: casework.Request{UseCase: casework.AccessRequest, Mode: casework.ModeAct, Ticket: g.Request.Ticket, Subject: person.Email},
		State:   casework.StateWaitingDate, Plan: &plan, Times: g.Times, Owner: g.Owner, Run: g.Run, Parked: g.Parked,
		Units: []contract.Unit{{
			Key: contract.UnitGrant, Title: g.grant.Object.Label() + " for " + person.DisplayName(), Plan: plan, Subject: g.grant.Object,
		}},
	}
	g.refused = zeroTime
}

// listen hears claims, and that cases took the entitlement away.
func (g *grantRun) listen(ctx workflow.Context) {
	var s contract.ClaimSignal
	for g.claims.ReceiveAsync(&s) {
		g.take(ctx, s)
		s = contract.ClaimSignal{}
	}
	var ended contract.GrantEndedSignal
	for g.endings.ReceiveAsync(&ended) {
		if g.grant.Ended == nil || ended.At.After(g.grant.Ended.At) {
			last := ended
			g.grant.Ended = &last
		}
		ended = contract.GrantEndedSignal{}
	}
}

// take keeps a claim; the same ticket and item replaces its earlier one.
func (g *grantRun) take(ctx workflow.Context, s contract.ClaimSignal) {
	claim := s.Claim
	same := func(c contract.Claim) bool { return c.Ticket == claim.Ticket && c.Item == claim.Item }
	if i := slices.IndexFunc(g.grant.Claims, same); i >= 0 {
		g.grant.Claims[i] = claim
	} else {
		g.grant.Claims = append(g.grant.Claims, claim)
	}
	if g.grant.Since.IsZero() {
		g.grant.Since, g.StartedAt = claim.From, claim.From
	}
	g.ticket, g.Run, g.Times, g.Owner = claim.Ticket, claim.Run, s.Times, s.Owner
	g.Request.Ticket.Number = claim.Ticket
	g.noteOnce(ctx, contract.TicketLabel(claim.Ticket)+" holds it "+untilWords(claim.Until)+".")
}

// firstClaim is how long a grant that was started without a claim waits for one.
const firstClaim = time.Minute

// run carries the grant to its end. A claim that comes while it ends begins the next one.
func (g *grantRun) run(ctx workflow.Context) error {
	if g.hearAll(ctx); len(g.grant.Claims) == 0 {
		if _, err := g.wait(ctx, workflow.Now(ctx).Add(firstClaim), "Waiting for a claim", never); err != nil {
			return notEnding(err)
		}
	}
	for len(g.grant.Claims) > 0 {
		end, err := g.step(ctx)
		if asked, ok := endingOf(err); ok {
			end, err = asked, nil
		}
		if err != nil {
			return err
		}
		if end == nil {
			continue
		}
		if err := g.close(ctx, end); err != nil {
			return err
		}
		if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
			return err
		}
		g.hearAll(ctx)
	}
	return nil
}

// notEnding is an error unless it only ends the grant.
func notEnding(err error) error {
	if _, ok := endingOf(err); ok {
		return nil
	}
	return err
}

// hearAll hears what is there to be heard.
func (g *grantRun) hearAll(ctx workflow.Context) {
	if g.unheard() {
		g.listen(ctx)
	}
}

// step waits for what comes next, or ends the grant.
func (g *grantRun) step(ctx workflow.Context) (*ending, error) {
	g.hearAll(ctx)
	if end := g.over(); end != nil {
		return end, nil
	}
	if workflow.Now(ctx).Before(g.grant.Standing()) {
		if err := g.giveTurnBack(ctx); err != nil {
			return nil, err
		}
		return nil, g.await(ctx)
	}
	return g.revoke(ctx)
}

// over says that the grant ends without revoking: a claim is for good, or a case took the entitlement away. Claims that
// were made after that stand.
func (g *grantRun) over() *ending {
	if ended := g.grant.Ended; ended != nil {
		later := slices.DeleteFunc(slices.Clone(g.grant.Claims), func(c contract.Claim) bool { return !c.From.After(ended.At) })
		if len(later) == 0 {
			return &ending{end: casework.EndAlready, why: contract.TicketLabel(ended.Ticket) + " took it away before its time was over"}
		}
		g.grant.Claims, g.grant.Ended = later, nil
	}
	for _, c := range g.grant.Claims {
		if c.Permanent() {
			return &ending{end: casework.EndCancelled, why: contract.TicketLabel(c.Ticket) + " holds it for good; nothing is taken away"}
		}
	}
	return nil
}

// await waits for the notice, and then for the end.
func (g *grantRun) await(ctx workflow.Context) error {
	last := g.last()
	key := noticeKey(last)
	next, what := last.Until, "The time of this grant ends"
	if !slices.Contains(g.grant.Noticed, key) {
		at := casework.NoticeAt(last.From, last.Until, last.Notice)
		if !workflow.Now(ctx).Before(at) {
			return g.notice(ctx, last, key)
		}
		next, what = at, "Notice before the time of this grant ends"
	}
	g.State = casework.StateWaitingDate
	if err := g.rest(ctx); err != nil {
		return err
	}
	_, err := g.wait(ctx, next, what, never)
	return err
}

// last is the claim that ends last.
func (g *grantRun) last() contract.Claim {
	last := g.grant.Claims[0]
	for _, c := range g.grant.Claims[1:] {
		if c.Until.After(last.Until) {
			last = c
		}
	}
	return last
}

func noticeKey(c contract.Claim) string {
	return fmt.Sprintf("%s.%s.%d", contract.TicketLabel(c.Ticket), c.Item, c.Until.Unix())
}

// mostNotices bounds what is remembered of notices: only the last claim's matters.
const mostNotices = 5

// notice says to whoever asked, and to the person, that the time is nearly over and how it is extended.
func (g *grantRun) notice(ctx workflow.Context, claim contract.Claim, key string) error {
	facts := g.facts()
	facts.Case.Run, facts.Case.Request.Ticket.Number = claim.Run, claim.Ticket
	in := contract.TellInput{
		Ticket: claim.Ticket, Key: fmt.Sprintf("%s.%d.%s.notice.%s", contract.TicketLabel(claim.Ticket), claim.Run, g.marks(), key),
		Template: "grant_notice", Public: true, Facts: facts,
	}
	if email := g.grant.Person.Email; email != "" {
		in.CC = []string{email}
	}
	if err := g.say(ctx, "Freshservice: say that the time is nearly over", in); err != nil {
		return err
	}
	g.grant.Noticed = append(g.grant.Noticed, key)
	if n := len(g.grant.Noticed); n > mostNotices {
		g.grant.Noticed = g.grant.Noticed[n-mostNotices:]
	}
	return nil
}

// say writes on a ticket. One that is not there any more keeps nothing from ending.
func (g *grantRun) say(ctx workflow.Context, summary string, in contract.TellInput) error {
	_, err := once[contract.TellResult](ctx, g.caseRun, tell, summary, in)
	if err == nil {
		return nil
	}
	if kind, known := kindOf(err); known && !kind.Retried() && kind != casework.Unauthorized {
		g.note(ctx, summary+" failed: "+messageOf(err))
		return nil
	}
	return g.do(ctx, tell, summary, in)
}

// factsOf is what texts may say of a grant.
func (g *grantRun) factsOf(state contract.GrantState) *contract.GrantFacts {
	return &contract.GrantFacts{
		Workflow: contract.GrantWorkflowID(state.Person.OktaUserID, state.Object),
		Object:   state.Object.Label(), Person: state.Person.DisplayName(), Until: state.Standing(), Claims: state.Claims,
	}
}

// line is the one-liner for the UI's list. It holds no name.
func (g *grantRun) line() string {
	text := "Time-bound grant of " + g.grant.Object.Key()
	if len(g.grant.Claims) == 0 {
		return text + ": ending"
	}
	text += " " + untilWords(g.grant.Standing())
	if g.State != casework.StateWaitingDate {
		text += ": " + stateWords(g.State)
	}
	return text
}

// table shows the claims.
func (g *grantRun) table(b *strings.Builder) {
	if len(g.grant.Claims) == 0 {
		return
	}
	fmt.Fprintf(b, "%s for %s\n\n| claimed by | item | since | until |\n|---|---|---|---|\n", plain(g.grant.Object.Label()), plain(g.grant.Person.OktaUserID))
	for _, c := range g.grant.Claims {
		fmt.Fprintf(b, "| %s | %s | %s | %s |\n", contract.TicketLabel(c.Ticket), plain(c.Item), c.From.UTC().Format("2006-01-02 15:04 MST"), strings.TrimPrefix(untilWords(c.Until), "until "))
	}
	b.WriteString("\n")
}

// untilWords says until when a claim stands.
func untilWords(until time.Time) string {
	if until.IsZero() {
		return "for good"
	}
	return "until " + until.UTC().Format("2006-01-02 15:04 MST")
}
