package main

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
)

// aroundScenarios are about what happens before a case and beside it.
func aroundScenarios() []scenario {
	return []scenario{missingThenCompleted(), leftAlone(), operations()}
}

func missingThenCompleted() scenario {
	s := scenario{name: "missing_then_completed", saves: []string{"Intake.missing_then_completed"}}
	s.play = func(ctx context.Context, p *player) error {
		ticket, err := p.Leaver(ctx, acme.Farah, acme.Ada, time.Time{}, nil)
		if err != nil {
			return err
		}
		if _, err := p.WaitState(ctx, ticket, casework.StateNeedsInformation); err != nil {
			return err
		}
		if err := p.Answer(ctx, ticket, map[string]any{"last_working_day": yesterday().Format("2006-01-02")}); err != nil {
			return err
		}
		if _, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval); err != nil {
			return err
		}
		return p.keep(ctx, contract.TicketWorkflowID(ticket), s.saves[0])
	}
	return s
}

// leftAlone is a ticket that no rule of Acme's wants.
func leftAlone() scenario {
	s := scenario{name: "left_alone", saves: []string{"Intake.left_alone"}}
	s.play = func(ctx context.Context, p *player) error {
		ticket, err := p.Ask(ctx, "Password reset", acme.Ben, "", map[string]any{"reason": "I forgot it"})
		if err != nil {
			return err
		}
		if _, err := p.WaitState(ctx, ticket, casework.StateDone); err != nil {
			return err
		}
		return p.keepCase(ctx, ticket, s.saves...)
	}
	return s
}

// operations are what schedules and operators start, beside a case that waits.
func operations() scenario {
	s := scenario{name: "operations", saves: []string{"Sweep.nothing_lost", "DailyDigest.posted", "Preview.access", "Preview.leaver"}}
	s.play = func(ctx context.Context, p *player) error {
		access, err := p.ask(ctx, tableau, acme.Ben)
		if err != nil {
			return err
		}
		leaver, err := p.Leaver(ctx, acme.Farah, acme.Lena, time.Now().AddDate(0, 0, 14), nil)
		if err != nil {
			return err
		}
		for _, ticket := range []int64{access, leaver} {
			if _, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval); err != nil {
				return err
			}
		}
		for _, one := range []struct {
			file, workflow, id string
			args               []any
		}{
			{s.saves[0], contract.WorkflowSweep, "sweep", nil},
			{s.saves[1], contract.WorkflowDigest, "daily-digest", nil},
			{s.saves[2], contract.WorkflowPreview, "preview/access", []any{contract.PreviewInput{Ticket: access}}},
			{s.saves[3], contract.WorkflowPreview, "preview/leaver", []any{contract.PreviewInput{Ticket: leaver}}},
		} {
			run, err := p.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{ID: one.id, TaskQueue: contract.QueueLatchkey}, one.workflow, one.args...)
			if err != nil {
				return err
			}
			if err := run.Get(ctx, nil); err != nil {
				return err
			}
			if err := p.keep(ctx, one.id, one.file); err != nil {
				return err
			}
		}
		return nil
	}
	return s
}
