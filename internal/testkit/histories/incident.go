package main

import (
	"context"
	"strings"

	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
)

// incidentScenarios are alerts that become incidents at the desk.
func incidentScenarios() []scenario { return []scenario{incidentReturns(), incidentMuted()} }

func wrongPasswords(login string, times int) []playground.LogEvent {
	var list []playground.LogEvent
	for range times {
		list = append(list, playground.LogEvent{Type: "user.session.start", Login: login, Outcome: "FAILURE", Reason: "INVALID_CREDENTIALS", IP: "203.0.113.77"})
	}
	return list
}

// incidentReturns is one that is added to, closed by a person and opened again.
func incidentReturns() scenario {
	s := scenario{name: "incident_returns", saves: []string{"SecurityAlert.returns"}}
	s.play = func(ctx context.Context, p *player) error {
		if _, err := p.WaitLog(ctx); err != nil {
			return err
		}
		if err := p.See(wrongPasswords(acme.Ada, 10)...); err != nil {
			return err
		}
		ticket, err := p.WaitIncident(ctx, "Brute force")
		if err != nil {
			return err
		}
		if err := p.See(wrongPasswords(acme.Ada, 2)...); err != nil {
			return err
		}
		steps := []struct {
			what  string
			do    func() error
			holds func(contract.AlertState) bool
		}{
			{"twelve events", nil, func(a contract.AlertState) bool { return a.Told == 12 }},
			{"the end", func() error { return p.CloseTicket(ctx, ticket.ID) }, func(a contract.AlertState) bool { return a.End != "" && !a.Owed }},
			{"the return", func() error { return p.again(ctx) }, func(a contract.AlertState) bool { return a.Reopened == 1 && a.Told > 12 }},
		}
		for _, step := range steps {
			if step.do != nil {
				if err := step.do(); err != nil {
					return err
				}
			}
			if _, err := p.WaitAlert(ctx, ticket, step.what, step.holds); err != nil {
				return err
			}
		}
		return p.keep(ctx, workflowOf(ticket), s.saves[0])
	}
	return s
}

// again has the same happen once the log knows that the incident is over.
func (p *player) again(ctx context.Context) error {
	for {
		log, err := p.WaitLog(ctx)
		if err != nil {
			return err
		}
		if log.View.Open == 0 {
			return p.See(wrongPasswords(acme.Ada, 10)...)
		}
	}
}

// workflowOf is the workflow that a ticket names.
func workflowOf(t freshservice.Ticket) string {
	_, workflow, _ := strings.Cut(t.DescriptionText, "latchkey:incident/")
	return strings.TrimSpace(workflow)
}

// incidentMuted is one that a bigger one stands for and that is raised at once.
func incidentMuted() scenario {
	s := scenario{name: "incident_muted", saves: []string{"SecurityAlert.muted"}}
	s.play = func(ctx context.Context, p *player) error {
		if _, err := p.WaitLog(ctx); err != nil {
			return err
		}
		if err := p.See(wrongPasswords(acme.Ada, 10)...); err != nil {
			return err
		}
		ticket, err := p.WaitIncident(ctx, "Brute force")
		if err != nil {
			return err
		}
		signIn := playground.LogEvent{Type: "user.session.start", Login: acme.Ada, Outcome: "SUCCESS", IP: "203.0.113.77"}
		if err := p.See(signIn); err != nil {
			return err
		}
		if _, err := p.WaitIncident(ctx, "S1 Brute force, then a sign-in"); err != nil {
			return err
		}
		if _, err := p.WaitAlert(ctx, ticket, "the bigger one to be named", func(a contract.AlertState) bool { return a.SaidMuted != "" }); err != nil {
			return err
		}
		return p.keep(ctx, workflowOf(ticket), s.saves[0])
	}
	return s
}
