package activities

import (
	"context"
	"math"
	"sync"
	"time"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
)

// populationKeeps is how long the size of the org is believed.
const populationKeeps = time.Hour

// population remembers how many people the org has. The zero value knows nothing.
type population struct {
	mu    sync.Mutex
	count int
	read  time.Time
}

// massChange counts people whose access shrinks, whatever asked for it; beyond the limit cases wait and one person is
// asked once. A person counts once for a ticket, so a case that began is not stopped half way by its own changes.
func (g *guards) massChange(ctx context.Context, controls contract.Controls) (*contract.ApplyResult, error) {
	if !shrinks(g.in.Change) {
		return nil, nil // no stop
	}
	rule := g.policy.MassChange()
	for _, s := range controls.Shrinks { // admitted before: asking again would only lengthen a history
		if s.OktaUserID == g.person.OktaUserID && s.Ticket == g.in.Ticket && g.now.Sub(s.At) < rule.Window {
			return nil, nil // no stop
		}
	}
	people, err := g.okta.people(ctx)
	if err != nil {
		return nil, err
	}
	limit := massLimit(rule.People, rule.Percent, people)
	verdict, err := g.okta.Cluster.Admit(ctx, contract.AdmitRequest{
		OktaUserID: g.person.OktaUserID, Ticket: g.in.Ticket, Limit: limit, Window: rule.Window,
	})
	if err != nil {
		return g.hold(contract.GuardMassChange, time.Time{}, "the mass-change guard could not be asked, so nothing is taken away; it is asked again"), nil //nolint:nilerr // a guard that cannot be asked holds
	}
	if verdict.Admitted {
		return nil, nil // no stop
	}
	stop := g.hold(contract.GuardMassChange, verdict.RetryAt,
		"access of %d people would have shrunk within %s; the limit is %d; a person was asked to look", verdict.Count, casework.Span(rule.Window), verdict.Limit)
	if verdict.First {
		stop.Tripped = &verdict
	}
	return stop, nil
}

// shrinks says whether a change takes access away in a way that counts.
func shrinks(c casework.Change) bool {
	switch c.Verb {
	case casework.VerbSuspend, casework.VerbDeactivate, casework.VerbRevokeRole, casework.VerbRemoveMember,
		casework.VerbUnassignApp, casework.VerbClearAttributes:
		return true
	case casework.VerbUnsuspend, casework.VerbEndSessions, casework.VerbResetFactors, casework.VerbAddMember, casework.VerbAssignApp,
		casework.VerbCreateAccount, casework.VerbActivate, casework.VerbMailActivation, casework.VerbResetPassword, casework.VerbUnlock, casework.VerbReactivate, casework.VerbResetFactor:
		return false
	case casework.VerbUpdateProfile:
		return c.Shrinks
	}
	return true
}

// massLimit is the stricter of a number of people and a share of the population in percent; never below one, so that a
// small company can let somebody go.
func massLimit(people int, percent float64, population int) int {
	limit := people
	if percent > 0 {
		share := int(math.Floor(percent / 100 * float64(population)))
		if limit <= 0 || share < limit {
			limit = share
		}
	}
	return max(limit, 1)
}

// people is how many people the org has: the size of the group Everyone, read at most once an hour.
func (o *Okta) people(ctx context.Context) (int, error) {
	o.population.mu.Lock()
	defer o.population.mu.Unlock()
	now := o.now()
	if !o.population.read.IsZero() && now.Sub(o.population.read) < populationKeeps {
		return o.population.count, nil
	}
	groups, err := o.Client.FindGroupsByName(ctx, "Everyone")
	if err != nil {
		return 0, err
	}
	for _, g := range groups {
		if g.Type != okta.BuiltInGroup {
			continue
		}
		stats, err := o.Client.GroupStats(ctx, g.ID)
		if err != nil {
			return 0, err
		}
		o.population.count, o.population.read = stats.UsersCount, now
		return stats.UsersCount, nil
	}
	return 0, problemf(casework.NotFound, "Okta shows no built-in group Everyone, so the mass-change guard does not know how many people there are; give Latchkey's account the right to see it")
}
