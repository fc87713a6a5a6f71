package policy

import (
	"maps"
	"slices"
	"strings"

	"latchkey/casework"
)

// intake is intake.yaml.
type intake struct {
	modes map[casework.UseCase]casework.Mode
	rules []*intakeRule
}

// intakeRule says which tickets a use case wants and how to read them.
type intakeRule struct {
	name      string
	useCase   casework.UseCase
	when      *expr
	subject   *field
	reason    *expr
	effective *effectiveRule
	fields    []*field
	emergency *emergencyRule
	items     *itemsRule
	reset     *resetRule
}

// field is one answer that a rule reads.
type field struct {
	name     string
	label    string
	value    *expr
	kind     fieldKind
	required bool
	allowed  []string // fieldChoice
}

type fieldKind string

const (
	fieldText   fieldKind = "text"
	fieldEmail  fieldKind = "email"
	fieldDate   fieldKind = "date"
	fieldNumber fieldKind = "number"
	fieldFlag   fieldKind = "boolean"
	fieldChoice fieldKind = "choice"
)

// effectiveRule says when a leaver, a joiner or a mover takes effect.
type effectiveRule struct {
	date  *expr
	time  *expr
	label string
	now   bool // a missing date means at once
}

// emergencyRule says what asks for an emergency, and who may call one.
type emergencyRule struct {
	when    *expr
	allowed *expr
}

// itemsRule says what an access request asks for.
type itemsRule struct {
	ticket        bool // the ticket itself is the one item
	when          *expr
	name          *expr
	catalogue     *expr
	beneficiary   *expr
	justification *expr
	days          *expr
	from          *expr
	until         *expr
}

// useCaseWords are the use cases by policy's names.
func useCaseWords() map[string]casework.UseCase {
	return map[string]casework.UseCase{
		"offboarding": casework.Offboarding, "access_request": casework.AccessRequest,
		"onboarding": casework.Onboarding, "role_change": casework.RoleChange,
		"credential_reset": casework.CredentialReset,
	}
}

func useCaseNames() []string { return slices.Sorted(maps.Keys(useCaseWords())) }

func useCaseWord(u casework.UseCase) string {
	for word, one := range useCaseWords() {
		if one == u {
			return word
		}
	}
	return strings.ToLower(string(u))
}

func (v value) useCase() casework.UseCase { return useCaseWords()[v.oneOf(useCaseNames()...)] }

func loadIntake(v value, c *compiler) intake {
	in := intake{modes: map[casework.UseCase]casework.Mode{}}
	for _, u := range casework.UseCases() {
		in.modes[u] = casework.ModeObserve // a new installation only looks
	}
	v.object("intake.yaml", keys{
		"use_cases": func(v value) {
			known := keys{}
			for word, u := range useCaseWords() {
				known[word] = func(v value) {
					v.object("use case "+word, keys{"mode": func(v value) {
						in.modes[u] = casework.Mode(v.oneOf(string(casework.ModeOff), string(casework.ModeObserve), string(casework.ModeAct)))
					}}, "mode")
				}
			}
			v.object("use_cases", known)
		},
		"rules": func(v value) {
			for _, one := range v.items("rules") {
				r := loadRule(one, c)
				if r.name != "" && slices.ContainsFunc(in.rules, func(b *intakeRule) bool { return b.name == r.name }) {
					one.problem("a second rule is called %q; give each rule a name of its own", r.name)
				}
				in.rules = append(in.rules, r)
			}
		},
	}, "rules")
	return in
}

func loadRule(v value, c *compiler) *intakeRule {
	r := &intakeRule{}
	var useCaseAt value
	v.object("an intake rule", keys{
		"name":      func(v value) { r.name = v.text() },
		"use_case":  func(v value) { r.useCase, useCaseAt = v.useCase(), v },
		"when":      func(v value) { r.when = c.compile(v, scopeIntake, wantBool) },
		"subject":   func(v value) { r.subject = loadSubject(v, c) },
		"reason":    func(v value) { r.reason = c.compile(v, scopeIntake, wantValue) },
		"effective": func(v value) { r.effective = loadEffective(v, c) },
		"fields":    func(v value) { r.fields = loadFields(v, c) },
		"emergency": func(v value) { r.emergency = loadEmergency(v, c) },
		"items":     func(v value) { r.items = loadItems(v, c) },
		"reset":     func(v value) { r.reset = loadReset(v, c) },
	}, "name", "use_case", "when")
	r.check(useCaseAt)
	return r
}

// check says what a rule lacks, and what it has that its use case does not know. No use case was read: nothing to say.
func (r *intakeRule) check(at value) {
	lacks := func(is bool, format string, args ...any) {
		if is {
			at.problem(format, args...)
		}
	}
	word := useCaseWord(r.useCase)
	lacks(r.reset != nil && r.useCase != casework.CredentialReset && r.useCase != "", "reset belongs to credential_reset, not to %s", word)
	switch r.useCase {
	case casework.Offboarding:
		lacks(r.subject == nil, "an offboarding rule needs subject: the e-mail address of the leaver")
		lacks(r.effective == nil, "an offboarding rule needs effective: where the last working day is found, or {now: true}")
		lacks(r.items != nil, "items belongs to access_request; an offboarding rule has subject")
	case casework.AccessRequest:
		lacks(r.items == nil, "an access_request rule needs items: what is asked for, and for whom")
		lacks(r.emergency != nil || r.effective != nil || r.subject != nil,
			"subject, effective and emergency belong to offboarding; an access_request rule has items")
	case casework.Onboarding:
		lacks(r.effective == nil, "an onboarding rule needs effective: where the first working day is found, or {now: true}")
		lacks(r.subject != nil, "subject is somebody who has an account; an onboarding rule reads who joins with fields")
		lacks(r.items != nil || r.emergency != nil, "items belongs to access_request and emergency to offboarding; neither to %s", word)
	case casework.RoleChange:
		lacks(r.subject == nil, "a role_change rule needs subject: the e-mail address of the person who moves")
		lacks(r.effective == nil, "a role_change rule needs effective: where the day of the change is found, or {now: true}")
		lacks(r.items != nil || r.emergency != nil, "items belongs to access_request and emergency to offboarding; neither to %s", word)
	case casework.CredentialReset:
		r.checkReset(lacks)
	case casework.ProfileSync, casework.SecurityAlert, casework.AccessReview: // no ticket asks for it
	}
	if e := r.effective; e != nil && e.label == "" {
		switch r.useCase {
		case casework.Onboarding:
			e.label = "First working day"
		case casework.RoleChange:
			e.label = "Day of the change"
		case casework.Offboarding, casework.AccessRequest, casework.CredentialReset, casework.ProfileSync, casework.AccessReview, casework.SecurityAlert:
			e.label = "Last working day"
		}
	}
}

// loadSubject reads `subject: CEL` or `subject: {value: CEL, label: text}`.
func loadSubject(v value, c *compiler) *field {
	f := &field{name: "subject", label: "E-mail address of the person", kind: fieldEmail, required: true}
	if !v.mapping() {
		f.value = c.compile(v, scopeIntake, wantValue)
		return f
	}
	v.object("subject", keys{
		"value": func(v value) { f.value = c.compile(v, scopeIntake, wantValue) },
		"label": func(v value) { f.label = v.text() },
	}, "value")
	return f
}

func loadFields(v value, c *compiler) []*field {
	var list []*field
	for _, e := range v.entries("fields") {
		f := &field{name: e.key, label: e.key, kind: fieldText}
		kinds := []string{
			string(fieldText), string(fieldEmail), string(fieldDate), string(fieldNumber), string(fieldFlag), string(fieldChoice),
		}
		e.value.object("field "+e.key, keys{
			"value":    func(v value) { f.value = c.compile(v, scopeIntake, wantValue) },
			"label":    func(v value) { f.label = v.text() },
			"required": func(v value) { f.required = v.flag() },
			"type":     func(v value) { f.kind = fieldKind(v.oneOf(kinds...)) },
			"allowed":  func(v value) { f.allowed = v.texts("allowed") },
		}, "value")
		if (f.kind == fieldChoice) != (len(f.allowed) > 0) {
			e.at.problem("field %q: allowed lists the answers of type choice, and only of that type", e.key)
		}
		list = append(list, f)
	}
	return list
}

func loadEffective(v value, c *compiler) *effectiveRule {
	e := &effectiveRule{}
	dated := false
	v.object("effective", keys{
		"date":  func(v value) { e.date, dated = c.compile(v, scopeIntake, wantValue), true },
		"time":  func(v value) { e.time = c.compile(v, scopeIntake, wantValue) },
		"label": func(v value) { e.label = v.text() },
		"now":   func(v value) { e.now = v.flag() },
	})
	if v.mapping() && !dated && !e.now {
		v.problem("effective needs date (an expression) or now: true")
	}
	return e
}

// loadEmergency refuses a rule that lets a ticket authorise itself: who may call an emergency is a question about the
// requester. What gets past this check and still does not look at the requester is refused when it is evaluated.
func loadEmergency(v value, c *compiler) *emergencyRule {
	e := &emergencyRule{}
	v.object("emergency", keys{
		"when": func(v value) { e.when = c.compile(v, scopeIntake, wantBool) },
		"allowed": func(v value) {
			e.allowed = c.compile(v, scopeIntake, wantBool)
			if e.allowed != nil && !slices.Contains(e.allowed.names, "requester") {
				v.problem("allowed has to look at the requester (groups, roles, e-mail address); what a ticket says, " +
					"its source included, never authorises an emergency")
			}
		},
	}, "when", "allowed")
	return e
}

func loadItems(v value, c *compiler) *itemsRule {
	r := &itemsRule{}
	s := scopeItem
	// `each` decides which variables the other keys have, so it is read first wherever it stands.
	for _, e := range v.entries("items") {
		if e.key == "each" && e.value.raw() == "ticket" {
			r.ticket, s = true, scopeIntake
		}
	}
	named := false
	v.object("items", keys{
		"each":          func(v value) { v.oneOf("requested_item", "ticket") },
		"when":          func(v value) { r.when = c.compile(v, s, wantBool) },
		"name":          func(v value) { r.name, named = c.compile(v, s, wantValue), true },
		"catalogue":     func(v value) { r.catalogue, named = c.compile(v, s, wantValue), true },
		"beneficiary":   func(v value) { r.beneficiary = c.compile(v, s, wantValue) },
		"justification": func(v value) { r.justification = c.compile(v, s, wantValue) },
		"days":          func(v value) { r.days = c.compile(v, s, wantValue) },
		"from":          func(v value) { r.from = c.compile(v, s, wantValue) },
		"until":         func(v value) { r.until = c.compile(v, s, wantValue) },
	})
	if r.ticket && !named {
		v.problem("items of each: ticket need name or catalogue (an expression over the ticket)")
	}
	return r
}

// fieldUse is a place in another file that names a field which intake reads.
type fieldUse struct {
	name string
	at   value
}

// checkFields finds names that no rule of intake.yaml reads: a misspelt one would be empty for ever.
func (in intake) checkFields(used []fieldUse) {
	known := map[string]bool{}
	for _, r := range in.rules {
		for _, f := range r.fields {
			known[f.name] = true
		}
	}
	for _, u := range used {
		if u.name != "" && !known[u.name] {
			u.at.problem("no rule of intake.yaml reads a field %q; fields are: %s", u.name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
}
