package freshsim

import (
	"slices"
)

// addNote is POST /tickets/{id}/notes; private unless said otherwise (reference §4.9).
func addNote(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgString, "body")
	n := &conversation{
		source: conversationNote, body: htmlBody(in.str("body")), private: in.bool("private", true),
		incoming: in.bool("incoming", false), to: in.strs("notify_emails"), userID: c.actor.id,
	}
	c.readReference(in, "user_id", &n.userID, func(id int64) bool { return c.db.people.get(id) != nil })
	files := c.readFiles(in, t)
	if err := in.done(); err != nil {
		return nil, err
	}
	n.attachments = c.db.storeFiles(files)
	c.db.addConversation(t, n, c.db.people.get(n.userID))
	return c.created(obj{"conversation": c.conversationView(n)}, "conversations", n.id)
}

// addReply is POST /tickets/{id}/reply: public, mailed to the requester (reference §4.9).
func addReply(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgString, "body")
	n := &conversation{
		source: conversationReply, body: htmlBody(in.str("body")), userID: c.actor.id, fromEmail: in.email("from_email"),
		cc: in.strs("cc_emails"), bcc: in.strs("bcc_emails"), to: []string{c.db.emailOf(t.requesterID)},
	}
	c.readReference(in, "user_id", &n.userID, func(id int64) bool { return c.db.people.get(id) != nil })
	files := c.readFiles(in, t)
	if err := in.done(); err != nil {
		return nil, err
	}
	n.attachments = c.db.storeFiles(files)
	c.db.addConversation(t, n, c.db.people.get(n.userID))
	return c.created(obj{"conversation": c.conversationView(n)}, "conversations", n.id)
}

// addConversation stores a note or reply. A reply of the requester reopens a resolved ticket, as the default
// automation does (reference §4.3, medium confidence).
func (d *database) addConversation(t *ticket, n *conversation, author *person) {
	now := d.clockNow()
	n.id, n.ticketID, n.created, n.updated = d.id(), t.id, now, now
	d.convs.put(n.id, n)
	t.conversations = append(t.conversations, n)
	kind, words := EventNoteAdded, " added a private note"
	switch {
	case n.source == conversationReply:
		kind, words = EventReplyAdded, " sent a reply"
	case !n.private:
		words = " added a public note"
	}
	if n.incoming {
		t.stats.inbound++
	} else if !n.private {
		t.stats.outbound++
		t.stats.agentResponded = now
		if t.stats.firstResponded.IsZero() {
			t.stats.firstResponded = now
		}
	}
	d.record(t, author, words)
	d.touchTicket(t)
	d.raise(kind, t, author, nil)
	if n.incoming && n.source == conversationReply && closed(t.status) {
		next := *t
		next.status = statusOpen
		d.saveTicket(t, &next, author)
	}
}

// conversationView is what create and update answer: the key is "conversation" for notes too (reference §1).
func (c *call) conversationView(n *conversation) obj {
	v := obj{
		"id": n.id, "incoming": n.incoming, "private": n.private, "user_id": n.userID, "support_email": nil,
		"body": n.body, "body_text": plainText(n.body), "ticket_id": n.ticketID, "to_emails": list(n.to),
		"attachments": c.attachmentViews(n.attachments), "created_at": stamp(n.created), "updated_at": stamp(n.updated),
	}
	if n.source == conversationReply {
		v["from_email"], v["cc_emails"], v["bcc_emails"] = orNull(n.fromEmail), list(n.cc), list(n.bcc)
	}
	return v
}

// conversationListView adds the source (reference §4.9).
func (c *call) conversationListView(n *conversation) obj {
	v := c.conversationView(n)
	v["source"] = n.source
	return v
}

func listConversations(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	a, err := listed(c, "conversations", slices.Values(t.conversations), c.conversationListView)
	if err != nil {
		return nil, err
	}
	if body, ok := a.body.(obj); ok {
		body["meta"] = obj{"count": len(t.conversations)} // seen in real answers (reference §4.9)
	}
	return a, nil
}

func (c *call) conversation() (*conversation, *ticket, error) {
	n := c.db.convs.get(c.ids["id"])
	if n == nil {
		return nil, nil, notFound()
	}
	return n, c.db.tickets.get(n.ticketID), nil
}

// updateConversation edits the body of a note; replies were mailed and stay (reference §4.9).
func updateConversation(c *call) (*answer, error) {
	n, t, err := c.conversation()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	in.require(msgString, "body")
	body := in.str("body")
	files := c.readFiles(in, t)
	if n.source != conversationNote {
		in.fail("body", codeIncompatible, "Only notes can be edited")
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	n.body, n.updated = htmlBody(body), c.now
	n.attachments = append(n.attachments, c.db.storeFiles(files)...)
	c.db.touchTicket(t)
	return ok(obj{"conversation": c.conversationView(n)})
}

func deleteConversation(c *call) (*answer, error) {
	n, t, err := c.conversation()
	if err != nil {
		return nil, err
	}
	t.conversations = slices.DeleteFunc(slices.Clone(t.conversations), func(o *conversation) bool { return o == n })
	c.db.convs.remove(n.id)
	c.db.touchTicket(t)
	return noContent()
}

func deleteConversationAttachment(c *call) (*answer, error) {
	n, t, err := c.conversation()
	if err != nil {
		return nil, err
	}
	return c.dropAttachment(t, &n.attachments)
}
