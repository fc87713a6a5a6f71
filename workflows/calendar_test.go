package workflows_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// officeHours are Monday to Friday, nine to five in London, where November is on UTC. The stories begin on a Tuesday at
// noon.
func officeHours(t *testing.T, holidays ...approval.Holiday) *approval.Calendar {
	t.Helper()
	c := approval.Calendar{Name: "london-office", Zone: "Europe/London", Holidays: holidays}
	for day := time.Monday; day <= time.Friday; day++ {
		c.Hours = append(c.Hours, approval.Hours{Day: day, From: 9 * 60, To: 17 * 60})
	}
	frozen, err := c.Frozen(noon)
	require.NoError(t, err)
	return frozen
}

func on(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, time.UTC) }

func TestALevelExpiresOnlyAfterTheWeekend(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	level := &w.chain.Levels[0]
	level.Calendar = officeHours(t, approval.Holiday{Date: "2026-11-26", Name: "a day off"})
	level.RemindAfter, level.RemindMax = 8*time.Hour, 9 // Wednesday noon, Friday noon, Monday noon
	level.EscalateAfter, level.EscalateTo = 22*time.Hour, []approval.Approver{owner}
	level.ExpireAfter = 25 * time.Hour // five hours on Tuesday, eight on Wednesday and Friday, four on Monday
	check := func(day, hour, reminders, opened int) {
		w.at(on(day, hour).Add(time.Minute).Sub(noon), func() {
			assert.Equal(t, reminders, w.reminded, "on %d November at %d", day, hour)
			assert.Len(t, w.opened, opened, "on %d November at %d", day, hour)
			assert.Equal(t, casework.StateAwaitingApproval, w.status().State)
		})
	}
	check(25, 11, 0, 1)
	check(25, 12, 1, 1)
	check(26, 16, 1, 1) // the day off
	check(27, 12, 2, 1)
	check(29, 12, 2, 1) // Sunday
	check(30, 9, 2, 1)
	check(30, 10, 2, 2) // escalated after 22 hours
	check(30, 12, 3, 2)
	var last time.Time
	w.at(on(30, 13).Add(-time.Minute).Sub(noon), func() { last = w.status().DueAt.UTC() })
	res := w.run()
	assert.Equal(t, casework.EndExpired, res.End)
	assert.Equal(t, on(30, 13), last, "what is due next is shown")
	assert.Equal(t, 3, w.reminded)
	assert.Empty(t, w.applied)
}

func TestAnAnswerOnASundayCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.chain.Levels[0].Calendar, w.chain.Levels[0].ExpireAfter = officeHours(t), 30*time.Hour
	w.at(on(29, 3).Sub(noon), func() { w.answers(boss, approval.DecisionApproved) })
	assert.Equal(t, casework.EndDone, w.run().End)
}

func TestAStandInIsAskedWhereTheLevelIsOpenAlready(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.away = noon.Add(50 * time.Hour)
	w.standIns = []contract.StandIn{{Group: "approvers", StandIn: approval.StandIn{
		Approver: approval.Approver{DeskID: owner.DeskID, Email: owner.Email, Name: owner.Name, Why: "stands in for Boss, who is away until Sunday: on leave"}, For: boss,
	}}}
	w.at(49*time.Hour, func() { assert.Len(t, w.opened, 1) })
	w.at(51*time.Hour, func() {
		assert.Equal(t, []string{"item1/0/0", "item1/0/0"}, w.opened, "the absence itself woke the case")
		assert.Equal(t, []int64{boss.DeskID, owner.DeskID}, w.asked["item1"])
		w.nudge()
	})
	w.at(52*time.Hour, func() { assert.Len(t, w.opened, 2, "asked once"); w.answers(owner, approval.DecisionApproved) })
	res := w.run()
	assert.Equal(t, casework.EndDone, res.End)
	assert.Equal(t, []string{"add_member g1"}, w.applied)
	unit := w.evidence[0].Case.Units[0]
	require.Len(t, unit.Chain.Levels[0].Groups[0].StandIns, 1)
	said := 0
	for _, line := range w.evidence[0].Case.Log {
		if strings.Contains(line.Text, "Owner is asked as well and stands in for Boss, who is away until Sunday: on leave.") {
			said++
		}
	}
	assert.Equal(t, 1, said)
}

func TestAStandInIsAskedRightAwayDuringAnAbsence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.standIns = []contract.StandIn{
		{Group: "approvers", StandIn: approval.StandIn{Approver: owner, For: boss}},
		{Group: "a group that is not here", StandIn: approval.StandIn{Approver: owner, For: boss}},
	}
	w.at(time.Hour, func() {
		assert.True(t, slices.Contains(w.asked["item1"], owner.DeskID))
		w.answers(boss, approval.DecisionApproved) // from the beach
	})
	assert.Equal(t, casework.EndDone, w.run().End)
}

// The clocks of two machines differ: an absence that has begun by the case's clock and not by the reader's is looked at
// again a little later, not at once and over and over.
func TestAnAbsenceThatHasBegunByOneClockOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.asAccess("g1")
	w.needs(boss)
	w.chain.Levels[0].ExpireAfter = 10 * time.Minute
	w.ahead = 5 * time.Minute
	w.away = noon.Add(2 * time.Minute)
	w.standIns = []contract.StandIn{{Group: "approvers", StandIn: approval.StandIn{Approver: owner, For: boss}}}
	assert.Equal(t, casework.EndExpired, w.run().End)
	assert.Len(t, w.opened, 2)
	assert.Less(t, w.looks, 12)
}
