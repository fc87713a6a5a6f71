package contract

// Activity names: the first block runs on QueueFreshservice, the second on QueueOkta, the third on QueueLatchkey.
// activities/ registers them, workflows/ calls them by name.
const (
	ActReadRequest       = "ReadRequest"       // ReadRequestInput → ReadRequestResult
	ActTell              = "Tell"              // TellInput → TellResult
	ActSetTicket         = "SetTicket"         // SetTicketInput → SetTicketResult
	ActRouteApproval     = "RouteApproval"     // RouteApprovalInput → RouteApprovalResult
	ActOpenLevel         = "OpenLevel"         // OpenLevelInput → OpenLevelResult
	ActReadApprovals     = "ReadApprovals"     // ReadApprovalsInput → ReadApprovalsResult
	ActRemindApprovers   = "RemindApprovers"   // RemindInput → nothing
	ActWithdrawApprovals = "WithdrawApprovals" // WithdrawInput → nothing
	ActCheckReassign     = "CheckReassign"     // CheckReassignInput → CheckReassignResult
	ActAskMassChange     = "AskMassChange"     // AskMassChangeInput → AskMassChangeResult
	ActAskSecurity       = "AskSecurity"       // AskSecurityInput → AskSecurityResult
	ActTendTasks         = "TendTasks"         // TendTasksInput → TendTasksResult
	ActSweepTickets      = "SweepTickets"      // SweepInput → SweepResult
	ActDailyDigest       = "DailyDigest"       // DigestInput → nothing
	ActSyncReadDesk      = "SyncReadDesk"      // SyncReadDeskInput → SyncReadDeskResult
	ActSyncWriteDesk     = "SyncWriteDesk"     // SyncWriteDeskInput → SyncWriteDeskResult
	ActSyncAskRole       = "SyncAskRole"       // SyncAskRoleInput → SyncAskRoleResult
	ActSyncFindDesk      = "SyncFindDesk"      // SyncFindInput → SyncFindDeskResult

	ActPlan         = "Plan"         // PlanInput → PlanResult
	ActApplyChange  = "ApplyChange"  // ApplyInput → ApplyResult
	ActCheckSettled = "CheckSettled" // SettledInput → SettledResult
	ActVerify       = "Verify"       // VerifyInput → VerifyResult
	ActCloseGlass   = "CloseGlass"   // CloseGlassInput → nothing
	ActSyncWho      = "SyncWho"      // SyncWhoInput → SyncWhoResult
	ActSyncCompare  = "SyncCompare"  // SyncCompareInput → SyncCompareResult
	ActSyncWalk     = "SyncWalk"     // SyncWalkInput → SyncWalkResult
	ActPollLog      = "PollLog"      // PollLogInput → PollLogResult
	ActCatchUpLog   = "CatchUpLog"   // PollLogInput → PollLogResult

	ActPlanRevocations = "PlanRevocations" // PlanRevocationsInput → PlanRevocationsResult

	ActStoreEvidence = "StoreEvidence" // EvidenceInput → RecordRef
	ActRequestTurn   = "RequestTurn"   // RequestTurnInput → nothing
	ActCaseOpen      = "CaseOpen"      // CaseOpenInput → CaseOpenResult
	ActHandOver      = "HandOver"      // HandOverInput → HandOverResult
	ActClaimGrant    = "ClaimGrant"    // ClaimGrantInput → nothing
	ActDeliverAlerts = "DeliverAlerts" // DeliverAlertsInput → nothing
	ActReportHour    = "ReportHour"    // ReportHourInput → nothing

	ActTakeReviewBatch = "TakeReviewBatch" // TakeReviewBatchInput → TakeReviewBatchResult; on QueueLatchkey
)
