package workflows

import (
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// takeTurn waits until this case may change the person: cases about one person take turns, a leaver first.
func (c *caseRun) takeTurn(ctx workflow.Context, person string) error {
	if c.turn == person {
		return nil
	}
	if err := c.giveTurnBack(ctx); err != nil {
		return err
	}
	before := c.State
	c.hear(ctx) // what an earlier asking brought is not this turn
	if err := c.returnStray(ctx); err != nil {
		return err
	}
	c.wanted = person
	if err := c.do(ctx, requestTurn, "Ask for this person's turn", contract.RequestTurnInput{
		OktaUserID: person, Request: c.turnRequest(),
	}); err != nil {
		return err
	}
	for c.turn != person {
		c.State, c.wanted = casework.StateWaitingTurn, person
		if err := c.rest(ctx); err != nil {
			return err
		}
		// The person's workflow answers by signal; asking again now and then costs little and survives anything.
		why, err := c.wait(ctx, workflow.Now(ctx).Add(c.Times.HoldRecheck), "Waiting for this person's turn", func() bool { return c.turn == person })
		if err != nil {
			return err
		}
		if why == wokeByNudge {
			if err := c.endedByPerson(ctx); err != nil {
				return err
			}
		}
		if why == wokeByTime {
			if err := c.do(ctx, requestTurn, "Ask for this person's turn again", contract.RequestTurnInput{
				OktaUserID: person, Request: c.turnRequest(),
			}); err != nil {
				return err
			}
		}
	}
	c.State = before
	return nil
}

// turnRequest says who asks.
func (c *caseRun) turnRequest() contract.TurnRequest {
	request := contract.TurnRequest{Ticket: c.ticket, UseCase: c.Request.UseCase}
	if c.beside != nil {
		request.Workflow = c.beside.id
	}
	return request
}

// turnRelease says who gives back.
func (c *caseRun) turnRelease() contract.TurnRelease {
	release := contract.TurnRelease{Ticket: c.ticket}
	if c.beside != nil {
		release.Workflow = c.beside.id
	}
	return release
}

// heardTurn takes a turn that this case waits for. One that it holds already is the answer to asking twice; any other
// came too late, when the case had turned to something else.
func (c *caseRun) heardTurn(person string) {
	switch person {
	case c.turn:
	case c.wanted:
		c.turn, c.wanted = person, ""
	default:
		c.stray = append(c.stray, person)
	}
}

// returnStray gives back turns that came too late: the line would wait for a holder that does not know it is one.
func (c *caseRun) returnStray(ctx workflow.Context) error {
	for len(c.stray) > 0 {
		person := c.stray[0]
		c.stray = c.stray[1:]
		if err := c.signalPerson(ctx, person, contract.SignalTurnRelease, c.turnRelease()); err != nil {
			return err
		}
	}
	return nil
}

// giveTurnBack lets the next case about this person go on, and takes the case out of the line where it still stands in
// it. A case that waits for a person, a date or a guard holds no turn.
func (c *caseRun) giveTurnBack(ctx workflow.Context) error {
	person := c.turn
	if person == "" {
		person = c.wanted
	}
	c.turn, c.wanted = "", ""
	if person == "" {
		return nil
	}
	return c.signalPerson(ctx, person, contract.SignalTurnRelease, c.turnRelease())
}

// sayLeaver tells the person's workflow that this leaver began, or was called off: nothing is granted meanwhile.
func (c *caseRun) sayLeaver(ctx workflow.Context, began bool) error {
	if c.LeaverSaid == began {
		return nil
	}
	c.LeaverSaid = began
	person := c.Plan.Person.OktaUserID
	return c.signalPerson(ctx, person, contract.SignalLeaver, contract.LeaverSignal{OktaUserID: person, Ticket: c.ticket, Began: began})
}

// signalPerson signals the person's workflow. One that is not running has nothing to be told.
func (c *caseRun) signalPerson(ctx workflow.Context, person, name string, arg any) error {
	err := workflow.SignalExternalWorkflow(ctx, contract.PersonWorkflowID(person), "", name, arg).Get(ctx, nil)
	if err != nil {
		c.note(ctx, "The person's workflow was not there to be told ("+name+").")
	}
	return nil
}
