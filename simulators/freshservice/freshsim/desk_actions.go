package freshsim

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// deskVote is the approver's click. Who answers is the person that the approval shows, or the one whom the browser acts
// as when that is the approver or their delegate.
func (s *Server) deskVote(v *visit) (*deskAnswer, error) {
	t, err := v.deskTicketID()
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseInt(v.req.PathValue("aid"), 10, 64)
	a := s.db.approvals.get(id)
	if err != nil || a == nil || a.ticketID != t.id {
		return nil, &pageError{http.StatusNotFound, "There is no such approval on this ticket."}
	}
	state, known := map[string]approvalState{"approved": stateApproved, "rejected": stateRejected}[v.form.Get("decision")]
	if !known {
		return nil, &pageError{http.StatusBadRequest, "Choose approve or reject."}
	}
	by := int64(0)
	if v.actor.id == a.approverID || v.actor.id == a.delegatee {
		by = v.actor.id
	}
	if err := s.db.answerApproval(a, state, strings.TrimSpace(v.form.Get("remark")), by, s.knobs.PeerStatus); err != nil {
		return nil, &pageError{http.StatusBadRequest, "This could not be recorded: " + err.Error() + "."}
	}
	if v.form.Get("back") == "approvals" {
		return &deskAnswer{location: "/desk/approvals?done=voted"}, nil
	}
	return v.backTo(t, "voted"), nil
}

func (v *visit) backTo(t *ticket, done string) *deskAnswer {
	return &deskAnswer{location: fmt.Sprintf("/desk/tickets/%d?done=%s", t.id, done)}
}

// deskFields saves status, priority, group, agent and resolution notes under the same rules as the API's update.
func (s *Server) deskFields(v *visit) (*deskAnswer, error) {
	t, err := v.deskTicketID()
	if err != nil {
		return nil, err
	}
	next := *t
	in := &input{values: map[string]any{}, seen: map[string]bool{}, loose: true}
	for _, name := range []string{"status", "priority"} {
		if w := v.form.Get(name); w != "" {
			in.values[name] = w
		}
	}
	next.status = in.oneOf("status", t.status, s.db.choicesOf("status")...)
	next.priority = in.oneOf("priority", t.priority, 1, 2, 3, 4)
	for _, name := range []string{"group", "agent"} {
		switch w := v.form.Get(name); {
		case !v.form.Has(name):
		case w == "" && name == "group":
			next.groupID = 0
		case w == "":
			next.responderID = 0
		case !s.db.setByLabel(&next, name, w):
			in.fail(name, codeInvalidValue, msgUnknownID)
		}
	}
	if w := v.form.Get("resolution_notes"); w != "" {
		next.resolutionNotes = typedBody(w)
	}
	if v.form.Has("status") { // the whole form was sent: an unchecked box is a no
		in.values["custom_fields"] = v.customAnswers()
		next.custom = s.db.readCustom(in, "custom_fields", t.custom)
	}
	if next.status != t.status {
		s.db.requireToClose(in, &next, next.status)
	}
	if err := in.done(); err != nil {
		return nil, err
	}
	s.db.saveTicket(t, &next, v.actor)
	return v.backTo(t, "saved"), nil
}

// customAnswers reads the custom fields of the properties form; an emptied one is null.
func (v *visit) customAnswers() map[string]any {
	var questions []question
	for _, f := range v.db.fields {
		if !f.builtin && (v.form.Has(customPrefix+f.name) || f.kind == "custom_checkbox") {
			questions = append(questions, fieldQuestion(f, ""))
		}
	}
	sent, out := v.answers(questions), map[string]any{}
	for _, q := range questions {
		out[strings.TrimPrefix(q.Name, customPrefix)] = sent[q.Name]
	}
	return out
}

// deskNote adds a note, or the requester's own reply when the browser acts as the requester.
func (s *Server) deskNote(v *visit) (*deskAnswer, error) {
	t, err := v.deskTicketID()
	if err != nil {
		return nil, err
	}
	body := strings.TrimSpace(v.form.Get("body"))
	if body == "" {
		return nil, &pageError{http.StatusBadRequest, "Write something first."}
	}
	n := &conversation{source: conversationNote, body: typedBody(body), private: v.form.Get("private") == "true", userID: v.actor.id}
	if !v.actor.agent {
		n.source, n.private, n.incoming, n.fromEmail = conversationReply, false, true, v.actor.email
	}
	s.db.addConversation(t, n, v.actor)
	return v.backTo(t, "noted"), nil
}

func (s *Server) deskStage(v *visit) (*deskAnswer, error) {
	t, err := v.deskTicketID()
	if err != nil {
		return nil, err
	}
	id, err := strconv.ParseInt(v.req.PathValue("rid"), 10, 64)
	i := slices.IndexFunc(t.items, func(r *requestedItem) bool { return r.id == id })
	stage, stageErr := strconv.Atoi(v.form.Get("stage"))
	if err != nil || i < 0 || stageErr != nil || stageName(stage) == "" {
		return nil, &pageError{http.StatusBadRequest, "Choose an item and a stage."}
	}
	r := t.items[i]
	s.db.setRequestedItem(t, r, r.quantity, stage, r.custom, v.actor)
	return v.backTo(t, "stage"), nil
}

// deskState deletes, restores, or marks as spam.
func (s *Server) deskState(v *visit) (*deskAnswer, error) {
	t, err := v.deskTicketID()
	if err != nil {
		return nil, err
	}
	switch v.form.Get("state") {
	case "delete":
		if !t.deleted {
			s.db.setDeleted(t, true, v.actor)
		}
	case "restore":
		if t.deleted {
			s.db.setDeleted(t, false, v.actor)
		}
		s.db.setSpam(t, false, v.actor)
	case "spam":
		s.db.setSpam(t, true, v.actor)
	default:
		return nil, &pageError{http.StatusBadRequest, "Choose delete, restore or spam."}
	}
	return v.backTo(t, "saved"), nil
}
