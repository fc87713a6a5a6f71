package main

import (
	"context"
	"time"

	"latchkey/casework"
	"latchkey/examples/acme"
)

// peopleScenarios are joiners and movers.
func peopleScenarios() []scenario {
	return []scenario{
		joins("today", yesterday(), approvals(acme.Mara), casework.EndDone),
		joins("cancelled_before_first_day", time.Now().AddDate(0, 0, 14), approvedAndDeleted, casework.EndCancelled),
		joins("rejected", yesterday(), rejects(acme.Mara), casework.EndRejected),
		joins("future_expedited", time.Now().AddDate(0, 0, 14), approvedAndExpedited, casework.EndDone),
		moves("department", managerApproves(acme.Ben), casework.EndDone),
		moves("department_rejected", rejects(acme.Mara), casework.EndRejected),
	}
}

// joins is a scenario about one newcomer whose first day is given.
func joins(name string, day time.Time, act func(context.Context, *player, int64) error, end casework.End) scenario {
	files := []string{"Onboarding." + name}
	return scenario{name: "joiner_" + name, saves: files, play: func(ctx context.Context, p *player) error {
		ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", map[string]any{
			"first_name": "Noa", "last_name": "Lindqvist", "personal_email": "noa@home.example", "job_title": "Account Executive",
			"department": "Sales", "location": "Berlin", "employment_type": "Employee", "manager_email": acme.Mara,
			"start_date": day.Format(time.DateOnly),
		})
		if err != nil {
			return err
		}
		return p.follow(ctx, ticket, act, end, files...)
	}}
}

// moves is a scenario about Ben, who goes from Sales to Marketing.
func moves(name string, act func(context.Context, *player, int64) error, end casework.End) scenario {
	files := []string{"RoleChange." + name}
	return scenario{name: "mover_" + name, saves: files, play: func(ctx context.Context, p *player) error {
		ticket, err := p.Ask(ctx, "Role change", acme.Farah, "", map[string]any{
			"employee_email": acme.Ben, "new_department": "Marketing", "new_title": "Marketing Analyst",
			"effective_date": yesterday().Format(time.DateOnly),
		})
		if err != nil {
			return err
		}
		return p.follow(ctx, ticket, act, end, files...)
	}}
}

// approvedAndDeleted lets the manager approve and HR withdraw the ticket before the first day.
func approvedAndDeleted(ctx context.Context, p *player, ticket int64) error {
	if err := approvals(acme.Mara)(ctx, p, ticket); err != nil {
		return err
	}
	if _, err := p.WaitState(ctx, ticket, casework.StateWaitingDate); err != nil {
		return err
	}
	return p.Delete(ctx, ticket)
}

// approvedAndExpedited lets the manager approve and an operator bring the first day forward.
func approvedAndExpedited(ctx context.Context, p *player, ticket int64) error {
	if err := approvals(acme.Mara)(ctx, p, ticket); err != nil {
		return err
	}
	return expedites(ctx, p, ticket)
}
