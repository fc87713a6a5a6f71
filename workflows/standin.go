package workflows

import (
	"slices"
	"time"

	"go.temporal.io/sdk/workflow"

	"latchkey/approval"
	"latchkey/contract"
)

// takeStandIns lets those who stand in for people who are away answer in their groups of the open level. Whoever reads
// the approvals found them; asking them is the business of whatever asks people who have no open request.
func (c *caseRun) takeStandIns(ctx workflow.Context, u *contract.Unit, standIns []contract.StandIn) {
	groups := u.Chain.Levels[u.Level].Groups
	for _, s := range standIns {
		i := slices.IndexFunc(groups, func(g approval.Group) bool { return g.Name == s.Group })
		if i < 0 || slices.ContainsFunc(groups[i].StandIns, func(b approval.StandIn) bool { return b.Same(s.StandIn.Approver) && b.For.Same(s.StandIn.For) }) {
			continue
		}
		groups[i].StandIns = append(groups[i].StandIns, s.StandIn)
		c.note(ctx, u.Title+": "+s.StandIn.Label()+" is asked as well and "+s.StandIn.Why+".")
	}
}

// nextAbsence is when to look again because somebody will be away; zero is never. A moment that has come by our clock,
// and not by that of whoever read the approvals, is a little later.
func (c *caseRun) nextAbsence(ctx workflow.Context, begins time.Time) time.Time {
	if now := workflow.Now(ctx); !begins.IsZero() && !begins.After(now) {
		return now.Add(clockSkew)
	}
	return begins
}
