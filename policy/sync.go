package policy

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"golang.org/x/text/unicode/norm"

	"latchkey/casework"
	"latchkey/identity"
)

// SyncMatch is a way to recognise somebody on the other side.
type SyncMatch string

// The ways, in the order in which they are tried.
const (
	SyncByEmail          SyncMatch = "email"
	SyncByEmployeeNumber SyncMatch = "employee_number"
)

// SyncMissing says what becomes of somebody who is on one side only.
type SyncMissing string

// What becomes of them.
const (
	MissingReport SyncMissing = "report"
	MissingCreate SyncMissing = "create" // on the desk only: an account in Okta is a joiner's matter
	MissingIgnore SyncMissing = "ignore"
)

// SyncAccess says what becomes of a difference that would change what somebody may do, once it is written to Okta.
type SyncAccess string

// What becomes of it.
const (
	AccessRoleChange SyncAccess = "role_change" // a role change is asked for
	AccessWrite      SyncAccess = "write"       // it is written, and the mass-change guard counts whoever loses something
)

// SyncPolicy is sync.yaml, defaults filled in.
type SyncPolicy struct {
	Mode  casework.Mode
	Every time.Duration // between two walks over everybody
	// KeepReports is how long the reports of walks are kept.
	KeepReports time.Duration
	Match       []SyncMatch
	Attributes  []casework.SyncAttribute
	InOkta      SyncMissing // who is on the desk and not in Okta
	OnDesk      SyncMissing // who is in Okta and not on the desk
	Access      SyncAccess
	Ask         string // the agent group that is asked for role changes; empty is nobody's
	Request     SyncRequest
}

// SyncRequest is how a role change is asked for on the catalogue's own form, so that it goes the way of every other. The
// zero value asks the group instead.
type SyncRequest struct {
	Item string // name of the catalogue's item
	By   string // address of who asks
	// Fields are the form's fields by name: the name of an attribute whose value on the desk is the answer, or one of
	// SyncPerson and SyncToday.
	Fields map[string]string
}

// Answers of a form that are no attribute.
const (
	SyncPerson = "person" // the address of whom it is about
	SyncToday  = "today"  // the day it is asked
)

// Takes says whether the form has a field for an attribute.
func (r SyncRequest) Takes(attribute string) bool {
	return r.Item != "" && slices.Contains(slices.Collect(maps.Values(r.Fields)), attribute)
}

// syncMap is sync.yaml with its expressions.
type syncMap struct {
	SyncPolicy
	people     *expr
	transforms map[string]*expr // by name of the attribute
}

// Sync is sync.yaml, defaults filled in.
func (p *Policy) Sync() SyncPolicy {
	s := p.sync.SyncPolicy
	s.Match, s.Attributes = slices.Clone(s.Match), slices.Clone(s.Attributes)
	return s
}

// setSyncMode makes the mode of sync.yaml the mode of the use case: guards and operators ask for it as for any other.
func (p *Policy) setSyncMode() {
	if p.intake.modes == nil { // intake.yaml was not read
		p.intake.modes = map[casework.UseCase]casework.Mode{}
	}
	p.intake.modes[casework.ProfileSync] = p.sync.Mode
}

// Syncs says whether somebody in Okta takes part: by policy, and only with an account that can be used. A condition that
// cannot be evaluated leaves the person out.
func (p *Policy) Syncs(person identity.Person) bool {
	if !person.Status.CanSignIn() {
		return false
	}
	holds, err := p.sync.people.holds(map[string]any{"person": personOf(PersonFacts{Person: person, Active: true})})
	return err == nil && holds
}

// SyncReadings puts both sides of one person next to each other: Okta's profile, and the desk's values by the desk's
// names. Transforms see the one value they are about and nothing else.
func (p *Policy) SyncReadings(okta map[string]any, desk map[string]string) []casework.SyncReading {
	held := map[casework.Side]func(string) string{
		casework.SideOkta: func(name string) string { return syncText(okta[name]) },
		casework.SideDesk: func(name string) string { return syncText(desk[name]) },
	}
	var list []casework.SyncReading
	for _, a := range p.sync.Attributes {
		r := casework.SyncReading{Attribute: a, Has: held[a.Target()](a.Field(a.Target()))}
		r.Wanted, r.Unusable = p.transformed(a, held[a.Owner](a.Field(a.Owner)))
		list = append(list, r)
	}
	return list
}

func (p *Policy) transformed(a casework.SyncAttribute, value string) (wanted, unusable string) {
	if e := p.sync.transforms[a.Name]; e != nil && value != "" {
		made, err := e.text(map[string]any{"value": value})
		if err != nil {
			return "", "the transform of " + a.Name + " does not take this value"
		}
		value = syncText(made)
	}
	if strings.ContainsFunc(value, hidden) {
		return "", "holds control characters"
	}
	if a.Target() == casework.SideOkta {
		clean, why := (&attribute{okta: a.Okta}).clean(value)
		if why != "" {
			return "", why
		}
		return syncText(clean), ""
	}
	return value, ""
}

// syncText is a value as text, trimmed and normalised.
func syncText(v any) string {
	if v == nil {
		return ""
	}
	return norm.NFC.String(strings.TrimSpace(plainText(types.DefaultTypeAdapter.NativeToValue(v))))
}

// SyncDeskFields lists the names that a mapping may use on the desk, beside custom.NAME, with how their values compare.
func SyncDeskFields() map[string]casework.Comparison {
	return map[string]casework.Comparison{
		"first_name": casework.CompareExact, "last_name": casework.CompareExact, "job_title": casework.CompareExact,
		"department": casework.CompareFold, "location": casework.CompareFold, "reporting_manager": casework.CompareFold,
		"work_phone_number": casework.ComparePhone, "mobile_phone_number": casework.ComparePhone,
		"time_zone": casework.CompareExact, "language": casework.CompareFold, "address": casework.CompareExact,
	}
}

// SyncCustom begins the name of a custom field of the desk.
const SyncCustom = "custom."
