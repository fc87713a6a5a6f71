package freshservice

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// GetPerson finds the requester, or else the agent, with this id: a ticket's requester can be either (reference §8.1).
// NotFound when it is neither.
func (c *Client) GetPerson(ctx context.Context, id int64) (Person, error) {
	p, err := c.GetRequester(ctx, id)
	if errors.Is(err, NotFound) {
		return c.GetAgent(ctx, id)
	}
	return p, err
}

// FindPeopleByEmail finds everybody who has this address, primary or secondary, requesters and agents, active or not.
// An empty result is no error.
func (c *Client) FindPeopleByEmail(ctx context.Context, email string) ([]Person, error) {
	email = strings.ToLower(strings.TrimSpace(email))
	if email == "" {
		return nil, c.invalid(get("find person", "/requesters"), "email", "it is empty")
	}
	page, err := c.ListRequesters(ctx, RequesterList{Email: email, IncludeAgents: true})
	if errors.Is(err, Denied) { // including agents takes a privilege of its own
		page, err = c.ListRequesters(ctx, RequesterList{Email: email})
	}
	if err != nil {
		return nil, err
	}
	found := withEmail(nil, page.Items, email)
	agents, err := c.ListAgents(ctx, AgentList{Email: email})
	if err != nil && (len(found) == 0 || !errors.Is(err, Denied)) {
		return nil, err
	}
	return withEmail(found, agents.Items, email), nil
}

// withEmail adds those who really have the address, each once: a parameter that the vendor ignored would bring
// everybody. An agent's own record, which knows roles, replaces the same person's from the requesters' list.
func withEmail(found, more []Person, email string) []Person {
next:
	for _, p := range more {
		if !p.HasEmail(email) {
			continue
		}
		for i := range found {
			if found[i].ID == p.ID {
				found[i] = p
				continue next
			}
		}
		found = append(found, p)
	}
	return found
}

// FindPersonByEmail finds the one person with this address: NotFound when there is none, Conflict when there are
// several.
func (c *Client) FindPersonByEmail(ctx context.Context, email string) (Person, error) {
	found, err := c.FindPeopleByEmail(ctx, email)
	if err != nil {
		return Person{}, err
	}
	if len(found) == 1 {
		return found[0], nil
	}
	e := c.newError(get("find person", "/requesters"), NotFound, nil)
	e.Message = "neither a requester nor an agent has this address"
	if len(found) > 1 {
		ids := make([]string, 0, len(found))
		for _, p := range found {
			ids = append(ids, fmt.Sprint(p.ID))
		}
		e.Kind = Conflict
		e.Message = "several people have this address: " + strings.Join(ids, ", ") + "; merge them in Freshservice"
	}
	return Person{}, e
}
