package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
	"latchkey/review"
)

const (
	snapCalls   = 200  // of one activity: then it returns, so that the workflow can say how far it is
	snapMembers = 1000 // members of a page, the most (okta-api.md §4): a review reads every member anyway
	snapRestart = 2    // times that a list is read again from its beginning because Okta refused the place to go on from
)

// The lines of a snapshot, one JSON object each.
type (
	snapUser struct {
		Person    identity.Person `json:"person"` // without private contact data
		LastLogin time.Time       `json:"last_login,omitzero"`
		Begun     time.Time       `json:"begun,omitzero"` // when the account was activated, else made
	}
	snapGroup struct {
		ID     string         `json:"id"`
		Name   string         `json:"name"`
		Type   okta.GroupType `json:"type"`
		Source string         `json:"source,omitempty"` // of an imported one: the app
	}
	snapMember struct {
		User string `json:"u"`
	}
	snapApp struct {
		ID     string `json:"id"`
		Label  string `json:"label"`
		Status string `json:"status"`
		Push   bool   `json:"push,omitempty"` // it has the feature to push groups, and policy wants to know which
	}
	snapPush struct {
		Group string `json:"g"` // the group that is pushed
	}
	snapAppUser struct {
		User      string     `json:"u"`
		Scope     okta.Scope `json:"s"`
		Group     string     `json:"g,omitempty"`
		GroupName string     `json:"n,omitempty"`
		Status    string     `json:"st,omitempty"`
		Created   time.Time  `json:"c,omitzero"`
	}
)

// ReviewSnapshot reads who holds what, by the cheapest plan of calls: everybody by 200, groups by 200, the members of each
// group by 1000, apps by 200, the people of each app by 500; never a call for a person. Group rules, and the pushes of
// apps that push groups, are a few calls more. It returns after snapCalls calls or at the end (Done).
//
// Each page is written to the blob store before the place moves past it, so that an attempt that is killed reads at
// most one page again, and one that is out of budget ends and comes back without losing anything. Lists of Okta are not
// atomic: what changed meanwhile is said (Changed), and never fails the snapshot.
func (o *Okta) ReviewSnapshot(ctx context.Context, in contract.ReviewSnapshotInput) (contract.SnapshotRef, error) {
	doing := "reading who holds what, for the review " + in.Campaign
	if err := review.CheckCampaign(in.Campaign); err != nil {
		return contract.SnapshotRef{}, o.failed(ctx, "reading who holds what", problemf(casework.Invalid, "%v", err))
	}
	s := snapshot{okta: o, policy: o.Policy.Current(), place: snapPlace{Campaign: in.Campaign}}
	ref, err := s.read(ctx)
	return ref, o.failed(ctx, doing, err)
}

// snapshot is one attempt.
type snapshot struct {
	okta   *Okta
	policy *policy.Policy
	place  snapPlace
	calls  int // of this attempt
	groups []snapGroup
	apps   []snapApp
}

func (s *snapshot) read(ctx context.Context) (contract.SnapshotRef, error) {
	var done snapManifest
	if there, err := readBlob(ctx, s.okta.Blobs, manifestKey(s.place.Campaign), &done); err != nil || there {
		return done.ref(), err
	}
	there, err := readBlob(ctx, s.okta.Blobs, placeKey(s.place.Campaign), &s.place)
	if err != nil {
		return contract.SnapshotRef{}, err
	}
	if !there {
		s.place.Begun, s.place.Stage = s.okta.now(), stageUsers
	}
	for s.place.Stage != stageManifest {
		if s.calls >= snapCalls {
			ref := s.place.ref()
			ref.Left = s.left()
			return ref, nil
		}
		if err := s.step(ctx); err != nil {
			return s.place.ref(), err
		}
		if err := writeBlob(ctx, s.okta.Blobs, placeKey(s.place.Campaign), s.place); err != nil {
			return s.place.ref(), err
		}
		if err := beat(ctx, fmt.Sprintf("%s %d, %d calls, %d grants", s.place.Stage, s.place.At, s.place.Calls, s.place.Grants)); err != nil {
			return s.place.ref(), err
		}
	}
	return s.finish(ctx)
}

// step makes one call, or closes a list.
func (s *snapshot) step(ctx context.Context) error {
	switch s.place.Stage {
	case stageUsers:
		return s.users(ctx)
	case stageRules:
		return s.rules(ctx)
	case stageGroups:
		return s.listGroups(ctx)
	case stageMembers:
		return s.members(ctx)
	case stageApps:
		return s.listApps(ctx)
	case stagePushes:
		return s.pushes(ctx)
	case stageAppUsers:
		return s.appUsers(ctx)
	case stageManifest:
	}
	return problemf(casework.Invalid, "the snapshot of %s stands at a stage that this version does not know: %q", s.place.Campaign, s.place.Stage)
}

// page is one page of a list: its lines, and the next page.
type snapPage[T any] struct {
	items []T
	next  string
}

// turn reads one page of the list called name, and closes the list behind the last; then runs after it. A list that
// Okta refuses to show is missing, and said; one that is gone was deleted meanwhile, and said.
func turn[T any](ctx context.Context, s *snapshot, name, what string, ask func(okta.PageRequest) (snapPage[T], error), then func(items []T)) (closed bool, err error) {
	p := &s.place
	p.Section.Name = name
	page, err := ask(okta.PageRequest{After: p.Cursor})
	s.calls++
	p.Calls++
	if err != nil {
		return s.unread(ctx, what, err)
	}
	packed, digest, err := packLines(page.items)
	if err != nil {
		return false, err
	}
	if err := p.add(ctx, s.okta.Blobs, packed, digest, len(page.items)); err != nil {
		return false, err
	}
	then(page.items)
	if p.Cursor = page.next; page.next != "" {
		return false, nil
	}
	return true, p.close(ctx, s.okta.Blobs)
}

// unread decides what a failed page means.
func (s *snapshot) unread(ctx context.Context, what string, err error) (closed bool, _ error) {
	p := &s.place
	whole := p.Stage == stageMembers || p.Stage == stagePushes || p.Stage == stageAppUsers // a list of which there are others
	switch {
	case p.Cursor != "" && (errors.Is(err, okta.Invalid) || goneFromOkta(err)) && p.Restarts < snapRestart:
		// Okta does not keep the place in a list for ever: read the list again from its beginning.
		s.uncount()
		p.Restarts, p.Cursor, p.Section.Parts = p.Restarts+1, "", nil
		return false, nil
	case whole && goneFromOkta(err):
		p.Changed = append(p.Changed, what+" was deleted while the review was read")
	case whole && (errors.Is(err, okta.Denied) || errors.Is(err, okta.Invalid)):
		p.Partial = append(p.Partial, what+" could not be read: Okta refuses it to Latchkey's credential")
		p.Section.Missing = "refused"
	default:
		return false, err
	}
	s.uncount()
	p.Section.Parts = nil
	return true, p.close(ctx, s.okta.Blobs)
}

// uncount forgets what was counted of the list that is read.
func (s *snapshot) uncount() {
	p := &s.place
	n := p.Section.lines()
	switch p.Stage {
	case stageUsers:
		p.Users -= n
	case stageGroups:
		p.Groups -= n
	case stageApps:
		p.Apps -= n
	case stageMembers, stageAppUsers:
		p.Grants -= n
	case stageRules, stagePushes, stageManifest:
	}
}
