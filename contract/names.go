// Package contract is what the rooms say to each other: the names, inputs and results of workflows, activities,
// signals, updates and queries, and how IDs are made. Nothing here acts. A name or a field that has been in a released
// version is never renamed: histories hold it.
package contract

// Task queues, by quota. Every worker process serves the ones its roles name.
const (
	QueueLatchkey     = "latchkey"     // workflows, and activities that touch neither vendor
	QueueOkta         = "okta"         // activities that call Okta
	QueueFreshservice = "freshservice" // activities that call Freshservice
)

// Workflow types beside the use cases (casework.UseCase), which are types of their own.
const (
	WorkflowIntake   = "Intake"
	WorkflowPerson   = "Person"
	WorkflowControls = "Controls"
	WorkflowSweep    = "Sweep"
	WorkflowDigest   = "DailyDigest"
	WorkflowPreview  = "Preview"
	WorkflowGrant    = "Grant"
	WorkflowSyncAll  = "SyncAll"  // SyncAllInput → SyncAllResult
	WorkflowSyncFind = "SyncFind" // SyncFindInput → SyncResult

	WorkflowSystemLog = "SystemLog" // reads Okta's System Log for ever

	WorkflowReviewer     = "Reviewer"       // one reviewer's part of a campaign
	WorkflowReviewLaunch = "ReviewLauncher" // started by the schedule: names the campaign and starts it
	WorkflowRevocation   = "Revocation"     // what a campaign takes away from one person

	WorkflowBulk    = "Bulk"    // a batch of joiners or leavers
	WorkflowBulkRow = "BulkRow" // one person of it
)

// Signals.
const (
	SignalNudge       = "nudge"        // to a case: read the ticket again; carries no decision
	SignalTurnGranted = "turn_granted" // person → case
	SignalLeaverBegan = "leaver_began" // person → case
	SignalTurnRequest = "turn_request" // case → person
	SignalTurnRelease = "turn_release" // case → person
	SignalLeaver      = "leaver"       // case → person: a leaver began, or ended
	SignalClaim       = "claim"        // activity → grant: ClaimSignal
	SignalGrantEnded  = "grant_ended"  // activity → grant: GrantEndedSignal
	SignalAlarm       = "alarm"        // activity → controls: our own credential is refused
	SignalAlert       = "alert"        // activity → incident: AlertSignal
	SignalWake        = "wake"         // bridge → log: read now; carries nothing

	SignalIncidentEnded = "incident_ended" // incident → log: IncidentEndedSignal

	SignalBulkRow = "bulk_row" // row → batch: BulkRowState

	SignalReviewClose    = "review_close"    // campaign → reviewer: decisions no longer count; carries nothing
	SignalReviewProgress = "review_progress" // reviewer → campaign: ReviewerCounts
)

// Updates an operator sends to a case. Each takes OperatorCommand, except where the constant's comment says so.
const (
	UpdateRetry      = "retry"
	UpdateSkip       = "skip"
	UpdateAbort      = "abort"
	UpdateReassign   = "reassign"   // ReassignCommand
	UpdateReschedule = "reschedule" // RescheduleCommand
	UpdateExpedite   = "expedite"
)

// UpdateInherit leaves an account that a joiner's case made to another one that waits for it: InheritCommand →
// InheritResult. No person sends it.
const UpdateInherit = "inherit"

// Updates of the controls workflow.
const (
	UpdateFreeze  = "freeze"  // FreezeCommand
	UpdateThaw    = "thaw"    // FreezeCommand
	UpdateModes   = "modes"   // ModesReport → ModesSince
	UpdateAdmit   = "admit"   // AdmitRequest → AdmitVerdict
	UpdateRelease = "release" // ReleaseCommand: lets held cases pass the mass-change guard
)

// UpdateAdmitReset asks a person's workflow: ResetRequest → casework.ResetVerdict.
const UpdateAdmitReset = "admit_reset"

// Updates of the log.
const (
	UpdateSilence       = "silence"        // SilenceCommand → SilenceResult
	UpdateExpireSilence = "expire_silence" // ExpireSilenceCommand → CommandResult
)

// Updates of a reviewer's workflow.
const (
	UpdateDecide = "decide" // DecideCommand → DecideResult
	UpdateLink   = "link"   // LinkCommand → ReviewerState
)

// Updates of a batch, beside retry (tries what failed again) and abort.
const (
	UpdatePause  = "pause"  // starts no more rows; OperatorCommand
	UpdateResume = "resume" // OperatorCommand
)

// Queries.
const (
	QueryStatus   = "status"   // CaseStatus
	QueryTurns    = "turns"    // Turns
	QueryControls = "controls" // Controls
	QueryGrant    = "grant"    // GrantState
	QuerySync     = "sync"     // SyncResult, of a person
	QueryAlert    = "alert"    // AlertState
	QueryLog      = "log"      // LogState
	QueryReview   = "review"   // ReviewState, of a campaign
	QueryReviewer = "reviewer" // ReviewerState
	QueryBulk     = "bulk"     // BulkState
)

// Search attributes. IDs and words of a fixed list only: they are never encrypted.
const (
	AttrState    = "LatchkeyState"
	AttrTicket   = "LatchkeyTicket"
	AttrOktaUser = "LatchkeyOktaUser"
	AttrLevel    = "LatchkeyLevel"
	AttrDueAt    = "LatchkeyDueAt"
	AttrCampaign = "LatchkeyCampaign"
	AttrBatch    = "LatchkeyBatch"
)

// Schedules that `starter setup` keeps.
const (
	ScheduleSweep  = "latchkey-sweep"
	ScheduleDigest = "latchkey-daily-digest"
	ScheduleSync   = "latchkey-sync" // unless policy switches the sync off
	ScheduleReview = "latchkey-access-review"
)
