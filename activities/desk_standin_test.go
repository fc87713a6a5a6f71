package activities_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/examples/acme"
	"latchkey/policy"
)

// withApprovals gives the desk its policy with another approvals.yaml.
func (w *deskWorld) withApprovals(t *testing.T, change func(own string) string) {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/desk")))
	file := filepath.Join(dir, "approvals.yaml")
	own, err := os.ReadFile(file)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(file, []byte(change(string(own))), 0o600))
	p, err := policy.Load(dir)
	require.NoError(t, err)
	w.desk.Policy = fixedPolicy{p}
}

// absent gives the desk absences.
func (w *deskWorld) absent(t *testing.T, absences ...string) {
	t.Helper()
	w.withApprovals(t, func(own string) string { return "absences:\n" + strings.Join(absences, "") + own })
}

// away writes an absence that begins and ends some time from now.
func (w *deskWorld) away(who string, begins, ends time.Duration, instead string) string {
	moment := func(d time.Duration) string { return w.sim.Now().Add(d).UTC().Format(time.RFC3339) }
	return fmt.Sprintf("  - {who: %s, from: %s, until: %s, instead: %s, why: on leave}\n", who, moment(begins), moment(ends), instead)
}

const hour = time.Hour

func TestReadApprovalsFindsWhoStandsInForSomebodyAway(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	w.openLevel(t, r.open())
	w.absent(t, w.away(acme.Mara, 2*hour, 100*hour, "Rosa"+strings.TrimPrefix(acme.Rosa, "rosa")))

	before := w.votes(t, r)
	require.Empty(t, before.StandIns)
	require.WithinDuration(t, w.sim.Now().Add(2*hour), before.Again, time.Minute, "the case has to look again then")

	w.sim.Advance(3 * hour) // the level is open already
	during := w.votes(t, r)
	require.True(t, during.Again.IsZero())
	require.Len(t, during.StandIns, 1)
	rosa, mara := w.person(t, acme.Rosa), w.person(t, acme.Mara)
	standIn := during.StandIns[0].StandIn
	require.Equal(t, "manager", during.StandIns[0].Group)
	require.Equal(t, rosa.ID, standIn.DeskID)
	require.Equal(t, acme.Rosa, standIn.Email)
	require.Equal(t, mara.ID, standIn.For.DeskID)
	require.Contains(t, standIn.Why, "stands in for "+mara.Name()+", who is away until ")
	require.Contains(t, standIn.Why, ": on leave")

	group := &r.unit.Chain.Levels[0].Groups[0]
	made := w.calls(t, func() { w.votes(t, r) })
	group.StandIns = append(group.StandIns, standIn)
	require.Less(t, total(w.calls(t, func() { require.Empty(t, w.votes(t, r).StandIns) })), total(made), "whoever is known is not looked up again")

	again := r.open()
	again.Only = w.outcome(t, r).Groups
	opened := w.openLevel(t, again).Opened
	require.Len(t, opened, 1)
	require.True(t, strings.HasSuffix(opened[0], "manager stand-in (2)"), opened[0])
	require.ElementsMatch(t, []int64{mara.ID, rosa.ID}, w.votes(t, r).Asked)
	require.Empty(t, w.openLevel(t, again).Opened)

	w.decide(t, r.ticket, acme.Rosa, approve())
	out := w.outcome(t, r)
	require.Equal(t, approval.StatusApproved, out.Status, out.Why)
	require.Equal(t, rosa.ID, out.Deciders()[0].DeskID)
}

func total(calls map[string]int) int {
	n := 0
	for _, c := range calls {
		n += c
	}
	return n
}

func TestALevelThatOpensAgainAsksStandInsAtOnce(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	rosa := w.person(t, acme.Rosa)
	group := &r.unit.Chain.Levels[0].Groups[0]
	group.StandIns = []approval.StandIn{{Approver: approval.Approver{DeskID: rosa.ID, Email: acme.Rosa}, For: group.Approvers[0]}}
	require.Len(t, w.openLevel(t, r.open()).Opened, 1)
	require.ElementsMatch(t, []int64{rosa.ID, group.Approvers[0].DeskID}, w.votes(t, r).Asked)
}

func TestNobodyStandsInWhoMayNotOrWhereNobodyIsNeeded(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		instead string
		arrange func(t *testing.T, w *deskWorld, r *routed)
	}{
		"the requester":          {instead: acme.Ben},
		"whom policy bans":       {instead: acme.Eleanor},
		"nobody of the desk":     {instead: "nobody@acme.example"},
		"who decided earlier":    {instead: acme.Rosa, arrange: func(_ *testing.T, _ *deskWorld, r *routed) { r.unit.Decided = []approval.Approver{{Email: acme.Rosa}} }},
		"who was added already":  {instead: acme.Rosa, arrange: func(_ *testing.T, _ *deskWorld, r *routed) { r.unit.Extra = []approval.Approver{{Email: acme.Rosa}} }},
		"for a protected person": {instead: acme.Rosa, arrange: func(_ *testing.T, _ *deskWorld, r *routed) { r.unit.Chain.Levels[0].Name = "Protected account" }},
		"where the answer is there": {instead: acme.Rosa, arrange: func(t *testing.T, w *deskWorld, r *routed) {
			t.Helper()
			w.decide(t, r.ticket, acme.Mara, approve())
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDeskWorld(t)
			r := w.routeOne(t, "Salesforce access", acme.Ben)
			w.openLevel(t, r.open())
			w.absent(t, w.away(acme.Mara, -hour, hour, tt.instead))
			if tt.arrange != nil {
				tt.arrange(t, w, &r)
			}
			require.Empty(t, w.votes(t, r).StandIns)
		})
	}
}

func TestStandInsAreOfTheirOwnGroup(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	r.unit.Level = 1
	w.openLevel(t, r.open())
	w.absent(t, w.away(acme.Omar, -hour, hour, acme.Clara), w.away(acme.Clara, -hour, hour, acme.Rosa))
	found := w.votes(t, r).StandIns
	require.Len(t, found, 1)
	require.Equal(t, "owner", found[0].Group)
	require.Equal(t, acme.Rosa, found[0].StandIn.Email, "the one named is away as well")
}

func TestTheCalendarOfALevelIsFrozenIntoTheChain(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.withApprovals(t, func(own string) string {
		return "calendars: {office: {zone: Europe/Berlin, hours: {weekdays: 09:00-17:00}}}\n" +
			strings.Replace(own, "  - name: standard\n", "  - name: standard\n    calendar: office\n", 1)
	})
	levels := w.routeOne(t, "Salesforce access", acme.Ben).unit.Chain.Levels // through JSON, as a history keeps it
	require.Equal(t, 8*hour, levels[0].RemindAfter)
	for _, l := range levels {
		require.NotNil(t, l.Calendar)
		require.Equal(t, "office", l.Calendar.Name)
		require.NotEmpty(t, l.Calendar.Shifts)
	}
	asked := time.Date(2026, 11, 27, 15, 30, 0, 0, time.UTC) // Friday, 16:30 in Berlin
	require.Equal(t, time.Date(2026, 11, 30, 15, 30, 0, 0, time.UTC), levels[0].Calendar.Add(asked, levels[0].RemindAfter))
}
