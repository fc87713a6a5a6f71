package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/contract"
)

// Preview shows the plan of a ticket, and who would be asked, without acting: `starter plan`. It writes nothing
// anywhere, and whoever runs it needs no credential of either vendor.
func Preview(ctx workflow.Context, in contract.PreviewInput) (contract.PreviewResult, error) {
	c := &caseRun{ticket: in.Ticket, Case: contract.Case{Times: defaultTimes()}}
	c.Times.UnavailableIn = 2 * time.Minute // somebody is waiting at a terminal
	var out contract.PreviewResult
	read, err := once[contract.ReadRequestResult](ctx, c, readRequest, "Freshservice: read and classify the ticket",
		contract.ReadRequestInput{Ticket: in.Ticket, Answers: true, Named: &contract.Operator{By: "preview", Reason: "preview"}})
	if err != nil {
		return out, err
	}
	out.Request, out.Missing = read.Request, read.Missing
	if read.Request.UseCase == "" || len(read.Missing) > 0 {
		return out, nil
	}
	if out.Plan, err = once[contract.PlanResult](ctx, c, planCase, "Okta: read the present state and plan", contract.PlanInput{Request: read.Request}); err != nil {
		return out, err
	}
	out.Missing = out.Plan.Missing // what only the planner can miss: a manager, a login, who somebody is
	for i := range out.Plan.Units {
		u := &out.Plan.Units[i]
		if u.End != "" {
			continue
		}
		route, err := once[contract.RouteApprovalResult](ctx, c, routeApproval, "Policy: who approves "+u.Title,
			contract.RouteApprovalInput{Request: read.Request, Unit: *u})
		if err != nil {
			u.Why = messageOf(err)
			continue
		}
		u.Chain, u.Bans = route.Chain, route.Bans
	}
	return out, nil
}
