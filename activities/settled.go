package activities

import (
	"context"
	"slices"
	"time"

	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
)

// CheckSettled says which of the things that Okta's own jobs take away still stand, and which of those they give have not
// come: a membership that a rule keeps, an app that follows its group. It reads only the kinds it is asked about.
func (o *Okta) CheckSettled(ctx context.Context, in contract.SettledInput) (contract.SettledResult, error) {
	result, err := o.settled(ctx, in)
	return result, o.failed(ctx, "looking whether Okta's own jobs are done", err)
}

func (o *Okta) settled(ctx context.Context, in contract.SettledInput) (contract.SettledResult, error) {
	read := map[identity.Kind]func(context.Context, string) ([]identity.Grant, error){
		identity.KindGroup: o.standingGroups, identity.KindApp: o.standingApps, identity.KindRole: o.standingRoles,
	}
	var result contract.SettledResult
	for _, kind := range []identity.Kind{identity.KindGroup, identity.KindApp, identity.KindRole} {
		gone, come := ofKind(in.Gone, kind), ofKind(in.Come, kind)
		if len(gone)+len(come) == 0 {
			continue
		}
		grants, err := read[kind](ctx, in.Person.OktaUserID)
		if goneFromOkta(err) { // the account was erased, and everything with it
			return contract.SettledResult{Lacking: in.Come}, nil
		}
		if err != nil {
			return result, err
		}
		for _, g := range grants {
			if slices.ContainsFunc(gone, func(e identity.Entitlement) bool { return e.Key() == g.Entitlement.Key() }) {
				result.Still = append(result.Still, g)
			}
		}
		for _, e := range come {
			if !slices.ContainsFunc(grants, func(g identity.Grant) bool { return e.Key() == g.Entitlement.Key() }) {
				result.Lacking = append(result.Lacking, e)
			}
		}
		if err := beat(ctx, string(kind)); err != nil {
			return result, err
		}
	}
	sortGrants(result.Still)
	if !in.EnrolledSince.IsZero() {
		enrolled, err := o.enrolledSince(ctx, in.Person.OktaUserID, in.EnrolledSince)
		if err != nil && !goneFromOkta(err) {
			return result, err
		}
		result.Enrolled = enrolled
	}
	return result, nil
}

func ofKind(list []identity.Entitlement, kind identity.Kind) []identity.Entitlement {
	var of []identity.Entitlement
	for _, e := range list {
		if e.Kind == kind {
			of = append(of, e)
		}
	}
	return of
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

// enrolledSince says whether the person has an authenticator that is newer than a time. Okta tells time in seconds.
func (o *Okta) enrolledSince(ctx context.Context, userID string, since time.Time) (bool, error) {
	factors, err := o.Client.ListFactors(ctx, userID)
	return slices.ContainsFunc(factors, func(f okta.Factor) bool {
		return f.Status == "ACTIVE" && !f.Created.Before(since.Truncate(time.Second))
	}), err
}
