package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/identity"
	"latchkey/policy"
	"latchkey/review"
)

// reviewerLoad is what one reviewer is asked so far.
type reviewerLoad struct {
	account *account
	items   int
	owned   int            // as the owner of a group or an application
	reasons map[string]int // items by how policy came to them
}

// judge walks everybody with what they hold: what is in scope becomes an item, with its marks and its reviewer.
func (a *assigning) judge(ctx context.Context) error {
	files := map[string]*lineWriter{a.spool: nil, review.HeldKey(a.in.Campaign): nil, review.OrphansKey(a.in.Campaign): nil, review.UnassignedKey(a.in.Campaign): nil}
	for key := range files {
		w, err := writeLines(ctx, a.okta.Blobs, key)
		if err != nil {
			return err
		}
		defer w.drop()
		files[key] = w
	}
	j := judging{
		assigning: a, spool: files[a.spool], held: files[review.HeldKey(a.in.Campaign)], orphans: files[review.OrphansKey(a.in.Campaign)],
		unassigned: files[review.UnassignedKey(a.in.Campaign)],
	}
	before, err := a.before(ctx)
	if err != nil {
		return err
	}
	defer before.stop()
	j.before = before
	for p, err := range a.everybody(ctx) {
		if err != nil {
			return err
		}
		if err := j.person(p); err != nil {
			return err
		}
	}
	for _, w := range files {
		if err := w.close(); err != nil {
			return err
		}
	}
	a.index.Marks = review.CountMarks(a.marks)
	return nil
}

// judging is the pass over everybody.
type judging struct {
	*assigning
	spool, held, orphans, unassigned *lineWriter
	before                           *heldBefore
}

func (j *judging) person(p personHolds) error {
	a := &j.people.accounts[j.people.byID[p.Person.OktaUserID]]
	who := personFacts(p.Person)
	shown := review.Person{
		OktaUserID: a.id, Name: a.name, Login: a.login, Title: a.title, Department: a.department, Status: a.status,
		LastLogin: p.LastLogin, Employee: j.people.employed(a),
	}
	if !shown.Employee {
		j.index.Orphans++
		if err := j.orphans.json(shown); err != nil {
			return err
		}
	}
	about := j.about(p, who)
	reviewee := j.policy.Reviewee(who)
	for i, h := range p.holds {
		grant := about.grants[i]
		if !reviewee.InScope(j.scope, grant) {
			j.index.OutOfScope++
			continue
		}
		item := review.Item{
			ID: review.ItemID(a.id, grant.Entitlement), Person: shown, Object: grant.Entitlement, Origin: grant.Origin, Via: grant.Via,
			Peers: j.share(p.Person, h.object), Since: h.line.Created,
		}
		if err := j.mark(&item, about, h); err != nil {
			return err
		}
		if err := j.assign(a, &item, reviewee.Route(grant)); err != nil {
			return err
		}
	}
	return nil
}

// holder is what holds for all grants of one person.
type holder struct {
	grants    []identity.Grant
	rights    map[string]casework.Right // by kind and ID, and by kind and name in lower case
	rightsOK  bool                      // birthright could be evaluated, and there is any
	conflicts map[string][]string       // by Entitlement.Key: the names of the pairs
	ruled     map[string]bool           // groups, read or not, that a group rule surely keeps the person in, by ID
	dormant   bool
}

func (j *judging) about(p personHolds, who policy.PersonFacts) holder {
	b := holder{rights: map[string]casework.Right{}, conflicts: map[string][]string{}, ruled: map[string]bool{}, grants: make([]identity.Grant, 0, len(p.holds))}
	var groups []string
	for _, h := range p.holds {
		if o := j.objects[h.object]; o.Kind == identity.KindGroup {
			groups = append(groups, o.ID)
		}
	}
	for _, h := range p.holds {
		b.grants = append(b.grants, j.grant(p, h, groups))
	}
	rights, err := j.policy.Birthright(who)
	b.rightsOK = err == nil && j.policy.GivesBirthright()
	for _, r := range rights {
		if r.Entitlement.ID != "" {
			b.rights[r.Entitlement.Key()] = r
		} else {
			b.rights[nameKey(r.Entitlement)] = r
		}
	}
	for _, c := range j.policy.DutyConflicts(held(b.grants)) {
		for _, half := range []identity.Entitlement{c.One, c.Other} {
			b.conflicts[half.Key()] = append(b.conflicts[half.Key()], c.Name)
		}
	}
	for _, rule := range j.rules {
		if rule.Status == okta.RuleActive && ruleHolds(rule.Expression, p.Person) == ruleYes && !slices.Contains(rule.ExcludedUserIDs, p.Person.OktaUserID) {
			for _, group := range rule.GroupIDs {
				b.ruled[group] = true
			}
		}
	}
	b.dormant = j.dormant(p.snapUser)
	return b
}

// given says whether the person's attributes give an item: by policy's birthright, which may give the group that grants
// an application, or by one of Okta's group rules, which is no birthright of policy and explains it as well.
func (b holder) given(item review.Item) (birthright bool, why string) {
	if right, ok := b.right(item.Object); ok {
		return true, "birthright rule " + right.Rule
	}
	switch item.Origin {
	case identity.OriginGroupRule:
		return false, "kept by Okta's group rules"
	case identity.OriginGroup, identity.OriginBoth:
		for _, via := range item.Via {
			group := identity.Entitlement{Kind: identity.KindGroup, ID: via.ID, Name: via.Name}
			if right, ok := b.right(group); ok {
				return true, "birthright rule " + right.Rule + " by group " + group.Name
			}
			if b.ruled[via.ID] {
				return false, "granted by group " + group.Name + ", which Okta's group rules keep"
			}
		}
	case identity.OriginDirect, identity.OriginGroupPush, identity.OriginImported, identity.OriginBuiltIn:
	}
	return false, ""
}

func (b holder) right(e identity.Entitlement) (casework.Right, bool) {
	if r, ok := b.rights[e.Key()]; ok {
		return r, true
	}
	r, ok := b.rights[nameKey(e)]
	return r, ok
}

func nameKey(e identity.Entitlement) string {
	return string(e.Kind) + keyCut + strings.ToLower(strings.TrimSpace(e.Name))
}

// dormant says whether somebody has not signed in for long. Who never signed in is dormant once the account is as old.
func (j *judging) dormant(u snapUser) bool {
	days := j.settings.DormantDays
	last := u.LastLogin
	if last.IsZero() {
		last = u.Begun
	}
	return days > 0 && !last.IsZero() && last.Before(j.manifest.Begun.Add(-time.Duration(days)*24*time.Hour))
}

// mark says why an item deserves a second look.
func (j *judging) mark(item *review.Item, b holder, h holding) error {
	wear := map[review.Mark]bool{review.MarkOrphan: !item.Person.Employee, review.MarkDormant: b.dormant}
	item.Birthright, item.Why = b.given(*item)
	wear[review.MarkOutside] = b.rightsOK && !item.Birthright && item.Why == ""
	if pairs := b.conflicts[item.Object.Key()]; len(pairs) > 0 {
		wear[review.MarkConflict] = true
		item.Why = strings.TrimPrefix(item.Why+"; duties in conflict: "+strings.Join(pairs, ", "), "; ")
	}
	key := h.key[:strings.LastIndex(h.key, keyCut)]
	known, err := j.before.has(key)
	if err != nil {
		return err
	}
	wear[review.MarkNew] = j.before.there && !known
	for _, m := range review.Marks() {
		if wear[m] {
			item.Marks = append(item.Marks, m)
			j.marks[m]++
		}
	}
	return j.held.line([]byte(key))
}

// assign finds the reviewer of an item and keeps it for their packet.
func (j *judging) assign(of *account, item *review.Item, route policy.ReviewRoute) error {
	f, ok := j.people.reviewerOf(of, route)
	if route.Why != "" {
		item.Why = strings.TrimPrefix(item.Why+"; "+route.Why, "; ")
	}
	if !ok {
		j.index.Unassigned++
		item.Why = strings.TrimPrefix(item.Why+"; nobody may review it: "+f.fallback, "; ")
		return j.unassigned.json(item)
	}
	load := j.assigned[f.account.id]
	if load == nil {
		load = &reviewerLoad{account: f.account, reasons: map[string]int{}}
		j.assigned[f.account.id] = load
	}
	load.items++
	reason := "as " + whoWord(f.as)
	if f.as == policy.ApproverOwner {
		load.owned++
	}
	if f.fallback != "" {
		reason += ", because " + f.fallback
	}
	load.reasons[reason]++
	item.Reviewer = f.account.id
	j.index.Items++
	raw, err := json.Marshal(item)
	if err != nil {
		return fmt.Errorf("write an item: %w", err)
	}
	key := sortKey(item.Reviewer, itemKey(item.Person.Name, item.Person.OktaUserID), itemKey(item.Object.Name, item.Object.Key()), item.ID)
	return j.spool.line(append([]byte(key+valueCut), raw...))
}

// itemKey orders by name, then ID.
func itemKey(name, id string) string { return strings.ToLower(name) + "\t" + id }

func personFacts(p identity.Person) policy.PersonFacts {
	return policy.PersonFacts{Person: p, Active: p.Status.CanSignIn()}
}
