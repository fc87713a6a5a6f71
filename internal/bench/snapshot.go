package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	sdkworker "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/devserver"
)

const (
	snapCampaign = "bench"
	snapQueue    = "bench-snapshot"
	snapWorkflow = "BenchSnapshot"
	// The most that the issue allows.
	snapOverLeast = 1.05
	snapPeakMiB   = 200
)

// snapReview is the policy of the campaign that is measured: everybody's groups and applications, by their managers, with
// the employees from an export, so that nothing but Okta is asked.
const snapReview = `mode: act
reviewers: [{name: managers, who: [manager]}]
fallback: [{person: %s}, {person: %s}]
employees: {source: csv, path: %q, columns: {email: Mail}, active: row.Status == "Active"}
`

// snapTimes is what the workflow saw.
type snapTimes struct {
	Snapshot contract.SnapshotRef        `json:"snapshot"`
	Read     time.Duration               `json:"read"`
	Assigned contract.ReviewAssignResult `json:"assigned"`
	Joined   time.Duration               `json:"joined"`
}

// measureSnapshot reads 10,000 people with 40 grants each out of a simulated Okta and makes packets of them. Temporal, the
// simulator and the worker are processes of their own.
func measureSnapshot(ctx context.Context, b *bench) (err error) {
	dir, err := os.MkdirTemp("", "latchkey-snapshot-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b.step("building the worker and the simulator")
	if err := snapBuild(ctx, dir); err != nil {
		return err
	}
	if err := snapPolicies(b.policies, dir); err != nil {
		return err
	}
	b.step("%d people with %d applications in Okta", acme.LargePeople, acme.LargeApps)
	token := "00" + snapSecret()
	org, err := snapStart(filepath.Join(dir, "okta"), []string{"OKTA_SIM_TOKEN=" + token}, "--listen", "127.0.0.1:0", "--seed", "large")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, org.stop()) }()
	address, err := org.address(ctx)
	if err != nil {
		return err
	}
	server, err := devserver.Start(ctx, devserver.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	worker, err := snapStart(filepath.Join(dir, "worker"), []string{
		"TEMPORAL_ADDRESS=" + server.Address, "TEMPORAL_NAMESPACE=" + server.Namespace, "LATCHKEY_LOG_LEVEL=error",
		"OKTA_ORG_URL=" + address, "OKTA_API_TOKEN=" + token, "OKTA_ALLOW_HTTP=true",
		"FRESHSERVICE_URL=" + address, "FRESHSERVICE_API_KEY=none", "FRESHSERVICE_ALLOW_HTTP=true", // never asked
		"LATCHKEY_POLICY_DIR=" + filepath.Join(dir, "policies"), "LATCHKEY_BLOB_URL=" + filepath.Join(dir, "blobs"),
		"LATCHKEY_OKTA_PER_SECOND=200", "LATCHKEY_FRESHSERVICE_PER_SECOND=200",
	}, "--listen", "off")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, worker.stop()) }()
	b.step("reading Okta and assigning %d grants", acme.LargePeople*(acme.LargeAppsEach+acme.LargeGroupsEach))
	times, err := snapRun(ctx, server.Client)
	if err != nil {
		return errors.Join(err, worker.alive())
	}
	return snapReport(b, times, worker)
}

// snapRun carries the campaign through its data side, as its workflow does.
func snapRun(ctx context.Context, c client.Client) (times snapTimes, err error) {
	w := sdkworker.New(c, snapQueue, sdkworker.Options{})
	w.RegisterWorkflowWithOptions(snapshotWorkflow, workflow.RegisterOptions{Name: snapWorkflow})
	if err := w.Start(); err != nil {
		return times, err
	}
	defer w.Stop()
	run, err := c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: snapWorkflow, TaskQueue: snapQueue, WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, snapWorkflow)
	if err != nil {
		return times, err
	}
	return times, run.Get(ctx, &times)
}

func snapshotWorkflow(ctx workflow.Context) (times snapTimes, err error) {
	on := func(queue string) workflow.Context {
		return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			TaskQueue: queue, StartToCloseTimeout: 10 * time.Minute, HeartbeatTimeout: time.Minute, Priority: temporal.Priority{PriorityKey: casework.PriorityReviews},
		})
	}
	began := workflow.Now(ctx)
	for !times.Snapshot.Done {
		in := contract.ReviewSnapshotInput{Campaign: snapCampaign}
		if err := workflow.ExecuteActivity(on(contract.QueueOkta), contract.ActReviewSnapshot, in).Get(ctx, &times.Snapshot); err != nil {
			return times, err
		}
	}
	times.Read = workflow.Now(ctx).Sub(began)
	began = workflow.Now(ctx)
	var staff contract.EmployeesRef
	for !staff.Done {
		in := contract.ReviewEmployeesInput{Campaign: snapCampaign}
		if err := workflow.ExecuteActivity(on(contract.QueueFreshservice), contract.ActReviewEmployees, in).Get(ctx, &staff); err != nil {
			return times, err
		}
	}
	in := contract.ReviewAssignInput{Campaign: snapCampaign, Title: "Bench", Due: began.Add(time.Hour), Snapshot: times.Snapshot, Employees: staff}
	err = workflow.ExecuteActivity(on(contract.QueueOkta), contract.ActReviewAssign, in).Get(ctx, &times.Assigned)
	times.Joined = workflow.Now(ctx).Sub(began)
	return times, err
}

// snapLeast is the fewest calls that can read the company whole.
func snapLeast() int {
	ceil := func(n, page int) int { return (n + page - 1) / page }
	co := acme.Large()
	members, holders := map[string]int{}, map[string]int{}
	for _, p := range co.People {
		for _, g := range p.Groups {
			members[g]++
		}
		for _, a := range p.Apps {
			holders[a]++
		}
	}
	const own = 1 // the admin who owns the token, alone in the group Okta Administrators; Everyone is not reviewed
	calls := ceil(len(co.People)+own, 200) + ceil(len(co.Groups)+2, 200) + ceil(own, 1000) + ceil(len(co.Apps), 200)
	for _, n := range members {
		calls += ceil(n, 1000)
	}
	for _, n := range holders {
		calls += ceil(n, 500)
	}
	return calls
}

func snapReport(b *bench, t snapTimes, worker *snapProcess) error {
	grants := acme.LargePeople * (acme.LargeAppsEach + acme.LargeGroupsEach)
	if got := t.Assigned.Items + t.Assigned.OutOfScope + t.Assigned.Unassigned; got < grants || !t.Snapshot.Complete {
		return fmt.Errorf("%d grants were assigned of %d, complete: %t", got, grants, t.Snapshot.Complete)
	}
	least := snapLeast()
	b.report.add("snapshot_calls", float64(t.Snapshot.Calls), "calls", "%d people, %d groups, %d applications, %d grants; the least is %d", t.Snapshot.Users, t.Snapshot.Groups, t.Snapshot.Apps, t.Snapshot.Grants, least)
	b.report.add("snapshot_calls_over_least", float64(t.Snapshot.Calls)/float64(least), "×", "goal at most %g; beyond the least: the group rules", snapOverLeast)
	b.report.add("snapshot_wall_s", t.Read.Seconds(), "s", "one call after the other, limits off; Temporal, Okta and worker each a process on this machine")
	b.report.add("snapshot_assign_wall_s", t.Joined.Seconds(), "s", "employees from an export, join, marks, %d packets of %d items", t.Assigned.Reviewers, t.Assigned.Items)
	if peak, ok := worker.memory("VmHWM"); ok {
		b.report.add("snapshot_peak_rss_mib", peak, "MiB", "goal below %d; the worker with all its roles, from its start through snapshot and join", snapPeakMiB)
	}
	return nil
}

// snapPolicies copies the policies, with a review of everything, and writes the export of the employees.
func snapPolicies(from, dir string) error {
	to := filepath.Join(dir, "policies")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		return err
	}
	export := filepath.Join(dir, "employees.csv")
	text := fmt.Sprintf(snapReview, acme.LargeEmail(0), acme.LargeEmail(1), export)
	if err := os.WriteFile(filepath.Join(to, "review.yaml"), []byte(text), 0o600); err != nil {
		return err
	}
	var rows strings.Builder
	w := csv.NewWriter(&rows)
	lines := [][]string{{"Mail", "Status"}}
	for i := range acme.LargePeople {
		lines = append(lines, []string{acme.LargeEmail(i), "Active"})
	}
	if err := w.WriteAll(lines); err != nil {
		return err
	}
	return os.WriteFile(export, []byte(rows.String()), 0o600)
}
