package main

import (
	"context"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/internal/playground"
	"latchkey/simulators/freshservice/freshsim"
	"latchkey/simulators/okta/oktasim"
)

const (
	thiago    = "thiago.carvalho@acme.example" // owns the customer data
	conor     = "conor.gallagher@acme.example" // owns Zendesk
	tableau   = "Tableau access"               // two levels: manager, owner
	incident  = "Production incident access"
	carmen    = "carmen.ruiz-ortega@acme.example" // may break glass
	deskStage = 7                                 // Acme's custom status "Approved"
)

func accessScenarios() []scenario {
	list := []scenario{
		onItem("rejected", tableau, acme.Clara, rejects(acme.Mara), casework.EndRejected),
		onItem("expired_reminded_escalated", tableau, acme.Dmitri, nil, casework.EndExpired),
		onItem("already", tableau, acme.Jonas, nil, casework.EndAlready),
		onItem("stage", "DocuSign access", acme.Felix, movesToStage, casework.EndDone),
		onItem("parked_retried", tableau, acme.Ben, parkedAndRetried, casework.EndDone),
		onItem("reassigned", tableau, acme.Ben, reassigned, casework.EndDone),
		onItem("aborted", tableau, acme.Ben, aborted, casework.EndAborted),
		approvedTwoLevels(), severalItems(), deskMode(), leaverWins(), timeBound(),
		onItem("break_glass_confirmed", incident, carmen, approvals(xochitl), casework.EndDone),
		onItem("break_glass_rejected", incident, carmen, rejects(xochitl), casework.EndRejected),
		onItem("continued", "Figma access", acme.Ben, nudgedForLong, casework.EndDone),
	}
	observed := onItem("observed", tableau, acme.Ben, nil, casework.EndObserved)
	observed.name = "access_observed"
	observed.edits = observing("access_request")
	return append(list, observed, standIn())
}

// standIn has the manager away and times that count in a calendar, one whose office never closes.
func standIn() scenario {
	s := onItem("calendar_stand_in", tableau, acme.Ben, approvals(acme.Clara, acme.Omar), casework.EndDone)
	s.edits = map[string][]playground.Edit{"approvals.yaml": {
		{Old: "calendars:\n", New: "calendars:\n  never-closes: {zone: Europe/Berlin, hours: {every_day: 00:00-24:00}}\n"},
		{Old: "item.risk == \"medium\"\n    calendar: none", New: "item.risk == \"medium\"\n    calendar: never-closes"},
		{Old: "absences:\n", New: "absences:\n  - {who: " + acme.Mara + ", from: 2026-01-01, until: 2099-12-31, instead: " + acme.Clara + ", why: on leave}\n"},
	}}
	return s
}

// observing is the edit that lets a use case only say what it would do.
func observing(useCase string) map[string][]playground.Edit {
	return map[string][]playground.Edit{"intake.yaml": {{Old: useCase + ": {mode: act}", New: useCase + ": {mode: observe}"}}}
}

func approvedTwoLevels() scenario {
	s := scenario{name: "approved_two_levels", saves: []string{"AccessRequest.approved_two_levels", "Intake.classified", "Person.one_turn"}}
	s.play = func(ctx context.Context, p *player) error {
		ticket, err := p.ask(ctx, tableau, acme.Ben)
		if err != nil {
			return err
		}
		if err := p.follow(ctx, ticket, approvals(acme.Mara, acme.Omar), casework.EndDone, s.saves[:2]...); err != nil {
			return err
		}
		return p.keepPerson(ctx, acme.Ben, "Person.one_turn")
	}
	return s
}

// keepPerson saves the workflow that gives turns to the cases about one person.
func (p *player) keepPerson(ctx context.Context, login, name string) error {
	user, _ := p.Okta.User(login) // unknown: there is no such workflow either
	return p.keep(ctx, contract.PersonWorkflowID(user.ID), name)
}

func rejects(who string) func(context.Context, *player, int64) error {
	return func(ctx context.Context, p *player, ticket int64) error {
		return p.Reject(ctx, ticket, who, "not this quarter")
	}
}

func movesToStage(ctx context.Context, p *player, ticket int64) error {
	if _, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval); err != nil {
		return err
	}
	return p.SetStatus(ctx, ticket, deskStage)
}

// parkedAndRetried has Okta refuse the grant until an operator has looked.
func parkedAndRetried(ctx context.Context, p *player, ticket int64) error {
	fault, err := p.Okta.SetFault(oktasim.Fault{Kind: oktasim.FaultRefuse, Method: "write", Objects: []string{"Tableau"}})
	if err != nil {
		return err
	}
	if err := approvals(acme.Mara, acme.Omar)(ctx, p, ticket); err != nil {
		return err
	}
	if _, err := p.WaitState(ctx, ticket, casework.StateNeedsAttention); err != nil {
		return err
	}
	p.Okta.ClearFault(fault)
	_, err = p.Command(ctx, ticket, contract.UpdateRetry, contract.OperatorCommand{Operator: operator("the right was given back")})
	return err
}

func operator(reason string) contract.Operator {
	return contract.Operator{By: "operator", Reason: reason}
}

// reassigned asks the manager's manager beside the manager.
func reassigned(ctx context.Context, p *player, ticket int64) error {
	if _, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval); err != nil {
		return err
	}
	if _, err := p.Command(ctx, ticket, contract.UpdateReassign, contract.ReassignCommand{Operator: operator("Mara is away"), To: acme.Rosa}); err != nil {
		return err
	}
	return approvals(acme.Rosa, acme.Omar)(ctx, p, ticket)
}

func aborted(ctx context.Context, p *player, ticket int64) error {
	if _, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval); err != nil {
		return err
	}
	_, err := p.Command(ctx, ticket, contract.UpdateAbort, contract.OperatorCommand{Operator: operator("asked twice")})
	return err
}

func severalItems() scenario {
	s := scenario{name: "several_items", saves: []string{"AccessRequest.several_items"}}
	s.play = func(ctx context.Context, p *player) error {
		ticket, err := p.AskSeveral(ctx, acme.Hannah, "Miro access", "PagerDuty access")
		if err != nil {
			return err
		}
		manager, err := p.manager(acme.Hannah)
		if err != nil {
			return err
		}
		return p.follow(ctx, ticket, func(ctx context.Context, p *player, ticket int64) error {
			if err := p.Approve(ctx, ticket, manager, "this one"); err != nil {
				return err
			}
			return p.Reject(ctx, ticket, manager, "not this one")
		}, casework.EndDone, s.saves...)
	}
	return s
}

// timeBound is a grant that ends by itself.
func timeBound() scenario {
	s := scenario{name: "time_bound", saves: []string{"AccessRequest.time_bound", "Grant.ends"}}
	s.play = func(ctx context.Context, p *player) error {
		ticket, err := p.ask(ctx, "Customer data access", acme.Ben)
		if err != nil {
			return err
		}
		if err := p.follow(ctx, ticket, approvals(acme.Mara, thiago, acme.Rosa), casework.EndDone, s.saves[0]); err != nil {
			return err
		}
		if err := p.WaitNote(ctx, ticket, ".ended."); err != nil {
			return err
		}
		user, _ := p.Okta.User(acme.Ben) // unknown: there is no such workflow either
		group, _ := p.Okta.GroupID("Customer Data Readers")
		id := contract.GrantWorkflowID(user.ID, identity.Entitlement{Kind: identity.KindGroup, ID: group})
		if err := p.Temporal.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
			return err
		}
		return p.keep(ctx, id, s.saves[1])
	}
	return s
}

// deskMode has the desk ask for approval itself.
func deskMode() scenario {
	s := scenario{name: "desk_mode", saves: []string{"AccessRequest.desk_mode"}}
	s.play = func(ctx context.Context, p *player) error {
		err := p.Desk.AddRule(freshsim.Rule{
			Name: "Zendesk needs its owner", Events: []freshsim.EventKind{freshsim.EventTicketCreated},
			Conditions: []freshsim.Condition{{Field: "item", Op: "is", Value: "Zendesk access"}},
			Actions:    []freshsim.Action{{Kind: freshsim.ActionApproval, Approval: &freshsim.ApprovalAction{Rule: 1, Approvers: []string{conor}}}},
		})
		if err != nil {
			return err
		}
		ticket, err := p.ask(ctx, "Zendesk access", acme.Priya)
		if err != nil {
			return err
		}
		return p.follow(ctx, ticket, approvals(conor), casework.EndDone, s.saves...)
	}
	return s
}

// leaverWins has an emergency begin while an access request for the same person waits for its approval.
func leaverWins() scenario {
	s := scenario{name: "leaver_wins", saves: []string{"AccessRequest.leaver_wins", "Person.leaver_wins"}}
	s.play = func(ctx context.Context, p *player) error {
		access, err := p.ask(ctx, "Miro access", acme.Emil)
		if err != nil {
			return err
		}
		if _, err := p.WaitState(ctx, access, casework.StateAwaitingApproval); err != nil {
			return err
		}
		leaver, err := p.emergency(ctx)
		if err != nil {
			return err
		}
		if _, err := p.WaitState(ctx, leaver, casework.StateAwaitingApproval); err != nil {
			return err
		}
		if err := p.follow(ctx, access, managerApproves(acme.Emil), casework.EndLeaver, s.saves[0]); err != nil {
			return err
		}
		return p.keepPerson(ctx, acme.Emil, s.saves[1])
	}
	return s
}
