package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/clients/chat"
	"latchkey/contract"
)

// Chat is where notices go: the addresses of channels' webhooks, by the names that policy calls the channels.
type Chat struct {
	Client    *chat.Client
	Addresses map[string]string // secrets
}

// chatProgress is which channels an attempt has been through: a later one tells nobody twice.
type chatProgress struct {
	Over   []string          `json:"over"` // told, or perhaps told
	Failed map[string]string `json:"failed,omitempty"`
}

// NotifyChat says one thing in each channel, at most once: what may have arrived is not sent again. Only a channel that
// certainly was not told is tried again, for as long as the workflow lets it; which ones were not told is a result.
func (e *Engine) NotifyChat(ctx context.Context, in contract.NotifyChatInput) (contract.NotifyChatResult, error) {
	var at chatProgress
	if activity.HasHeartbeatDetails(ctx) {
		if err := activity.GetHeartbeatDetails(ctx, &at); err != nil {
			at = chatProgress{}
		}
	}
	if at.Failed == nil {
		at.Failed = map[string]string{}
	}
	message := incidentMessage(in)
	var again *chat.Error
	for _, t := range in.Targets {
		if slices.Contains(at.Over, t.Name) {
			continue
		}
		address := e.Chat.Addresses[t.Name]
		if address == "" || e.Chat.Client == nil {
			at.Failed[t.Name] = "LATCHKEY_CHAT_WEBHOOKS has no address for it"
			at.Over = append(at.Over, t.Name)
			continue
		}
		before := at
		at.Over = append(slices.Clone(at.Over), t.Name)
		activity.RecordHeartbeat(ctx, at) // a worker that dies now has perhaps told
		err := e.Chat.Client.Post(ctx, chat.Kind(t.Kind), address, message)
		failed, is := errors.AsType[*chat.Error](err)
		switch {
		case err == nil:
		case is && failed.Outcome == chat.NotSent:
			again = failed
			at.Over = before.Over
			activity.RecordHeartbeat(ctx, at)
		default:
			at.Failed[t.Name] = err.Error()
		}
	}
	if again != nil {
		return contract.NotifyChatResult{}, chatAgain(clock(e.Now), again)
	}
	return contract.NotifyChatResult{Failed: at.Failed}, nil
}

// chatAgain is the failure of a channel that was certainly not told.
func chatAgain(now time.Time, e *chat.Error) error {
	kind := casework.Unavailable
	if e.RetryAfter > 0 {
		kind = casework.RateLimited
	}
	return failure(now, "telling a channel", problemf(kind, "%s", e.Error()))
}

// incidentMessage is the notice about an incident: short, for the ticket has the rest.
func incidentMessage(in contract.NotifyChatInput) chat.Message {
	f := in.Facts
	m := chat.Message{Title: incidentTitle(f), Text: f.Route.Why, Links: []chat.Link{{Title: "Open " + contract.TicketLabel(in.Ticket), URL: in.URL}}}
	switch {
	case f.Reopened:
		m.Title = "It came back: " + m.Title
	case f.Was != 0 && f.Was != f.Severity:
		m.Title = fmt.Sprintf("Raised from %s: %s", f.Was, m.Title)
	}
	m.Facts = append(m.Facts, chat.Fact{Label: "Ticket", Value: contract.TicketLabel(in.Ticket)}, chat.Fact{Label: "Events", Value: fmt.Sprint(f.Events)})
	for _, about := range incidentAbout(f) {
		m.Facts = append(m.Facts, chat.Fact{Label: about.Label, Value: about.Value})
	}
	return m
}
