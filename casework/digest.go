package casework

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
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
}

// Seal returns the plan with its digest set.
func Seal(p Plan) Plan {
	p.Digest = DigestOf(p)
	return p
}

// DigestOf is the digest of what approvers judge, as lower-case hex. Equal judgements give equal digests whatever the
// order in which the vendor listed things.
func DigestOf(p Plan) string {
	j := judged{UseCase: p.UseCase, Person: p.Person.OktaUserID, Acts: acts(p), At: p.EffectiveAt.UTC(), After: p.DeactivateAfter}
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

func acts(p Plan) []string {
	list := make([]string, 0, len(p.Changes))
	for _, c := range p.Changes {
		list = append(list, string(c.Verb)+" "+c.Object.Key())
	}
	slices.Sort(list)
	return list
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
	d.OtherPerson = approved.Person.OktaUserID != now.Person.OktaUserID
	d.DateMoved = !approved.EffectiveAt.Equal(now.EffectiveAt) || approved.DeactivateAfter != now.DeactivateAfter
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
