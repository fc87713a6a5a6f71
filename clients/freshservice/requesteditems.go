package freshservice

import (
	"context"
	"fmt"
	"strconv"
	"time"
)

// Stage is how far a requested item has come (reference §5.3).
type Stage int

// The stages.
const (
	StageRequested          Stage = 1
	StageDelivered          Stage = 2
	StageCancelled          Stage = 3
	StageFulfilled          Stage = 4
	StagePartiallyFulfilled Stage = 5
)

// UnmarshalJSON reads null, a number, a name, or {"id","name"}: the update call answers in another shape than the list.
func (s *Stage) UnmarshalJSON(raw []byte) error {
	id, name, err := enumeration(raw)
	if err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	*s = 0
	if id != "" {
		n, err := strconv.Atoi(id)
		*s = Stage(n)
		return err
	}
	switch snake(name) {
	case "":
	case "requested":
		*s = StageRequested
	case "delivered":
		*s = StageDelivered
	case "cancelled", "canceled":
		*s = StageCancelled
	case "fulfilled":
		*s = StageFulfilled
	case "partially_fulfilled":
		*s = StagePartiallyFulfilled
	default:
		return fmt.Errorf("stage %q is unknown", clip(name, 40))
	}
	return nil
}

// RequestedItem is one thing asked for in a service request. Only here are the answers of the item's form.
type RequestedItem struct {
	ID            int64        `json:"id"`
	ServiceItemID int64        `json:"service_item_id"` // the item's display id
	ItemName      string       `json:"service_item_name"`
	Quantity      int          `json:"quantity"`
	Stage         Stage        `json:"stage"`
	Loaned        bool         `json:"loaned"`
	Remarks       string       `json:"remarks"`
	Parent        bool         `json:"is_parent"` // false on the children of a bundle
	CustomFields  Fields       `json:"custom_fields"`
	Attachments   []Attachment `json:"attachments"`
	CreatedAt     time.Time    `json:"created_at"`
	UpdatedAt     time.Time    `json:"updated_at"`
}

// UnmarshalJSON reads both the list's shape and the update's, which hides the display id in "item".
func (r *RequestedItem) UnmarshalJSON(raw []byte) error {
	type listed RequestedItem
	v, err := decode[struct {
		listed
		Item struct {
			Name      string `json:"name"`
			DisplayID int64  `json:"display_id"`
		} `json:"item"`
	}](raw)
	if err != nil {
		return err
	}
	*r = RequestedItem(v.listed)
	if r.ServiceItemID == 0 {
		r.ServiceItemID = v.Item.DisplayID
	}
	r.ItemName = firstText(r.ItemName, v.Item.Name)
	return nil
}

// RequestedItems reads what was asked for in a service request, one element per item. On a ticket of another type the
// vendor answers NotFound or an empty list.
func (c *Client) RequestedItems(ctx context.Context, ticket int64) ([]RequestedItem, error) {
	k := get("list requested items", "/tickets/{id}/requested_items").at("id", ticket)
	return fetchAll[RequestedItem](ctx, c, k, 0, "requested_items", "requested_item")
}

// RequestedItemUpdate changes a requested item; zero leaves a field as it is.
type RequestedItemUpdate struct {
	Quantity     int    `json:"quantity,omitempty"`
	Stage        Stage  `json:"stage,omitempty"`
	CustomFields Fields `json:"custom_fields,omitempty"`
}

// UpdateRequestedItem moves an item to a stage, or corrects its quantity or answers.
func (c *Client) UpdateRequestedItem(ctx context.Context, ticket, item int64, u RequestedItemUpdate) (RequestedItem, error) {
	k := put("update requested item", "/tickets/{id}/requested_items/{item}", u).at("id", ticket).at("item", item)
	return fetchOne[RequestedItem](ctx, c, k, "requested_item", "requested_items")
}
