package activities

import (
	"context"

	"latchkey/clients/okta"
)

// orgFacts remembers for planners what groups and apps names stand for and the like, so that a second plan does not ask
// again. Only planners use it: guards, changes and verification read afresh, and so does every plan about an account that
// exists where the answer may have changed by the change before (the exclusions of group rules). Nothing that was not
// found is remembered: whoever adds it is not kept waiting. It is per process and safe for concurrent use; the zero value
// is ready.
type orgFacts struct {
	rules  shelf[string, []okta.GroupRule]
	groups shelf[string, okta.Group]   // by ID
	named  shelf[string, []okta.Group] // by name
	apps   shelf[string, []okta.App]   // by label
	pushes shelf[string, []okta.GroupPushMapping]
}

// forget drops everything: something was not as remembered.
func (f *orgFacts) forget() {
	f.rules.clear()
	f.groups.clear()
	f.named.clear()
	f.apps.clear()
	f.pushes.clear()
}

func (o *Okta) knownRules(ctx context.Context) ([]okta.GroupRule, error) {
	return o.org.rules.get(o.now(), "", notEmpty, func() ([]okta.GroupRule, error) { return o.Client.ListRules(ctx) })
}

func (o *Okta) knownGroup(ctx context.Context, id string) (okta.Group, error) {
	return o.org.groups.get(o.now(), id, func(okta.Group) bool { return true }, func() (okta.Group, error) { return o.Client.GetGroup(ctx, id) })
}

func (o *Okta) knownGroupsByName(ctx context.Context, name string) ([]okta.Group, error) {
	return o.org.named.get(o.now(), name, notEmpty, func() ([]okta.Group, error) { return o.Client.FindGroupsByName(ctx, name) })
}

// knownAppsByLabel does not remember an app that is switched off: whoever switches it on is not kept waiting either.
func (o *Okta) knownAppsByLabel(ctx context.Context, label string) ([]okta.App, error) {
	usable := func(apps []okta.App) bool {
		for _, a := range apps {
			if a.Status != "ACTIVE" {
				return false
			}
		}
		return len(apps) > 0
	}
	return o.org.apps.get(o.now(), label, usable, func() ([]okta.App, error) { return o.Client.FindAppsByLabel(ctx, label) })
}

// knownPushes remembers an app without pushes too: most have none, and asking for them is what costs.
func (o *Okta) knownPushes(ctx context.Context, appID string) ([]okta.GroupPushMapping, error) {
	return o.org.pushes.get(o.now(), appID, func([]okta.GroupPushMapping) bool { return true },
		func() ([]okta.GroupPushMapping, error) { return o.Client.ListGroupPushMappings(ctx, appID) })
}

func notEmpty[T any](list []T) bool { return len(list) > 0 }
