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
	if err := c.do(ctx, requestTurn, "Ask for this person's turn", contract.RequestTurnInput{
		OktaUserID: person, Request: contract.TurnRequest{Ticket: c.ticket, UseCase: c.Request.UseCase},
	}); err != nil {
		return err
	}
	for c.turn != person {
		c.State = casework.StateWaitingTurn
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
				OktaUserID: person, Request: contract.TurnRequest{Ticket: c.ticket, UseCase: c.Request.UseCase},
			}); err != nil {
				return err
			}
		}
	}
	c.State = before
	return nil
}

// giveTurnBack lets the next case about this person go on. A case that waits for a person, a date or a guard holds no
// turn.
func (c *caseRun) giveTurnBack(ctx workflow.Context) error {
	if c.turn == "" {
		return nil
	}
	person := c.turn
	c.turn = ""
	return c.signalPerson(ctx, person, contract.SignalTurnRelease, contract.TurnRelease{Ticket: c.ticket})
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
