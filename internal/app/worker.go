package app

import (
	"fmt"

	"go.temporal.io/sdk/worker"

	"latchkey/activities"
	"latchkey/clients/chat"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/internal/config"
	"latchkey/workflows"
)

// worker makes the worker of one role.
func (a *App) worker(role string) (worker.Worker, error) {
	q := a.options.Queues
	switch role {
	case config.RoleWorkflows:
		o := a.workerOptions(role)
		o.MaxConcurrentWorkflowTaskExecutionSize = q.WorkflowConcurrency
		o.MaxConcurrentActivityExecutionSize = q.WorkflowConcurrency
		w := worker.New(a.temporal, contract.QueueLatchkey, o)
		workflows.Register(w)
		keys, err := a.options.Reviews.Verifier()
		if err != nil {
			return nil, err
		}
		activities.Register(w, activities.Roles{Engine: &activities.Engine{
			Cluster: a.cluster, Records: evidence.NewStore(a.blobs), Blobs: a.blobs, Log: a.options.Log, Monitor: a.options.Monitor(),
			Reviews: keys, Chat: activities.Chat{Client: &chat.Client{}, Addresses: a.options.Incidents.Channels()},
		}})
		return w, nil
	case config.RoleOkta:
		c, err := a.oktaClient()
		if err != nil {
			return nil, err
		}
		w := worker.New(a.temporal, contract.QueueOkta, a.quota(role, q.OktaConcurrency, q.OktaPerSecond))
		activities.Register(w, activities.Roles{Okta: &activities.Okta{
			Client: c, Policy: a.policies, Cluster: a.cluster, Blobs: a.blobs, Log: a.options.Log,
			Reading: activities.LogReading{Every: a.options.Alerts.Every, LookBack: a.options.Alerts.LookBack, Meter: a.metrics},
		}})
		return w, nil
	case config.RoleFreshservice:
		c, err := a.deskClient()
		if err != nil {
			return nil, err
		}
		w := worker.New(a.temporal, contract.QueueFreshservice, a.quota(role, q.FreshserviceConcurrency, q.FreshservicePerSecond))
		activities.Register(w, activities.Roles{Desk: &activities.Desk{
			Client: c, Policy: a.policies, Cluster: a.cluster, Records: evidence.NewStore(a.blobs), Blobs: a.blobs, Log: a.options.Log,
			Links: activities.Links{OktaAdmin: a.options.Incidents.Admin(a.options.Okta.OrgURL), TemporalUI: a.options.Incidents.TemporalUI},
		}})
		return w, nil
	}
	return nil, fmt.Errorf("app: no role %q", role)
}

// quota is the options of a worker whose queue is bounded by a vendor's quota. The rate holds for the queue in the whole
// cluster, so every worker has to name the same (temporal.md §1.9).
func (a *App) quota(role string, concurrency int, perSecond float64) worker.Options {
	o := a.workerOptions(role)
	o.DisableWorkflowWorker = true
	o.MaxConcurrentActivityExecutionSize = concurrency
	o.TaskQueueActivitiesPerSecond = perSecond
	return o
}

func (a *App) workerOptions(role string) worker.Options {
	return worker.Options{
		Identity:                    a.options.Identity,
		WorkerStopTimeout:           a.options.StopWait,
		DisableRegistrationAliasing: true,
		OnFatalError: func(err error) {
			a.options.Log.Error("a worker cannot go on", "role", role, "error", err)
			select {
			case a.fatal <- fmt.Errorf("app: the worker for %s cannot go on: %w", role, err):
			default: // Run is ending already
			}
		},
	}
}
