package freshservice

import (
	"cmp"
	"context"
	"maps"
	"slices"
)

// NewApproval asks one person.
type NewApproval struct {
	ApproverID   int64
	Rule         ApprovalRule // over the level; the vendor requires it
	EmailContent string       // HTML of the mail to the approver, "" for the desk's own
	GroupID      int64        // an existing approval group to join, 0 for none
}

// CreateApproval asks one person to approve a ticket. There is no call that approves or rejects: people decide in the
// desk, by mail or chat, never through this API (reference §6.2).
func (c *Client) CreateApproval(ctx context.Context, ticket int64, n NewApproval) (Approval, error) {
	k := post("create approval", "/tickets/{id}/approvals", struct {
		ApproverID   int64        `json:"approver_id"`
		Rule         ApprovalRule `json:"approval_type"`
		EmailContent string       `json:"email_content,omitempty"`
		GroupID      int64        `json:"approval_group_id,omitempty"`
	}{n.ApproverID, n.Rule, n.EmailContent, n.GroupID}).at("id", ticket)
	return fetchOne[Approval](ctx, c, k, "approval", "approvals")
}

// ListApprovals reads every approval of a ticket, of all levels.
func (c *Client) ListApprovals(ctx context.Context, ticket int64) ([]Approval, error) {
	k := get("list approvals", "/tickets/{id}/approvals").at("id", ticket)
	return fetchAll[Approval](ctx, c, k, 0, "approvals", "approval")
}

// GetApproval views one approval, with the mail's text.
func (c *Client) GetApproval(ctx context.Context, ticket, approval int64) (Approval, error) {
	k := get("view approval", "/tickets/{id}/approvals/{approval}").at("id", ticket).at("approval", approval)
	return fetchOne[Approval](ctx, c, k, "approval", "approvals")
}

// RemindApprover makes the desk send its reminder.
func (c *Client) RemindApprover(ctx context.Context, ticket, approval int64) error {
	k := put("remind approver", "/tickets/{id}/approvals/{approval}/remind", nil)
	return c.do(ctx, k.at("id", ticket).at("approval", approval))
}

// CancelApproval withdraws one person's approval request, the only change of state the vendor accepts here.
func (c *Client) CancelApproval(ctx context.Context, ticket, approval int64) (Approval, error) {
	k := put("cancel approval", "/tickets/{id}/approvals/{approval}", map[string]any{
		"approval_status": map[string]int{"id": cancelledID},
	})
	return fetchOne[Approval](ctx, c, k.at("id", ticket).at("approval", approval), "approval", "approvals")
}

// ApprovalSearch narrows [Client.SearchApprovals]. One of Status, ApproverID, ParentID and DelegateeID is needed.
type ApprovalSearch struct {
	Parent      string // "ticket", the default, or "change"
	Status      ApprovalStatus
	ApproverID  int64
	ParentID    int64
	DelegateeID int64
	Level       int
	Page        int // from 1; a page has 30
}

const approvalsPerPage = 30

// SearchApprovals reads one page of the account's approvals, oldest first, with the total.
func (c *Client) SearchApprovals(ctx context.Context, s ApprovalSearch) (Page[Approval], error) {
	k := get("search approvals", "/approvals").
		with("parent", firstText(s.Parent, "ticket")).
		with("status", string(s.Status)). // by name, not number (reference §6.2)
		withInt("approver_id", s.ApproverID).
		withInt("parent_id", s.ParentID).
		withInt("delegatee_id", s.DelegateeID).
		withInt("level", int64(s.Level))
	if s.Status == "" && s.ApproverID == 0 && s.ParentID == 0 && s.DelegateeID == 0 {
		return Page[Approval]{}, c.invalid(k, "status", "one of status, approver_id, parent_id and delegatee_id is needed")
	}
	return fetchCounted[Approval](ctx, c, k, s.Page, approvalsPerPage, "approvals", "approval")
}

// ListApprovalsByStatus reads every approval of the account in that state, with the total the vendor counted last.
// Approvals that are decided during the walk shift those behind them one place forward; when the walk found fewer than
// the total it is made again, and what either saw is in the result, oldest first, each once.
func (c *Client) ListApprovalsByStatus(ctx context.Context, parent string, status ApprovalStatus) ([]Approval, int, error) {
	seen := map[int64]Approval{}
	total := 0
	for range 2 {
		k := get("search approvals", "/approvals")
		found, err := walk(c, k, maxPages, func(page int) (Page[Approval], error) {
			got, err := c.SearchApprovals(ctx, ApprovalSearch{Parent: parent, Status: status, Page: page})
			total = got.Total
			return got, err
		})
		if err != nil {
			return nil, 0, err
		}
		for _, a := range found {
			seen[a.ID] = a
		}
		if total < 0 || len(found) >= total {
			break
		}
	}
	ordered := slices.SortedFunc(maps.Values(seen), func(a, b Approval) int {
		if byAge := a.CreatedAt.Compare(b.CreatedAt); byAge != 0 {
			return byAge
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return ordered, max(total, len(ordered)), nil
}
