package freshservice

import "context"

// NewApprovalGroup opens a group of approvers. Everyone in it is asked at once.
type NewApprovalGroup struct {
	Name         string
	Rule         ApprovalRule
	ApproverIDs  []int64
	EmailContent string // HTML of the mail to the approvers, "" for the desk's own
}

// ApprovalGroupUpdate changes a group; nil and empty leave a field as it is.
type ApprovalGroupUpdate struct {
	Name         string       `json:"name,omitempty"`
	Rule         ApprovalRule `json:"rule,omitempty"`
	ApproverIDs  []int64      `json:"approver_ids,omitempty"` // replaces the members
	EmailContent string       `json:"email_content,omitempty"`
}

// ListApprovalGroups reads the groups of a ticket, of all levels. The vendor shows no approvals in them.
func (c *Client) ListApprovalGroups(ctx context.Context, ticket int64) ([]ApprovalGroup, error) {
	k := get("list approval groups", "/tickets/{id}/approval-groups").at("id", ticket)
	return fetchAll[ApprovalGroup](ctx, c, k, 0, "approval_groups", "approval_group")
}

// CreateApprovalGroup opens a group. While a level is undecided it joins that level, beside the groups there; after a
// decision it opens the next level (reference §6.1).
func (c *Client) CreateApprovalGroup(ctx context.Context, ticket int64, n NewApprovalGroup) (ApprovalGroup, error) {
	// Creating takes other names than updating: reference §6.2.
	k := post("create approval group", "/tickets/{id}/approval-groups", struct {
		Name         string       `json:"name"`
		Rule         ApprovalRule `json:"approval_type"`
		EmailContent string       `json:"email_content,omitempty"`
		NotifiedTo   []int64      `json:"notified_to"`
	}{n.Name, n.Rule, n.EmailContent, n.ApproverIDs}).at("id", ticket)
	return fetchOne[ApprovalGroup](ctx, c, k, "approval_group", "approval_groups")
}

// UpdateApprovalGroup changes a group's name, rule, members or mail.
func (c *Client) UpdateApprovalGroup(ctx context.Context, ticket, group int64, u ApprovalGroupUpdate) (ApprovalGroup, error) {
	return c.putGroup(ctx, "update approval group", ticket, group, u)
}

// CancelApprovalGroup withdraws what is still open in a group.
func (c *Client) CancelApprovalGroup(ctx context.Context, ticket, group int64) (ApprovalGroup, error) {
	return c.putGroup(ctx, "cancel approval group", ticket, group, map[string]int{"status": cancelledID})
}

func (c *Client) putGroup(ctx context.Context, op string, ticket, group int64, body any) (ApprovalGroup, error) {
	k := put(op, "/tickets/{id}/approval-groups/{group}", body).at("id", ticket).at("group", group)
	return fetchOne[ApprovalGroup](ctx, c, k, "approval_group", "approval_groups")
}

// SetChainRule sets the rule over the groups of the ticket's present level.
func (c *Client) SetChainRule(ctx context.Context, ticket int64, rule ApprovalRule) (ApprovalChain, error) {
	k := put("set approval chain rule", "/tickets/{id}/approval-chain-rule", map[string]ApprovalRule{"rule": rule})
	return fetchOne[ApprovalChain](ctx, c, k.at("id", ticket), "approval_chain", "approval_chains")
}
