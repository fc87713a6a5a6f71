package activities

import (
	"context"
	"encoding/json"
	"iter"
	"strconv"

	"latchkey/clients/okta"
	"latchkey/identity"
)

// holding is one grant of one person, as the join meets it.
type holding struct {
	object int
	line   snapAppUser // of an application; of a group only the user
	key    string      // in the order of a campaign's list of what is held
}

// everybody walks the people in the order of their IDs, each with what they hold: two sorted streams side by side.
func (a *assigning) everybody(ctx context.Context) iter.Seq2[personHolds, error] {
	return func(yield func(personHolds, error) bool) {
		next, stop := iter.Pull2(a.grants.sorted(ctx))
		defer stop()
		grant, err, more := next()
		seen := 0
		for user, failed := range a.users.sorted(ctx) {
			if failed == nil && more {
				failed = err
			}
			if failed == nil && seen%500 == 0 {
				failed = beat(ctx, seen)
			}
			if failed != nil {
				yield(personHolds{}, failed)
				return
			}
			seen++
			p := personHolds{}
			if err := json.Unmarshal(user.value, &p.snapUser); err != nil {
				yield(p, err)
				return
			}
			for id := user.part(0); more && err == nil && grant.part(0) == id; grant, err, more = next() {
				h := holding{key: string(grant.key)}
				h.object, _ = strconv.Atoi(grant.part(3))
				if n := len(p.holds); n > 0 && p.holds[n-1].object == h.object {
					continue // Okta listed it twice, because the list moved while it was read
				}
				if err := json.Unmarshal(grant.value, &h.line); err != nil {
					yield(p, err)
					return
				}
				p.holds = append(p.holds, h)
			}
			if err != nil {
				yield(p, err)
				return
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// personHolds is one person with everything read of what they hold.
type personHolds struct {
	snapUser
	holds []holding
}

// countPeers counts how many of each group of peers hold each object.
func (a *assigning) countPeers(ctx context.Context) error {
	for p, err := range a.everybody(ctx) {
		if err != nil {
			return err
		}
		peers := a.people.peersOf(p.Person)
		if peers == nil {
			continue
		}
		for _, h := range p.holds {
			a.holders[peerKey{peers: peers.index, object: int32(h.object)}]++ //nolint:gosec // objects are few
		}
	}
	return nil
}

// share is the share of somebody's peers who hold an object too; -1: there are none.
func (a *assigning) share(p identity.Person, object int) float64 {
	peers := a.people.peersOf(p)
	if peers == nil {
		return -1
	}
	holders := int(a.holders[peerKey{peers: peers.index, object: int32(object)}]) - 1 //nolint:gosec // objects are few
	return float64(holders) / float64(peers.size-1)
}

// grant says what somebody holds, and where it comes from.
func (a *assigning) grant(p personHolds, h holding, groups []string) identity.Grant {
	object := a.objects[h.object]
	if object.Kind == identity.KindGroup {
		return membership(object.group, p.Person, groups, a.rules, a.pushed)
	}
	u := h.line
	return assignment(okta.AppAssignment{
		AppID: object.ID, Label: object.Name, AppStatus: object.status, Scope: u.Scope, GroupID: u.Group, GroupName: u.GroupName, Status: u.Status,
	})
}
