package main

import (
	"context"
	"fmt"

	"latchkey/activities/nudge"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
)

// syncScenarios are profiles that differ between both sides.
func syncScenarios() []scenario { return []scenario{syncBothWays(), syncRole(), syncWalks()} }

// syncBothWays is one person who differs on each side, found by the desk's number, and then everybody.
func syncBothWays() scenario {
	s := scenario{name: "sync_both_ways", saves: []string{"ProfileSync.both_ways", "SyncFind.requester"}}
	s.play = func(ctx context.Context, p *player) error {
		if err := p.SetProfile(ctx, acme.Ben, map[string]any{"title": "Senior Account Executive"}); err != nil {
			return err
		}
		phone := "+1 212 555 0199"
		ben, err := p.SetDeskPerson(ctx, acme.Ben, freshservice.PersonInput{MobilePhone: &phone})
		if err != nil {
			return err
		}
		if err := nudge.Requester(ctx, p.Temporal, ben.ID); err != nil {
			return err
		}
		if err := p.Temporal.GetWorkflow(ctx, contract.SyncRequesterWorkflowID(ben.ID), "").Get(ctx, nil); err != nil {
			return err
		}
		result, err := p.Sync(ctx, acme.Ben)
		if err != nil {
			return err
		}
		if result.End != contract.SyncAlike && result.End != contract.SyncWritten {
			return fmt.Errorf("the sync ended as %q: %s", result.End, result.Why)
		}
		if err := p.keep(ctx, contract.SyncRequesterWorkflowID(ben.ID), s.saves[1]); err != nil {
			return err
		}
		return p.keepSync(ctx, acme.Ben, s.saves[0])
	}
	return s
}

// keepSync saves somebody's sync as it is, idling.
func (p *player) keepSync(ctx context.Context, login, name string) error {
	user, _ := p.Okta.User(login) // unknown: there is no such workflow either
	return p.keep(ctx, contract.SyncWorkflowID(user.ID), name)
}

// syncRole is a department that changes on the desk.
func syncRole() scenario {
	s := scenario{name: "sync_role", saves: []string{"ProfileSync.role_change"}}
	s.play = func(ctx context.Context, p *player) error {
		marketing, err := p.Department(ctx, "Marketing")
		if err != nil {
			return err
		}
		if _, err := p.SetDeskPerson(ctx, acme.Clara, freshservice.PersonInput{DepartmentIDs: &[]int64{marketing}}); err != nil {
			return err
		}
		if _, err := p.Sync(ctx, acme.Clara); err != nil {
			return err
		}
		return p.keepSync(ctx, acme.Clara, s.saves[0])
	}
	return s
}

// syncWalks is everybody, with one who differs.
func syncWalks() scenario {
	s := scenario{name: "sync_walks", saves: []string{"SyncAll.one_differs"}}
	s.play = func(ctx context.Context, p *player) error {
		if err := p.SetProfile(ctx, acme.Ada, map[string]any{"title": "Principal Engineer"}); err != nil {
			return err
		}
		if _, err := p.SyncEverybody(ctx, false); err != nil {
			return err
		}
		return p.keep(ctx, contract.SyncAllID, s.saves[0])
	}
	return s
}
