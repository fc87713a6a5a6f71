package demo

import (
	"context"
	"fmt"
	"slices"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
)

// credentialStories are resets of passwords and authenticators.
func (s *stage) credentialStories() []story {
	const second = "Hello, I forgot my password once more. Please reset it. Regards, Gabriela"
	return []story{
		{
			title: "Gabriela forgot her password; Okta mails a link that nobody else sees", about: acme.Gabriela,
			ask:  s.form("Password reset", acme.Gabriela, map[string]any{"reason": "I forgot it"}),
			ends: []casework.End{casework.EndDone}, changes: 1, after: s.mailed(acme.Gabriela, "password-reset"),
		},
		{
			title: "Luca is locked out and writes so in plain words", about: acme.Luca,
			ask:  s.words(acme.Luca, "Help", "Good morning,\nI am locked out of my account, please unlock it.\nLuca"),
			ends: []casework.End{casework.EndDone}, changes: 1,
		},
		{
			title: "Gabriela asks again within the day, and is refused", about: acme.Gabriela,
			ask: s.words(acme.Gabriela, "Password reset", second), ends: []casework.End{casework.EndRefused},
		},
		{
			title: "Priya lost her phone; her manager has to say that it is her", about: acme.Priya,
			ask: s.form("MFA reset", acme.Priya, map[string]any{"factor": "All of them", "reason": "Lost or stolen"}),
			act: s.managerApproves(acme.Priya), ends: []casework.End{casework.EndDone}, changes: 2, after: s.reminded,
		},
		{
			title: "Tariq is an administrator; two people have to agree", about: acme.Tariq,
			ask: s.form("Password reset", acme.Tariq, map[string]any{"reason": "I forgot it"}),
			act: s.approvals(acme.Grace, acme.Hiro), ends: []casework.End{casework.EndDone}, changes: 1,
		},
		{
			title: "Clara asks how a reset works; a person of the desk answers", about: acme.Clara,
			ask: s.words(acme.Clara, "Question", "How do I reset my password?"), ends: []casework.End{casework.EndHandedOver}, open: true,
		},
	}
}

// form asks by a form of the catalogue.
func (s *stage) form(item, by string, answers map[string]any) func(context.Context) (int64, string, error) {
	return func(ctx context.Context) (int64, string, error) {
		ticket, err := s.Ask(ctx, item, by, "", answers)
		return ticket, item + ", by " + by, err
	}
}

// words writes an ordinary ticket.
func (s *stage) words(by, subject, text string) func(context.Context) (int64, string, error) {
	return func(ctx context.Context) (int64, string, error) {
		ticket, err := s.Write(ctx, by, subject, text)
		return ticket, fmt.Sprintf("a mail %q, by %s", subject, by), err
	}
}

// mailed looks at what Okta mailed to a person: one mail, and no other.
func (s *stage) mailed(login, kind string) func(context.Context, int64, int) error {
	return func(context.Context, int64, int) error {
		if got := s.Mailed(login); !slices.Equal(got, []string{kind}) {
			return fmt.Errorf("mailed by Okta: %v; it should be one %s", got, kind)
		}
		user, _ := s.Okta.User(login)
		s.step("mailed", "by Okta, to her; the account is %s", user.Status)
		return nil
	}
}

// reminded waits until somebody who enrolled nothing was reminded.
func (s *stage) reminded(ctx context.Context, ticket int64, _ int) error {
	s.progress("waiting for the reminder to enrol")
	if err := s.WaitNote(ctx, ticket, ".enrol."); err != nil {
		return err
	}
	s.step("reminded", "to enrol a new authenticator; %s was resolved before", contract.TicketLabel(ticket))
	return nil
}
