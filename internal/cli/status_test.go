package cli_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/internal/cli"
)

func parked() contract.CaseStatus {
	return contract.CaseStatus{
		Ticket: 12, UseCase: casework.AccessRequest, State: casework.StateNeedsAttention, Summary: "Parked at a change",
		Problem: "Okta answered 404", DueAt: noon(),
		Case: contract.Case{
			Request: casework.Request{Ticket: casework.Ticket{Number: 12, Subject: "Access\x1b[2J please"}},
			Problem: &contract.Problem{Todo: "look, then retry"},
			Units: []contract.Unit{{
				Key: "41", Title: "Salesforce for Ada", Chain: approval.Chain{Mode: approval.ModeLevels, Levels: []approval.Level{{Name: "Manager"}, {Name: "Owner"}}}, Level: 1,
				Log: []contract.DecisionLine{{Level: "Manager", By: approval.Approver{Name: "Grace"}, Decision: approval.DecisionApproved, At: noon(), Counted: true}},
			}},
			Done: []contract.Done{{Change: casework.Change{Verb: casework.VerbAddMember, Object: identity.Entitlement{Kind: identity.KindGroup, Name: "Sales"}}, Outcome: contract.OutcomeDone, At: noon()}},
		},
	}
}

func TestStatusTellsWhereACaseStandsAndWhatToDo(t *testing.T) {
	t.Parallel()
	code, out, words := starter(t, &fake{answer: parked()}, "status", "12")
	require.Equal(t, cli.OK, code, words)
	for _, want := range []string{
		"needs attention", "Okta answered 404", "look, then retry", "2026-11-24 12:00 UTC", "level 2 of 2, Owner", "Grace", "approved", "add member", "group Sales",
	} {
		require.Contains(t, out, want)
	}
	require.NotContains(t, out, "\x1b", "a subject must not move the cursor")

	code, out, _ = starter(t, &fake{answer: parked()}, "status", "12", "--json", "--exit-code")
	require.Equal(t, cli.Pending, code)
	require.Contains(t, out, `"state": "needs_attention"`)

	reported := parked()
	reported.Case.Reported = &contract.CaseResult{End: casework.EndDone, Summary: "done"}
	code, _, _ = starter(t, &fake{answer: reported}, "status", "12", "--exit-code")
	require.Equal(t, cli.OK, code)
}

func TestStatusOfAllCasesInAState(t *testing.T) {
	t.Parallel()
	listed := &workflowservice.ListWorkflowExecutionsResponse{}
	for ticket, state := range map[int64]casework.State{7: casework.StateNeedsAttention, 12: casework.StateAwaitingApproval, 3: casework.StateNeedsAttention} {
		payload, err := converter.GetDefaultDataConverter().ToPayload(string(state))
		require.NoError(t, err)
		listed.Executions = append(listed.Executions, &workflowpb.WorkflowExecutionInfo{
			Execution:        &commonpb.WorkflowExecution{WorkflowId: contract.TicketWorkflowID(ticket)},
			Type:             &commonpb.WorkflowType{Name: string(casework.Offboarding)},
			SearchAttributes: &commonpb.SearchAttributes{IndexedFields: map[string]*commonpb.Payload{contract.AttrState: payload}},
		})
	}
	code, out, words := starter(t, &fake{listed: listed}, "status", "--all", "--state", "needs_attention")
	require.Equal(t, cli.OK, code, words)
	require.Regexp(t, `(?s)FS-3 .*FS-7 `, out)
	require.NotContains(t, out, "FS-12")
	require.Contains(t, words, "2 cases under way")

	code, out, _ = starter(t, &fake{listed: &workflowservice.ListWorkflowExecutionsResponse{}}, "status", "--all", "--json")
	require.Equal(t, cli.OK, code)
	require.JSONEq(t, `[]`, out)
}

func TestPlanShowsWhatWouldBeDone(t *testing.T) {
	t.Parallel()
	group := identity.Entitlement{Kind: identity.KindGroup, ID: "00g1", Name: "Sales"}
	preview := contract.PreviewResult{
		Request: casework.Request{Ticket: casework.Ticket{Number: 12, Subject: "Ada leaves"}, UseCase: casework.Offboarding, Mode: casework.ModeObserve, Rule: "offboarding-form"},
		Plan: contract.PlanResult{
			Person: identity.Person{OktaUserID: "00u1", FirstName: "Ada", LastName: "Byron", Status: identity.StatusActive},
			Units: []contract.Unit{{
				Key: "plan", Title: "Offboarding of Ada Byron",
				Plan: casework.Plan{
					Digest: "abc", EffectiveAt: noon().Add(time.Hour),
					Changes:   []casework.Change{{Phase: casework.PhaseDoor, Verb: casework.VerbSuspend, Object: identity.Entitlement{Kind: identity.KindAccount, Name: "Ada Byron"}, Reason: "shut the door first"}},
					Residuals: []casework.Residual{{Object: group, Owner: "Identity Team", Why: "mastered by the directory"}},
				},
				Chain: approval.Chain{Mode: approval.ModeLevels, Levels: []approval.Level{{Name: "HR", Groups: []approval.Group{{Name: "HR Leads", Rule: approval.RuleQuorum, Need: 2, Approvers: []approval.Approver{{Name: "Grace"}, {Email: "joan@example.com"}}}}}}},
			}},
		},
	}
	f := &fake{answer: preview}
	code, out, words := starter(t, f, "plan", "12")
	require.Equal(t, cli.OK, code, words)
	for _, want := range []string{"Ada Byron", "observe", "suspend", "shut the door first", "2 of 2", "Grace, joan@example.com", "left to Identity Team", "2026-11-24 13:00 UTC"} {
		require.Contains(t, out, want)
	}
	require.Equal(t, "preview/FS-12", f.starts[0].ID)

	preview.Missing = []casework.Missing{{Field: "effective", Label: "Last working day", Why: "is empty"}}
	code, out, _ = starter(t, &fake{answer: preview}, "plan", "12")
	require.Equal(t, cli.Pending, code)
	require.Contains(t, out, "Last working day")

	code, _, words = starter(t, &fake{err: sdktemporal.NewApplicationError("while reading the ticket: no key", string(casework.Unauthorized))}, "plan", "12")
	require.Equal(t, cli.Unauthorised, code)
	require.Contains(t, words, "no key")
}
