package stories_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

// An incident from the first event to a person's closing of it, and back, through the vendors' own surfaces: events are
// seen in the log, the ticket is closed on the desk, the webhook brings it.
func TestAnIncidentFromItsFirstEventToItsReturn(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	logRead(ctx, t, p)
	wrongPasswords(t, p, 12)
	ticket, err := p.WaitIncident(ctx, "Brute force", acme.Ada)
	require.NoError(t, err)
	assert.Equal(t, []int{2, 2}, []int{ticket.Priority, ticket.Status})
	assert.Contains(t, ticket.DescriptionText, "192.0.2.7")
	state, err := p.WaitAlert(ctx, ticket, "the ticket to be known", func(a contract.AlertState) bool { return a.Ticket != 0 })
	require.NoError(t, err)
	assert.Equal(t, 12, state.Events)
	assert.Equal(t, ticket.ID, state.Ticket)

	require.NoError(t, p.CloseTicket(ctx, ticket.ID))
	_, err = p.WaitAlert(ctx, ticket, "the end", func(a contract.AlertState) bool { return a.End == contract.AlertEndPerson && !a.Owed })
	require.NoError(t, err)
	require.NoError(t, waitOpen(ctx, p, 0))

	wrongPasswords(t, p, 11)
	_, err = p.WaitAlert(ctx, ticket, "its return", func(a contract.AlertState) bool { return a.Reopened == 1 && a.SaidAs != 0 })
	require.NoError(t, err)
	require.EventuallyWithT(t, func(t *assert.CollectT) { // the note follows the status
		notes, err := p.Notes(ctx, ticket.ID)
		require.NoError(t, err)
		require.NotEmpty(t, notes)
		assert.Contains(t, notes[len(notes)-1].BodyText, "It came back.")
	}, 20*time.Second, 100*time.Millisecond)
	again, err := p.Ticket(ctx, ticket.ID)
	require.NoError(t, err)
	assert.Equal(t, 2, again.Status, "the same ticket is open again")
	found, err := p.Incidents(ctx, "Brute force")
	require.NoError(t, err)
	assert.Len(t, found, 1)
}

// waitOpen waits until the log's index holds so many open incidents.
func waitOpen(ctx context.Context, p *playground.Playground, open int) error {
	for {
		log, err := p.WaitLog(ctx)
		if err != nil || log.View.Open == open {
			return err
		}
	}
}

// Both vendors lose the answer to every write's first attempt: still one ticket, one note for each thing that is said.
func TestAnIncidentIsOneWhateverTheVendorsLose(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	logRead(ctx, t, p) // from its first reading on
	require.NoError(t, p.LoseAnswers())
	wrongPasswords(t, p, 10)
	ticket, err := p.WaitIncident(ctx, "Brute force", acme.Ada)
	require.NoError(t, err)
	time.Sleep(time.Second)
	wrongPasswords(t, p, 2)
	_, err = p.WaitAlert(ctx, ticket, "twelve events at the desk", func(a contract.AlertState) bool { return a.Told == 12 })
	require.NoError(t, err)
	found, err := p.Incidents(ctx, "Brute force")
	require.NoError(t, err)
	assert.Len(t, found, 1)
	notes, err := p.Notes(ctx, ticket.ID)
	require.NoError(t, err)
	marks := map[string]int{}
	for _, n := range notes {
		_, mark, _ := strings.Cut(n.BodyText, "latchkey:")
		marks[mark]++
	}
	for mark, times := range marks {
		assert.Equal(t, 1, times, mark)
	}
}

// In observe mode an alert leaves a report, and nothing at the desk.
func TestObservedAlertsOnlyReport(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"alerts.yaml": {{Old: "mode: act", New: "mode: observe"}}}
	})
	ctx := testkit.Soon(t)
	logRead(ctx, t, p)
	wrongPasswords(t, p, 12)
	var keys []string
	require.Eventually(t, func() bool {
		keys = nil
		list := p.Blobs().List(nil)
		for {
			o, err := list.Next(ctx)
			if err != nil {
				break
			}
			if strings.HasPrefix(o.Key, "alerts/brute_force/") {
				keys = append(keys, o.Key)
			}
		}
		return len(keys) == 1
	}, soon, tick)
	assert.True(t, strings.HasSuffix(keys[0], "-opened.json"), keys[0])
	found, err := p.Incidents(ctx)
	require.NoError(t, err)
	assert.Empty(t, found)
}
