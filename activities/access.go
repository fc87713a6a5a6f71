package activities

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"latchkey/clients/okta"
	"latchkey/identity"
)

// holdings is what one person holds, and what was read beside it to know where it comes from.
type holdings struct {
	access identity.Access
	rules  []okta.GroupRule
	notes  []string // what could not be read, each a sentence for people
}

// readHoldings reads everything one person holds. For somebody with few entitlements it costs one call each for the
// account, groups, apps, roles, factors and rules, and one for each app of theirs that can be pushed to.
//
// Where a membership comes from is not something Okta says, so it is worked out: an APP_GROUP is imported, a BUILT_IN
// group is Okta's own, and an OKTA_GROUP may be kept by a group rule (see ruleManaged) or pushed to an app. Pushes are
// looked up only at the apps the person has: a push moves a person's account in the app, and without the app there is
// none, so the pushes of other apps do not concern this person.
func (o *Okta) readHoldings(ctx context.Context, userID string) (holdings, error) {
	return o.holdingsWith(ctx, userID, o.Client.ListGroupPushMappings)
}

// planHoldings is readHoldings for a plan, which may go by a moment's old pushes.
func (o *Okta) planHoldings(ctx context.Context, userID string) (holdings, error) {
	return o.holdingsWith(ctx, userID, o.knownPushes)
}

// pushReader lists the group pushes of an app.
type pushReader func(ctx context.Context, appID string) ([]okta.GroupPushMapping, error)

func (o *Okta) holdingsWith(ctx context.Context, userID string, pushes pushReader) (holdings, error) {
	user, err := o.Client.GetUser(ctx, userID)
	if err != nil {
		return holdings{}, err
	}
	h := holdings{access: identity.Access{Person: personOf(user), ReadAt: o.now()}}
	groups, err := o.Client.ListUserGroups(ctx, userID)
	if err != nil {
		return h, err
	}
	if h.rules, err = o.Client.ListRules(ctx); err != nil {
		return h, err
	}
	if err := beat(ctx, "groups and rules read"); err != nil {
		return h, err
	}
	apps, err := o.Client.ListUserApps(ctx, userID)
	if err != nil {
		return h, err
	}
	pushed, err := readPushes(ctx, apps, pushes, &h)
	if err != nil {
		return h, err
	}
	if err := o.readRolesAndFactors(ctx, user, &h); err != nil {
		return h, err
	}
	in := make([]string, 0, len(groups))
	for _, g := range groups {
		in = append(in, g.ID)
	}
	for _, g := range groups {
		h.access.Groups = append(h.access.Groups, membership(g, h.access.Person, in, h.rules, pushed))
	}
	for _, a := range apps {
		h.access.Apps = append(h.access.Apps, assignment(a))
	}
	sortGrants(h.access.Groups)
	sortGrants(h.access.Apps)
	return h, nil
}

// readPushes finds which groups are pushed to the person's apps, by group ID.
func readPushes(ctx context.Context, apps []okta.AppAssignment, pushes pushReader, h *holdings) (map[string][]identity.Ref, error) {
	pushed := map[string][]identity.Ref{}
	for _, a := range apps {
		if !slices.Contains(a.Features, "GROUP_PUSH") {
			continue
		}
		mappings, err := pushes(ctx, a.AppID)
		switch {
		case errors.Is(err, okta.Denied), errors.Is(err, okta.Invalid), goneFromOkta(err): // the org lacks the feature
			h.notes = append(h.notes, "Which groups are pushed to "+a.Label+" could not be read.")
			continue
		case err != nil:
			return nil, err
		}
		for _, m := range mappings {
			if m.Status != "INACTIVE" {
				pushed[m.SourceGroupID] = append(pushed[m.SourceGroupID], identity.Ref{ID: a.AppID, Name: a.Label})
			}
		}
		if err := beat(ctx, "pushes read"); err != nil {
			return nil, err
		}
	}
	return pushed, nil
}

func (o *Okta) readRolesAndFactors(ctx context.Context, user okta.User, h *holdings) error {
	roles, err := o.Client.ListAdminRoles(ctx, user.ID)
	if err != nil {
		return err
	}
	for _, r := range roles {
		h.access.Roles = append(h.access.Roles, roleGrant(r))
	}
	factors, err := o.Client.ListFactors(ctx, user.ID)
	if err != nil && (user.Status != okta.Deprovisioned || kindOf(err).Retried()) { // a deactivated account may refuse
		return err
	}
	for _, f := range factors {
		h.access.Factors = append(h.access.Factors, identity.Grant{
			Entitlement: identity.Entitlement{Kind: identity.KindFactor, ID: f.ID, Name: f.Type + " by " + f.Provider},
			Origin:      identity.OriginDirect, Status: f.Status,
		})
	}
	sortGrants(h.access.Roles)
	sortGrants(h.access.Factors)
	return beat(ctx, "roles and factors read")
}

// membership says how a person came to be in a group.
func membership(g okta.Group, person identity.Person, in []string, rules []okta.GroupRule, pushed map[string][]identity.Ref) identity.Grant {
	grant := identity.Grant{Entitlement: groupEntitlement(g), Origin: identity.OriginDirect}
	switch g.Type {
	case okta.BuiltInGroup:
		grant.Origin = identity.OriginBuiltIn
		return grant
	case okta.AppGroup:
		grant.Origin = identity.OriginImported
		if g.SourceAppID != "" {
			grant.Via = []identity.Ref{{ID: g.SourceAppID}}
		}
		return grant
	case okta.OktaGroup:
	}
	for _, r := range rules {
		if ruleManages(r, g.ID, person, in) {
			grant.Origin = identity.OriginGroupRule
			grant.Via = append(grant.Via, identity.Ref{ID: r.ID, Name: r.Name})
		}
	}
	// A pushed group that a rule fills goes by its rule; only what was given by name is the push's owner's to judge.
	if to := pushed[g.ID]; len(to) > 0 && grant.Origin == identity.OriginDirect {
		grant.Origin, grant.Via = identity.OriginGroupPush, to
	}
	return grant
}

// ruleManages says whether a rule may be what keeps a person in a group: it is active, fills the group, does not pass
// the person over, and its condition is not known to be false for them. A condition we cannot read counts as true:
// taking a rule's membership away by name would strike the person off the rule for good (okta-api.md §4.1), while
// waiting for a rule that never gave it only costs time, because what stands at the end is swept.
func ruleManages(r okta.GroupRule, groupID string, person identity.Person, in []string) bool {
	if r.Status != okta.RuleActive || !slices.Contains(r.GroupIDs, groupID) || slices.Contains(r.ExcludedUserIDs, person.OktaUserID) {
		return false
	}
	if slices.ContainsFunc(r.ExcludedGroupIDs, func(id string) bool { return slices.Contains(in, id) }) {
		return false
	}
	return ruleHolds(r.Expression, person) != ruleNo
}

func groupEntitlement(g okta.Group) identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindGroup, ID: g.ID, Name: g.Name}
}

// appInactive is the status of a grant whose app is switched off in Okta.
const appInactive = "APP_INACTIVE"

func assignment(a okta.AppAssignment) identity.Grant {
	grant := identity.Grant{
		Entitlement: identity.Entitlement{Kind: identity.KindApp, ID: a.AppID, Name: a.Label},
		Origin:      identity.OriginDirect, Status: a.Status,
	}
	if a.AppStatus == "INACTIVE" {
		grant.Status = appInactive // such an assignment survives deactivation (okta-api.md §5.1)
	}
	if a.GroupID != "" {
		grant.Via = []identity.Ref{{ID: a.GroupID, Name: a.GroupName}}
	}
	switch {
	case a.Scope == okta.GroupScope:
		grant.Origin = identity.OriginGroup
	case a.GroupID != "":
		grant.Origin = identity.OriginBoth
	}
	return grant
}

func roleGrant(r okta.Role) identity.Grant {
	name := r.Type
	if r.Type == "CUSTOM" && r.Label != "" {
		name = r.Label
	}
	grant := identity.Grant{
		Entitlement: identity.Entitlement{Kind: identity.KindRole, ID: r.ID, Name: name},
		Origin:      identity.OriginDirect, Status: r.Status,
	}
	if r.AssignmentType == "GROUP" { // it comes with a membership and cannot be revoked by itself
		grant.Origin = identity.OriginGroup
		grant.Via = []identity.Ref{{Name: "a group that gives the role"}}
	}
	return grant
}

// sortGrants orders by name and ID, so two equal states are equal values.
func sortGrants(grants []identity.Grant) {
	slices.SortFunc(grants, func(a, b identity.Grant) int {
		return cmp.Or(strings.Compare(a.Entitlement.Name, b.Entitlement.Name), strings.Compare(a.Entitlement.ID, b.Entitlement.ID))
	})
}
