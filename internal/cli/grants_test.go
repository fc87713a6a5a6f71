package cli_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/internal/cli"
)

func TestGrantsListsTheNextEndFirst(t *testing.T) {
	t.Parallel()
	listed := &workflowservice.ListWorkflowExecutionsResponse{}
	add := func(id string, fields map[string]any) {
		encoded := map[string]*commonpb.Payload{}
		for name, v := range fields {
			p, err := converter.GetDefaultDataConverter().ToPayload(v)
			require.NoError(t, err)
			encoded[name] = p
		}
		listed.Executions = append(listed.Executions, &workflowpb.WorkflowExecutionInfo{
			Execution:        &commonpb.WorkflowExecution{WorkflowId: id},
			Type:             &commonpb.WorkflowType{Name: contract.WorkflowGrant},
			SearchAttributes: &commonpb.SearchAttributes{IndexedFields: encoded},
		})
	}
	for i, group := range []string{"00g3", "00g1", "00g2"} {
		object := identity.Entitlement{Kind: identity.KindGroup, ID: group}
		add(contract.GrantWorkflowID("00u1", object), map[string]any{
			contract.AttrState: string(casework.StateWaitingDate), contract.AttrTicket: contract.TicketLabel(int64(12 + i)),
			contract.AttrDueAt: noon().AddDate(0, 0, []int{3, 1, 2}[i]),
		})
	}
	add("somebody-elses", nil)
	code, out, words := starter(t, &fake{listed: listed}, "grants")
	require.Equal(t, cli.OK, code, words)
	require.Regexp(t, `(?s)group:00g1 .*FS-13 .*waiting date.*2026-11-25.*group:00g2 .*FS-14 .*group:00g3 .*FS-12 `, out)
	require.NotContains(t, out, "somebody-elses")
	require.Contains(t, words, "3 time-bound grants standing")

	code, out, _ = starter(t, &fake{listed: listed}, "grants", "--json")
	require.Equal(t, cli.OK, code)
	require.Contains(t, out, `"workflow": "grant/00u1/group:00g1"`)
	require.Contains(t, out, noon().AddDate(0, 0, 1).Format(time.RFC3339))
}

func TestGrantsListsNothingAndSaysWhenItCannot(t *testing.T) {
	t.Parallel()
	code, out, words := starter(t, &fake{listed: &workflowservice.ListWorkflowExecutionsResponse{}}, "grants", "--json")
	require.Equal(t, cli.OK, code, words)
	require.JSONEq(t, `[]`, out)
	code, _, _ = starter(t, &fake{err: errors.New("down")}, "grants")
	require.NotEqual(t, cli.OK, code)
}
