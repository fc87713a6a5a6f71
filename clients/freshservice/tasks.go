package freshservice

import (
	"context"
	"time"
)

// Task states.
const (
	TaskOpen       = 1
	TaskInProgress = 2
	TaskCompleted  = 3
	TaskBlocked    = 4
)

// Task is a piece of work on a ticket.
type Task struct {
	ID           int64     `json:"id"`
	WorkspaceID  int64     `json:"workspace_id"`
	AgentID      int64     `json:"agent_id"`
	GroupID      int64     `json:"group_id"`
	Status       int       `json:"status"`
	Title        string    `json:"title"`
	Description  string    `json:"description"`
	NotifyBefore int       `json:"notify_before"` // seconds
	DueDate      time.Time `json:"due_date"`
	CreatedAt    time.Time `json:"created_at"`
	UpdatedAt    time.Time `json:"updated_at"`
	ClosedAt     time.Time `json:"closed_at"`
	Deleted      bool      `json:"deleted"`
}

// TaskInput creates or changes a task; nil leaves a field as it is. A new task needs Title.
type TaskInput struct {
	Title        *string
	Description  *string
	Status       *int
	AgentID      *int64
	GroupID      *int64
	DueDate      *time.Time
	NotifyBefore *int // seconds
}

func (t TaskInput) body() any {
	return struct {
		Title        *string `json:"title,omitempty"`
		Description  *string `json:"description,omitempty"`
		Status       *int    `json:"status,omitempty"`
		AgentID      *int64  `json:"agent_id,omitempty"`
		GroupID      *int64  `json:"group_id,omitempty"`
		DueDate      *string `json:"due_date,omitempty"`
		NotifyBefore *int    `json:"notify_before,omitempty"`
	}{t.Title, t.Description, t.Status, t.AgentID, t.GroupID, wireTimePtr(t.DueDate), t.NotifyBefore}
}

// ListTasks reads every task of a ticket.
func (c *Client) ListTasks(ctx context.Context, ticket int64) ([]Task, error) {
	return fetchAll[Task](ctx, c, get("list tasks", "/tickets/{id}/tasks").at("id", ticket), maxPerPage, "tasks", "task")
}

// GetTask views one task.
func (c *Client) GetTask(ctx context.Context, ticket, task int64) (Task, error) {
	k := get("view task", "/tickets/{id}/tasks/{task}").at("id", ticket).at("task", task)
	return fetchOne[Task](ctx, c, k, "task", "tasks")
}

// CreateTask adds a task to a ticket.
func (c *Client) CreateTask(ctx context.Context, ticket int64, t TaskInput) (Task, error) {
	k := post("create task", "/tickets/{id}/tasks", t.body()).at("id", ticket)
	return fetchOne[Task](ctx, c, k, "task", "tasks")
}

// UpdateTask changes what t sets; Status TaskCompleted closes it.
func (c *Client) UpdateTask(ctx context.Context, ticket, task int64, t TaskInput) (Task, error) {
	k := put("update task", "/tickets/{id}/tasks/{task}", t.body()).at("id", ticket).at("task", task)
	return fetchOne[Task](ctx, c, k, "task", "tasks")
}

// DeleteTask removes a task for good.
func (c *Client) DeleteTask(ctx context.Context, ticket, task int64) error {
	return c.do(ctx, drop("delete task", "/tickets/{id}/tasks/{task}").at("id", ticket).at("task", task))
}
