package freshservice

import (
	"context"
	"strings"
	"time"
)

// Includes of [Client.GetTicket]; each costs one more call of the budget (reference §3).
const (
	IncludeRequester      = "requester"
	IncludeRequestedFor   = "requested_for"
	IncludeTags           = "tags"
	IncludeStats          = "stats"
	IncludeConversations  = "conversations"
	IncludeRelatedTickets = "related_tickets"
	IncludeOnboarding     = "onboarding_context"
	IncludeOffboarding    = "offboarding_context"
)

// GetTicket views one ticket, deleted ones included. This view is read-your-write (reference §11.1).
func (c *Client) GetTicket(ctx context.Context, id int64, includes ...string) (Ticket, error) {
	return fetchOne[Ticket](ctx, c, get("view ticket", "/tickets/{id}").at("id", id).
		with("include", strings.Join(includes, ",")), "ticket", "tickets")
}

// CreateTicket makes an incident. A service request is placed through the catalogue, see [Client.PlaceRequest]
// (reference §11.14). There is no idempotency key: put a marker into it and look for that first (reference §4.8).
func (c *Client) CreateTicket(ctx context.Context, t NewTicket) (Ticket, error) {
	return c.create(ctx, post("create ticket", "/tickets", nil), t)
}

// CreateChildTicket makes a ticket below parent. The vendor allows one level of nesting (reference §4.3).
func (c *Client) CreateChildTicket(ctx context.Context, parent int64, t NewTicket) (Ticket, error) {
	return c.create(ctx, post("create child ticket", "/tickets/{id}/create_child_ticket", nil).at("id", parent), t)
}

func (c *Client) create(ctx context.Context, k *call, t NewTicket) (Ticket, error) {
	if t.WorkspaceID == 0 {
		t.WorkspaceID = c.workspace
	}
	t.Email = strings.ToLower(strings.TrimSpace(t.Email))
	k.body = struct {
		NewTicket
		DueBy      *string `json:"due_by,omitempty"`
		FirstDueBy *string `json:"fr_due_by,omitempty"`
	}{t, wireTimePtr(t.DueBy), wireTimePtr(t.FirstDueBy)}
	return fetchOne[Ticket](ctx, c, k, "ticket", "tickets")
}

// UpdateTicket changes what u sets and nothing else. It answers the ticket with its tags but without its approval
// status (reference §4.3). The desk's own "ticket is updated" automations run on it (reference §11.21).
func (c *Client) UpdateTicket(ctx context.Context, id int64, u TicketUpdate) (Ticket, error) {
	body := u.body()
	k := put("update ticket", "/tickets/{id}", body).at("id", id)
	if len(body) == 0 {
		return Ticket{}, c.invalid(k, "update", "it sets nothing")
	}
	if u.BypassMandatory {
		k.with("bypass_mandatory", "true")
	}
	return fetchOne[Ticket](ctx, c, k, "ticket", "tickets")
}

// AttachFiles adds files to a ticket without a note; the vendor appends them (reference §4.10).
func (c *Client) AttachFiles(ctx context.Context, id int64, files ...File) (Ticket, error) {
	k := put("attach files", "/tickets/{id}", nil).at("id", id)
	if len(files) == 0 {
		return Ticket{}, c.invalid(k, "attachments", "there is no file to attach")
	}
	if err := c.checkFiles(k, files); err != nil {
		return Ticket{}, err
	}
	k.form = &form{files: files}
	return fetchOne[Ticket](ctx, c, k, "ticket", "tickets")
}

// DeleteTicket moves a ticket to the bin. Deleting a service request deletes its children too (reference §4.3).
func (c *Client) DeleteTicket(ctx context.Context, id int64) error {
	return c.do(ctx, drop("delete ticket", "/tickets/{id}").at("id", id))
}

// RestoreTicket takes a ticket out of the bin.
func (c *Client) RestoreTicket(ctx context.Context, id int64) error {
	return c.do(ctx, put("restore ticket", "/tickets/{id}/restore", nil).at("id", id))
}

// TicketList narrows [Client.ListTickets].
type TicketList struct {
	// UpdatedSince is needed for anything created more than 30 days ago: without it the vendor shows the last 30 days
	// alone (reference §11.2).
	UpdatedSince time.Time
	Type         string // such as TypeServiceRequest
	Filter       string // new_and_my_open, watching, spam or deleted
	Email        string // the requester's; sent in lower case
	RequesterID  int64
	WorkspaceID  int64  // default Config.WorkspaceID
	OrderBy      string // created_at or updated_at
	OrderType    string // asc or desc, which is the vendor's default
	Includes     []string
	Page         int // from 1
	PerPage      int // at most 100, default 30
}

// ListTickets reads one page. Deleted tickets and spam are hidden unless Filter asks for them (reference §11.2).
func (c *Client) ListTickets(ctx context.Context, l TicketList) (Page[Ticket], error) {
	k := get("list tickets", "/tickets").
		with("type", l.Type).
		with("filter", l.Filter).
		with("email", strings.ToLower(strings.TrimSpace(l.Email))).
		withInt("requester_id", l.RequesterID).
		withInt("workspace_id", c.workspaceOr(l.WorkspaceID)).
		with("order_by", l.OrderBy).
		with("order_type", l.OrderType).
		with("include", strings.Join(l.Includes, ","))
	if !l.UpdatedSince.IsZero() {
		k.with("updated_since", wireTime(l.UpdatedSince))
	}
	return fetchPage[Ticket](ctx, c, k, PageRequest{Page: l.Page, PerPage: l.PerPage}, "tickets", "ticket")
}

func (c *Client) workspaceOr(id int64) int64 {
	if id != 0 {
		return id
	}
	return c.workspace
}
