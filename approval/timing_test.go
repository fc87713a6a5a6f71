package approval_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"latchkey/approval"
)

func TestTiming(t *testing.T) {
	t.Parallel()
	const hour = time.Hour
	full := approval.Level{
		RemindAfter: 24 * hour, RemindMax: 2, EscalateAfter: 60 * hour, EscalateTo: people("e"), ExpireAfter: 96 * hour,
	}
	tests := map[string]struct {
		level     approval.Level
		reminders int
		escalated bool
		after     time.Duration
		due       approval.Due
		sent      int
		next      time.Duration // from opened; 0 is never
	}{
		"nothing at first":                     {level: full, after: hour, next: 24 * hour},
		"the first reminder on time":           {level: full, after: 24 * hour, due: approval.DueRemind, sent: 1, next: 48 * hour},
		"sent, the second is next":             {level: full, reminders: 1, after: 25 * hour, sent: 1, next: 48 * hour},
		"an outage is not made up for":         {level: full, after: 50 * hour, due: approval.DueRemind, sent: 2, next: 60 * hour},
		"no third reminder":                    {level: full, reminders: 2, after: 55 * hour, sent: 2, next: 60 * hour},
		"escalation on time":                   {level: full, reminders: 2, after: 60 * hour, due: approval.DueEscalate, sent: 2, next: 96 * hour},
		"escalation before a missed reminder":  {level: full, reminders: 1, after: 61 * hour, due: approval.DueEscalate, sent: 1, next: 96 * hour},
		"and then the reminder":                {level: full, reminders: 1, escalated: true, after: 61 * hour, due: approval.DueRemind, sent: 2, next: 96 * hour},
		"escalated once":                       {level: full, reminders: 2, escalated: true, after: 70 * hour, sent: 2, next: 96 * hour},
		"expiry before everything":             {level: full, after: 96 * hour, due: approval.DueExpire},
		"a level without times waits for ever": {level: approval.Level{}, after: 9999 * hour},
		"reminders without a number are none":  {level: approval.Level{RemindAfter: hour}, after: 5 * hour},
		"nobody to escalate to":                {level: approval.Level{EscalateAfter: hour}, after: 5 * hour},
		"a clock that went back":               {level: full, after: -hour, next: 24 * hour},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := approval.Timing(tt.level, opened, tt.reminders, tt.escalated, opened.Add(tt.after))
			want := approval.Next{Due: tt.due, Reminders: tt.sent}
			if tt.next != 0 {
				want.At = opened.Add(tt.next)
			}
			assert.Equal(t, want, got)
		})
	}
}

// A workflow that does what is due and sleeps until At sends every reminder once, escalates once and expires, whatever
// the settings.
func TestTimingComesToAnEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		hours := rapid.IntRange(0, 50)
		level := approval.Level{
			RemindAfter: time.Duration(hours.Draw(t, "remind")) * time.Hour, RemindMax: rapid.IntRange(0, 5).Draw(t, "max"),
			EscalateAfter: time.Duration(hours.Draw(t, "escalate")) * time.Hour, EscalateTo: people("e"),
			ExpireAfter: time.Duration(1+hours.Draw(t, "expire")) * time.Hour,
		}
		now, sent, raised, reminders := opened, 0, 0, 0
		for range 100 {
			next := approval.Timing(level, opened, reminders, raised > 0, now)
			switch next.Due {
			case approval.DueExpire:
				if sent > level.RemindMax || raised > 1 {
					t.Fatalf("%d reminders of %d, %d escalations", sent, level.RemindMax, raised)
				}
				if due := int((level.ExpireAfter - 1) / max(1, level.RemindAfter)); level.RemindAfter > 0 && sent < min(due, level.RemindMax) {
					t.Fatalf("%d reminders before the end, %d were due", sent, due)
				}
				return
			case approval.DueRemind:
				sent, reminders = sent+1, next.Reminders
			case approval.DueEscalate:
				raised++
			case approval.DueNothing:
				if !next.At.After(now) {
					t.Fatalf("at %s it says to look again at %s", now, next.At)
				}
				now = next.At
			}
		}
		t.Fatal("it never expired")
	})
}

func TestVendorRuleDoesNotCloseBeforeOurs(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		rule approval.Rule
		n    int
		want int
	}{
		"everyone":         {approval.RuleEveryone, 3, approval.VendorEveryone},
		"anyone of one":    {approval.RuleAnyone, 1, approval.VendorEveryone},
		"anyone":           {approval.RuleAnyone, 3, approval.VendorAnyone},
		"majority":         {approval.RuleMajority, 3, approval.VendorMajority},
		"first":            {approval.RuleFirst, 3, approval.VendorFirst},
		"quorum":           {approval.RuleQuorum, 3, approval.VendorEveryone},
		"nobody asked":     {approval.RuleAnyone, 0, approval.VendorEveryone},
		"a rule not known": {"some", 3, approval.VendorEveryone},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, tt.want, approval.VendorRule(tt.rule, tt.n))
		})
	}
}

func TestDeskChainWithOurBans(t *testing.T) {
	t.Parallel()
	bans := []approval.Ban{{Email: "r@acme.example", Why: "asked for this access"}}
	tests := map[string]struct {
		status approval.Decision
		votes  []approval.Vote
		want   approval.Status
	}{
		"not asked yet":                    {"not_requested", nil, approval.StatusOpen},
		"under way":                        {approval.DecisionRequested, votes("g", "a+"), approval.StatusOpen},
		"approved":                         {approval.DecisionApproved, votes("g", "a+"), approval.StatusApproved},
		"approved by the requester alone":  {approval.DecisionApproved, votes("g", "r+"), approval.StatusImpossible},
		"and by somebody else":             {approval.DecisionApproved, votes("g", "r+", "a+"), approval.StatusApproved},
		"each group needs somebody else":   {approval.DecisionApproved, append(votes("g", "a+"), votes("h", "r+")...), approval.StatusImpossible},
		"by the requester as a delegate":   {approval.DecisionApproved, votes("g", "a>r+"), approval.StatusImpossible},
		"by the requester's delegate":      {approval.DecisionApproved, votes("g", "r>x+"), approval.StatusImpossible},
		"approved and shows nobody":        {approval.DecisionApproved, nil, approval.StatusImpossible},
		"approved and shows rejections":    {approval.DecisionApproved, votes("g", "a-"), approval.StatusImpossible},
		"rejected":                         {approval.DecisionRejected, votes("g", "a-"), approval.StatusRejected},
		"rejected by whoever may not vote": {approval.DecisionRejected, votes("g", "r-"), approval.StatusRejected},
		"cancelled":                        {approval.DecisionCancelled, nil, approval.StatusRejected},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := approval.Desk(tt.status, approval.Ask{Votes: tt.votes, Bans: bans})
			assert.Equal(t, tt.want, out.Status, out.Why)
			assert.NotEmpty(t, out.Why)
		})
	}
}

func TestTheDesksAnswersToAnOlderPlanDoNotCount(t *testing.T) {
	t.Parallel()
	cast := votes("g", "a+", "b+")
	changed := cast[0].At.Add(time.Minute)
	ask := func(group string, at time.Time) approval.Outcome {
		again := votes(group, "c+")[0]
		again.At = at
		return approval.Desk(approval.DecisionApproved, approval.Ask{Votes: append(cast[:1:1], again), Since: changed})
	}
	out := ask("g", changed.Add(time.Second))
	assert.Equal(t, approval.StatusApproved, out.Status, "its group was asked again")
	assert.Len(t, out.Deciders(), 1)
	assert.Equal(t, approval.ReasonStale, out.Ignored[0].Reason)
	assert.Equal(t, approval.StatusImpossible, ask("g", changed).Status, "an answer of the same second may be older")
	assert.Equal(t, approval.StatusImpossible, ask("h", changed.Add(time.Second)).Status, "the first group has only answered the older plan")
}
