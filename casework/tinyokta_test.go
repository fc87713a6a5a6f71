package casework_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/identity"
)

// tinyOkta is one person at an Okta of a few groups, rules and apps, as the reference says it behaves: rules follow the
// profile of whoever is not deactivated, a member taken by name is excluded from the rule, deactivated accounts keep
// memberships and cannot be edited, and what a group grants cannot be unassigned.
type tinyOkta struct {
	rules    []tinyRule
	imported []string            // groups that another system masters
	grants   map[string][]string // app → groups that grant it

	id         string // empty before the account is made
	status     identity.UserStatus
	profile    map[string]any
	members    map[string][]string // group → rules that manage the membership; none is by name
	assigned   map[string]bool     // apps by name
	roles      map[string]bool
	exclusions []string // rules that pass the person over
	writes     int      // changes that had an effect
	refused    []string // what Okta would refuse
	mailed     string   // the address that the activation was mailed to
	mails      int      // activation mails that were asked for by themselves
}

type tinyRule struct{ id, attribute, value, group string }

const everyone = "everyone"

func (o *tinyOkta) clone() *tinyOkta {
	c := *o
	c.profile, c.members, c.assigned, c.roles = maps.Clone(o.profile), map[string][]string{}, maps.Clone(o.assigned), maps.Clone(o.roles)
	for g, rules := range o.members {
		c.members[g] = slices.Clone(rules)
	}
	c.exclusions, c.refused = slices.Clone(o.exclusions), slices.Clone(o.refused)
	return &c
}

func (r tinyRule) matches(profile map[string]any) bool {
	return fmt.Sprint(profile[r.attribute]) == r.value
}

// follow lets the rules act on the profile.
func (o *tinyOkta) follow() {
	if o.id == "" || o.status == identity.StatusDeprovisioned {
		return
	}
	for _, r := range o.rules {
		managing, member := o.members[r.group]
		wants := r.matches(o.profile) && !slices.Contains(o.exclusions, r.id)
		manages := slices.Contains(managing, r.id)
		switch {
		case wants && !member:
			o.members[r.group] = []string{r.id}
		case wants && len(managing) > 0 && !manages:
			o.members[r.group] = append(managing, r.id)
		}
	}
	for _, r := range o.rules { // gains first: a group that changes rules is never left
		managing := o.members[r.group]
		if !slices.Contains(managing, r.id) || (r.matches(o.profile) && !slices.Contains(o.exclusions, r.id)) {
			continue
		}
		if o.members[r.group] = slices.DeleteFunc(slices.Clone(managing), func(id string) bool { return id == r.id }); len(o.members[r.group]) == 0 {
			delete(o.members, r.group)
		}
	}
}

func (o *tinyOkta) refuse(format string, args ...any) {
	o.refused = append(o.refused, fmt.Sprintf(format, args...))
}

func (o *tinyOkta) grantedBy(app string) []string {
	if !o.usable() {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(o.grants[app]), func(g string) bool { _, in := o.members[g]; return !in })
}

// usable says whether memberships work.
func (o *tinyOkta) usable() bool { return o.id != "" && o.status.CanSignIn() }

// apply carries out one change, and says nothing when it is so already.
func (o *tinyOkta) apply(c casework.Change) {
	before := fmt.Sprint(o.status, o.profile, o.members, o.assigned, o.roles)
	object := c.Object.ID
	switch c.Verb {
	case casework.VerbCreateAccount:
		if o.id == "" {
			o.id, o.status, o.profile = "00unew", identity.StatusStaged, maps.Clone(c.Values)
		}
		for _, g := range c.With {
			o.join(g.ID)
		}
		o.follow()
	case casework.VerbActivate:
		if o.status == identity.StatusStaged || o.status == identity.StatusDeprovisioned {
			o.status = identity.StatusProvisioned
			if o.mailed = ""; !c.Silent {
				o.mailed = fmt.Sprint(o.profile["secondEmail"])
			}
		}
		o.follow()
	case casework.VerbMailActivation:
		for name, want := range c.Values {
			if o.profile[name] != want {
				o.refuse("%s: it would go to another address", c.ID)
				return
			}
		}
		if o.mailed == "" {
			o.mailed = fmt.Sprint(o.profile["secondEmail"])
			o.mails++
		}
	case casework.VerbUpdateProfile:
		if o.status == identity.StatusDeprovisioned {
			o.refuse("%s: deactivated", c.ID)
			return
		}
		maps.Copy(o.profile, c.Values)
		o.follow()
	case casework.VerbAddMember:
		o.join(object)
	case casework.VerbRemoveMember:
		if slices.Contains(o.imported, object) || object == everyone {
			o.refuse("%s: mastered elsewhere", c.ID)
			return
		}
		o.exclusions = append(o.exclusions, o.members[object]...)
		delete(o.members, object)
	case casework.VerbAssignApp:
		if o.status == identity.StatusDeprovisioned {
			o.refuse("%s: deactivated", c.ID)
			return
		}
		o.assigned[object] = true
	case casework.VerbUnassignApp:
		if o.assigned[object] && len(o.grantedBy(object)) > 0 {
			o.refuse("%s: a group grants it", c.ID)
			return
		}
		delete(o.assigned, object)
	case casework.VerbRevokeRole:
		delete(o.roles, object)
	case casework.VerbSuspend, casework.VerbUnsuspend, casework.VerbDeactivate, casework.VerbEndSessions, casework.VerbResetFactors,
		casework.VerbClearAttributes, casework.VerbResetPassword, casework.VerbUnlock, casework.VerbReactivate, casework.VerbResetFactor:
		o.refuse("%s: no business of a joiner or a mover", c.ID)
	}
	if fmt.Sprint(o.status, o.profile, o.members, o.assigned, o.roles) != before {
		o.writes++
	}
}

func (o *tinyOkta) join(group string) {
	if slices.Contains(o.imported, group) || group == everyone {
		o.refuse("join %s: mastered elsewhere", group)
		return
	}
	if _, in := o.members[group]; !in {
		o.members[group] = nil
	}
}

// holds says whether the person has a group or the use of an app now.
func (o *tinyOkta) holds(key string) bool {
	kind, id, _ := strings.Cut(key, ":")
	switch identity.Kind(kind) {
	case identity.KindGroup:
		_, in := o.members[id]
		return in
	case identity.KindApp:
		return o.assigned[id] || len(o.grantedBy(id)) > 0
	case identity.KindRole:
		return o.roles[id]
	case identity.KindAccount, identity.KindFactor, identity.KindSession, identity.KindProfile:
	}
	return false
}

// access is what reading the person gives. A membership is the rule's whenever a rule's condition holds, because Okta
// does not say where it comes from.
func (o *tinyOkta) access() identity.Access {
	if o.id == "" {
		return identity.Access{}
	}
	a := identity.Access{Person: o.person(), Groups: []identity.Grant{group(everyone, identity.OriginBuiltIn)}}
	for _, id := range slices.Sorted(maps.Keys(o.members)) {
		var by []string
		for _, r := range o.rules {
			if r.group == id && r.matches(o.profile) && !slices.Contains(o.exclusions, r.id) {
				by = append(by, r.id)
			}
		}
		switch {
		case slices.Contains(o.imported, id):
			a.Groups = append(a.Groups, group(id, identity.OriginImported))
		case len(by) > 0:
			a.Groups = append(a.Groups, group(id, identity.OriginGroupRule, by...))
		default:
			a.Groups = append(a.Groups, group(id, identity.OriginDirect))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.allApps())) {
		switch by := o.grantedBy(id); {
		case o.assigned[id] && len(by) > 0:
			a.Apps = append(a.Apps, app(id, identity.OriginBoth, by[0])) // Okta names one group
		case o.assigned[id]:
			a.Apps = append(a.Apps, app(id, identity.OriginDirect))
		case len(by) > 0:
			a.Apps = append(a.Apps, app(id, identity.OriginGroup, by[0]))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(o.roles)) {
		a.Roles = append(a.Roles, grantOf(identity.KindRole, id, identity.OriginDirect))
	}
	return a
}

func (o *tinyOkta) allApps() map[string]bool {
	all := maps.Clone(o.assigned)
	for id := range o.grants {
		all[id] = true
	}
	return all
}

func (o *tinyOkta) person() identity.Person {
	text := func(name string) string {
		s, _ := o.profile[name].(string)
		return s
	}
	return identity.Person{
		OktaUserID: o.id, Status: o.status, Login: text("login"), Email: text("email"), FirstName: text("firstName"), LastName: text("lastName"),
		Department: text("department"), Title: text("title"), EmployeeNumber: text("employeeNumber"), Attributes: maps.Clone(o.profile),
	}
}

func (o *tinyOkta) appGroups() map[string][]identity.Entitlement {
	all := map[string][]identity.Entitlement{}
	for id, groups := range o.grants {
		for _, g := range groups {
			all["app:"+id] = append(all["app:"+id], entitlement("group:"+g))
		}
	}
	return all
}

// predict says what the rules will do when the profile becomes another.
func (o *tinyOkta) predict(profile map[string]any) (gains, losses, stays []casework.RuleGrant) {
	for _, r := range o.rules {
		if slices.Contains(o.exclusions, r.id) {
			continue
		}
		g := casework.RuleGrant{
			Group: entitlement("group:" + r.group), Rule: identity.Ref{ID: r.id, Name: "Name of " + r.id}, Because: r.attribute + " is " + r.value,
		}
		switch was, is := r.matches(o.profile), r.matches(profile); {
		case was && is:
			stays = append(stays, g)
		case is:
			gains = append(gains, g)
		case was:
			losses = append(losses, g)
		}
	}
	return gains, losses, stays
}

// entitlement is the thing with a key, named as the grants of this package's tests are.
func entitlement(key string) identity.Entitlement {
	kind, id, _ := strings.Cut(key, ":")
	return identity.Entitlement{Kind: identity.Kind(kind), ID: id, Name: "Name of " + id}
}

func right(key, rule string) casework.Right {
	return casework.Right{Entitlement: entitlement(key), Rule: rule, Reason: "everybody there uses it"}
}
