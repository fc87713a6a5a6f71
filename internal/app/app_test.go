package app_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"gocloud.dev/blob/memblob"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/internal/app"
	"latchkey/internal/config"
	"latchkey/internal/controls"
	"latchkey/internal/devserver"
)

const patience = 30 * time.Second

func server(t *testing.T) client.Client {
	t.Helper()
	s, err := devserver.Start(t.Context(), devserver.Options{Finder: devserver.Finder{Dir: "../.."}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s.Client
}

// policyFolder is a copy of a policy that loads.
func policyFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("../../policy/testdata/good")))
	return dir
}

// options are a worker's, whose vendors nobody reaches.
func options(c client.Client, policy string) app.Options {
	return app.Options{
		Okta:         okta.Config{OrgURL: "http://127.0.0.1:1", Token: "t", AllowPlainHTTP: true},
		Freshservice: freshservice.Config{BaseURL: "http://127.0.0.1:1", APIKey: "k", AllowPlainHTTP: true},
		PolicyDir:    policy, Temporal: c, Blobs: memblob.OpenBucket(nil), Listen: "127.0.0.1:0", PolicyEvery: 50 * time.Millisecond,
	}
}

func get(address, path string) (int, string) {
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		return 0, err.Error()
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return 0, err.Error()
	}
	return answer.StatusCode, string(body)
}

// pollers says which queues are served.
func pollers(t assert.TestingT, c client.Client) map[string]bool {
	served := map[string]bool{}
	for queue, kind := range map[string]enumspb.TaskQueueType{
		contract.QueueLatchkey: enumspb.TASK_QUEUE_TYPE_WORKFLOW, contract.QueueOkta: enumspb.TASK_QUEUE_TYPE_ACTIVITY,
		contract.QueueFreshservice: enumspb.TASK_QUEUE_TYPE_ACTIVITY,
	} {
		d, err := c.WorkflowService().DescribeTaskQueue(context.Background(), &workflowservice.DescribeTaskQueueRequest{
			Namespace: client.DefaultNamespace, TaskQueue: &taskqueuepb.TaskQueue{Name: queue}, TaskQueueType: kind,
		})
		if assert.NoError(t, err) && len(d.GetPollers()) > 0 {
			served[queue] = true
		}
	}
	return served
}

// run runs an app in the background and gives what ends it.
func run(t *testing.T, a *app.App) (stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.Run(ctx) }()
	return func() error {
		cancel()
		err := <-ended
		require.NoError(t, a.Close())
		return err
	}
}

func TestAWorkerReportsModesServesItsQueuesAndDrains(t *testing.T) {
	t.Parallel()
	c, dir := server(t), policyFolder(t)
	a, err := app.New(t.Context(), options(c, dir))
	require.NoError(t, err)
	stop := run(t, a)

	require.EventuallyWithT(t, func(t *assert.CollectT) {
		status, said := get(a.Addr(), "/readyz")
		assert.Equal(t, http.StatusOK, status, said)
		assert.Equal(t, map[string]bool{contract.QueueLatchkey: true, contract.QueueOkta: true, contract.QueueFreshservice: true}, pollers(t, c))
	}, patience, 100*time.Millisecond)

	want := a.Policies().Current().Modes()
	requireModes(t, c, want)

	// An edit of the policy reaches the cluster without a restart.
	path := filepath.Join(dir, "intake.yaml")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	edited := strings.Replace(string(text), "offboarding: {mode: act}", "offboarding: {mode: observe}", 1)
	require.NotEqual(t, string(text), edited)
	require.NoError(t, os.WriteFile(path, []byte(edited), 0o600))
	want = maps.Clone(want)
	want[casework.Offboarding] = casework.ModeObserve
	requireModes(t, c, want)

	// A broken edit leaves the last good policy in force, and shows.
	require.NoError(t, os.WriteFile(path, []byte("nonsense: true\n"), 0o600))
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		_, page := get(a.Addr(), "/metrics")
		assert.Contains(t, page, "latchkey_policy_broken 1")
	}, patience, 100*time.Millisecond)
	requireModes(t, c, want)

	require.NoError(t, stop())
	status, _ := get(a.Addr(), "/healthz")
	require.Zero(t, status, "the health server is still there")
}

func requireModes(t *testing.T, c client.Client, want map[casework.UseCase]casework.Mode) {
	t.Helper()
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		now, err := controls.Read(context.Background(), c)
		assert.NoError(t, err)
		assert.Equal(t, want, now.Modes)
	}, patience, 100*time.Millisecond)
}

func TestAWorkerOfOneRoleServesOneQueue(t *testing.T) {
	t.Parallel()
	c := server(t)
	o := options(c, policyFolder(t))
	o.Roles, o.Freshservice = []string{config.RoleOkta}, freshservice.Config{}
	a, err := app.New(t.Context(), o)
	require.NoError(t, err, "a role that is not served needs no credential")
	stop := run(t, a)
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		assert.Equal(t, map[string]bool{contract.QueueOkta: true}, pollers(t, c))
	}, patience, 100*time.Millisecond)
	now, err := controls.Read(t.Context(), c)
	require.NoError(t, err)
	require.Empty(t, now.Modes, "only processes that serve workflows report modes")
	require.NoError(t, stop())
}

func TestOptionsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	broken := policyFolder(t)
	require.NoError(t, os.WriteFile(filepath.Join(broken, "intake.yaml"), []byte("nonsense: true\n"), 0o600))
	c, err := client.NewLazyClient(client.Options{HostPort: "127.0.0.1:1"})
	require.NoError(t, err)
	tests := []struct {
		name   string
		change func(*app.Options)
		says   string
	}{
		{"a role that is none", func(o *app.Options) { o.Roles = []string{"cook"} }, "cook"},
		{"no policy", func(o *app.Options) { o.PolicyDir = "" }, "LATCHKEY_POLICY_DIR"},
		{"a policy that does not load", func(o *app.Options) { o.PolicyDir = broken }, "intake.yaml"},
		{"no credential of Okta", func(o *app.Options) { o.Okta.Token = "" }, "okta"},
		{"no address of Freshservice", func(o *app.Options) { o.Freshservice.BaseURL = "" }, "freshservice"},
		{"an address that is none", func(o *app.Options) { o.Listen = "nowhere:99999" }, "LATCHKEY_LISTEN"},
		{"a store that is none", func(o *app.Options) { o.Blobs, o.BlobURL = nil, "ftp://example.com/x" }, "LATCHKEY_BLOB_URL"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			o := options(c, "../../policy/testdata/good")
			test.change(&o)
			_, err := app.New(t.Context(), o)
			require.ErrorContains(t, err, test.says)
		})
	}
}

// TestAWorkerDialsByTheEnvironment is how the program `worker` starts: nothing is handed in.
func TestAWorkerDialsByTheEnvironment(t *testing.T) {
	s, err := devserver.Start(t.Context(), devserver.Options{Finder: devserver.Finder{Dir: "../.."}})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	t.Setenv("TEMPORAL_ADDRESS", s.Address)
	o := options(nil, policyFolder(t))
	o.Blobs, o.BlobURL = nil, t.TempDir()
	a, err := app.New(t.Context(), o)
	require.NoError(t, err)
	stop := run(t, a)
	require.EventuallyWithT(t, func(t *assert.CollectT) {
		status, said := get(a.Addr(), "/readyz")
		assert.Equal(t, http.StatusOK, status, said)
		_, page := get(a.Addr(), "/metrics")
		assert.Contains(t, page, "temporal_num_pollers{", "the SDK counts into the process' own registry")
	}, patience, 100*time.Millisecond)
	require.NoError(t, stop())
}
