package contract

import "time"

// Gate says what waits for a task.
type Gate string

// The gates.
const (
	GateNothing    Gate = "nothing"
	GateActivation Gate = "activation" // the account is not activated before the task is done
	GateResolve    Gate = "resolve"    // the ticket is not resolved before the task is done
)

// Task is work that is not in Okta: a laptop, a badge. It is a child task of the ticket, found again by its title.
type Task struct {
	Name  string    `json:"name"` // policy's name
	Title string    `json:"title"`
	Text  string    `json:"text,omitempty"`
	Group string    `json:"group,omitempty"` // agent group that does it
	Gate  Gate      `json:"gate"`
	Due   time.Time `json:"due,omitzero"`
}

// TendTasksInput opens the tasks that the ticket does not have yet and reads them all.
type TendTasksInput struct {
	Ticket int64  `json:"ticket"`
	Tasks  []Task `json:"tasks"`
}

// TendTasksResult says which tasks are not done, by policy's names.
type TendTasksResult struct {
	Open []string `json:"open,omitempty"`
}
