package casework

import (
	"fmt"
	"time"

	"latchkey/identity"
)

// DefaultNotice is how long before its end people hear of a time-bound grant, unless policy says otherwise.
const DefaultNotice = 72 * time.Hour

// TimeLimit is what policy says of how long an entitlement may be held. The zero value sets no limit.
type TimeLimit struct {
	Default time.Duration `json:"default,omitempty"` // where the request names no time
	Most    time.Duration `json:"most,omitempty"`    // beyond it a request is cut; zero bounds nothing
	Notice  time.Duration `json:"notice,omitempty"`  // before the end people hear of it; zero is DefaultNotice
}

// StandingGrant is a time-bound grant that another request made and that still stands.
type StandingGrant struct {
	// Until is when it ends as things are; zero is that it has no end any more.
	Until time.Time
}

// term is how long one item is granted, and from when.
type term struct {
	limit time.Duration // from the read-back on; zero is not bounded that way
	until time.Time     // an instant that the request named; zero names none
	from  time.Time     // zero is at once
	notes []string
}

// bound says whether the grant ends by itself.
func (t term) bound() bool { return t.limit > 0 || !t.until.IsZero() }

// termOf puts the request's wish and policy's limit together. It depends on neither the clock nor what Okta says, so
// the same request gives the same term until policy changes: approvers judge it once.
func termOf(f GrantFacts, person identity.Person) (term, error) {
	t := term{limit: f.Entry.Limit.Default}
	zones := append([]string{person.TimeZone}, f.Zones...)
	from, err := wish(f.Item.From, zones)
	if err != nil {
		return t, err
	}
	until, err := wish(f.Item.Until, zones)
	if err != nil {
		return t, err
	}
	t.from = from
	most := f.Entry.Limit.Most
	asked := time.Duration(f.Item.Days * float64(24*time.Hour))
	if asked > 0 {
		t.limit = asked
		if most > 0 && asked > most {
			t.limit = most
			t.notes = append(t.notes, fmt.Sprintf("%s were asked for; policy gives at most %s.", Span(asked), Span(most)))
		}
	}
	if until.IsZero() {
		return t, nil
	}
	t.until = until
	if asked <= 0 {
		t.limit = most // the request's own end counts instead of the default; the most bounds it still
	}
	begins := f.Request.Ticket.CreatedAt
	if from.After(begins) {
		begins = from
	}
	if most > 0 && !begins.IsZero() && until.Sub(begins) > most {
		t.notes = append(t.notes, fmt.Sprintf("It was asked for until %s; policy gives at most %s.", until.Format("2006-01-02 15:04 MST"), Span(most)))
		t.until, t.limit = time.Time{}, min(orMost(t.limit, most), most)
	}
	return t, nil
}

func orMost(limit, most time.Duration) time.Duration {
	if limit <= 0 {
		return most
	}
	return limit
}

// wish reads a moment of a form: an instant in RFC 3339, or a wall-clock time of the person's.
func wish(text string, zones []string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), nil
	}
	at, _, err := inZone(text, zones)
	return at.UTC(), err
}

// TermWords says how long a change's access stands: "for 30 days", "until 31 December 2026, 23:00 UTC, at most 90 days";
// empty for a permanent one.
func TermWords(c Change) string {
	switch {
	case c.Until.IsZero() && c.Limit <= 0:
		return ""
	case c.Until.IsZero():
		return "for " + Span(c.Limit)
	case c.Limit <= 0:
		return "until " + c.Until.UTC().Format("2 January 2006, 15:04 MST")
	}
	return "until " + c.Until.UTC().Format("2 January 2006, 15:04 MST") + ", at most " + Span(c.Limit)
}

// EndOf is when the access of a change ends, given when it was read back; zero is never. A time-bound one ends at an
// instant, so a clock change moves nothing.
func EndOf(c Change, readBack time.Time) time.Time {
	end := c.Until.UTC()
	if c.Limit > 0 {
		if by := readBack.Add(c.Limit).UTC(); end.IsZero() || by.Before(end) {
			end = by
		}
	}
	return end
}

// NoticeAt is when people hear that a grant ends: the notice before its end, and never earlier than after two thirds of
// its time.
func NoticeAt(from, until time.Time, notice time.Duration) time.Time {
	if notice <= 0 {
		notice = DefaultNotice
	}
	return until.Add(-min(notice, until.Sub(from)/3))
}

// RevokeOf is the change that ends a grant of a group or an app given by name.
func RevokeOf(object identity.Entitlement, reason string) Change {
	verb, inverse, before, after := VerbRemoveMember, VerbAddMember, "member", "not a member"
	if object.Kind == identity.KindApp {
		verb, inverse, before, after = VerbUnassignApp, VerbAssignApp, "assigned", "not assigned"
	}
	return Change{
		ID: ChangeID(verb, object), Phase: PhaseRevoke, Verb: verb, Object: object, Origin: identity.OriginDirect,
		Before: before, After: after, Inverse: inverse, Reason: reason,
	}
}
