package freshsim

import (
	"fmt"
	"strconv"
)

const activitiesPerPage = 20

// listActivities is newest first, 20 a page, continued by a token rather than a number (reference §4.11).
func listActivities(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	end := len(t.activities)
	if c.query.Has("start_token") {
		n, err := strconv.Atoi(c.query.Get("start_token"))
		if err != nil || n < 0 || n > end {
			return nil, invalid("start_token", codeInvalidValue, "It should be a token of a former answer")
		}
		end = n
	}
	start := max(end-activitiesPerPage, 0)
	out := make([]obj, 0, activitiesPerPage)
	for i := end - 1; i >= start; i-- {
		a := t.activities[i]
		out = append(out, obj{
			"actor":   obj{"id": a.actorID, "name": a.actor},
			"content": a.content, "sub_contents": list(a.sub), "created_at": stamp(a.at),
		})
	}
	body := obj{"activities": out}
	if start > 0 {
		body["next_page_url"] = fmt.Sprintf("%s/api/v2/tickets/%d/activities?start_token=%d", c.origin, t.id, start)
	}
	return ok(body)
}
