package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// AccessReview runs one certification campaign: it reads Okta and the employees, finds what each reviewer is asked, opens
// the reviews and waits for them, takes away what was revoked, and stores the evidence. Items and decisions lie in the
// blob store; the workflow holds counts and references. Runbook: docs/runbooks/access-review.md.
func AccessReview(ctx workflow.Context, in contract.ReviewInput) (contract.ReviewState, error) {
	c := openCampaign(ctx, in)
	for c.state.Phase != contract.ReviewEnded {
		err := c.step(ctx)
		if over, ended := endingOf(err); ended {
			err = c.cutShort(ctx, over.why)
		}
		if temporal.IsCanceledError(err) && ctx.Err() != nil {
			free, cancel := workflow.NewDisconnectedContext(ctx)
			defer cancel()
			ctx = free
			err = c.cutShort(ctx, "an operator cancelled the workflow")
		}
		if err != nil {
			return c.state, err
		}
	}
	if err := c.enter(ctx, casework.StateDone); err != nil {
		return c.state, err
	}
	return c.state, workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// step carries the campaign through the phase it is in, and into the next one.
func (c *campaign) step(ctx workflow.Context) error {
	switch c.state.Phase {
	case contract.ReviewPlanning:
		return c.begin(ctx)
	case contract.ReviewSnapshotting:
		return c.read(ctx)
	case contract.ReviewAssigning:
		return c.assign(ctx)
	case contract.ReviewOpen:
		return c.decide(ctx)
	case contract.ReviewRevoking:
		return c.revoke(ctx)
	case contract.ReviewReporting:
		return c.report(ctx)
	case contract.ReviewEnded:
	}
	return nil
}

// campaign is one run of a campaign. It uses the machinery of a case: vendors that stay away, parking, operators.
type campaign struct {
	*caseRun
	in       contract.ReviewInput
	state    contract.ReviewState
	progress workflow.ReceiveChannel
}

func openCampaign(ctx workflow.Context, in contract.ReviewInput) *campaign {
	c := &campaign{in: in, progress: workflow.GetSignalChannelWithOptions(ctx, contract.SignalReviewProgress,
		workflow.SignalChannelOptions{Description: "From a reviewer's workflow: how far it is."})}
	if in.State != nil {
		c.state = *in.State
	} else {
		c.state = contract.ReviewState{Campaign: in.Campaign, Phase: contract.ReviewPlanning, StartedAt: workflow.Now(ctx).UTC()}
	}
	c.caseRun = openCase(ctx, contract.CaseInput{Ticket: c.state.Ticket, Case: c.state.Case})
	if c.state.Case == nil {
		c.Request = casework.Request{UseCase: casework.AccessReview, Mode: casework.ModeAct}
		c.State = casework.StatePlanning
	}
	c.beside = &besides{
		id:      contract.ReviewWorkflowID(in.Campaign),
		marks:   "review-" + in.Campaign,
		pending: func() bool { return c.progress.Len() > 0 },
		listen:  c.listen,
		carry: func() any {
			next := c.in
			next.State = c.carried()
			return next
		},
		line:  c.line,
		table: c.table,
		facts: func() *contract.GrantFacts { return nil },
		hurry: func() string {
			c.state.Hurried = true
			return "The reviews are closed now: what nobody answered is left as policy's no_response says, without a second round."
		},
	}
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QueryReview, func() (contract.ReviewState, error) { return c.shown(), nil },
		workflow.QueryHandlerOptions{Description: "Where the campaign stands, reviewer by reviewer."}))
	return c
}

// carried is the state for the next run, the case's in it.
func (c *campaign) carried() *contract.ReviewState {
	state, inner := c.state, c.Case
	state.Case = &inner
	return &state
}

// shown is the state as others may see it.
func (c *campaign) shown() contract.ReviewState {
	state := c.state
	state.Case, state.Counts = nil, c.counts()
	return state
}

// counts adds up what the reviewers told.
func (c *campaign) counts() contract.ReviewCounts {
	if c.state.Counts.Items > 0 { // from the evidence
		return c.state.Counts
	}
	n := contract.ReviewCounts{Items: c.state.Assigned.Items, Gone: c.state.Taken.Gone, Left: c.state.Taken.Left}
	for _, r := range c.state.Reviewers {
		n.Certified += r.Certified
		n.Revoked += r.Revoked
	}
	n.Open = max(n.Items-n.Certified-n.Revoked, 0)
	return n
}

// listen takes in what reviewers' workflows told.
func (c *campaign) listen(workflow.Context) {
	var told contract.ReviewerCounts
	for c.progress.ReceiveAsync(&told) {
		for i := range c.state.Reviewers {
			if c.state.Reviewers[i].Reviewer.ID == told.Reviewer.ID {
				c.state.Reviewers[i] = told
			}
		}
		told = contract.ReviewerCounts{}
	}
}

// begin asks policy, and opens the campaign's own ticket. A use case that is off ends at once; one that observes reads,
// finds the reviewers and writes its report, and asks nobody.
func (c *campaign) begin(ctx workflow.Context) error {
	plan, err := call[contract.ReviewPlanResult](ctx, c.caseRun, reviewPlan, "Policy: what this campaign is", contract.ReviewPlanInput{
		Campaign: c.in.Campaign, At: c.state.StartedAt, Scope: c.in.Scope,
	}, false)
	if err != nil {
		return err
	}
	c.state.Plan, c.state.Title, c.state.Mode, c.state.Due = plan, plan.Settings.Title, plan.Mode, plan.Due
	c.state.Watchers, c.Times, c.Owner = plan.Watchers, plan.Times, plan.Owner
	if plan.Mode == casework.ModeOff {
		c.state.Why = "policy switches access reviews off"
		return c.to(ctx, contract.ReviewEnded)
	}
	c.Request.Mode = plan.Mode
	if plan.Mode == casework.ModeAct {
		opened, err := call[contract.ReviewTicketResult](ctx, c.caseRun, reviewCampaignTicket, "Freshservice: open the campaign's ticket", contract.ReviewCampaignTicketInput{
			Campaign: c.in.Campaign, Title: c.state.Title, Begun: c.state.StartedAt,
		}, false)
		if err != nil {
			return err
		}
		c.state.Ticket, c.ticket = opened.Ticket, opened.Ticket
		c.Request.Ticket.Number = opened.Ticket
	}
	return c.to(ctx, contract.ReviewSnapshotting)
}

// read reads everybody's access, and then the employees. Each reading goes on where the last attempt came to.
func (c *campaign) read(ctx workflow.Context) error {
	for !c.state.Snapshot.Done {
		ref, err := call[contract.SnapshotRef](ctx, c.caseRun, reviewSnapshot, "Okta: read everybody's access", contract.ReviewSnapshotInput{Campaign: c.in.Campaign}, false)
		if err != nil {
			return err
		}
		c.state.Snapshot = ref
		if err := c.breathe(ctx); err != nil {
			return err
		}
	}
	for !c.state.Employees.Done {
		ref, err := call[contract.EmployeesRef](ctx, c.caseRun, reviewEmployees, "Read the employees", contract.ReviewEmployeesInput{Campaign: c.in.Campaign}, false)
		if err != nil {
			return err
		}
		c.state.Employees = ref
		if err := c.breathe(ctx); err != nil {
			return err
		}
	}
	return c.to(ctx, contract.ReviewAssigning)
}

// breathe shows how far a reading is, and carries a long history on.
func (c *campaign) breathe(ctx workflow.Context) error {
	if err := c.publish(ctx); err != nil {
		return err
	}
	return c.rest(ctx)
}

// assign finds what each reviewer is asked.
func (c *campaign) assign(ctx workflow.Context) error {
	assigned, err := call[contract.ReviewAssignResult](ctx, c.caseRun, reviewAssign, "Join, mark, and find the reviewers", contract.ReviewAssignInput{
		Campaign: c.in.Campaign, Title: c.state.Title, Due: c.state.Due, Scope: c.in.Scope, Previous: c.state.Plan.Previous,
		Snapshot: c.state.Snapshot, Employees: c.state.Employees,
	}, false)
	if err != nil {
		return err
	}
	c.state.Assigned = assigned
	if c.state.Mode != casework.ModeAct {
		return c.to(ctx, contract.ReviewReporting)
	}
	return c.to(ctx, contract.ReviewOpen)
}

// cutShort ends a campaign before its time: what was decided is reported, and nothing more is taken away.
func (c *campaign) cutShort(ctx workflow.Context, why string) error {
	c.aborted = nil // it has been obeyed; reporting goes on
	if c.state.Why == "" {
		c.state.Why = why
	}
	switch c.state.Phase {
	case contract.ReviewOpen, contract.ReviewRevoking:
		c.closeAll(ctx)
		return c.to(ctx, contract.ReviewReporting)
	case contract.ReviewPlanning, contract.ReviewSnapshotting, contract.ReviewAssigning, contract.ReviewReporting, contract.ReviewEnded:
	}
	if c.state.Ticket != 0 {
		c.quietly(ctx, reviewReport, "Freshservice: say that the campaign ended early", contract.ReviewReportInput{
			Ticket: c.state.Ticket, Campaign: c.in.Campaign, Title: c.state.Title, Why: c.state.Why,
		})
	}
	return c.to(ctx, contract.ReviewEnded)
}

// to moves the campaign into a phase.
func (c *campaign) to(ctx workflow.Context, phase contract.ReviewPhase) error {
	c.state.Phase = phase
	state := casework.StateApplying
	switch phase {
	case contract.ReviewPlanning, contract.ReviewSnapshotting, contract.ReviewAssigning:
		state = casework.StatePlanning
	case contract.ReviewOpen:
		state = casework.StateAwaitingApproval
	case contract.ReviewReporting:
		state = casework.StateReporting
	case contract.ReviewEnded:
		state = casework.StateDone
	case contract.ReviewRevoking:
	}
	return c.enter(ctx, state)
}

// line is the one-liner for the UI's list.
func (c *campaign) line() string {
	return fmt.Sprintf("Access review %s: %s", c.in.Campaign, phaseWords(c.state.Phase))
}

func phaseWords(p contract.ReviewPhase) string {
	switch p {
	case contract.ReviewPlanning:
		return "beginning"
	case contract.ReviewSnapshotting:
		return "reading who has what"
	case contract.ReviewAssigning:
		return "finding the reviewers"
	case contract.ReviewOpen:
		return "waiting for the reviewers"
	case contract.ReviewRevoking:
		return "taking away what was revoked"
	case contract.ReviewReporting:
		return "writing the evidence"
	case contract.ReviewEnded:
		return "ended"
	}
	return string(p)
}

// tableRows bounds the reviewers that the details show: those who are not done first.
const tableRows = 60

// table shows how far the campaign is. It holds no name: the ID of a reviewer is Okta's.
func (c *campaign) table(b *strings.Builder) {
	s := c.state
	n := c.counts()
	fmt.Fprintf(b, "Snapshot: %d accounts, %d groups, %d applications, %d grants, %d calls", s.Snapshot.Users, s.Snapshot.Groups, s.Snapshot.Apps, s.Snapshot.Grants, s.Snapshot.Calls)
	if !s.Snapshot.Done && s.Snapshot.Left > 0 {
		fmt.Fprintf(b, ", about %d calls left", s.Snapshot.Left)
	}
	if len(s.Snapshot.Partial) > 0 {
		fmt.Fprintf(b, "; **not complete:** %s", plain(strings.Join(s.Snapshot.Partial, "; ")))
	}
	fmt.Fprintf(b, ".\n\nItems: %d, certified %d, revoked %d, open %d; taken away %d, left %d.\n\n", n.Items, n.Certified, n.Revoked, n.Open, n.Gone, n.Left)
	if s.Evidence != "" {
		fmt.Fprintf(b, "Evidence: `%s`\n\n", s.Evidence)
	}
	c.reviewersTable(b)
}

func (c *campaign) reviewersTable(b *strings.Builder) {
	rows := 0
	for _, ended := range []bool{false, true} {
		for _, r := range c.state.Reviewers {
			if r.Ended != ended || rows == tableRows {
				continue
			}
			if rows == 0 {
				b.WriteString("| reviewer | ticket | items | certified | revoked | |\n|---|---|---|---|---|---|\n")
			}
			rows++
			note := ""
			if r.Stamped {
				note = "answered by few clicks"
			}
			if r.Ended {
				note = strings.TrimPrefix(note+", done", ", ")
			}
			fmt.Fprintf(b, "| %s | %s | %d | %d | %d | %s |\n", plain(r.Reviewer.ID), contract.TicketLabel(r.Ticket), r.Items, r.Certified, r.Revoked, note)
		}
	}
	if more := len(c.state.Reviewers) - rows; more > 0 {
		fmt.Fprintf(b, "\n…and %d more: `starter review status %s`\n", more, c.in.Campaign)
	}
	b.WriteString("\n")
}

// closingTime is how long after the last due moment reviewers' workflows may take to end by themselves.
const closingTime = time.Hour
