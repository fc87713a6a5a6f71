package stories_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
)

const (
	readers = "Customer Data Readers"
	thiago  = "thiago.carvalho@acme.example" // owns the customer data
)

// lasting gives the customer data for a time; the demo's own is a few seconds.
func lasting(limit string) func(*playground.Options) {
	return func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"catalogue.yaml": {{Old: "default: 15s", New: "default: " + limit}}}
	}
}

// reads lets Ben ask for the customer data and get it.
func reads(t *testing.T, p *playground.Playground) int64 {
	t.Helper()
	ticket := ask(t, p, "Customer data access", acme.Ben)
	for _, who := range []string{acme.Mara, thiago, acme.Rosa} {
		require.NoError(t, p.Approve(testkit.Soon(t), ticket, who, "yes"))
	}
	ends(t, p, ticket, casework.EndDone)
	return ticket
}

// grantOf waits until Ben's grant is held by so many claims.
func grantOf(t *testing.T, p *playground.Playground, claims int) contract.GrantState {
	t.Helper()
	var state contract.GrantState
	require.Eventually(t, func() bool {
		var ok bool
		var err error
		state, ok, err = p.Grant(testkit.Soon(t), acme.Ben, readers)
		return err == nil && ok && len(state.Claims) == claims
	}, soon, tick)
	return state
}

// member says whether Ben is in the group now.
func member(t *testing.T, p *playground.Playground) bool {
	t.Helper()
	user, ok := p.Okta.User(acme.Ben)
	require.True(t, ok)
	return slices.ContainsFunc(user.Groups, func(g oktasim.MembershipView) bool { return g.Name == readers })
}

func TestATimeBoundGrantEndsIsReadBackAndNoted(t *testing.T) {
	p := server.Playground(t, nil)
	mark := p.Mark()
	ticket := reads(t, p)
	require.NoError(t, p.WaitNote(testkit.Soon(t), ticket, ".ended."))
	assert.Equal(t, []string{"group.user_membership.add " + readers, "group.user_membership.remove " + readers}, changes(t, p, acme.Ben, mark))
	assert.False(t, member(t, p))
	oneOfEverything(t, p, ticket, 3)
	assert.Equal(t, 1, notesWith(t, p, ticket, ".notice."), "the requester heard of it before")
	assert.Equal(t, 1, notesWith(t, p, ticket, ".ended."))
	notes, err := p.Notes(testkit.Soon(t), ticket)
	require.NoError(t, err)
	last := notes[len(notes)-1]
	assert.True(t, last.Private)
	require.Len(t, last.Attachments, 1, "the evidence rides on the note")
	assert.Contains(t, last.BodyText, "no longer has group "+readers+" by name: not held")
}

func TestAnExtensionKeepsTheAccessAndWritesNothingToOkta(t *testing.T) {
	p := server.Playground(t, lasting("6h"))
	mark := p.Mark()
	reads(t, p)
	first := grantOf(t, p, 1).Standing()
	reads(t, p)
	assert.True(t, grantOf(t, p, 2).Standing().After(first))
	assert.Equal(t, []string{"group.user_membership.add " + readers}, changes(t, p, acme.Ben, mark))
	assert.True(t, member(t, p))
}

func TestALeaverEndsATimeBoundGrantAtOnce(t *testing.T) {
	p := server.Playground(t, lasting("6h"))
	ctx := testkit.Soon(t)
	ticket := reads(t, p)
	grantOf(t, p, 1)
	leaver, err := p.Leaver(ctx, acme.Farah, acme.Ben, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(ctx, leaver, acme.Mara, "yes"))
	ends(t, p, leaver, casework.EndDone, casework.EndResiduals)
	require.NoError(t, p.WaitNote(testkit.Soon(t), ticket, ".ended."))
	assert.Equal(t, 1, notesWith(t, p, ticket, ".ended."))
}

func TestAnEndOfTheFormIsTheEndOfTheGrant(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	day := time.Now().AddDate(0, 0, 20)
	ticket, err := p.Ask(ctx, "Customer data access", acme.Ben, "", map[string]any{
		"business_justification": "the audit", "access_until": day.Format(time.DateOnly),
	})
	require.NoError(t, err)
	for _, who := range []string{acme.Mara, thiago, acme.Rosa} {
		require.NoError(t, p.Approve(ctx, ticket, who, "yes"))
	}
	ends(t, p, ticket, casework.EndDone)
	newYork, err := time.LoadLocation("America/New_York") // where Ben works
	require.NoError(t, err)
	want := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, newYork)
	assert.Equal(t, want.UTC(), grantOf(t, p, 1).Standing().UTC(), "the day is included, where the person works")
}
