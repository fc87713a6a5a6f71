package okta

import (
	"context"
	"net/http"
	"slices"
)

const (
	groupPage  = 200 // advised (okta-api.md §4)
	memberPage = 200 // advised; 1000 is the most
	rulePage   = 200 // the most
)

// GetGroup reads one group by id, without Stats.
func (c *Client) GetGroup(ctx context.Context, groupID string) (Group, error) {
	var group groupWire
	err := c.exchange(ctx, newCall("GetGroup", http.MethodGet, "/api/v1/groups/{id}", groupID), nil, &group)
	return group.plain(), err
}

// FindGroupsByName finds the groups of exactly this name, upper and lower case apart: none, one, or one of each type.
// A group made a moment ago may be missing, a deleted one still there: read it by id before acting on it.
func (c *Client) FindGroupsByName(ctx context.Context, name string) ([]Group, error) {
	if name == "" {
		return nil, newCall("FindGroupsByName", http.MethodGet, "/api/v1/groups").fail(Invalid, "the group's name is empty")
	}
	found, err := Collect(func(after string) (Page[Group], error) {
		call := newCall("FindGroupsByName", http.MethodGet, "/api/v1/groups").with("search", Eq("profile.name", name))
		return listVia[groupWire](ctx, c, call, groupPage, after)
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(g Group) bool { return g.Name != name }), nil
}

// ListGroups reads one page of all groups, with Stats. It may show deleted groups for a while (okta-api.md §10.6).
func (c *Client) ListGroups(ctx context.Context, p PageRequest) (Page[Group], error) {
	call := newCall("ListGroups", http.MethodGet, "/api/v1/groups").with("expand", "stats")
	return listVia[groupWire](ctx, c, call, orDefault(p.Limit, groupPage), p.After)
}

func orDefault(limit, other int) int {
	if limit > 0 {
		return limit
	}
	return other
}

// GroupStats reads one group's counts: for the group Everyone, the size of the org.
func (c *Client) GroupStats(ctx context.Context, groupID string) (GroupStats, error) {
	// Reading one group takes no expand; the list does.
	call := newCall("GroupStats", http.MethodGet, "/api/v1/groups").with("filter", Eq("id", groupID)).with("expand", "stats")
	var groups []groupWire
	if err := c.exchange(ctx, call, nil, &groups); err != nil {
		return GroupStats{}, err
	}
	for _, g := range groups {
		if stats := g.Embedded.Stats; g.ID == groupID && stats != nil {
			return *stats, nil
		}
	}
	return GroupStats{}, call.fail(NotFound, "no group has this id")
}

// ListGroupMembers reads one page of a group's members, deactivated people included. It lags behind writes; whether one
// person is a member is better asked with IsMember.
func (c *Client) ListGroupMembers(ctx context.Context, groupID string, p PageRequest) (Page[User], error) {
	call := newCall("ListGroupMembers", http.MethodGet, "/api/v1/groups/{id}/users", groupID)
	return list[User](ctx, c, call, orDefault(p.Limit, memberPage), p.After)
}

// IsMember reports whether a person is in a group. It reads the person's groups, which are few, rather than the group's
// members, which may be thousands, and stops when it has found it.
func (c *Client) IsMember(ctx context.Context, groupID, userID string) (bool, error) {
	if _, err := segment(groupID); err != nil {
		return false, newCall("IsMember", http.MethodGet, "/api/v1/users/{id}/groups", userID).fail(Invalid, "group: "+err.Error())
	}
	for group, err := range Pages(func(after string) (Page[Group], error) {
		return listVia[groupWire](ctx, c, newCall("IsMember", http.MethodGet, "/api/v1/users/{id}/groups", userID), 0, after)
	}) {
		if err != nil {
			return false, err
		}
		if group.ID == groupID {
			return true, nil
		}
	}
	return false, nil
}

// AddMember puts a person into a group; one who is in it already stays. Groups that are not OktaGroup refuse (Denied).
func (c *Client) AddMember(ctx context.Context, groupID, userID string) error {
	call := newCall("AddMember", http.MethodPut, "/api/v1/groups/{id}/users/{id}", groupID, userID)
	return c.run(ctx, call, func(ctx context.Context) error {
		_, err := c.sdk.Group.AddUserToGroup(ctx, call.args[0], call.args[1])
		return err
	})
}

// RemoveMember takes a person out of a group; one who is not in it stays out. If a rule gave the membership, Okta adds
// the person to that rule's exclusions (GroupRule.ExcludedUserIDs). Groups that are not OktaGroup refuse (Denied).
func (c *Client) RemoveMember(ctx context.Context, groupID, userID string) error {
	call := newCall("RemoveMember", http.MethodDelete, "/api/v1/groups/{id}/users/{id}", groupID, userID)
	return c.run(ctx, call, func(ctx context.Context) error {
		_, err := c.sdk.Group.RemoveUserFromGroup(ctx, call.args[0], call.args[1])
		return err
	})
}

// ListRules reads all group rules, whatever their status.
func (c *Client) ListRules(ctx context.Context) ([]GroupRule, error) {
	return Collect(func(after string) (Page[GroupRule], error) {
		return listVia[ruleWire](ctx, c, newCall("ListRules", http.MethodGet, "/api/v1/groups/rules"), rulePage, after)
	})
}

// GetRule reads one group rule.
func (c *Client) GetRule(ctx context.Context, ruleID string) (GroupRule, error) {
	var rule ruleWire
	err := c.exchange(ctx, newCall("GetRule", http.MethodGet, "/api/v1/groups/rules/{id}", ruleID), nil, &rule)
	return rule.plain(), err
}

// ListGroupApps reads all apps that a group grants.
func (c *Client) ListGroupApps(ctx context.Context, groupID string) ([]App, error) {
	return Collect(func(after string) (Page[App], error) {
		return list[App](ctx, c, newCall("ListGroupApps", http.MethodGet, "/api/v1/groups/{id}/apps", groupID), groupPage, after)
	})
}

// ListGroupAdminRoles reads the admin roles that a group gives its members.
func (c *Client) ListGroupAdminRoles(ctx context.Context, groupID string) ([]Role, error) {
	var roles []Role
	err := c.exchange(ctx, newCall("ListGroupAdminRoles", http.MethodGet, "/api/v1/groups/{id}/roles", groupID), nil, &roles)
	return roles, err
}
