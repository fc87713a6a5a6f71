package freshservice

import (
	"context"
	"strconv"
	"time"
)

// Conversation is a note or a reply on a ticket.
type Conversation struct {
	ID           int64        `json:"id"`
	TicketID     int64        `json:"ticket_id"`
	UserID       int64        `json:"user_id"`
	Body         string       `json:"body"` // HTML
	BodyText     string       `json:"body_text"`
	Private      bool         `json:"private"`
	Incoming     bool         `json:"incoming"`
	Source       int          `json:"source"` // 0 e-mail, 1 form, 2 note, 3 status, 4 meta, 5 feedback, 6 forwarded e-mail
	SupportEmail string       `json:"support_email"`
	FromEmail    string       `json:"from_email"`
	ToEmails     []string     `json:"to_emails"`
	CCEmails     []string     `json:"cc_emails"`
	BCCEmails    []string     `json:"bcc_emails"`
	Attachments  []Attachment `json:"attachments"`
	CreatedAt    time.Time    `json:"created_at"`
	UpdatedAt    time.Time    `json:"updated_at"`
}

// ListConversations reads every note and reply of a ticket, oldest first.
func (c *Client) ListConversations(ctx context.Context, ticket int64) ([]Conversation, error) {
	k := get("list conversations", "/tickets/{id}/conversations").at("id", ticket)
	return fetchAll[Conversation](ctx, c, k, maxPerPage, "conversations", "conversation")
}

// Note is the input of [Client.AddNote].
type Note struct {
	BodyHTML     string   // escape what people wrote
	Private      bool     // shown to agents only
	NotifyEmails []string // agents who get a mail
	UserID       int64    // the agent in whose name, default the key's owner
	Attachments  []File
}

// AddNote adds a note to a ticket. The vendor has no key against doubles: put a marker into the text and look for it
// with [Client.ListConversations] first.
func (c *Client) AddNote(ctx context.Context, ticket int64, n Note) (Conversation, error) {
	k := post("add note", "/tickets/{id}/notes", nil).at("id", ticket)
	if err := c.checkFiles(k, n.Attachments); err != nil {
		return Conversation{}, err
	}
	if len(n.Attachments) > 0 {
		k.form = &form{files: n.Attachments}
		k.form.add("body", n.BodyHTML)
		k.form.add("private", strconv.FormatBool(n.Private))
		k.form.addAll("notify_emails", n.NotifyEmails)
		if n.UserID != 0 {
			k.form.add("user_id", strconv.FormatInt(n.UserID, 10))
		}
	} else {
		k.body = struct {
			Body         string   `json:"body"`
			Private      bool     `json:"private"` // always sent: the vendor's default is true
			NotifyEmails []string `json:"notify_emails,omitempty"`
			UserID       int64    `json:"user_id,omitempty"`
		}{n.BodyHTML, n.Private, n.NotifyEmails, n.UserID}
	}
	return fetchOne[Conversation](ctx, c, k, "conversation", "conversations")
}

// Reply is the input of [Client.Reply].
type Reply struct {
	BodyHTML    string
	FromEmail   string // a support mailbox of the account, default the ticket's
	CCEmails    []string
	BCCEmails   []string
	UserID      int64
	Attachments []File
}

// Reply answers the requester in public and sends them a mail.
func (c *Client) Reply(ctx context.Context, ticket int64, r Reply) (Conversation, error) {
	k := post("reply", "/tickets/{id}/reply", nil).at("id", ticket)
	if err := c.checkFiles(k, r.Attachments); err != nil {
		return Conversation{}, err
	}
	if len(r.Attachments) > 0 {
		k.form = &form{files: r.Attachments}
		k.form.add("body", r.BodyHTML)
		if r.FromEmail != "" {
			k.form.add("from_email", r.FromEmail)
		}
		k.form.addAll("cc_emails", r.CCEmails)
		k.form.addAll("bcc_emails", r.BCCEmails)
		if r.UserID != 0 {
			k.form.add("user_id", strconv.FormatInt(r.UserID, 10))
		}
	} else {
		k.body = struct {
			Body      string   `json:"body"`
			FromEmail string   `json:"from_email,omitempty"`
			CCEmails  []string `json:"cc_emails,omitempty"`
			BCCEmails []string `json:"bcc_emails,omitempty"`
			UserID    int64    `json:"user_id,omitempty"`
		}{r.BodyHTML, r.FromEmail, r.CCEmails, r.BCCEmails, r.UserID}
	}
	return fetchOne[Conversation](ctx, c, k, "conversation", "conversations")
}

// UpdateNote replaces the text of a note; replies cannot be changed (reference §4.9).
func (c *Client) UpdateNote(ctx context.Context, conversation int64, bodyHTML string) (Conversation, error) {
	k := put("update note", "/conversations/{id}", map[string]string{"body": bodyHTML}).at("id", conversation)
	return fetchOne[Conversation](ctx, c, k, "conversation", "conversations")
}

// DeleteConversation removes a note or a reply for good.
func (c *Client) DeleteConversation(ctx context.Context, conversation int64) error {
	return c.do(ctx, drop("delete conversation", "/conversations/{id}").at("id", conversation))
}
