package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// sample is a case with something of everything in it.
func sample(evil string) contract.TellFacts {
	at := time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC)
	group := identity.Entitlement{Kind: identity.KindGroup, ID: "00g1", Name: "Engineering" + evil}
	change := casework.Change{ID: "1", Verb: casework.VerbRemoveMember, Object: group, Reason: "leaver" + evil}
	plan := casework.Seal(casework.Plan{
		UseCase: casework.Offboarding, Person: identity.Person{OktaUserID: "00u1", FirstName: "Ada", LastName: "Byron" + evil},
		Changes: []casework.Change{{ID: "0", Verb: casework.VerbSuspend}, change}, EffectiveAt: at, DeactivateAfter: 48 * time.Hour,
		Effects:   []casework.Effect{{Object: identity.Entitlement{Kind: identity.KindApp, Name: "Jira"}, Because: "granted by Engineering"}},
		Kept:      []casework.Kept{{Object: group, Why: "stays" + evil, Who: "HR", Until: at}},
		Residuals: []casework.Residual{{Object: group, Why: "pushed" + evil, Owner: "Application owners"}},
		Notes:     []string{"The account is mastered elsewhere." + evil},
	})
	decider := approval.Approver{DeskID: 2, Name: "Mary Manager" + evil, Email: "mary@acme.example"}
	unit := contract.Unit{
		Key: "plan", Title: "Offboarding of Ada Byron" + evil, Plan: plan, Round: 1, End: casework.EndResiduals, Why: "because" + evil,
		Chain: approval.Chain{Mode: approval.ModeLevels, Reason: "leaver", Levels: []approval.Level{{
			Name: "Manager" + evil, ExpireAfter: 14 * 24 * time.Hour,
			Groups: []approval.Group{{Name: "manager", Rule: approval.RuleQuorum, Need: 2, Approvers: []approval.Approver{decider, {Email: "x@acme.example"}}}},
		}}},
		Log: []contract.DecisionLine{
			{Level: "Manager", By: decider, For: approval.Approver{Name: "Boss"}, Decision: approval.DecisionApproved, At: at, Remark: "fine" + evil, Digest: plan.Digest, Counted: true},
			{Level: "Manager", By: decider, For: decider, Decision: approval.DecisionRejected, At: at, Ignored: approval.ReasonLate},
		},
		Left: plan.Residuals,
	}
	open := unit
	open.Key, open.End, open.Title = "other", "", "Access to Wiki"
	return contract.TellFacts{
		Case: contract.Case{
			Request: casework.Request{
				Ticket:  casework.Ticket{Number: 12, Subject: "Leaver" + evil, Requester: casework.Asker{Name: "Hanna HR" + evil, Email: "hr@acme.example"}},
				UseCase: casework.Offboarding, Subject: "ada@acme.example", Reason: "resigned" + evil, EffectiveText: "2026-12-04 18:00 Europe/Berlin",
				EmergencyRefused: "policy does not let the requester call an emergency",
			},
			Plan: &plan, Units: []contract.Unit{unit, open},
			Done: []contract.Done{
				{Change: change, Outcome: contract.OutcomeDone, Detail: "left" + evil, At: at},
				{Change: casework.Change{Verb: casework.VerbSuspend}, Outcome: contract.OutcomeAlready, At: at},
			},
			Earlier: &contract.RecordRef{End: casework.EndDone, At: at, Summary: "earlier" + evil},
			Log:     []contract.LogLine{{At: at, Text: "an operator skipped a step" + evil}},
		},
		Unit: &unit, Missing: []casework.Missing{{Field: "effective", Label: "Last working day" + evil, Why: `is not a date: "soon"` + evil}},
		End: casework.EndResiduals, Text: "one group is left" + evil,
		Problem: &contract.Problem{Step: "remove from group" + evil, Why: "Okta said no" + evil, Todo: "Look at the rule" + evil, Skippable: true},
		Verify: &contract.VerifyResult{
			Proofs: []contract.Proof{{What: "account suspended", Proved: true, Saw: "SUSPENDED" + evil}}, At: at,
			Exclusions: []contract.RuleExclusion{{Rule: identity.Ref{Name: "All engineers" + evil}, Group: identity.Ref{Name: "Engineering"}}},
		},
		Evidence: &contract.RecordRef{Key: "evidence/12/1", Digest: strings.Repeat("ab", 32)},
	}
}

// grantSample is the same for a time-bound grant.
func grantSample(evil string) contract.TellFacts {
	facts, at := sample(evil), time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC)
	facts.Grant = &contract.GrantFacts{
		Workflow: "grant/00u1/group:00g1", Object: "group Engineering" + evil, Person: "Ada Byron" + evil, Until: at,
		Claims: []contract.Claim{{Ticket: 12, Item: "41" + evil, From: at, Until: at}, {Ticket: 13, Item: "1", From: at}},
	}
	return facts
}

// reviewSample is what the texts of an access review say.
func reviewSample(evil string) policy.ReviewFacts {
	return policy.ReviewFacts{
		Title: "Acme access review 2026-Q4" + evil, Reviewer: "Ada Byron" + evil, Why: "manager of Mira" + evil, Subject: "group Engineering" + evil,
		Items: 3, People: 2, Due: time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC), Link: "https://latchkey.acme.example/review/2026-Q4", LetIn: "Farah Nasser" + evil,
		Counts: policy.ReviewCounts{Items: 3, Certified: 1, Revoked: 1, Open: 1, Gone: 1}, Ended: "an operator ended it" + evil,
		Manifest: "reviews/2026-Q4/evidence/manifest.json", Digest: strings.Repeat("ab", 32), Partial: []string{"the group Old was deleted" + evil},
		Sources: []policy.ReviewAtSource{{Object: "app Salesforce" + evil, Owner: "owner of Sales" + evil, Why: "it comes with Sales" + evil, People: 2}},
	}
}

func samples(evil string) map[string]any {
	review := reviewSample(evil)
	bulk := policy.BulkFacts{
		Batch: "onboard-1a2b", File: "people.csv" + evil, Rows: 12, Digest: strings.Repeat("ab", 32), Done: 9, Residuals: 1, Failed: 1, Open: 1,
		FailedRows: []int{3, 7}, ETA: time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC), PausedBy: "lena" + evil, PausedWhy: "wait" + evil, Ended: "wrong file" + evil,
	}
	return map[string]any{
		"bulk_ticket": bulk, "bulk_progress": bulk, "bulk_result": bulk,
		"review_campaign": review, "review_ticket": review, "review_reminder": review, "review_let_in": review,
		"review_second_round": review, "review_closed": review, "review_result": review,
		"grant_notice": grantSample(evil), "grant_ended": grantSample(evil),
		"": sample(evil),
		"digest": policy.DigestFacts{Day: "4 December 2026", Sections: []policy.DigestSection{
			{Title: "Parked" + evil, Lines: []policy.DigestLine{{Ticket: 12, Text: "Okta said no" + evil}}}, {Title: "Overdue"},
		}},
		"sync_role_change": contract.SyncAskRoleInput{
			Person: identity.Person{FirstName: "Ada" + evil, LastName: "Byron", Email: "ada@acme.example"},
			Drifts: []casework.Drift{{
				Attribute: casework.SyncAttribute{Name: "department" + evil}, Wanted: "Sales" + evil, Has: "Finance" + evil, Why: "policy counts it" + evil,
			}},
		},
		"reset_alarm": contract.AskSecurityInput{Ticket: 12, Person: "Ada" + evil, Why: "somebody signed in" + evil},
		"incident":    incidentSample(evil), "incident_note": incidentSample(evil),
		"mass_change": contract.AskMassChangeInput{Verdict: contract.AdmitVerdict{Count: 21, Limit: 20, RetryAt: now}, Ticket: 12},
	}
}

func TestEveryTextSaysSomethingAndEscapes(t *testing.T) {
	t.Parallel()
	const evil = `<script>alert("x")</script>{{.Case}}`
	builtIn, err := policy.Load(folder(t, map[string]string{"texts/missing.html.tmpl": ""}))
	require.NoError(t, err)
	for _, p := range []*policy.Policy{good(t), builtIn} {
		require.NoError(t, p.CheckTexts(samples(evil)))
		for _, name := range p.TextNames() {
			facts, ok := samples(evil)[name]
			if !ok {
				facts = samples(evil)[""]
			}
			html, err := p.Text(name, facts)
			require.NoError(t, err)
			assert.NotContains(t, html, "<script", name)
			assert.NotContains(t, html, "ZgotmplZ", name)
			assert.NotContains(t, html, "map[", "%s shows raw data", name)
			assert.NotContains(t, html, "0x", "%s shows raw data", name)
			assert.NotRegexp(t, `\{"|<no value>|%!`, html, name)
		}
	}
	html, err := builtIn.Text("missing", sample(evil))
	require.NoError(t, err)
	assert.Contains(t, html, "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;{{.Case}}", "what a ticket holds is shown as it is, and nothing else")
}

func TestTextsOfTheHappyWay(t *testing.T) {
	t.Parallel()
	p := good(t)
	contains := func(name string, facts any, parts ...string) {
		t.Helper()
		html, err := p.Text(name, facts)
		require.NoError(t, err)
		for _, part := range parts {
			assert.Contains(t, html, part, name)
		}
	}
	facts := sample("")
	contains("approvals_opened", facts, "offboarding of Ada Byron, by Hanna HR, to take effect 2026-12-04 18:00 Europe/Berlin",
		"remove from group Engineering (leaver)", "at least 2 of Mary Manager, x@acme.example", "ends without an answer after 14 days",
		"This is not handled as an emergency")
	contains("approval_request", facts, "suspend the account", "deactivated 2 days after", "You approve exactly this plan: "+casework.ShortDigest(facts.Unit.Plan.Digest))
	contains("result", facts, "done, except for what is named below. One group is left.",
		"approved by Mary Manager for Boss on 4 December 2026, 17:00 UTC, “fine”, plan "+casework.ShortDigest(facts.Unit.Plan.Digest),
		"(did not count: late), names no plan", "removed from group Engineering: left (4 December 2026, 17:00 UTC)",
		"suspend the account: it was so already", "✔ account suspended: SUSPENDED", "rule All engineers, group Engineering",
		"group Engineering: Pushed. Owner: Application owners.", "Full record: evidence/12/1 (SHA-256 abababababab)")
	contains("parked", facts, "Okta said no", "starter retry 12", "starter skip 12", "starter abort 12", "Done so far: 2 changes")
	facts.Problem.Skippable = false
	html, err := p.Text("parked", facts)
	require.NoError(t, err)
	assert.NotContains(t, html, "skip", "a guard is never skipped")

	contains("missing", facts, "Bitte ergänzen Sie dieses Ticket", "Last working day")
	contains("digest", samples("")["digest"], "ticket 12: Okta said no", "Overdue</strong>: none")
	contains("digest", contract.TellFacts{Text: "one\ntwo <b>"}, "one<br>two &lt;b&gt;")
	contains("mass_change", samples("")["mass_change"], "21 people", "limit is 20", "ticket 12")
	contains("incident", samples("")["incident"], "S2: Brute force", "12 events from", "It was silenced.", "ticket 11 before", "Call the person",
		"2026-12-04 17:00:00", "and 3 more events.", "It stands for 4 other alerts; the new ones:", "https://acme-admin.okta.example/report/system_log_2?search=x")
	contains("incident_note", samples("")["incident_note"], "It came back.", "Raised from S3 to S2.", "Nothing came for 6 hours", "come after all",
		"A bigger alert stands for this one now: Brute force, then a sign-in.", "kept up to date", "2 more events; 12 events in all")

	var thin contract.TellFacts
	for _, name := range p.TextNames() {
		var facts any = thin
		if strings.HasPrefix(name, "review_") {
			facts = policy.ReviewFacts{}
		}
		if strings.HasPrefix(name, "bulk_") {
			facts = policy.BulkFacts{}
		}
		if strings.HasPrefix(name, "incident") {
			facts = policy.IncidentText{}
		}
		_, err := p.Text(name, facts)
		require.NoError(t, err, "a case about which nothing is known yet")
	}
	_, err = p.Text("greeting", thin)
	require.ErrorContains(t, err, `no text is called "greeting"; there are approval_request, approvals_opened,`)
}

func TestTenantTextsAreChecked(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{
		"texts/parked.html.tmpl": "<p>{{.Case.Requst.Subject}}</p>", "texts/expired.html.tmpl": "{{with .Nothing}}x{{end}}", "texts/held.html.tmpl": "{{if false}}x{{end}}",
	}))
	require.NoError(t, err, "a field that is not there shows only with facts")
	err = p.CheckTexts(samples(""))
	require.ErrorContains(t, err, "texts/parked.html.tmpl: template: parked:1:10: executing \"parked\" at <.Case.Requst.Subject>: can't evaluate field Requst")
	require.ErrorContains(t, err, "texts/expired.html.tmpl")
	require.ErrorContains(t, err, "texts/held.html.tmpl: says nothing for its sample")
	_, err = p.Text("missing", map[string]any{})
	require.ErrorContains(t, err, `map has no entry for key "Missing"`, "facts of another kind are not shown as nothing")
	require.ErrorContains(t, good(t).CheckTexts(map[string]any{"parked": sample("")}), `text "missing" has no sample`)
}

func TestTextsOfATimeBoundGrant(t *testing.T) {
	t.Parallel()
	p := good(t)
	for name, want := range map[string][]string{
		"grant_notice": {"group Engineering", "4 December 2026, 17:00 UTC", "extends it"},
		"grant_ended":  {"group Engineering of Ada Byron", "FS-12", "FS-13", "for good", "removed from group Engineering", "account suspended", "evidence/12/1"},
		"parked":       {"<code>starter retry grant/00u1/group:00g1</code>", "<code>starter skip grant/00u1/group:00g1</code>"},
	} {
		html, err := p.Text(name, grantSample(""))
		require.NoError(t, err)
		for _, text := range want {
			assert.Contains(t, html, text, name)
		}
	}
	html, err := p.Text("parked", grantSample(""))
	require.NoError(t, err)
	assert.NotContains(t, html, "starter retry 12", "the ticket's own case is over; a command to it would be refused")
}

func TestAPlanSaysForHowLong(t *testing.T) {
	t.Parallel()
	facts := sample("")
	facts.Unit.Plan.Changes = []casework.Change{{Verb: casework.VerbAddMember, Object: identity.Entitlement{Kind: identity.KindGroup, Name: "AWS"}, Limit: 30 * 24 * time.Hour}}
	html, err := good(t).Text("approval_request", facts)
	require.NoError(t, err)
	assert.Contains(t, html, "add to group AWS for 30 days")

	facts.Case.Request.UseCase, facts.Case.Units = casework.AccessRequest, []contract.Unit{*facts.Unit}
	facts.Case.Units[0].End = casework.EndDone
	html, err = good(t).Text("result_requester", facts)
	require.NoError(t, err)
	assert.Contains(t, html, "You can use it now for 30 days.")
}

func TestAMoversPlanIsSpelledOutForApprovers(t *testing.T) {
	t.Parallel()
	facts := sample("")
	facts.Case.Request.UseCase = casework.RoleChange
	facts.Case.Plan = &casework.Plan{
		UseCase: casework.RoleChange, Person: identity.Person{FirstName: "Ada", LastName: "Byron"}, Overlap: 48 * time.Hour,
		Changes: []casework.Change{{
			Verb: casework.VerbUpdateProfile, Object: identity.Entitlement{Kind: identity.KindProfile, ID: "department", Name: "department"},
			Reason: "the role change that the ticket asks for",
		}},
		Conflicts: []casework.DutyConflict{{
			One: identity.Entitlement{Kind: identity.KindGroup, Name: "Payers"}, Other: identity.Entitlement{Kind: identity.KindApp, Name: "Ledger"},
			Effect: casework.ConflictWarn, Why: "whoever books does not pay",
		}},
	}
	html, err := good(t).Text("approvals_opened", facts)
	require.NoError(t, err)
	for _, part := range []string{
		"role change of Ada Byron", "set department in the profile", "the role change that the ticket asks for",
		"group Payers beside app Ledger (warn)", "side by side for 2 days",
	} {
		assert.Contains(t, html, part)
	}
}

// glassSample is the same for access that was granted by break-glass.
func glassSample(evil string) contract.TellFacts {
	facts, at := sample(evil), time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC)
	u := *facts.Unit
	u.Plan.BreakGlass = &casework.BreakGlass{For: time.Hour, ReviewBy: time.Hour, Why: "group On call" + evil}
	u.Review = &contract.GlassReview{
		GrantedAt: at, Until: at.Add(time.Hour), Due: at.Add(4 * time.Hour), Late: 2, Answer: contract.GlassRejected, Why: "Grace said no" + evil,
	}
	facts.Unit = &u
	facts.Case.Units[1] = u
	facts.Case.Units[1].End = ""
	facts.Case.Request.Items = []casework.Item{{Name: "Wiki", BreakGlassRefused: "policy does not let the requester" + evil}}
	return facts
}

func TestTextsOfBreakGlassSayThatNobodyApproved(t *testing.T) {
	t.Parallel()
	p := good(t)
	for name, want := range map[string][]string{
		"break_glass":       {"Nobody approved it", "(group On call)", "ends by itself on 4 December 2026, 18:00 UTC", "Mary Manager"},
		"break_glass_late":  {"has not been answered", "for the 2. time", "4 December 2026, 21:00 UTC", "starter reassign 12"},
		"break_glass_ended": {"was not confirmed", "with no approver", "Decisions of the review", "30 days"},
		"approval_request":  {"Your <strong>review</strong> is asked for", "with no approver", "This was done on 4 December 2026, 17:00 UTC", "You review exactly this plan"},
		"approvals_opened":  {"granted at once by policy as break-glass, with no approver", "Break-glass was not possible: Policy does not let the requester", "Beside that, nothing is changed"},
		"result":            {"Granted by policy as break-glass, with no approver. Review: Rejected: Grace said no", "Decisions of the review"},
	} {
		html, err := p.Text(name, glassSample(""))
		require.NoError(t, err)
		for _, text := range want {
			assert.Contains(t, html, text, name)
		}
		evil, err := p.Text(name, glassSample("<script>"))
		require.NoError(t, err)
		assert.NotContains(t, evil, "<script>", name)
	}
}

// incidentSample is an incident with something of everything in it.
func incidentSample(evil string) policy.IncidentText {
	at := time.Date(2026, 12, 4, 17, 0, 0, 0, time.UTC)
	return policy.IncidentText{
		Rule: "Brute force" + evil, RuleID: "brute_force", Why: "Many wrong passwords" + evil, Severity: "S2", Was: "S3",
		Steps: []string{"Call the person" + evil}, Events: 12, Added: 2, First: at, Last: at.Add(time.Minute), After: "It was silenced" + evil,
		About:    []policy.IncidentFact{{Label: "Person" + evil, Value: "mira" + evil}},
		Timeline: []policy.IncidentEvent{{At: at, What: "user.session.start" + evil, Result: "FAILURE" + evil, Who: "mira" + evil, Where: "192.0.2.1" + evil, With: "CHROME" + evil, Risk: "HIGH" + evil}},
		More:     3, Before: 11, Stopped: []string{"Password spray" + evil}, StoppedAll: 4, MutedBy: "Brute force, then a sign-in" + evil, Eased: true,
		Quiet: 6 * time.Hour, Reopened: true, Rolling: true, OktaLog: "https://acme-admin.okta.example/report/system_log_2?search=x" + evil,
		Filter: "uuid eq 1" + evil, Temporal: "https://temporal.example/x" + evil, Workflow: "alert/brute_force/00",
	}
}
