package acme

import (
	"slices"
	"strings"
)

// maxRuleName is Okta's limit on the name of a group rule, in characters.
const maxRuleName = 50

var groupKinds = []string{"company", "department", "location", "role", "project", "admin", "imported"}

var signOnModes = []string{"SAML_2_0", "OPENID_CONNECT", "BOOKMARK", "AUTO_LOGIN"}

// checkAccess looks at what Okta holds: groups, rules and apps.
func (k *checker) checkAccess(c Company) {
	for _, g := range c.Groups {
		who := "group " + g.Name
		k.oneOf(who, "kind", g.Kind, groupKinds)
		k.oneOf(who, "type", g.Type, []string{"OKTA_GROUP", "APP_GROUP"})
		imported := g.Type == "APP_GROUP"
		if imported != (g.Kind == "imported") || imported != (g.Source != "") {
			k.report("%s: an imported group is an APP_GROUP with a source, and no other group is", who)
		}
		if imported {
			k.resolve(who, "app", k.apps, g.Source)
		}
		if len(g.AdminRoles) > 0 && g.Kind != "admin" {
			k.report("%s grants an admin role, so its kind is admin", who)
		}
	}
	for _, r := range c.Rules {
		who := "rule " + r.Name
		if len([]rune(r.Name)) > maxRuleName || strings.TrimSpace(r.Expression) == "" || len(r.Groups) == 0 {
			k.report("%s needs a name of at most %d characters, an expression and a group", who, maxRuleName)
		}
		k.resolve(who, "group", k.groups, r.Groups...)
		for _, name := range r.Groups {
			if g, ok := c.Group(name); ok && g.Type != "OKTA_GROUP" {
				k.report("%s adds people to %q, which an app owns", who, name)
			}
		}
	}
	for _, a := range c.Apps {
		who := "app " + a.Label
		k.oneOf(who, "sign-on mode", a.SignOnMode, signOnModes)
		k.person(who+"'s owner", a.Owner)
		k.resolve(who, "group", k.groups, a.Groups...)
		k.resolve(who, "pushed group", k.groups, a.Pushes...)
		if len(a.Pushes) > 0 && !a.Provisioning {
			k.report("%s pushes groups, so it provisions", who)
		}
	}
}

// ruleManaged says whether a rule adds people to the group.
func (c Company) ruleManaged(group string) bool {
	return slices.ContainsFunc(c.Rules, func(r GroupRule) bool { return slices.Contains(r.Groups, group) })
}
