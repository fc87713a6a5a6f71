// Package activities holds the steps Latchkey takes in the outside world, one verb each. It is the only room where the
// vendors' clients meet Temporal: what a client returns becomes a result of contract, and the kind of its error becomes
// a Temporal failure, once, in errors.go.
//
// Every activity is safe to run again after a lost answer: it reads before it writes, and "already so" is success and
// says so. Guards (mode, freeze, protection, legal hold and the rest) are asked here, freshly, right before each change;
// what they hold or refuse is a result, not an error.
//
// Workflows never import this package: they call by the names in contract.
package activities

import (
	"fmt"
	"log/slog"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/worker"
	"gocloud.dev/blob"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/policy"
	"latchkey/review"
)

// Policies hands out the policy in force. Every activity asks again, so an edit reaches the next step.
type Policies interface {
	Current() *policy.Policy
}

// Okta is the receiver of the activities that call Okta. All fields are required except Gate, Log and Now.
type Okta struct {
	Client  *okta.Client
	Policy  Policies
	Cluster Cluster      // the workflows that hold what all workers share
	Blobs   *blob.Bucket // snapshots of what Verify read, and checkpoints of the log
	Gate    *OktaGate    // before Client; nil knows no forecast
	Log     *slog.Logger // nil discards
	Now     func() time.Time
	Reading LogReading // how the System Log is read

	population population
	owner      owner
	org        orgFacts
}

// Desk is the receiver of the activities that call Freshservice. All fields are required except Gate, Log and Now.
type Desk struct {
	Client  *freshservice.Client
	Policy  Policies
	Cluster Cluster
	Records *evidence.Store // earlier records of a ticket
	Blobs   *blob.Bucket    // the sweep's place in time
	Links   Links
	Gate    *DeskGate // before Client; nil knows no forecast
	// ReviewURL is where reviewers reach the bridge's pages, without a slash at its end; empty: tickets name no link.
	ReviewURL string
	Log       *slog.Logger // nil discards
	Now       func() time.Time

	known directory
}

// Engine is the receiver of the activities that touch neither vendor: the evidence store, the files of campaigns and
// Temporal itself.
type Engine struct {
	Cluster Cluster
	Records *evidence.Store
	Chat    Chat
	Blobs   *blob.Bucket // checkpoints of the log, the files of campaigns
	Log     *slog.Logger // nil discards
	// Reviews knows the bridge's public keys. Without one no decision of a reviewer counts.
	Reviews *review.Verifier
	Now     func() time.Time
	Monitor *Monitor // where hourly counts go beside the log; nil: nowhere

	bulk bulkRows
}

// Roles are the receivers this process serves. A nil one is not registered, so a worker of one queue offers only that
// queue's activities.
type Roles struct {
	Okta   *Okta
	Desk   *Desk
	Engine *Engine
}

// Register makes the activities of the given roles known to a worker, by the names in contract.
func Register(registry worker.ActivityRegistry, roles Roles) {
	for _, a := range roles.list() {
		registry.RegisterActivityWithOptions(a.function, activity.RegisterOptions{Name: a.name})
	}
}

// Names lists what Register registers for these roles, sorted. The wiring tests compare it with contract.
func Names(roles Roles) []string {
	var names []string
	for _, a := range roles.list() {
		names = append(names, a.name)
	}
	slices.Sort(names)
	return names
}

type named struct {
	name     string
	function any
}

func (r Roles) list() []named {
	var all []named
	if o := r.Okta; o != nil {
		all = append(all,
			named{contract.ActPlan, o.Plan},
			named{contract.ActApplyChange, o.ApplyChange},
			named{contract.ActCheckSettled, o.CheckSettled},
			named{contract.ActVerify, o.Verify},
			named{contract.ActCloseGlass, o.CloseGlass},
			named{contract.ActSyncWho, o.SyncWho},
			named{contract.ActSyncCompare, o.SyncCompare},
			named{contract.ActSyncWalk, o.SyncWalk},
			named{contract.ActPollLog, o.PollLog},
			named{contract.ActCatchUpLog, o.CatchUpLog},
			named{contract.ActBudgetForecast, o.BudgetForecast},
			named{contract.ActReviewPlan, o.ReviewPlan},
			named{contract.ActReviewSnapshot, o.ReviewSnapshot},
			named{contract.ActReviewAssign, o.ReviewAssign},
			named{contract.ActReviewTidy, o.ReviewTidy},
			named{contract.ActPlanRevocations, o.PlanRevocations},
			named{contract.ActBulkPlan, o.BulkPlan},
		)
	}
	if d := r.Desk; d != nil {
		all = append(all,
			named{contract.ActReadRequest, d.ReadRequest},
			named{contract.ActTell, d.Tell},
			named{contract.ActSetTicket, d.SetTicket},
			named{contract.ActRouteApproval, d.RouteApproval},
			named{contract.ActOpenLevel, d.OpenLevel},
			named{contract.ActReadApprovals, d.ReadApprovals},
			named{contract.ActRemindApprovers, d.RemindApprovers},
			named{contract.ActWithdrawApprovals, d.WithdrawApprovals},
			named{contract.ActCheckReassign, d.CheckReassign},
			named{contract.ActAskMassChange, d.AskMassChange},
			named{contract.ActAskSecurity, d.AskSecurity},
			named{contract.ActTendTasks, d.TendTasks},
			named{contract.ActSweepTickets, d.SweepTickets},
			named{contract.ActDailyDigest, d.DailyDigest},
			named{contract.ActSyncReadDesk, d.SyncReadDesk},
			named{contract.ActSyncWriteDesk, d.SyncWriteDesk},
			named{contract.ActSyncAskRole, d.SyncAskRole},
			named{contract.ActSyncFindDesk, d.SyncFindDesk},
			named{contract.ActRouteAlert, d.RouteAlert},
			named{contract.ActOpenIncident, d.OpenIncident},
			named{contract.ActTellIncident, d.TellIncident},
			named{contract.ActReopenIncident, d.ReopenIncident},
			named{contract.ActCloseIncident, d.CloseIncident},
			named{contract.ActLookIncident, d.LookIncident},
			named{contract.ActReportIncident, d.ReportIncident},
			named{contract.ActDeskBudgetForecast, d.DeskBudgetForecast},
			named{contract.ActReviewEmployees, d.ReviewEmployees},
			named{contract.ActReviewCampaignTicket, d.ReviewCampaignTicket},
			named{contract.ActReviewOpenTickets, d.ReviewOpenTickets},
			named{contract.ActReviewTell, d.ReviewTell},
			named{contract.ActReviewReport, d.ReviewReport},
			named{contract.ActBulkTicket, d.BulkTicket},
			named{contract.ActBulkReport, d.BulkReport},
		)
	}
	if e := r.Engine; e != nil {
		all = append(all,
			named{contract.ActStoreEvidence, e.StoreEvidence},
			named{contract.ActRequestTurn, e.RequestTurn},
			named{contract.ActCaseOpen, e.CaseOpen},
			named{contract.ActClaimGrant, e.ClaimGrant},
			named{contract.ActHandOver, e.HandOver},
			named{contract.ActNotifyChat, e.NotifyChat},
			named{contract.ActDeliverAlerts, e.DeliverAlerts},
			named{contract.ActReportHour, e.ReportHour},
			named{contract.ActTakeReviewBatch, e.TakeReviewBatch},
			named{contract.ActReviewReviewers, e.ReviewReviewers},
			named{contract.ActReviewRevocations, e.ReviewRevocations},
			named{contract.ActReviewKeepOutcomes, e.ReviewKeepOutcomes},
			named{contract.ActReviewEvidence, e.ReviewEvidence},
			named{contract.ActBulkRows, e.BulkRows},
			named{contract.ActBulkKeep, e.BulkKeep},
			named{contract.ActBulkTally, e.BulkTally},
		)
	}
	return all
}

// clock is the receiver's Now, or the real one.
func clock(now func() time.Time) time.Time {
	if now == nil {
		return time.Now().UTC()
	}
	return now().UTC()
}

// logger is the receiver's log, or one that discards.
func logger(log *slog.Logger) *slog.Logger {
	if log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return log
}

// caseKey names one run of one ticket's case in keys of the blob store: "FS-12/0".
func caseKey(ticket int64, run int) string {
	return fmt.Sprintf("%s/%d", contract.TicketLabel(ticket), run)
}
