package activities

import (
	"context"
	"slices"

	"latchkey/clients/okta"
	"latchkey/identity"
)

// readWanted reads no more of what a person holds than a request for some entitlements has to know: one call for groups
// and one for apps, where such are wanted at all. Rules are read only to say how a membership came about, so only when
// one of the wanted groups is held. Okta's apps endpoints have the scarcest budget (okta-api.md §6.1); a leaver, who has
// to lose everything, is read by readHoldings.
func (o *Okta) readWanted(ctx context.Context, person identity.Person, wanted []identity.Entitlement) (holdings, error) {
	h := holdings{access: identity.Access{Person: person, ReadAt: o.now()}}
	wants := func(kind identity.Kind, id string) bool {
		return slices.ContainsFunc(wanted, func(e identity.Entitlement) bool { return e.Kind == kind && (id == "" || e.ID == id) })
	}
	if wants(identity.KindGroup, "") {
		groups, err := o.Client.ListUserGroups(ctx, person.OktaUserID)
		if err != nil {
			return h, err
		}
		if slices.ContainsFunc(groups, func(g okta.Group) bool { return wants(identity.KindGroup, g.ID) }) {
			if h.rules, err = o.Client.ListRules(ctx); err != nil {
				return h, err
			}
		}
		in := make([]string, 0, len(groups))
		for _, g := range groups {
			in = append(in, g.ID)
		}
		for _, g := range groups {
			h.access.Groups = append(h.access.Groups, membership(g, person, in, h.rules, nil))
		}
		sortGrants(h.access.Groups)
	}
	if wants(identity.KindApp, "") {
		apps, err := o.Client.ListUserApps(ctx, person.OktaUserID)
		if err != nil {
			return h, err
		}
		for _, a := range apps {
			h.access.Apps = append(h.access.Apps, assignment(a))
		}
		sortGrants(h.access.Apps)
	}
	return h, nil
}
