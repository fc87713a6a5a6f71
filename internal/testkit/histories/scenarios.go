package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"latchkey/casework"
	"latchkey/internal/playground"
)

// scenario is one story whose histories are worth keeping.
type scenario struct {
	name string
	// saves lists the files it leaves, without version: <Workflow>.<scenario>.
	saves []string
	edits map[string][]playground.Edit
	play  func(context.Context, *player) error
}

func scenarios() []scenario {
	return slices.Concat(accessScenarios(), leaverScenarios(), aroundScenarios(), peopleScenarios(), joinerScenarios(), syncScenarios(), credentialScenarios(),
		reviewScenarios(), logScenarios(), incidentScenarios(), bulkScenarios())
}

// onItem is a scenario about one catalogue item that one person asks for.
func onItem(name, item, by string, act func(context.Context, *player, int64) error, end casework.End) scenario {
	files := []string{"AccessRequest." + name}
	return scenario{name: name, saves: files, play: func(ctx context.Context, p *player) error {
		ticket, err := p.ask(ctx, item, by)
		if err != nil {
			return err
		}
		return p.follow(ctx, ticket, act, end, files...)
	}}
}

// follow lets people act, waits for one of the ends and saves the case.
func (p *player) follow(ctx context.Context, ticket int64, act func(context.Context, *player, int64) error, end casework.End, files ...string) error {
	if act != nil {
		if err := act(ctx, p, ticket); err != nil {
			return err
		}
	}
	res, err := p.WaitEnd(ctx, ticket)
	if err != nil {
		return err
	}
	if res.End != end {
		return fmt.Errorf("FS-%d ended as %q (%s); it should end as %q", ticket, res.End, res.Summary, end)
	}
	return p.keepCase(ctx, ticket, files...)
}

// ask places a request for one item.
func (p *player) ask(ctx context.Context, item, by string) (int64, error) {
	return p.Ask(ctx, item, by, "", map[string]any{"business_justification": "my work needs it"})
}

// approvals lets people approve, one after the other, each as soon as they are asked.
func approvals(people ...string) func(context.Context, *player, int64) error {
	return func(ctx context.Context, p *player, ticket int64) error {
		for _, who := range people {
			if err := p.Approve(ctx, ticket, who, "yes"); err != nil {
				return err
			}
		}
		return nil
	}
}

// manager is a person's manager.
func (p *player) manager(login string) (string, error) {
	person, ok := p.Company.PersonByLogin(login)
	if !ok {
		return "", fmt.Errorf("nobody at Acme signs in as %s", login)
	}
	return person.ManagerEmail, nil
}

// managerApproves lets a person's manager approve.
func managerApproves(login string) func(context.Context, *player, int64) error {
	return func(ctx context.Context, p *player, ticket int64) error {
		manager, err := p.manager(login)
		if err != nil {
			return err
		}
		return p.Approve(ctx, ticket, manager, "yes")
	}
}

func yesterday() time.Time { return time.Now().AddDate(0, 0, -1) }
