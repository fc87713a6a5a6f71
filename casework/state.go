package casework

// State is where a case stands; it is the value of the search attribute LatchkeyState.
type State string

// The states, in the order a case usually meets them.
const (
	StateIntake           State = "intake"            // the ticket is being read
	StateNeedsInformation State = "needs_information" // a field is missing; waiting for the ticket to change
	StatePlanning         State = "planning"
	StateAwaitingApproval State = "awaiting_approval"
	StateWaitingDate      State = "waiting_date" // approved, waiting for the effective date
	StateWaitingTurn      State = "waiting_turn" // another case about the same person goes first
	StateApplying         State = "applying"
	StateFrozen           State = "frozen"      // an operator froze writes to Okta
	StateHeld             State = "held"        // a guard holds the next change (mass-change, legal hold, mode)
	StateBlocked          State = "blocked"     // our own credential is refused
	StateUnavailable      State = "unavailable" // a vendor has been away for more than an hour
	StateSettling         State = "settling"    // waiting for the vendor's own jobs, or for a later step of the ladder
	StateVerifying        State = "verifying"
	StateReporting        State = "reporting"
	StateNeedsAttention   State = "needs_attention" // parked: a person has to retry, skip or abort
	StateIdle             State = "idle"            // reported; absorbing late nudges
	StateDone             State = "done"
)

// End is how a case, or one requested item of it, ended.
type End string

// The ends.
const (
	EndDone          End = "done"           // everything asked for is so, and was read back
	EndAlready       End = "already"        // it was so before
	EndResiduals     End = "residuals"      // done, with named residuals somebody owns
	EndRejected      End = "rejected"       // an approver said no; nothing was granted, and that was read back
	EndExpired       End = "expired"        // nobody answered in time
	EndCancelled     End = "cancelled"      // the ticket was closed, deleted or withdrawn
	EndAborted       End = "aborted"        // an operator ended it
	EndNotWanted     End = "not_wanted"     // no intake rule wants this ticket
	EndObserved      End = "observed"       // said what it would do, changed nothing
	EndUnknownPerson End = "unknown_person" // nobody in Okta by that address
	EndSeveralPeople End = "several_people" // more than one account by that address
	EndUnknownItem   End = "unknown_item"   // the catalogue does not know the item
	EndInactive      End = "inactive"       // the beneficiary's account cannot hold access
	EndProtected     End = "protected"      // policy protects the account or the group
	EndConflict      End = "conflict"       // separation of duties forbids what the plan would bring together
	EndLeaver        End = "leaver"         // a leaver for the same person began: nothing more is granted
	EndEarlier       End = "earlier"        // the ticket was closed by an earlier run and has not changed since
	EndIncomplete    End = "incomplete"     // it cannot be planned before a person says more
	EndSkipped       End = "skipped"        // an operator skipped what failed
	EndRefused       End = "refused"        // a rule forbids it, and says when to try again where it will not for ever
	EndHandedOver    End = "handed_over"    // left to a person of the desk, with why
)
