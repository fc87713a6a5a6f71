package freshservice

import "context"

// Group is a group of agents.
type Group struct {
	ID               int64   `json:"id"`
	WorkspaceID      int64   `json:"workspace_id"`
	Name             string  `json:"name"`
	Description      string  `json:"description"`
	Members          []int64 `json:"members"`
	Observers        []int64 `json:"observers"`
	Leaders          []int64 `json:"leaders"`
	Restricted       bool    `json:"restricted"`
	ApprovalRequired bool    `json:"approval_required"`
}

// ListGroups reads the agent groups of the configured workspace; the vendor lists one workspace at a time (reference §1).
func (c *Client) ListGroups(ctx context.Context) ([]Group, error) {
	k := get("list groups", "/groups").withInt("workspace_id", c.workspace)
	return fetchAll[Group](ctx, c, k, maxPerPage, "groups", "group")
}

// GetGroup views one agent group with its members.
func (c *Client) GetGroup(ctx context.Context, id int64) (Group, error) {
	return fetchOne[Group](ctx, c, get("view group", "/groups/{id}").at("id", id), "group", "groups")
}

// Role is a set of privileges of agents.
type Role struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Default     bool   `json:"default"`
	Type        int    `json:"role_type"` // 1 admin, 2 agent
}

// ListRoles reads every role.
func (c *Client) ListRoles(ctx context.Context) ([]Role, error) {
	return fetchAll[Role](ctx, c, get("list roles", "/roles"), maxPerPage, "roles", "role")
}

// RequesterGroup is a group of requesters, such as those who may see an item of the catalogue.
type RequesterGroup struct {
	ID          int64  `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Type        string `json:"type"` // manual or rule_based
}

// ListRequesterGroups reads every requester group.
func (c *Client) ListRequesterGroups(ctx context.Context) ([]RequesterGroup, error) {
	k := get("list requester groups", "/requester_groups")
	return fetchAll[RequesterGroup](ctx, c, k, maxPerPage, "requester_groups", "requester_group")
}

// RequesterGroupMembers reads the members of a requester group: id, name and address alone.
func (c *Client) RequesterGroupMembers(ctx context.Context, group int64) ([]Person, error) {
	k := get("list requester group members", "/requester_groups/{id}/members").at("id", group)
	wire, err := fetchAll[personWire](ctx, c, k, maxPerPage, "requesters", "members")
	return people(Page[personWire]{Items: wire}, false).Items, err
}

// AddRequesterGroupMember puts a requester into a manual group.
func (c *Client) AddRequesterGroupMember(ctx context.Context, group, requester int64) error {
	k := post("add requester group member", "/requester_groups/{id}/members/{member}", nil)
	return c.do(ctx, k.at("id", group).at("member", requester))
}

// RemoveRequesterGroupMember takes a requester out of a manual group.
func (c *Client) RemoveRequesterGroupMember(ctx context.Context, group, requester int64) error {
	k := drop("remove requester group member", "/requester_groups/{id}/members/{member}")
	return c.do(ctx, k.at("id", group).at("member", requester))
}

// Workspace is a part of the account with fields and groups of its own.
type Workspace struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Primary bool   `json:"primary"`
	State   string `json:"state"`
}

// ListWorkspaces reads the account's workspaces.
func (c *Client) ListWorkspaces(ctx context.Context) ([]Workspace, error) {
	return fetchAll[Workspace](ctx, c, get("list workspaces", "/workspaces"), 0, "workspaces", "workspace")
}
