package activities_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/review"
)

func TestACampaignAsksEachReviewerAboutWhatIsTheirs(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	plan, result := w.assign("2026-Q4", "")
	assert.Equal(t, "Acme access review 2026-Q4", plan.Settings.Title)
	assert.Empty(t, plan.Previous)
	refs := w.reviewers("2026-Q4")
	require.Len(t, refs, result.Reviewers)
	items, reviewed := 0, map[string]bool{}
	for _, ref := range refs {
		p := w.packet(ref)
		require.Len(t, p.Items, ref.Items)
		items += len(p.Items)
		for _, i := range p.Items {
			assert.NotEqual(t, p.Reviewer.ID, i.Person.OktaUserID, "nobody reviews themself")
			assert.Equal(t, p.Reviewer.ID, i.Reviewer)
			assert.False(t, reviewed[i.ID], "an item is in one packet")
			reviewed[i.ID] = true
		}
	}
	assert.Equal(t, result.Items, items)
	t.Logf("%+v", result)
	for _, r := range refs {
		t.Logf("%-25s %3d items %s %s esc=%v %v", r.Reviewer.Name, r.Items, r.Grouping, r.Reviewer.Why, r.Escalate, r.Marks)
	}
	index := readJSON[review.Index](t, w.blobs, review.IndexKey("2026-Q4"))
	t.Logf("%v %v", index.Partial, index.Changed)
}
