package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// Sweep finds what no webhook brought: wanted tickets without a case, changed tickets, answered approvals. A schedule
// starts it; it reads from the last completed sweep on, so it catches up after an outage of any length.
func Sweep(ctx workflow.Context) (contract.SweepResult, error) {
	var res contract.SweepResult
	err := workflow.ExecuteActivity(sweepTickets.with(ctx, 6*time.Hour, casework.PriorityPeople, "Freshservice: look for what no webhook brought"),
		sweepTickets.name, contract.SweepInput{Now: workflow.Now(ctx)}).Get(ctx, &res)
	return res, err
}

// DailyDigest tells IT once a day what is parked, blocked, overdue and due tomorrow.
func DailyDigest(ctx workflow.Context) error {
	return workflow.ExecuteActivity(dailyDigest.with(ctx, 6*time.Hour, casework.PriorityPeople, "Freshservice: post the daily digest"),
		dailyDigest.name, contract.DigestInput{Now: workflow.Now(ctx)}).Get(ctx, nil)
}
