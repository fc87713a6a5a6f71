package casework

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"latchkey/identity"
)

// Identifiers are what a ticket says of a joiner, and what an account is recognised by. Empty is not known.
type Identifiers struct{ Login, Email, SecondEmail, EmployeeNumber, FirstName, LastName string }

// MatchKind says who a joiner is to Okta.
type MatchKind string

// The kinds.
const (
	MatchNew    MatchKind = "new"    // nobody answers: an account is created
	MatchStaged MatchKind = "staged" // an earlier create made the account: it is finished
	MatchRehire MatchKind = "rehire" // a deactivated account of the same person: it is reactivated and reconciled
	MatchActive MatchKind = "active" // the person has a usable account already
	MatchUnsure MatchKind = "unsure" // a person has to say
)

// Match is the answer to who a joiner is.
type Match struct {
	Kind   MatchKind
	Person identity.Person // the account; zero for MatchNew and MatchUnsure
	// Why names which identifiers point where, for the ticket. Of people whom the ticket does not name it holds the
	// name, the Okta ID and the status, and never an address.
	Why        string
	Candidates []identity.Person // the accounts that answered, by Okta ID; those of other people are left out
}

// The identifiers that a policy may match on, by its names.
const (
	OnEmployeeNumber = "employee_number"
	OnLogin          = "login"
	OnEmail          = "email"
	OnSecondEmail    = "second_email"
)

// MatchPerson says who a joiner is to Okta: found is every account that answers to any identifier, on the identifiers
// that count (none given: all of them; upper and lower case and Okta's spelling, such as employeeNumber, are the same).
//
// A wrong answer is either a second account or, worse, somebody else's account in a stranger's hands, so an account is
// taken only when nothing speaks against it. The employee number decides, unless neither name is the account's; without
// a number on both sides a login or an address has to come with the same name. An address that two accounts share, a
// suspended account, and two accounts that answer are questions for a person. An account that another number and another
// name say is somebody else's is none: its login is merely taken.
func MatchPerson(want Identifiers, found []identity.Person, on []string) Match {
	counts := counting(on)
	var candidates []candidate
	var others int
	for _, person := range distinct(found) {
		c := candidate{want: want, person: person, hits: hitsOf(want, person, counts)}
		switch {
		case len(c.hits) == 0:
		case c.somebodyElse():
			others++
		default:
			candidates = append(candidates, c)
		}
	}
	if len(candidates) == 0 {
		return Match{Kind: MatchNew, Why: nobody(want, counts, others)}
	}
	m := Match{Kind: MatchUnsure}
	points := make([]string, 0, len(candidates))
	for _, c := range candidates {
		m.Candidates = append(m.Candidates, c.person)
		points = append(points, c.points())
	}
	if len(candidates) > 1 {
		m.Why = fmt.Sprintf("%d accounts answer: %s", len(candidates), strings.Join(points, "; "))
		return m
	}
	var doubt string
	m.Kind, doubt = candidates[0].judge()
	m.Why = points[0]
	if doubt != "" {
		m.Why += ", and " + doubt
	}
	if m.Kind != MatchUnsure {
		m.Person = candidates[0].person
	}
	return m
}

// candidate is one account that answers, and the identifiers by which it does.
type candidate struct {
	want   Identifiers
	person identity.Person
	hits   []string
}

func (c candidate) hit(on string) bool { return slices.Contains(c.hits, on) }

// judge is the table of one account: what it is, or what speaks against it.
func (c candidate) judge() (kind MatchKind, doubt string) {
	name := c.names()
	switch {
	case c.hit(OnEmployeeNumber):
		if name == namesDiffer {
			return MatchUnsure, "neither the first nor the last name is the same"
		}
		return c.byStatus()
	case c.numbersDiffer():
		return MatchUnsure, "the employee number there is another one"
	case !c.hit(OnLogin) && !c.hit(OnEmail):
		return MatchUnsure, "nothing else is the same"
	case name != namesSame:
		return MatchUnsure, "the name there is another one"
	}
	kind, doubt = c.byStatus()
	second := bothKnown(c.want.SecondEmail, c.person.SecondEmail)
	switch {
	case kind == MatchStaged && second && !same(c.want.SecondEmail, c.person.SecondEmail):
		return MatchUnsure, "the personal e-mail address there is another one, so it may be somebody of the same name"
	case kind == MatchActive && (!second || !same(c.want.SecondEmail, c.person.SecondEmail)):
		return MatchUnsure, "without an employee number on both sides it may be somebody of the same name"
	}
	return kind, doubt
}

// byStatus says what the person's own account is.
func (c candidate) byStatus() (kind MatchKind, doubt string) {
	switch c.person.Status {
	case identity.StatusDeprovisioned:
		return MatchRehire, ""
	case identity.StatusStaged:
		return MatchStaged, ""
	case identity.StatusSuspended:
		return MatchUnsure, "whoever suspended it has to say whether it is opened again"
	case identity.StatusProvisioned, identity.StatusActive, identity.StatusRecovery, identity.StatusPasswordExpired, identity.StatusLockedOut:
		return MatchActive, ""
	}
	return MatchUnsure, "Okta does not say in which state it is"
}

// somebodyElse says that another number and another name leave no doubt.
func (c candidate) somebodyElse() bool {
	return !c.hit(OnEmployeeNumber) && c.numbersDiffer() && c.names() != namesSame && c.names() != namesUnknown
}

func (c candidate) numbersDiffer() bool {
	return bothKnown(c.want.EmployeeNumber, c.person.EmployeeNumber) && !same(c.want.EmployeeNumber, c.person.EmployeeNumber)
}

// points says which identifiers point to the account.
func (c candidate) points() string {
	labels := make([]string, 0, len(c.hits))
	for _, on := range c.hits {
		labels = append(labels, onLabel(on))
	}
	verb := "points"
	if len(labels) > 1 {
		verb = "point"
	}
	return fmt.Sprintf("%s %s to %s", listed(labels, "and"), verb, accountLabel(c.person))
}

type likeness int

const (
	namesUnknown likeness = iota
	namesSame
	namesAlike  // one of first and last name is the same
	namesDiffer // neither is
)

func (c candidate) names() likeness {
	if !bothKnown(c.want.FirstName, c.person.FirstName) || !bothKnown(c.want.LastName, c.person.LastName) {
		return namesUnknown
	}
	first, last := same(c.want.FirstName, c.person.FirstName), same(c.want.LastName, c.person.LastName)
	switch {
	case first && last:
		return namesSame
	case first || last:
		return namesAlike
	}
	return namesDiffer
}

// hitsOf lists the identifiers that are the account's. An e-mail address may be its login as well, and a personal
// address may be the one that a contractor works with.
func hitsOf(want Identifiers, person identity.Person, counts []string) []string {
	var hits []string
	for _, on := range counts {
		hit := false
		switch on {
		case OnEmployeeNumber:
			hit = same(want.EmployeeNumber, person.EmployeeNumber)
		case OnLogin:
			hit = same(want.Login, person.Login)
		case OnEmail:
			hit = same(want.Email, person.Email) || same(want.Email, person.Login)
		case OnSecondEmail:
			hit = same(want.SecondEmail, person.SecondEmail) || same(want.SecondEmail, person.Email) || same(want.SecondEmail, person.Login)
		}
		if hit {
			hits = append(hits, on)
		}
	}
	return hits
}

// counting is the identifiers that count, in the order in which they weigh.
func counting(on []string) []string {
	all := []string{OnEmployeeNumber, OnLogin, OnEmail, OnSecondEmail}
	if len(on) == 0 {
		return all
	}
	plain := func(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "")) }
	return slices.DeleteFunc(all, func(name string) bool {
		return !slices.ContainsFunc(on, func(o string) bool { return plain(o) == plain(name) })
	})
}

func onLabel(on string) string {
	switch on {
	case OnEmployeeNumber:
		return "the employee number"
	case OnLogin:
		return "the login"
	case OnEmail:
		return "the e-mail address"
	}
	return "the personal e-mail address"
}

// nobody says that no account is the joiner's.
func nobody(want Identifiers, counts []string, others int) string {
	given := map[string]string{
		OnEmployeeNumber: want.EmployeeNumber, OnLogin: want.Login, OnEmail: want.Email, OnSecondEmail: want.SecondEmail,
	}
	var labels []string
	for _, on := range counts {
		if given[on] != "" {
			labels = append(labels, onLabel(on))
		}
	}
	if len(labels) == 0 {
		return "the ticket names nothing that an account could be recognised by"
	}
	why := "nobody in Okta answers to " + listed(labels, "or")
	if others > 0 {
		why += "; what is taken belongs to people of another name and employee number"
	}
	return why
}

// accountLabel names an account without an address: names, Okta ID and status.
func accountLabel(p identity.Person) string {
	name := strings.TrimSpace(p.FirstName + " " + p.LastName)
	if name != "" {
		name += ", "
	}
	return fmt.Sprintf("an account (%s%s, %s)", name, p.OktaUserID, p.Status)
}

// distinct is every account once, by Okta ID.
func distinct(found []identity.Person) []identity.Person {
	list := slices.SortedFunc(slices.Values(found), func(a, b identity.Person) int { return cmp.Compare(a.OktaUserID, b.OktaUserID) })
	return slices.CompactFunc(list, func(a, b identity.Person) bool { return a.OktaUserID == b.OktaUserID })
}

// same compares what people write: case and spaces do not count. Nothing is like nothing else.
func same(a, b string) bool {
	a, b = strings.Join(strings.Fields(a), " "), strings.Join(strings.Fields(b), " ")
	return a != "" && strings.EqualFold(a, b)
}

func bothKnown(a, b string) bool { return strings.TrimSpace(a) != "" && strings.TrimSpace(b) != "" }

// listed joins for people: "a, b and c".
func listed(list []string, last string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " " + last + " " + list[len(list)-1]
}
