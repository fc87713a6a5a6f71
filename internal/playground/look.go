package playground

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/identity"
)

// until polls a condition until it holds or the context ends; what says what was waited for.
func (p *Playground) until(ctx context.Context, what string, holds func() (bool, error)) error {
	tick := time.NewTicker(150 * time.Millisecond)
	defer tick.Stop()
	for {
		ok, err := holds()
		if err != nil || ok {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited for %s: %w", what, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// Status asks a ticket's case where it stands; ok is false while there is no case.
func (p *Playground) Status(ctx context.Context, ticket int64) (status contract.CaseStatus, ok bool, err error) {
	value, err := p.Temporal.QueryWorkflow(ctx, contract.TicketWorkflowID(ticket), "", contract.QueryStatus)
	if err != nil {
		var missing *serviceerror.NotFound
		var notYet *serviceerror.WorkflowNotReady
		var failed *serviceerror.QueryFailed
		if errors.As(err, &missing) || errors.As(err, &notYet) || errors.As(err, &failed) {
			return status, false, nil
		}
		if slow(ctx, err) {
			return status, false, nil
		}
		return status, false, err
	}
	return status, true, value.Get(&status)
}

// slow says that one query ran out of its own time on a busy machine, while the caller still has some: ask again.
func slow(ctx context.Context, err error) bool {
	var late *serviceerror.DeadlineExceeded
	return ctx.Err() == nil && (errors.As(err, &late) || errors.Is(err, context.DeadlineExceeded))
}

// Controls asks what every worker is told: freezes, modes, the mass-change guard.
func (p *Playground) Controls(ctx context.Context) (contract.Controls, error) {
	var controls contract.Controls
	value, err := p.Temporal.QueryWorkflow(ctx, contract.ControlsID, "", contract.QueryControls)
	if err != nil {
		var missing *serviceerror.NotFound
		var notYet *serviceerror.WorkflowNotReady
		if errors.As(err, &missing) || errors.As(err, &notYet) {
			return controls, nil
		}
		if slow(ctx, err) {
			return controls, nil
		}
		return controls, err
	}
	return controls, value.Get(&controls)
}

// WaitState waits until a ticket's case is in one of the states.
func (p *Playground) WaitState(ctx context.Context, ticket int64, states ...casework.State) (contract.CaseStatus, error) {
	var last contract.CaseStatus
	err := p.until(ctx, fmt.Sprintf("FS-%d to be %v", ticket, states), func() (bool, error) {
		s, ok, err := p.Status(ctx, ticket)
		if err != nil || !ok {
			return false, err
		}
		last = s
		return slices.Contains(states, s.State), nil
	})
	if err != nil {
		return last, fmt.Errorf("%w (it is %q: %s)", err, last.State, cmp.Or(last.Problem, last.Summary))
	}
	return last, nil
}

// WaitEnd waits until a ticket's case has reported, and returns how it ended.
func (p *Playground) WaitEnd(ctx context.Context, ticket int64) (contract.CaseResult, error) {
	s, err := p.WaitState(ctx, ticket, casework.StateIdle, casework.StateDone)
	if err != nil {
		return contract.CaseResult{}, err
	}
	if s.Case.Reported == nil {
		return contract.CaseResult{}, fmt.Errorf("FS-%d ended without a report: %s", ticket, s.Summary)
	}
	return *s.Case.Reported, nil
}

// Ticket reads a ticket as an agent sees it.
func (p *Playground) Ticket(ctx context.Context, ticket int64) (freshservice.Ticket, error) {
	return p.portal.GetTicket(ctx, ticket)
}

// Notes reads what was written on a ticket, oldest first.
func (p *Playground) Notes(ctx context.Context, ticket int64) ([]freshservice.Conversation, error) {
	return p.portal.ListConversations(ctx, ticket)
}

// WaitNote waits until something was written on a ticket whose marker holds a text.
func (p *Playground) WaitNote(ctx context.Context, ticket int64, marker string) error {
	return p.until(ctx, fmt.Sprintf("a note with %q on FS-%d", marker, ticket), func() (bool, error) {
		notes, err := p.Notes(ctx, ticket)
		if err != nil {
			return false, err
		}
		return slices.ContainsFunc(notes, func(n freshservice.Conversation) bool {
			return strings.Contains(n.Body, contract.TicketLabel(ticket)) && strings.Contains(n.Body, marker)
		}), nil
	})
}

// Grant asks the time-bound grant of a group to a person who holds it; ok is false while there is none.
func (p *Playground) Grant(ctx context.Context, login, group string) (state contract.GrantState, ok bool, err error) {
	user, found := p.Okta.User(login)
	if !found {
		return state, false, fmt.Errorf("no user %s", login)
	}
	groupID, found := p.Okta.GroupID(group)
	if !found {
		return state, false, fmt.Errorf("no group %s", group)
	}
	id := contract.GrantWorkflowID(user.ID, identity.Entitlement{Kind: identity.KindGroup, ID: groupID})
	value, err := p.Temporal.QueryWorkflow(ctx, id, "", contract.QueryGrant)
	if err != nil {
		var missing *serviceerror.NotFound
		var notYet *serviceerror.WorkflowNotReady
		if errors.As(err, &missing) || errors.As(err, &notYet) || slow(ctx, err) {
			return state, false, nil
		}
		return state, false, err
	}
	return state, true, value.Get(&state)
}

// Approvals reads a ticket's approval groups.
func (p *Playground) Approvals(ctx context.Context, ticket int64) ([]freshservice.ApprovalGroup, error) {
	return p.portal.ListApprovalGroups(ctx, ticket)
}

// Changes lists what our own credential did to a person since the mark, as "event target" lines: one event a change,
// and nothing else.
func (p *Playground) Changes(login string, since int) ([]string, error) {
	user, ok := p.Okta.User(login)
	if !ok {
		return nil, fmt.Errorf("no user %s", login)
	}
	var lines []string
	log := p.Okta.Log()
	for _, e := range log[min(since, len(log)):] {
		if e.TokenID != p.tokenID || e.Outcome != "SUCCESS" || !slices.Contains(e.TargetIDs, user.ID) {
			continue
		}
		object := cmp.Or(e.TargetNames["UserGroup"], e.TargetNames["AppInstance"], e.TargetNames["ROLE"])
		lines = append(lines, strings.TrimSpace(e.EventType+" "+object))
	}
	return lines, nil
}

// Mark is the length of the System Log now.
func (p *Playground) Mark() int { return len(p.Okta.Log()) }

// Repeated lists the lines that occur more than once.
func Repeated(lines []string) []string {
	count := map[string]int{}
	for _, l := range lines {
		count[l]++
	}
	var twice []string
	for _, l := range slices.Sorted(maps.Keys(count)) {
		if count[l] > 1 {
			twice = append(twice, fmt.Sprintf("%s (%d times)", l, count[l]))
		}
	}
	return twice
}

// sortedKeys walks a map in a fixed order.
func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
