package freshsim

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// Rule is one workflow of the Workflow Automator: on any of Events, when every condition holds, run the actions.
// The vendor has no API for workflows (reference §6.3); rules are set through Options or POST /admin/automator/rules.
type Rule struct {
	Name       string      `json:"name"`
	Events     []EventKind `json:"events"`
	Conditions []Condition `json:"conditions,omitempty"`
	Actions    []Action    `json:"actions"`
}

// Condition compares a field as people see it: status, priority, type, source, group, agent (e-mail), requester and
// requested_for (e-mail), department, category, tags, item (name of the first service item), items (all names), item.<answer>,
// approval_status, actor (e-mail, empty for a workflow), approver (e-mail), note.private, note.incoming, or a custom
// field of the ticket.
type Condition struct {
	Field string `json:"field"`
	// Op is is, is_not, in, contains, present, absent, changed, changed_to or changed_from. The changed ones look at
	// what the event changed.
	Op     string   `json:"op"`
	Value  string   `json:"value,omitempty"`
	Values []string `json:"values,omitempty"` // for in
}

// ActionKind names what a rule does.
type ActionKind string

// The actions of this account.
const (
	ActionWebhook  ActionKind = "webhook"
	ActionSetField ActionKind = "set_field"
	ActionApproval ActionKind = "send_for_approval"
	ActionNote     ActionKind = "note"
)

// Action is one step of a rule; the part that Kind names is read.
type Action struct {
	Kind     ActionKind      `json:"kind"`
	Webhook  *Webhook        `json:"webhook,omitempty"`
	Field    string          `json:"field,omitempty"` // set_field
	Value    string          `json:"value,omitempty"` // set_field: the label that people see; may hold placeholders
	Approval *ApprovalAction `json:"approval,omitempty"`
	Note     *NoteAction     `json:"note,omitempty"`
}

// Webhook is the "Trigger webhook" action (reference §9.1). URL, header values and Body may hold placeholders, which
// are replaced as plain text: quotes in a subject break your JSON, as at the vendor.
type Webhook struct {
	Method   string            `json:"method"` // default POST
	URL      string            `json:"url"`
	Headers  map[string]string `json:"headers,omitempty"`
	Username string            `json:"username,omitempty"`
	Password string            `json:"password,omitempty"`
	Body     string            `json:"body,omitempty"`   // Advanced content
	Simple   []string          `json:"simple,omitempty"` // Simple content: attribute names, wrapped in freshservice_webhook
}

// ApprovalAction opens a group of approvals in the ticket's active chain.
type ApprovalAction struct {
	Name string `json:"name,omitempty"`
	Rule int    `json:"rule"` // 1 everyone, 2 anyone, 3 majority, 4 first responder
	// Approvers are e-mail addresses, "manager", "department_head" (both of the person the ticket is for), or
	// "group:<agent group>".
	Approvers []string `json:"approvers"`
	Text      string   `json:"text,omitempty"`
}

// NoteAction adds a note.
type NoteAction struct {
	Body    string `json:"body"`
	Private bool   `json:"private"`
}

func conditionOps() []string {
	return []string{"is", "is_not", "in", "contains", "present", "absent", "changed", "changed_to", "changed_from"}
}

// Check says what is wrong with a rule.
func (r Rule) Check() error {
	if r.Name == "" || len(r.Events) == 0 || len(r.Actions) == 0 {
		return fmt.Errorf("a rule needs a name, events and actions")
	}
	for _, e := range r.Events {
		if !slices.Contains(EventKinds(), e) {
			return fmt.Errorf("rule %q: event %q is unknown; use one of %v", r.Name, e, EventKinds())
		}
	}
	for _, c := range r.Conditions {
		if c.Field == "" || !slices.Contains(conditionOps(), c.Op) {
			return fmt.Errorf("rule %q: a condition needs a field and one of the operators %v", r.Name, conditionOps())
		}
	}
	for _, a := range r.Actions {
		if err := a.check(); err != nil {
			return fmt.Errorf("rule %q: %w", r.Name, err)
		}
	}
	return nil
}

func (a Action) check() error {
	switch a.Kind {
	case ActionWebhook:
		if a.Webhook == nil {
			return fmt.Errorf("a webhook action needs webhook")
		}
		u, err := url.Parse(a.Webhook.URL)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" {
			return fmt.Errorf("a webhook needs an absolute http or https url")
		}
		if m := a.Webhook.Method; m != "" && !slices.Contains([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, m) {
			return fmt.Errorf("webhook method %q is unknown; use GET, POST, PUT, PATCH or DELETE", m)
		}
	case ActionSetField:
		if a.Field == "" {
			return fmt.Errorf("a set_field action needs field")
		}
	case ActionApproval:
		if a.Approval == nil || len(a.Approval.Approvers) == 0 || !approvalRule(a.Approval.Rule).valid() {
			return fmt.Errorf("a send_for_approval action needs approval with a rule 1 to 4 and approvers")
		}
	case ActionNote:
		if a.Note == nil || a.Note.Body == "" {
			return fmt.Errorf("a note action needs note with a body")
		}
	default:
		return fmt.Errorf("action %q is unknown; use webhook, set_field, send_for_approval or note", a.Kind)
	}
	return nil
}

// wants says whether the rule answers an event.
func (r Rule) wants(d *database, e event) bool {
	if !slices.Contains(r.Events, e.kind) {
		return false
	}
	words := d.eventWords(e)
	return allFunc(r.Conditions, func(c Condition) bool { return c.holds(words, e.changes) })
}

// eventWords are the ticket's words and what the event adds to them.
func (d *database) eventWords(e event) map[string]string {
	words := d.ticketWords(e.ticket)
	if e.actor != nil {
		words["actor"] = e.actor.email
	}
	if e.approval != nil {
		words["approver"] = d.emailOf(e.approval.approverID)
	}
	for _, item := range e.ticket.items {
		for name, v := range item.custom {
			words["item."+name] = text(v)
		}
	}
	if n := len(e.ticket.conversations); n > 0 && (e.kind == EventNoteAdded || e.kind == EventReplyAdded) {
		last := e.ticket.conversations[n-1]
		words["note.private"], words["note.incoming"] = fmt.Sprint(last.private), fmt.Sprint(last.incoming)
	}
	return words
}

func (c Condition) holds(words map[string]string, changes map[string]Change) bool {
	have := words[c.Field]
	change, changed := changes[c.Field]
	switch c.Op {
	case "is":
		return strings.EqualFold(have, c.Value)
	case "is_not":
		return !strings.EqualFold(have, c.Value)
	case "in":
		return slices.ContainsFunc(c.Values, func(v string) bool { return strings.EqualFold(v, have) })
	case "contains":
		return strings.Contains(strings.ToLower(have), strings.ToLower(c.Value))
	case "present":
		return have != ""
	case "absent":
		return have == ""
	case "changed":
		return changed
	case "changed_to":
		return changed && strings.EqualFold(change.To, c.Value)
	case "changed_from":
		return changed && strings.EqualFold(change.From, c.Value)
	}
	return false
}
