package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/simulators/freshservice/freshsim"
)

func (w *deskWorld) set(t *testing.T, ticket int64, wish contract.TicketWish) contract.SetTicketResult {
	t.Helper()
	out, _, err := do[contract.SetTicketResult](t, w, w.desk.SetTicket, contract.SetTicketInput{Ticket: ticket, Wish: wish, Note: "Granted and read back."})
	require.NoError(t, err)
	return out
}

func TestAnUrgentTicketGetsTheHighestPriorityOnce(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	id := w.salesforce(t).ID
	status := w.ticket(t, id).Status
	raise := func() contract.SetTicketResult {
		out, _, err := do[contract.SetTicketResult](t, w, w.desk.SetTicket, contract.SetTicketInput{Ticket: id, Urgent: true})
		require.NoError(t, err)
		return out
	}
	raise()
	ticket := w.ticket(t, id)
	require.Equal(t, freshservice.PriorityUrgent, ticket.Priority)
	require.Equal(t, status, ticket.Status, "and nothing else")
	require.True(t, raise().Already)
	w.set(t, id, contract.WishResolved)
	require.True(t, raise().LeftAlone, "a ticket that has ended is left alone")
}

func (w *deskWorld) ticket(t *testing.T, id int64) freshservice.Ticket {
	t.Helper()
	ticket, err := w.client.GetTicket(t.Context(), id, freshservice.IncludeTags)
	require.NoError(t, err)
	return ticket
}

func TestSetTicketBringsItToEachWish(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	id := w.salesforce(t).ID
	for _, step := range []struct {
		wish   contract.TicketWish
		status int
	}{
		{contract.WishWaiting, freshservice.StatusPending},
		{contract.WishOpen, freshservice.StatusOpen},
		{contract.WishResolved, freshservice.StatusResolved},
	} {
		require.False(t, w.set(t, id, step.wish).Already, step.wish)
		require.Equal(t, step.status, w.ticket(t, id).Status)
		again := w.set(t, id, step.wish)
		require.True(t, again.Already, step.wish)
		require.False(t, again.UpdatedAt.IsZero())
	}
	require.Equal(t, "Done", w.ticket(t, id).CustomFields.Text("closure_code"), "what the desk demands comes from policy")
}

func TestSetTicketSurvivesTrouble(t *testing.T) {
	t.Parallel()
	for name, fault := range writeFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDeskWorld(t)
			id := w.salesforce(t).ID
			w.fault(t, fault)
			w.set(t, id, contract.WishResolved)
			w.sim.ClearFaults("")
			require.Equal(t, freshservice.StatusResolved, w.ticket(t, id).Status)
		})
	}
}

func TestSetTicketLeavesAloneWhatAPersonEnded(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	closed, deleted, spam := w.salesforce(t).ID, w.salesforce(t).ID, w.salesforce(t).ID
	status := freshservice.StatusClosed
	_, err := w.client.UpdateTicket(t.Context(), closed, freshservice.TicketUpdate{
		Status: &status, CustomFields: freshservice.Fields{"closure_code": "Withdrawn"},
	})
	require.NoError(t, err)
	require.NoError(t, w.client.DeleteTicket(t.Context(), deleted))
	w.admin(t, "/tickets/3/spam", map[string]bool{"spam": true})
	require.Equal(t, int64(3), spam)

	for _, id := range []int64{closed, deleted, spam, 4711} {
		for _, wish := range []contract.TicketWish{contract.WishWaiting, contract.WishOpen, contract.WishResolved} {
			made := w.calls(t, func() { require.True(t, w.set(t, id, wish).LeftAlone, "%d %s", id, wish) })
			require.Zero(t, made["PUT /tickets/{id}"])
		}
	}
	require.Equal(t, "Withdrawn", w.ticket(t, closed).CustomFields.Text("closure_code"))
}

func TestSetTicketKeepsWhatSomebodyFilledIn(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	id := w.salesforce(t).ID
	_, err := w.client.UpdateTicket(t.Context(), id, freshservice.TicketUpdate{CustomFields: freshservice.Fields{"closure_code": "Done with residuals"}})
	require.NoError(t, err)
	w.set(t, id, contract.WishResolved)
	require.Equal(t, "Done with residuals", w.ticket(t, id).CustomFields.Text("closure_code"))
}

func TestSetTicketSaysWhatTheDeskDemands(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	id := w.salesforce(t).ID
	w.admin(t, "/ticket-fields", map[string]any{
		"name": "root_cause", "label": "Root cause", "field_type": "custom_text", "required_for_closure": true,
	})
	_, attempts, err := do[contract.SetTicketResult](t, w, w.desk.SetTicket, contract.SetTicketInput{Ticket: id, Wish: contract.WishResolved})
	require.Equal(t, casework.Invalid, failureKind(t, err))
	require.Equal(t, 1, attempts)
	require.ErrorContains(t, err, "root_cause")
	require.ErrorContains(t, err, "desk.yaml under `closing`")
}

func TestAskMassChangeAsksOncePerHour(t *testing.T) {
	t.Parallel()
	for name, fault := range writeFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDeskWorld(t, func(o *freshsim.Options) { o.IndexLag = 10 * time.Minute })
			decoy := w.salesforce(t)
			in := contract.AskMassChangeInput{Verdict: contract.AdmitVerdict{Count: 21, Limit: 20}, Ticket: decoy.ID, At: w.sim.Now()}
			subject := "x [latchkey-mass-" + in.At.UTC().Format("2006010215") + "]"
			_, err := w.client.UpdateTicket(t.Context(), decoy.ID, freshservice.TicketUpdate{Subject: &subject})
			require.NoError(t, err)
			w.fault(t, fault)

			first, _, err := do[contract.AskMassChangeResult](t, w, w.desk.AskMassChange, in)
			require.NoError(t, err)
			second, _, err := do[contract.AskMassChangeResult](t, w, w.desk.AskMassChange, in)
			require.NoError(t, err)
			w.sim.ClearFaults("")

			require.Equal(t, first, second)
			require.NotEqual(t, decoy.ID, first.Ticket)
			made := w.ticket(t, first.Ticket)
			require.Contains(t, made.Subject, "21 people are losing access")
			require.Contains(t, made.DescriptionText, "starter guard release --until")
			require.Len(t, made.Tags, 1)
			require.NotZero(t, made.GroupID)
			all, err := w.client.ListTickets(t.Context(), freshservice.TicketList{})
			require.NoError(t, err)
			require.Len(t, all.Items, 2)
		})
	}
}

func TestAskMassChangeSuppliesWhatTheFormDemandsOfAgents(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	w.admin(t, "/ticket-fields", map[string]any{
		"name": "closure_code", "label": "Closure code", "field_type": "custom_dropdown", "choices": []string{"Done", "Denied"}, "required_for_agents": true,
	})
	_, _, err := do[contract.AskMassChangeResult](t, w, w.desk.AskMassChange, contract.AskMassChangeInput{At: w.sim.Now()})
	require.NoError(t, err)
}

func TestDailyDigestSaysWhatWaitsOnceADay(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	now := w.sim.Now()
	digest := func() []freshservice.Ticket {
		_, _, err := do[any](t, w, w.desk.DailyDigest, contract.DigestInput{Now: now})
		require.NoError(t, err)
		page, err := w.client.ListTickets(t.Context(), freshservice.TicketList{})
		require.NoError(t, err)
		return page.Items
	}
	w.cluster.runs(activities.OpenCase{Ticket: 7, UseCase: casework.AccessRequest, State: casework.StateAwaitingApproval, DueAt: now.AddDate(0, 0, 20)})
	require.Empty(t, digest(), "nothing to say, nothing posted")

	w.cluster.runs(activities.OpenCase{Ticket: 8, UseCase: casework.Offboarding, State: casework.StateNeedsAttention, StartedAt: now})
	w.cluster.runs(activities.OpenCase{Ticket: 9, UseCase: casework.Offboarding, State: casework.StateBlocked})
	w.cluster.runs(activities.OpenCase{Ticket: 10, UseCase: casework.Offboarding, State: casework.StateWaitingDate, DueAt: now.AddDate(0, 0, 1)})
	w.cluster.runs(activities.OpenCase{Ticket: 11, UseCase: casework.Offboarding, State: casework.StateWaitingTurn, DueAt: now.AddDate(0, 0, -1)})
	w.fault(t, freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: "write", Once: true})
	require.Len(t, digest(), 1)
	all := digest()
	require.Len(t, all, 1, "one a day")
	text := w.ticket(t, all[0].ID).DescriptionText
	for _, want := range []string{"Parked", "ticket 8", "Blocked", "ticket 9", "Due tomorrow", "ticket 10", "Overdue", "ticket 11"} {
		require.Contains(t, text, want)
	}
	require.NotContains(t, text, "ticket 7")
}
