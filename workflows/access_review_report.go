package workflows

import (
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// report stores the evidence pack, says on the campaign's ticket how it ended, and removes working files that are older
// than policy keeps them. A campaign that observed has no ticket: its pack is the report.
func (c *campaign) report(ctx workflow.Context) error {
	pack, err := call[contract.ReviewEvidenceResult](ctx, c.caseRun, reviewEvidence, "Store the evidence pack", contract.ReviewEvidenceInput{
		Campaign: c.in.Campaign, Snapshot: c.state.Snapshot, Employees: c.state.Employees,
	}, false)
	if err != nil {
		return err
	}
	c.state.Evidence, c.state.Counts, c.state.Pack = pack.Digest, pack.Counts, pack.Manifest
	if c.state.Mode == casework.ModeAct {
		if err := c.do(ctx, reviewReport, "Freshservice: report on the campaign's ticket", contract.ReviewReportInput{
			Ticket: c.state.Ticket, Campaign: c.in.Campaign, Title: c.state.Title, Evidence: pack,
			Partial: c.state.Snapshot.Partial, Why: c.state.Why, Sources: c.state.Sources,
		}); err != nil {
			return err
		}
	}
	c.quietly(ctx, reviewTidy, "Remove working files of campaigns long ended", contract.ReviewTidyInput{Campaign: c.in.Campaign, At: workflow.Now(ctx)})
	return c.to(ctx, contract.ReviewEnded)
}
