package casework

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"latchkey/identity"
)

// PersonAnswer is what somebody said on a ticket about who a joiner is. It names accounts by Okta ID and the question by
// its code; no other word of what was written is kept.
type PersonAnswer struct {
	Code string   `json:"code"`           // QuestionCode of what the ticket said then
	Same string   `json:"same,omitempty"` // the account that is the joiner's
	Not  []string `json:"not,omitempty"`  // accounts that are somebody else's, where Same is empty
	By   string   `json:"by"`             // the desk's name of whoever wrote it
	// Refused says why it does not count: who wrote it, or how. Code, Same and Not are empty then.
	Refused string    `json:"refused,omitempty"`
	At      time.Time `json:"at"`
}

// An answer is one line that begins with a code. Whatever else begins so is meant as one and is none.
var (
	answerMeant = regexp.MustCompile(`^#[0-9a-fA-F]{8}\b`)
	answerLine  = regexp.MustCompile(`^#([0-9a-fA-F]{8}) (?:(?i:same as) ([0-9A-Za-z]{4,40})|(?i:new person, not)((?:,? [0-9A-Za-z]{4,40}){1,10}))\.?$`)
	accountID   = regexp.MustCompile(`[0-9A-Za-z]{4,40}`)
)

// ParsePersonAnswer reads an answer from the plain text of a note. meant is false for a note that is about something
// else; wrong says why a note that is meant as an answer is none. The text is untrusted: only a line that is an answer
// from its first character to its last is taken, and only one in a note.
func ParsePersonAnswer(text string) (a PersonAnswer, meant bool, wrong string) {
	var lines []string
	for line := range strings.Lines(text) {
		if line = strings.Join(strings.Fields(line), " "); answerMeant.MatchString(line) {
			lines = append(lines, line)
		}
	}
	switch len(lines) {
	case 0:
		return a, false, ""
	case 1:
	default:
		return a, true, "a note holds one answer, and this one holds several"
	}
	part := answerLine.FindStringSubmatch(lines[0])
	if part == nil {
		return a, true, "it is not written as one of the lines that the question shows"
	}
	a = PersonAnswer{Code: strings.ToLower(part[1]), Same: part[2], Not: accountID.FindAllString(part[3], -1)}
	return a, true, ""
}

// QuestionCode names the question who somebody is. It changes with everything that tells the person apart, so that an
// answer about one person never counts for another that the ticket names later.
func QuestionCode(want Identifiers) string {
	plain := func(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }
	sum := sha256.Sum256([]byte(strings.Join([]string{ // a login that policy makes up is none of the ticket's
		plain(want.Email), plain(want.SecondEmail), plain(want.EmployeeNumber), plain(want.FirstName), plain(want.LastName),
	}, "\n")))
	return hex.EncodeToString(sum[:4])
}

// AskedMatch is who a joiner is to Okta once the answers on the ticket are heard. An answer counts only where MatchPerson
// is not sure, or where askRehire lets a person decide about a rehire: it takes accounts out of what is looked at, or
// names the one among those that answer. It never makes an account answer that the ticket does not point to.
func AskedMatch(want Identifiers, found []identity.Person, on []string, askRehire bool, answers []PersonAnswer) Match {
	m := MatchPerson(want, found, on)
	if askRehire && m.Kind == MatchRehire {
		m = Match{Kind: MatchUnsure, Candidates: m.Candidates, Why: m.Why + ", and policy lets a person decide whether it comes back"}
	}
	said, heard := lastWord(QuestionCode(want), answers)
	if m.Kind != MatchUnsure || !heard {
		return m
	}
	if said.Same == "" {
		rest := slices.DeleteFunc(slices.Clone(found), func(p identity.Person) bool { return slices.Contains(said.Not, p.OktaUserID) })
		m = MatchPerson(want, rest, on)
		if askRehire && m.Kind == MatchRehire {
			return Match{Kind: MatchUnsure, Candidates: m.Candidates, Why: m.Why + ", and policy lets a person decide whether it comes back"}
		}
		m.Why += fmt.Sprintf("; %s said on the ticket that it is not %s", said.By, listed(said.Not, "or"))
		return m
	}
	i := slices.IndexFunc(m.Candidates, func(p identity.Person) bool { return p.OktaUserID == said.Same })
	if i < 0 {
		m.Why += fmt.Sprintf("; the account %s, which %s named on the ticket, is not among them", said.Same, said.By)
		return m
	}
	person := m.Candidates[i]
	kind, doubt := candidate{want: want, person: person}.byStatus()
	m.Kind, m.Why = kind, fmt.Sprintf("%s said on the ticket that it is %s", said.By, accountLabel(person))
	if doubt != "" {
		m.Why += ", and " + doubt
	}
	if m.Kind != MatchUnsure {
		m.Person = person
	}
	return m
}

// lastWord is what the answers to a question come to: the newest decides, and what several say is somebody else's adds up.
func lastWord(code string, answers []PersonAnswer) (said PersonAnswer, heard bool) {
	list := slices.DeleteFunc(slices.Clone(answers), func(a PersonAnswer) bool { return a.Refused != "" || a.Code != code })
	slices.SortStableFunc(list, func(a, b PersonAnswer) int { return a.At.Compare(b.At) })
	for _, a := range list {
		not := a.Not
		if a.Same == "" && said.Same == "" {
			not = append(slices.Clone(said.Not), a.Not...)
		}
		said, heard = a, true
		slices.Sort(not)
		said.Not = slices.Compact(not)
	}
	return said, heard
}

// HowToAnswer is the question's last sentence, for whoever may answer: the lines to choose from. It is empty where there
// is nothing to choose.
func (m Match) HowToAnswer(want Identifiers, who string) string {
	if len(m.Candidates) == 0 || who == "" {
		return ""
	}
	code := "#" + QuestionCode(want)
	var ids, lines []string
	for _, p := range m.Candidates {
		ids = append(ids, p.OktaUserID)
		lines = append(lines, "“"+code+" same as "+p.OktaUserID+"”")
	}
	lines = append(lines, "“"+code+" new person, not "+strings.Join(ids, " ")+"”")
	return fmt.Sprintf(" Or %s answers here, in a private note with one of these lines and without the quotation marks: %s.", who, listed(lines, "or"))
}

// refusals says which answers did not count, for whoever asks again.
func refusals(answers []PersonAnswer) string {
	var list []string
	for _, a := range answers {
		if a.Refused != "" {
			list = append(list, fmt.Sprintf(" The answer of %s on %s does not count: %s.", a.By, a.At.UTC().Format("2006-01-02 15:04 MST"), a.Refused))
		}
	}
	return strings.Join(list, "")
}
