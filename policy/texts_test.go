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

	var thin contract.TellFacts
	for _, name := range p.TextNames() {
		var facts any = thin
		if strings.HasPrefix(name, "review_") {
			facts = policy.ReviewFacts{}
		}
		if strings.HasPrefix(name, "bulk_") {
			facts = policy.BulkFacts{}
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
		"parked":       {"grant/00u1/group:00g1", "<code>skip</code>"},
	} {
		html, err := p.Text(name, grantSample(""))
		require.NoError(t, err)
		for _, text := range want {
			assert.Contains(t, html, text, name)
		}
	}
	html, err := p.Text("parked", grantSample(""))
	require.NoError(t, err)
	assert.NotContains(t, html, "starter retry", "the ticket's own case is over; a command to it would be refused")
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
