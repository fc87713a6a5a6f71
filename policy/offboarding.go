package policy

import (
	"math"
	"time"

	"latchkey/casework"
	"latchkey/identity"
)

// Offboarding is offboarding.yaml, defaults filled in.
func (p *Policy) Offboarding() OffboardingPolicy { return p.offboarding }

func loadOffboarding(v value) OffboardingPolicy {
	o := OffboardingPolicy{
		End: casework.VerbDeactivate, EmergencyCap: 3, DefaultTime: "18:00", DefaultZone: "UTC",
		ResidualOwner: map[identity.Origin]string{"": "Identity Team"},
	}
	ends := map[string]casework.Verb{"deactivate": casework.VerbDeactivate, "suspend": casework.VerbSuspend}
	var afterAt value
	v.object("offboarding.yaml", keys{
		"end":              func(v value) { o.End = ends[v.oneOf("deactivate", "suspend")] },
		"deactivate_after": func(v value) { o.DeactivateAfter, afterAt = v.span(), v },
		"clear_attributes": func(v value) { o.ClearAttributes = v.texts("clear_attributes") },
		"emergency_cap":    func(v value) { o.EmergencyCap = v.whole(1, 1000) },
		"default_time":     func(v value) { o.DefaultTime = v.clock() },
		"default_zone":     func(v value) { o.DefaultZone = v.zone() },
		"residual_owner":   func(v value) { loadResidualOwners(v, o.ResidualOwner) },
	})
	if o.End == casework.VerbSuspend && o.DeactivateAfter > 0 {
		afterAt.problem("deactivate_after belongs to end: deactivate; with end: suspend the account stays suspended")
	}
	return o
}

func loadResidualOwners(v value, owners map[identity.Origin]string) {
	known := keys{"default": func(v value) { owners[""] = v.text() }}
	for _, origin := range []identity.Origin{
		identity.OriginDirect, identity.OriginGroup, identity.OriginBoth, identity.OriginGroupRule, identity.OriginGroupPush,
		identity.OriginImported, identity.OriginBuiltIn,
	} {
		known[string(origin)] = func(v value) { owners[origin] = v.text() }
	}
	v.object("residual_owner", known)
}

// Desk is desk.yaml without its texts, defaults filled in.
func (p *Policy) Desk() DeskPolicy { return p.desk }

// Times is desk.yaml, "times", defaults filled in.
func (p *Policy) Times() TimesPolicy { return p.times }

// mostBulkWindow bounds how many rows of a batch run side by side: each is a workflow, and all share one budget of calls.
const mostBulkWindow = 500

func loadDesk(v value) (DeskPolicy, TimesPolicy) {
	d := DeskPolicy{Waiting: 3, Resolved: 4, Open: 2, ClosedSet: []int{4, 5}, DigestHour: "08:00", DigestZone: "UTC", BulkWindow: 20}
	t := TimesPolicy{
		Idle: time.Hour, SettleEvery: 10 * time.Second, SettleFor: 10 * time.Minute, ParkRemind: 24 * time.Hour,
		HoldRecheck: 5 * time.Minute, BlockedEvery: 5 * time.Minute, UnavailableIn: time.Hour,
	}
	status := func(into *int) func(value) { return func(v value) { *into = v.whole(2, math.MaxInt) } }
	span := func(into *time.Duration, least time.Duration) func(value) {
		return func(v value) {
			before := len(v.doc.problems.list)
			if *into = v.span(); *into < least && len(v.doc.problems.list) == before {
				v.problem("has to be %s or more, found %s", least, v.kind())
			}
		}
	}
	v.object("desk.yaml", keys{
		"statuses": func(v value) {
			v.object("statuses", keys{
				"waiting": status(&d.Waiting), "resolved": status(&d.Resolved), "open": status(&d.Open),
				"closed": func(v value) {
					d.ClosedSet = nil
					for _, one := range v.items("closed") {
						d.ClosedSet = append(d.ClosedSet, one.whole(2, math.MaxInt))
					}
				},
			})
		},
		"closing": func(v value) {
			d.Closing = map[string]any{}
			for _, e := range v.entries("closing") {
				d.Closing[e.key] = e.value.free(e.key)
			}
		},
		"parked": func(v value) {
			v.object("parked", keys{
				"group": func(v value) { d.ParkedGroup = v.text() },
				"mail":  func(v value) { d.ParkedMail = v.addresses("mail") },
			})
		},
		"digest": func(v value) {
			v.object("digest", keys{
				"group": func(v value) { d.DigestGroup = v.text() },
				"hour":  func(v value) { d.DigestHour = v.clock() },
				"zone":  func(v value) { d.DigestZone = v.zone() },
			})
		},
		"bulk": func(v value) {
			v.object("bulk", keys{
				"window": func(v value) { d.BulkWindow = v.whole(1, mostBulkWindow) },
				"group":  func(v value) { d.BulkGroup = v.text() },
			})
		},
		"times": func(v value) {
			v.object("times", keys{
				"idle":           span(&t.Idle, time.Second),
				"settle_every":   span(&t.SettleEvery, time.Second),
				"settle_for":     span(&t.SettleFor, time.Second),
				"park_remind":    span(&t.ParkRemind, time.Minute),
				"hold_recheck":   span(&t.HoldRecheck, time.Second),
				"blocked_every":  span(&t.BlockedEvery, time.Second),
				"unavailable_in": span(&t.UnavailableIn, time.Second),
			})
		},
	})
	return d, t
}
