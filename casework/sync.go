package casework

import (
	"slices"
	"strings"
	"unicode"
)

// Side is one of the two systems that a sync keeps alike.
type Side string

// The sides.
const (
	SideOkta Side = "okta"
	SideDesk Side = "desk"
)

// Other is the side across.
func (s Side) Other() Side {
	if s == SideOkta {
		return SideDesk
	}
	return SideOkta
}

// Comparison says when two values of an attribute are the same. Blanks around and within a value never count.
type Comparison string

// The comparisons.
const (
	CompareExact Comparison = ""
	CompareFold  Comparison = "fold"  // names and addresses: whatever the case
	ComparePhone Comparison = "phone" // digits and a leading plus
)

// SyncAttribute is one attribute that both sides hold. It is written on the side that does not own it, and only there:
// no value can travel back, so no loop can begin.
type SyncAttribute struct {
	Name    string     `json:"name"`
	Owner   Side       `json:"owner"`
	Okta    string     `json:"okta"` // name in Okta's profile
	Desk    string     `json:"desk"` // name on the desk
	Compare Comparison `json:"compare,omitempty"`
	// Blank lets an owner's empty value empty the other side.
	Blank bool `json:"blank,omitempty"`
	// RoleChange says that a difference to be written to Okta is a change of role: somebody approves it first.
	RoleChange bool `json:"role_change,omitempty"`
}

// Target is the side that is written.
func (a SyncAttribute) Target() Side { return a.Owner.Other() }

// Field is the attribute's name on a side.
func (a SyncAttribute) Field(side Side) string {
	if side == SideOkta {
		return a.Okta
	}
	return a.Desk
}

// Private says whether the attribute is private contact data: reports do not show it.
func (a SyncAttribute) Private() bool {
	return slices.Contains([]string{"mobilePhone", "primaryPhone", "secondEmail", "streetAddress", "postalAddress", "zipCode"}, a.Okta) ||
		slices.Contains([]string{"work_phone_number", "mobile_phone_number", "address"}, a.Desk)
}

// Same compares two values as this attribute does.
func (a SyncAttribute) Same(one, other string) bool { return a.Normal(one) == a.Normal(other) }

// Normal is a value as it is compared.
func (a SyncAttribute) Normal(value string) string {
	value = strings.Join(strings.Fields(value), " ")
	switch a.Compare {
	case CompareFold:
		return strings.ToLower(value)
	case ComparePhone:
		return strings.Map(func(r rune) rune {
			if unicode.IsDigit(r) || r == '+' {
				return r
			}
			return -1
		}, value)
	case CompareExact:
	}
	return value
}

// SyncReading is one attribute as both sides hold it.
type SyncReading struct {
	Attribute SyncAttribute
	Wanted    string // the owner's value, transformed for the other side
	Unusable  string // why the owner's value could not be transformed; empty when it could
	Has       string // what the other side holds
}

// DriftKind says what becomes of a difference.
type DriftKind string

// The kinds of drift.
const (
	DriftWrite      DriftKind = "write"       // it is written on the side that does not own it
	DriftRoleChange DriftKind = "role_change" // it would change what somebody may do: a role change is asked for instead
	DriftBlank      DriftKind = "blank"       // the owner's value is empty, and policy keeps what the other side has
	DriftUnusable   DriftKind = "unusable"    // the owner's value does not go through the transform
	DriftMastered   DriftKind = "mastered"    // another system masters it in Okta: reported once, not tried again
	DriftStuck      DriftKind = "stuck"       // it was written before, and the other side keeps it in a form of its own
)

// Drift is one difference.
type Drift struct {
	Attribute SyncAttribute `json:"attribute"`
	Kind      DriftKind     `json:"kind"`
	Wanted    string        `json:"wanted,omitempty"`
	Has       string        `json:"has,omitempty"`
	Why       string        `json:"why,omitempty"`
	// Shrinks says that writing it takes access away: the mass-change guard counts the person.
	Shrinks bool `json:"shrinks,omitempty"`
}

// PlanSync lists what differs, in the order of the readings. Of a field that several attributes would write, or that one
// writes and another reads, only the first is planned: what is written is never the source of something else, so that
// a plan that was carried out leaves nothing to write.
func PlanSync(readings []SyncReading) []Drift {
	var drifts []Drift
	taken := map[string]bool{}
	for _, r := range readings {
		a := r.Attribute
		fields := []string{string(SideOkta) + " " + a.Okta, string(SideDesk) + " " + a.Desk}
		if slices.ContainsFunc(fields, func(f string) bool { return taken[f] }) {
			continue
		}
		for _, f := range fields {
			taken[f] = true
		}
		if d, differs := r.drift(); differs {
			drifts = append(drifts, d)
		}
	}
	return drifts
}

func (r SyncReading) drift() (Drift, bool) {
	a := r.Attribute
	d := Drift{Attribute: a, Kind: DriftWrite, Wanted: r.Wanted, Has: r.Has}
	switch {
	case r.Unusable != "":
		d.Kind, d.Why = DriftUnusable, r.Unusable
	case a.Same(r.Wanted, r.Has):
		return Drift{}, false
	case a.Normal(r.Wanted) == "" && !a.Blank:
		d.Kind, d.Why = DriftBlank, "the owner's value is empty, and policy keeps what the other side has"
	case a.Target() == SideOkta && a.RoleChange:
		d.Kind, d.Why = DriftRoleChange, "policy counts it as a change of role"
	}
	return d, true
}

// Writes are the drifts that are written on a side.
func Writes(drifts []Drift, side Side) []Drift {
	var list []Drift
	for _, d := range drifts {
		if d.Kind == DriftWrite && d.Attribute.Target() == side {
			list = append(list, d)
		}
	}
	return list
}

// Work says whether there is something to do about any of the drifts: to write it, or to ask for a role change.
func Work(drifts []Drift) bool {
	return slices.ContainsFunc(drifts, func(d Drift) bool { return d.Kind == DriftWrite || d.Kind == DriftRoleChange })
}
