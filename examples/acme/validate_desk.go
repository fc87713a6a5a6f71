package acme

import "regexp"

// lastVendorStatus is Closed, the highest of Freshservice's own ticket statuses.
const lastVendorStatus = 5

var fieldTypes = []string{
	"custom_text", "custom_paragraph", "custom_url", "custom_date", "custom_checkbox", "custom_dropdown",
	"custom_multi_select_dropdown", "custom_number", "custom_decimal", "custom_lookup_bigint", "custom_multi_lookup",
}

// checkDesk looks at what Freshservice holds: agent groups, the catalogue and the forms.
func (k *checker) checkDesk(c Company) {
	for _, g := range c.AgentGroups {
		who := "agent group " + g.Name
		for _, member := range g.Members {
			k.person(who, member)
			if p, ok := c.PersonByEmail(member); ok && !p.Agent {
				k.report("%s has the member %s, who is no agent", who, member)
			}
		}
	}
	for _, item := range c.Items {
		k.checkForm("service item "+item.Name, item.Fields)
		if item.Category == "" || item.Description == "" {
			k.report("service item %s needs a category and a description", item.Name)
		}
	}
	k.checkForm("onboarding form", c.Onboarding)
	k.checkForm("offboarding form", c.Offboarding)
	ticket := make([]ItemField, 0, len(c.Forms))
	for _, f := range c.Forms {
		ticket = append(ticket, ItemField{
			Name: f.Name, Label: f.Label, Type: f.Type, Required: f.Required, Choices: f.Choices,
		})
	}
	k.checkForm("ticket form", ticket)
	k.unique("ticket status", names(c.Statuses, func(s TicketStatus) string { return s.Name }))
	seen := make(map[int]bool)
	for _, s := range c.Statuses {
		if s.ID <= lastVendorStatus || seen[s.ID] || s.RequesterName == "" {
			k.report("ticket status %s needs a number of its own above %d and a name for requesters", s.Name, lastVendorStatus)
		}
		seen[s.ID] = true
	}
}

func (k *checker) checkForm(who string, fields []ItemField) {
	if len(fields) == 0 {
		k.report("%s asks nothing", who)
	}
	snake := regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	k.unique("field of "+who, names(fields, func(f ItemField) string { return f.Name }))
	for _, f := range fields {
		where := who + ", field " + f.Name
		if !snake.MatchString(f.Name) || f.Label == "" {
			k.report("%s: a field has a snake_case name and a label", where)
		}
		k.oneOf(where, "type", f.Type, fieldTypes)
		chooses := f.Type == "custom_dropdown" || f.Type == "custom_multi_select_dropdown"
		if chooses != (len(f.Choices) > 0) {
			k.report("%s: a dropdown has choices and nothing else has", where)
		}
		looksUp := f.Type == "custom_lookup_bigint" || f.Type == "custom_multi_lookup"
		if looksUp != (f.DataSource > 0) {
			k.report("%s: a lookup has a data source and nothing else has", where)
		}
	}
}
