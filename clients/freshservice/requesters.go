package freshservice

import (
	"context"
	"strconv"
	"strings"
)

// RequesterList narrows [Client.ListRequesters].
type RequesterList struct {
	Email         string // exact
	IncludeAgents bool   // needs the privilege to manage agents
	PageRequest
}

// ListRequesters reads one page. Whether deactivated people are in it is not documented: look at Active (reference §8.1).
func (c *Client) ListRequesters(ctx context.Context, l RequesterList) (Page[Person], error) {
	k := get("list requesters", "/requesters").with("email", strings.ToLower(strings.TrimSpace(l.Email)))
	if l.IncludeAgents {
		k.with("include_agents", strconv.FormatBool(true))
	}
	page, err := fetchPage[personWire](ctx, c, k, l.PageRequest, "requesters", "requester")
	return people(page, false), err
}

// GetRequester views one requester; an agent's id is NotFound here, see [Client.GetPerson].
func (c *Client) GetRequester(ctx context.Context, id int64) (Person, error) {
	w, err := fetchOne[personWire](ctx, c, get("view requester", "/requesters/{id}").at("id", id), "requester", "requesters")
	return w.person(false), err
}

// CreateRequester makes a requester. FirstName and one of Email, WorkPhone and MobilePhone are needed. An address that
// is taken is a Conflict.
func (c *Client) CreateRequester(ctx context.Context, p PersonInput) (Person, error) {
	k := post("create requester", "/requesters", p.body("primary_email"))
	w, err := fetchOne[personWire](ctx, c, k, "requester", "requesters")
	return w.person(false), err
}

// UpdateRequester changes what p sets. It reads the requester first, so that the vendor does not take away the sight of
// department tickets and changes: two calls.
func (c *Client) UpdateRequester(ctx context.Context, id int64, p PersonInput) (Person, error) {
	now, err := c.GetRequester(ctx, id)
	if err != nil {
		return Person{}, err
	}
	k := put("update requester", "/requesters/{id}", p.keepSight(now).body("primary_email")).at("id", id)
	w, err := fetchOne[personWire](ctx, c, k, "requester", "requesters")
	return w.person(false), err
}

// DeactivateRequester deactivates; the vendor spells that DELETE. This client has no way to forget a person, for that
// would delete their tickets (reference §11.16).
func (c *Client) DeactivateRequester(ctx context.Context, id int64) error {
	return c.do(ctx, drop("deactivate requester", "/requesters/{id}").at("id", id))
}

// ReactivateRequester undoes [Client.DeactivateRequester].
func (c *Client) ReactivateRequester(ctx context.Context, id int64) (Person, error) {
	k := put("reactivate requester", "/requesters/{id}/reactivate", nil).at("id", id)
	w, err := fetchOne[personWire](ctx, c, k, "requester", "requesters")
	return w.person(false), err
}
