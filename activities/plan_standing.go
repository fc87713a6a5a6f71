package activities

import (
	"context"

	"latchkey/casework"
)

// standing asks for the time-bound grant of what is wanted. It matters where the person holds it already (an extension)
// and where it is asked for without an end (the grant has to hear that it has none any more); else nobody is asked.
func (a *accessPlanner) standing(ctx context.Context, facts casework.GrantFacts) (*casework.StandingGrant, error) {
	if len(facts.Found) != 1 || facts.Entry == nil {
		return nil, nil //nolint:nilnil // there is no such grant, and that is no error
	}
	for _, m := range facts.Matches {
		_, holds := facts.Access.Holds(m.Entitlement)
		if limited := facts.Entry.Limit.Default > 0 || facts.Item.Days > 0 || facts.Item.Until != ""; !holds && limited {
			continue
		}
		state, ok, err := a.okta.Cluster.Grant(ctx, facts.Found[0].OktaUserID, m.Entitlement)
		if err != nil {
			return nil, err
		}
		if ok {
			return &casework.StandingGrant{Until: state.Standing()}, nil
		}
	}
	return nil, nil //nolint:nilnil // there is no such grant, and that is no error
}
