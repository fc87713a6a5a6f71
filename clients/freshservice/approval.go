package freshservice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// ApprovalStatus is where an approval, a group, a chain or a whole ticket stands. The vendor writes it as a number, a
// name, or an object of both, in which the name is the truth (reference §6.2, §11.11). "" means not shown.
type ApprovalStatus string

// The states. NotRequested and PeerResponded are a ticket's only.
const (
	ApprovalRequested     ApprovalStatus = "requested"
	ApprovalApproved      ApprovalStatus = "approved"
	ApprovalRejected      ApprovalStatus = "rejected"
	ApprovalCancelled     ApprovalStatus = "cancelled"
	ApprovalNotRequested  ApprovalStatus = "not_requested"
	ApprovalPeerResponded ApprovalStatus = "peer_responded"
)

// cancelledID is the one state that an update accepts (reference §6.2).
const cancelledID = 3

var approvalStatuses = [...]ApprovalStatus{
	ApprovalRequested, ApprovalApproved, ApprovalRejected, ApprovalCancelled, ApprovalNotRequested, ApprovalPeerResponded,
}

// UnmarshalJSON reads null, a number, a number in a string, a name in any spelling, or {"id","name"}.
func (s *ApprovalStatus) UnmarshalJSON(raw []byte) error {
	id, name, err := enumeration(raw)
	if err != nil {
		return fmt.Errorf("approval status: %w", err)
	}
	if name != "" {
		*s = ApprovalStatus(snake(name))
		if *s == "canceled" {
			*s = ApprovalCancelled
		}
		return nil
	}
	*s = ""
	if id == "" {
		return nil
	}
	for n, status := range approvalStatuses {
		if id == fmt.Sprint(n) {
			*s = status
			return nil
		}
	}
	return fmt.Errorf("approval status %s is unknown; known are 0 to %d", id, len(approvalStatuses)-1)
}

// ApprovalRule says when a group of approvers, or a chain of groups, counts as decided (reference §6.1).
type ApprovalRule int

// The rules.
const (
	RuleEveryone       ApprovalRule = 1
	RuleAnyone         ApprovalRule = 2
	RuleMajority       ApprovalRule = 3
	RuleFirstResponder ApprovalRule = 4 // the first answer of either kind decides
)

// UnmarshalJSON reads null, a number, a number in a string, a name, or {"id","name"}.
func (r *ApprovalRule) UnmarshalJSON(raw []byte) error {
	id, name, err := enumeration(raw)
	if err != nil {
		return fmt.Errorf("approval rule: %w", err)
	}
	switch firstText(id, snake(name)) {
	case "":
		*r = 0
	case "1", "everyone", "all":
		*r = RuleEveryone
	case "2", "anyone":
		*r = RuleAnyone
	case "3", "majority":
		*r = RuleMajority
	case "4", "first_responder":
		*r = RuleFirstResponder
	default:
		return fmt.Errorf("approval rule %s is unknown; known are 1 to 4", firstText(id, name))
	}
	return nil
}

// NamedRef points to a record by id and name; the zero value is none.
type NamedRef struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// UnmarshalJSON reads null, a bare id, a bare name, or {"id","name"}.
func (n *NamedRef) UnmarshalJSON(raw []byte) error {
	id, name, err := enumeration(raw)
	if err != nil {
		return err
	}
	*n = NamedRef{Name: name}
	if id != "" {
		if err := json.Unmarshal([]byte(id), &n.ID); err != nil {
			return fmt.Errorf("id %q is not a whole number", clip(id, 40))
		}
	}
	return nil
}

// enumeration reads a value that comes as null, 3, "3", "name" or {"id":3,"name":"name"}.
func enumeration(raw []byte) (id, name string, err error) {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 0 && raw[0] == '{' {
		var o struct {
			ID   json.RawMessage `json:"id"`
			Name json.RawMessage `json:"name"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			return "", "", err
		}
		return scalarText(o.ID), scalarText(o.Name), nil
	}
	if len(raw) > 0 && raw[0] == '[' {
		return "", "", fmt.Errorf("expected a number, a name or an object, found a list")
	}
	text := strings.TrimSpace(scalarText(raw))
	if text != "" && strings.Trim(text, "0123456789") == "" {
		return text, "", nil
	}
	return "", text, nil
}

func snake(name string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(name)), " ", "_")
}

// Approval is one approver's part in a ticket's approval.
type Approval struct {
	ID           int64          `json:"id"`
	ApproverID   int64          `json:"approver_id"`
	ApproverName string         `json:"approver_name"`
	Rule         ApprovalRule   `json:"approval_type"`
	RequestedBy  int64          `json:"user_id"`
	RequestName  string         `json:"user_name"`
	Level        int            `json:"level"` // counts the chains of the ticket from 1 (reference §6.1)
	Status       ApprovalStatus `json:"approval_status"`
	Group        *GroupRef      `json:"approval_group"`
	Delegatee    *NamedRef      `json:"delegatee"` // who answered in the approver's place, nil where nobody did
	Remark       string         `json:"latest_remark"`
	EmailContent string         `json:"email_content"` // only when created or viewed alone
	Parent       string         `json:"parent"`        // "ticket" or "change"; only in searches
	ParentID     int64          `json:"parent_id"`     // only in searches
	CreatedAt    time.Time      `json:"created_at"`
	UpdatedAt    time.Time      `json:"updated_at"`
}

// GroupRef is the approval group as an approval shows it.
type GroupRef struct {
	ID   int64        `json:"id"`
	Name string       `json:"name"`
	Rule ApprovalRule `json:"rule"`
}

// ApprovalGroup is a set of approvers with a rule. Groups of one level stand side by side, in no order.
type ApprovalGroup struct {
	ID        int64          `json:"id"`
	Name      string         `json:"name"`
	Rule      ApprovalRule   `json:"rule"`
	Status    ApprovalStatus `json:"status"`
	Level     int            `json:"level"`
	Approvals []Approval     `json:"approvals"` // where the endpoint shows them
	CreatedAt time.Time      `json:"created_at"`
	UpdatedAt time.Time      `json:"updated_at"`
}

// ApprovalChain is one level: its groups and the rule over them.
type ApprovalChain struct {
	Level  int             `json:"level"`
	Rule   ApprovalRule    `json:"rule"`
	Status ApprovalStatus  `json:"status"`
	Groups []ApprovalGroup `json:"approval_groups"`
}
