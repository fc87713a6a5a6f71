package freshservice

import (
	"context"
	"strings"
	"time"
)

// Visibility of a catalogue item.
const (
	ItemDraft     = 1
	ItemPublished = 2
)

// ServiceItem is one item of the service catalogue. Lists lack CustomFields, Description and Cost (reference §5.1).
type ServiceItem struct {
	ID               int64       `json:"id"`         // internal
	DisplayID        int64       `json:"display_id"` // what every call takes
	WorkspaceID      int64       `json:"workspace_id"`
	Name             string      `json:"name"`
	Description      string      `json:"description"`
	ShortDescription string      `json:"short_description"`
	CategoryID       int64       `json:"category_id"`
	DeliveryTime     int         `json:"delivery_time"` // hours
	Cost             string      `json:"cost"`
	Visibility       int         `json:"visibility"`
	Deleted          bool        `json:"deleted"`
	Bundle           bool        `json:"is_bundle"`
	AllowQuantity    bool        `json:"allow_quantity"`
	AllowAttachments bool        `json:"allow_attachments"`
	CustomFields     []ItemField `json:"custom_fields"`
	CreatedAt        time.Time   `json:"created_at"`
	UpdatedAt        time.Time   `json:"updated_at"`
}

// ItemField is one question of an item's form.
type ItemField struct {
	ID              string         `json:"id"`
	Name            string         `json:"name"` // the key of its answer
	Label           string         `json:"label"`
	Type            string         `json:"field_type"`
	Required        bool           `json:"required"` // hidden ones too must be answered when placing (reference §5.2)
	VisibleInPortal bool           `json:"visible_in_portal"`
	Deleted         bool           `json:"deleted"` // no longer asked
	Position        int            `json:"position"`
	Options         map[string]any `json:"field_options"` // flags here are strings (reference §11.10)
	Choices         Choices        `json:"choices"`
}

// ListItems reads the whole catalogue; category 0 takes all categories. Look at Visibility and Deleted.
func (c *Client) ListItems(ctx context.Context, category int64) ([]ServiceItem, error) {
	k := get("list service items", "/service_catalog/items").
		withInt("category_id", category).withInt("workspace_id", c.workspace)
	return fetchAll[ServiceItem](ctx, c, k, maxPerPage, "service_items", "service_item")
}

// GetItem views one item with its form.
func (c *Client) GetItem(ctx context.Context, displayID int64) (ServiceItem, error) {
	k := get("view service item", "/service_catalog/items/{id}").at("id", displayID)
	return fetchOne[ServiceItem](ctx, c, k, "service_item", "service_items")
}

// PlaceRequest is the input of [Client.PlaceRequest]. The vendor takes no subject, description, tags or priority here
// (reference §5.2).
type PlaceRequest struct {
	Email          string      // who asks; "" for the key's owner
	RequestedFor   string      // e-mail of who shall get it; "" for who asks
	Quantity       int         // default 1
	CustomFields   Fields      // answers by field name; dropdowns take the label
	ParentTicketID int64       // 0 for none
	ChildItems     []ChildItem // of a bundle
}

// ChildItem is one item of a bundle.
type ChildItem struct {
	DisplayID    int64  `json:"service_item_id"`
	Quantity     int    `json:"quantity,omitempty"`
	CustomFields Fields `json:"custom_fields,omitempty"`
}

// PlaceRequest asks for an item and answers the service request, a ticket. There is no idempotency key and no tag can
// be set: make a marker one of the item's fields (reference §5.2).
func (c *Client) PlaceRequest(ctx context.Context, displayID int64, p PlaceRequest) (Ticket, error) {
	k := post("place request", "/service_catalog/items/{id}/place_request", struct {
		Email        string      `json:"email,omitempty"`
		RequestedFor string      `json:"requested_for,omitempty"`
		Quantity     int         `json:"quantity"`
		CustomFields Fields      `json:"custom_fields,omitempty"`
		ParentID     int64       `json:"parent_ticket_id,omitempty"`
		ChildItems   []ChildItem `json:"child_items,omitempty"`
	}{
		strings.ToLower(strings.TrimSpace(p.Email)), strings.ToLower(strings.TrimSpace(p.RequestedFor)),
		max(p.Quantity, 1), p.CustomFields, p.ParentTicketID, p.ChildItems,
	}).at("id", displayID)
	return fetchOne[Ticket](ctx, c, k, "service_request", "service_requests", "ticket")
}
