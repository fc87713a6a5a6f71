package freshsim

import (
	"errors"
	"fmt"
	"strings"
)

// Decision is an approver's answer. The vendor has no endpoint for it (reference §6.2): approvers click in the portal,
// answer a mail or a bot. Here it comes from POST /admin/approvals/{approval_id}/decision or from the desk.
type Decision struct {
	// Decision is approved or rejected.
	Decision string `json:"decision"`
	// Remark is required to reject.
	Remark string `json:"remark"`
	// DelegateeID or Delegatee (an e-mail address) names who answers in the approver's place. Empty means the delegatee
	// that the approval already shows, or else the approver.
	DelegateeID int64  `json:"delegatee_id"`
	Delegatee   string `json:"delegatee"`
	// InPerson says that the approver answers although a delegatee is shown.
	InPerson bool `json:"in_person"`
}

// ErrNoApproval says that an approval id is unknown.
var ErrNoApproval = errors.New("there is no approval with this id")

// Decide gives an approver's answer. Errors name what to do; an answered or closed approval takes no second answer.
func (s *Server) Decide(approvalID int64, dec Decision) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.db.approvals.get(approvalID)
	if a == nil {
		return ErrNoApproval
	}
	var state approvalState
	switch dec.Decision {
	case "approved":
		state = stateApproved
	case "rejected":
		state = stateRejected
	default:
		return fmt.Errorf("decision %q is unknown; use approved or rejected", dec.Decision)
	}
	by := dec.DelegateeID
	if dec.Delegatee != "" {
		p := s.db.personByEmail(dec.Delegatee)
		if p == nil {
			return fmt.Errorf("the delegatee has no account here")
		}
		by = p.id
	}
	if by != 0 && s.db.people.get(by) == nil {
		return fmt.Errorf("the delegatee has no account here")
	}
	if dec.InPerson {
		by = a.approverID
	}
	err := s.db.answerApproval(a, state, strings.TrimSpace(dec.Remark), by, s.knobs.PeerStatus)
	s.automator.settle()
	return err
}
