package reviews

import (
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"latchkey/identity"
	"latchkey/review"
)

// group is items that are shown together.
type group struct {
	Key     string
	Title   string
	By      review.Grouping
	Person  review.Person
	Object  identity.Entitlement
	Rows    []row
	All     int // items of the group in the packet, shown or not
	Done    int
	Plain   int // undecided and without marks: what may be certified together
	Todo    int
	Certify string // address of the page that certifies the plain ones together
	Revoke  string
}

// ObjectKind is what sort of thing the group is about, in an owner's review.
func (g group) ObjectKind() string { return kindWords(g.Object.Kind) }

// row is one item with what was answered and what was typed.
type row struct {
	review.Item
	Group    string // key of its group
	By       review.Grouping
	Answer   review.Answer // chosen in the form
	Reason   string
	Saved    bool // the answer counts
	SavedBy  string
	SavedAt  time.Time
	Own      bool   // about whoever sits here
	Problem  string // why what was typed was not saved
	NeedsWhy bool   // even to certify
	packet   *review.Packet
}

// groups puts rows under their headings, in the packet's order.
func (d *desk) groups(items []review.Item, typed map[string]typedAnswer, problems map[string]string) []group {
	type tally struct{ all, done, plain int }
	tallies := map[string]*tally{}
	for _, i := range d.Packet.Items {
		key := groupKey(d.Packet.Grouping, i)
		if tallies[key] == nil {
			tallies[key] = &tally{}
		}
		t := tallies[key]
		t.all++
		if _, ok := d.Answers.Decisions[i.ID]; ok {
			t.done++
		} else if review.BulkCertifiable(i) && i.Person.OktaUserID != d.Session.User {
			t.plain++
		}
	}
	var list []group
	for _, i := range items {
		key := groupKey(d.Packet.Grouping, i)
		if len(list) == 0 || list[len(list)-1].Key != key {
			t := tallies[key]
			g := group{
				Key: key, By: d.Packet.Grouping, Person: i.Person, Object: i.Object, Title: title(d.Packet.Grouping, i),
				All: t.all, Done: t.done, Plain: t.plain, Todo: t.all - t.done,
			}
			g.Certify = d.base("/bulk", map[string][]string{"group": {key}, "answer": {string(review.Certify)}})
			g.Revoke = d.base("/bulk", map[string][]string{"group": {key}, "answer": {string(review.Revoke)}})
			list = append(list, g)
		}
		g := &list[len(list)-1]
		g.Rows = append(g.Rows, d.row(i, typed, problems))
	}
	return list
}

// tallies says how far the groups of some items are, as their headings do.
func (d *desk) tallies(touched map[string]typedAnswer) map[string]string {
	words := map[string]string{}
	for _, i := range d.Packet.Items {
		if _, ok := touched[i.ID]; ok {
			words[groupKey(d.Packet.Grouping, i)] = ""
		}
	}
	for _, g := range d.groups(d.Packet.Items, nil, nil) {
		if _, ok := words[g.Key]; ok {
			words[g.Key] = g.Tally()
		}
	}
	return words
}

// Tally is how far the group is.
func (g group) Tally() string { return thousands(g.Done) + " of " + thousands(g.All) }

func (d *desk) row(i review.Item, typed map[string]typedAnswer, problems map[string]string) row {
	r := row{Item: i, Group: groupKey(d.Packet.Grouping, i), By: d.Packet.Grouping, Own: i.Person.OktaUserID == d.Session.User, NeedsWhy: d.Packet.NeedsReason(i, review.Certify), packet: &d.Packet, Problem: problems[i.ID]}
	if a, ok := d.Answers.Decisions[i.ID]; ok {
		r.Answer, r.Reason, r.Saved, r.SavedAt = a.Answer, a.Reason, true, a.At
		if by := d.Answers.By[i.ID]; by != d.State.Reviewer.ID {
			r.SavedBy = "a deputy"
		}
	}
	if t, ok := typed[i.ID]; ok {
		r.Answer, r.Reason = t.Answer, t.Reason
		r.Saved = r.Saved && r.Problem == ""
	}
	return r
}

func title(by review.Grouping, i review.Item) string {
	if by == review.ByObject {
		return i.Object.Name
	}
	return i.Person.Name
}

// Heading is what a row is about within its group.
func (r row) Heading() string {
	if r.By == review.ByObject {
		return r.Person.Name
	}
	if r.Object.Name == "" {
		return r.Object.ID
	}
	return r.Object.Name
}

// Kind is what sort of thing is held.
func (r row) Kind() string { return kindWords(r.Object.Kind) }

func kindWords(k identity.Kind) string {
	switch k {
	case identity.KindGroup:
		return "Group"
	case identity.KindApp:
		return "Application"
	case identity.KindRole:
		return "Administrator role"
	case identity.KindAccount:
		return "Account"
	case identity.KindFactor, identity.KindSession, identity.KindProfile:
	}
	return string(k)
}

// How says where the access comes from.
func (r row) How() string {
	names := make([]string, len(r.Via))
	for n, v := range r.Via {
		names[n] = cmp.Or(v.Name, v.ID)
	}
	via := strings.Join(names, ", ")
	with := func(with, without string) string {
		if via == "" {
			return without
		}
		return fmt.Sprintf(with, via)
	}
	switch r.Origin {
	case identity.OriginDirect:
		return "Given directly"
	case identity.OriginGroup:
		return with("Through the group %s", "Through a group")
	case identity.OriginBoth:
		return with("Given directly, and through the group %s", "Given directly, and through a group")
	case identity.OriginGroupRule:
		return with("By the group rule %s", "By a group rule")
	case identity.OriginGroupPush:
		return "Member of a group that is pushed to an application"
	case identity.OriginImported:
		return "Imported from a directory or an application"
	case identity.OriginBuiltIn:
		return "Built in"
	}
	return string(r.Origin)
}

// HasPeers says whether there is anybody to compare with.
func (r row) HasPeers() bool { return r.Peers >= 0 }

// PeersPercent is the share of peers who hold it too.
func (r row) PeersPercent() int { return int(math.Round(r.Peers * 100)) }

// MarkList is the marks in the order in which they are shown.
func (r row) MarkList() []markView {
	var list []markView
	for _, m := range review.Marks() {
		if r.Has(m) {
			list = append(list, markOf(*r.packet, m))
		}
	}
	return list
}

// markView is a mark in words.
type markView struct {
	Mark    review.Mark
	Label   string
	Means   string
	Serious bool
}

func markOf(p review.Packet, m review.Mark) markView {
	v := markView{Mark: m, Serious: p.Serious(m)}
	switch m {
	case review.MarkOrphan:
		v.Label, v.Means = "No employee", "No active employee fits this account."
	case review.MarkConflict:
		v.Label, v.Means = "Duty conflict", "Together with other access of this person it breaks a separation of duties."
	case review.MarkDormant:
		v.Label, v.Means = "Dormant account", "The person has not signed in for long."
	case review.MarkUnused:
		v.Label, v.Means = "Unused", "The application was not used for long."
	case review.MarkOutside:
		v.Label, v.Means = "Outside birthright", "The person's place in the company does not give it: somebody asked for it once."
	case review.MarkNew:
		v.Label, v.Means = "New", "It was not there at the last campaign."
	}
	return v
}

func allMarks(p review.Packet) []markView {
	var list []markView
	for _, m := range review.Marks() {
		list = append(list, markOf(p, m))
	}
	return list
}
