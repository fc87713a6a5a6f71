package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

const (
	// personIdle is how long a person's workflow stays after the last case gave its turn back.
	personIdle = 10 * time.Minute
	// holderCheck is how often a waiting line makes sure that the holder's case still runs.
	holderCheck = 10 * time.Minute
)

// Person gives turns to the cases about one person, one at a time, a leaver first; and it remembers that a leaver
// began, so that nothing is granted meanwhile. A holder whose case is gone loses its turn.
func Person(ctx workflow.Context, in contract.PersonInput) error {
	p := &line{user: in.OktaUserID, Turns: in.Turns}
	p.listen(ctx)
	p.admitResets(ctx)
	for {
		if err := p.serve(ctx); err != nil {
			return err
		}
		if p.long(ctx) && p.quiet() {
			return workflow.NewContinueAsNewError(ctx, contract.WorkflowPerson, contract.PersonInput{OktaUserID: p.user, Turns: p.Turns})
		}
		wait := holderCheck
		if p.Holder == nil && p.Leaver == 0 {
			wait = p.untilForgotten(ctx, personIdle)
		}
		heard, err := p.hear(ctx, wait)
		if err != nil {
			return err
		}
		if heard {
			continue
		}
		p.Resets = casework.KeptMarks(p.Resets, workflow.Now(ctx))
		if p.Holder == nil && p.Leaver == 0 && len(p.Waiting) == 0 {
			if len(p.Resets) > 0 {
				continue // what was reset has to be remembered until it no longer matters
			}
			return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
		}
		if err := p.forgetDeadCases(ctx); err != nil {
			return err
		}
	}
}

// line is the state of one person's workflow.
type line struct {
	contract.Turns
	user     string
	requests workflow.ReceiveChannel
	releases workflow.ReceiveChannel
	leavers  workflow.ReceiveChannel
	marked   bool // a reset was let through: how long to wait has changed
}

// listen registers the signals and the query.
func (p *line) listen(ctx workflow.Context) {
	p.requests = workflow.GetSignalChannelWithOptions(ctx, contract.SignalTurnRequest, workflow.SignalChannelOptions{Description: "From a case: asks for a turn."})
	p.releases = workflow.GetSignalChannelWithOptions(ctx, contract.SignalTurnRelease, workflow.SignalChannelOptions{Description: "From a case: gives its turn back."})
	p.leavers = workflow.GetSignalChannelWithOptions(ctx, contract.SignalLeaver, workflow.SignalChannelOptions{Description: "From a leaver's case: it began, or was called off."})
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QueryTurns, func() (contract.Turns, error) { return p.Turns, nil },
		workflow.QueryHandlerOptions{Description: "Who may change this person now, and who is next."}))
}

// quiet says that nothing is waiting to be heard.
func (p *line) quiet() bool { return p.requests.Len()+p.releases.Len()+p.leavers.Len() == 0 }

// hear waits for signals and takes all that are there. It says whether there were any.
func (p *line) hear(ctx workflow.Context, d time.Duration) (bool, error) {
	scope, cancel := workflow.WithCancel(ctx)
	defer cancel()
	if p.quiet() {
		_, err := workflow.AwaitWithOptions(scope, workflow.AwaitOptions{
			Timeout: d, TimerOptions: workflow.TimerOptions{Summary: "Look after the line"},
		}, func() bool { return p.marked || !p.quiet() })
		if err != nil {
			return false, err
		}
	}
	heard := p.marked
	p.marked = false
	var request contract.TurnRequest
	for p.requests.ReceiveAsync(&request) {
		heard = true
		if request.LeaverBegan {
			p.heardLeaver(ctx, contract.LeaverSignal{Ticket: request.Ticket, Began: true})
		} else {
			p.join(request, workflow.Now(ctx))
		}
		request = contract.TurnRequest{}
	}
	var release contract.TurnRelease
	for p.releases.ReceiveAsync(&release) {
		heard = true
		p.drop(contract.Turn{Ticket: release.Ticket, Workflow: release.Workflow})
		release = contract.TurnRelease{}
	}
	var leaver contract.LeaverSignal
	for p.leavers.ReceiveAsync(&leaver) {
		heard = true
		p.heardLeaver(ctx, leaver)
		leaver = contract.LeaverSignal{}
	}
	return heard, nil
}

// join puts a case in the line: leavers stand before everybody else. Asking twice is asking once.
func (p *line) join(request contract.TurnRequest, now time.Time) {
	turn := contract.Turn{Ticket: request.Ticket, Workflow: request.Workflow, UseCase: request.UseCase, Since: now}
	if p.Holder != nil && p.Holder.WorkflowID() == turn.WorkflowID() {
		p.Holder.Since = zeroTime // asked again: it never heard that it holds the turn
		return
	}
	if slices.ContainsFunc(p.Waiting, func(t contract.Turn) bool { return t.WorkflowID() == turn.WorkflowID() }) {
		return
	}
	at := len(p.Waiting)
	if turn.UseCase == casework.Offboarding {
		if i := slices.IndexFunc(p.Waiting, func(t contract.Turn) bool { return t.UseCase != casework.Offboarding }); i >= 0 {
			at = i
		}
	}
	p.Waiting = slices.Insert(p.Waiting, at, turn)
}

// drop takes a case out of the line, wherever it stands.
func (p *line) drop(turn contract.Turn) {
	if p.Holder != nil && p.Holder.WorkflowID() == turn.WorkflowID() {
		p.Holder = nil
	}
	p.Waiting = slices.DeleteFunc(p.Waiting, func(t contract.Turn) bool { return t.WorkflowID() == turn.WorkflowID() })
}

// heardLeaver remembers a leaver and tells the cases in the line, so that a holder stops before its next change.
func (p *line) heardLeaver(ctx workflow.Context, s contract.LeaverSignal) {
	switch {
	case s.Began:
		p.Leaver = s.Ticket
	case p.Leaver == s.Ticket:
		p.Leaver = 0
	default:
		return
	}
	var tell []contract.Turn
	if p.Holder != nil {
		tell = append(tell, *p.Holder)
	}
	tell = append(tell, p.Waiting...)
	for _, turn := range tell {
		if turn.Ticket == s.Ticket || turn.Workflow != "" { // a grant that ends gives nothing that a leaver would stop
			continue
		}
		s.OktaUserID = p.user
		err := workflow.SignalExternalWorkflow(ctx, turn.WorkflowID(), "", contract.SignalLeaverBegan, s).Get(ctx, nil)
		if err != nil {
			p.drop(turn) // its case is gone
		}
	}
}

// serve gives the turn to the first in line when nobody holds it.
func (p *line) serve(ctx workflow.Context) error {
	defer p.publish(ctx)
	if p.Holder != nil && p.Holder.Since.IsZero() {
		if !p.grant(ctx, *p.Holder) {
			p.Holder = nil
		}
	}
	for p.Holder == nil && len(p.Waiting) > 0 {
		next := p.Waiting[0]
		p.Waiting = p.Waiting[1:]
		if p.grant(ctx, next) {
			next.Since = workflow.Now(ctx)
			p.Holder = &next
		}
	}
	return nil
}

// grant tells a case that it may go on, and says whether the case was there to hear it.
func (p *line) grant(ctx workflow.Context, turn contract.Turn) bool {
	if p.Holder != nil {
		p.Holder.Since = workflow.Now(ctx)
	}
	return workflow.SignalExternalWorkflow(ctx, turn.WorkflowID(), "", contract.SignalTurnGranted,
		contract.TurnGranted{OktaUserID: p.user, Leaver: p.Leaver}).Get(ctx, nil) == nil
}

// forgetDeadCases takes away the turn of a case that no longer runs, and forgets a leaver whose case is gone.
func (p *line) forgetDeadCases(ctx workflow.Context) error {
	if p.Holder != nil {
		open, err := p.open(ctx, *p.Holder)
		if err != nil {
			return err
		}
		if !open && p.Holder != nil {
			p.Holder = nil
		}
	}
	if p.Leaver != 0 {
		open, err := p.open(ctx, contract.Turn{Ticket: p.Leaver})
		if err != nil {
			return err
		}
		if !open {
			p.Leaver = 0
		}
	}
	return nil
}

// long says that the history should end soon. A leaver may stand for months, and its case is looked after all the while.
func (p *line) long(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > continueAfter
}

// turnLabel is what operators call whoever takes a turn.
func turnLabel(turn contract.Turn) string {
	if turn.Workflow != "" {
		return turn.Workflow
	}
	return contract.TicketLabel(turn.Ticket)
}

// open asks whether who takes a turn is running.
func (p *line) open(ctx workflow.Context, turn contract.Turn) (bool, error) {
	var res contract.CaseOpenResult
	err := workflow.ExecuteActivity(caseOpen.with(ctx, time.Hour, casework.PriorityPeople, "Is "+turnLabel(turn)+" still running?"),
		caseOpen.name, contract.CaseOpenInput{Ticket: turn.Ticket, Workflow: turn.Workflow}).Get(ctx, &res)
	if temporal.IsCanceledError(err) {
		return true, err
	}
	return err != nil || res.Open, nil //nolint:nilerr // one that could not be looked up is not known to be gone
}

// publish shows the line to operators.
func (p *line) publish(ctx workflow.Context) {
	text := "Nobody holds the turn."
	if p.Holder != nil {
		text = fmt.Sprintf("%s (%s) holds the turn since %s.", turnLabel(*p.Holder), p.Holder.UseCase, p.Holder.Since.UTC().Format("2006-01-02 15:04 MST"))
	}
	for i, t := range p.Waiting {
		text += fmt.Sprintf("\n%d. %s (%s)", i+1, turnLabel(t), t.UseCase)
	}
	if n := len(p.Resets); n > 0 {
		text += fmt.Sprintf("\n\n%d credential reset(s) are remembered for the firewall.", n)
	}
	if p.Leaver != 0 {
		text += "\n\n**A leaver stands: " + contract.TicketLabel(p.Leaver) + "; nothing is granted.**"
	}
	workflow.SetCurrentDetails(ctx, text)
}
