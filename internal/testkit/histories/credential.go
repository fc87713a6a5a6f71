package main

import (
	"context"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
)

// credentialScenarios are resets of passwords and authenticators.
func credentialScenarios() []scenario {
	observed := resets("observed", "Password reset", acme.Ben, map[string]any{"reason": "I forgot it"}, nil, casework.EndObserved)
	observed.edits = observing("credential_reset")
	return []scenario{
		resets("password", "Password reset", acme.Ben, map[string]any{"reason": "I think somebody knows it"}, nil, casework.EndDone),
		resets("unlock", "Password reset", acme.Luca, map[string]any{"reason": "I am locked out"}, nil, casework.EndDone),
		resets("factors_reminded", "MFA reset", acme.Ben, lostPhone(), approvals(acme.Mara), casework.EndDone),
		resets("factors_rejected", "MFA reset", acme.Priya, lostPhone(), rejects("renata.albuquerque@acme.example"), casework.EndRejected),
		resets("privileged", "Password reset", acme.Tariq, map[string]any{"reason": "I forgot it"}, approvals(acme.Grace, acme.Hiro), casework.EndDone),
		resets("handed_over", "Password reset", acme.Sofia, map[string]any{"reason": "I forgot it"}, nil, casework.EndHandedOver),
		observed, refusedReset(),
	}
}

func lostPhone() map[string]any {
	return map[string]any{"factor": "All of them", "reason": "Lost or stolen"}
}

// resets is a scenario about one person who asks for themselves by a form.
func resets(name, item, by string, answers map[string]any, act func(context.Context, *player, int64) error, end casework.End) scenario {
	files := []string{"CredentialReset." + name}
	return scenario{name: "reset_" + name, saves: files, play: func(ctx context.Context, p *player) error {
		ticket, err := p.Ask(ctx, item, by, "", answers)
		if err != nil {
			return err
		}
		return p.follow(ctx, ticket, act, end, files...)
	}}
}

// refusedReset is a second reset within the cool-down; the person's workflow has the books by then, and forgets them.
func refusedReset() scenario {
	s := scenario{name: "reset_refused", saves: []string{"CredentialReset.refused", "Person.reset_books"}}
	s.edits = map[string][]playground.Edit{"credentials.yaml": {
		{Old: "cool_down: 24h", New: "cool_down: 20s"},
		{Old: "{most: 3, within: 7d}", New: "{most: 3, within: 20s}"},
		{Old: "{most: 5, within: 24h}", New: "{most: 5, within: 20s}"},
	}}
	s.play = func(ctx context.Context, p *player) error {
		ticket, err := p.Ask(ctx, "Password reset", acme.Ben, "", map[string]any{"reason": "I forgot it"})
		if err != nil {
			return err
		}
		if _, err := p.WaitEnd(ctx, ticket); err != nil {
			return err
		}
		again, err := p.Write(ctx, acme.Ben, "Password reset", "I forgot my password again")
		if err != nil {
			return err
		}
		if err := p.follow(ctx, again, nil, casework.EndRefused, s.saves[0]); err != nil {
			return err
		}
		return p.keepPerson(ctx, acme.Ben, s.saves[1])
	}
	return s
}
