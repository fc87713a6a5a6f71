package freshsim

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

// TestEveryRuleOverEveryVote checks decide against a plain reading of each rule, for every set of one to four members.
func TestEveryRuleOverEveryVote(t *testing.T) {
	t.Parallel()
	states := []approvalState{stateRequested, stateApproved, stateRejected, stateCancelled}
	for size := 1; size <= 4; size++ {
		combos := 1
		for range size {
			combos *= len(states)
		}
		for n := range combos {
			votes := make([]approvalState, size)
			rest := n
			for i := range votes {
				votes[i] = states[rest%len(states)]
				rest /= len(states)
			}
			for _, rule := range []approvalRule{ruleEveryone, ruleAnyone, ruleMajority, ruleFirst} {
				assert.Equal(t, plainReading(rule, votes), decide(rule, votes), "%s over %v", rule.name(), votes)
			}
		}
	}
	assert.Equal(t, stateCancelled, decide(ruleEveryone, nil))
}

// plainReading asks whether the open votes could still change the outcome, by trying both ways.
func plainReading(rule approvalRule, votes []approvalState) approvalState {
	var yes, no, open int
	for _, v := range votes {
		switch v {
		case stateApproved:
			yes++
		case stateRejected:
			no++
		case stateRequested:
			open++
		case stateCancelled, stateNone, statePeer:
		}
	}
	if yes+no+open == 0 {
		return stateCancelled
	}
	if rule == ruleFirst {
		switch {
		case yes > 0:
			return stateApproved
		case no > 0:
			return stateRejected
		}
		return stateRequested
	}
	total := yes + no + open
	at := func(extra int) bool {
		y := yes + extra
		switch rule {
		case ruleEveryone:
			return y == total
		case ruleAnyone:
			return y > 0
		case ruleMajority:
			return y > total/2
		case ruleFirst:
		}
		return false
	}
	worst, best := at(0), at(open)
	switch {
	case worst:
		return stateApproved
	case !best:
		return stateRejected
	}
	return stateRequested
}

func TestNamesOfStates(t *testing.T) {
	t.Parallel()
	for state, want := range map[approvalState]string{
		stateRequested: "requested Requested", stateApproved: "approved Approved", stateRejected: "rejected Rejected",
		stateCancelled: "cancelled Cancelled", stateNone: "not_requested Not Requested", statePeer: "peer_responded Peer responded",
	} {
		assert.Equal(t, want, fmt.Sprintf("%s %s", state.name(), approvalStatusName(state)))
	}
}
