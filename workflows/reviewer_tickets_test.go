package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/review"
)

// tended is a seat whose tickets are looked after, with what was said on them.
type tended struct {
	*seat
	opened []time.Time
	said   []string
	at     []time.Time
	fails  []error // of the next openings
}

func newTended(t *testing.T, settings review.Settings) *tended {
	t.Helper()
	s := &tended{seat: newSeat(t, 2)}
	s.in.State.Deputies = nil
	s.in.Tend = &contract.ReviewTending{
		Title: "Acme access review 2026-Q4", Settings: settings,
		Packet: review.PacketRef{Reviewer: s.in.State.Reviewer, Items: 2, Escalate: &review.Reviewer{ID: "00uHEAD", Name: "Head"}},
	}
	s.env.RegisterActivityWithOptions(func(context.Context, contract.ReviewOpenTicketsInput) (contract.ReviewTicketsResult, error) {
		if len(s.fails) > 0 {
			err := s.fails[0]
			s.fails = s.fails[1:]
			return contract.ReviewTicketsResult{}, err
		}
		s.opened = append(s.opened, s.env.Now().UTC())
		return contract.ReviewTicketsResult{First: 71, Count: 1}, nil
	}, activity.RegisterOptions{Name: contract.ActReviewOpenTickets})
	s.env.RegisterActivityWithOptions(func(_ context.Context, in contract.ReviewTellInput) error {
		s.said, s.at = append(s.said, string(in.Word)+" "+in.Key), append(s.at, s.env.Now().UTC())
		return nil
	}, activity.RegisterOptions{Name: contract.ActReviewTell})
	return s
}

func settings() review.Settings {
	return review.Settings{RemindDays: []int{7, 1}, EscalateDays: 3, NoResponse: review.NoResponseEscalate, SecondRoundDays: 7}
}

func TestAReviewerWhoNeverAnswersIsRemindedJoinedAndAskedOnceMore(t *testing.T) {
	t.Parallel()
	s := newTended(t, settings())
	res := s.run()
	assert.Equal(t, contract.ReviewerDue, res.End)
	assert.Equal(t, []string{
		"reminder reminder-0-1", "let_in let-in", "reminder reminder-0-2", "second_round second-round", "reminder reminder-1-2", "closed closed",
	}, s.said, "in the second round the day of its first reminder has passed when it begins")
	assert.Equal(t, []time.Time{
		noon.Add(7 * day), noon.Add(11 * day), noon.Add(13 * day), noon.Add(14 * day), noon.Add(20 * day), noon.Add(21 * day),
	}, s.at)
	assert.Equal(t, []string{"00uHEAD"}, s.state().Deputies, "let in once")
}

func TestAReviewerWhoIsDoneIsNotBothered(t *testing.T) {
	t.Parallel()
	s := newTended(t, settings())
	s.take = func(contract.TakeReviewBatchInput) (contract.TakeReviewBatchResult, error) {
		return contract.TakeReviewBatchResult{Taken: 2, Answers: "answers-1", Certified: 2}, nil
	}
	s.decides(time.Hour, "b1")
	assert.Equal(t, contract.ReviewerAnswered, s.run().End)
	assert.Equal(t, []string{"closed closed"}, s.said)
	assert.Empty(t, s.state().Deputies)
}

func TestPolicyThatKeepsHasNoSecondRound(t *testing.T) {
	t.Parallel()
	rules := settings()
	rules.NoResponse, rules.EscalateDays = review.NoResponseKeep, -1
	s := newTended(t, rules)
	s.run()
	assert.Equal(t, noon.Add(14*day), s.at[len(s.at)-1])
	assert.NotContains(t, s.said, "second_round second-round")
}

func TestADeskThatIsAwayHoldsUpNoReview(t *testing.T) {
	t.Parallel()
	s := newTended(t, settings())
	s.fails = []error{kinded(casework.Invalid, "the desk wants a category"), kinded(casework.Invalid, "the desk wants a category")}
	s.decides(time.Minute, "b1")
	s.env.RegisterDelayedCallback(func() {
		assert.Equal(t, 1, s.state().Certified, "decisions count while the ticket is not there yet")
		assert.Zero(t, s.state().Ticket)
	}, 5*time.Minute)
	s.run()
	assert.Equal(t, []time.Time{noon.Add(20 * time.Minute)}, s.opened, "tried again every ten minutes")
	assert.Equal(t, int64(71), s.state().Ticket)
}

func TestTheLastWordThatIsNotTakenEndsTheReviewAllTheSame(t *testing.T) {
	t.Parallel()
	s := newTended(t, review.Settings{NoResponse: review.NoResponseKeep, EscalateDays: -1})
	s.env.OnActivity(contract.ActReviewTell, anything, anything).Return(kinded(casework.Invalid, "no"))
	res := s.run()
	assert.Equal(t, contract.ReviewerDue, res.End)
}
