package policy

import (
	"slices"
	"strings"

	"latchkey/casework"
)

// resetRule says what a credential reset asks for: by the answers of a form, or by the words of the ticket.
type resetRule struct {
	keywords bool
	wish     *expr
	factor   *expr
	sessions *expr
	form     string
}

func loadReset(v value, c *compiler) *resetRule {
	r := &resetRule{}
	named := false
	v.object("reset", keys{
		"keywords":     func(v value) { r.keywords = v.flag() },
		"wish":         func(v value) { r.wish, named = c.compile(v, scopeIntake, wantValue), true },
		"factor":       func(v value) { r.factor = c.compile(v, scopeIntake, wantValue) },
		"end_sessions": func(v value) { r.sessions = c.compile(v, scopeIntake, wantBool) },
		"form":         func(v value) { r.form = v.text() },
	})
	if v.mapping() && r.keywords == named {
		v.problem("reset needs wish (an expression that gives password, unlock, activation, factor or factors), or keywords: true; not both")
	}
	if r.keywords && (r.factor != nil || r.form != "") {
		v.problem("factor and form belong to wish: words in a text name no form")
	}
	return r
}

// checkReset says what a rule for credential resets lacks, and what it has too much.
func (r *intakeRule) checkReset(lacks func(is bool, format string, args ...any)) {
	lacks(r.reset == nil, "a credential_reset rule needs reset: what is asked for")
	lacks(r.reset != nil && !r.reset.keywords && r.subject == nil, "a credential_reset rule needs subject: the e-mail address of the account's owner")
	lacks(r.reset != nil && r.reset.keywords && r.subject != nil,
		"a ticket in plain words is about its requester; leave subject out, and let a form ask for somebody else's account")
	lacks(r.items != nil || r.emergency != nil || r.effective != nil,
		"items belongs to access_request, emergency to offboarding and effective to people who come, move or leave; none to credential_reset")
}

// wants says whether a rule that goes by words finds any in a ticket. A rule that does not go by words wants it.
func (r *intakeRule) wants(p *Policy, f IntakeFacts) bool {
	return r.reset == nil || !r.reset.keywords || !p.readWords(f).Nothing()
}

// described says whether a ticket from a list shows more than its subject: words that are not shown may ask for anything.
func described(t TicketFacts) bool {
	rest, _ := strings.CutPrefix(t.Text, strings.ToLower(t.Subject)+"\n")
	return t.Own != "" || strings.TrimSpace(rest) != ""
}

func (p *Policy) readWords(f IntakeFacts) casework.ResetReading {
	text := f.Ticket.Own
	if text == "" {
		text, _ = strings.CutPrefix(f.Ticket.Text, strings.ToLower(f.Ticket.Subject)+"\n")
	}
	return casework.ReadResetWords(p.credentials.words, f.Requester.Person.Email, f.Ticket.Subject, text)
}

// read says what is asked for.
func (r *resetRule) read(p *Policy, f IntakeFacts, vars map[string]any, c *Classification) {
	if r == nil {
		return
	}
	ask := &casework.ResetAsk{LeaveRefused: p.credentials.LeaveRefused}
	c.Reset = ask
	if r.sessions != nil {
		if yes, err := r.sessions.holds(vars); err == nil {
			ask.Sessions = yes
		}
	}
	if r.keywords {
		words := p.readWords(f)
		ask.Kinds, ask.Found, ask.Unsure = words.Kinds, words.Found, words.Unsure
		c.Subject = strings.ToLower(strings.TrimSpace(f.Requester.Person.Email))
		return
	}
	ask.Form = r.form
	ask.Attested = p.attests(r.form, f.Ticket)
	wish, err := r.wish.text(vars)
	if err != nil {
		ask.Unsure = "what is asked for cannot be read from this ticket"
		return
	}
	kind := casework.ResetKind(strings.ToLower(strings.TrimSpace(wish)))
	if !slices.Contains(casework.ResetKinds(), kind) {
		ask.Unsure = "the form asks for " + quote(wish) + ", which is none of the things that can be reset"
		return
	}
	if r.factor != nil && kind.OfFactors() {
		kind = p.factorKind(r.factor, vars, kind, ask)
	}
	ask.Kinds = []casework.ResetKind{kind}
}

// factorKind finds which authenticators a form's word stands for.
func (p *Policy) factorKind(e *expr, vars map[string]any, kind casework.ResetKind, ask *casework.ResetAsk) casework.ResetKind {
	word, err := e.text(vars)
	if err != nil || strings.TrimSpace(word) == "" {
		return kind
	}
	ask.Factor = strings.TrimSpace(word)
	types := p.credentials.factors[strings.ToLower(ask.Factor)]
	switch {
	case len(types) == 0:
		ask.Unsure = "credentials.yaml knows no authenticator called " + quote(ask.Factor)
	case types[0] == allFactors:
		return casework.ResetAllFactors
	default:
		ask.Types = slices.Clone(types)
		return casework.ResetOneFactor
	}
	return kind
}

// sourcePortal is Freshservice's number for what came by the portal. What the API creates carries it too: it proves
// nothing, and any other number disproves a form (reference: freshservice-api §4.1).
const sourcePortal = 2

// attests says whether policy vouches that who filled in a form had signed in. The ticket has to be a service request
// with that very item, and show no other way by which it came.
func (p *Policy) attests(form string, t TicketFacts) bool {
	if form == "" || t.Type == typeIncident || t.Source != sourcePortal {
		return false
	}
	is := func(name string) bool { return strings.EqualFold(strings.TrimSpace(name), form) }
	return slices.ContainsFunc(p.credentials.forms, is) && slices.ContainsFunc(t.Items, func(i ItemFacts) bool { return is(i.Name) })
}
