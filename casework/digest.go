package casework

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// judged is what approvers approve: person, verbs, objects, dates and limits. What was before is left out on purpose,
// so a plan whose starting point moved but whose end is the same keeps its approvals.
type judged struct {
	UseCase UseCase       `json:"use_case"`
	Person  string        `json:"person"`
	Acts    []string      `json:"acts"`
	Kept    []string      `json:"kept"`
	At      time.Time     `json:"at"`
	After   time.Duration `json:"after"`
	Overlap time.Duration `json:"overlap,omitempty"`
}

// Seal returns the plan with its digest set.
func Seal(p Plan) Plan {
	p.Digest = DigestOf(p)
	return p
}

// DigestOf is the digest of what approvers judge, as lower-case hex. Equal judgements give equal digests whatever the
// order in which the vendor listed things.
func DigestOf(p Plan) string {
	j := judged{UseCase: p.UseCase, Person: who(p), Acts: acts(p), At: p.EffectiveAt.UTC(), After: p.DeactivateAfter, Overlap: p.Overlap}
	for _, k := range p.Kept {
		j.Kept = append(j.Kept, k.Object.Key())
	}
	slices.Sort(j.Kept)
	raw, err := json.Marshal(j)
	if err != nil {
		panic("casework: a judged plan always marshals: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// who is the person a plan is about. A joiner has no account yet and is known by the address until the end, so that the
// judgement is the same before and after the account was made.
func who(p Plan) string {
	if p.UseCase == Onboarding {
		return strings.ToLower(p.Person.Email)
	}
	return p.Person.OktaUserID
}

func acts(p Plan) []string {
	list := make([]string, 0, len(p.Changes))
	for _, c := range p.Changes {
		if c.Verb == VerbMailActivation {
			continue // whoever approves an activation approves that Okta mails it
		}
		act := string(c.Verb) + " " + c.Object.Key()
		if c.Verb == VerbUpdateProfile || c.Verb == VerbCreateAccount {
			act += " " + fingerprint(c.Values)
		}
		if words := TermWords(c); words != "" {
			act += " " + words
		}
		list = append(list, act)
		for _, group := range c.With {
			list = append(list, string(VerbAddMember)+" "+group.Key())
		}
	}
	if p.Reset != nil {
		list = append(list, p.Reset.acts()...)
	}
	slices.Sort(list)
	return list
}

// fingerprint tells one set of attribute values from another without holding any of them.
func fingerprint(values map[string]any) string {
	raw, err := json.Marshal(values) // the keys are sorted
	if err != nil {
		panic("casework: attribute values always marshal: " + err.Error())
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// ShortDigest is the part of a digest that fits a name; long enough to tell the plans of one ticket apart.
func ShortDigest(digest string) string { return digest[:min(12, len(digest))] }

// Difference says how a plan made now differs from the one that was approved.
type Difference struct {
	Added     []string `json:"added,omitempty"`
	Removed   []string `json:"removed,omitempty"`
	DateMoved bool     `json:"date_moved,omitempty"`
	// OtherPerson says that the plan is about somebody else now.
	OtherPerson bool `json:"other_person,omitempty"`
}

// Compare finds the difference between what was approved and what is planned now.
func Compare(approved, now Plan) Difference {
	was, is := acts(approved), acts(now)
	var d Difference
	for _, a := range is {
		if !slices.Contains(was, a) {
			d.Added = append(d.Added, a)
		}
	}
	for _, a := range was {
		if !slices.Contains(is, a) {
			d.Removed = append(d.Removed, a)
		}
	}
	d.OtherPerson = who(approved) != who(now)
	d.DateMoved = !approved.EffectiveAt.Equal(now.EffectiveAt) || approved.DeactivateAfter != now.DeactivateAfter || approved.Overlap != now.Overlap
	return d
}

// Empty says that nothing an approver judged has changed.
func (d Difference) Empty() bool {
	return len(d.Added) == 0 && len(d.Removed) == 0 && !d.DateMoved && !d.OtherPerson
}

// Reopens says whether approvals given for the old plan do not carry to the new one. A plan that shrank keeps them; so
// does a leaver's plan that only revokes more from the same person. Anything that grants more, moves the date or is
// about somebody else asks again.
func (d Difference) Reopens(useCase UseCase) bool {
	if d.DateMoved || d.OtherPerson {
		return true
	}
	return len(d.Added) > 0 && useCase != Offboarding
}
