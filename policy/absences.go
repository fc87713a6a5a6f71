package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Absence says that somebody is away, and who is asked beside them meanwhile.
type Absence struct {
	Who     string // e-mail address
	Instead string // e-mail address
	From    time.Time
	Until   time.Time // still away at this moment
	Why     string
}

// Absent gives the absence of a person at a moment.
func (p *Policy) Absent(email string, now time.Time) (Absence, bool) {
	i := slices.IndexFunc(p.approvals.absences, func(a Absence) bool {
		return strings.EqualFold(a.Who, email) && !now.Before(a.From) && !now.After(a.Until)
	})
	if i < 0 {
		return Absence{}, false
	}
	return p.approvals.absences[i], true
}

// StandIn gives who is asked beside an absent person, with the absence. Where the one named is away as well, it is
// whoever stands in for them, and so on; false when the person is here, or everybody who could stand in is away.
func (p *Policy) StandIn(email string, now time.Time) (string, Absence, bool) {
	first, away := p.Absent(email, now)
	next := first
	for tried := []string{email}; away; next, away = p.Absent(next.Instead, now) {
		instead := strings.ToLower(next.Instead)
		if slices.ContainsFunc(tried, func(t string) bool { return strings.EqualFold(t, instead) }) {
			return "", first, false
		}
		if _, too := p.Absent(instead, now); !too {
			return instead, first, true
		}
		tried = append(tried, instead)
	}
	return "", first, false
}

// NextAbsence is when the next absence of one of these people begins; zero is never.
func (p *Policy) NextAbsence(emails []string, now time.Time) time.Time {
	var next time.Time
	for _, a := range p.approvals.absences {
		named := slices.ContainsFunc(emails, func(e string) bool { return strings.EqualFold(e, a.Who) })
		if named && a.From.After(now) && (next.IsZero() || a.From.Before(next)) {
			next = a.From
		}
	}
	return next
}

// AbsencesDigest tells one list of absences from another; empty where there are none. A sweep that meets another one than
// the last has the open levels looked at.
func (p *Policy) AbsencesDigest() string {
	if len(p.approvals.absences) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, a := range p.approvals.absences {
		fmt.Fprintf(sum, "%s %s %s %s\n", a.Who, a.Instead, a.From.UTC().Format(time.RFC3339), a.Until.UTC().Format(time.RFC3339))
	}
	return hex.EncodeToString(sum.Sum(nil))[:20]
}

func loadAbsences(v value) []Absence {
	var list []Absence
	for _, one := range v.items("absences") {
		var a Absence
		one.object("an absence", keys{
			"who":     func(v value) { a.Who = strings.ToLower(v.address()) },
			"instead": func(v value) { a.Instead = strings.ToLower(v.address()) },
			"from":    func(v value) { a.From = v.dayBegins() },
			"until":   func(v value) { a.Until = v.date() },
			"why":     func(v value) { a.Why = v.text() },
		}, "who", "from", "until", "instead", "why")
		if a.Who != "" && a.Who == a.Instead {
			one.problem("%s cannot stand in for themselves", a.Who)
		}
		if !a.From.IsZero() && !a.Until.IsZero() && a.Until.Before(a.From) {
			one.problem("the absence ends before it begins")
		}
		if slices.ContainsFunc(list, func(b Absence) bool {
			return a.Who != "" && a.Who == b.Who && !a.From.After(b.Until) && !b.From.After(a.Until)
		}) {
			one.problem("another absence of %s falls into the same time; write them as one, or one after the other", a.Who)
		}
		list = append(list, a)
	}
	return list
}

// dayBegins reads the beginning of an absence: a day ("2026-12-21", from its beginning in UTC) or an instant.
func (v value) dayBegins() time.Time {
	if v.draws(dateLeaf()) {
		return time.Time{}
	}
	s := v.raw()
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if at, err := time.Parse(layout, s); err == nil {
			return at.UTC()
		}
	}
	v.problem("has to be a date such as 2026-12-21 or 2026-12-21T08:00:00+01:00, found %s", v.kind())
	return time.Time{}
}
