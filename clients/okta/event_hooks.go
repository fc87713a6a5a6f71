package okta

import (
	"context"
	"net/http"
	"time"

	sdk "github.com/okta/okta-sdk-golang/v2/okta"
)

// EventHook is a webhook that Okta calls on events (okta-api.md §8). It delivers only when Status is ACTIVE and
// Verification is VERIFIED.
type EventHook struct {
	ID           string
	Name         string
	Status       string // "ACTIVE" or "INACTIVE"
	Verification string // "VERIFIED" or "UNVERIFIED"
	URI          string
	Events       []string
	Created      time.Time
	LastUpdated  time.Time
}

// hookWire is an EventHook as Okta sends it.
type hookWire struct {
	ID           string    `json:"id"`
	Name         string    `json:"name"`
	Status       string    `json:"status"`
	Verification string    `json:"verificationStatus"`
	Created      time.Time `json:"created"`
	LastUpdated  time.Time `json:"lastUpdated"`
	Events       struct {
		Items []string `json:"items"`
	} `json:"events"`
	Channel struct {
		Config struct {
			URI string `json:"uri"`
		} `json:"config"`
	} `json:"channel"`
}

func (w hookWire) plain() EventHook {
	return EventHook{
		ID: w.ID, Name: w.Name, Status: w.Status, Verification: w.Verification, URI: w.Channel.Config.URI,
		Events: w.Events.Items, Created: w.Created, LastUpdated: w.LastUpdated,
	}
}

// NewEventHook is a hook to be made.
type NewEventHook struct {
	Name   string
	URI    string   // https
	Secret string   // sent by Okta as the Authorization header of each delivery; it cannot be read back
	Events []string // event types, 300 at most; one that cannot be hooked is refused
}

// String hides the secret.
func (n NewEventHook) String() string { return "okta.NewEventHook{" + n.Name + "}" }

// GoString hides the secret.
func (n NewEventHook) GoString() string { return n.String() }

// ListEventHooks reads all event hooks.
func (c *Client) ListEventHooks(ctx context.Context) ([]EventHook, error) {
	return Collect(func(after string) (Page[EventHook], error) {
		return listVia[hookWire](ctx, c, newCall("ListEventHooks", http.MethodGet, "/api/v1/eventHooks"), 0, after)
	})
}

// CreateEventHook makes a hook, active but not verified. Names are not unique: list first.
func (c *Client) CreateEventHook(ctx context.Context, n NewEventHook) (EventHook, error) {
	call := newCall("CreateEventHook", http.MethodPost, "/api/v1/eventHooks").hiding(n.Secret)
	body := sdk.EventHook{
		Name:   n.Name,
		Events: &sdk.EventSubscriptions{Type: "EVENT_TYPE", Items: n.Events},
		Channel: &sdk.EventHookChannel{Type: "HTTP", Version: "1.0.0", Config: &sdk.EventHookChannelConfig{
			Uri:        n.URI,
			Headers:    []*sdk.EventHookChannelConfigHeader{},
			AuthScheme: &sdk.EventHookChannelConfigAuthScheme{Type: "HEADER", Key: "Authorization", Value: n.Secret},
		}},
	}
	var hook hookWire
	err := c.exchange(ctx, call, body, &hook)
	return hook.plain(), err
}

// VerifyEventHook makes Okta challenge the hook's address, which must answer within 3 seconds; Invalid if it did not.
func (c *Client) VerifyEventHook(ctx context.Context, hookID string) (EventHook, error) {
	var hook hookWire
	err := c.exchange(ctx, newCall("VerifyEventHook", http.MethodPost, "/api/v1/eventHooks/{id}/lifecycle/verify", hookID), nil, &hook)
	return hook.plain(), err
}

// ActivateEventHook lets a hook deliver.
func (c *Client) ActivateEventHook(ctx context.Context, hookID string) (EventHook, error) {
	var hook hookWire
	err := c.exchange(ctx, newCall("ActivateEventHook", http.MethodPost, "/api/v1/eventHooks/{id}/lifecycle/activate", hookID), nil, &hook)
	return hook.plain(), err
}
