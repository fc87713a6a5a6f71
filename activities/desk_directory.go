package activities

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
)

// directoryKeeps is how long the desk's lists of departments, groups and the like are believed. People themselves are
// read each time: whether somebody is active decides who may approve.
const directoryKeeps = 5 * time.Minute

// directory remembers the lists that nearly every activity needs and that seldom change, so that a ticket does not cost
// a dozen calls. The zero value is ready; it is safe for concurrent use.
type directory struct {
	own         kept[freshservice.Person]
	groups      kept[[]freshservice.Group]
	roles       kept[map[int64]string]
	departments kept[[]freshservice.Department]
	locations   kept[map[int64]string]
	statuses    kept[map[int]string]
	items       kept[map[int64]string]
	circles     kept[map[int64][]string] // requester groups, by member
	askers      shelf[int64, asker]      // who asked, for a minute
	recent      recentWrites
}

// kept is one remembered list.
type kept[T any] struct {
	mu    sync.Mutex
	value T
	until time.Time
}

// get gives the remembered value, or reads it. Whoever comes while it is read waits for the same answer.
func (k *kept[T]) get(now time.Time, read func() (T, error)) (T, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if now.Before(k.until) {
		return k.value, nil
	}
	value, err := read()
	if err != nil {
		var zero T
		return zero, err
	}
	k.value, k.until = value, now.Add(directoryKeeps)
	return value, nil
}

// forget makes the next get read again.
func (k *kept[T]) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.until = time.Time{}
}

// self is the agent who owns our key; the zero Person when this account does not tell, for the call is not documented
// (reference/freshservice-api.md §1).
func (d *Desk) self(ctx context.Context) (freshservice.Person, error) {
	return d.known.own.get(d.now(), func() (freshservice.Person, error) {
		me, err := d.Client.Me(ctx)
		if errors.Is(err, freshservice.NotFound) || errors.Is(err, freshservice.Denied) || errors.Is(err, freshservice.Invalid) {
			return freshservice.Person{}, nil
		}
		return me, err
	})
}

// agentGroup finds an agent group by name, whatever its case. A name that policy got wrong is Invalid; setting says
// where policy names it.
func (d *Desk) agentGroup(ctx context.Context, name, setting string) (freshservice.Group, error) {
	for try := range 2 {
		groups, err := d.known.groups.get(d.now(), func() ([]freshservice.Group, error) { return d.Client.ListGroups(ctx) })
		if err != nil {
			return freshservice.Group{}, err
		}
		i := slices.IndexFunc(groups, func(g freshservice.Group) bool {
			return strings.EqualFold(strings.TrimSpace(g.Name), strings.TrimSpace(name))
		})
		if i >= 0 {
			return groups[i], nil
		}
		if try == 0 {
			d.known.groups.forget() // it may have been made a minute ago
		}
	}
	return freshservice.Group{}, problemf(casework.Invalid,
		"Freshservice has no agent group %q, which policy names (%s): correct the name or make the group", name, setting)
}

// groupName is the name of an agent group; empty for none and for one that is not there any more.
func (d *Desk) groupNameOf(ctx context.Context, id int64) (string, error) {
	if id == 0 {
		return "", nil
	}
	groups, err := d.known.groups.get(d.now(), func() ([]freshservice.Group, error) { return d.Client.ListGroups(ctx) })
	if err != nil {
		return "", err
	}
	for _, g := range groups {
		if g.ID == id {
			return g.Name, nil
		}
	}
	return "", nil
}

func (d *Desk) roleNames(ctx context.Context) (map[int64]string, error) {
	return d.known.roles.get(d.now(), func() (map[int64]string, error) {
		roles, err := d.Client.ListRoles(ctx)
		return byID(roles, func(r freshservice.Role) (int64, string) { return r.ID, r.Name }), err
	})
}

func (d *Desk) departmentList(ctx context.Context) ([]freshservice.Department, error) {
	return d.known.departments.get(d.now(), func() ([]freshservice.Department, error) { return d.Client.ListDepartments(ctx) })
}

func (d *Desk) locationNames(ctx context.Context) (map[int64]string, error) {
	return d.known.locations.get(d.now(), func() (map[int64]string, error) {
		locations, err := d.Client.ListLocations(ctx)
		return byID(locations, func(l freshservice.Location) (int64, string) { return l.ID, l.Name }), err
	})
}

// itemNames are the names of the service catalogue by display ID.
func (d *Desk) itemNames(ctx context.Context) (map[int64]string, error) {
	return d.known.items.get(d.now(), func() (map[int64]string, error) {
		items, err := d.Client.ListItems(ctx, 0)
		return byID(items, func(i freshservice.ServiceItem) (int64, string) { return i.DisplayID, i.Name }), err
	})
}

// statusName is the account's own label of a ticket status.
func (d *Desk) statusName(ctx context.Context, status int) (string, error) {
	names, err := d.known.statuses.get(d.now(), func() (map[int]string, error) {
		fields, err := d.Client.TicketFields(ctx)
		if errors.Is(err, freshservice.Denied) { // reading the form takes a privilege that running cases does not need
			return map[int]string{}, nil
		}
		return freshservice.StatusNames(fields), err
	})
	if err != nil {
		return "", err
	}
	if name := names[status]; name != "" {
		return name, nil
	}
	return map[int]string{ // the ones every account has (reference/freshservice-api.md §4.1)
		freshservice.StatusOpen: "Open", freshservice.StatusPending: "Pending",
		freshservice.StatusResolved: "Resolved", freshservice.StatusClosed: "Closed",
	}[status], nil
}

// requesterGroups are the names of the requester groups somebody is in. The vendor lists members by group only, so all
// groups are read together. An account without the feature, or a key without the privilege, has none.
func (d *Desk) requesterGroups(ctx context.Context, person int64) ([]string, error) {
	byMember, err := d.known.circles.get(d.now(), func() (map[int64][]string, error) {
		groups, err := d.Client.ListRequesterGroups(ctx)
		if errors.Is(err, freshservice.Denied) || isMissing(err) {
			return map[int64][]string{}, nil
		}
		if err != nil {
			return nil, err
		}
		all := map[int64][]string{}
		for _, g := range groups {
			members, err := d.Client.RequesterGroupMembers(ctx, g.ID)
			if err != nil && !isMissing(err) {
				return nil, err
			}
			for _, m := range members {
				all[m.ID] = append(all[m.ID], g.Name)
			}
		}
		return all, nil
	})
	return byMember[person], err
}

func byID[T any](list []T, pair func(T) (int64, string)) map[int64]string {
	m := make(map[int64]string, len(list))
	for _, one := range list {
		id, name := pair(one)
		m[id] = name
	}
	return m
}
