package workflows

import (
	"fmt"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/review"
)

// revokeAtOnce is how many people's revocations run side by side; the rate budget paces their calls.
const revokeAtOnce = 10

// mostSources bounds the things that the campaign's ticket gets a task for; the evidence pack has all.
const mostSources = 100

// revoke takes away what was revoked, reviewer by reviewer, a stretch of items at a time, and keeps what became of each.
func (c *campaign) revoke(ctx workflow.Context) error {
	for c.state.Taking.Reviewer < len(c.state.Reviewers) {
		if err := c.revokeStretch(ctx); err != nil {
			return err
		}
		if err := c.breathe(ctx); err != nil {
			return err
		}
	}
	return c.to(ctx, contract.ReviewReporting)
}

// revokeStretch works off one stretch of one reviewer's revoked items, and then, where policy revokes for silence, of
// what nobody answered.
func (c *campaign) revokeStretch(ctx workflow.Context) error {
	at := &c.state.Taking
	r := c.state.Reviewers[at.Reviewer]
	list, err := call[contract.ReviewRevocationsResult](ctx, c.caseRun, reviewRevocations, fmt.Sprintf("List what reviewer %d of %d revoked", at.Reviewer+1, len(c.state.Reviewers)), contract.ReviewRevocationsInput{
		Campaign: c.in.Campaign, Reviewer: r.Reviewer.ID, Answers: r.Answers, Unanswered: at.Unanswered, From: at.From,
	}, false)
	if err != nil {
		return err
	}
	outcomes, err := c.takeAway(ctx, r.Reviewer, list.Items)
	if err != nil {
		return err
	}
	if err := c.do(ctx, reviewKeepOutcomes, "Keep what became of the revocations", contract.ReviewOutcomesInput{
		Part: at.Part, Final: review.Final{Campaign: c.in.Campaign, Reviewer: r.Reviewer.ID, Answers: r.Answers, Outcomes: outcomes},
	}); err != nil {
		return err
	}
	at.Part++
	switch {
	case list.Next != 0:
		at.From = list.Next
	case !at.Unanswered && c.state.Plan.Settings.NoResponse == review.NoResponseRevoke:
		at.From, at.Unanswered = 0, true
	default:
		*at = contract.ReviewCursor{Reviewer: at.Reviewer + 1}
	}
	return nil
}

// takeAway runs the revocations of a stretch, a person each in a workflow of their own, some side by side.
func (c *campaign) takeAway(ctx workflow.Context, reviewer review.Reviewer, items []review.Item) ([]review.Outcome, error) {
	people := peopleOf(reviewer, items)
	ends := make([][]contract.RevocationItem, len(people))
	slots := workflow.NewSemaphore(ctx, revokeAtOnce)
	wait := workflow.NewWaitGroup(ctx)
	for i, in := range people {
		in.Campaign, in.Ticket, in.Times, in.Owner = c.in.Campaign, c.state.Ticket, c.Times, c.state.Plan.Owner
		if err := slots.Acquire(ctx, 1); err != nil {
			return nil, err
		}
		wait.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer wait.Done()
			defer slots.Release(1)
			ends[i] = c.takeFrom(ctx, in)
		})
	}
	wait.Wait(ctx)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var outcomes []review.Outcome
	for _, list := range ends {
		for _, end := range list {
			outcomes = append(outcomes, c.outcomeOf(end))
		}
	}
	return outcomes, nil
}

// peopleOf groups a stretch by person, in the order of the items.
func peopleOf(reviewer review.Reviewer, items []review.Item) []contract.RevocationInput {
	var people []contract.RevocationInput
	for _, item := range items {
		i := slices.IndexFunc(people, func(in contract.RevocationInput) bool { return in.Person.OktaUserID == item.Person.OktaUserID })
		if i < 0 {
			i = len(people)
			people = append(people, contract.RevocationInput{Person: identity.Person{OktaUserID: item.Person.OktaUserID, FirstName: item.Person.Name}})
		}
		people[i].Revoked = append(people[i].Revoked, casework.Revoked{Item: item.ID, Object: item.Object, By: reviewer.Name})
	}
	return people
}

// takeFrom runs one person's revocations to their end. A workflow that fails, because somebody terminated it, leaves
// everything to the campaign's owner by name.
func (c *campaign) takeFrom(ctx workflow.Context, in contract.RevocationInput) []contract.RevocationItem {
	var result contract.RevocationResult
	err := workflow.ExecuteChildWorkflow(workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: contract.RevocationWorkflowID(c.in.Campaign, in.Person.OktaUserID), TaskQueue: contract.QueueLatchkey,
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		ParentClosePolicy:     enumspb.PARENT_CLOSE_POLICY_REQUEST_CANCEL,
		StaticSummary:         "One person's revocations in access review " + c.in.Campaign,
		Priority:              temporal.Priority{PriorityKey: casework.PriorityReviews},
		TypedSearchAttributes: temporal.NewSearchAttributes(attrCampaign.ValueSet(c.in.Campaign), attrOktaUser.ValueSet(in.Person.OktaUserID)),
	}), contract.WorkflowRevocation, in).Get(ctx, &result)
	if err == nil {
		return result.Items
	}
	items := make([]contract.RevocationItem, 0, len(in.Revoked))
	for _, r := range in.Revoked {
		items = append(items, contract.RevocationItem{
			Item: r.Item, Object: r.Object, End: contract.RevocationLeft, Why: "its workflow ended without saying how: " + messageOf(err),
			Owner: in.Owner, At: workflow.Now(ctx),
		})
	}
	return items
}

// outcomeOf keeps count, remembers what has to be taken away at its source, and says the end in the evidence's words.
func (c *campaign) outcomeOf(end contract.RevocationItem) review.Outcome {
	out := review.Outcome{Item: end.Item, Owner: end.Owner, Why: end.Why, Unanswered: c.state.Taking.Unanswered, State: review.OutcomeLeft}
	if end.End == contract.RevocationGone {
		out.State, out.ProvedAt = review.OutcomeGone, end.At.UTC()
		c.state.Taken.Gone++
		return out
	}
	c.state.Taken.Left++
	if end.Source {
		c.source(end)
	}
	return out
}

// source counts people by what has to be taken away at its source, and where.
func (c *campaign) source(end contract.RevocationItem) {
	label := end.Object.Label()
	for i := range c.state.Sources {
		if s := &c.state.Sources[i]; s.Object == label && s.Owner == end.Owner && s.Why == end.Why {
			s.People++
			return
		}
	}
	if len(c.state.Sources) < mostSources {
		c.state.Sources = append(c.state.Sources, contract.ReviewSource{Object: label, Owner: end.Owner, Why: end.Why, People: 1})
	}
}
