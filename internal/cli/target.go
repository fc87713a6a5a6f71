package cli

import (
	"context"
	"errors"
	"strings"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"latchkey/activities"
	"latchkey/contract"
)

// target is the workflow a command is for: a ticket's case, or a time-bound grant.
type target struct {
	ticket   int64
	workflow string // of a grant, by its ID; empty is the ticket's case
	grant    bool   // the time-bound grant that the ticket claimed last
}

// grantOfTicket is the flag that means the grant of a ticket rather than its case.
const grantOfTicket = "the time-bound grant that the ticket claimed last, instead of its case"

// targetArg reads a ticket, or the workflow ID of a time-bound grant.
func targetArg(text string, ofTicket bool) (target, error) {
	if strings.HasPrefix(text, "grant/") {
		if _, ok := contract.GrantFolder(text); !ok {
			return target{}, usage("%q is no time-bound grant: write it as `starter grants` shows it, such as grant/00u1abc/group:00g1abc", text)
		}
		if ofTicket {
			return target{}, usage("--grant goes with a ticket; %s is a grant already", text)
		}
		return target{workflow: text}, nil
	}
	n, err := ticketArg(text)
	return target{ticket: n, grant: ofTicket}, err
}

// find gives the workflow ID. The grant of a ticket is looked up in Temporal's visibility store, by the ticket that
// claimed it last; where a ticket claimed several the ID has to be named.
func (t target) find(ctx context.Context, c client.Client) (string, error) {
	if t.workflow != "" {
		return t.workflow, nil
	}
	if !t.grant {
		return contract.TicketWorkflowID(t.ticket), nil
	}
	running, err := activities.OpenGrants(ctx, c)
	if err != nil {
		return "", explain(ctx, err)
	}
	var found []string
	for _, g := range running {
		if g.Ticket == contract.TicketLabel(t.ticket) {
			found = append(found, g.Workflow)
		}
	}
	switch len(found) {
	case 0:
		return "", exit(NotFound, "no time-bound grant was claimed last by %s; `starter grants` lists those that stand", contract.TicketLabel(t.ticket))
	case 1:
		return found[0], nil
	}
	return "", usage("%s claimed %d time-bound grants; name one: %s", contract.TicketLabel(t.ticket), len(found), strings.Join(found, ", "))
}

// about puts Temporal's errors about the target into words that say what to do.
func (t target) about(ctx context.Context, err error) error {
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing && (t.grant || t.workflow != "") {
		return exit(NotFound, "that time-bound grant is not running; `starter grants` lists those that stand")
	}
	if t.workflow != "" {
		return explain(ctx, err)
	}
	return about(ctx, t.ticket, err)
}
