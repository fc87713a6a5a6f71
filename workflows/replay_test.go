package workflows_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"google.golang.org/protobuf/proto"

	"latchkey/contract"
	"latchkey/workflows"
)

// savedHistory is one file of testdata/histories: <Workflow>.<scenario>.<version>.json, as `make histories` left it.
type savedHistory struct {
	file     string
	workflow string
}

func savedHistories(t *testing.T) []savedHistory {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "histories", "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files, "there are no saved histories: run make histories")
	saved := make([]savedHistory, 0, len(files))
	for _, file := range files {
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		saved = append(saved, savedHistory{file: file, workflow: name})
	}
	return saved
}

func (h savedHistory) read(t *testing.T) *historypb.History {
	t.Helper()
	raw, err := os.ReadFile(h.file)
	require.NoError(t, err)
	history, err := client.HistoryFromJSON(bytes.NewReader(raw), client.HistoryJSONOptions{})
	require.NoError(t, err)
	require.NotEmpty(t, history.GetEvents())
	return history
}

// What ran once must run again the same way: a case that began under an older version is carried on by this one.
func TestSavedHistoriesReplay(t *testing.T) {
	t.Parallel()
	for _, saved := range savedHistories(t) {
		t.Run(filepath.Base(saved.file), func(t *testing.T) {
			t.Parallel()
			history := saved.read(t)
			started := history.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
			require.Equal(t, saved.workflow, started.GetWorkflowType().GetName(), "the file is named after another workflow")
			replayer := worker.NewWorkflowReplayer()
			workflows.Register(replayer)
			require.NoError(t, replayer.ReplayWorkflowHistory(nil, history))
		})
	}
}

// registeredNames is a registry that only remembers names.
type registeredNames []string

func (r *registeredNames) RegisterWorkflow(any) { panic("workflows are registered by explicit names") }

func (r *registeredNames) RegisterWorkflowWithOptions(_ any, o workflow.RegisterOptions) {
	*r = append(*r, o.Name)
}

func (r *registeredNames) RegisterDynamicWorkflow(any, workflow.DynamicRegisterOptions) {
	panic("a dynamic workflow has no name to save a history under")
}

func TestEveryWorkflowHasASavedHistory(t *testing.T) {
	t.Parallel()
	var names registeredNames
	workflows.Register(&names)
	require.NotEmpty(t, names)
	saved := savedHistories(t)
	for _, name := range names {
		assert.True(t, slices.ContainsFunc(saved, func(h savedHistory) bool { return h.workflow == name }),
			"%s has no saved history: add a scenario to internal/testkit/histories and run make histories", name)
	}
}

func TestSavedHistoriesHoldNoCredentials(t *testing.T) {
	t.Parallel()
	for _, saved := range savedHistories(t) {
		wire, err := proto.Marshal(saved.read(t)) // payloads are JSON, and stand in it as they are
		require.NoError(t, err)
		wire = bytes.ToLower(wire)
		for _, mark := range []string{"bearer ", "ssws", "authorization:", "activationurl", "activationtoken", "resetpasswordurl", "/welcome/", "/reset_password/", "recoverytoken", "private_key", "client_assertion"} {
			assert.False(t, bytes.Contains(wire, []byte(mark)), "%s holds %q", saved.file, mark)
		}
	}
}

// twoSteps is a workflow of two activities in an order; registered as Preview it either does what Preview does for a
// ticket that has a plan, or swaps the first two steps.
func twoSteps(first, second string) func(workflow.Context, contract.PreviewInput) (contract.PreviewResult, error) {
	return func(ctx workflow.Context, _ contract.PreviewInput) (contract.PreviewResult, error) {
		var out contract.PreviewResult
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		for _, name := range []string{first, second, contract.ActRouteApproval} {
			if err := workflow.ExecuteActivity(ctx, name).Get(ctx, nil); err != nil {
				return out, err
			}
		}
		return out, nil
	}
}

// The replay has teeth: the same steps in another order are noticed, and only the order is what it noticed.
func TestAReplayNoticesSwappedActivities(t *testing.T) {
	t.Parallel()
	saved := savedHistory{file: filepath.Join("testdata", "histories", "Preview.access.v1.json"), workflow: contract.WorkflowPreview}
	replay := func(first, second string) error {
		replayer := worker.NewWorkflowReplayer()
		replayer.RegisterWorkflowWithOptions(twoSteps(first, second), workflow.RegisterOptions{Name: saved.workflow})
		return replayer.ReplayWorkflowHistory(nil, saved.read(t))
	}
	require.NoError(t, replay(contract.ActReadRequest, contract.ActPlan))
	err := replay(contract.ActPlan, contract.ActReadRequest)
	require.ErrorContains(t, err, "TMPRL1100", "nondeterminism is what it has to be")
}
