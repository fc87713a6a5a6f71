package main

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"latchkey/internal/temporal"
)

// The bare workflow is what a case is compared with: the same number of activities one after the other, and nothing
// else. It runs in a process of its own, as the worker does.
const (
	roleBare     = "bare"
	bareQueue    = "bare"
	bareWorkflow = "Bare"
	bareActivity = "Nothing"
)

// bareInput is how many activities a bare workflow runs, and which addresses each of them reads.
type bareInput struct {
	Activities int
	// Reads is how many calls all activities make together, spread over them: to both simulators in turn.
	Reads int
}

// bare runs the activities one after the other.
func bare(ctx workflow.Context, in bareInput) error {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
	for i := range in.Activities {
		reads := in.Reads*(i+1)/in.Activities - in.Reads*i/in.Activities
		if err := workflow.ExecuteActivity(ctx, bareActivity, reads).Get(ctx, nil); err != nil {
			return err
		}
	}
	return nil
}

// bareReads makes calls as a case's activities do.
type bareReads struct{ okta, token, desk, key string }

// Nothing does nothing but make so many calls.
func (r bareReads) Nothing(ctx context.Context, reads int) error {
	for i := range reads {
		if err := r.read(ctx, i%2 == 0); err != nil {
			return err
		}
	}
	return nil
}

func (r bareReads) read(ctx context.Context, okta bool) error {
	url := r.desk + "/api/v2/tickets/1"
	if okta {
		url = r.okta + "/api/v1/users/me"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	if okta {
		request.Header.Set("Authorization", "SSWS "+r.token)
	} else {
		request.SetBasicAuth(r.key, "X")
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, answer.Body)
	return errors.Join(err, answer.Body.Close())
}

// serveBare is the process: a worker as wide as ours.
func serveBare(ctx context.Context) error {
	c, err := temporal.Dial(ctx, temporal.Options{})
	if err != nil {
		return err
	}
	defer c.Client.Close()
	pollers := worker.NewPollerBehaviorAutoscaling(worker.PollerBehaviorAutoscalingOptions{})
	w := worker.New(c.Client, bareQueue, worker.Options{
		MaxConcurrentActivityExecutionSize: 200, MaxConcurrentWorkflowTaskExecutionSize: 100,
		WorkflowTaskPollerBehavior: pollers, ActivityTaskPollerBehavior: pollers,
	})
	w.RegisterWorkflowWithOptions(bare, workflow.RegisterOptions{Name: bareWorkflow})
	reads := bareReads{okta: os.Getenv("BARE_OKTA"), token: os.Getenv("BARE_TOKEN"), desk: os.Getenv("BARE_DESK"), key: os.Getenv("BARE_KEY")}
	w.RegisterActivityWithOptions(reads.Nothing, activity.RegisterOptions{Name: bareActivity})
	if err := w.Start(); err != nil {
		return err
	}
	<-ctx.Done()
	w.Stop()
	return nil
}

// runBare starts n bare workflows at once and returns how long they took, and the ID of one.
func (f *field) runBare(ctx context.Context, n int, in bareInput) (took time.Duration, one string, err error) {
	began := time.Now()
	runs := make([]client.WorkflowRun, n)
	errs := each(n, func(i int) (err error) {
		runs[i], err = f.temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{TaskQueue: bareQueue}, bareWorkflow, in)
		return err
	})
	if err := errors.Join(errs...); err != nil {
		return 0, "", err
	}
	for _, run := range runs {
		if err := run.Get(ctx, nil); err != nil {
			return 0, "", err
		}
	}
	return time.Since(began), runs[0].GetID(), nil
}
