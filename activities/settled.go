package activities

import (
	"context"
	"slices"

	"latchkey/contract"
	"latchkey/identity"
)

// CheckSettled says which of the things that Okta's own jobs take away still stand: a membership that a rule lets go, an
// app that follows its group. It reads only the kinds it is asked about.
func (o *Okta) CheckSettled(ctx context.Context, in contract.SettledInput) (contract.SettledResult, error) {
	still, err := o.stillStanding(ctx, in)
	return contract.SettledResult{Still: still}, o.failed(ctx, "looking whether Okta's own jobs are done", err)
}

func (o *Okta) stillStanding(ctx context.Context, in contract.SettledInput) ([]identity.Grant, error) {
	read := map[identity.Kind]func(context.Context, string) ([]identity.Grant, error){
		identity.KindGroup: o.standingGroups, identity.KindApp: o.standingApps, identity.KindRole: o.standingRoles,
	}
	var still []identity.Grant
	for _, kind := range []identity.Kind{identity.KindGroup, identity.KindApp, identity.KindRole} {
		if !slices.ContainsFunc(in.Gone, func(e identity.Entitlement) bool { return e.Kind == kind }) {
			continue
		}
		grants, err := read[kind](ctx, in.Person.OktaUserID)
		if goneFromOkta(err) { // the account was erased, and everything with it
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		for _, g := range grants {
			if slices.ContainsFunc(in.Gone, func(e identity.Entitlement) bool { return e.Key() == g.Entitlement.Key() }) {
				still = append(still, g)
			}
		}
		if err := beat(ctx, string(kind)); err != nil {
			return nil, err
		}
	}
	sortGrants(still)
	return still, nil
}

// standingGroups lists memberships. What a caller waits for is what rules take away, so that is their origin.
func (o *Okta) standingGroups(ctx context.Context, userID string) ([]identity.Grant, error) {
	groups, err := o.Client.ListUserGroups(ctx, userID)
	if err != nil {
		return nil, err
	}
	grants := make([]identity.Grant, 0, len(groups))
	for _, g := range groups {
		grants = append(grants, identity.Grant{Entitlement: groupEntitlement(g), Origin: identity.OriginGroupRule})
	}
	return grants, nil
}

func (o *Okta) standingApps(ctx context.Context, userID string) ([]identity.Grant, error) {
	apps, err := o.Client.ListUserApps(ctx, userID)
	if err != nil {
		return nil, err
	}
	grants := make([]identity.Grant, 0, len(apps))
	for _, a := range apps {
		grants = append(grants, assignment(a))
	}
	return grants, nil
}

func (o *Okta) standingRoles(ctx context.Context, userID string) ([]identity.Grant, error) {
	roles, err := o.Client.ListAdminRoles(ctx, userID)
	if err != nil {
		return nil, err
	}
	grants := make([]identity.Grant, 0, len(roles))
	for _, r := range roles {
		grants = append(grants, roleGrant(r))
	}
	return grants, nil
}
