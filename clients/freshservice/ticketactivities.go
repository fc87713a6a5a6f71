package freshservice

import (
	"context"
	"encoding/json"
	"net/url"
	"time"
)

// maxActivityPages bounds a walk over one ticket's log; a page has 20 entries.
const maxActivityPages = 100

// TicketActivity is one entry of a ticket's own log: who changed what. Automations act under the id 0.
type TicketActivity struct {
	Actor       NamedRef  `json:"actor"`
	Content     string    `json:"content"` // HTML
	SubContents []string  `json:"sub_contents"`
	CreatedAt   time.Time `json:"created_at"`
}

// ListTicketActivities reads the log of a ticket, newest first.
func (c *Client) ListTicketActivities(ctx context.Context, ticket int64) ([]TicketActivity, error) {
	k := get("list ticket activities", "/tickets/{id}/activities").at("id", ticket)
	var all []TicketActivity
	for range maxActivityPages {
		a, err := c.send(ctx, k)
		if err != nil {
			return nil, err
		}
		page, err := decodeMany[TicketActivity](a.body, "activities")
		if err != nil {
			return nil, c.unreadable(k, a, err)
		}
		all = append(all, page...)
		token := nextToken(a.body)
		if token == "" || len(page) == 0 {
			return all, nil
		}
		k = k.copyOf().with("start_token", token)
	}
	return nil, c.invalid(k, "start_token", "the log of this ticket does not end")
}

// nextToken takes only the token out of next_page_url: the key is sent to no address that an answer names.
func nextToken(body []byte) string {
	var page struct {
		Next string `json:"next_page_url"`
	}
	if json.Unmarshal(body, &page) != nil || page.Next == "" {
		return ""
	}
	u, err := url.Parse(page.Next)
	if err != nil {
		return ""
	}
	return u.Query().Get("start_token")
}
