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
	"latchkey/review"
)

// Reviewer is one reviewer's part of a campaign: it takes in the batches of decisions that the bridge hands over, each
// after an activity has verified it, and keeps the links that open the page. It ends a while after everything is
// answered, when the time is over, or when the campaign closes it. Runbook: docs/runbooks/access-review.md.
func Reviewer(ctx workflow.Context, in contract.ReviewerInput) (contract.ReviewerResult, error) {
	r := openReviewer(ctx, in)
	for {
		if err := r.tend(ctx); err != nil {
			return contract.ReviewerResult{}, err
		}
		end := r.over(workflow.Now(ctx))
		if end == contract.ReviewerDue && r.secondRound(ctx) {
			continue
		}
		if end != "" {
			return r.close(ctx, end)
		}
		if r.long(ctx) {
			if err := r.settle(ctx); err != nil {
				return contract.ReviewerResult{}, err
			}
			if r.closing.Len() == 0 {
				return contract.ReviewerResult{}, workflow.NewContinueAsNewError(ctx, contract.WorkflowReviewer, r.ReviewerInput)
			}
		}
		if err := r.wait(ctx); err != nil {
			return contract.ReviewerResult{}, err
		}
	}
}

// reviewerTell is how long progress is gathered before the campaign is told of it.
const reviewerTell = time.Minute

// takenMost bounds the batches that are remembered: one older than review.BatchAge is refused anyway.
const takenMost = 1000

// reviewerRun is one run of a reviewer's part. What it embeds is what it carries over.
type reviewerRun struct {
	contract.ReviewerInput
	closing workflow.ReceiveChannel
	turn    workflow.Mutex // one batch at a time: each builds on the answers of the one before
	woken   bool           // something changed that the waiting loop has to look at
	tellAt  time.Time      // when the campaign is told next; zero: there is nothing to tell
}

// openReviewer builds the run and registers what may be asked and said.
func openReviewer(ctx workflow.Context, in contract.ReviewerInput) *reviewerRun {
	r := &reviewerRun{ReviewerInput: in, turn: workflow.NewMutex(ctx)}
	r.State.Open = true
	if r.Linger == 0 {
		r.Linger = contract.ReviewerLinger
	}
	r.reckon(ctx)
	r.closing = workflow.GetSignalChannelWithOptions(ctx, contract.SignalReviewClose, workflow.SignalChannelOptions{Description: "From the campaign: decisions no longer count."})
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QueryReviewer, func() (contract.ReviewerState, error) { return r.State, nil },
		workflow.QueryHandlerOptions{Description: "How far the reviewer is, who may decide, and which links open the page."}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateDecide, r.decide, workflow.UpdateHandlerOptions{
		Validator: func(_ workflow.Context, cmd contract.DecideCommand) error {
			if err := review.CheckID(cmd.Batch); err != nil {
				return fmt.Errorf("decide needs the ID of a batch: %w", err)
			}
			if _, taken := r.taken(cmd.Batch); !taken && !r.State.Open {
				return errReviewClosed
			}
			return nil
		},
		Description: "From the bridge: a signed batch of decisions lies in the blob store. Nothing counts before it is verified.",
	}))
	must(workflow.SetUpdateHandlerWithOptions(ctx, contract.UpdateLink, r.link, workflow.UpdateHandlerOptions{
		Validator:   func(ctx workflow.Context, cmd contract.LinkCommand) error { return r.mayLink(ctx, cmd) },
		Description: "Make a link to the page, or revoke one. {\"operator\":{\"by\":\"you\",\"reason\":\"why\"},\"id\":\"…\",\"expires\":\"…\"}",
	}))
	r.publish(ctx)
	return r
}

// errReviewClosed refuses what comes too late. It is a failure with a type, so that the bridge knows it.
var errReviewClosed = temporal.NewNonRetryableApplicationError("the review is closed: decisions no longer count", contract.FailReviewClosed, nil)

// wait rests until something happens or the next moment comes.
func (r *reviewerRun) wait(ctx workflow.Context) error {
	next := r.State.Due
	if !r.State.Until.IsZero() && r.State.Until.Before(next) {
		next = r.State.Until
	}
	if !r.tellAt.IsZero() && r.tellAt.Before(next) {
		next = r.tellAt
	}
	if at := r.nextTending(); !at.IsZero() && at.Before(next) {
		next = at
	}
	r.woken = false
	scope, cancel := workflow.WithCancel(ctx)
	defer cancel()
	_, err := workflow.AwaitWithOptions(scope, workflow.AwaitOptions{
		Timeout: next.Sub(workflow.Now(ctx)), TimerOptions: workflow.TimerOptions{Summary: "Waiting for the reviewer"},
	}, func() bool { return r.woken || r.closing.Len() > 0 || r.long(ctx) })
	if err != nil {
		return err
	}
	if !r.tellAt.IsZero() && !workflow.Now(ctx).Before(r.tellAt) {
		r.tell(ctx)
	}
	return nil
}

// over says why the part ends now; empty while it goes on.
func (r *reviewerRun) over(now time.Time) contract.ReviewerEnd {
	switch {
	case r.closing.ReceiveAsync(nil):
		return contract.ReviewerClosed
	case !now.Before(r.State.Due):
		return contract.ReviewerDue
	case !r.State.Until.IsZero() && !now.Before(r.State.Until):
		return contract.ReviewerAnswered
	}
	return ""
}

// close takes no more decisions, lets the ones that are on their way end, and says how far it came.
func (r *reviewerRun) close(ctx workflow.Context, end contract.ReviewerEnd) (contract.ReviewerResult, error) {
	r.State.Open = false
	if err := r.settle(ctx); err != nil {
		return contract.ReviewerResult{}, err
	}
	r.publish(ctx)
	r.tell(ctx)
	if err := r.sayClosed(ctx); err != nil {
		return contract.ReviewerResult{}, err
	}
	return contract.ReviewerResult{Counts: r.State.Counts(), Answers: r.State.Answers, End: end}, nil
}

// settle waits until nothing that was asked is left unanswered.
func (r *reviewerRun) settle(ctx workflow.Context) error {
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// decide takes in a batch, one at a time. The same batch again is answered as it was the first time.
func (r *reviewerRun) decide(ctx workflow.Context, cmd contract.DecideCommand) (contract.DecideResult, error) {
	handedIn := workflow.Now(ctx)
	if err := r.turn.Lock(ctx); err != nil {
		return contract.DecideResult{}, err
	}
	defer r.turn.Unlock()
	if n, taken := r.taken(cmd.Batch); taken {
		return contract.DecideResult{Taken: n, State: r.State}, nil
	}
	if !r.State.Open {
		return contract.DecideResult{Refused: "the review is closed: decisions no longer count", State: r.State}, nil
	}
	var res contract.TakeReviewBatchResult
	err := workflow.ExecuteActivity(takeBatch.with(ctx, time.Minute, casework.PriorityPeople, "Verify a batch of decisions and take it in"),
		takeBatch.name, contract.TakeReviewBatchInput{
			Campaign: r.State.Campaign, Reviewer: r.State.Reviewer.ID, Batch: cmd.Batch, HandedIn: handedIn, Due: r.State.Due,
			Answers: r.State.Answers, Deputies: r.State.Deputies, Links: r.State.Links,
		}).Get(ctx, &res)
	if err != nil {
		return contract.DecideResult{}, fmt.Errorf("the batch was not taken in: %s", messageOf(err))
	}
	if res.Refused != "" {
		return contract.DecideResult{Refused: res.Refused, State: r.State}, nil
	}
	r.take(ctx, cmd.Batch, res)
	return contract.DecideResult{Taken: res.Taken, State: r.State}, nil
}

// take remembers what a batch has changed.
func (r *reviewerRun) take(ctx workflow.Context, batch string, res contract.TakeReviewBatchResult) {
	r.Taken = append(r.Taken, contract.TakenBatch{ID: batch, N: res.Taken})
	if n := len(r.Taken); n > takenMost {
		r.Taken = slices.Delete(r.Taken, 0, n-takenMost)
	}
	r.AnsweredAt = workflow.Now(ctx)
	r.State.Answers, r.State.Certified, r.State.Revoked, r.State.Stamped = res.Answers, res.Certified, res.Revoked, res.Stamped
	r.reckon(ctx)
	r.woken = true
	r.publish(ctx)
}

// reckon says until when answers may be changed, and when the campaign is told.
func (r *reviewerRun) reckon(ctx workflow.Context) {
	answered := r.State.Certified + r.State.Revoked
	if answered >= r.State.Items {
		from := r.AnsweredAt
		if from.IsZero() { // a packet without items
			from = workflow.Now(ctx)
		}
		r.State.Until = from.Add(r.Linger)
	}
	if answered != r.Told && r.tellAt.IsZero() {
		r.tellAt = workflow.Now(ctx).Add(reviewerTell)
	}
}

// taken says whether a batch counted before, and how many decisions were in it.
func (r *reviewerRun) taken(batch string) (int, bool) {
	i := slices.IndexFunc(r.Taken, func(t contract.TakenBatch) bool { return t.ID == batch })
	if i < 0 {
		return 0, false
	}
	return r.Taken[i].N, true
}

// tell shows the campaign how far the reviewer is. A campaign that is gone, or a reviewer that was started by itself,
// loses nothing: the result says the same in the end.
func (r *reviewerRun) tell(ctx workflow.Context) {
	r.tellAt, r.Told = zeroTime, r.State.Certified+r.State.Revoked
	err := workflow.SignalExternalWorkflow(ctx, contract.ReviewWorkflowID(r.State.Campaign), "", contract.SignalReviewProgress, r.State.Counts()).Get(ctx, nil)
	if err != nil {
		workflow.GetLogger(ctx).Warn("the campaign could not be told of progress", "error", err)
	}
}

// long says that the history should end soon.
func (r *reviewerRun) long(ctx workflow.Context) bool {
	info := workflow.GetInfo(ctx)
	return info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > continueAfter
}

// publish shows the part to operators.
func (r *reviewerRun) publish(ctx workflow.Context) {
	s := r.State
	var b strings.Builder
	fmt.Fprintf(&b, "%d of %d items answered: %d stay, %d go. Due %s.", s.Certified+s.Revoked, s.Items, s.Certified, s.Revoked,
		s.Due.UTC().Format("2006-01-02 15:04 MST"))
	switch {
	case !s.Open:
		b.WriteString("\n\nClosed.")
	case !s.Until.IsZero():
		b.WriteString("\n\nEverything is answered; answers may be changed until " + s.Until.UTC().Format("15:04 MST") + ".")
	}
	if s.Stamped {
		b.WriteString("\n\n**The answers came in bulk or very fast: a person may want to look again.**")
	}
	for _, l := range s.Links {
		state := "open until " + l.Expires.UTC().Format("2006-01-02 15:04 MST")
		if l.Revoked {
			state = "revoked"
		}
		fmt.Fprintf(&b, "\n- link %s by %s: %s", l.ID, plain(l.By), state)
	}
	workflow.SetCurrentDetails(ctx, clip(b.String(), detailsLimit))
}
