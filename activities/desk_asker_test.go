package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
)

// peopleRead counts how often the desk was asked for one person.
func (w *deskWorld) peopleRead() int {
	for _, r := range w.sim.Requests() {
		if r.Route == "GET /requesters/{id}" {
			return r.Count
		}
	}
	return 0
}

func TestWhoAskedIsReadAfreshUntilTheTicketIsClassifiedAndThenRemembered(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	ticket := w.salesforce(t).ID
	read := func(useCase casework.UseCase) contract.ReadRequestResult {
		t.Helper()
		out, _, err := do[contract.ReadRequestResult](t, w, w.desk.ReadRequest, contract.ReadRequestInput{Ticket: ticket, UseCase: useCase, Rule: "access-form"})
		require.NoError(t, err)
		return out
	}
	first := read("")
	before := w.peopleRead()
	read("")
	assert.Greater(t, w.peopleRead(), before, "who may ask for what is decided on what the desk says now")

	before = w.peopleRead()
	again := read(casework.AccessRequest)
	assert.Equal(t, before, w.peopleRead())
	assert.Equal(t, first.Request.Ticket.Requester, again.Request.Ticket.Requester)
	w.sim.Advance(2 * time.Minute)
	read(casework.AccessRequest)
	assert.Greater(t, w.peopleRead(), before, "after a minute it is not believed any more")
}
