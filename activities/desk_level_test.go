package activities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/approval"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/simulators/freshservice/freshsim"
)

// routed is a ticket whose one item has been read and routed.
type routed struct {
	ticket  int64
	request casework.Request
	unit    contract.Unit
}

// routeOne places a request, reads it and routes its one item.
func (w *deskWorld) routeOne(t *testing.T, item, email string) routed {
	t.Helper()
	r, err := w.tryRoute(t, w.request(t, item, email, answersFor(item)).ID)
	require.NoError(t, err)
	return r
}

func answersFor(item string) freshservice.Fields {
	answers := freshservice.Fields{"business_justification": "To do my work"}
	switch item {
	case "Salesforce access", "AWS access":
		answers["access_level"] = map[string]string{"Salesforce access": "Standard user", "AWS access": "Developer"}[item]
	}
	return answers
}

func (w *deskWorld) tryRoute(t *testing.T, ticket int64) (routed, error) {
	t.Helper()
	read := w.read(t, ticket)
	require.Empty(t, read.Missing)
	require.NotEmpty(t, read.Request.Items)
	item := read.Request.Items[0]
	plan := casework.Seal(casework.Plan{
		UseCase: read.Request.UseCase,
		Person:  identity.Person{OktaUserID: "00u1", Email: item.Beneficiary, Status: identity.StatusActive},
		Changes: []casework.Change{{
			Verb: casework.VerbAssignApp, Object: identity.Entitlement{Kind: identity.KindApp, ID: "0oa1", Name: item.Name}, Reason: "asked for",
		}},
	})
	r := routed{ticket: ticket, request: read.Request, unit: contract.Unit{Key: item.Key, Title: item.Name, Plan: plan}}
	out, _, err := do[contract.RouteApprovalResult](t, w, w.desk.RouteApproval, contract.RouteApprovalInput{Request: r.request, Unit: r.unit})
	r.unit.Chain, r.unit.Bans = out.Chain, out.Bans
	return r, err
}

func (r routed) open() contract.OpenLevelInput {
	return contract.OpenLevelInput{Ticket: r.ticket, Unit: r.unit, Request: r.request}
}

func (r routed) reading() contract.ReadApprovalsInput {
	return contract.ReadApprovalsInput{Ticket: r.ticket, Mode: approval.ModeLevels, Units: []contract.Unit{r.unit}}
}

func (w *deskWorld) openLevel(t *testing.T, in contract.OpenLevelInput) contract.OpenLevelResult {
	t.Helper()
	out, _, err := do[contract.OpenLevelResult](t, w, w.desk.OpenLevel, in)
	require.NoError(t, err)
	return out
}

func (w *deskWorld) votes(t *testing.T, r routed) contract.UnitVotes {
	t.Helper()
	out, _, err := do[contract.ReadApprovalsResult](t, w, w.desk.ReadApprovals, r.reading())
	require.NoError(t, err)
	require.Len(t, out.Votes, 1)
	return out.Votes[0]
}

// outcome is what the engine makes of the unit's votes now.
func (w *deskWorld) outcome(t *testing.T, r routed) approval.Outcome {
	t.Helper()
	return r.unit.Chain.Levels[r.unit.Level].Evaluate(approval.Ask{
		Votes: w.votes(t, r).Votes, Bans: r.unit.Bans, Earlier: r.unit.Decided, Extra: r.unit.Extra,
	})
}

func TestOpenLevelAsksOnceWhateverTroubleItMeets(t *testing.T) {
	t.Parallel()
	for name, fault := range writeFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDeskWorld(t, func(o *freshsim.Options) { o.IndexLag = 10 * time.Minute })
			r := w.routeOne(t, "Salesforce access", acme.Ben)
			r.unit.Level = 1 // two groups side by side
			w.fault(t, fault)

			w.openLevel(t, r.open())
			w.sim.ClearFaults("")

			var names []string
			for _, g := range w.groups(t, r.ticket) {
				names = append(names, g.Name)
			}
			require.Len(t, names, 2)
			require.Contains(t, names[0]+names[1], "/2.1 owner")
			require.Contains(t, names[0]+names[1], "/2.2 security")
			asked := map[int64]int{}
			for _, a := range w.approvals(t, r.ticket) {
				asked[a.ApproverID]++
			}
			for person, times := range asked {
				require.Equal(t, 1, times, "person %d was asked more than once in one group", person)
			}
		})
	}
}

func TestOpenLevelAsksOnceWhileReadsAreBehind(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	w.fault(t, staleFault("/tickets/*/approval-groups"))
	w.fault(t, staleFault("/tickets/*/approvals"))

	require.Len(t, w.openLevel(t, r.open()).Opened, 1)
	// The workflow reads at once, sees nobody asked, and asks for those who wait.
	r.unit.Opened = w.sim.Now()
	again := r.open()
	again.Only = w.outcome(t, r).Groups
	require.NotEmpty(t, again.Only[0].Waiting)
	require.Empty(t, w.openLevel(t, again).Opened)
	w.sim.ClearFaults("")
	require.Len(t, w.groups(t, r.ticket), 1)
}

func TestAGroupDecidedByNobodyIsReadAgain(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	w.openLevel(t, r.open())
	w.fault(t, staleFault("/tickets/*/approvals")) // one of the two lists is behind
	require.NotEmpty(t, w.votes(t, r).Asked)
	w.decide(t, r.ticket, acme.Mara, freshsim.Decision{Decision: "approved"})

	_, _, err := once[contract.ReadApprovalsResult](t, w.desk.ReadApprovals, contract.ReadApprovalsInput{
		Ticket: r.ticket, Mode: approval.ModeLevels, Units: []contract.Unit{r.unit},
	}, nil)
	require.ErrorContains(t, err, "does not show by whom yet")

	w.sim.ClearFaults("")
	require.Equal(t, approval.DecisionApproved, w.votes(t, r).Votes[0].Decision)
}

func TestOpenLevelOnAnotherWorkerWaitsForReadsThatAreBehind(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	w.fault(t, staleFault("/tickets/*/approval-groups"))
	w.fault(t, staleFault("/tickets/*/approvals"))
	require.Len(t, w.openLevel(t, r.open()).Opened, 1)

	r.unit.Opened = w.sim.Now()
	again := r.open()
	again.Only = []approval.GroupOutcome{{Group: "manager", Waiting: r.unit.Chain.Levels[0].Groups[0].Approvers}}
	other := &activities.Desk{ // a process that has written nothing
		Client: w.newClient(t, deskKey), Policy: w.desk.Policy, Cluster: w.cluster, Records: w.records, Blobs: w.blobs, Now: w.sim.Now,
	}
	out, attempts, err := do[contract.OpenLevelResult](t, w, other.OpenLevel, again)
	require.NoError(t, err)
	require.Greater(t, attempts, 1)
	require.Empty(t, out.Opened)
	w.sim.ClearFaults("")
	require.Len(t, w.groups(t, r.ticket), 1)
}

func TestOpenLevelTellsApproversThePlanAndItsDigest(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	r.request.Reason = `<b onclick="x">urgent</b>`
	w.openLevel(t, r.open())

	asked := w.approvals(t, r.ticket)
	require.Len(t, asked, 1)
	one, err := w.client.GetApproval(t.Context(), r.ticket, asked[0].ID)
	require.NoError(t, err)
	require.Contains(t, one.EmailContent, casework.ShortDigest(r.unit.Plan.Digest))
	require.Contains(t, one.EmailContent, "assign app Salesforce")
	require.Contains(t, one.EmailContent, "Ben Whitaker")
	require.NotContains(t, one.EmailContent, "<b onclick")
}

func TestOpenLevelAsksThoseWhoAreLeftWhenTheDeskClosesAGroup(t *testing.T) {
	t.Parallel()
	for _, peer := range []string{freshsim.PeerResponded, freshsim.PeerRequested, freshsim.PeerCancelled} {
		t.Run(peer, func(t *testing.T) {
			t.Parallel()
			w := newDeskWorld(t, func(o *freshsim.Options) { o.PeerStatus = peer })
			r := w.routeOne(t, "Salesforce access", acme.Ben)
			r.unit.Level = 1
			w.openLevel(t, r.open())
			// Two of three have to approve and two to reject; the desk closes the whole chain at the first rejection.
			w.decide(t, r.ticket, acme.Grace, reject("not without a reason"))

			out := w.outcome(t, r)
			require.Equal(t, approval.StatusOpen, out.Status, out.Why)
			require.Empty(t, w.votes(t, r).Asked)
			again := r.open()
			again.Only = out.Groups
			opened := w.openLevel(t, again)
			require.Len(t, opened.Opened, 2)
			require.True(t, strings.HasSuffix(opened.Opened[1], "security (2)"), opened.Opened[1])
			require.Len(t, w.votes(t, r).Asked, 3) // the owner, and two of security
			require.Empty(t, w.openLevel(t, again).Opened)

			for _, email := range []string{"xochitl.ramirez@acme.example", "enzo.guidi@acme.example", acme.Omar} {
				w.decide(t, r.ticket, email, approve())
			}
			require.Equal(t, approval.StatusApproved, w.outcome(t, r).Status)
		})
	}
}

func TestOpenLevelAsksThoseWhoWereAdded(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	w.openLevel(t, r.open())
	rosa := w.person(t, acme.Rosa)
	r.unit.Raised, r.unit.Extra = true, []approval.Approver{{DeskID: rosa.ID, Email: acme.Rosa, Name: rosa.Name()}}
	again := r.open()
	again.Only = w.outcome(t, r).Groups

	opened := w.openLevel(t, again).Opened
	require.Len(t, opened, 1)
	require.True(t, strings.HasSuffix(opened[0], "manager escalation (2)"), opened[0])
	w.decide(t, r.ticket, acme.Rosa, approve())
	out := w.outcome(t, r)
	require.Equal(t, approval.StatusApproved, out.Status, out.Why)
	require.Equal(t, rosa.ID, out.Deciders()[0].DeskID)
}

func TestOpenLevelGivesUpWhenTheGroupIsClosedAgainAndAgain(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	var err error
	in := r.open()
	for range 12 {
		if _, _, err = do[contract.OpenLevelResult](t, w, w.desk.OpenLevel, in); err != nil {
			break
		}
		group := in.Unit.Chain.Levels[in.Unit.Level].Groups[0]
		in.Only = []approval.GroupOutcome{{Group: group.Name, Status: approval.StatusOpen, Waiting: group.Approvers}}
		for _, a := range w.approvals(t, r.ticket) {
			if a.Status == freshservice.ApprovalRequested {
				_, err := w.client.CancelApproval(t.Context(), r.ticket, a.ID)
				require.NoError(t, err)
			}
		}
	}
	require.Equal(t, casework.Conflict, failureKind(t, err))
	require.Len(t, w.groups(t, r.ticket), 9)
}

func TestReadApprovalsMapsDelegatesAndStrangers(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	w.openLevel(t, r.open())
	mara, rosa, clara := w.person(t, acme.Mara), w.person(t, acme.Rosa), w.person(t, acme.Clara)
	require.Equal(t, []int64{mara.ID}, w.votes(t, r).Asked)

	// Somebody asks on their own, in a group that is called as ours are.
	require.NoError(t, w.sim.AddAPIKey("forger-key", acme.Omar, "Account Admin"))
	forger := w.newClient(t, "forger-key")
	ours := w.groups(t, r.ticket)[0].Name
	_, err := forger.CreateApprovalGroup(t.Context(), r.ticket, freshservice.NewApprovalGroup{
		Name: ours, Rule: freshservice.RuleAnyone, ApproverIDs: []int64{clara.ID},
	})
	require.NoError(t, err)
	w.decide(t, r.ticket, acme.Clara, approve())
	w.decide(t, r.ticket, acme.Mara, freshsim.Decision{Decision: "approved", Remark: "fine", Delegatee: acme.Rosa})

	out, _, err := do[contract.ReadApprovalsResult](t, w, w.desk.ReadApprovals, r.reading())
	require.NoError(t, err)
	require.Len(t, out.Votes[0].Votes, 1)
	vote := out.Votes[0].Votes[0]
	require.Equal(t, "manager", vote.Group)
	require.Equal(t, approval.DecisionApproved, vote.Decision)
	require.Equal(t, rosa.ID, vote.By.DeskID)
	require.Equal(t, acme.Rosa, vote.By.Email)
	require.Equal(t, mara.ID, vote.For.DeskID)
	require.Equal(t, "fine", vote.Remark)
	require.WithinDuration(t, w.sim.Now(), vote.At, time.Minute)
	require.Len(t, out.Strangers, 1)
	require.Equal(t, clara.ID, out.Strangers[0].By.DeskID)
	require.Empty(t, out.Votes[0].Asked)
}

func TestReadApprovalsKeepsUnitsRoundsAndLevelsApart(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	w.openLevel(t, r.open())
	other := r
	other.unit.Key = "another item with quite a long key of its own"
	w.openLevel(t, other.open())
	next := r
	next.unit.Round = 1
	require.Len(t, w.groups(t, r.ticket), 2)
	require.Len(t, w.votes(t, r).Asked, 1)
	require.Len(t, w.votes(t, other).Asked, 1)
	require.Empty(t, w.votes(t, next).Asked)
	require.Empty(t, w.votes(t, next).Votes)
}

func TestReadApprovalsFollowsTheDesksOwnChain(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Miro access", acme.Ben)
	require.Equal(t, approval.ModeDesk, r.unit.Chain.Mode)
	reading := r.reading()
	reading.Mode = approval.ModeDesk
	desk := func() contract.DeskDecision {
		out, _, err := do[contract.ReadApprovalsResult](t, w, w.desk.ReadApprovals, reading)
		require.NoError(t, err)
		return out.Desk
	}
	ask := func(email string) {
		_, err := w.client.CreateApprovalGroup(t.Context(), r.ticket, freshservice.NewApprovalGroup{
			Name: "Manager", Rule: freshservice.RuleEveryone, ApproverIDs: []int64{w.person(t, email).ID},
		})
		require.NoError(t, err)
	}
	require.Equal(t, contract.DeskDecision{Status: "not_requested"}, desk())
	ask(acme.Mara)
	require.Equal(t, "requested", desk().Status)
	w.decide(t, r.ticket, acme.Mara, reject("not now"))
	require.Equal(t, "rejected", desk().Status)

	ask(acme.Rosa) // the desk asks again: what was rejected before is history
	w.decide(t, r.ticket, acme.Rosa, approve())
	now := desk()
	require.Equal(t, "approved", now.Status)
	require.Len(t, now.Votes, 1)
	require.Equal(t, acme.Rosa, now.Votes[0].By.Email)
	require.Equal(t, approval.StatusApproved, approval.Desk(approval.Decision(now.Status), approval.Ask{Votes: now.Votes, Bans: r.unit.Bans}).Status)
}

func TestReadApprovalsSeesTheStage(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Figma access", acme.Ben)
	require.Equal(t, approval.ModeStage, r.unit.Chain.Mode)
	reading := r.reading()
	reading.Mode = approval.ModeStage
	reached := func() bool {
		out, _, err := do[contract.ReadApprovalsResult](t, w, w.desk.ReadApprovals, reading)
		require.NoError(t, err)
		return out.Reach
	}
	require.False(t, reached())
	status := 7 // Acme's "Approved"
	_, err := w.client.UpdateTicket(t.Context(), r.ticket, freshservice.TicketUpdate{Status: &status})
	require.NoError(t, err)
	require.True(t, reached())
	reading.Request = r.request
	require.True(t, reached())
}

func TestRemindApproversRemindsEachOnceWhateverFailsBetween(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	r := w.routeOne(t, "Salesforce access", acme.Ben)
	r.unit.Level = 1
	w.openLevel(t, r.open())
	w.decide(t, r.ticket, acme.Grace, approve())
	w.fault(t, freshsim.Fault{Kind: freshsim.FaultRateLimited, Method: "PUT", Path: "/tickets/*/approvals/*/remind", Skip: 1, Times: 1})

	made := w.calls(t, func() {
		_, attempts, err := do[any](t, w, w.desk.RemindApprovers, contract.RemindInput{Ticket: r.ticket, Unit: r.unit})
		require.NoError(t, err)
		require.Equal(t, 2, attempts)
	})
	require.Equal(t, 4, made["PUT /tickets/{id}/approvals/{aid}/remind"], "three people, and one call refused")
}

func TestWithdrawApprovalsCancelsWhatIsOpenAndNothingElse(t *testing.T) {
	t.Parallel()
	for name, fault := range writeFaults() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newDeskWorld(t)
			r := w.routeOne(t, "Salesforce access", acme.Ben)
			w.openLevel(t, r.open())
			next, other := r, r
			next.unit.Level = 1
			w.openLevel(t, next.open())
			other.unit.Key = "other"
			w.openLevel(t, other.open())
			w.fault(t, fault)

			for range 2 { // again is harmless
				_, _, err := do[any](t, w, w.desk.WithdrawApprovals, contract.WithdrawInput{Ticket: r.ticket, Unit: &r.unit})
				require.NoError(t, err)
			}
			require.Empty(t, w.votes(t, r).Asked)
			require.Len(t, w.votes(t, next).Asked, 4)
			require.Len(t, w.votes(t, other).Asked, 1)

			_, _, err := do[any](t, w, w.desk.WithdrawApprovals, contract.WithdrawInput{Ticket: r.ticket})
			require.NoError(t, err)
			w.sim.ClearFaults("")
			require.False(t, slices.ContainsFunc(w.approvals(t, r.ticket), func(a freshservice.Approval) bool {
				return a.Status == freshservice.ApprovalRequested
			}))
		})
	}
}

func TestWithdrawApprovalsOfATicketThatIsGoneIsDone(t *testing.T) {
	t.Parallel()
	w := newDeskWorld(t)
	_, attempts, err := do[any](t, w, w.desk.WithdrawApprovals, contract.WithdrawInput{Ticket: 4711})
	require.NoError(t, err)
	require.Equal(t, 1, attempts)
}
