package freshsim

import (
	"encoding/json"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// placeholder matches {{ name | filter }}.
var placeholder = regexp.MustCompile(`\{\{\s*([^{}]*?)\s*\}\}`)

// render replaces placeholders by text; an unknown or unset one gives "" (reference §9.3). Values are not escaped
// unless a filter does it.
func (d *database) render(template string, e event, origin string) string {
	return placeholder.ReplaceAllStringFunc(template, func(m string) string {
		parts := strings.Split(strings.Trim(m, "{}"), "|")
		value := d.placeholder(strings.TrimSpace(parts[0]), e, origin)
		for _, f := range parts[1:] {
			value = liquidFilter(strings.TrimSpace(f), value)
		}
		return value
	})
}

// placeholder gives the value of a name of reference §9.3.
func (d *database) placeholder(name string, e event, origin string) string {
	t := e.ticket
	if name == "Triggered event" {
		return string(e.kind)
	}
	key, ok := strings.CutPrefix(name, "ticket.")
	if !ok {
		return ""
	}
	words := d.ticketWords(t)
	switch key {
	case "id":
		return displayID(t)
	case "id_numeric":
		return itoa(t.id)
	case "subject", "status", "priority", "urgency", "impact", "source", "category", "sub_category", "item_category", "tags":
		return words[key]
	case "ticket_type":
		return t.kind
	case "description":
		return t.description
	case "description_text":
		return plainText(t.description)
	case "url":
		return fmt.Sprintf("%s/a/tickets/%d", origin, t.id)
	case "agent.name":
		return d.personName(t.responderID)
	case "agent.email":
		return words["agent"]
	case "group.name":
		return words["group"]
	case "department.name":
		return words["department"]
	case "latest_public_comment":
		return t.latestPublic()
	case "created_at_iso":
		return stamp(t.created)
	case "due_by_time_iso":
		return stamp(t.dueBy)
	case "approval_status_name":
		return words["approval_status"]
	}
	for prefix, id := range map[string]int64{"requester.": t.requesterID, "actual_requester.": t.requesterID, "requested_for.": t.requestedForID} {
		if field, ok := strings.CutPrefix(key, prefix); ok {
			return d.personPlaceholder(id, field)
		}
	}
	if field, ok := strings.CutPrefix(key, "ri_"); ok {
		return d.itemPlaceholder(t, field)
	}
	return text(t.custom[key])
}

// displayID is the prefixed form that people see: SR-12 or INC-12.
func displayID(t *ticket) string {
	if t.kind == typeServiceRequest {
		return fmt.Sprintf("SR-%d", t.id)
	}
	return fmt.Sprintf("INC-%d", t.id)
}

func (t *ticket) latestPublic() string {
	for _, n := range slices.Backward(t.conversations) {
		if !n.private {
			return plainText(n.body)
		}
	}
	return ""
}

func (d *database) personPlaceholder(id int64, field string) string {
	p := d.people.get(id)
	if p == nil {
		return ""
	}
	switch field {
	case "name":
		return p.name()
	case "firstname", "first_name":
		return p.first
	case "lastname", "last_name":
		return p.last
	case "email":
		return p.email
	case "job_title":
		return p.title
	case "reporting_manager.name":
		return d.personName(p.manager)
	case "reporting_manager.email":
		return d.emailOf(p.manager)
	}
	return ""
}

// itemPlaceholder reads ri_<display id>_cf_<field>, with _iso for dates: the cf_ appears here although the API's name
// has none (reference §9.3).
func (d *database) itemPlaceholder(t *ticket, key string) string {
	idText, field, ok := strings.Cut(key, "_cf_")
	id, err := strconv.ParseInt(idText, 10, 64)
	if !ok || err != nil {
		return ""
	}
	for _, r := range t.items {
		if r.itemID != id {
			continue
		}
		if v, ok := r.custom[field]; ok {
			return text(v)
		}
		if v, ok := r.custom[strings.TrimSuffix(field, "_iso")]; ok {
			if at, isTime := parseTime(text(v)); isTime {
				return stamp(at)
			}
			return text(v)
		}
	}
	return ""
}

// liquidFilter knows the filters that webhook bodies use; an unknown one changes nothing.
func liquidFilter(filter, value string) string {
	name, arg, _ := strings.Cut(filter, ":")
	arg = strings.Trim(strings.TrimSpace(arg), `"'`)
	switch strings.TrimSpace(name) {
	case "strip_html", "sanitize_html":
		return plainText(value)
	case "strip_newlines":
		return strings.NewReplacer("\r", "", "\n", " ").Replace(value)
	case "escape":
		return html.EscapeString(value)
	case "json", "jsonify":
		b, err := json.Marshal(value)
		if err != nil {
			return ""
		}
		return strings.Trim(string(b), `"`)
	case "upcase":
		return strings.ToUpper(value)
	case "downcase":
		return strings.ToLower(value)
	case "strip":
		return strings.TrimSpace(value)
	case "default":
		if value == "" {
			return arg
		}
	case "date":
		if t, ok := parseTime(value); ok {
			return strftime(t, arg)
		}
	}
	return value
}

// strftime renders the common directives of Liquid's date filter.
func strftime(t time.Time, format string) string {
	return strings.NewReplacer("%Y", t.Format("2006"), "%m", t.Format("01"), "%d", t.Format("02"), "%H", t.Format("15"),
		"%M", t.Format("04"), "%S", t.Format("05"), "%s", strconv.FormatInt(t.Unix(), 10)).Replace(format)
}

// simpleContent is the wrapper of Simple content (reference §9.1, medium confidence): attribute names with their values.
func (d *database) simpleContent(names []string, e event, origin string) string {
	known := map[string]string{
		"ticket_id": "ticket.id_numeric", "ticket_subject": "ticket.subject", "ticket_description": "ticket.description",
		"ticket_status": "ticket.status", "ticket_priority": "ticket.priority", "ticket_type": "ticket.ticket_type", "ticket_url": "ticket.url",
		"ticket_requester_name": "ticket.requester.name", "ticket_requester_email": "ticket.requester.email",
		"ticket_agent_name": "ticket.agent.name", "ticket_group_name": "ticket.group.name", "triggered_event": "Triggered event",
	}
	inner := obj{}
	for _, name := range names {
		source := known[name]
		if source == "" {
			source = "ticket." + strings.TrimPrefix(name, "ticket_")
		}
		value := d.placeholder(source, e, origin)
		if n, err := strconv.ParseInt(value, 10, 64); err == nil && name == "ticket_id" {
			inner[name] = n
			continue
		}
		inner[name] = value
	}
	b, err := encode(obj{"freshservice_webhook": inner})
	if err != nil {
		return "{}"
	}
	return string(b)
}
