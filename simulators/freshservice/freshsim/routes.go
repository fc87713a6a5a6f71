package freshsim

import "net/http"

// apiRoutes is every endpoint of /api/v2 that this account knows.
func apiRoutes() []route {
	paged := func(more ...string) []string { return append([]string{"page", "per_page", "workspace_id"}, more...) }
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	listQuery := paged("filter", "requester_id", "email", "updated_since", "type", "order_type", "order_by", "include")
	bypass := []string{"bypass_mandatory"}
	routes := []route{
		{get, "/tickets", needLogin, bucketTicketList, listQuery, includeList, listTickets},
		{post, "/tickets", needTickets, bucketTicketCreate, nil, includeNone, createTicket},
		{get, "/tickets/filter", needLogin, bucketTicketList, paged("query"), includeNone, filterTickets},
		{get, "/tickets/{id}", needLogin, bucketTicketView, []string{"include"}, includeView, getTicket},
		{put, "/tickets/{id}", needTickets, bucketTicketUpdate, bypass, includeNone, updateTicket},
		{del, "/tickets/{id}", needTickets, "", nil, includeNone, deleteTicket},
		{put, "/tickets/{id}/restore", needTickets, "", nil, includeNone, restoreTicket},
		{put, "/tickets/{id}/promote", needTickets, bucketTicketUpdate, nil, includeNone, promote},
		{put, "/tickets/{id}/demote", needTickets, bucketTicketUpdate, nil, includeNone, demote},
		{post, "/tickets/{id}/create_child_ticket", needTickets, bucketTicketCreate, nil, includeNone, createChild},
		{del, "/tickets/{id}/attachments/{aid}", needTickets, "", nil, includeNone, deleteTicketAttachment},
		{post, "/tickets/{id}/notes", needTickets, "", nil, includeNone, addNote},
		{post, "/tickets/{id}/reply", needTickets, "", nil, includeNone, addReply},
		{get, "/tickets/{id}/conversations", needLogin, "", paged(), includeNone, listConversations},
		{put, "/conversations/{id}", needTickets, "", nil, includeNone, updateConversation},
		{del, "/conversations/{id}", needTickets, "", nil, includeNone, deleteConversation},
		{del, "/conversations/{id}/attachments/{aid}", needTickets, "", nil, includeNone, deleteConversationAttachment},
		{get, "/attachments/{id}", needLogin, "", nil, includeNone, getAttachment},
		{get, "/tickets/{id}/activities", needLogin, "", []string{"start_token"}, includeNone, listActivities},
		{get, "/ticket_form_fields", needLogin, "", []string{"workspace_id"}, includeNone, listTicketFields},
		{get, "/ticket_fields", needLogin, "", []string{"workspace_id"}, includeNone, listTicketFields},
	}
	routes = append(routes, subRoutes(paged)...)
	routes = append(routes, approvalRoutes(paged)...)
	routes = append(routes, lifecycleRoutes(paged)...)
	return append(routes, peopleRoutes(paged)...)
}

type pagedQuery func(more ...string) []string

// subRoutes are tasks, time entries and the service catalogue.
func subRoutes(paged pagedQuery) []route {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	return []route{
		{get, "/tickets/{id}/tasks", needLogin, "", paged(), includeNone, listTasks},
		{post, "/tickets/{id}/tasks", needTickets, "", nil, includeNone, createTask},
		{get, "/tickets/{id}/tasks/{tid}", needLogin, "", nil, includeNone, getTask},
		{put, "/tickets/{id}/tasks/{tid}", needTickets, "", nil, includeNone, updateTask},
		{del, "/tickets/{id}/tasks/{tid}", needTickets, "", nil, includeNone, deleteTask},
		{get, "/tickets/{id}/time_entries", needLogin, "", paged(), includeNone, listTimeEntries},
		{post, "/tickets/{id}/time_entries", needTickets, "", nil, includeNone, createTimeEntry},
		{get, "/tickets/{id}/time_entries/{tid}", needLogin, "", nil, includeNone, getTimeEntry},
		{put, "/tickets/{id}/time_entries/{tid}", needTickets, "", nil, includeNone, updateTimeEntry},
		{del, "/tickets/{id}/time_entries/{tid}", needTickets, "", nil, includeNone, deleteTimeEntry},
		{get, "/service_catalog/items", needLogin, "", paged("category_id"), includeNone, listItems},
		{get, "/service_catalog/items/search", needLogin, "", paged("search_term", "user_email"), includeNone, searchItems},
		{get, "/service_catalog/items/{id}", needLogin, "", nil, includeNone, getItem},
		{post, "/service-catalog/items", needCatalog, "", nil, includeNone, createItem},
		{get, "/service_catalog/categories", needLogin, "", paged(), includeNone, listCategories},
		{post, "/service_catalog/items/{id}/place_request", needTickets, bucketTicketCreate, nil, includeNone, placeRequest},
		{get, "/tickets/{id}/requested_items", needLogin, "", paged(), includeNone, listRequestedItems},
		{put, "/tickets/{id}/requested_items/{rid}", needTickets, "", nil, includeNone, updateRequestedItem},
	}
}

func approvalRoutes(paged pagedQuery) []route {
	const get, post, put = http.MethodGet, http.MethodPost, http.MethodPut
	return []route{
		{get, "/approvals", needLogin, "", paged("parent", "parent_id", "approver_id", "delegatee_id", "status", "level"), includeNone, listApprovals},
		{get, "/tickets/{id}/approvals", needLogin, "", paged(), includeNone, listTicketApprovals},
		{post, "/tickets/{id}/approvals", needTickets, "", nil, includeNone, createApproval},
		{get, "/tickets/{id}/approvals/{aid}", needLogin, "", nil, includeNone, getApproval},
		{put, "/tickets/{id}/approvals/{aid}", needTickets, "", nil, includeNone, updateApproval},
		{put, "/tickets/{id}/approvals/{aid}/remind", needTickets, "", nil, includeNone, remindApproval},
		{get, "/tickets/{id}/approval-groups", needLogin, "", paged(), includeNone, listApprovalGroups},
		{post, "/tickets/{id}/approval-groups", needTickets, "", nil, includeNone, createApprovalGroup},
		{put, "/tickets/{id}/approval-groups/{gid}", needTickets, "", nil, includeNone, updateApprovalGroup},
		{put, "/tickets/{id}/approval-chain-rule", needTickets, "", nil, includeNone, updateChainRule},
	}
}

func lifecycleRoutes(paged pagedQuery) []route {
	var out []route
	for _, off := range []bool{false, true} {
		base := "/" + lifecycleOf(off).root + "s"
		out = append(out,
			route{http.MethodGet, base + "/form", needLogin, "", nil, includeNone, lifecycleForm(off)},
			route{http.MethodPost, base, needJourney, "", nil, includeNone, createLifecycle(off)},
			route{http.MethodGet, base, needLogin, "", paged(), includeNone, listLifecycles(off)},
			route{http.MethodGet, base + "/{id}", needLogin, "", nil, includeNone, getLifecycle(off)},
			route{http.MethodGet, base + "/{id}/tickets", needLogin, "", nil, includeNone, lifecycleTickets(off)},
		)
	}
	return out
}

// peopleRoutes are requesters, agents, groups and the organisation.
func peopleRoutes(paged pagedQuery) []route {
	const get, post, put, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete
	people := []string{"email", "mobile_phone_number", "work_phone_number", "query", "active"}
	return []route{
		{get, "/requesters", needLogin, bucketRequesterList, paged(append(people, "include_agents")...), includeNone, listRequesters},
		{post, "/requesters", needPeople, "", nil, includeNone, createRequester},
		{get, "/requesters/{id}", needLogin, "", nil, includeNone, getRequester},
		{put, "/requesters/{id}", needPeople, "", nil, includeNone, updateRequester},
		{del, "/requesters/{id}", needPeople, "", nil, includeNone, deactivateRequester},
		{put, "/requesters/{id}/reactivate", needPeople, "", nil, includeNone, reactivateRequester},
		{del, "/requesters/{id}/forget", needPeople, "", nil, includeNone, forgetRequester},
		{put, "/requesters/{id}/convert_to_agent", needAgents, "", nil, includeNone, convertToAgent},
		{put, "/requesters/{id}/merge", needPeople, "", []string{"secondary_requesters"}, includeNone, mergeRequesters},
		{get, "/requester_fields", needLogin, "", nil, includeNone, requesterFields},
		{get, "/agents", needLogin, bucketAgentList, paged(append(people, "state")...), includeNone, listAgents},
		{get, "/agents/me", needLogin, "", nil, includeNone, getMe},
		{post, "/agents", needAgents, "", nil, includeNone, createAgent},
		{get, "/agents/{id}", needLogin, "", nil, includeNone, getAgent},
		{put, "/agents/{id}", needAgents, "", nil, includeNone, updateAgent},
		{del, "/agents/{id}", needAgents, "", nil, includeNone, deactivateAgent},
		{put, "/agents/{id}/reactivate", needAgents, "", nil, includeNone, reactivateAgent},
		{del, "/agents/{id}/forget", needAgents, "", nil, includeNone, forgetAgent},
		{put, "/agents/{id}/convert_to_requester", needAgents, "", nil, includeNone, convertToRequester},
		{get, "/agent_fields", needLogin, "", nil, includeNone, agentFields},
		{get, "/groups", needLogin, "", paged(), includeNone, listGroups},
		{post, "/groups", needAgents, "", nil, includeNone, createGroup},
		{get, "/groups/{id}", needLogin, "", nil, includeNone, getGroup},
		{put, "/groups/{id}", needAgents, "", nil, includeNone, updateGroup},
		{del, "/groups/{id}", needAgents, "", nil, includeNone, deleteGroup},
		{get, "/roles", needLogin, "", paged(), includeNone, listRoles},
		{get, "/roles/{id}", needLogin, "", nil, includeNone, getRole},
		{get, "/requester_groups", needLogin, "", paged(), includeNone, listRequesterGroups},
		{post, "/requester_groups", needPeople, "", nil, includeNone, createRequesterGroup},
		{get, "/requester_groups/{id}", needLogin, "", nil, includeNone, getRequesterGroup},
		{del, "/requester_groups/{id}", needPeople, "", nil, includeNone, deleteRequesterGroup},
		{get, "/requester_groups/{id}/members", needLogin, "", paged(), includeNone, listRequesterGroupMembers},
		{post, "/requester_groups/{id}/members/{rid}", needPeople, "", nil, includeNone, addRequesterGroupMember},
		{del, "/requester_groups/{id}/members/{rid}", needPeople, "", nil, includeNone, removeRequesterGroupMember},
		{get, "/departments", needLogin, "", paged("query"), includeNone, listDepartments},
		{post, "/departments", needPeople, "", nil, includeNone, createDepartment},
		{get, "/departments/{id}", needLogin, "", nil, includeNone, getDepartment},
		{put, "/departments/{id}", needPeople, "", nil, includeNone, updateDepartment},
		{del, "/departments/{id}", needPeople, "", nil, includeNone, deleteDepartment},
		{get, "/locations", needLogin, "", paged("query"), includeNone, listLocations},
		{post, "/locations", needPeople, "", nil, includeNone, createLocation},
		{get, "/locations/{id}", needLogin, "", nil, includeNone, getLocation},
		{get, "/workspaces", needLogin, "", paged(), includeNone, listWorkspaces},
		{get, "/workspaces/{id}", needLogin, "", nil, includeNone, getWorkspace},
	}
}
