package main

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/examples/acme"
)

// joinerScenarios are joiners about whom more than one ticket, or one that has been there before, has a say.
func joinerScenarios() []scenario {
	return []scenario{
		{name: "joiner_rehired", saves: []string{"Onboarding.rehired"}, play: rehired},
		{name: "joiner_answered", saves: []string{"Onboarding.answered"}, play: answered},
		{name: "joiner_left_to_heir", saves: []string{"Onboarding.left_to_heir", "Onboarding.heir_called_off"}, play: leftToHeir},
	}
}

// newcomer is a form as HR fills it in.
func newcomer(first, last, number, personal string, day time.Time) map[string]any {
	return map[string]any{
		"first_name": first, "last_name": last, "employee_number": number, "personal_email": personal, "job_title": "Account Executive",
		"department": "Sales", "location": "Berlin", "employment_type": "Employee", "manager_email": acme.Mara, "start_date": day.Format(time.DateOnly),
	}
}

// rehired is Ada, who left and comes back with another personal address: Okta mails once it is set.
func rehired(ctx context.Context, p *player) error {
	leaver, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	if err != nil {
		return err
	}
	if err := managerApproves(acme.Ada)(ctx, p, leaver); err != nil {
		return err
	}
	if _, err := p.WaitEnd(ctx, leaver); err != nil {
		return err
	}
	ada, ok := p.Okta.User(acme.Ada)
	number, _ := ada.Profile["employeeNumber"].(string)
	if !ok || number == "" {
		return errors.New("there is no employee number of Ada's")
	}
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Ada", "Okonkwo", number, "ada.now@home.example", yesterday()))
	if err != nil {
		return err
	}
	return p.follow(ctx, ticket, whoeverIsAsked, casework.EndDone, "Onboarding.rehired")
}

// whoeverIsAsked lets the first approver of each open level approve: a rehire's is the manager that the desk knows.
func whoeverIsAsked(ctx context.Context, p *player, ticket int64) error {
	s, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	if err != nil {
		return err
	}
	var people []string
	for _, level := range s.Case.Units[0].Chain.Levels {
		people = append(people, level.Groups[0].Approvers[0].Email)
	}
	return approvals(people...)(ctx, p, ticket)
}

// answered is somebody of Ben's name and address: a person says on the ticket that it is not Ben.
func answered(ctx context.Context, p *player) error {
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Ben", "Whitaker", "E-9001", acme.Ben, yesterday()))
	if err != nil {
		return err
	}
	if _, err := p.WaitState(ctx, ticket, casework.StateNeedsInformation); err != nil {
		return err
	}
	notes, err := p.Notes(ctx, ticket)
	if err != nil {
		return err
	}
	line := ""
	for _, note := range notes {
		for _, found := range regexp.MustCompile(`#[0-9a-f]{8} [^”]+`).FindAllString(note.BodyText, -1) {
			if strings.Contains(found, "new person") {
				line = found
			}
		}
	}
	if err := p.Say(ctx, ticket, "piotr.zalewski@acme.example", line); err != nil {
		return err
	}
	return p.follow(ctx, ticket, approvals(acme.Mara), casework.EndDone, "Onboarding.answered")
}

// leftToHeir is two tickets about one joiner; the one that made the account is called off, and later the other.
func leftToHeir(ctx context.Context, p *player) error {
	form := newcomer("Noa", "Lindqvist", "E-9001", "noa@home.example", time.Now().AddDate(0, 0, 14))
	var tickets []int64
	for range 2 {
		ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", form)
		if err != nil {
			return err
		}
		if err := approvals(acme.Mara)(ctx, p, ticket); err != nil {
			return err
		}
		if _, err := p.WaitState(ctx, ticket, casework.StateWaitingDate); err != nil {
			return err
		}
		tickets = append(tickets, ticket)
	}
	deletes := func(ctx context.Context, p *player, ticket int64) error { return p.Delete(ctx, ticket) }
	if err := p.follow(ctx, tickets[0], deletes, casework.EndCancelled, "Onboarding.left_to_heir"); err != nil {
		return err
	}
	return p.follow(ctx, tickets[1], deletes, casework.EndCancelled, "Onboarding.heir_called_off")
}
