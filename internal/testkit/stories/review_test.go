package stories_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/internal/testkit"
	"latchkey/review"
	"latchkey/simulators/okta/oktasim"
)

// salesScope keeps a story's campaign small.
const salesScope = `person.department == "Sales" && person.status == "ACTIVE"`

// answersOf revokes the first direct and the first rule-given membership of a packet, leaves one item open, and certifies
// the rest.
func answersOf(packet review.Packet) (decisions []review.Decision, direct, byRule review.Item) {
	left := false
	for _, item := range packet.Items {
		d := review.Decision{Item: item.ID, Answer: review.Certify, Reason: "the work needs it", Bulk: 1}
		switch {
		case item.Object.Kind == identity.KindGroup && item.Origin == identity.OriginDirect && direct.ID == "":
			direct, d.Answer = item, review.Revoke
		case item.Object.Kind == identity.KindGroup && item.Origin == identity.OriginGroupRule && byRule.ID == "":
			byRule, d.Answer = item, review.Revoke
		case !left:
			left = true
			continue
		}
		decisions = append(decisions, d)
	}
	return decisions, direct, byRule
}

// busiest is the reviewer with the most items.
func busiest(state contract.ReviewState) contract.ReviewerCounts {
	best := state.Reviewers[0]
	for _, r := range state.Reviewers {
		if r.Items > best.Items {
			best = r
		}
	}
	return best
}

func TestACampaignCertifiesRevokesAndNamesWhatIsLeft(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	require.NoError(t, p.StartReview(ctx, "2026-Q4", salesScope))
	state, err := p.WaitReviewers(ctx, "2026-Q4")
	require.NoError(t, err)
	assert.True(t, state.Snapshot.Complete, "%v", state.Snapshot.Partial)
	require.NotEmpty(t, state.Reviewers)

	boss := busiest(state)
	packet, err := p.Packet(ctx, "2026-Q4", boss.Reviewer.ID)
	require.NoError(t, err)
	for _, item := range packet.Items {
		assert.NotEqual(t, boss.Reviewer.ID, item.Person.OktaUserID, "nobody reviews their own access")
	}
	decisions, direct, byRule := answersOf(packet)
	require.NotEmpty(t, direct.ID)
	result, err := p.Decide(ctx, "2026-Q4", boss.Reviewer.ID, decisions...)
	require.NoError(t, err)
	require.Empty(t, result.Refused)

	ticket, err := p.Ticket(ctx, boss.Ticket)
	require.NoError(t, err)
	assert.Contains(t, ticket.Subject, "Acme access review 2026-Q4")

	require.NoError(t, p.CloseReview(ctx, "2026-Q4", "the story ends"))
	state, err = p.WaitReview(ctx, "2026-Q4", contract.ReviewEnded)
	require.NoError(t, err)
	assert.Empty(t, state.Why)
	assert.NotEmpty(t, state.Evidence)
	assert.Equal(t, len(decisions)-state.Counts.Revoked, state.Counts.Certified)
	assert.Positive(t, state.Counts.Open, "nothing is revoked for silence")
	assert.Equal(t, state.Counts.Revoked, state.Counts.Gone+state.Counts.Left)

	holds := func(item review.Item) bool {
		user, ok := p.Okta.User(item.Person.Login)
		require.True(t, ok)
		return slices.ContainsFunc(user.Groups, func(m oktasim.MembershipView) bool { return m.ID == item.Object.ID })
	}
	assert.False(t, holds(direct), "revoked and gone")
	require.NotEmpty(t, byRule.ID)
	assert.True(t, holds(byRule), "a rule's member is the rule's owner's to take")
	require.NotEmpty(t, state.Sources)
	campaign, err := p.Ticket(ctx, state.Ticket)
	require.NoError(t, err)
	assert.Equal(t, freshservice.StatusPending, campaign.Status, "something is left to do")
	closed, err := p.Ticket(ctx, boss.Ticket)
	require.NoError(t, err)
	assert.Equal(t, freshservice.StatusResolved, closed.Status)
}
