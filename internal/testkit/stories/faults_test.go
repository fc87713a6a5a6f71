package stories_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/activities/nudge"
	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/freshservice/freshsim"
	"latchkey/simulators/okta/oktasim"
)

// trouble is what a vendor does to us in the middle of two cases: a leaver and an access request, both of which have
// been asked for and wait for their approvals.
type trouble struct {
	begin func(*testing.T, *playground.Playground)
	// meanwhile is called once the approvals are given; nil does nothing.
	meanwhile func(*testing.T, *playground.Playground, ...int64)
	// hidden says that at the end no fault stands that counts what it changed.
	hidden bool
	// longest is how long a case may take; Okta's budget comes back within a minute.
	longest time.Duration
}

func TestWhateverAVendorDoesThereIsOneOfEverything(t *testing.T) {
	t.Parallel()
	for name, tr := range map[string]trouble{
		"Okta's budget is used up":         {begin: oktaLimited, longest: 3 * time.Minute},
		"Okta allows no further call now":  {begin: oktaCrowded, longest: 3 * time.Minute},
		"Okta is away for a while":         {begin: oktaAway, meanwhile: oktaBack},
		"Okta is slow":                     {begin: oktaSlow},
		"Okta shows an older state":        {begin: oktaStale(2 * time.Second)},
		"Okta's jobs and index trail":      {begin: oktaTrails, hidden: true},
		"the desk's budget is used up":     {begin: deskLimited},
		"the desk is away for a while":     {begin: deskAway, meanwhile: deskBack, hidden: true, longest: 3 * time.Minute},
		"the desk is slow":                 {begin: deskSlow},
		"the desk shows an older state":    {begin: deskStale, meanwhile: nudged},
		"the desk's index trails":          {begin: deskTrails, hidden: true},
		"both lose answers and show older": {begin: lostAndStale, meanwhile: nudged, longest: 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) { throughTrouble(t, tr) })
	}
}

func throughTrouble(t *testing.T, tr trouble) {
	t.Helper()
	p := server.Playground(t, nil)
	if tr.longest == 0 {
		tr.longest = 90 * time.Second
	}
	ctx, cancel := testkit.Within(t, tr.longest)
	defer cancel()
	mark := p.Mark()
	leaver, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	access := ask(t, p, "VPN access", acme.Ben)
	for _, ticket := range []int64{leaver, access} {
		_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
		require.NoError(t, err)
		require.Eventually(t, func() bool { // the state is there a moment before the approvers are asked
			groups, err := p.Approvals(ctx, ticket)
			return err == nil && len(groups) > 0
		}, soon, tick)
	}
	tr.begin(t, p)
	require.NoError(t, p.Approve(ctx, leaver, managerOf(t, p, acme.Ada), "ok"))
	require.NoError(t, p.Approve(ctx, access, acme.Mara, "ok"))
	if tr.meanwhile != nil {
		tr.meanwhile(t, p, leaver, access)
	}
	for _, ticket := range []int64{leaver, access} {
		res, err := p.WaitEnd(ctx, ticket)
		require.NoError(t, err)
		require.Equal(t, casework.EndDone, res.End, res.Summary)
	}
	assert.NotEqual(t, tr.hidden, struck(p), "every trouble came")
	p.Okta.ClearFaults()
	p.Desk.ClearFaults("")
	oneOfEverything(t, p, leaver, 1)
	oneOfEverything(t, p, access, 1)
	assert.Equal(t, []string{"group.user_membership.add VPN Users"}, changes(t, p, acme.Ben, mark))
	assert.Equal(t, "user.lifecycle.suspend", changes(t, p, acme.Ada, mark)[0])
	ada, ok := p.Okta.User(acme.Ada)
	require.True(t, ok)
	assert.Equal(t, "DEPROVISIONED", ada.Status)
	assert.Empty(t, ada.Groups)
	assert.Empty(t, ada.Apps)
}

// struck says whether there was trouble, and each kind of it changed a request.
func struck(p *playground.Playground) bool {
	var hits []int
	for _, n := range p.Okta.FaultHits() {
		hits = append(hits, n)
	}
	for _, f := range p.Desk.Faults() {
		hits = append(hits, f.Hits)
	}
	return len(hits) > 0 && !slices.Contains(hits, 0)
}

// nudged makes the cases look again until they have seen their approvals: a look at an older state is made good by the
// next one.
func nudged(t *testing.T, p *playground.Playground, tickets ...int64) {
	t.Helper()
	for _, ticket := range tickets {
		require.Eventually(t, func() bool {
			require.NoError(t, nudge.Ticket(t.Context(), p.Temporal, ticket, nil))
			s, ok, err := p.Status(t.Context(), ticket)
			return err == nil && ok && s.State != casework.StateAwaitingApproval
		}, soon, time.Second)
	}
}

func oktaFault(t *testing.T, p *playground.Playground, f oktasim.Fault) {
	t.Helper()
	_, err := p.Okta.SetFault(f)
	require.NoError(t, err)
}

func deskFault(t *testing.T, p *playground.Playground, f freshsim.Fault) {
	t.Helper()
	_, err := p.Desk.AddFault(f)
	require.NoError(t, err)
}

// oktaLimited refuses the suspend once: the budget of its bucket, which the other case needs as well, is back at the reset
// that the answer names.
func oktaLimited(t *testing.T, p *playground.Playground) {
	t.Helper()
	oktaFault(t, p, oktasim.Fault{Kind: oktasim.FaultRateLimit, Method: http.MethodPost, Path: "/users/*/lifecycle/suspend", First: 1})
}

func oktaCrowded(t *testing.T, p *playground.Playground) {
	t.Helper()
	oktaFault(t, p, oktasim.Fault{Kind: oktasim.FaultConcurrency, Method: http.MethodPost, Path: "/users/*/lifecycle/suspend", First: 1})
	oktaFault(t, p, oktasim.Fault{Kind: oktasim.FaultConcurrency, Method: http.MethodPut, Path: "/groups/*/users/*", First: 1})
}

func oktaAway(t *testing.T, p *playground.Playground) {
	t.Helper()
	oktaFault(t, p, oktasim.Fault{ID: "away", Kind: oktasim.FaultStatus, Status: http.StatusServiceUnavailable, HTML: true})
}

func oktaBack(t *testing.T, p *playground.Playground, _ ...int64) {
	t.Helper()
	require.Eventually(t, func() bool { return p.Okta.FaultHits()["away"] >= 6 }, soon, tick)
	oktaFault(t, p, oktasim.Fault{ID: "away", Kind: oktasim.FaultStatus, Status: http.StatusBadGateway, First: 2})
}

func oktaSlow(t *testing.T, p *playground.Playground) {
	t.Helper()
	oktaFault(t, p, oktasim.Fault{Kind: oktasim.FaultSlow, Delay: oktasim.Duration(150 * time.Millisecond)})
}

func oktaStale(age time.Duration) func(*testing.T, *playground.Playground) {
	return func(t *testing.T, p *playground.Playground) {
		t.Helper()
		oktaFault(t, p, oktasim.Fault{Kind: oktasim.FaultStale, Delay: oktasim.Duration(age)})
	}
}

func oktaTrails(_ *testing.T, p *playground.Playground) {
	p.Okta.SetDelays(2*time.Second, 2*time.Second)
	p.Okta.SetSearchLag(5 * time.Second)
}

// deskLimited refuses the first writes to tickets and the first reads of what people wrote there.
func deskLimited(t *testing.T, p *playground.Playground) {
	t.Helper()
	deskFault(t, p, freshsim.Fault{Kind: freshsim.FaultRateLimited, Method: "write", Path: "/tickets/**", Times: 4, RetryAfterSeconds: 2})
	deskFault(t, p, freshsim.Fault{Kind: freshsim.FaultRateLimited, Method: http.MethodGet, Path: "/tickets/*/conversations", Times: 2, RetryAfterSeconds: 2})
}

func deskAway(t *testing.T, p *playground.Playground) {
	t.Helper()
	deskFault(t, p, freshsim.Fault{Kind: freshsim.FaultServerError, Status: http.StatusServiceUnavailable, HTML: true, Method: "write", Path: "/tickets/**"})
}

func deskBack(t *testing.T, p *playground.Playground, _ ...int64) {
	t.Helper()
	require.Eventually(t, func() bool { return p.Desk.Faults()[0].Hits >= 2 }, soon, tick)
	p.Desk.ClearFaults("")
}

func deskSlow(t *testing.T, p *playground.Playground) {
	t.Helper()
	deskFault(t, p, freshsim.Fault{Kind: freshsim.FaultSlow, DelayMillis: 150})
}

func deskStale(t *testing.T, p *playground.Playground) {
	t.Helper()
	deskFault(t, p, freshsim.Fault{Kind: freshsim.FaultStaleRead, Path: "/tickets/**", DelayMillis: 2000})
}

func deskTrails(_ *testing.T, p *playground.Playground) {
	p.Desk.SetKnobs(func(k *freshsim.Knobs) { k.IndexLag = 10 * time.Second })
}

// lostAndStale is the worst: a retry cannot know from its answer, and not from the first read either, what was done.
func lostAndStale(t *testing.T, p *playground.Playground) {
	t.Helper()
	require.NoError(t, p.LoseAnswers())
	oktaStale(3*time.Second)(t, p)
	deskFault(t, p, freshsim.Fault{Kind: freshsim.FaultStaleRead, Path: "/tickets/**", DelayMillis: 3000})
}
