package playground

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"time"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/simulators/freshservice/freshsim"
)

// Ask places a request for one catalogue item in the portal, as a person would. requestedFor may be empty.
func (p *Playground) Ask(ctx context.Context, item, by, requestedFor string, answers map[string]any) (int64, error) {
	id, err := p.itemID(ctx, item)
	if err != nil {
		return 0, err
	}
	t, err := p.portal.PlaceRequest(ctx, id, freshservice.PlaceRequest{Email: by, RequestedFor: requestedFor, CustomFields: answers})
	if err != nil {
		return 0, fmt.Errorf("%s could not ask for %q: %w", by, item, err)
	}
	return t.ID, nil
}

// Leaver files an offboarding through the catalogue's form. day is the last working day; zero leaves it out.
func (p *Playground) Leaver(ctx context.Context, by, who string, day time.Time, answers map[string]any) (int64, error) {
	fields := map[string]any{"employee_email": who, "separation_type": "Voluntary separation"}
	if !day.IsZero() {
		fields["last_working_day"] = day.Format("2006-01-02")
	}
	for _, k := range sortedKeys(answers) {
		fields[k] = answers[k]
	}
	return p.Ask(ctx, "Employee offboarding", by, "", fields)
}

// Approve lets a person approve whatever a ticket asks of them, as soon as it does.
func (p *Playground) Approve(ctx context.Context, ticket int64, who, remark string) error {
	return p.decide(ctx, ticket, who, freshsim.Decision{Decision: "approved", Remark: remark})
}

// Reject lets a person reject whatever a ticket asks of them, as soon as it does.
func (p *Playground) Reject(ctx context.Context, ticket int64, who, remark string) error {
	return p.decide(ctx, ticket, who, freshsim.Decision{Decision: "rejected", Remark: remark})
}

// decide waits until the person is asked and gives the answer on the desk, where the vendor has no API.
func (p *Playground) decide(ctx context.Context, ticket int64, who string, d freshsim.Decision) error {
	person, err := p.portal.FindPersonByEmail(ctx, who)
	if err != nil {
		return err
	}
	err = p.until(ctx, fmt.Sprintf("%s to be asked in FS-%d", who, ticket), func() (bool, error) {
		approvals, err := p.portal.ListApprovals(ctx, ticket)
		if err != nil {
			return false, err
		}
		for _, a := range approvals {
			if a.ApproverID == person.ID && a.Status == freshservice.ApprovalRequested {
				return true, p.Desk.Decide(a.ID, d)
			}
		}
		return false, nil
	})
	if err != nil {
		s, _, _ := p.Status(context.WithoutCancel(ctx), ticket)
		return fmt.Errorf("%w (the case is %q: %s %s)", err, s.State, s.Summary, s.Problem)
	}
	return nil
}

// SetStatus moves a ticket to a status by hand, as an agent would.
func (p *Playground) SetStatus(ctx context.Context, ticket int64, status int) error {
	return again(func() error {
		_, err := p.portal.UpdateTicket(ctx, ticket, freshservice.TicketUpdate{Status: &status})
		return err
	})
}

// Answer completes a requested item's form, as the requester would after being asked.
func (p *Playground) Answer(ctx context.Context, ticket int64, answers map[string]any) error {
	items, err := p.portal.RequestedItems(ctx, ticket)
	if err != nil {
		return err
	}
	if len(items) == 0 {
		return fmt.Errorf("FS-%d has no requested item", ticket)
	}
	return again(func() error {
		_, err := p.portal.UpdateRequestedItem(ctx, ticket, items[0].ID, freshservice.RequestedItemUpdate{CustomFields: answers})
		return err
	})
}

// again repeats a person's click whose answer was lost: saving the same form twice is saving it once.
func again(click func() error) error {
	err := click()
	if errors.Is(err, freshservice.Ambiguous) || errors.Is(err, okta.Ambiguous) {
		return click()
	}
	return err
}

// itemID finds a catalogue item by name.
func (p *Playground) itemID(ctx context.Context, name string) (int64, error) {
	items, err := p.portal.ListItems(ctx, 0)
	if err != nil {
		return 0, err
	}
	var names []string
	for _, i := range items {
		if strings.EqualFold(i.Name, name) {
			return i.DisplayID, nil
		}
		names = append(names, i.Name)
	}
	return 0, fmt.Errorf("no catalogue item %q; there are %s", name, strings.Join(names, ", "))
}

// AskSeveral places one request for several items, as the portal's cart does; the vendor has no API call for it.
func (p *Playground) AskSeveral(ctx context.Context, by string, items ...string) (int64, error) {
	type line struct {
		DisplayID    int64          `json:"display_id"`
		Quantity     int            `json:"quantity"`
		CustomFields map[string]any `json:"custom_fields"`
	}
	var lines []line
	for _, name := range items {
		id, err := p.itemID(ctx, name)
		if err != nil {
			return 0, err
		}
		lines = append(lines, line{DisplayID: id, Quantity: 1, CustomFields: map[string]any{"business_justification": "the new project"}})
	}
	body, err := json.Marshal(map[string]any{"email": by, "items": lines})
	if err != nil {
		return 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, p.DeskURL+"/admin/service-requests", bytes.NewReader(body))
	if err != nil {
		return 0, err
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	var placed struct {
		ServiceRequest struct {
			ID int64 `json:"id"`
		} `json:"service_request"`
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	if err != nil {
		return 0, err
	}
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return 0, fmt.Errorf("the desk answered %s: %s", answer.Status, raw)
	}
	if err := json.Unmarshal(raw, &placed); err != nil {
		return 0, err
	}
	return placed.ServiceRequest.ID, nil
}

// Delete deletes a ticket by hand.
func (p *Playground) Delete(ctx context.Context, ticket int64) error {
	return p.portal.DeleteTicket(ctx, ticket)
}

// Say writes a private note in an agent's name.
func (p *Playground) Say(ctx context.Context, ticket int64, who, text string) error {
	person, err := p.portal.FindPersonByEmail(ctx, who)
	if err != nil {
		return err
	}
	_, err = p.portal.AddNote(ctx, ticket, freshservice.Note{BodyHTML: "<p>" + html.EscapeString(text) + "</p>", Private: true, UserID: person.ID})
	return err
}

// FinishTasks closes every task of a ticket, as the people who do them would.
func (p *Playground) FinishTasks(ctx context.Context, ticket int64) error {
	tasks, err := p.portal.ListTasks(ctx, ticket)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if _, err := p.portal.UpdateTask(ctx, ticket, t.ID, freshservice.TaskInput{Status: new(freshservice.TaskCompleted)}); err != nil {
			return err
		}
	}
	return nil
}

// Withdraw closes a ticket by hand, as an agent would whose requester does not want it any more.
func (p *Playground) Withdraw(ctx context.Context, ticket int64) error {
	return again(func() error {
		_, err := p.portal.UpdateTicket(ctx, ticket, freshservice.TicketUpdate{
			Status: new(freshservice.StatusClosed), CustomFields: freshservice.Fields{"closure_code": "Withdrawn"},
		})
		return err
	})
}
