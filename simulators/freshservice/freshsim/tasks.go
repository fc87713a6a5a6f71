package freshsim

import (
	"slices"
	"time"
)

// Task statuses (reference §4.11).
const (
	taskOpen      = 1
	taskCompleted = 3
)

func (k *task) view() obj {
	closedAt := any(nil)
	if !k.closed.IsZero() {
		closedAt = stampMillis(k.closed)
	}
	return obj{
		"id": k.id, "agent_id": orNull(k.agentID), "group_id": orNull(k.groupID), "status": k.status,
		"due_date": stampOrNull(k.due), "notify_before": k.notifyBefore, "title": k.title, "description": k.description,
		"created_at": stampMillis(k.created), "updated_at": stampMillis(k.updated), "closed_at": closedAt,
		"deleted": false, "workspace_id": k.workspace,
	}
}

func (c *call) task() (*ticket, *task, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, nil, err
	}
	for _, k := range t.tasks {
		if k.id == c.ids["tid"] {
			return t, k, nil
		}
	}
	return nil, nil, notFound()
}

func listTasks(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	return listed(c, "tasks", slices.Values(t.tasks), (*task).view)
}

func getTask(c *call) (*answer, error) {
	_, k, err := c.task()
	if err != nil {
		return nil, err
	}
	return ok(obj{"task": k.view()})
}

func createTask(c *call) (*answer, error) {
	t, err := c.ticket()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	k := &task{ticketID: t.id, workspace: t.workspace, status: taskOpen, created: c.now, updated: c.now}
	in.require(msgString, "title")
	c.readTask(in, k)
	if err := in.done(); err != nil {
		return nil, err
	}
	k.id = c.db.id()
	t.tasks = append(t.tasks, k)
	c.db.record(t, c.actor, " added a task "+k.title)
	c.db.touchTicket(t)
	return c.created(obj{"task": k.view()}, "tickets/"+itoa(t.id)+"/tasks", k.id)
}

// updateTask sets closed_at when the status becomes 3 and clears it when it leaves (reference §4.11).
func updateTask(c *call) (*answer, error) {
	t, k, err := c.task()
	if err != nil {
		return nil, err
	}
	in, err := c.input()
	if err != nil {
		return nil, err
	}
	next := *k
	c.readTask(in, &next)
	if err := in.done(); err != nil {
		return nil, err
	}
	next.updated = c.now
	*k = next
	c.db.record(t, c.actor, " updated the task "+k.title)
	c.db.touchTicket(t)
	return ok(obj{"task": k.view()})
}

func (c *call) readTask(in *input, k *task) {
	for name, to := range map[string]*string{"title": &k.title, "description": &k.description} {
		if in.has(name) {
			*to = in.str(name)
		}
	}
	was := k.status
	k.status = in.oneOf("status", k.status, 1, 2, 3, 4)
	switch {
	case k.status == taskCompleted && was != taskCompleted:
		k.closed = c.now
	case k.status != taskCompleted:
		k.closed = time.Time{}
	}
	if in.has("due_date") {
		k.due = in.date("due_date")
	}
	if in.has("notify_before") {
		k.notifyBefore = int(in.int("notify_before"))
	}
	if in.has("workspace_id") {
		k.workspace = in.int("workspace_id")
	}
	c.readReference(in, "agent_id", &k.agentID, func(id int64) bool { p := c.db.people.get(id); return p != nil && p.agent })
	c.readReference(in, "group_id", &k.groupID, func(id int64) bool { return c.db.groups.get(id) != nil })
}

func deleteTask(c *call) (*answer, error) {
	t, k, err := c.task()
	if err != nil {
		return nil, err
	}
	t.tasks = slices.DeleteFunc(slices.Clone(t.tasks), func(o *task) bool { return o == k })
	c.db.touchTicket(t)
	return noContent()
}
