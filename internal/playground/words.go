package playground

import (
	"context"
	"html"

	"latchkey/clients/freshservice"
)

// Write files an ordinary ticket in plain words, as a mail to the desk does.
func (p *Playground) Write(ctx context.Context, by, subject, text string) (int64, error) {
	person, err := p.portal.FindPersonByEmail(ctx, by)
	if err != nil {
		return 0, err
	}
	t, err := p.portal.CreateTicket(ctx, freshservice.NewTicket{
		RequesterID: person.ID, Subject: subject, Description: "<div>" + html.EscapeString(text) + "</div>", Type: freshservice.TypeIncident,
		Status: freshservice.StatusOpen, Priority: freshservice.PriorityLow, Source: freshservice.SourceEmail,
	})
	return t.ID, err
}

// Mailed lists the kinds of mail that Okta sent to a person, oldest first.
func (p *Playground) Mailed(login string) []string {
	user, _ := p.Okta.User(login)
	kinds := []string{}
	for _, m := range p.Okta.Mails() {
		if m.UserID == user.ID {
			kinds = append(kinds, m.Kind)
		}
	}
	return kinds
}
