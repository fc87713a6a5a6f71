package stories_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

// ask places a request for one item and returns its ticket.
func ask(t *testing.T, p *playground.Playground, item, by string) int64 {
	t.Helper()
	ticket, err := p.Ask(testkit.Soon(t), item, by, "", map[string]any{"business_justification": "my work needs it"})
	require.NoError(t, err)
	return ticket
}

// ends waits for the report and expects one of the ends.
func ends(t *testing.T, p *playground.Playground, ticket int64, wanted ...casework.End) contract.CaseResult {
	t.Helper()
	res, err := p.WaitEnd(testkit.Soon(t), ticket)
	require.NoError(t, err)
	require.Contains(t, wanted, res.End, "%s", res.Summary)
	return res
}

// resolved expects the ticket to be resolved, with one private result and one reply.
func resolved(t *testing.T, p *playground.Playground, ticket int64) {
	t.Helper()
	got, err := p.Ticket(testkit.Soon(t), ticket)
	require.NoError(t, err)
	assert.Equal(t, 4, got.Status)
	assert.Equal(t, 1, notesWith(t, p, ticket, ".result."))
	assert.Equal(t, 1, notesWith(t, p, ticket, ".reply."))
}

// notesWith counts the notes whose marker holds a text.
func notesWith(t *testing.T, p *playground.Playground, ticket int64, marker string) int {
	t.Helper()
	notes, err := p.Notes(testkit.Soon(t), ticket)
	require.NoError(t, err)
	n := 0
	for _, note := range notes {
		if strings.Contains(note.Body, contract.TicketLabel(ticket)) && strings.Contains(note.Body, marker) {
			n++
		}
	}
	return n
}

// oneOfEverything expects a resolved ticket on which nothing stands twice: one note for each marker, one approval group
// for each level, and no more levels than wanted.
func oneOfEverything(t *testing.T, p *playground.Playground, ticket int64, levels int) {
	t.Helper()
	resolved(t, p, ticket)
	notes, err := p.Notes(testkit.Soon(t), ticket)
	require.NoError(t, err)
	var markers []string
	for _, note := range notes {
		if i := strings.LastIndex(note.BodyText, "latchkey:"); i >= 0 {
			markers = append(markers, strings.TrimSpace(note.BodyText[i:]))
		}
	}
	assert.NotEmpty(t, markers)
	assert.Empty(t, playground.Repeated(markers), "one note for each marker")
	groups, err := p.Approvals(testkit.Soon(t), ticket)
	require.NoError(t, err)
	assert.Len(t, groups, levels, "one approval group for each level of FS-%d", ticket)
}

// settled waits until a ticket's case has done everything that it was nudged to do and waits again: nothing is left for
// a worker in its history.
func settled(t *testing.T, p *playground.Playground, ticket int64) {
	t.Helper()
	require.Eventually(t, func() bool {
		d, err := p.Temporal.DescribeWorkflowExecution(t.Context(), contract.TicketWorkflowID(ticket), "")
		return err == nil && d.GetPendingWorkflowTask() == nil && len(d.GetPendingActivities()) == 0
	}, soon, tick)
}

// changes lists what our credential did to a person.
func changes(t *testing.T, p *playground.Playground, login string, mark int) []string {
	t.Helper()
	lines, err := p.Changes(login, mark)
	require.NoError(t, err)
	require.Empty(t, playground.Repeated(lines), "one System Log event per change")
	return lines
}

// managerOf is a person's manager.
func managerOf(t *testing.T, p *playground.Playground, login string) string {
	t.Helper()
	person, ok := p.Company.PersonByLogin(login)
	require.True(t, ok)
	return person.ManagerEmail
}

// soon and tick bound a wait for something that needs no more than a few seconds.
const (
	soon = 2 * time.Minute
	tick = 100 * time.Millisecond
)

func yesterday() time.Time { return time.Now().AddDate(0, 0, -1) }
