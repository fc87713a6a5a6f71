// Package casework holds the words of a case: what was asked, what is planned, what was changed, what is left over and
// where the case stands. It is pure: planners here take what was read and what policy says, and answer with values.
package casework

// UseCase is one of the things Latchkey does, by the field's name. It is also the Temporal workflow type.
type UseCase string

// The use cases. Tickets ask for all but the last two.
const (
	Offboarding   UseCase = "Offboarding"   // leaver
	AccessRequest UseCase = "AccessRequest" // access request
	Onboarding    UseCase = "Onboarding"    // joiner
	RoleChange    UseCase = "RoleChange"    // mover
	// CredentialReset is password and authenticator self-service.
	CredentialReset UseCase = "CredentialReset" //nolint:gosec // a name, not a credential
	ProfileSync     UseCase = "ProfileSync"     // keeps profiles on both sides alike; no ticket asks for it
	AccessReview    UseCase = "AccessReview"    // certification campaign; a schedule or a person asks for it
	SecurityAlert   UseCase = "SecurityAlert"   // one incident of alerts from Okta's System Log; no ticket asks for it
)

// UseCases lists them in a fixed order.
func UseCases() []UseCase {
	return []UseCase{Offboarding, AccessRequest, Onboarding, RoleChange, CredentialReset, ProfileSync, SecurityAlert, AccessReview}
}

// Mode says how far a use case may go. The zero value is not a mode: policy always names one.
type Mode string

// The modes (docs/go-live.md). A new installation starts in observe.
const (
	ModeOff     Mode = "off"     // tickets are left alone
	ModeObserve Mode = "observe" // plans, and says privately what it would do; changes nothing
	ModeAct     Mode = "act"     // does it
)

// Priority keys of Temporal tasks: lower goes first (design: emergency, people, bulk, reviews).
const (
	PriorityEmergency = 1
	PriorityPeople    = 2
	PriorityBulk      = 4
	PriorityReviews   = 5
)
