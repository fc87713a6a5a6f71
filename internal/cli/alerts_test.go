package cli_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/detection"
	"latchkey/internal/cli"
)

// readLog is a Temporal in which somebody reads the log, or nobody.
type readLog struct {
	*fake
	running bool
}

func (r readLog) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	if !r.running {
		return nil, serviceerror.NewNotFound("no such workflow")
	}
	return &workflowservice.DescribeWorkflowExecutionResponse{
		WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING},
	}, nil
}

func TestStatusShowsHowFarTheLogIsReadAndWhatIsOpen(t *testing.T) {
	t.Parallel()
	state := contract.LogState{
		Mode: casework.ModeAct, Checkpoint: &contract.CheckpointRef{Number: 12, Digest: "abc"}, ReadAt: noon().Add(-20 * time.Second), LastEvent: noon().Add(-time.Minute),
		Events: 4711, Behind: true, Gaps: []contract.LogGap{{From: noon().Add(-time.Hour), To: noon(), Why: "reading was switched off"}},
		View: contract.LogView{
			Open: 1, First: []contract.LogIncident{{Incident: "brute_force/ff", Severity: detection.S2, Events: 12, Last: noon()}},
			Unwanted: []contract.LogCount{{Name: "user.session.end", Count: 9}},
			Silences: []detection.Silence{
				{ID: "s1", Author: "ada", Reason: "a test", Until: noon().Add(time.Hour), Matchers: []detection.Matcher{{Field: "rule", Op: detection.OpMatch, Value: "a|b"}}},
				{ID: "s0", Until: noon()}, // over
			},
		},
	}
	f := readLog{&fake{answer: state}, true}
	code, out, _ := starterOn(t, f, "alerts", "status")
	assert.Equal(t, cli.OK, code)
	for _, want := range []string{"20s ago", "catching up", "alerts/checkpoints/000000000012-abc", "4711", "brute_force/ff", "S2", "12 events", "user.session.end", "s1", "rule=~a|b", "switched off"} {
		assert.Contains(t, out, want)
	}
	assert.NotContains(t, out, "s0")

	code, out, _ = starterOn(t, f, "silence", "list", "--json")
	assert.Equal(t, cli.OK, code)
	assert.Contains(t, out, `"rule=~a|b"`)
	assert.NotContains(t, out, `"s0"`)

	for _, command := range [][]string{{"alerts", "status"}, {"silence", "list"}} {
		code, _, words := starterOn(t, readLog{&fake{}, false}, command...)
		assert.Equal(t, cli.NotFound, code)
		assert.Contains(t, words, "starter setup")
	}
}

func TestASilenceIsAnUpdateOfTheLog(t *testing.T) {
	t.Parallel()
	f := &fake{answer: contract.SilenceResult{ID: "s1", Text: "Silence s1 stands."}}
	code, out, _ := starter(t, f, "silence", "add", "rule=brute_force", "ip!=192.0.2.7", "login=~.*@acme.example", "city!~B.*", "--for", "2h", "--reason", "load test")
	require.Equal(t, cli.OK, code)
	assert.Contains(t, out, "s1")
	require.Len(t, f.updates, 1)
	assert.Equal(t, contract.SystemLogID, f.updates[0].WorkflowID)
	assert.Equal(t, contract.UpdateSilence, f.updates[0].UpdateName)
	assert.Equal(t, contract.SilenceCommand{
		Operator: contract.Operator{By: "ada@desk", Reason: "load test"}, Until: noon().Add(2 * time.Hour),
		Matchers: []detection.Matcher{
			{Field: "rule", Op: detection.OpEqual, Value: "brute_force"},
			{Field: "ip", Op: detection.OpNotEqual, Value: "192.0.2.7"},
			{Field: "login", Op: detection.OpMatch, Value: ".*@acme.example"},
			{Field: "city", Op: detection.OpNotMatch, Value: "B.*"},
		},
	}, f.updates[0].Args[0])

	f = &fake{answer: contract.CommandResult{Text: "Silence s1 ends now."}}
	code, out, _ = starter(t, f, "silence", "expire", "s1", "--reason", "over", "--json")
	require.Equal(t, cli.OK, code)
	assert.Contains(t, out, "ends now")
	assert.Equal(t, contract.ExpireSilenceCommand{Operator: contract.Operator{By: "ada@desk", Reason: "over"}, ID: "s1"}, f.updates[0].Args[0])

	code, _, words := starter(t, &fake{err: serviceerror.NewNotFound("no such workflow")}, "silence", "expire", "s1", "--reason", "over")
	assert.Equal(t, cli.NotFound, code)
	assert.Contains(t, words, "nobody reads the System Log")
}
