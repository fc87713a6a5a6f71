package workflows

import (
	"slices"
	"strings"

	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// openTasks opens the ticket's child tasks: what has to be done outside Okta.
func (c *caseRun) openTasks(ctx workflow.Context) error {
	_, err := c.tendTasks(ctx, "Freshservice: open the tasks that are not Okta's")
	return err
}

// tendTasks sees to it that every task stands on the ticket, and says which are not done.
func (c *caseRun) tendTasks(ctx workflow.Context, summary string) ([]string, error) {
	tasks := c.theUnit().Tasks
	if len(tasks) == 0 {
		return nil, nil
	}
	res, err := call[contract.TendTasksResult](ctx, c, tendTasks, summary, contract.TendTasksInput{Ticket: c.ticket, Tasks: tasks}, false)
	return res.Open, err
}

// waitForTasks waits until the tasks of a gate are done. A task that is closed fires no webhook that every plan of the
// desk offers, so the case looks now and then, and at each nudge.
func (c *caseRun) waitForTasks(ctx workflow.Context, gate contract.Gate) error {
	if !slices.ContainsFunc(c.theUnit().Tasks, func(t contract.Task) bool { return t.Gate == gate }) {
		return nil
	}
	for {
		open, err := c.tendTasks(ctx, "Freshservice: are the tasks done?")
		if err != nil {
			return err
		}
		var waits []string
		for _, t := range c.theUnit().Tasks {
			if t.Gate == gate && slices.Contains(open, t.Name) {
				waits = append(waits, t.Title)
			}
		}
		if len(waits) == 0 {
			c.trouble = ""
			return nil
		}
		if err := c.giveTurnBack(ctx); err != nil {
			return err
		}
		c.State, c.trouble = casework.StateSettling, "Waits for tasks on the ticket: "+strings.Join(waits, ", ")+"."
		if err := c.rest(ctx); err != nil {
			return err
		}
		if _, err := c.wait(ctx, workflow.Now(ctx).Add(c.Times.HoldRecheck), "Tasks that gate the "+string(gate), c.unread); err != nil {
			return err
		}
		if c.Nudged {
			c.Nudged = false
			if err := c.endedByPerson(ctx); err != nil {
				return err
			}
		}
	}
}
