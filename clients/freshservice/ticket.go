package freshservice

import "time"

// Ticket states that every account has; others are in the form's status field, see [Client.TicketFields].
const (
	StatusOpen     = 2
	StatusPending  = 3
	StatusResolved = 4
	StatusClosed   = 5
)

// Ticket priorities.
const (
	PriorityLow    = 1
	PriorityMedium = 2
	PriorityHigh   = 3
	PriorityUrgent = 4
)

// Ticket sources that mean something here; custom ones begin at 1001 (reference §4.1).
const (
	SourceEmail       = 1
	SourcePortal      = 2
	SourcePhone       = 3
	SourceOnboarding  = 13
	SourceAlert       = 14
	SourceOffboarding = 18
)

// Ticket types, as the vendor spells them: comparison is case-sensitive (reference §11.13).
const (
	TypeIncident       = "Incident"
	TypeServiceRequest = "Service Request"
)

// Ticket is a ticket as one endpoint shows it. Which fields are filled depends on the endpoint (reference §4.1): lists
// lack urgency, impact, attachments and the approval status; tags come only with includes and from writes.
type Ticket struct {
	ID              int64     `json:"id"` // the display id, as in URLs
	WorkspaceID     int64     `json:"workspace_id"`
	Subject         string    `json:"subject"`
	Description     string    `json:"description"` // HTML; empty on service requests
	DescriptionText string    `json:"description_text"`
	Type            string    `json:"type"`
	Status          int       `json:"status"`
	Priority        int       `json:"priority"`
	Urgency         int       `json:"urgency"`
	Impact          int       `json:"impact"`
	Source          int       `json:"source"`
	RequesterID     int64     `json:"requester_id"` // a requester or an agent, see Client.GetPerson
	RequestedForID  int64     `json:"requested_for_id"`
	ResponderID     int64     `json:"responder_id"`
	GroupID         int64     `json:"group_id"`
	DepartmentID    int64     `json:"department_id"`
	Category        string    `json:"category"`
	SubCategory     string    `json:"sub_category"`
	ItemCategory    string    `json:"item_category"`
	CustomFields    Fields    `json:"custom_fields"` // of the ticket form; an item's answers are in Client.RequestedItems
	Tags            []string  `json:"tags"`          // nil where the endpoint does not show tags
	CCEmails        []string  `json:"cc_emails"`
	DueBy           time.Time `json:"due_by"`
	FirstDueBy      time.Time `json:"fr_due_by"`
	Escalated       bool      `json:"is_escalated"`
	Spam            bool      `json:"spam"`
	Deleted         bool      `json:"deleted"`

	// ApprovalStatus is "" where the endpoint does not show one: only single views and placed requests do.
	ApprovalStatus     ApprovalStatus `json:"approval_status"`
	ApprovalStatusName string         `json:"approval_status_name"`

	ResolutionNotes string       `json:"resolution_notes"`
	Attachments     []Attachment `json:"attachments"`
	CreatedAt       time.Time    `json:"created_at"`
	UpdatedAt       time.Time    `json:"updated_at"`

	// The rest is filled when asked for by an include; nil otherwise.
	Requester          *TicketPerson    `json:"requester"`
	RequestedFor       *TicketPerson    `json:"requested_for"`
	Stats              *TicketStats     `json:"stats"`
	Conversations      []Conversation   `json:"conversations"` // the first ten
	RelatedTickets     *RelatedTickets  `json:"related_tickets"`
	OnboardingContext  *BoardingContext `json:"onboarding_context"`
	OffboardingContext *BoardingContext `json:"offboarding_context"`
}

// TicketPerson is the short form of a person inside a ticket.
type TicketPerson struct {
	ID     int64  `json:"id"`
	Name   string `json:"name"`
	Email  string `json:"email"`
	Phone  string `json:"phone"`
	Mobile string `json:"mobile"`
}

// TicketStats holds the moments of a ticket's life; zero for what has not happened.
type TicketStats struct {
	OpenedAt         time.Time `json:"opened_at"`
	PendingSince     time.Time `json:"pending_since"`
	ResolvedAt       time.Time `json:"resolved_at"`
	ClosedAt         time.Time `json:"closed_at"`
	FirstAssignedAt  time.Time `json:"first_assigned_at"`
	AssignedAt       time.Time `json:"assigned_at"`
	FirstRespondedAt time.Time `json:"first_responded_at"`
	StatusUpdatedAt  time.Time `json:"status_updated_at"`
}

// RelatedTickets names the parent or the children of a ticket.
type RelatedTickets struct {
	ParentID int64   `json:"parent_id"`
	ChildIDs []int64 `json:"child_ids"`
}

// Attachment is a file on a ticket or a conversation. Its address expires.
type Attachment struct {
	ID          int64     `json:"id"`
	Name        string    `json:"name"`
	ContentType string    `json:"content_type"`
	Size        int64     `json:"size"` // bytes
	URL         string    `json:"attachment_url"`
	CreatedAt   time.Time `json:"created_at"`
}

// NewTicket is the input of [Client.CreateTicket]. Subject, Description, Status, Priority and one of RequesterID and
// Email are needed, and whatever the form demands of agents.
type NewTicket struct {
	// Email names the requester. The vendor makes a requester out of an address it does not know (reference §11.8):
	// prefer RequesterID. It is sent in lower case.
	Email        string     `json:"email,omitempty"`
	RequesterID  int64      `json:"requester_id,omitempty"`
	Subject      string     `json:"subject"`
	Description  string     `json:"description"` // HTML; escape what people wrote
	Type         string     `json:"type,omitempty"`
	Status       int        `json:"status"`
	Priority     int        `json:"priority"`
	Urgency      int        `json:"urgency,omitempty"`
	Impact       int        `json:"impact,omitempty"`
	Source       int        `json:"source,omitempty"`
	GroupID      int64      `json:"group_id,omitempty"`
	ResponderID  int64      `json:"responder_id,omitempty"`
	DepartmentID int64      `json:"department_id,omitempty"`
	Category     string     `json:"category,omitempty"`
	SubCategory  string     `json:"sub_category,omitempty"`
	ItemCategory string     `json:"item_category,omitempty"`
	CCEmails     []string   `json:"cc_emails,omitempty"`
	Tags         []string   `json:"tags,omitempty"`
	CustomFields Fields     `json:"custom_fields,omitempty"`
	WorkspaceID  int64      `json:"workspace_id,omitempty"` // default Config.WorkspaceID
	DueBy        *time.Time `json:"-"`                      // set both or neither (reference §4.2)
	FirstDueBy   *time.Time `json:"-"`
}

// TicketUpdate is a partial update: nil leaves a field as it is. A pointer to 0 takes a person or a group away.
type TicketUpdate struct {
	Subject         *string
	Description     *string
	Type            *string
	Status          *int
	Priority        *int
	Urgency         *int
	Impact          *int
	Source          *int
	RequesterID     *int64
	RequestedForID  *int64 // service requests only
	ResponderID     *int64
	GroupID         *int64
	DepartmentID    *int64
	Category        *string
	SubCategory     *string
	ItemCategory    *string
	Tags            *[]string // replaces all tags: read them with include "tags" first (reference §11.3)
	CustomFields    Fields    // merged by the vendor, field by field
	DueBy           *time.Time
	FirstDueBy      *time.Time
	ResolutionNotes *string
	// BypassMandatory skips the form's mandatory and closure rules; the key must be an admin's (reference §4.3).
	BypassMandatory bool
}

func (u TicketUpdate) body() map[string]any {
	b := map[string]any{}
	set := func(name string, value any, wanted bool) {
		if wanted {
			b[name] = value
		}
	}
	set("subject", u.Subject, u.Subject != nil)
	set("description", u.Description, u.Description != nil)
	set("type", u.Type, u.Type != nil)
	set("status", u.Status, u.Status != nil)
	set("priority", u.Priority, u.Priority != nil)
	set("urgency", u.Urgency, u.Urgency != nil)
	set("impact", u.Impact, u.Impact != nil)
	set("source", u.Source, u.Source != nil)
	set("requester_id", u.RequesterID, u.RequesterID != nil)
	set("requested_for_id", idOrNull(u.RequestedForID), u.RequestedForID != nil)
	set("responder_id", idOrNull(u.ResponderID), u.ResponderID != nil)
	set("group_id", idOrNull(u.GroupID), u.GroupID != nil)
	set("department_id", idOrNull(u.DepartmentID), u.DepartmentID != nil)
	set("category", u.Category, u.Category != nil)
	set("sub_category", u.SubCategory, u.SubCategory != nil)
	set("item_category", u.ItemCategory, u.ItemCategory != nil)
	set("custom_fields", u.CustomFields, len(u.CustomFields) > 0)
	set("due_by", wireTimePtr(u.DueBy), u.DueBy != nil)
	set("fr_due_by", wireTimePtr(u.FirstDueBy), u.FirstDueBy != nil)
	set("resolution_notes", u.ResolutionNotes, u.ResolutionNotes != nil)
	if u.Tags != nil {
		tags := *u.Tags
		if tags == nil {
			tags = []string{} // null would not clear them
		}
		b["tags"] = tags
	}
	return b
}

func idOrNull(id *int64) any {
	if id == nil || *id == 0 {
		return nil
	}
	return *id
}
