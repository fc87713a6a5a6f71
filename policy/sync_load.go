package policy

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
)

// shortestSync is the least time between two walks over everybody: each reads both sides whole.
const shortestSync = 5 * time.Minute

// shortestKeep is the least time for which reports are kept.
const shortestKeep = 24 * time.Hour

func loadSync(v value, c *compiler) syncMap {
	s := syncMap{transforms: map[string]*expr{}, SyncPolicy: SyncPolicy{
		Mode: casework.ModeObserve, Every: 24 * time.Hour, Match: []SyncMatch{SyncByEmail},
		InOkta: MissingReport, OnDesk: MissingReport, Access: AccessRoleChange, KeepReports: 90 * 24 * time.Hour,
	}}
	var roles []value
	var request *value
	v.object("sync.yaml", keys{
		"mode": func(v value) {
			s.Mode = casework.Mode(v.oneOf(string(casework.ModeOff), string(casework.ModeObserve), string(casework.ModeAct)))
		},
		"every": func(v value) {
			if s.Every = v.positive(); s.Every > 0 && s.Every < shortestSync {
				v.problem("everybody is read on both sides, so it has to be 5m or more, found %s", v.kind())
			}
		},
		"keep_reports": func(v value) {
			if s.KeepReports = v.positive(); s.KeepReports > 0 && s.KeepReports < shortestKeep {
				v.problem("a report is for people to read, so it has to be kept for 1d or longer, found %s", v.kind())
			}
		},
		"people": func(v value) { s.people = c.compile(v, scopePerson, wantBool) },
		"match":  func(v value) { s.Match = loadSyncMatch(v) },
		"attributes": func(v value) {
			for _, one := range v.items("attributes") {
				s.attribute(one, c)
			}
		},
		"missing": func(v value) {
			report, ignore := string(MissingReport), string(MissingIgnore)
			v.object("missing", keys{
				"in_okta": func(v value) { s.InOkta = SyncMissing(v.oneOf(report, ignore)) },
				"on_desk": func(v value) { s.OnDesk = SyncMissing(v.oneOf(report, string(MissingCreate), ignore)) },
			})
		},
		"role_change": func(v value) {
			v.object("role_change", keys{
				"attributes": func(v value) { roles = v.items("attributes") },
				"access": func(v value) {
					s.Access = SyncAccess(v.oneOf(string(AccessRoleChange), string(AccessWrite)))
				},
				"ask":     func(v value) { s.Ask = v.text() },
				"request": func(v value) { request, s.Request = &v, loadSyncRequest(v) },
			})
		},
	})
	s.roles(roles)
	if request != nil {
		s.checkRequest(*request)
	}
	number := slices.ContainsFunc(s.Attributes, func(a casework.SyncAttribute) bool { return a.Okta == "employeeNumber" })
	if slices.Contains(s.Match, SyncByEmployeeNumber) && !number {
		v.problem("match names employee_number, and no attribute maps employeeNumber: say which field of the desk holds it")
	}
	return s
}

func loadSyncRequest(v value) SyncRequest {
	r := SyncRequest{Fields: map[string]string{}}
	v.object("request", keys{
		"item": func(v value) { r.Item = v.text() },
		"by":   func(v value) { r.By = v.address() },
		"fields": func(v value) {
			for _, e := range v.entries("fields") {
				r.Fields[e.key] = e.value.text()
			}
		},
	}, "item", "by", "fields")
	return r
}

// checkRequest holds the answers of the form to what is known.
func (s *syncMap) checkRequest(v value) {
	person, attribute := false, false
	for _, field := range slices.Sorted(maps.Keys(s.Request.Fields)) {
		answer := s.Request.Fields[field]
		known := slices.ContainsFunc(s.Attributes, func(a casework.SyncAttribute) bool { return a.Name == answer && a.Owner == casework.SideDesk })
		person, attribute = person || answer == SyncPerson, attribute || known
		if !known && answer != SyncPerson && answer != SyncToday {
			v.problem("the field %s is answered with %q, which is neither %s nor %s nor the name of an attribute that the desk owns", field, answer, SyncPerson, SyncToday)
		}
	}
	if !person || !attribute {
		v.problem("a request needs a field for %s, and one for an attribute", SyncPerson)
	}
}

// roles marks the attributes whose difference is a change of role.
func (s *syncMap) roles(named []value) {
	for _, one := range named {
		name := one.text()
		at := slices.IndexFunc(s.Attributes, func(a casework.SyncAttribute) bool { return a.Name == name })
		switch {
		case name == "":
		case at < 0:
			one.problem("no attribute is called %q", name)
		case s.Attributes[at].Owner == casework.SideOkta:
			one.problem("%s is owned by Okta, so a sync never writes it there; only what the desk owns can be a change of role", name)
		default:
			s.Attributes[at].RoleChange = true
		}
	}
}

func loadSyncMatch(v value) []SyncMatch {
	all := []SyncMatch{SyncByEmail, SyncByEmployeeNumber}
	named := map[SyncMatch]bool{}
	list := v.items("match")
	for _, one := range list {
		named[SyncMatch(one.oneOf(string(SyncByEmail), string(SyncByEmployeeNumber)))] = true
	}
	if v.sequence() && len(list) == 0 {
		v.problem("match names nothing, so nobody would be recognised; allowed: %v", all)
	}
	return slices.DeleteFunc(all, func(m SyncMatch) bool { return !named[m] })
}

var customField = regexp.MustCompile(`^custom\.[a-z][a-z0-9_]*$`)

// attribute reads one entry. A field of either side belongs to one entry only: what is written is never read again as
// the source of something else, so that no value can go in a circle.
func (s *syncMap) attribute(v value, c *compiler) {
	var a casework.SyncAttribute
	var toDesk, toOkta *expr
	v.object("an attribute", keys{
		"name":  func(v value) { a.Name = v.text() },
		"owner": func(v value) { a.Owner = casework.Side(v.oneOf(string(casework.SideOkta), string(casework.SideDesk))) },
		"okta": func(v value) {
			switch a.Okta = v.text(); {
			case a.Okta == "login", a.Okta == "email":
				v.problem("%s says who somebody is; it is not kept alike", a.Okta)
			case a.Okta != "" && !attributeName.MatchString(a.Okta):
				v.problem("has to be the name of an attribute in Okta's profile such as firstName, found %s", v.kind())
			}
		},
		"desk": func(v value) {
			a.Desk = v.text()
			compare, known := SyncDeskFields()[a.Desk]
			if a.Compare = compare; a.Desk != "" && !known && !customField.MatchString(a.Desk) {
				v.problem("unknown value %s; allowed: %s, or custom.NAME for a custom field", quote(a.Desk),
					strings.Join(slices.Sorted(maps.Keys(SyncDeskFields())), ", "))
			}
		},
		"to_desk": func(v value) { toDesk = c.compile(v, scopeSync, wantText) },
		"to_okta": func(v value) { toOkta = c.compile(v, scopeSync, wantText) },
		"blank":   func(v value) { a.Blank = v.flag() },
	}, "name", "owner", "okta", "desk")
	switch {
	case toOkta != nil && a.Owner == casework.SideOkta:
		v.problem("Okta owns %s, so nothing of it is written to Okta: to_okta has no use; to_desk is meant, or owner: desk", a.Name)
	case toDesk != nil && a.Owner == casework.SideDesk:
		v.problem("the desk owns %s, so nothing of it is written to the desk: to_desk has no use; to_okta is meant, or owner: okta", a.Name)
	}
	for _, b := range s.Attributes {
		switch {
		case a.Name != "" && a.Name == b.Name:
			v.problem("a second attribute is called %q; give each a name of its own", a.Name)
		case a.Okta != "" && a.Okta == b.Okta:
			v.problem("%s and %s both map %s of Okta; each field belongs to one attribute, or values could go in a circle", b.Name, a.Name, a.Okta)
		case a.Desk != "" && a.Desk == b.Desk:
			v.problem("%s and %s both map %s of the desk; each field belongs to one attribute, or values could go in a circle", b.Name, a.Name, a.Desk)
		}
	}
	s.Attributes = append(s.Attributes, a)
	if e := toDesk; e != nil {
		s.transforms[a.Name] = e
	}
	if e := toOkta; e != nil {
		s.transforms[a.Name] = e
	}
}
