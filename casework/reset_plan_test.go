package casework_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
)

func resetFacts(status identity.UserStatus, kinds ...casework.ResetKind) casework.ResetFacts {
	ada := identity.Person{OktaUserID: "00uADA", Status: status, Email: "ada@acme.example", FirstName: "Ada"}
	asker := ada
	return casework.ResetFacts{
		Request: casework.Request{
			UseCase: casework.CredentialReset, Subject: ada.Email,
			Reset: &casework.ResetAsk{Kinds: kinds, Factor: "Okta Verify", Types: []string{"push", "signed_nonce"}},
		},
		Subject: []identity.Person{ada}, Asker: []identity.Person{asker},
		Factors: []casework.ResetFactor{
			{Entitlement: identity.Entitlement{Kind: identity.KindFactor, ID: "opf1", Name: "push by OKTA"}, Type: "push"},
			{Entitlement: identity.Entitlement{Kind: identity.KindFactor, ID: "mbl1", Name: "sms by OKTA"}, Type: "sms"},
		},
		Target: casework.ResetVerdict{Admitted: true}, Asked: casework.ResetVerdict{Admitted: true},
	}
}

// The table of docs/runbooks/credential-reset.md, each row.
func TestTheStatusDecidesTheAction(t *testing.T) {
	t.Parallel()
	password, unlock, activation := casework.ResetPassword, casework.ResetUnlock, casework.ResetActivation
	handed, already := casework.EndHandedOver, casework.EndAlready
	rows := []struct {
		status                       identity.UserStatus
		password, unlock, activation any // a verb, or an end
		factors                      any
	}{
		{identity.StatusStaged, handed, handed, handed, handed},
		{identity.StatusProvisioned, casework.VerbReactivate, casework.VerbReactivate, casework.VerbReactivate, casework.VerbResetFactors},
		{identity.StatusActive, casework.VerbResetPassword, casework.VerbUnlock, already, casework.VerbResetFactors},
		{identity.StatusPasswordExpired, casework.VerbResetPassword, casework.VerbResetPassword, casework.VerbResetPassword, casework.VerbResetFactors},
		{identity.StatusLockedOut, casework.VerbResetPassword, casework.VerbUnlock, casework.VerbUnlock, casework.VerbResetFactors},
		{identity.StatusRecovery, casework.VerbResetPassword, casework.VerbResetPassword, casework.VerbResetPassword, casework.VerbResetFactors},
		{identity.StatusSuspended, handed, handed, handed, handed},
		{identity.StatusDeprovisioned, handed, handed, handed, handed},
		{"SOMETHING_NEW", handed, handed, handed, handed},
	}
	for _, row := range rows {
		for kind, want := range map[casework.ResetKind]any{
			password: row.password, unlock: row.unlock, activation: row.activation, casework.ResetAllFactors: row.factors,
		} {
			t.Run(fmt.Sprintf("%s %s", row.status, kind), func(t *testing.T) {
				t.Parallel()
				d := casework.PlanReset(resetFacts(row.status, kind))
				if end, is := want.(casework.End); is {
					assert.Equal(t, end, d.End)
					assert.NotEmpty(t, d.Why)
					return
				}
				require.Empty(t, d.End, d.Why)
				require.Len(t, d.Plan.Changes, 1)
				assert.Equal(t, want, d.Plan.Changes[0].Verb)
				assert.Equal(t, casework.DigestOf(d.Plan), d.Plan.Digest)
			})
		}
	}
}

func TestALockedAccountWhoseOwnerAlsoForgotThePasswordIsResetOnce(t *testing.T) {
	t.Parallel()
	d := casework.PlanReset(resetFacts(identity.StatusLockedOut, casework.ResetPassword, casework.ResetUnlock))
	require.Len(t, d.Plan.Changes, 1)
	assert.Equal(t, casework.VerbResetPassword, d.Plan.Changes[0].Verb)
}

func TestOneAuthenticatorIsRemovedAndTheOthersStay(t *testing.T) {
	t.Parallel()
	d := casework.PlanReset(resetFacts(identity.StatusActive, casework.ResetOneFactor))
	require.Len(t, d.Plan.Changes, 1)
	assert.Equal(t, casework.VerbResetFactor, d.Plan.Changes[0].Verb)
	assert.Equal(t, "opf1", d.Plan.Changes[0].Object.ID)

	f := resetFacts(identity.StatusActive, casework.ResetOneFactor)
	f.Request.Reset.Types = []string{"webauthn"}
	assert.Equal(t, casework.EndAlready, casework.PlanReset(f).End)
	f.Request.Reset.Types = nil
	assert.Equal(t, casework.EndHandedOver, casework.PlanReset(f).End)
}

func TestSessionsEndWithTheResetWhereItWasAskedFor(t *testing.T) {
	t.Parallel()
	f := resetFacts(identity.StatusActive, casework.ResetPassword)
	f.Request.Reset.Sessions = true
	d := casework.PlanReset(f)
	require.Len(t, d.Plan.Changes, 2)
	assert.Equal(t, casework.VerbEndSessions, d.Plan.Changes[1].Verb)
}

func TestWhoMayAskAndWhoHasToApprove(t *testing.T) {
	t.Parallel()
	boss := identity.Person{OktaUserID: "00uBOSS", Status: identity.StatusActive}
	as := func(p identity.Person, status identity.UserStatus) []identity.Person {
		p.Status = status
		return []identity.Person{p}
	}
	tests := map[string]struct {
		kinds   []casework.ResetKind
		set     func(*casework.ResetFacts)
		end     casework.End
		manager bool
	}{
		"a password for oneself asks nobody":       {kinds: []casework.ResetKind{casework.ResetPassword}},
		"a password for somebody else":             {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Asker = []identity.Person{boss} }, manager: true},
		"authenticators for oneself":               {kinds: []casework.ResetKind{casework.ResetAllFactors}, manager: true},
		"one authenticator for oneself":            {kinds: []casework.ResetKind{casework.ResetOneFactor}, manager: true},
		"authenticators by an attested form":       {kinds: []casework.ResetKind{casework.ResetAllFactors}, set: func(f *casework.ResetFacts) { f.Request.Reset.Attested = true }},
		"an attested form about somebody else":     {kinds: []casework.ResetKind{casework.ResetAllFactors}, set: func(f *casework.ResetFacts) { f.Request.Reset.Attested = true; f.Asker = []identity.Person{boss} }, manager: true},
		"a requester whom Okta does not know":      {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Asker = nil }, end: casework.EndRefused},
		"a requester of two accounts":              {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Asker = []identity.Person{boss, boss} }, end: casework.EndRefused},
		"a suspended requester":                    {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Asker = as(boss, identity.StatusSuspended) }, end: casework.EndRefused},
		"a locked-out requester for somebody else": {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Asker = as(boss, identity.StatusLockedOut) }, end: casework.EndRefused},
		"a protected requester":                    {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Asker = []identity.Person{boss}; f.AskerProtected = "a service" }, end: casework.EndRefused},
		"a protected account":                      {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Protected = "break-glass" }, end: casework.EndProtected},
		"nobody":                                   {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Subject = nil }, end: casework.EndUnknownPerson},
		"no address":                               {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Request.Subject = "" }, end: casework.EndUnknownPerson},
		"two people":                               {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Subject = append(f.Subject, boss) }, end: casework.EndSeveralPeople},
		"an unsure reading":                        {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Request.Reset.Unsure = "a question" }, end: casework.EndHandedOver},
		"no wish":                                  {end: casework.EndHandedOver},
		"mail behind Okta":                         {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.MailLocked = "the mail is behind Okta" }, end: casework.EndHandedOver},
		"an unlock needs no mail":                  {kinds: []casework.ResetKind{casework.ResetUnlock}, set: func(f *casework.ResetFacts) { f.MailLocked = "the mail is behind Okta" }},
		"privileged, and nobody to approve":        {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Privileged = "an administrator" }, end: casework.EndHandedOver},
		"cool-down":                                {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Target = casework.ResetVerdict{Why: "too soon"} }, end: casework.EndRefused},
		"too many asked":                           {kinds: []casework.ResetKind{casework.ResetPassword}, set: func(f *casework.ResetFacts) { f.Asked = casework.ResetVerdict{Why: "too many"} }, end: casework.EndRefused},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := resetFacts(identity.StatusActive, tt.kinds...)
			if tt.set != nil {
				tt.set(&f)
			}
			d := casework.PlanReset(f)
			assert.Equal(t, tt.end, d.End, d.Why)
			if tt.end != "" {
				assert.NotEmpty(t, d.Why)
				return
			}
			assert.Equal(t, tt.manager, d.Plan.Reset.Manager != "")
			assert.Empty(t, d.Plan.Reset.Privileged)
		})
	}
}

func TestAPrivilegedAccountNeedsTwo(t *testing.T) {
	t.Parallel()
	f := resetFacts(identity.StatusActive, casework.ResetPassword)
	f.Privileged, f.PrivilegedApprovers = "holds SUPER_ADMIN", true
	d := casework.PlanReset(f)
	require.Empty(t, d.End)
	assert.NotEmpty(t, d.Plan.Reset.Privileged)

	before := casework.PlanReset(resetFacts(identity.StatusActive, casework.ResetPassword)).Plan
	assert.True(t, casework.Compare(before, d.Plan).Reopens(casework.CredentialReset), "who became an administrator meanwhile is asked about again")
}

func TestSomebodyElseWhoAsksIsAnotherPlan(t *testing.T) {
	t.Parallel()
	mine := casework.PlanReset(resetFacts(identity.StatusActive, casework.ResetPassword)).Plan
	f := resetFacts(identity.StatusActive, casework.ResetPassword)
	f.Asker = []identity.Person{{OktaUserID: "00uBOSS", Status: identity.StatusActive}}
	assert.True(t, casework.Compare(mine, casework.PlanReset(f).Plan).Reopens(casework.CredentialReset))
}

func TestARefusalSaysWhenToTryAgain(t *testing.T) {
	t.Parallel()
	f := resetFacts(identity.StatusActive, casework.ResetPassword)
	f.Target = casework.ResetVerdict{Why: "too soon", RetryAt: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)}
	assert.Equal(t, "too soon; try again after 2026-11-25 09:00 UTC", casework.PlanReset(f).Why)
}
