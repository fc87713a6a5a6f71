package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
)

// bulkScenarios are batches.
func bulkScenarios() []scenario { return []scenario{bulkOnboards()} }

// bulkOnboards is a batch of two joiners, paused and resumed on the way.
func bulkOnboards() scenario {
	s := scenario{name: "bulk", saves: []string{"Bulk.paused", "BulkRow.joins"}}
	s.play = func(ctx context.Context, p *player) error {
		day := time.Now().AddDate(0, 0, -1).Format(time.DateOnly)
		row := func(name string) string {
			return fmt.Sprintf("%s,Batchman,%s@home.example,Account Executive,Sales,Berlin,%s,Employee,%s\n", name, name, acme.Mara, day)
		}
		file := "first_name,last_name,personal_email,title,department,location,manager_email,employment_type,date\n" + row("Noa") + row("Ola")
		batch, problems, err := p.StartBulk(ctx, casework.Onboarding, file, 0)
		if err == nil && len(problems) > 0 {
			err = errors.New(problems[0].String())
		}
		if err != nil {
			return err
		}
		if _, err := p.WaitBulk(ctx, batch, "waits for approval", func(s contract.BulkState) bool { return s.Phase == contract.BulkApproving }); err != nil {
			return err
		}
		if _, err := p.SteerBulk(ctx, batch, contract.UpdatePause, "one more look"); err != nil {
			return err
		}
		if err := p.ApproveBulk(ctx, batch); err != nil {
			return err
		}
		if _, err := p.WaitBulk(ctx, batch, "approved", func(s contract.BulkState) bool { return s.Phase == contract.BulkRunning }); err != nil {
			return err
		}
		if _, err := p.SteerBulk(ctx, batch, contract.UpdateResume, "it is right"); err != nil {
			return err
		}
		if _, err := p.WaitBulk(ctx, batch, "ended", func(s contract.BulkState) bool { return s.Phase == contract.BulkEnded }); err != nil {
			return err
		}
		if err := p.keep(ctx, contract.BulkWorkflowID(batch), s.saves[0]); err != nil {
			return err
		}
		return p.keep(ctx, contract.BulkRowWorkflowID(batch, 1), s.saves[1])
	}
	return s
}
