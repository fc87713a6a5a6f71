package activities

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"gocloud.dev/gcerrors"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
	"latchkey/review"
)

// ReviewAssign joins the snapshot with the employees, marks what deserves a second look, finds who reviews each item and
// writes one packet for each reviewer. It calls no vendor. What it works on is sorted in the blob store, so that its
// memory grows with the people and not with what they hold. The index is written last: with it the work is done, and a
// second call answers from it.
func (o *Okta) ReviewAssign(ctx context.Context, in contract.ReviewAssignInput) (contract.ReviewAssignResult, error) {
	if err := review.CheckCampaign(in.Campaign); err != nil {
		return contract.ReviewAssignResult{}, o.failed(ctx, "assigning a review", problemf(casework.Invalid, "%v", err))
	}
	result, err := o.reviewAssign(ctx, in)
	return result, o.failed(ctx, "assigning the items of the review "+in.Campaign, err)
}

func (o *Okta) reviewAssign(ctx context.Context, in contract.ReviewAssignInput) (contract.ReviewAssignResult, error) {
	var index review.Index
	if there, err := readBlob(ctx, o.Blobs, review.IndexKey(in.Campaign), &index); err != nil || there {
		return assigned(index), err
	}
	a, err := o.assigning(ctx, in)
	if err != nil {
		return contract.ReviewAssignResult{}, err
	}
	for _, stage := range []func(context.Context) error{a.readPeople, a.readGrants, a.countPeers, a.judge, a.writePackets} {
		if err := stage(ctx); err != nil {
			return contract.ReviewAssignResult{}, err
		}
	}
	if err := writeBlob(ctx, o.Blobs, review.IndexKey(in.Campaign), a.index); err != nil {
		return contract.ReviewAssignResult{}, err
	}
	for _, s := range a.sorters() {
		if err := s.remove(ctx); err != nil {
			return contract.ReviewAssignResult{}, err
		}
	}
	if err := o.Blobs.Delete(ctx, a.spool); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return contract.ReviewAssignResult{}, fmt.Errorf("remove %s: %w", a.spool, err)
	}
	return assigned(a.index), nil
}

func assigned(i review.Index) contract.ReviewAssignResult {
	digest, err := contentDigest(i)
	if err != nil { // an index is plain texts and numbers
		digest = ""
	}
	return contract.ReviewAssignResult{
		Index: review.IndexKey(i.Campaign), Digest: digest, Reviewers: len(i.Packets), Items: i.Items, OutOfScope: i.OutOfScope,
		Unassigned: i.Unassigned, Orphans: i.Orphans, Marks: i.Marks,
	}
}

// object is one group or application under review.
type object struct {
	identity.Entitlement
	group  okta.Group // of a group, as far as where a membership comes from is worked out by it
	status string     // of an application
}

// assigning is one attempt at assigning.
type assigning struct {
	okta     *Okta
	in       contract.ReviewAssignInput
	policy   *policy.Policy
	settings policy.ReviewPolicy
	scope    policy.ReviewScope
	manifest snapManifest
	staff    employeesManifest
	people   *people
	objects  []object
	rules    []okta.GroupRule
	pushed   map[string][]identity.Ref // applications that a group is pushed to, by group ID

	users, grants, items *sorter
	spool                string // items as they were judged, before they are sorted
	holders              map[peerKey]int32
	index                review.Index
	assigned             map[string]*reviewerLoad
	marks                map[review.Mark]int
}

// peerKey is one object in the hands of one group of peers.
type peerKey struct {
	peers, object int32
}

func (o *Okta) assigning(ctx context.Context, in contract.ReviewAssignInput) (*assigning, error) {
	p := o.Policy.Current()
	a := &assigning{
		okta: o, in: in, policy: p, settings: p.Review(), people: newPeople(p), holders: map[peerKey]int32{},
		assigned: map[string]*reviewerLoad{}, marks: map[review.Mark]int{}, pushed: map[string][]identity.Ref{},
	}
	work := review.Folder(in.Campaign) + "work/"
	a.users, a.grants, a.items = &sorter{bucket: o.Blobs, folder: work + "users/"}, &sorter{bucket: o.Blobs, folder: work + "grants/"}, &sorter{bucket: o.Blobs, folder: work + "items/"}
	a.spool = work + "judged.gz"
	var err error
	if a.scope, err = p.ReviewScope(in.Scope); err != nil {
		return nil, problemf(casework.Invalid, "the scope of the review is no expression over person and grant: %v", err)
	}
	for key, into := range map[string]any{manifestKey(in.Campaign): &a.manifest, employeesKey(in.Campaign): &a.staff} {
		switch there, err := readBlob(ctx, o.Blobs, key, into); {
		case err != nil:
			return nil, err
		case !there:
			return nil, problemf(casework.Invalid, "%s is not in the blob store: Okta and the employees are read before items are assigned", key)
		}
	}
	c := a.manifest.Content
	a.index = review.Index{
		Campaign: in.Campaign, Title: in.Title, Policy: p.Digest(), Previous: in.Previous, AssignedAt: o.now(), ReadBegun: a.manifest.Begun,
		ReadEnded: a.manifest.Ended, Due: in.Due, Scope: in.Scope, Partial: slices.Concat(c.Partial, a.staff.Content.Partial), Changed: slices.Clone(c.Changed),
	}
	return a, a.readObjects(ctx)
}

func (a *assigning) sorters() []*sorter { return []*sorter{a.users, a.grants, a.items} }

// readObjects reads the groups and applications, the rules and the pushes.
func (a *assigning) readObjects(ctx context.Context) error {
	c := a.manifest.Content
	groups, err := partsOf[snapGroup](ctx, a.okta, c, "groups")
	if err != nil {
		return err
	}
	apps, err := partsOf[snapApp](ctx, a.okta, c, "apps")
	if err != nil {
		return err
	}
	if a.rules, err = partsOf[okta.GroupRule](ctx, a.okta, c, "rules"); err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, g := range groups {
		if !seen[g.ID] && a.policy.ReviewsGroup(g.Name) {
			a.objects = append(a.objects, object{
				Entitlement: identity.Entitlement{Kind: identity.KindGroup, ID: g.ID, Name: g.Name},
				group:       okta.Group{ID: g.ID, Name: g.Name, Type: g.Type, SourceAppID: g.Source},
			})
		}
		seen[g.ID] = true
	}
	for _, app := range apps {
		if seen[app.ID] {
			continue
		}
		seen[app.ID] = true
		if a.policy.ReviewsApp(app.Label) {
			a.objects = append(a.objects, object{Entitlement: identity.Entitlement{Kind: identity.KindApp, ID: app.ID, Name: app.Label}, status: app.Status})
		}
		if !app.Push {
			continue
		}
		pushes, err := partsOf[snapPush](ctx, a.okta, c, "pushes/"+app.ID)
		if err != nil {
			return err
		}
		for _, push := range pushes {
			a.pushed[push.Group] = append(a.pushed[push.Group], identity.Ref{ID: app.ID, Name: app.Label})
		}
	}
	return nil
}

// partsOf reads a short list of the snapshot; nothing where it was not read.
func partsOf[T any](ctx context.Context, o *Okta, c snapContent, name string) ([]T, error) {
	section, ok := c.find(name)
	if !ok {
		return nil, nil
	}
	return loadParts[T](ctx, o.Blobs, section)
}

// readPeople takes in who is employed and who has an account.
func (a *assigning) readPeople(ctx context.Context) error {
	if err := a.people.readEmployees(ctx, a.okta.Blobs, a.staff); err != nil {
		return err
	}
	section, ok := a.manifest.Content.find("users")
	if !ok {
		return problemf(casework.Invalid, "the snapshot of %s holds no people", a.in.Campaign)
	}
	err := a.people.readAccounts(ctx, a.okta.Blobs, section, func(id string, line []byte) error { return a.users.add(ctx, sortKey(id), line) })
	a.index.People = len(a.people.accounts)
	return err
}

// readGrants brings who holds what into the order of people. Grants of somebody who is not in the list of people are
// those of an account that was made or deactivated meanwhile: said, and left to the next campaign.
func (a *assigning) readGrants(ctx context.Context) error {
	strangers := 0
	for i, object := range a.objects {
		name := "members/" + object.ID
		if object.Kind == identity.KindApp {
			name = "app_users/" + object.ID
		}
		section, ok := a.manifest.Content.find(name)
		if !ok {
			a.index.Partial = append(a.index.Partial, object.Label()+" was not read: it became part of the review while it was read")
			continue
		}
		for _, part := range section.Parts {
			for line, err := range readLines(ctx, a.okta.Blobs, part.Key) {
				if err != nil {
					return err
				}
				user := userOf(line)
				if _, known := a.people.byID[user]; !known {
					strangers++
					continue
				}
				if err := a.grants.add(ctx, sortKey(user, string(object.Kind), object.ID, fmt.Sprintf("%d", i)), line); err != nil {
					return err
				}
			}
		}
		if err := beat(ctx, object.ID); err != nil {
			return err
		}
	}
	if strangers > 0 {
		a.index.Changed = append(a.index.Changed, fmt.Sprintf("%d grants belong to accounts that were made or deactivated while the review was read", strangers))
	}
	return nil
}

// userOf is the user of a line of members or of an application's people: its first key (see snapMember, snapAppUser).
func userOf(line []byte) string {
	_, rest, _ := bytes.Cut(line, []byte(`"u":"`))
	id, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(id)
}
