package playground

import (
	"context"
	"errors"
	"html"
	"time"

	"latchkey/clients/freshservice"
)

// Write files an ordinary ticket in plain words, as a mail to the desk does.
func (p *Playground) Write(ctx context.Context, by, subject, text string) (int64, error) {
	person, err := p.portal.FindPersonByEmail(ctx, by)
	if err != nil {
		return 0, err
	}
	began := time.Now().Add(-time.Second)
	t, err := p.portal.CreateTicket(ctx, freshservice.NewTicket{
		RequesterID: person.ID, Subject: subject, Description: "<div>" + html.EscapeString(text) + "</div>", Type: freshservice.TypeIncident,
		Status: freshservice.StatusOpen, Priority: freshservice.PriorityLow, Source: freshservice.SourceEmail,
	})
	if errors.Is(err, freshservice.Ambiguous) {
		return p.written(ctx, person.ID, subject, began)
	}
	return t.ID, err
}

// written finds the ticket of a mail whose answer was lost: nobody writes the same mail twice within seconds.
func (p *Playground) written(ctx context.Context, by int64, subject string, since time.Time) (found int64, err error) {
	err = p.until(ctx, "the ticket of a mail to be seen", func() (bool, error) {
		page, err := p.portal.ListTickets(ctx, freshservice.TicketList{RequesterID: by, UpdatedSince: since.Add(-time.Minute)})
		for _, t := range page.Items {
			if t.Subject == subject && !t.CreatedAt.Before(since.Truncate(time.Second)) {
				found = t.ID
			}
		}
		return found != 0, err
	})
	return found, err
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
