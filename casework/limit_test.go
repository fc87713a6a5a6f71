package casework_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
)

const day = 24 * time.Hour

// filed is when the requests of these tests were filed.
var filed = time.Date(2026, 3, 20, 9, 0, 0, 0, time.UTC)

// limited is wish under a catalogue that limits the time.
func limited() casework.GrantFacts {
	f := wish()
	f.Request.Ticket.CreatedAt = filed
	f.Entry.Limit = casework.TimeLimit{Default: 30 * day, Most: 90 * day, Notice: 3 * day}
	f.Found[0].TimeZone = "Europe/Berlin"
	return f
}

func TestATimeLimitIsPartOfThePlan(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*casework.GrantFacts)
		words  string
		note   string
		limit  time.Duration
		until  time.Time
	}{
		"by policy's default":     {func(*casework.GrantFacts) {}, "for 30 days", "", 30 * day, time.Time{}},
		"by the form's days":      {func(f *casework.GrantFacts) { f.Item.Days = 7 }, "for 7 days", "", 7 * day, time.Time{}},
		"cut to the most":         {func(f *casework.GrantFacts) { f.Item.Days = 365 }, "for 90 days", "at most 90 days", 90 * day, time.Time{}},
		"half a day":              {func(f *casework.GrantFacts) { f.Item.Days = 0.5 }, "for 12h0m0s", "", day / 2, time.Time{}},
		"without a limit at all":  {func(f *casework.GrantFacts) { f.Entry.Limit = casework.TimeLimit{} }, "", "", 0, time.Time{}},
		"days without any policy": {func(f *casework.GrantFacts) { f.Entry.Limit = casework.TimeLimit{}; f.Item.Days = 3 }, "for 3 days", "", 3 * day, time.Time{}},
		"until a wall-clock time after the clocks changed": {
			func(f *casework.GrantFacts) { f.Item.Until = "2026-04-01T00:00" },
			"until 31 March 2026, 22:00 UTC, at most 90 days", "", 90 * day, time.Date(2026, 3, 31, 22, 0, 0, 0, time.UTC),
		},
		"until an instant": {
			func(f *casework.GrantFacts) { f.Item.Until = "2026-04-01T00:00:00Z" },
			"until 1 April 2026, 00:00 UTC, at most 90 days", "", 90 * day, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC),
		},
		"until too late": {func(f *casework.GrantFacts) { f.Item.Until = "2027-04-01T00:00" }, "for 90 days", "policy gives at most 90 days", 90 * day, time.Time{}},
		"until late, counted from a late beginning": {
			func(f *casework.GrantFacts) { f.Item.From, f.Item.Until = "2026-06-01T00:00", "2026-08-01T00:00" },
			"until 31 July 2026, 22:00 UTC, at most 90 days", "", 90 * day, time.Date(2026, 7, 31, 22, 0, 0, 0, time.UTC),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := limited()
			test.change(&f)
			d := casework.PlanGrant(f)
			require.Empty(t, d.End, d.Why)
			c := d.Plan.Changes[0]
			assert.Equal(t, test.words, casework.TermWords(c))
			assert.Equal(t, strings.TrimSpace("member "+test.words), c.After, "evidence shows the time")
			assert.Equal(t, test.limit, c.Limit)
			assert.True(t, test.until.Equal(c.Until), "%s", c.Until)
			assert.Equal(t, test.words != "", c.Claim)
			if test.note == "" {
				assert.Empty(t, d.Plan.Notes)
			} else {
				require.Len(t, d.Plan.Notes, 1)
				assert.Contains(t, d.Plan.Notes[0], test.note)
			}
		})
	}
}

func TestApproversJudgeTheTime(t *testing.T) {
	t.Parallel()
	base := casework.PlanGrant(limited()).Plan
	longer := limited()
	longer.Item.Days = 60
	permanent := limited()
	permanent.Entry.Limit = casework.TimeLimit{}
	later := limited()
	later.Item.From = "2026-05-01T08:00"
	for name, f := range map[string]casework.GrantFacts{"longer": longer, "permanent": permanent, "later": later} {
		now := casework.PlanGrant(f).Plan
		assert.NotEqual(t, base.Digest, now.Digest, name)
		assert.True(t, casework.Compare(base, now).Reopens(casework.AccessRequest), name)
	}
	assert.Equal(t, base.Digest, casework.PlanGrant(limited()).Plan.Digest)
}

func TestWhatIsHeldForATimeIsExtended(t *testing.T) {
	t.Parallel()
	standing := &casework.StandingGrant{Until: filed.Add(5 * day)}
	held := func(origin identity.Origin, standing *casework.StandingGrant) casework.GrantFacts {
		f := limited()
		f.Access.Groups = []identity.Grant{group("apollo", origin)}
		f.Standing = standing
		return f
	}
	d := casework.PlanGrant(held(identity.OriginDirect, standing))
	require.Empty(t, d.End, d.Why)
	assert.Equal(t, casework.PlanGrant(limited()).Plan.Digest, d.Plan.Digest, "the judgement is the same whether the first grant still stands or not")
	assert.Contains(t, d.Plan.Notes[0], "extends it")
	assert.True(t, d.Plan.Changes[0].Claim)

	forGood := held(identity.OriginDirect, standing)
	forGood.Entry.Limit = casework.TimeLimit{}
	d = casework.PlanGrant(forGood)
	require.Empty(t, d.End, d.Why)
	assert.Contains(t, d.Plan.Notes[0], "permanent")
	assert.True(t, d.Plan.Changes[0].Claim, "the grant has to hear that it is permanent now")

	assert.Equal(t, casework.EndAlready, casework.PlanGrant(held(identity.OriginDirect, nil)).End, "held for good")
	assert.Equal(t, casework.EndAlready, casework.PlanGrant(held(identity.OriginDirect, &casework.StandingGrant{})).End, "made permanent meanwhile")
	assert.Equal(t, casework.EndAlready, casework.PlanGrant(held(identity.OriginGroupRule, standing)).End, "a rule holds it, whatever the grant does")
}

func TestAnUnreadableTimeIsAClearEnd(t *testing.T) {
	t.Parallel()
	f := limited()
	f.Item.Until = "soon"
	d := casework.PlanGrant(f)
	assert.Equal(t, casework.EndUnknownItem, d.End)
	assert.Contains(t, d.Why, "soon")
}

func TestEndOfTakesTheEarlierBound(t *testing.T) {
	t.Parallel()
	until := filed.Add(10 * day)
	assert.True(t, casework.EndOf(casework.Change{}, filed).IsZero(), "permanent")
	assert.Equal(t, filed.Add(day), casework.EndOf(casework.Change{Limit: day}, filed))
	assert.Equal(t, until, casework.EndOf(casework.Change{Until: until}, filed))
	assert.Equal(t, until, casework.EndOf(casework.Change{Until: until, Limit: 90 * day}, filed))
	assert.Equal(t, filed.Add(day), casework.EndOf(casework.Change{Until: until, Limit: day}, filed))
}

func TestNoticeIsNeverLongerThanAThird(t *testing.T) {
	t.Parallel()
	assert.Equal(t, filed.Add(27*day), casework.NoticeAt(filed, filed.Add(30*day), 0))
	assert.Equal(t, filed.Add(29*day), casework.NoticeAt(filed, filed.Add(30*day), day))
	assert.Equal(t, filed.Add(2*time.Hour), casework.NoticeAt(filed, filed.Add(3*time.Hour), 3*day))
}
