package freshsim

// EventKind names what a workflow rule can wait for. The vendor's own wording in its picker is not documented
// (reference §9.2), so the names are ours.
type EventKind string

// The events of this account. Approval events are per approver; EventApprovalStatusChanged is the ticket's, when a
// whole chain has ended.
const (
	EventTicketCreated         EventKind = "ticket_created"
	EventTicketUpdated         EventKind = "ticket_updated"
	EventTicketDeleted         EventKind = "ticket_deleted"
	EventTicketRestored        EventKind = "ticket_restored"
	EventTicketSpam            EventKind = "ticket_spam"
	EventNoteAdded             EventKind = "note_added"
	EventReplyAdded            EventKind = "reply_added"
	EventItemUpdated           EventKind = "requested_item_updated"
	EventApprovalRequested     EventKind = "approval_requested"
	EventApprovalApproved      EventKind = "approval_approved"
	EventApprovalRejected      EventKind = "approval_rejected"
	EventApprovalCancelled     EventKind = "approval_cancelled"
	EventApprovalStatusChanged EventKind = "approval_status_changed"
)

// EventKinds lists every event a rule may name.
func EventKinds() []EventKind {
	return []EventKind{
		EventTicketCreated, EventTicketUpdated, EventTicketDeleted, EventTicketRestored, EventTicketSpam, EventNoteAdded, EventReplyAdded,
		EventItemUpdated, EventApprovalRequested, EventApprovalApproved, EventApprovalRejected, EventApprovalCancelled, EventApprovalStatusChanged,
	}
}

// Change is one field's old and new value, as people see them.
type Change struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// event is something that happened to a ticket. depth counts the workflow actions that led to it.
type event struct {
	kind     EventKind
	ticket   *ticket
	actor    *person // nil: a workflow
	changes  map[string]Change
	approval *approval
	depth    int
}

// raise notes an event for the automator, which runs when the call has been answered.
func (d *database) raise(kind EventKind, t *ticket, actor *person, changes map[string]Change) {
	d.events = append(d.events, event{kind: kind, ticket: t, actor: actor, changes: changes, depth: d.depth})
}

func (d *database) raiseApproval(kind EventKind, t *ticket, actor *person, a *approval) {
	d.events = append(d.events, event{kind: kind, ticket: t, actor: actor, approval: a, depth: d.depth})
}
