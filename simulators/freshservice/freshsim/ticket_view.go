package freshsim

import (
	"slices"
	"strings"
)

// ticketListView is the field set of list and filter (reference §4.1): no tags, attachments, urgency, impact or
// approval status.
func (c *call) ticketListView(t *ticket) obj {
	return obj{
		"id": t.id, "workspace_id": t.workspace, "subject": t.subject, "description": t.description,
		"description_text": plainText(t.description), "type": t.kind, "status": t.status, "priority": t.priority,
		"source": t.source, "requester_id": t.requesterID, "requested_for_id": t.requestedForID,
		"responder_id": orNull(t.responderID), "group_id": orNull(t.groupID), "department_id": orNull(t.departmentID),
		"email_config_id": orNull(t.emailConfigID), "category": orNull(t.category), "sub_category": orNull(t.subCategory),
		"item_category": orNull(t.itemCategory), "custom_fields": c.db.ticketCustom(t), "cc_emails": list(t.cc),
		"fwd_emails": list(t.fwd), "reply_cc_emails": list(t.replyCC), "to_emails": nil, "due_by": stamp(t.dueBy),
		"fr_due_by": stamp(t.frDueBy), "is_escalated": c.now.After(t.dueBy) && !closed(t.status),
		"fr_escalated": c.now.After(t.frDueBy) && t.stats.firstResponded.IsZero(),
		"spam":         t.spam, "deleted": t.deleted, "created_at": stamp(t.created), "updated_at": stamp(t.updated),
	}
}

// ticketCustom gives every defined custom field, null where unset (reference §4.1).
func (d *database) ticketCustom(t *ticket) obj {
	out := obj{}
	for _, f := range d.fields {
		if !f.builtin {
			out[f.name] = t.custom[f.name]
		}
	}
	return out
}

func closed(status int) bool { return status == statusResolved || status == statusClosed }

// ticketCoreView is what create, update and view share beyond the list.
func (c *call) ticketCoreView(t *ticket) obj {
	v := c.ticketListView(t)
	v["urgency"], v["impact"] = t.urgency, t.impact
	v["attachments"] = c.attachmentViews(t.attachments)
	v["resolution_notes"], v["resolution_notes_html"] = orNull(plainText(t.resolutionNotes)), orNull(t.resolutionNotes)
	v["planned_start_date"], v["planned_end_date"] = stampOrNull(t.plannedStart), stampOrNull(t.plannedEnd)
	v["planned_effort"], v["tasks_dependency_type"] = orNull(t.plannedEffort), 0
	return v
}

// ticketCreatedView is the 201: tags yes, deleted no (reference §4.1).
func (c *call) ticketCreatedView(t *ticket) obj {
	v := c.ticketCoreView(t)
	v["tags"] = list(t.tags)
	delete(v, "deleted")
	return v
}

// ticketUpdatedView is the PUT: tags yes, policy and approval status no (reference §4.3).
func (c *call) ticketUpdatedView(t *ticket) obj {
	v := c.ticketCoreView(t)
	v["tags"] = list(t.tags)
	v["due_by"], v["fr_due_by"] = stampOffset(t.dueBy), stampOffset(t.frDueBy) // with an offset here (reference §1)
	return v
}

// ticketView is GET of one ticket: no tags unless included (reference §4.1, §4.4).
func (c *call) ticketView(t *ticket) obj {
	v := c.ticketCoreView(t)
	v["bcc_emails"] = nil
	v["sla_policy_id"], v["applied_business_hours"], v["created_within_business_hours"] = int64(21000000001), int64(21000000002), true
	v["approval_status"], v["approval_status_name"] = t.approvalStatus(), approvalStatusName(t.approvalStatus())
	return v
}

// viewIncludes and listIncludes are what include= may name (reference §4.4, §4.5).
func viewIncludes() []string {
	return []string{
		"conversations", "requester", "requested_for", "stats", "problem", "assets", "changes", "related_tickets",
		"onboarding_context", "offboarding_context", "tags",
	}
}

func listIncludes() []string {
	return []string{"stats", "requester", "requested_for", "onboarding_context", "offboarding_context"}
}

// includes reads include= and refuses a name that the endpoint does not embed.
func (c *call) includes(allowed []string) ([]string, error) {
	var names []string
	for name := range strings.SplitSeq(c.query.Get("include"), ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.Contains(allowed, name) {
			return nil, invalid("include", codeInvalidValue, oneOfMessage(allowed))
		}
		names = append(names, name)
	}
	return names, nil
}

// embed adds included resources to a ticket's view.
func (c *call) embed(t *ticket, v obj, names []string) obj {
	for _, name := range names {
		switch name {
		case "tags":
			v["tags"] = list(t.tags)
		case "requester":
			v["requester"] = c.personStub(t.requesterID)
		case "requested_for":
			v["requested_for"] = c.personStub(t.requestedForID)
		case "stats":
			v["stats"] = t.statsView()
		case "conversations":
			rows := t.conversations[:min(len(t.conversations), 10)]
			out := make([]obj, 0, len(rows))
			for _, n := range rows {
				out = append(out, c.conversationListView(n))
			}
			v["conversations"] = out
		case "related_tickets":
			v["related_tickets"] = t.related()
		case "assets":
			out := []obj{}
			for _, id := range t.assets {
				out = append(out, obj{"display_id": id})
			}
			v["assets"] = out
		case "problem":
			v["problem"] = nil
			if t.problem != 0 {
				v["problem"] = obj{"display_id": t.problem}
			}
		case "changes":
			v["changes"] = []obj{}
		case "onboarding_context", "offboarding_context":
			v[name] = t.context(name)
		}
	}
	return v
}

func (c *call) personStub(id int64) any {
	p := c.db.people.get(id)
	if p == nil {
		return nil
	}
	return obj{"id": p.id, "name": p.name(), "email": orNull(p.email), "mobile": orNull(p.mobile), "phone": orNull(p.workPhone)}
}

// related names the parent of a child, or the children of any other ticket (reference §4.3).
func (t *ticket) related() obj {
	if t.parent != 0 {
		return obj{"parent_id": t.parent}
	}
	return obj{"child_ids": list(t.children)}
}

// context is what onboarding and offboarding tickets carry (reference §7.1).
func (t *ticket) context(name string) any {
	if t.lifecycle == nil || t.lifecycle.offboarding != (name == "offboarding_context") {
		return nil
	}
	return obj{"fields": t.lifecycle.fieldView(), "lookup_values": fields(t.lifecycle.lookups)}
}

// statsView has the keys of real traffic; ticket_id there is the internal id (reference §4.4, §1).
func (t *ticket) statsView() obj {
	seconds := func(end bool) any {
		to := t.stats.firstResponded
		if end {
			to = t.stats.resolved
		}
		if to.IsZero() {
			return nil
		}
		return int64(to.Sub(t.created).Seconds())
	}
	return obj{
		"ticket_id": t.internal, "opened_at": nil, "pending_since": stampOrNull(t.stats.pendingSince),
		"resolved_at": stampOrNull(t.stats.resolved), "closed_at": stampOrNull(t.stats.closed),
		"first_assigned_at": stampOrNull(t.stats.firstAssigned), "assigned_at": stampOrNull(t.stats.assigned),
		"first_responded_at": stampOrNull(t.stats.firstResponded), "agent_responded_at": stampOrNull(t.stats.agentResponded),
		"created_at": stamp(t.created), "updated_at": stamp(t.updated), "group_escalated": false,
		"inbound_count": t.stats.inbound, "outbound_count": t.stats.outbound,
		"status_updated_at": stampOrNull(t.stats.statusUpdated), "first_resp_time_in_secs": seconds(false),
		"resolution_time_in_secs": seconds(true),
	}
}
