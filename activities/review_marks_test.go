package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/review"
)

func TestEveryGrantOfAcmeIsAnItem(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, map[string]string{"review.yaml": "exclude: {groups: [Everyone]}\nreviewers: [{name: all, who: [manager]}]\nfallback: [{person: eleanor.marsh@acme.example}, {person: farah.nasser@acme.example}]\n"})
	_, result := w.assign("a", "")
	assert.Zero(t, result.Unassigned)
	items := w.items("a")
	want := 0
	company, err := acme.Load()
	require.NoError(t, err)
	logins := map[string]bool{}
	for _, p := range company.People {
		login := p.Login
		if login == "" {
			login = p.Email
		}
		u := w.user(login)
		if u.Status == "DEPROVISIONED" || logins[login] {
			continue
		}
		logins[login] = true
		for _, g := range u.Groups {
			if g.Name != "Everyone" {
				want++
				assert.Contains(t, items, login+" group "+g.Name)
			}
		}
		for _, a := range u.Apps {
			want++
			item, ok := items[login+" app "+a.Label]
			require.True(t, ok, "%s %s", login, a.Label)
			if item.Origin == identity.OriginGroup {
				assert.NotEmpty(t, item.Via)
			}
		}
	}
	assert.GreaterOrEqual(t, len(items), want)
	owner := len(items) - want
	assert.LessOrEqual(t, owner, 1, "nothing but the group of the admin who owns the token is beside Acme's own")
}

func TestItemsSayWhereAccessComesFromAndWhatIsOddAboutIt(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	w.assign("2026-Q3", "")
	before := w.items("2026-Q3")
	for key, i := range before {
		assert.False(t, i.Has(review.MarkNew), "nothing is new in the first campaign: %s", key)
		assert.True(t, i.Peers == -1 || i.Peers >= 0 && i.Peers <= 1, key)
	}
	rules := 0
	for _, i := range before {
		if i.Origin == identity.OriginGroupRule {
			rules++
			assert.NotEmpty(t, i.Via)
			assert.False(t, i.Has(review.MarkOutside))
		}
	}
	assert.Positive(t, rules)

	w.add("Project Foxglove", acme.Ben)
	plan, result := w.assign("2026-Q4", "")
	assert.Equal(t, "2026-Q3", plan.Previous)
	after := w.items("2026-Q4")
	var fresh []string
	for key, i := range after {
		if i.Has(review.MarkNew) {
			fresh = append(fresh, key)
		}
	}
	assert.Equal(t, []string{acme.Ben + " group Project Foxglove"}, fresh)
	assert.Equal(t, before[acme.Ben+" app Salesforce"].ID, after[acme.Ben+" app Salesforce"].ID, "an item is the same in every campaign")
	for _, m := range result.Marks {
		if m.Mark == review.MarkNew {
			assert.Equal(t, 1, m.Items)
		}
	}
}

func TestWorkingFilesGoWhenTheyAreOldAndEvidenceStays(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	var seals []contract.ReviewEvidenceResult
	for _, name := range []string{"old", "running", "last"} {
		_, _ = w.assign(name, `person.login == "ben.whitaker@acme.example"`)
		if name != "running" {
			seals = append(seals, w.evidence(name, contract.SnapshotRef{}, contract.EmployeesRef{}))
		}
	}
	tidy := func(at time.Time) contract.ReviewTidyResult {
		result, err := run[contract.ReviewTidyResult](w.world, contract.ActReviewTidy, contract.ReviewTidyInput{Campaign: "now", At: at})
		require.NoError(t, err)
		return result
	}
	assert.Empty(t, tidy(time.Now().Add(300*24*time.Hour)).Campaigns, "policy keeps them for 400 days")
	result := tidy(time.Now().Add(500 * 24 * time.Hour))
	assert.Equal(t, []string{"old"}, result.Campaigns, "what may still run, and the last one, stay")
	assert.Positive(t, result.Files)
	for _, name := range []string{"old", "last", "running"} {
		there, err := w.blobs.Exists(t.Context(), review.IndexKey(name))
		require.NoError(t, err)
		assert.Equal(t, name != "old", there, name)
	}
	for _, key := range append(seals[0].Files, seals[0].Manifest) {
		there, err := w.blobs.Exists(t.Context(), key)
		require.NoError(t, err)
		assert.True(t, there, key)
	}
	assert.Empty(t, tidy(time.Now().Add(500*24*time.Hour)).Campaigns)
}

func TestACampaignThatCannotWorkIsRefusedBeforeAnythingIsRead(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	for _, in := range []contract.ReviewPlanInput{
		{Campaign: "../etc", At: time.Now()}, {Campaign: "a", At: time.Now(), Scope: "person.naem == 'x'"},
	} {
		_, err := run[contract.ReviewPlanResult](w.world, contract.ActReviewPlan, in)
		assert.Equal(t, casework.Invalid, kind(err))
	}
	named, err := run[contract.ReviewPlanResult](w.world, contract.ActReviewPlan, contract.ReviewPlanInput{At: time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	assert.Equal(t, "2026-Q4", named.Campaign)
	assert.Equal(t, "Acme access review 2026-Q4", named.Settings.Title)
	assert.Equal(t, time.Date(2026, 12, 15, 17, 0, 0, 0, time.UTC), named.Due)
	_, err = run[contract.ReviewAssignResult](w.world, contract.ActReviewAssign, contract.ReviewAssignInput{Campaign: "unread"})
	assert.Equal(t, casework.Invalid, kind(err))
	_, err = run[contract.SnapshotRef](w.world, contract.ActReviewSnapshot, contract.ReviewSnapshotInput{Campaign: "a/b"})
	assert.Equal(t, casework.Invalid, kind(err))
}

func (w *reviewWorld) add(group, login string) {
	w.t.Helper()
	id, ok := w.sim.GroupID(group)
	require.True(w.t, ok)
	require.NoError(w.t, w.client.AddMember(w.t.Context(), id, w.user(login).ID))
}
