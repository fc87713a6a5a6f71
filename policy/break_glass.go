package policy

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
)

// The bounds of break-glass access, and how long its review may take unless policy says otherwise.
const (
	longestGlass    = 24 * time.Hour
	defaultReviewBy = 24 * time.Hour
)

// breakGlass is what catalogue.yaml says of an item under break_glass.
type breakGlass struct {
	span     time.Duration
	reviewBy time.Duration
	who      []glassUser
	tell     []approver
}

// glassUser is one entry of those who may break glass. Exactly one of the fields is set.
type glassUser struct {
	group, department, person string
	when                      *expr
	why                       string
}

// BreakGlassAnswer says how an item is granted that policy marks as break-glass.
type BreakGlassAnswer struct {
	Marked  bool                 // the item is marked at all
	Glass   *casework.BreakGlass // it is granted at once
	Refused string               // why it is not, in words for the ticket
	Reason  bool                 // the ticket has to say why it is asked for, and does not yet
}

// BreakGlass says whether a requested item is granted at once. It has to be for the requester, from now on, and policy
// has to name the requester; an entry that cannot be evaluated lets nobody. Whatever is refused goes by the ordinary
// approval.
func (p *Policy) BreakGlass(f IntakeFacts, item casework.Item, reason string) BreakGlassAnswer {
	entry, known := p.Item(item.Catalogue)
	if !known || item.Catalogue == "" || entry.glass == nil {
		return BreakGlassAnswer{}
	}
	answer := BreakGlassAnswer{Marked: true}
	asker := strings.TrimSpace(f.Requester.Person.Email)
	switch {
	case asker == "" || !strings.EqualFold(asker, strings.TrimSpace(item.Beneficiary)):
		answer.Refused = "break-glass access is for the requester alone, and this is asked for somebody else"
		return answer
	case item.From != "":
		answer.Refused = "break-glass access is for now, and this is asked for from a later moment on"
		return answer
	case !f.Requester.Active:
		answer.Refused = "the requester is not active on the desk"
		return answer
	}
	why, failed := entry.glass.lets(f)
	if why == "" {
		answer.Refused = "policy does not let the requester break glass for " + entry.Name + failed
		return answer
	}
	answer.Glass = &casework.BreakGlass{For: entry.glass.span, ReviewBy: entry.glass.reviewBy, Why: why}
	answer.Reason = strings.TrimSpace(item.Justification) == "" && strings.TrimSpace(reason) == ""
	return answer
}

// lets gives the first entry that names the requester, in words; empty where none does, with what could not be
// evaluated.
func (g *breakGlass) lets(f IntakeFacts) (why, failed string) {
	person := f.Requester.Person
	vars := intakeVars(f)
	for _, u := range g.who {
		is := false
		switch {
		case u.when != nil:
			is, failed = u.holds(vars, failed)
		case u.group != "":
			is = slices.ContainsFunc(f.Requester.Groups, func(name string) bool { return strings.EqualFold(name, u.group) })
		case u.department != "":
			is = strings.EqualFold(person.Department, u.department)
		case u.person != "":
			is = strings.EqualFold(person.Email, u.person)
		}
		if is {
			return u.why, ""
		}
	}
	return "", failed
}

// holds evaluates an entry that is an expression. One that would let anybody lets nobody: what a ticket says never opens
// anything. failed is what went wrong so far.
func (u glassUser) holds(vars map[string]any, failed string) (bool, string) {
	is, err := u.when.holds(vars)
	if err != nil {
		return false, fmt.Sprintf(" (an expression of break_glass.who fails: %v)", err)
	}
	if !is {
		return false, failed
	}
	anybody := maps.Clone(vars)
	anybody["requester"] = personOf(PersonFacts{})
	if free, err := u.when.holds(anybody); err == nil && free {
		return false, " (an expression of break_glass.who does not depend on the requester)"
	}
	return true, ""
}

func loadBreakGlass(v value, c *compiler) *breakGlass {
	g := &breakGlass{reviewBy: defaultReviewBy}
	v.object("break_glass", keys{
		"for":       func(v value) { g.span = v.positive() },
		"review_by": func(v value) { g.reviewBy = v.positive() },
		"tell":      func(v value) { g.tell = loadWho(v, c, 0) },
		"who": func(v value) {
			for _, one := range v.items("who") {
				g.who = append(g.who, loadGlassUser(one, c))
			}
			if v.sequence() && len(g.who) == 0 {
				v.problem("who names nobody: break-glass is for people whom policy names in advance")
			}
		},
	}, "for", "who", "tell")
	if g.span > longestGlass {
		v.problem("break-glass access is short: for is %s, and the longest is %s. What is needed for longer has a limit and an approval",
			casework.Span(g.span), casework.Span(longestGlass))
	}
	return g
}

func loadGlassUser(v value, c *compiler) glassUser {
	var u glassUser
	named := 0
	text := func(into *string, words string) func(value) {
		return func(v value) {
			named++
			*into = v.text()
			u.why = words + " " + *into
		}
	}
	v.object("an entry of who", keys{
		"agent_group": text(&u.group, "group"),
		"department":  text(&u.department, "department"),
		"person": func(v value) {
			named++
			u.person = v.address()
			u.why = "named in policy"
		},
		"when": func(v value) {
			named++
			u.when = c.compile(v, scopeIntake, wantBool)
			if u.when != nil && !slices.Contains(u.when.names, "requester") {
				v.problem("when has to look at the requester (groups, roles, department, e-mail address); what a ticket says never opens anything")
			}
			u.why = "by an expression of policy"
		},
	})
	if v.mapping() && named != 1 {
		v.problem("an entry of who names one of agent_group, department, person and when; begin a new entry (-) for the next")
	}
	return u
}
