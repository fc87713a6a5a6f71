package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

// step is an activity and how long one attempt of it may take. How often it is tried is not a property of the step:
// the kind of the error decides (casework.ErrKind).
type step struct {
	name    string
	queue   string
	attempt time.Duration // StartToClose of one attempt
	beat    time.Duration // heartbeat timeout; zero for single calls
}

// The steps. Single vendor calls get a minute: the clients give up after 30 seconds by themselves.
var (
	readRequest   = step{name: contract.ActReadRequest, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	tell          = step{name: contract.ActTell, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	setTicket     = step{name: contract.ActSetTicket, queue: contract.QueueFreshservice, attempt: time.Minute}
	routeApproval = step{name: contract.ActRouteApproval, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	openLevel     = step{name: contract.ActOpenLevel, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	readApprovals = step{name: contract.ActReadApprovals, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	remind        = step{name: contract.ActRemindApprovers, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	withdraw      = step{name: contract.ActWithdrawApprovals, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	checkReassign = step{name: contract.ActCheckReassign, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	askMassChange = step{name: contract.ActAskMassChange, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	askSecurity   = step{name: contract.ActAskSecurity, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	tendTasks     = step{name: contract.ActTendTasks, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	sweepTickets  = step{name: contract.ActSweepTickets, queue: contract.QueueFreshservice, attempt: time.Hour, beat: 2 * time.Minute}
	dailyDigest   = step{name: contract.ActDailyDigest, queue: contract.QueueFreshservice, attempt: 10 * time.Minute, beat: 2 * time.Minute}
	planCase      = step{name: contract.ActPlan, queue: contract.QueueOkta, attempt: 10 * time.Minute, beat: 2 * time.Minute}
	applyChange   = step{name: contract.ActApplyChange, queue: contract.QueueOkta, attempt: 2 * time.Minute}
	checkSettled  = step{name: contract.ActCheckSettled, queue: contract.QueueOkta, attempt: 5 * time.Minute, beat: 2 * time.Minute}
	verifyCase    = step{name: contract.ActVerify, queue: contract.QueueOkta, attempt: 10 * time.Minute, beat: 2 * time.Minute}
	closeGlass    = step{name: contract.ActCloseGlass, queue: contract.QueueOkta, attempt: time.Minute}
	storeEvidence = step{name: contract.ActStoreEvidence, queue: contract.QueueLatchkey, attempt: time.Minute}
	requestTurn   = step{name: contract.ActRequestTurn, queue: contract.QueueLatchkey, attempt: 30 * time.Second}
	claimGrant    = step{name: contract.ActClaimGrant, queue: contract.QueueLatchkey, attempt: 30 * time.Second}
	handOver      = step{name: contract.ActHandOver, queue: contract.QueueLatchkey, attempt: time.Minute}
	syncFindDesk  = step{name: contract.ActSyncFindDesk, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	syncReadDesk  = step{name: contract.ActSyncReadDesk, queue: contract.QueueFreshservice, attempt: 10 * time.Minute, beat: 2 * time.Minute}
	syncWriteDesk = step{name: contract.ActSyncWriteDesk, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	syncAskRole   = step{name: contract.ActSyncAskRole, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	syncWho       = step{name: contract.ActSyncWho, queue: contract.QueueOkta, attempt: time.Minute}
	syncCompare   = step{name: contract.ActSyncCompare, queue: contract.QueueOkta, attempt: 5 * time.Minute}
	syncWalk      = step{name: contract.ActSyncWalk, queue: contract.QueueOkta, attempt: time.Hour, beat: 5 * time.Minute}
	takeBatch     = step{name: contract.ActTakeReviewBatch, queue: contract.QueueLatchkey, attempt: 20 * time.Second}
	caseOpen      = step{name: contract.ActCaseOpen, queue: contract.QueueLatchkey, attempt: 30 * time.Second}
	pollLog       = step{name: contract.ActPollLog, queue: contract.QueueOkta, attempt: time.Minute}
	catchUpLog    = step{name: contract.ActCatchUpLog, queue: contract.QueueOkta, attempt: 15 * time.Minute, beat: 40 * time.Second}
	deliverAlerts = step{name: contract.ActDeliverAlerts, queue: contract.QueueLatchkey, attempt: 5 * time.Minute, beat: time.Minute}
	reportHour    = step{name: contract.ActReportHour, queue: contract.QueueLatchkey, attempt: time.Minute}

	reviewPlan           = step{name: contract.ActReviewPlan, queue: contract.QueueOkta, attempt: time.Minute}
	reviewSnapshot       = step{name: contract.ActReviewSnapshot, queue: contract.QueueOkta, attempt: time.Hour, beat: 2 * time.Minute}
	reviewEmployees      = step{name: contract.ActReviewEmployees, queue: contract.QueueFreshservice, attempt: time.Hour, beat: 2 * time.Minute}
	reviewAssign         = step{name: contract.ActReviewAssign, queue: contract.QueueOkta, attempt: time.Hour, beat: 5 * time.Minute}
	reviewReviewers      = step{name: contract.ActReviewReviewers, queue: contract.QueueLatchkey, attempt: time.Minute}
	reviewRevocations    = step{name: contract.ActReviewRevocations, queue: contract.QueueLatchkey, attempt: 2 * time.Minute}
	reviewKeepOutcomes   = step{name: contract.ActReviewKeepOutcomes, queue: contract.QueueLatchkey, attempt: time.Minute}
	reviewEvidence       = step{name: contract.ActReviewEvidence, queue: contract.QueueLatchkey, attempt: time.Hour, beat: 5 * time.Minute}
	reviewTidy           = step{name: contract.ActReviewTidy, queue: contract.QueueOkta, attempt: 10 * time.Minute, beat: 2 * time.Minute}
	reviewCampaignTicket = step{name: contract.ActReviewCampaignTicket, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	reviewOpenTickets    = step{name: contract.ActReviewOpenTickets, queue: contract.QueueFreshservice, attempt: 30 * time.Minute, beat: 2 * time.Minute}
	reviewTell           = step{name: contract.ActReviewTell, queue: contract.QueueFreshservice, attempt: 30 * time.Minute, beat: 2 * time.Minute}
	reviewReport         = step{name: contract.ActReviewReport, queue: contract.QueueFreshservice, attempt: 10 * time.Minute, beat: 2 * time.Minute}
	bulkTicket           = step{name: contract.ActBulkTicket, queue: contract.QueueFreshservice, attempt: 2 * time.Minute}
	bulkPlan             = step{name: contract.ActBulkPlan, queue: contract.QueueOkta, attempt: 10 * time.Minute, beat: 2 * time.Minute}
	bulkRows             = step{name: contract.ActBulkRows, queue: contract.QueueLatchkey, attempt: time.Minute}
	bulkKeep             = step{name: contract.ActBulkKeep, queue: contract.QueueLatchkey, attempt: time.Minute}
	bulkTally            = step{name: contract.ActBulkTally, queue: contract.QueueLatchkey, attempt: 10 * time.Minute, beat: 2 * time.Minute}
	bulkReport           = step{name: contract.ActBulkReport, queue: contract.QueueFreshservice, attempt: 10 * time.Minute, beat: 2 * time.Minute}
	planRevocations      = step{name: contract.ActPlanRevocations, queue: contract.QueueOkta, attempt: 10 * time.Minute, beat: 2 * time.Minute}
)

// with gives the context one attempt's worth of options. within bounds all attempts together, so that a case can say
// that a vendor has been away for long; summary is the line operators read in the history.
func (s step) with(ctx workflow.Context, within time.Duration, priority int, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:              s.queue,
		StartToCloseTimeout:    s.attempt,
		ScheduleToCloseTimeout: max(within, s.attempt),
		HeartbeatTimeout:       s.beat,
		RetryPolicy: &temporal.RetryPolicy{
			InitialInterval:        time.Second,
			BackoffCoefficient:     2,
			MaximumInterval:        time.Minute,
			NonRetryableErrorTypes: terminalKinds(),
		},
		Priority: temporal.Priority{PriorityKey: priority},
		Summary:  clip(summary, 200),
	})
}

// terminalKinds are the error kinds that no retry mends.
func terminalKinds() []string {
	var names []string
	for _, k := range []casework.ErrKind{
		casework.NotFound, casework.Conflict, casework.Invalid, casework.Denied, casework.Unauthorized,
	} {
		names = append(names, string(k))
	}
	return names
}

// clip shortens a text for a place with a byte limit, on a rune boundary.
func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	cut := limit - len("…")
	for cut > 0 && text[cut]&0xC0 == 0x80 {
		cut--
	}
	return text[:cut] + "…"
}
