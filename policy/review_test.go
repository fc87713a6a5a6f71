package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
	"latchkey/review"
)

func TestReviewsLeftAtTheirDefaultsNeverRevokeForSilence(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"review.yaml": "{}"}))
	require.NoError(t, err)
	r := p.Review()
	assert.Equal(t, casework.ModeObserve, r.Mode)
	assert.Equal(t, casework.ModeObserve, p.Mode(casework.AccessReview))
	assert.Equal(t, policy.ReviewQuarterly, r.Every)
	assert.Equal(t, review.NoResponseEscalate, r.Settings.NoResponse)
	assert.Equal(t, review.TicketPerReviewer, r.Settings.TicketPer)
	assert.Equal(t, []int{7, 3, 1}, r.Settings.RemindDays)
	assert.Equal(t, policy.ReviewFromDesk, r.Employees.Source)
	assert.False(t, p.ReviewsGroup("Everyone"))
	assert.True(t, p.ReviewsGroup("Engineers"))
	route := p.Reviewee(policy.PersonFacts{}).Route(identity.Grant{Entitlement: identity.Entitlement{Kind: identity.KindApp, Name: "x"}})
	assert.Equal(t, []policy.ReviewWho{{Kind: policy.ApproverManager}}, route.Who)
}

func TestReviewsAreReadInFull(t *testing.T) {
	t.Parallel()
	p := good(t)
	r := p.Review()
	assert.Equal(t, casework.ModeAct, p.Mode(casework.AccessReview))
	assert.Equal(t, []int{7, 1}, r.Settings.RemindDays, "the earliest reminder first")
	assert.Equal(t, []review.Mark{review.MarkOrphan, review.MarkNew}, r.Settings.ReasonFor)
	assert.Equal(t, ';', r.Employees.Comma)
	assert.False(t, p.ReviewsGroup("temp staff"))
	assert.False(t, p.ReviewsApp("Payslips Online"))
	assert.Equal(t, "books@acme.example", p.ReviewOwner(identity.Entitlement{Kind: identity.KindGroup, Name: "Ledger Writers"}))
	assert.Equal(t, "owner@acme.example", p.ReviewOwner(identity.Entitlement{Kind: identity.KindApp, Name: "Jira Cloud"}))
	assert.True(t, p.ReviewUsesHeads())
	yes, err := p.ReviewEmployed(map[string]string{"Status": "Active"})
	require.NoError(t, err)
	no, err := p.ReviewEmployed(map[string]string{"Status": "Left"})
	require.NoError(t, err)
	assert.True(t, yes)
	assert.False(t, no)
	assert.Equal(t, []policy.ReviewWho{{Kind: policy.ApproverDepartmentHead}, {Kind: policy.ApproverPerson, Email: "ciso@acme.example"}}, p.ReviewEscalation())
}

func TestCampaignsAreNamedAndTimedInTheZoneOfPolicy(t *testing.T) {
	t.Parallel()
	for every, want := range map[string][2]string{
		"month": {"2026-12", "2026-12-01T08:00:00Z"}, "quarter": {"2026-Q4", "2026-10-01T07:00:00Z"},
		"half_year": {"2026-H2", "2026-07-01T07:00:00Z"}, "year": {"2026", "2026-01-01T08:00:00Z"}, "never": {"2026-Q4", ""},
	} {
		t.Run(every, func(t *testing.T) {
			t.Parallel()
			p, err := policy.Load(folder(t, map[string]string{"review.yaml": "schedule: {every: " + every + ", zone: Europe/London}\ndue_days: 120\n"}))
			require.NoError(t, err)
			at := time.Date(2026, 12, 1, 0, 30, 0, 0, time.UTC)
			assert.Equal(t, want[0], p.ReviewCampaign(at))
			starts := ""
			if s := p.ReviewStarts(at); !s.IsZero() {
				starts = s.Format(time.RFC3339)
			}
			assert.Equal(t, want[1], starts)
			assert.Equal(t, time.Date(2027, 3, 31, 16, 0, 0, 0, time.UTC), p.ReviewDue(at), "five in the afternoon in summer time")
			assert.Equal(t, "Access review "+want[0], p.ReviewTitle(want[0]))
		})
	}
}

func TestAScopeMayBeGivenForOneCampaign(t *testing.T) {
	t.Parallel()
	p := good(t)
	ada := p.Reviewee(policy.PersonFacts{Person: identity.Person{Status: identity.StatusActive, Department: "Sales"}})
	app := identity.Grant{Entitlement: identity.Entitlement{Kind: identity.KindApp, Name: "Salesforce"}, Origin: identity.OriginDirect}
	own, err := p.ReviewScope("")
	require.NoError(t, err)
	assert.True(t, ada.InScope(own, app))
	groups, err := p.ReviewScope(`grant.kind == "group" && person.department == "Sales"`)
	require.NoError(t, err)
	assert.False(t, ada.InScope(groups, app))
	for _, bad := range []string{"grant.kin == \"group\"", "person", "\x00", "1 +"} {
		_, err = p.ReviewScope(bad)
		require.Error(t, err, bad)
	}
}

func TestReviewsThatCannotWorkAreRefusedWithTheirPlace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, want string }{
		"nobody behind":     {"mode: act\n", "review.yaml:1:1: mode: act needs fallback"},
		"late reminder":     {"due_days: 5\nremind_days: [7]\nescalate: {days: 1, to: [manager]}\n", "review.yaml:1:1: remind_days are days before"},
		"no second round":   {"no_response: escalate\nsecond_round_days: 0\n", "review.yaml:1:1: no_response: escalate opens a second round"},
		"no export":         {"employees: {source: csv, active: 'row.a == \"1\"', columns: {email: Mail}}\n", "review.yaml:1:12: source: csv needs path"},
		"no condition":      {"employees: {source: csv, path: a.csv, columns: {email: Mail}}\n", "review.yaml:1:12: source: csv needs active"},
		"no column":         {"employees: {source: csv, path: a.csv, active: 'row.a == \"1\"'}\n", "review.yaml:1:12: match names a column"},
		"columns of a desk": {"employees: {source: freshservice, path: a.csv}\n", "review.yaml:1:12: path, blob, columns and active belong"},
		"a field of a desk": {"employees: {source: freshservice, number: number}\n", "review.yaml:1:43: has to be custom.NAME"},
		"nobody reviews":    {"reviewers:\n  - {name: a, who: []}\n", "review.yaml:2:20: a list of reviewers names nobody"},
		"a stranger":        {"reviewers:\n  - {name: a, who: [boss]}\n", `review.yaml:2:21: unknown value "boss"; allowed: manager, owner, department_head`},
		"an owner of none":  {"owners:\n  - {owner: a@b.example}\n", "review.yaml:2:5: an owner owns apps or groups"},
		"nothing to review": {"of: []\n", "review.yaml:1:5: of names nothing to review"},
		"a wrong scope":     {"scope: grant.kinds\n", "review.yaml:1:13: bad expression: undefined field 'kinds'"},
		"silence":           {"no_response: revok\n", `review.yaml:1:14: unknown value "revok"; allowed: escalate, keep, revoke`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Load(folder(t, map[string]string{"review.yaml": tt.text}))
			require.Error(t, err)
			assert.Contains(t, err.Error(), tt.want)
		})
	}
}
