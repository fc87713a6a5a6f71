package approval

import "strings"

// Same says whether two records are one person: the same desk ID, or the same e-mail address whatever its case. Either
// is enough, because the desk may hold one human as an agent and as a requester.
func (a Approver) Same(b Approver) bool {
	return a.DeskID != 0 && a.DeskID == b.DeskID || sameAddress(a.Email, b.Email)
}

// Label is what a note calls the person: the name, else the address.
func (a Approver) Label() string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Email != "":
		return a.Email
	default:
		return "an unnamed person"
	}
}

func (a Approver) nobody() bool { return a.DeskID == 0 && strings.TrimSpace(a.Email) == "" }

// Strikes says whether the ban is about this person.
func (b Ban) Strikes(a Approver) bool {
	return b.DeskID != 0 && b.DeskID == a.DeskID || sameAddress(b.Email, a.Email)
}

// comparable says whether the ban and the person share a key at all. A delegate of whom only the desk ID is known can
// not be told apart from somebody banned by address.
func (b Ban) comparable(a Approver) bool {
	return b.DeskID != 0 && a.DeskID != 0 || strings.TrimSpace(b.Email) != "" && strings.TrimSpace(a.Email) != ""
}

func sameAddress(a, b string) bool {
	a, b = strings.TrimSpace(a), strings.TrimSpace(b)
	return a != "" && strings.EqualFold(a, b)
}

// find gives the first of the people who is this person.
func find(people []Approver, a Approver) (Approver, bool) {
	for _, p := range people {
		if p.Same(a) {
			return p, true
		}
	}
	return Approver{}, false
}

// complete fills what a thin record lacks (a delegatee is an ID and a name in Freshservice) from a fuller one.
func complete(a Approver, known ...[]Approver) Approver {
	for _, people := range known {
		for _, p := range people {
			if !p.Same(a) {
				continue
			}
			if a.DeskID == 0 {
				a.DeskID = p.DeskID
			}
			if strings.TrimSpace(a.Email) == "" {
				a.Email = p.Email
			}
			if a.Name == "" {
				a.Name = p.Name
			}
		}
	}
	return a
}

// distinct drops people listed twice; the first mention stays.
func distinct(people []Approver) []Approver {
	var list []Approver
	for _, p := range people {
		if _, have := find(list, p); !have && !p.nobody() {
			list = append(list, p)
		}
	}
	return list
}
