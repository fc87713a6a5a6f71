package freshsim

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
)

func (e *timeEntry) view() obj {
	return obj{
		"id": e.id, "agent_id": e.agentID, "task_id": orNull(e.taskID), "workspace_id": e.workspace, "note": e.note,
		"billable": e.billable, "timer_running": e.running, "time_spent": fmt.Sprintf("%02d:%02d", e.minutes/60, e.minutes%60),
		"executed_at": stamp(e.executed), "start_time": stampOrNull(e.started), "custom_fields": fields(e.custom),
		"created_at": stamp(e.created), "updated_at": stamp(e.updated),
	}
}

func (c *call) timeEntry() (*ticket, *timeEntry, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, nil, err
	}
	for _, e := range t.timeEntries {
		if e.id == c.ids["tid"] {
			return t, e, nil
		}
	}
	return nil, nil, notFound()
}

func listTimeEntries(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	return listed(c, "time_entries", slices.Values(t.timeEntries), (*timeEntry).view)
}

func getTimeEntry(c *call) (*answer, error) {
	_, e, err := c.timeEntry()
	if err != nil {
		return nil, err
	}
	return ok(obj{"time_entry": e.view()})
}

// entryInput unwraps the body, which unlike a ticket's is rooted in time_entry (reference §4.11).
func (c *call) entryInput() (*input, error) {
	outer, err := c.input()
	if err != nil {
		return nil, err
	}
	outer.require(msgObject, "time_entry")
	m := outer.object("time_entry")
	if err := outer.done(); err != nil {
		return nil, err
	}
	return &input{values: m, seen: map[string]bool{}}, nil
}

func createTimeEntry(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	in, err := c.entryInput()
	if err != nil {
		return nil, err
	}
	e := &timeEntry{ticketID: t.id, workspace: t.workspace, billable: true, executed: c.now, created: c.now, updated: c.now}
	in.require(msgPositive, "agent_id")
	if !in.bool("timer_running", false) {
		in.require("It should be in the format hh:mm", "time_spent")
	}
	c.readTimeEntry(in, e)
	if err := in.done(); err != nil {
		return nil, err
	}
	e.id = c.db.id()
	t.timeEntries = append(t.timeEntries, e)
	c.db.touchTicket(t)
	return c.created(obj{"time_entry": e.view()}, "tickets/"+itoa(t.id)+"/time_entries", e.id)
}

func updateTimeEntry(c *call) (*answer, error) {
	t, e, err := c.timeEntry()
	if err != nil {
		return nil, err
	}
	in, err := c.entryInput()
	if err != nil {
		return nil, err
	}
	next := *e
	c.readTimeEntry(in, &next)
	if err := in.done(); err != nil {
		return nil, err
	}
	next.updated = c.now
	*e = next
	c.db.touchTicket(t)
	return ok(obj{"time_entry": e.view()})
}

var hoursMinutes = regexp.MustCompile(`^(\d{1,3}):([0-5]\d)$`)

func (c *call) readTimeEntry(in *input, e *timeEntry) {
	c.readReference(in, "agent_id", &e.agentID, func(id int64) bool { p := c.db.people.get(id); return p != nil && p.agent })
	e.running = in.bool("timer_running", e.running)
	e.billable = in.bool("billable", e.billable)
	if in.has("note") {
		e.note = in.str("note")
	}
	if s := in.str("time_spent"); s != "" {
		m := hoursMinutes.FindStringSubmatch(s)
		if m == nil {
			in.fail("time_spent", codeInvalidValue, "It should be in the format hh:mm")
		} else {
			h, _ := strconv.Atoi(m[1])
			minutes, _ := strconv.Atoi(m[2])
			e.minutes = h*60 + minutes
		}
	}
	if in.has("executed_at") {
		e.executed = in.date("executed_at")
	}
	if in.has("start_time") {
		e.started = in.date("start_time")
	}
	if in.has("task_id") {
		e.taskID = in.int("task_id")
	}
	if in.has("workspace_id") {
		e.workspace = in.int("workspace_id")
	}
	if in.has("custom_fields") {
		e.custom = in.object("custom_fields")
	}
}

// deleteTimeEntry answers 200, not 204 (reference §1).
func deleteTimeEntry(c *call) (*answer, error) {
	t, e, err := c.timeEntry()
	if err != nil {
		return nil, err
	}
	t.timeEntries = slices.DeleteFunc(slices.Clone(t.timeEntries), func(o *timeEntry) bool { return o == e })
	c.db.touchTicket(t)
	return ok(nil)
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
