package freshsim

// seedFields gives the account the built-in ticket form with its numbers (reference §4.1, §4.11).
func (d *database) seedFields() {
	numbered := func(name, label, kind string, values map[int64]string, order ...int64) {
		f := &ticketField{id: d.id(), name: name, label: label, kind: kind, builtin: true}
		for _, id := range order {
			f.choices = append(f.choices, choice{id: id, value: values[id]})
		}
		d.fields = append(d.fields, f)
	}
	plain := func(name, label, kind string) {
		d.fields = append(d.fields, &ticketField{id: d.id(), name: name, label: label, kind: kind, builtin: true})
	}
	plain("requester", "Requester", "default_requester")
	plain("subject", "Subject", "default_subject")
	numbered("ticket_type", "Type", "default_ticket_type", map[int64]string{1: typeIncident, 2: typeServiceRequest, 3: typeMajor}, 1, 2, 3)
	numbered("source", "Source", "default_source", map[int64]string{
		1: "Email", 2: "Portal", 3: "Phone", 4: "Chat", 5: "Feedback widget", 6: "Yammer", 7: "AWS Cloudwatch", 8: "Pagerduty", 9: "Walkup",
		10: "Slack", 11: "Chatbot", 12: "Workplace", 13: "Employee Onboarding", 14: "Alerts", 15: "MS Teams", 18: "Employee Offboarding",
	}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 18)
	numbered("status", "Status", "default_status", map[int64]string{2: "Open", 3: "Pending", 4: "Resolved", 5: "Closed"}, 2, 3, 4, 5)
	numbered("priority", "Priority", "default_priority", map[int64]string{1: "Low", 2: "Medium", 3: "High", 4: "Urgent"}, 1, 2, 3, 4)
	three := map[int64]string{1: "Low", 2: "Medium", 3: "High"}
	numbered("urgency", "Urgency", "default_urgency", three, 1, 2, 3)
	numbered("impact", "Impact", "default_impact", three, 1, 2, 3)
	plain("group", "Group", "default_group")
	plain("agent", "Agent", "default_agent")
	plain("department", "Department", "default_department")
	plain("description", "Description", "default_description")
	plain("category", "Category", "default_category")
	plain("sub_category", "Sub-Category", "default_sub_category")
	plain("item_category", "Item", "default_item_category")
	plain("resolution_notes", "Resolution Notes", "default_resolution_notes")
}

func (f *ticketField) view(position int) obj {
	choices := make([]obj, 0, len(f.choices))
	for _, c := range f.choices {
		v := obj{"id": orNull(c.id), "value": c.value}
		if f.kind == "default_status" {
			label := c.label
			if label == "" {
				label = c.value
			}
			v["requester_display_value"] = label
		}
		choices = append(choices, v)
	}
	return obj{
		"id": f.id, "workspace_id": primaryWorkspace, "name": f.name, "label": f.label, "description": orNull(f.description),
		"field_type": f.kind, "required_for_closure": f.requiredToClose, "required_for_agents": f.requiredForAgents,
		"default_field": f.builtin, "position": position, "choices": choices, "nested_fields": []obj{}, "sections": []obj{},
		"belongs_to_section": nil, "customers_can_edit": false, "label_for_customers": f.label, "required_for_customers": false,
		"displayed_to_customers": true, "date_only": f.kind == "custom_date",
	}
}

// listTicketFields is GET /ticket_form_fields; its root is ticket_fields (reference §1).
func listTicketFields(c *call) (*answer, error) {
	out := make([]obj, 0, len(c.db.fields))
	for i, f := range c.db.fields {
		out = append(out, f.view(i+1))
	}
	return ok(obj{"ticket_fields": out})
}
