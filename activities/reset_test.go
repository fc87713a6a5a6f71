package activities_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/simulators/okta/oktasim"
)

const credentialRules = "cool_down: 24h\nvelocity: {target: {most: 3, within: 7d}, requester: {most: 2, within: 24h}}\n" +
	"privileged: {groups: [AWS Production Administrators], approvers: {people: [grace.achterberg@acme.example, hiro.tanabe@acme.example], need: 2}}\n"

// resetWorld is Acme's Okta where credentials may be reset.
func resetWorld(t *testing.T, over map[string]string) *world {
	t.Helper()
	files := map[string]string{
		"intake.yaml":      "use_cases: {credential_reset: {mode: act}, offboarding: {mode: act}}\nrules: []\n",
		"credentials.yaml": credentialRules,
	}
	maps.Copy(files, over)
	return newWorld(t, files)
}

func resetRequest(by, whose string, kinds ...casework.ResetKind) casework.Request {
	return casework.Request{
		Ticket:  casework.Ticket{Number: 12, CreatedAt: time.Now(), Requester: casework.Asker{Email: by}},
		UseCase: casework.CredentialReset, Mode: casework.ModeAct, Subject: whose,
		Reset: &casework.ResetAsk{Kinds: kinds, Factor: "Okta Verify", Types: []string{"push", "signed_nonce", "token:software:totp"}},
	}
}

func (w *world) resetPlan(by, whose string, kinds ...casework.ResetKind) casework.Plan {
	w.t.Helper()
	planned := w.plan(resetRequest(by, whose, kinds...))
	require.Len(w.t, planned.Units, 1, "%s: %s", planned.End, planned.Why)
	return planned.Units[0].Plan
}

// byHand is an administrator's own client.
func (w *world) byHand() *okta.Client {
	w.t.Helper()
	const secret = "00by-hand-by-hand-by-hand"
	_, err := w.sim.AddToken(acme.Viktor, "by hand", secret)
	require.NoError(w.t, err)
	admin, err := okta.New(okta.Config{OrgURL: w.url, Token: secret, AllowPlainHTTP: true})
	require.NoError(w.t, err)
	return admin
}

func resetInput(plan casework.Plan, change casework.Change, deciders ...string) contract.ApplyInput {
	in := input(plan, change)
	in.Reset, in.Since, in.Deciders = plan.Reset, time.Now().Add(-time.Second), deciders
	return in
}

func (w *world) applyReset(in contract.ApplyInput) contract.ApplyResult {
	w.t.Helper()
	res, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(w.t, err)
	return res
}

func (w *world) resetProof(plan casework.Plan, results ...contract.ApplyResult) contract.VerifyResult {
	w.t.Helper()
	in := contract.VerifyInput{Ticket: 12, UseCase: plan.UseCase, Plan: plan, Since: time.Now().Add(-10 * time.Second)}
	for i, r := range results {
		in.Done = append(in.Done, contract.Done{Change: plan.Changes[i], Outcome: r.Outcome, Detail: r.Detail, At: r.At})
	}
	res, err := run[contract.VerifyResult](w, contract.ActVerify, in)
	require.NoError(w.t, err)
	return res
}

func TestEachStatusIsResetInItsWay(t *testing.T) {
	t.Parallel()
	for login, want := range map[string]struct {
		kind   casework.ResetKind
		event  string
		status string
		mail   string
	}{
		acme.Ben:    {casework.ResetPassword, "user.account.reset_password", "RECOVERY", oktasim.MailPasswordReset},
		acme.Pavel:  {casework.ResetPassword, "user.account.reset_password", "RECOVERY", oktasim.MailPasswordReset},
		acme.Ruth:   {casework.ResetPassword, "user.account.reset_password", "RECOVERY", oktasim.MailPasswordReset},
		acme.Luca:   {casework.ResetUnlock, "user.account.unlock_by_admin", "ACTIVE", ""},
		acme.Camila: {casework.ResetActivation, "user.lifecycle.reactivate", "PROVISIONED", oktasim.MailActivation},
	} {
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			w := resetWorld(t, nil)
			plan := w.resetPlan(login, login, want.kind)
			res := w.applyReset(resetInput(plan, plan.Changes[0]))
			assert.Equal(t, contract.OutcomeDone, res.Outcome, res.Detail)
			assert.Equal(t, map[string]int{want.event: 1}, w.events(login))
			assert.Equal(t, want.status, w.user(login).Status)
			var mails []string
			for _, m := range w.sim.Mails() {
				mails = append(mails, m.Kind)
			}
			if want.mail == "" {
				assert.Empty(t, mails)
			} else {
				assert.Equal(t, []string{want.mail}, mails)
			}
			proof := w.resetProof(plan, res)
			assert.Empty(t, proof.Residuals)
			require.Len(t, proof.Proofs, 1)
			assert.True(t, proof.Proofs[0].Proved, proof.Proofs[0].Saw)
		})
	}
}

func TestNothingOfAResetIsASecret(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	require.NotEmpty(t, w.user(acme.Ben).ID)
	plan := w.resetPlan(acme.Ben, acme.Ben, casework.ResetPassword)
	res := w.applyReset(resetInput(plan, plan.Changes[0]))
	for _, text := range []string{res.Detail, w.resetProof(plan, res).Proofs[0].Saw} {
		assert.NotContains(t, text, "reset_password/")
		assert.NotContains(t, text, "http")
	}
	for _, c := range w.sim.Counters() {
		assert.NotContains(t, c.Path, "expire_password")
	}
}

func TestALostAnswerResetsOnce(t *testing.T) {
	t.Parallel()
	for login, kind := range map[string]casework.ResetKind{
		acme.Ben: casework.ResetPassword, acme.Ruth: casework.ResetPassword, acme.Luca: casework.ResetUnlock,
		acme.Camila: casework.ResetActivation, acme.Clara: casework.ResetAllFactors,
	} {
		t.Run(login+" "+string(kind), func(t *testing.T) {
			t.Parallel()
			w := resetWorld(t, nil)
			plan := w.resetPlan(login, login, kind)
			w.fault(oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: http.MethodPost, Path: "users/*/lifecycle/*", First: 1})
			res, err := retried[contract.ApplyResult](w, contract.ActApplyChange, resetInput(plan, plan.Changes[0], "mara.delacroix@acme.example"))
			require.NoError(t, err)
			assert.Contains(t, []contract.Outcome{contract.OutcomeDone, contract.OutcomeAlready}, res.Outcome, res.Detail)
			total := 0
			for _, n := range w.events(login) {
				total += n
			}
			assert.Equal(t, 1, total, "%v", w.events(login))
			assert.LessOrEqual(t, len(w.sim.Mails()), 1)
		})
	}
}

// A whole new activity, hours after the answer of the first was lost, finds what that one did.
func TestAnActivityThatIsScheduledAgainFindsTheMail(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	plan := w.resetPlan(acme.Camila, acme.Camila, casework.ResetActivation)
	in := resetInput(plan, plan.Changes[0])
	w.applyReset(in)
	w.okta.Now = func() time.Time { return time.Now().Add(2 * time.Hour) }
	res := w.applyReset(in)
	assert.Equal(t, contract.OutcomeDone, res.Outcome)
	assert.Contains(t, res.Detail, "an earlier try did it")
	assert.Len(t, w.sim.Mails(), 1)
}

// Somebody else's reset of the same kind is not taken for ours.
func TestAnAdministratorsResetIsNotOurs(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	plan := w.resetPlan(acme.Ruth, acme.Ruth, casework.ResetPassword)
	require.NoError(t, w.byHand().ResetPassword(t.Context(), w.user(acme.Ruth).ID, true))
	in := resetInput(plan, plan.Changes[0])
	in.Since = time.Now().Add(-2 * time.Minute) // it looks into the log
	res := w.applyReset(in)
	assert.Equal(t, contract.OutcomeDone, res.Outcome)
	assert.NotContains(t, res.Detail, "earlier")
	assert.Len(t, w.sim.Mails(), 2)
}

func TestARateLimitIsWaitedForAndChangesNothingTwice(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	plan := w.resetPlan(acme.Ben, acme.Ben, casework.ResetPassword)
	w.fault(oktasim.Fault{Kind: oktasim.FaultRateLimit, Method: http.MethodPost, Path: "users/*/lifecycle/*", First: 1})
	_, err := run[contract.ApplyResult](w, contract.ActApplyChange, resetInput(plan, plan.Changes[0]))
	assert.Equal(t, casework.RateLimited, kind(err))
	assert.Empty(t, w.events(acme.Ben))
}

func TestOktaVerifyGoesWholeAndTheRestStays(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	before := len(w.user(acme.Ada).Factors)
	plan := w.resetPlan(acme.Ada, acme.Ada, casework.ResetOneFactor)
	require.NotEmpty(t, plan.Changes)
	assert.Less(t, len(plan.Changes), before, "Ada has others")
	var results []contract.ApplyResult
	for _, c := range plan.Changes {
		res := w.applyReset(resetInput(plan, c, "noemi.szabo@acme.example", "grace.achterberg@acme.example", "hiro.tanabe@acme.example"))
		assert.Contains(t, []contract.Outcome{contract.OutcomeDone, contract.OutcomeAlready}, res.Outcome, res.Detail)
		results = append(results, res)
	}
	assert.Len(t, w.user(acme.Ada).Factors, before-len(plan.Changes))
	assert.Empty(t, w.resetProof(plan, results...).Residuals)
}

func TestAnAuthenticatorThatIsStillThereIsAResidual(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	plan := w.resetPlan(acme.Ben, acme.Ben, casework.ResetAllFactors)
	later := time.Now().Add(time.Minute) // the case began a while after he had enrolled
	res, err := run[contract.VerifyResult](w, contract.ActVerify, contract.VerifyInput{
		Ticket: 12, UseCase: plan.UseCase, Plan: plan, Since: later,
		Done: []contract.Done{{Change: plan.Changes[0], Outcome: contract.OutcomeDone, At: later}},
	})
	require.NoError(t, err)
	require.Len(t, res.Residuals, 1)
	assert.Contains(t, res.Residuals[0].Why, "still enrolled")

	enrolled, err := run[contract.VerifyResult](w, contract.ActVerify, contract.VerifyInput{
		Ticket: 12, UseCase: plan.UseCase, Plan: plan, Since: time.Now().Add(-time.Hour),
		Done: []contract.Done{{Change: plan.Changes[0], Outcome: contract.OutcomeDone, At: time.Now().Add(-time.Hour)}},
	})
	require.NoError(t, err)
	assert.Empty(t, enrolled.Residuals, "what was enrolled after the reset is the new one")
	assert.Contains(t, enrolled.Proofs[0].Saw, "enrolled anew")
}

func TestAStatusThatMovedIsPlannedAgain(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	plan := w.resetPlan(acme.Camila, acme.Camila, casework.ResetActivation)
	stale := plan.Changes[0]
	stale.Verb = casework.VerbResetPassword
	res := w.applyReset(resetInput(plan, stale))
	assert.Equal(t, contract.OutcomeStale, res.Outcome)

	plan = w.resetPlan(acme.Luca, acme.Luca, casework.ResetUnlock)
	require.NoError(t, w.byHand().Unlock(t.Context(), w.user(acme.Luca).ID))
	assert.Equal(t, contract.OutcomeAlready, w.applyReset(resetInput(plan, plan.Changes[0])).Outcome)
}

func TestAnAccountOfAnotherSystemIsLeftToIt(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	plan := w.resetPlan(acme.Ben, acme.Ben, casework.ResetPassword)
	w.fault(oktasim.Fault{Kind: oktasim.FaultStatus, Method: http.MethodPost, Path: "users/*/lifecycle/*", First: 1, Status: http.StatusForbidden, Code: "E0000023"})
	res := w.applyReset(resetInput(plan, plan.Changes[0]))
	assert.Equal(t, contract.OutcomeLeft, res.Outcome)
	require.Len(t, w.resetProof(plan, res).Residuals, 1)
}

func TestTheGuardsOfAReset(t *testing.T) {
	t.Parallel()
	manager := "mara.delacroix@acme.example"
	tests := map[string]struct {
		by, whose string
		kind      casework.ResetKind
		set       func(w *world, in *contract.ApplyInput)
		outcome   contract.Outcome
		guard     string
	}{
		"a password for oneself":              {acme.Ben, acme.Ben, casework.ResetPassword, nil, contract.OutcomeDone, ""},
		"authenticators without the manager":  {acme.Ben, acme.Ben, casework.ResetAllFactors, nil, contract.OutcomeRefused, contract.GuardApproval},
		"authenticators with the manager":     {acme.Ben, acme.Ben, casework.ResetAllFactors, func(_ *world, in *contract.ApplyInput) { in.Deciders = []string{manager} }, contract.OutcomeDone, ""},
		"somebody else's without the manager": {acme.Hannah, acme.Ben, casework.ResetPassword, nil, contract.OutcomeRefused, contract.GuardApproval},
		"somebody else's by one who was suspended meanwhile": {acme.Hannah, acme.Ben, casework.ResetPassword, func(w *world, in *contract.ApplyInput) {
			in.Deciders = []string{manager}
			require.NoError(w.t, w.client.Suspend(w.t.Context(), w.user(acme.Hannah).ID))
		}, contract.OutcomeRefused, contract.GuardApproval},
		"a plan without terms":         {acme.Ben, acme.Ben, casework.ResetPassword, func(_ *world, in *contract.ApplyInput) { in.Reset = nil }, contract.OutcomeRefused, contract.GuardApproval},
		"privileged without approvals": {acme.Tariq, acme.Tariq, casework.ResetPassword, nil, contract.OutcomeRefused, contract.GuardApproval},
		"privileged with one twice": {acme.Tariq, acme.Tariq, casework.ResetPassword, func(_ *world, in *contract.ApplyInput) {
			in.Deciders = []string{acme.Grace, acme.Grace, manager}
		}, contract.OutcomeRefused, contract.GuardApproval},
		"privileged with two": {acme.Tariq, acme.Tariq, casework.ResetPassword, func(_ *world, in *contract.ApplyInput) {
			in.Deciders = []string{acme.Grace, acme.Hiro}
		}, contract.OutcomeDone, ""},
		"privileged since the plan": {acme.Tariq, acme.Tariq, casework.ResetPassword, func(_ *world, in *contract.ApplyInput) {
			terms := *in.Reset
			terms.Privileged, in.Reset = "", &terms
		}, contract.OutcomeStale, contract.GuardApproval},
		"a leaver stands": {acme.Ben, acme.Ben, casework.ResetPassword, func(w *world, in *contract.ApplyInput) {
			w.cluster.turns[in.Person.OktaUserID] = contract.Turns{Leaver: 99}
		}, contract.OutcomeRefused, contract.GuardLeaver},
		"a leaver stands, and authenticators": {acme.Ben, acme.Ben, casework.ResetAllFactors, func(w *world, in *contract.ApplyInput) {
			in.Deciders = []string{manager}
			w.cluster.turns[in.Person.OktaUserID] = contract.Turns{Leaver: 99}
		}, contract.OutcomeRefused, contract.GuardLeaver},
		"frozen": {acme.Ben, acme.Ben, casework.ResetPassword, func(w *world, _ *contract.ApplyInput) {
			w.cluster.controls.Frozen = []contract.Freeze{{UseCase: string(casework.CredentialReset)}}
		}, contract.OutcomeHeld, contract.GuardFreeze},
		"suspended meanwhile": {acme.Ben, acme.Ben, casework.ResetPassword, func(w *world, in *contract.ApplyInput) {
			require.NoError(w.t, w.client.Suspend(w.t.Context(), in.Person.OktaUserID))
		}, contract.OutcomeRefused, contract.GuardLeaver},
		"protected meanwhile": {acme.Ben, acme.Ben, casework.ResetPassword, func(w *world, _ *contract.ApplyInput) {
			w.rules(map[string]string{
				"intake.yaml": "use_cases: {credential_reset: {mode: act}}\nrules: []\n", "credentials.yaml": credentialRules,
				"guards.yaml": "protected: {accounts: [{login: " + acme.Ben + ", why: a test, who: us}]}\n",
			})
		}, contract.OutcomeRefused, contract.GuardProtected},
		"observe meanwhile": {acme.Ben, acme.Ben, casework.ResetPassword, func(w *world, _ *contract.ApplyInput) {
			w.rules(map[string]string{"credentials.yaml": credentialRules})
		}, contract.OutcomeHeld, contract.GuardMode},
		"reset by another ticket meanwhile": {acme.Ben, acme.Ben, casework.ResetPassword, func(w *world, in *contract.ApplyInput) {
			mark := casework.ResetMark{Ticket: 11, Role: casework.ResetTarget, Kinds: []casework.ResetKind{casework.ResetUnlock}, At: time.Now()}
			w.cluster.turns[in.Person.OktaUserID] = contract.Turns{Resets: []casework.ResetMark{mark}}
		}, contract.OutcomeRefused, contract.GuardReset},
		"the requester asked too often": {acme.Hannah, acme.Ben, casework.ResetPassword, func(w *world, in *contract.ApplyInput) {
			in.Deciders = []string{manager}
			mark := func(n int64) casework.ResetMark {
				return casework.ResetMark{Ticket: n, Role: casework.ResetRequester, Kinds: []casework.ResetKind{casework.ResetPassword}, At: time.Now()}
			}
			w.cluster.turns[in.Reset.Asker] = contract.Turns{Resets: []casework.ResetMark{mark(1), mark(2)}}
		}, contract.OutcomeRefused, contract.GuardReset},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := resetWorld(t, nil)
			plan := w.resetPlan(tt.by, tt.whose, tt.kind)
			in := resetInput(plan, plan.Changes[0])
			if tt.set != nil {
				tt.set(w, &in)
			}
			before := w.user(tt.whose)
			mark := len(w.sim.Mails())
			res := w.applyReset(in)
			assert.Equal(t, tt.outcome, res.Outcome, res.Detail)
			assert.Equal(t, tt.guard, res.Guard)
			if tt.outcome != contract.OutcomeDone {
				assert.NotEmpty(t, res.Detail)
				assert.Equal(t, before.Status, w.user(tt.whose).Status)
				assert.Len(t, w.sim.Mails(), mark)
				assert.NotContains(t, w.events(tt.whose), "user.account.reset_password")
			}
		})
	}
}

func TestTheFirewallCountsWhatWentThroughAndNothingElse(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	plan := w.resetPlan(acme.Hannah, acme.Ben, casework.ResetPassword)
	in := resetInput(plan, plan.Changes[0])
	w.applyReset(in) // refused: no manager
	assert.Empty(t, w.cluster.turns[in.Person.OktaUserID].Resets)
	in.Deciders = []string{"mara.delacroix@acme.example"}
	require.Equal(t, contract.OutcomeDone, w.applyReset(in).Outcome)
	assert.Len(t, w.cluster.turns[in.Person.OktaUserID].Resets, 1)
	assert.Len(t, w.cluster.turns[in.Reset.Asker].Resets, 1)
	w.applyReset(in)
	assert.Len(t, w.cluster.turns[in.Person.OktaUserID].Resets, 1, "the same ticket counts once")

	other := resetRequest(acme.Ben, acme.Ben, casework.ResetPassword)
	other.Ticket.Number = 13
	planned := w.plan(other)
	assert.Equal(t, casework.EndRefused, planned.End, "the next ticket hears of it when it is planned")
	assert.Contains(t, planned.Why, "try again after")
}

func TestWhoCannotBeAskedHolds(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	plan := w.resetPlan(acme.Ben, acme.Ben, casework.ResetPassword)
	w.cluster.broken = true
	res := w.applyReset(resetInput(plan, plan.Changes[0]))
	assert.Equal(t, contract.OutcomeHeld, res.Outcome)
	assert.Empty(t, w.events(acme.Ben))
	_, err := run[contract.PlanResult](w, contract.ActPlan, contract.PlanInput{Request: resetRequest(acme.Ben, acme.Ben, casework.ResetPassword)})
	assert.Equal(t, casework.Unavailable, kind(err))
}

func TestAPlanOfAResetReadsNoMoreThanItNeeds(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, map[string]string{"credentials.yaml": "{}\n"})
	w.sim.ResetCounters()
	plan := w.resetPlan(acme.Ben, acme.Ben, casework.ResetPassword)
	calls := 0
	for _, c := range w.sim.Counters() {
		calls += c.Calls
		assert.NotContains(t, c.Path, "/factors")
		assert.NotContains(t, c.Path, "/logs")
	}
	assert.LessOrEqual(t, calls, 3, "find, read, roles")
	assert.Equal(t, identity.StatusActive, plan.Person.Status)
	assert.Empty(t, plan.Person.SecondEmail, "private contact data stays out of histories")
}

// A write that never reached Okta is sent again, though not before the System Log had time to show the first.
func TestAMailIsSentAgainOnlyWhenTheLogShowsNone(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	plan := w.resetPlan(acme.Camila, acme.Camila, casework.ResetActivation)
	w.fault(oktasim.Fault{Kind: oktasim.FaultConnectionCut, Method: http.MethodPost, Path: "users/*/lifecycle/*", First: 1})
	var ticks atomic.Int64
	w.okta.Now = func() time.Time { return time.Now().Add(time.Duration(ticks.Add(1)) * 3 * time.Second) }
	in := resetInput(plan, plan.Changes[0])
	res, err := retried[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeDone, res.Outcome)
	assert.Equal(t, 1, w.events(acme.Camila)["user.lifecycle.reactivate"])
	assert.Len(t, w.sim.Mails(), 1)
	assert.Greater(t, time.Duration(ticks.Load())*3*time.Second, 30*time.Second, "it waited for the log")
}

// inject plays what no API call does.
func (w *world) inject(login, eventType, debug string, ago time.Duration) {
	w.t.Helper()
	raw := fmt.Sprintf(`{"eventType":%q,"published":%q,"actor":{"id":%q,"type":"User"},"debugContext":{"debugData":{"behaviors":%q}}}`,
		eventType, time.Now().Add(-ago).UTC().Format("2006-01-02T15:04:05.000Z"), w.user(login).ID, debug)
	_, err := w.sim.Inject(json.RawMessage(raw))
	require.NoError(w.t, err)
}

func TestTheTripwireHoldsWhatLooksStolen(t *testing.T) {
	t.Parallel()
	const far = "{New Geo-Location=POSITIVE, New Device=NEGATIVE}"
	const near = "{New Geo-Location=NEGATIVE, Velocity=UNKNOWN}"
	type event struct {
		kind, debug string
		ago         time.Duration
	}
	factor := func(ago time.Duration) event { return event{"user.mfa.factor.activate", "", ago} }
	tests := map[string]struct {
		events []event
		trips  bool
	}{
		"a quiet day":                            {nil, false},
		"a new phone at home":                    {[]event{factor(time.Hour), {"user.session.start", near, time.Hour}}, false},
		"abroad with the old phone":              {[]event{{"user.session.start", far, time.Hour}}, false},
		"a new phone abroad":                     {[]event{factor(time.Hour), {"policy.evaluate_sign_on", far, 2 * time.Hour}}, true},
		"a new phone abroad, last week":          {[]event{factor(200 * time.Hour), {"user.session.start", far, 200 * time.Hour}}, false},
		"the person reports suspicious activity": {[]event{{"user.account.report_suspicious_activity_by_enduser", "", time.Hour}}, true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := resetWorld(t, map[string]string{"credentials.yaml": "tripwire: {within: 24h, ask: Security Operations}\n"})
			for _, e := range tt.events {
				w.inject(acme.Ben, e.kind, e.debug, e.ago)
			}
			w.inject(acme.Clara, "user.account.report_suspicious_activity_by_enduser", "", time.Minute)
			planned := w.plan(resetRequest(acme.Ben, acme.Ben, casework.ResetPassword))
			assert.Equal(t, tt.trips, planned.Alarm != "", "%s %s", planned.End, planned.Why)
			assert.Equal(t, tt.trips, planned.End == casework.EndHandedOver)
		})
	}
}

func TestWithoutATripwireTheLogIsNotRead(t *testing.T) {
	t.Parallel()
	w := resetWorld(t, nil)
	w.inject(acme.Ben, "user.account.report_suspicious_activity_by_enduser", "", time.Minute)
	assert.Empty(t, w.plan(resetRequest(acme.Ben, acme.Ben, casework.ResetPassword)).End)
}
