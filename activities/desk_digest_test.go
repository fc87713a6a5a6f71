package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
)

func TestDailyDigestListsTimeBoundGrants(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	now := w.sim.Now()
	w.cluster.grants = []activities.OpenGrant{
		{Workflow: "grant/00u1/group:00g1", Ticket: "FS-7", State: casework.StateNeedsAttention, StartedAt: now},
		{Workflow: "grant/00u1/group:00g2", Ticket: "FS-7", State: casework.StateWaitingDate, DueAt: now.Add(24 * time.Hour)},
		{Workflow: "grant/00u1/group:00g3", Ticket: "FS-8", State: casework.StateWaitingDate, DueAt: now.AddDate(0, 0, 20)},
		{Workflow: "grant/00u1/group:00g4", State: casework.StateFrozen, DueAt: now.AddDate(0, 0, -1)},
	}
	_, _, err := do[any](t, w, w.desk.DailyDigest, contract.DigestInput{Now: now})
	require.NoError(t, err)
	var found []freshservice.Ticket
	for id := int64(1); id < 10; id++ {
		ticket, err := w.client.GetTicket(t.Context(), id)
		if err == nil {
			found = append(found, ticket)
		}
	}
	require.Len(t, found, 1)
	text := found[0].DescriptionText
	require.Regexp(t, `(?s)Parked.*ticket 7: time-bound grant, needs attention, since .*, grant/00u1/group:00g1.*Blocked or held.*grant/00u1/group:00g4.*Due tomorrow.*grant/00u1/group:00g2`, text)
	require.NotContains(t, text, "00g3", "what waits for its own day is nobody's work")
}
