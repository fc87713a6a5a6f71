package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// call runs a step until it answers. Temporal retries what is worth retrying; a vendor that stays away shows as
// unavailable, a refused credential as blocked, and the step goes on being tried; anything that only a person can mend
// parks the case. It returns an ending when the case is over, and errSkipped when skippable and an operator skipped.
func call[Out any](ctx workflow.Context, c *caseRun, s step, summary string, in any, skippable bool) (Out, error) {
	var refused time.Time // since when our credential has been refused
	for {
		out, err := once[Out](ctx, c, s, summary, in)
		if err == nil {
			if c.trouble != "" {
				c.trouble = ""
				if err := c.publish(ctx); err != nil {
					return out, err
				}
			}
			return out, nil
		}
		kind, known := kindOf(err)
		switch {
		case temporal.IsCanceledError(err):
			return out, err
		case known && kind == casework.Unauthorized:
			if refused.IsZero() {
				refused = workflow.Now(ctx)
			}
			err = c.blocked(ctx, s, err, refused)
		case !known || kind.Retried():
			err = c.unavailable(ctx, s, err)
		default:
			err = c.park(ctx, problemOf(summary, kind, err, skippable))
		}
		if err != nil {
			return out, err
		}
	}
}

// do is call for steps that answer nothing.
func (c *caseRun) do(ctx workflow.Context, s step, summary string, in any) error {
	_, err := call[struct{}](ctx, c, s, summary, in, false)
	return err
}

// once runs a step for as long as a vendor may be away without the case saying so.
func once[Out any](ctx workflow.Context, c *caseRun, s step, summary string, in any) (Out, error) {
	var out Out
	err := workflow.ExecuteActivity(s.with(ctx, c.Times.UnavailableIn, c.priority(), summary), s.name, in).Get(ctx, &out)
	return out, err
}

// slowly is how often a credential that has been refused for a day is tried: a case cannot rest within a step, and its
// history has to last until somebody mends it.
const slowly = time.Hour

// blocked waits while a vendor refuses our own credential: that is everybody's problem, so no note goes on this ticket.
func (c *caseRun) blocked(ctx workflow.Context, s step, cause error, since time.Time) error {
	every := c.Times.BlockedEvery
	if workflow.Now(ctx).Sub(since) >= 24*time.Hour {
		every = max(every, slowly)
	}
	before := c.State
	c.trouble = "Our own credential is refused (" + s.queue + "): " + messageOf(cause) + ". Mend the credential or its scopes; this case goes on by itself."
	c.State = casework.StateBlocked
	_, err := c.wait(ctx, workflow.Now(ctx).Add(every), "Blocked: trying the credential again", func() bool { return false })
	c.State = before
	return err
}

// unavailable says that a vendor has been away for long. The step is simply tried again.
func (c *caseRun) unavailable(ctx workflow.Context, s step, cause error) error {
	c.trouble = "No answer from " + s.queue + " for " + c.Times.UnavailableIn.String() + ": " + messageOf(cause) + ". Still trying."
	c.State = casework.StateUnavailable
	if err := c.publish(ctx); err != nil {
		return err
	}
	return c.abortAsked()
}

// kindOf finds the kind of a failed step; unknown is a timeout, or a failure without a kind.
func kindOf(err error) (casework.ErrKind, bool) {
	var app *temporal.ApplicationError
	if !errors.As(err, &app) {
		return "", false
	}
	switch k := casework.ErrKind(app.Type()); k {
	case casework.RateLimited, casework.Unavailable, casework.Ambiguous, casework.NotFound, casework.Conflict,
		casework.Invalid, casework.Denied, casework.Unauthorized:
		return k, true
	}
	return "", false
}

// messageOf is the innermost words of a failed step.
func messageOf(err error) string {
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return clip(app.Message(), 600)
	}
	if timeout, ok := errors.AsType[*temporal.TimeoutError](err); ok {
		return "no answer in time (" + timeout.TimeoutType().String() + ")"
	}
	return clip(err.Error(), 600)
}

// problemOf puts a failed step in words for the person who has to mend it.
func problemOf(summary string, kind casework.ErrKind, err error, skippable bool) contract.Problem {
	p := contract.Problem{Step: summary, Kind: kind, Why: messageOf(err), Skippable: skippable}
	todo := "Mend the cause, then send `retry`"
	if skippable {
		todo += "; `skip` leaves this one change to a person"
	}
	p.Todo = fmt.Sprintf("%s; `abort` ends the case.", todo)
	return p
}
