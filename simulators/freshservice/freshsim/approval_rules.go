package freshsim

// approvalRule says when a set of answers decides; groups use it over approvers, chains over groups (reference §6.1).
type approvalRule int

const (
	ruleEveryone approvalRule = 1
	ruleAnyone   approvalRule = 2
	ruleMajority approvalRule = 3
	ruleFirst    approvalRule = 4
)

func (r approvalRule) valid() bool { return r >= ruleEveryone && r <= ruleFirst }

func (r approvalRule) name() string {
	switch r {
	case ruleEveryone:
		return "everyone"
	case ruleAnyone:
		return "anyone"
	case ruleMajority:
		return "majority"
	case ruleFirst:
		return "first_responder"
	}
	return ""
}

// approvalState is the vendor's number for an approval, a group or a chain (reference §6.2).
type approvalState int

const (
	stateRequested approvalState = 0
	stateApproved  approvalState = 1
	stateRejected  approvalState = 2
	stateCancelled approvalState = 3
	stateNone      approvalState = 4 // tickets only: never asked
	statePeer      approvalState = 5 // ended by the answers of others
)

func (s approvalState) name() string {
	switch s {
	case stateRequested:
		return "requested"
	case stateApproved:
		return "approved"
	case stateRejected:
		return "rejected"
	case stateCancelled:
		return "cancelled"
	case stateNone:
		return "not_requested"
	case statePeer:
		return PeerResponded
	}
	return ""
}

// view is {id, name}.
func (s approvalState) view() obj { return obj{"id": int(s), "name": s.name()} }

// approvalStatusName is the label in approval_status_name (reference §6.2).
func approvalStatusName(s approvalState) string {
	switch s {
	case stateRequested:
		return "Requested"
	case stateApproved:
		return "Approved"
	case stateRejected:
		return "Rejected"
	case stateCancelled:
		return "Cancelled"
	case stateNone:
		return "Not Requested"
	case statePeer:
		return "Peer responded"
	}
	return ""
}

// decide gives the state of a set from the states of its members. Cancelled members do not count; a set of none but
// cancelled members is cancelled, and so is an empty one. Rejection ends a set as soon as approval can no longer come.
func decide(rule approvalRule, members []approvalState) approvalState {
	var approved, rejected, open int
	for _, m := range members {
		switch m {
		case stateApproved:
			approved++
		case stateRejected:
			rejected++
		case stateRequested:
			open++
		case stateCancelled, stateNone, statePeer:
		}
	}
	total := approved + rejected + open
	yes, no := false, false
	switch rule {
	case ruleEveryone:
		yes, no = approved == total, rejected > 0
	case ruleAnyone:
		yes, no = approved > 0, rejected == total
	case ruleMajority:
		yes, no = 2*approved > total, 2*(total-rejected) <= total
	case ruleFirst:
		yes, no = approved > 0, rejected > 0 // the first answer of either kind ended it, so there is only one
	}
	switch {
	case total == 0:
		return stateCancelled
	case yes:
		return stateApproved
	case no:
		return stateRejected
	}
	return stateRequested
}
