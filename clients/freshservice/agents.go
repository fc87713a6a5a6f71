package freshservice

import (
	"context"
	"strings"
)

// AgentList narrows [Client.ListAgents].
type AgentList struct {
	Email string // exact
	PageRequest
}

// ListAgents reads one page of agents.
func (c *Client) ListAgents(ctx context.Context, l AgentList) (Page[Person], error) {
	k := get("list agents", "/agents").with("email", strings.ToLower(strings.TrimSpace(l.Email)))
	page, err := fetchPage[personWire](ctx, c, k, l.PageRequest, "agents", "agent")
	return people(page, true), err
}

// GetAgent views one agent.
func (c *Client) GetAgent(ctx context.Context, id int64) (Person, error) {
	w, err := fetchOne[personWire](ctx, c, get("view agent", "/agents/{id}").at("id", id), "agent", "agents")
	return w.person(true), err
}

// Me is the agent who owns the key. The call is not documented but in wide use (reference §1).
func (c *Client) Me(ctx context.Context) (Person, error) {
	w, err := fetchOne[personWire](ctx, c, get("view own agent", "/agents/me"), "agent", "agents")
	return w.person(true), err
}

// UpdateAgent changes what p sets, reading the agent first as [Client.UpdateRequester] does: two calls. Roles and groups
// are not touched.
func (c *Client) UpdateAgent(ctx context.Context, id int64, p PersonInput) (Person, error) {
	now, err := c.GetAgent(ctx, id)
	if err != nil {
		return Person{}, err
	}
	k := put("update agent", "/agents/{id}", p.keepSight(now).body("email")).at("id", id)
	w, err := fetchOne[personWire](ctx, c, k, "agent", "agents")
	return w.person(true), err
}
