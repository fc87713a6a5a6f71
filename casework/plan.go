package casework

import (
	"time"

	"latchkey/identity"
)

// Verb is what a change does. Each one is a single call to Okta.
type Verb string

// The verbs.
const (
	VerbSuspend         Verb = "suspend"
	VerbUnsuspend       Verb = "unsuspend"
	VerbDeactivate      Verb = "deactivate"
	VerbEndSessions     Verb = "end_sessions" // with OAuth tokens
	VerbResetFactors    Verb = "reset_factors"
	VerbRevokeRole      Verb = "revoke_role"
	VerbClearAttributes Verb = "clear_attributes" // Change.Object.Name lists them, comma-separated
	VerbRemoveMember    Verb = "remove_member"
	VerbAddMember       Verb = "add_member"
	VerbUnassignApp     Verb = "unassign_app"
	VerbAssignApp       Verb = "assign_app"
	// VerbCreateAccount makes a STAGED account with the profile in Change.Values and the memberships in Change.With.
	VerbCreateAccount Verb = "create_account"
	// VerbActivate activates a staged account, and brings a deactivated one back. Okta mails the person, unless
	// Change.Silent.
	VerbActivate Verb = "activate"
	// VerbMailActivation has Okta mail the activation of an account that was activated silently, to the addresses in
	// Change.Values, which the account has to bear by then.
	VerbMailActivation Verb = "mail_activation"
	// VerbUpdateProfile sets the attributes in Change.Values and no others.
	VerbUpdateProfile Verb = "update_profile"
	// VerbResetPassword makes the old password void; Okta mails the person a link for a new one. Nobody else sees it.
	VerbResetPassword Verb = "reset_password"
	// VerbUnlock frees an account that is locked out.
	VerbUnlock Verb = "unlock"
	// VerbReactivate has Okta mail the activation link again.
	VerbReactivate Verb = "reactivate"
	// VerbResetFactor removes one authenticator: Change.Object.ID is its enrolment.
	VerbResetFactor Verb = "reset_factor"
)

// Grants says whether the verb gives access rather than taking it.
func (v Verb) Grants() bool {
	switch v {
	case VerbUnsuspend, VerbAddMember, VerbAssignApp, VerbCreateAccount, VerbActivate, VerbMailActivation, VerbUpdateProfile, VerbResetPassword, VerbUnlock, VerbReactivate:
		return true
	case VerbSuspend, VerbDeactivate, VerbEndSessions, VerbResetFactors, VerbResetFactor, VerbRevokeRole, VerbClearAttributes,
		VerbRemoveMember, VerbUnassignApp:
		return false
	}
	return false
}

// Phase orders the changes of a plan so that it is safe to stop after any of them: a leaver's door first, a mover's new
// access before the old one goes.
type Phase string

// The phases, in order: a leaver's first. PhaseGrant is an access request's only one.
const (
	PhaseDoor        Phase = "door"        // suspend, or deactivate where Okta does not suspend
	PhaseSessions    Phase = "sessions"    // sessions and tokens
	PhaseFactors     Phase = "factors"     // authenticators
	PhaseRoles       Phase = "roles"       // administrator roles
	PhaseAttributes  Phase = "attributes"  // what group rules look at
	PhaseMemberships Phase = "memberships" // direct groups
	PhaseApps        Phase = "apps"        // direct assignments
	PhaseEnd         Phase = "end"         // deactivate
	PhaseSweep       Phase = "sweep"       // memberships that still stand after deactivation
	PhaseGrant       Phase = "grant"

	// PhaseCreate and the rest are a joiner's and a mover's; PlanJoiner and PlanMover say in which order they come.
	PhaseCreate   Phase = "create"   // the account, staged
	PhaseProfile  Phase = "profile"  // attributes
	PhaseActivate Phase = "activate" // on the first day
	PhaseRevoke   Phase = "revoke"   // a mover's old access, after the new one stands

	PhaseReset Phase = "reset" // a credential reset's only one
)

// Change is one step of a plan: one verb on one object, with what was before, what is wanted, and how to undo it.
type Change struct {
	ID     string               `json:"id"` // stable within the plan: verb and object
	Phase  Phase                `json:"phase"`
	Verb   Verb                 `json:"verb"`
	Object identity.Entitlement `json:"object"`
	Origin identity.Origin      `json:"origin,omitempty"`
	Before string               `json:"before,omitempty"`
	After  string               `json:"after,omitempty"`
	// Values are attribute values by Okta's names: those before a clear_attributes, for the undo; those that a
	// create_account or an update_profile sets; the addresses that a mail_activation is meant for.
	Values map[string]any `json:"values,omitempty"`
	// With are groups that a create_account gives in the same call.
	With []identity.Entitlement `json:"with,omitempty"`
	// Inverse undoes the change; empty when it cannot be undone by us (a reset factor).
	Inverse Verb   `json:"inverse,omitempty"`
	Reason  string `json:"reason"`
	// Shrinks says that a profile update takes access away, by a group rule or by birthright: the mass-change guard counts it.
	Shrinks bool `json:"shrinks,omitempty"`
	// Silent keeps an activate from mailing anybody: a mail_activation of the same plan follows once the address is right.
	Silent bool `json:"silent,omitempty"`
	// Reversible changes may run in an emergency before the approval is in.
	Reversible bool   `json:"reversible,omitempty"`
	Item       string `json:"item,omitempty"` // Item.Key of an access request
	// Limit is how long the access stands from its read-back on; zero is not bounded that way.
	Limit time.Duration `json:"limit,omitempty"`
	// Until is when the access ends at the latest; zero names no moment.
	Until time.Time `json:"until,omitzero"`
	// Notice is how long before its end people hear of it; zero is DefaultNotice.
	Notice time.Duration `json:"notice,omitempty"`
	// Claim says that the access is time-bound, or that a time-bound grant of it stands: the grant's workflow is told.
	Claim bool `json:"claim,omitempty"`
}

// Effect is what a change brings about by itself, such as an app that a group granted. It is verified, not done.
type Effect struct {
	Object  identity.Entitlement `json:"object"`
	Because string               `json:"because"`
	// Gives says that the person will hold the object; otherwise the person will not.
	Gives bool `json:"gives,omitempty"`
	// AtEnd effects go only with the deactivation, because a group that stays grants them.
	AtEnd bool `json:"at_end,omitempty"`
}

// Kept is something that policy keeps: keep-list, legal hold, protected group.
type Kept struct {
	Object identity.Entitlement `json:"object"`
	Why    string               `json:"why"`
	Who    string               `json:"who,omitempty"`
	Until  time.Time            `json:"until,omitzero"`
}

// Residual is what differs after verification, with somebody who owns it. A residual is never silence.
type Residual struct {
	Object identity.Entitlement `json:"object"`
	Why    string               `json:"why"`
	Owner  string               `json:"owner"` // "application owner of Salesforce", "Identity Team"
	// Expected residuals were named in the plan (pushed and imported memberships, what policy keeps).
	Expected bool `json:"expected,omitempty"`
}

// Plan is an ordered list of changes about one person, and what will be left.
type Plan struct {
	UseCase   UseCase         `json:"use_case"`
	Person    identity.Person `json:"person"`
	Changes   []Change        `json:"changes,omitempty"`
	Effects   []Effect        `json:"effects,omitempty"`
	Kept      []Kept          `json:"kept,omitempty"`
	Residuals []Residual      `json:"residuals,omitempty"`
	// EffectiveAt is when the changes may begin; zero is at once.
	EffectiveAt time.Time `json:"effective_at,omitzero"`
	// PrepareAt is when a joiner's account may be made, staged; zero is at once.
	PrepareAt time.Time `json:"prepare_at,omitzero"`
	// Holds are what the person has to hold at the end, whatever gave it: the proof reads each back.
	Holds []identity.Entitlement `json:"holds,omitempty"`
	// DeactivateAt is when the ladder's last rung comes, counted from EffectiveAt; zero follows at once.
	DeactivateAfter time.Duration `json:"deactivate_after,omitempty"`
	// Conflicts of separation of duties that the plan would bring about.
	Conflicts []DutyConflict `json:"conflicts,omitempty"`
	// Overlap is how long a mover keeps old access beside the new one; zero is not at all.
	Overlap time.Duration `json:"overlap,omitempty"`
	// BreakGlass is set where the grant is made before anybody approves it, and reviewed after.
	BreakGlass *BreakGlass `json:"break_glass,omitempty"`
	// Reset is what a credential reset needs beside its changes.
	Reset        *ResetTerms `json:"reset,omitempty"`
	Notes        []string    `json:"notes,omitempty"` // what a reader should know, each a sentence
	Digest       string      `json:"digest"`
	PolicyDigest string      `json:"policy_digest"`
}

// Phase gives the changes of one phase, in order.
func (p Plan) Phase(phase Phase) []Change {
	var in []Change
	for _, c := range p.Changes {
		if c.Phase == phase {
			in = append(in, c)
		}
	}
	return in
}
