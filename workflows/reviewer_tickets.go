package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/review"
)

const (
	tendWithin = 15 * time.Minute // how long the desk may be away before the review goes on without it
	tendAgain  = 10 * time.Minute // until what the desk did not take is tried again
	lastWord   = 7 * 24 * time.Hour
	day        = 24 * time.Hour
)

// tend looks after the reviewer's tickets: it opens them, reminds, and lets in whom policy escalates to. What the desk
// does not take now is tried again later: a desk that is away holds up no review.
func (r *reviewerRun) tend(ctx workflow.Context) error {
	t := r.Tend
	if t == nil || workflow.Now(ctx).Before(t.NextTry) {
		return nil
	}
	t.NextTry = zeroTime
	if !t.Opened {
		if err := r.openTickets(ctx); err != nil || !t.Opened {
			return err
		}
	}
	if err := r.letIn(ctx); err != nil || !t.NextTry.IsZero() {
		return err
	}
	return r.remind(ctx)
}

// openTickets opens the reviewer's tickets.
func (r *reviewerRun) openTickets(ctx workflow.Context) error {
	t := r.Tend
	var opened contract.ReviewTicketsResult
	err := workflow.ExecuteActivity(reviewOpenTickets.with(ctx, tendWithin, casework.PriorityReviews, "Freshservice: open the reviewer's tickets"),
		reviewOpenTickets.name, contract.ReviewOpenTicketsInput{
			Campaign: r.State.Campaign, Title: t.Title, Packet: t.Packet, Per: t.Settings.TicketPer, Begun: t.Begun, Due: r.State.Due,
		}).Get(ctx, &opened)
	if err != nil {
		return r.later(ctx, err)
	}
	t.Opened, r.State.Ticket = true, opened.First
	r.tell(ctx)
	return nil
}

// letIn lets in whom policy escalates to, when it is time and something is open.
func (r *reviewerRun) letIn(ctx workflow.Context) error {
	t := r.Tend
	if t.LetIn || t.Packet.Escalate == nil || r.unanswered() == 0 || workflow.Now(ctx).Before(r.letInAt()) {
		return nil
	}
	r.State.Deputies = append(r.State.Deputies, t.Packet.Escalate.ID)
	t.LetIn = true
	return r.say(ctx, contract.ReviewLetIn, "let-in", t.Packet.Escalate)
}

// letInAt is when whom policy escalates to is let in; the second round lets them in at its beginning.
func (r *reviewerRun) letInAt() time.Time {
	t := r.Tend
	if t.Round > 0 {
		return zeroTime
	}
	if t.Settings.EscalateDays < 0 {
		return r.State.Due
	}
	return r.State.Due.Add(-time.Duration(t.Settings.EscalateDays) * day)
}

// remind reminds of what is open. Reminders whose day passed while the desk was away are one.
func (r *reviewerRun) remind(ctx workflow.Context) error {
	t := r.Tend
	passed := t.Reminded
	for passed < len(t.Settings.RemindDays) && !workflow.Now(ctx).Before(r.remindAt(passed)) {
		passed++
	}
	if passed == t.Reminded {
		return nil
	}
	t.Reminded = passed
	if r.unanswered() == 0 {
		return nil
	}
	return r.say(ctx, contract.ReviewReminder, fmt.Sprintf("reminder-%d-%d", t.Round, passed), nil)
}

func (r *reviewerRun) remindAt(i int) time.Time {
	return r.State.Due.Add(-time.Duration(r.Tend.Settings.RemindDays[i]) * day)
}

// nextTending is the next moment at which the tickets need something; zero: none.
func (r *reviewerRun) nextTending() time.Time {
	t := r.Tend
	switch {
	case t == nil:
		return zeroTime
	case !t.NextTry.IsZero():
		return t.NextTry
	}
	next := zeroTime
	if t.Reminded < len(t.Settings.RemindDays) {
		next = r.remindAt(t.Reminded)
	}
	if at := r.letInAt(); !t.LetIn && t.Packet.Escalate != nil && (next.IsZero() || at.Before(next)) {
		next = at
	}
	return next
}

// secondRound asks once more for what nobody answered, where policy says so. It says whether it began.
func (r *reviewerRun) secondRound(ctx workflow.Context) bool {
	t := r.Tend
	if t == nil || t.Round > 0 || t.Settings.NoResponse != review.NoResponseEscalate || t.Settings.SecondRoundDays == 0 || r.unanswered() == 0 {
		return false
	}
	t.Round, t.Reminded = 1, 0
	r.State.Due = r.State.Due.AddDate(0, 0, t.Settings.SecondRoundDays)
	if !t.LetIn && t.Packet.Escalate != nil {
		r.State.Deputies, t.LetIn = append(r.State.Deputies, t.Packet.Escalate.ID), true
	}
	for t.Reminded < len(t.Settings.RemindDays) && !workflow.Now(ctx).Before(r.remindAt(t.Reminded)) {
		t.Reminded++ // of a day before the round began
	}
	r.publish(ctx)
	if err := r.say(ctx, contract.ReviewSecondRound, "second-round", t.Packet.Escalate); err != nil {
		workflow.GetLogger(ctx).Warn("the second round could not be said on the tickets", "error", err)
	}
	return true
}

// unanswered counts items without an answer.
func (r *reviewerRun) unanswered() int {
	return max(r.State.Items-r.State.Certified-r.State.Revoked, 0)
}

// say tells the reviewer something on every ticket. What the desk does not take is said by the next word.
func (r *reviewerRun) say(ctx workflow.Context, word contract.ReviewWord, key string, letIn *review.Reviewer) error {
	if !r.Tend.Opened {
		return nil
	}
	err := r.tellTickets(ctx, tendWithin, word, key, letIn)
	if temporal.IsCanceledError(err) {
		return err
	}
	if err != nil {
		workflow.GetLogger(ctx).Warn("the reviewer could not be told", "word", string(word), "error", err)
	}
	return nil
}

func (r *reviewerRun) tellTickets(ctx workflow.Context, within time.Duration, word contract.ReviewWord, key string, letIn *review.Reviewer) error {
	return workflow.ExecuteActivity(reviewTell.with(ctx, within, casework.PriorityReviews, "Freshservice: tell the reviewer ("+string(word)+")"),
		reviewTell.name, contract.ReviewTellInput{
			Campaign: r.State.Campaign, Title: r.Tend.Title, Word: word, Key: key, Due: r.State.Due, Counts: r.State.Counts(), LetIn: letIn,
		}).Get(ctx, nil)
}

// sayClosed is the last word: how it ended, and the tickets are resolved. The campaign has been told before, so that a
// desk that is away holds up nothing.
func (r *reviewerRun) sayClosed(ctx workflow.Context) error {
	if r.Tend == nil || !r.Tend.Opened {
		return nil
	}
	err := r.tellTickets(ctx, lastWord, contract.ReviewClosed, "closed", nil)
	if temporal.IsCanceledError(err) {
		return err
	}
	if err != nil {
		workflow.GetLogger(ctx).Error("the reviewer's tickets could not be resolved", "error", err)
	}
	return nil
}

// later puts off what the desk did not take.
func (r *reviewerRun) later(ctx workflow.Context, err error) error {
	if temporal.IsCanceledError(err) {
		return err
	}
	workflow.GetLogger(ctx).Warn("the reviewer's tickets could not be opened; it is tried again", "error", err)
	r.Tend.NextTry = workflow.Now(ctx).Add(tendAgain)
	return nil
}
