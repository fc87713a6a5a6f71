package activities

import (
	"context"
	"fmt"
	"strings"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
)

// TendTasks sees to it that a ticket has its child tasks, and says which are not done. The title is the natural key: a
// task whose answer was lost is found again by it, and one that a person renamed or deleted is opened anew, because what
// it stands for may gate somebody's first day.
func (d *Desk) TendTasks(ctx context.Context, in contract.TendTasksInput) (contract.TendTasksResult, error) {
	result, err := d.tendTasks(ctx, in)
	if err != nil {
		return contract.TendTasksResult{}, d.failed(ctx, about("tending the tasks of", in.Ticket), err)
	}
	return result, nil
}

func (d *Desk) tendTasks(ctx context.Context, in contract.TendTasksInput) (contract.TendTasksResult, error) {
	var result contract.TendTasksResult
	there, err := d.Client.ListTasks(ctx, in.Ticket)
	if err != nil {
		return result, err
	}
	for _, want := range in.Tasks {
		task, found := taskTitled(there, want.Title)
		if !found {
			if task, err = d.openTask(ctx, in.Ticket, want); err != nil {
				return result, err
			}
		}
		if task.Status != freshservice.TaskCompleted {
			result.Open = append(result.Open, want.Name)
		}
	}
	return result, nil
}

func taskTitled(tasks []freshservice.Task, title string) (freshservice.Task, bool) {
	for _, t := range tasks {
		if !t.Deleted && strings.EqualFold(strings.TrimSpace(t.Title), strings.TrimSpace(title)) {
			return t, true
		}
	}
	return freshservice.Task{}, false
}

func (d *Desk) openTask(ctx context.Context, ticket int64, want contract.Task) (freshservice.Task, error) {
	input := freshservice.TaskInput{Title: &want.Title}
	if want.Text != "" {
		input.Description = &want.Text
	}
	if !want.Due.IsZero() {
		due := want.Due.UTC()
		input.DueDate = &due
	}
	if want.Group != "" {
		group, err := d.agentGroup(ctx, want.Group, fmt.Sprintf("onboarding.yaml, task %s", want.Name))
		if err != nil {
			return freshservice.Task{}, err
		}
		input.GroupID = &group.ID
	}
	task, err := d.Client.CreateTask(ctx, ticket, input)
	if err != nil && isRefused(err) {
		return task, problemf(casework.Invalid, "Freshservice does not take the task %q: %v", want.Title, err)
	}
	return task, err
}
