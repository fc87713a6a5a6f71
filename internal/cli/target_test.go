package cli_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/internal/cli"
)

// claimed is a visibility store with time-bound grants, each of the ticket that claimed it last.
func claimed(t *testing.T, tickets map[string]int64) *workflowservice.ListWorkflowExecutionsResponse {
	t.Helper()
	listed := &workflowservice.ListWorkflowExecutionsResponse{}
	payload := func(v any) *commonpb.Payload {
		p, err := converter.GetDefaultDataConverter().ToPayload(v)
		require.NoError(t, err)
		return p
	}
	for group, ticket := range tickets {
		listed.Executions = append(listed.Executions, &workflowpb.WorkflowExecutionInfo{
			Execution: &commonpb.WorkflowExecution{WorkflowId: contract.GrantWorkflowID("00u1", identity.Entitlement{Kind: identity.KindGroup, ID: group})},
			Type:      &commonpb.WorkflowType{Name: contract.WorkflowGrant},
			SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{
				contract.AttrTicket: payload(contract.TicketLabel(ticket)), contract.AttrState: payload(string(casework.StateNeedsAttention)),
			}},
		})
	}
	return listed
}

func TestACommandReachesATimeBoundGrant(t *testing.T) {
	t.Parallel()
	const id = "grant/00u1/group:00g1"
	for name, args := range map[string][]string{
		"by its ID":                  {id},
		"by the ticket that claimed": {"SR-12", "--grant"},
	} {
		for _, command := range []string{contract.UpdateRetry, contract.UpdateSkip, contract.UpdateAbort} {
			t.Run(command+" "+name, func(t *testing.T) {
				t.Parallel()
				f := &fake{answer: contract.CommandResult{Text: "Trying again."}, listed: claimed(t, map[string]int64{"00g1": 12, "00g2": 13})}
				code, out, words := starter(t, f, append([]string{command, "--reason", "mended"}, args...)...)
				require.Equal(t, cli.OK, code, words)
				require.Equal(t, "Trying again.\n", out)
				require.Len(t, f.updates, 1)
				require.Equal(t, id, f.updates[0].WorkflowID)
				require.Equal(t, command, f.updates[0].UpdateName)
			})
		}
	}
}

func TestATicketOfSeveralGrantsHasToNameOne(t *testing.T) {
	t.Parallel()
	f := &fake{listed: claimed(t, map[string]int64{"00g1": 12, "00g2": 12})}
	code, _, words := starter(t, f, "retry", "12", "--grant", "--reason", "mended")
	require.Equal(t, cli.Usage, code)
	require.Contains(t, words, "claimed 2 time-bound grants; name one")
	require.Contains(t, words, "grant/00u1/group:00g2")
	require.Empty(t, f.updates)

	code, _, words = starter(t, f, "retry", "14", "--grant", "--reason", "mended")
	require.Equal(t, cli.NotFound, code)
	require.Contains(t, words, "starter grants")

	f = &fake{answer: contract.CommandResult{}, err: serviceerror.NewNotFound("gone")}
	code, _, words = starter(t, f, "retry", "grant/00u1/group:00g1", "--reason", "mended")
	require.Equal(t, cli.NotFound, code)
	require.Contains(t, words, "that time-bound grant is not running")
}

func TestStatusShowsATimeBoundGrant(t *testing.T) {
	t.Parallel()
	status := contract.CaseStatus{Ticket: 12, UseCase: casework.AccessRequest, State: casework.StateNeedsAttention, Problem: "Okta said no"}
	code, out, words := starter(t, &fake{answer: status}, "status", "grant/00u1/group:00g1")
	require.Equal(t, cli.OK, code, words)
	require.Contains(t, out, "Okta said no")
}

func TestStatusOfAllListsGrantsBesideCases(t *testing.T) {
	t.Parallel()
	listed := claimed(t, map[string]int64{"00g1": 12})
	listed.Executions = append(listed.Executions, &workflowpb.WorkflowExecutionInfo{
		Execution: &commonpb.WorkflowExecution{WorkflowId: contract.TicketWorkflowID(12)}, Type: &commonpb.WorkflowType{Name: string(casework.AccessRequest)},
	})
	code, out, words := starter(t, &fake{listed: listed}, "status", "--all")
	require.Equal(t, cli.OK, code, words)
	require.Regexp(t, `(?s)FS-12 .*AccessRequest.*FS-12 .*Grant.*needs attention.*grant/00u1/group:00g1`, out)
	require.Contains(t, words, "1 case and 1 time-bound grant under way")

	code, out, _ = starter(t, &fake{listed: listed}, "status", "--all", "--state", "needs_attention", "--json")
	require.Equal(t, cli.OK, code)
	require.Contains(t, out, `"workflow": "grant/00u1/group:00g1"`)
	require.NotContains(t, out, "AccessRequest")
}
