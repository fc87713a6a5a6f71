package casework

import (
	"fmt"
	"strings"

	"latchkey/identity"
)

// GrantFacts is everything the planner of one requested item looks at.
type GrantFacts struct {
	Request Request
	Item    Item
	// Found are the accounts that answer to the beneficiary's address.
	Found []identity.Person
	// Protected says why policy never touches the beneficiary's account; empty is not protected.
	Protected string
	// Entry is the catalogue entry; nil when the catalogue does not know the item or does not offer it.
	Entry *GrantEntry
	// Matches are the groups and apps in Okta that the entry stands for. More than one kind may match an entry without
	// a kind: then the group is preferred, because a group is easier to review and to take away.
	Matches []GrantMatch
	// ProtectedGroup says why policy refuses grants of the group; empty is not protected.
	ProtectedGroup string
	// Access is what the beneficiary holds now.
	Access identity.Access
	// Standing is the time-bound grant of it that stands already; nil is none.
	Standing *StandingGrant
	// Conflicts are the pairs of separation of duties that the grant would bring into one hand.
	Conflicts []DutyConflict
	// Zones are tried for wall-clock times after the person's own.
	Zones        []string
	PolicyDigest string
}

// GrantEntry is a catalogue entry, as far as a planner needs it.
type GrantEntry struct {
	Name        string
	Requestable bool
	Limit       TimeLimit
}

// GrantMatch is one thing in Okta that an entry may stand for.
type GrantMatch struct {
	Entitlement identity.Entitlement
	// Refused says why nobody can be added to it by name, such as a group that a directory masters; empty is fine.
	Refused string
}

// GrantDecision is a sealed plan with one change, or a clear end that needs none, and why.
type GrantDecision struct {
	Plan   Plan
	Object identity.Entitlement // what would be granted; zero where it is not known
	End    End
	Why    string
}

// PlanGrant decides one requested item. The ends are tried in the order in which a person would want to hear them: who,
// then what, then whether it may be and whether it is so already.
func PlanGrant(f GrantFacts) GrantDecision {
	address := f.Item.Beneficiary
	if address == "" {
		return ended(EndUnknownPerson, "the request does not say for whom it is")
	}
	switch len(f.Found) {
	case 0:
		return ended(EndUnknownPerson, "nobody in Okta has the address "+address)
	case 1:
	default:
		return ended(EndSeveralPeople, fmt.Sprintf("%d accounts in Okta have the address %s; say which one is meant", len(f.Found), address))
	}
	person := f.Found[0]
	if !person.Status.CanSignIn() {
		return ended(EndInactive, fmt.Sprintf("the account of %s is %s and cannot hold access", person.DisplayName(), person.Status))
	}
	if f.Protected != "" {
		return ended(EndProtected, fmt.Sprintf("policy protects the account of %s: %s", person.DisplayName(), f.Protected))
	}
	if f.Entry == nil {
		return ended(EndUnknownItem, fmt.Sprintf("the catalogue has no entry for %q", f.Item.Name))
	}
	if !f.Entry.Requestable {
		return ended(EndUnknownItem, fmt.Sprintf("%s is in the catalogue but is not given on request", f.Entry.Name))
	}
	match, end := choose(f)
	if end.End != "" {
		return end
	}
	return grant(f, person, match)
}

// choose picks the one thing an entry stands for.
func choose(f GrantFacts) (GrantMatch, GrantDecision) {
	byKind := map[identity.Kind][]GrantMatch{}
	for _, m := range f.Matches {
		byKind[m.Entitlement.Kind] = append(byKind[m.Entitlement.Kind], m)
	}
	for _, kind := range []identity.Kind{identity.KindGroup, identity.KindApp} {
		switch found := byKind[kind]; len(found) {
		case 0:
		case 1:
			if found[0].Refused != "" {
				return GrantMatch{}, ended(EndUnknownItem, fmt.Sprintf("%s stands for %s, and %s; correct the catalogue",
					f.Entry.Name, found[0].Entitlement.Label(), found[0].Refused))
			}
			return found[0], GrantDecision{}
		default:
			ids := make([]string, 0, len(found))
			for _, m := range found {
				ids = append(ids, m.Entitlement.ID)
			}
			return GrantMatch{}, ended(EndUnknownItem, fmt.Sprintf("Okta has %d %ss for %s (%s); name one by its ID in the catalogue",
				len(found), kind, f.Entry.Name, strings.Join(ids, ", ")))
		}
	}
	return GrantMatch{}, ended(EndUnknownItem, fmt.Sprintf("nothing in Okta is called what the catalogue's entry %s says; correct the catalogue", f.Entry.Name))
}

func grant(f GrantFacts, person identity.Person, match GrantMatch) GrantDecision {
	object := match.Entitlement
	if object.Kind == identity.KindGroup && f.ProtectedGroup != "" {
		d := ended(EndProtected, fmt.Sprintf("policy refuses to give %s to anybody: %s", object.Label(), f.ProtectedGroup))
		d.Object = object
		return d
	}
	has, held := f.Access.Holds(object)
	glass, note := glassOf(f, held)
	if glass != nil {
		entry := *f.Entry
		entry.Limit = TimeLimit{Default: glass.For, Most: glass.For, Notice: entry.Limit.Notice}
		f.Entry = &entry
	}
	t, err := termOf(f, person)
	if err != nil {
		d := ended(EndUnknownItem, "how long it is asked for cannot be read: "+err.Error())
		d.Object = object
		return d
	}
	if held && !extends(f.Standing, has) {
		d := ended(EndAlready, fmt.Sprintf("%s has %s already, %s", person.DisplayName(), object.Label(), How(has)))
		d.Object = object
		return d
	}
	if why := blocking(f.Conflicts); why != "" {
		d := ended(EndConflict, "separation of duties: "+why)
		d.Object = object
		return d
	}
	verb, inverse, before, after := VerbAddMember, VerbRemoveMember, "not a member", "member"
	if object.Kind == identity.KindApp {
		verb, inverse, before, after = VerbAssignApp, VerbUnassignApp, "not assigned", "assigned"
	}
	plan := Plan{
		UseCase: AccessRequest, Person: person, PolicyDigest: f.PolicyDigest, EffectiveAt: t.from, Notes: t.notes,
		Conflicts: ordered(f.Conflicts), BreakGlass: glass,
		Changes: []Change{{
			ID: ChangeID(verb, object), Phase: PhaseGrant, Verb: verb, Object: object, Origin: identity.OriginDirect,
			Before: before, After: after, Inverse: inverse, Reason: "asked for as " + f.Entry.Name, Item: f.Item.Key,
			Limit: t.limit, Until: t.until, Notice: f.Entry.Limit.Notice, Claim: t.bound() || f.Standing != nil,
		}},
	}
	if words := TermWords(plan.Changes[0]); words != "" {
		plan.Changes[0].After += " " + words // evidence and the command line show it
	}
	if glass != nil {
		plan.Notes = append(plan.Notes, "It is "+glass.Words()+".")
	}
	if note != "" {
		plan.Notes = append(plan.Notes, note)
	}
	if held {
		plan.Changes[0].Before = after
		plan.Notes = append(plan.Notes, extension(f.Standing, t))
	}
	return GrantDecision{Plan: Seal(plan), Object: object}
}

// extends says whether a request for what is held already moves an end: a time-bound grant of it stands, and it is held
// by that grant rather than by a group, a rule or another system.
func extends(standing *StandingGrant, has identity.Grant) bool {
	return standing != nil && !standing.Until.IsZero() && (has.Origin == identity.OriginDirect || has.Origin == identity.OriginBoth)
}

// extension says what a request for what is held for a time will do.
func extension(standing *StandingGrant, t term) string {
	held := "It is held already, until " + standing.Until.UTC().Format("2006-01-02 15:04 MST")
	if !t.bound() {
		return held + "; this makes it permanent. Nothing is written to Okta."
	}
	return held + "; this extends it. The later end counts, and nothing is written to Okta."
}

// How says in words how somebody holds a grant: "assigned by name", "through group Sales".
func How(g identity.Grant) string {
	switch g.Origin {
	case identity.OriginDirect:
		if g.Entitlement.Kind == identity.KindGroup {
			return "as a member by name"
		}
		return "assigned by name"
	case identity.OriginGroup:
		return "through group " + names(g.Via)
	case identity.OriginBoth:
		return "assigned by name and through group " + names(g.Via)
	case identity.OriginGroupRule:
		return "through group rule " + names(g.Via)
	case identity.OriginGroupPush:
		return "as a member of a group that is pushed to " + names(g.Via)
	case identity.OriginImported:
		return "from the application or directory that masters it"
	case identity.OriginBuiltIn:
		return "as everybody has"
	}
	return "in a way Okta does not name"
}

func ended(end End, why string) GrantDecision { return GrantDecision{End: end, Why: why} }
