package playground

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/detection"
	"latchkey/internal/systemlog"
)

// LogEvent is something that Okta sees and that no API call does. What is left out is filled in.
type LogEvent struct {
	Type, Login     string
	Outcome, Reason string
	IP              string
	City, Country   string
	Debug           map[string]string
	Risk            string // LOW, MEDIUM or HIGH
}

// See puts events into Okta's System Log, each as somebody's own doing.
func (p *Playground) See(events ...LogEvent) error {
	for _, e := range events {
		user, ok := p.Okta.User(e.Login)
		if !ok {
			return fmt.Errorf("nobody signs in as %s", e.Login)
		}
		debug := map[string]string{}
		maps.Copy(debug, e.Debug)
		if e.Risk != "" {
			debug["risk"] = "{reasons=Anomalous Location, level=" + e.Risk + "}"
		}
		raw, err := json.Marshal(map[string]any{
			"eventType": e.Type, "outcome": map[string]any{"result": e.Outcome, "reason": e.Reason},
			"actor": map[string]any{"id": user.ID, "type": "User", "alternateId": e.Login},
			"client": map[string]any{
				"ipAddress": e.IP, "device": "Computer", "userAgent": map[string]any{"os": "Windows 10", "browser": "CHROME", "rawUserAgent": "Mozilla/5.0"},
				"geographicalContext": map[string]any{"city": e.City, "country": e.Country},
			},
			"debugContext": map[string]any{"debugData": debug},
		})
		if err != nil {
			return err
		}
		if _, err := p.Okta.Inject(raw); err != nil {
			return err
		}
	}
	return nil
}

// ResetFactors removes somebody's factors in Okta by hand, as an administrator would.
func (p *Playground) ResetFactors(ctx context.Context, login string) error {
	c, err := p.admin()
	if err != nil {
		return err
	}
	user, err := c.GetUser(ctx, login)
	if err != nil {
		return err
	}
	return c.ResetFactors(ctx, user.ID)
}

// AddByHand puts somebody into a group in Okta, as an administrator would.
func (p *Playground) AddByHand(ctx context.Context, login, group string) error {
	c, err := p.admin()
	if err != nil {
		return err
	}
	user, err := c.GetUser(ctx, login)
	if err != nil {
		return err
	}
	found, err := c.FindGroupsByName(ctx, group)
	if err != nil {
		return err
	}
	for _, g := range found {
		if g.Name == group {
			return again(func() error { return c.AddMember(ctx, g.ID, user.ID) })
		}
	}
	return fmt.Errorf("there is no group %q", group)
}

// Incidents lists the tickets of incidents that a text in their subject names, the newest first.
func (p *Playground) Incidents(ctx context.Context, named ...string) ([]freshservice.Ticket, error) {
	page, err := p.portal.ListTickets(ctx, freshservice.TicketList{UpdatedSince: time.Now().Add(-24 * time.Hour), PerPage: 100})
	if err != nil {
		return nil, err
	}
	var found []freshservice.Ticket
	for _, t := range page.Items {
		fits := strings.Contains(t.Subject, "[latchkey-alert-")
		for _, word := range named {
			fits = fits && strings.Contains(t.Subject, word)
		}
		if fits {
			found = append(found, t)
		}
	}
	return found, nil
}

// WaitIncident waits for the one ticket of an incident that a text in its subject names.
func (p *Playground) WaitIncident(ctx context.Context, named ...string) (ticket freshservice.Ticket, err error) {
	err = p.until(ctx, "the incident "+strings.Join(named, " "), func() (bool, error) {
		found, err := p.Incidents(ctx, named...)
		if err != nil || len(found) == 0 {
			return false, err
		}
		if len(found) > 1 {
			return false, fmt.Errorf("%d tickets for one incident: %s", len(found), found[0].Subject)
		}
		ticket = found[0]
		return true, nil
	})
	return ticket, err
}

// Alert asks the workflow of an incident; false when it does not run.
func (p *Playground) Alert(ctx context.Context, ticket freshservice.Ticket) (state contract.AlertState, err error) {
	_, workflow, found := strings.Cut(ticket.DescriptionText, "latchkey:incident/")
	if !found {
		return state, fmt.Errorf("ticket %d names no workflow", ticket.ID)
	}
	value, err := p.Temporal.QueryWorkflow(ctx, strings.TrimSpace(workflow), "", contract.QueryAlert)
	if err != nil {
		return state, err
	}
	return state, value.Get(&state)
}

// WaitAlert waits until the workflow of an incident knows what is asked.
func (p *Playground) WaitAlert(ctx context.Context, ticket freshservice.Ticket, what string, holds func(contract.AlertState) bool) (state contract.AlertState, err error) {
	err = p.until(ctx, what, func() (bool, error) {
		state, err = p.Alert(ctx, ticket)
		return err == nil && holds(state), err
	})
	return state, err
}

// WaitLog waits until the System Log was read to its end once more, and says where it stands.
func (p *Playground) WaitLog(ctx context.Context) (state contract.LogState, err error) {
	after := time.Now()
	if err := systemlog.Wake(ctx, p.Temporal); err != nil {
		return state, err
	}
	err = p.until(ctx, "the System Log to be read", func() (bool, error) {
		now, running, err := systemlog.Read(ctx, p.Temporal)
		state = now
		return err == nil && running && now.ReadAt.After(after) && !now.Behind, err
	})
	return state, err
}

// Silence keeps alerts quiet, as `starter silence add` does.
func (p *Playground) Silence(ctx context.Context, reason string, until time.Duration, matchers ...detection.Matcher) (contract.SilenceResult, error) {
	return systemlog.Update[contract.SilenceResult](ctx, p.Temporal, contract.UpdateSilence, contract.SilenceCommand{
		Operator: contract.Operator{By: "demo", Reason: reason}, Matchers: matchers, Until: time.Now().Add(until),
	})
}

// CloseTicket closes a ticket at the desk, as an agent would, with what the form demands.
func (p *Playground) CloseTicket(ctx context.Context, ticket int64) error {
	closed := freshservice.StatusClosed
	return again(func() error {
		_, err := p.portal.UpdateTicket(ctx, ticket, freshservice.TicketUpdate{
			Status: &closed, CustomFields: freshservice.Fields{"closure_code": "Done"},
		})
		return err
	})
}
