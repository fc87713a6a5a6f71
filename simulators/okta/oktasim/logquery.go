package oktasim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	logRetention = 90 * 24 * time.Hour  // older events are gone (§7)
	logOldest    = 180 * 24 * time.Hour // an older since is an error
	logDefault   = 7 * 24 * time.Hour   // default since
)

// listLogs is GET /logs. With an until it is bounded: ordered by published, finite. Without one, ascending, it is polling:
// in the order events were stored, and there is always a next link (§7).
func listLogs(c *call) (answer, error) {
	ans, err := queryLogs(c)
	if api, ok := errors.AsType[*apiError](err); ok {
		api.logs = true
	}
	return ans, err
}

// logFailure is E0000053: a filter, field or parameter that /logs does not take.
func logFailure(summary string) *apiError { return fail(http.StatusBadRequest, "E0000053", summary) }

func queryLogs(c *call) (answer, error) {
	q, err := readLogQuery(c)
	if err != nil {
		return answer{}, err
	}
	events := c.s.log.events[:c.s.log.readable(c.now)]
	if q.polling {
		return q.poll(c, events)
	}
	return q.bounded(c, events)
}

type logQuery struct {
	since, until time.Time
	limit        int
	descending   bool
	polling      bool
	filter       *filterNode
	words        []string
	from         int // position to go on from
	cursor       string
}

func readLogQuery(c *call) (*logQuery, error) {
	q := &logQuery{limit: 100}
	if text := c.query.Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return nil, logFailure("Invalid parameter: limit must be an integer between 0 and 1000")
		}
		q.limit = min(n, 1000)
	}
	switch order := c.query.Get("sortOrder"); strings.ToUpper(order) {
	case "", "ASCENDING":
	case "DESCENDING":
		q.descending = true
	default:
		return nil, logFailure("Invalid parameter: sortOrder must be ASCENDING or DESCENDING")
	}
	until, hasUntil, err := logTime(c, "until", c.now)
	if err != nil {
		return nil, err
	}
	since, _, err := logTime(c, "since", until.Add(-logDefault))
	if err != nil {
		return nil, err
	}
	if c.now.Sub(since) > logOldest {
		return nil, logFailure("Invalid parameter: the start date 'since' must not be more than 180 days in the past")
	}
	q.since, q.until, q.polling = since, until, !hasUntil && !q.descending
	if err := q.readFilter(c); err != nil {
		return nil, err
	}
	return q, q.readCursor(c)
}

func logTime(c *call, name string, byDefault time.Time) (t time.Time, given bool, err error) {
	text := c.query.Get(name)
	if text == "" {
		return byDefault, false, nil
	}
	t, parseErr := time.Parse(time.RFC3339Nano, text)
	if parseErr != nil {
		return t, true, fail(http.StatusBadRequest, "E0000001", "Api validation failed: "+name,
			name+": The date format in your query is not recognized. Please enter dates using ISO8601 string format.",
			name+": must be a valid date-time or empty.")
	}
	return t, true, nil
}

var logOperators = []string{"eq", "ne", "gt", "ge", "lt", "le", "sw", "ew", "co", "pr"}

func (q *logQuery) readFilter(c *call) error {
	if text := c.query.Get("filter"); text != "" {
		n, err := parseFilter(text)
		var bad *filterError
		switch {
		case errors.As(err, &bad) && bad.operator != "":
			return logFailure(fmt.Sprintf("Invalid filter '%s': Unrecognized attribute operator '%s' at position %d. Expected: eq,co,sw,pr,gt,ge,lt,le", text, bad.operator, bad.position))
		case err != nil:
			return logFailure(fmt.Sprintf("Invalid filter '%s': %s", text, err.Error()))
		}
		if err := n.each(checkLogField); err != nil {
			return err
		}
		q.filter = n
	}
	if text := c.query.Get("q"); text != "" {
		q.words = strings.Fields(strings.ToLower(text))
		if len(q.words) > 10 || slices.ContainsFunc(q.words, func(w string) bool { return len(w) > 40 }) {
			return fail(http.StatusBadRequest, "E0000001", "Api validation failed: q", "q: must be at most 10 keywords of at most 40 characters")
		}
	}
	return nil
}

// logRoots are the attributes of an event that a filter may start with; published is not among them (§7).
var logRoots = []string{
	"actor", "authenticationContext", "client", "debugContext", "device", "displayMessage", "eventType", "legacyEventType", "outcome",
	"request", "securityContext", "severity", "target", "transaction", "uuid", "version",
}

func checkLogField(n *filterNode) error {
	root, _, _ := strings.Cut(n.attr, ".")
	switch {
	case !slices.Contains(logRoots, root):
		return logFailure("field is not valid: " + n.attr)
	case !slices.Contains(logOperators, n.cmp):
		return logFailure("Invalid filter: unknown operator " + n.cmp)
	case n.cmp == "co" && (n.attr == "debugContext.debugData.url" || n.attr == "debugContext.debugData.requestUri"):
		return badSearch("The combination of operator and field is not supported: " + n.attr + " co")
	}
	return nil
}

// readCursor takes <epoch ms>_<n>, the recorded form: n is the position to go on from.
func (q *logQuery) readCursor(c *call) error {
	q.cursor = c.query.Get("after")
	if q.cursor == "" {
		return nil
	}
	ms, n, found := strings.Cut(q.cursor, "_")
	_, err1 := strconv.ParseInt(ms, 10, 64)
	from, err2 := strconv.Atoi(n)
	if !found || err1 != nil || err2 != nil || from < 0 {
		return logFailure("Invalid parameter: after is not a valid cursor")
	}
	q.from = from
	return nil
}

func (q *logQuery) wants(c *call, ev *logEvent) bool {
	if c.now.Sub(ev.at) > logRetention {
		return false
	}
	if q.filter != nil && !q.filter.eval(ev.fields, false) {
		return false
	}
	if len(q.words) == 0 {
		return true
	}
	text := strings.ToLower(ev.searchText())
	return !slices.ContainsFunc(q.words, func(w string) bool { return !strings.Contains(text, w) })
}

func (q *logQuery) poll(c *call, events []*logEvent) (answer, error) {
	items := []*logEvent{}
	at := min(q.from, len(events))
	for at < len(events) && len(items) < q.limit {
		ev := events[at]
		at++
		// Once polling is under way the cursor alone decides: a late event is not lost.
		if (q.cursor != "" || !ev.at.Before(q.since)) && q.wants(c, ev) {
			items = append(items, ev)
		}
	}
	next := q.cursor
	if len(items) > 0 || next == "" || at > q.from {
		ms := q.since.UnixMilli()
		if at > 0 {
			ms = events[at-1].at.UnixMilli()
		}
		next = fmt.Sprintf("%d_%d", ms, at)
	}
	return listOf(items, q.links(c, next))
}

func (q *logQuery) bounded(c *call, events []*logEvent) (answer, error) {
	var found []*logEvent
	for _, ev := range events {
		if !ev.at.Before(q.since) && ev.at.Before(q.until) && q.wants(c, ev) {
			found = append(found, ev)
		}
	}
	slices.SortStableFunc(found, func(a, b *logEvent) int {
		if q.descending {
			return b.at.Compare(a.at)
		}
		return a.at.Compare(b.at)
	})
	rest := found[min(q.from, len(found)):]
	items := append([]*logEvent{}, rest[:min(q.limit, len(rest))]...)
	next := ""
	if len(rest) > len(items) && len(items) > 0 {
		next = fmt.Sprintf("%d_%d", items[len(items)-1].at.UnixMilli(), q.from+len(items))
	}
	return listOf(items, q.links(c, next))
}

// links keep the caller's parameters; a polling query that found nothing gets its own address as next (§7).
func (q *logQuery) links(c *call, next string) []string {
	p := pageQuery{known: []string{"since", "until", "filter", "q", "sortOrder"}}
	return p.linkLines(c, q.limit, next)
}

// fields gives the values of one attribute, for filters. target.* matches any target.
func (ev *logEvent) fields(attr string) []any {
	switch attr {
	case "eventType":
		return []any{ev.EventType}
	case "uuid":
		return []any{ev.UUID}
	case "actor.id":
		return []any{ev.Actor.ID}
	case "actor.alternateId":
		return []any{ev.Actor.AlternateID}
	case "outcome.result":
		return []any{ev.Outcome.Result}
	case "severity":
		return []any{ev.Severity}
	case "target.id":
		ids := make([]any, len(ev.Target))
		for i, t := range ev.Target {
			ids[i] = t.ID
		}
		return ids
	case "transaction.detail.requestApiTokenId":
		if id := ev.Transaction.Detail["requestApiTokenId"]; id != "" {
			return []any{id}
		}
		return nil
	}
	return dig(ev.asObject(), strings.Split(attr, "."))
}

func (ev *logEvent) asObject() any {
	b, err := json.Marshal(ev)
	if err != nil {
		return nil
	}
	var v any
	if json.Unmarshal(b, &v) != nil {
		return nil
	}
	return v
}

// dig follows a path through objects and every element of arrays.
func dig(v any, path []string) []any {
	switch node := v.(type) {
	case nil:
		return nil
	case []any:
		var out []any
		for _, e := range node {
			out = append(out, dig(e, path)...)
		}
		return out
	case map[string]any:
		if len(path) == 0 {
			return []any{node}
		}
		return dig(node[path[0]], path[1:])
	default:
		if len(path) > 0 {
			return nil
		}
		return []any{node}
	}
}

func (ev *logEvent) searchText() string {
	parts := []string{ev.EventType, ev.DisplayMessage, ev.Actor.ID, ev.Actor.AlternateID, ev.Actor.DisplayName, ev.Outcome.Result, ev.Severity}
	for _, t := range ev.Target {
		parts = append(parts, t.ID, t.AlternateID, t.DisplayName)
	}
	return strings.Join(parts, "\n")
}
