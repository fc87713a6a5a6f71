package policy

import (
	"fmt"
	"maps"
	"strconv"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"

	"latchkey/casework"
)

// Mode is how far a use case may go.
func (p *Policy) Mode(u casework.UseCase) casework.Mode {
	if m, ok := p.intake.modes[u]; ok {
		return m
	}
	return casework.ModeOff
}

// Modes lists the mode of every use case.
func (p *Policy) Modes() map[casework.UseCase]casework.Mode { return maps.Clone(p.intake.modes) }

// Classify reads a ticket by the first rule that wants it. Ticket text is data here: whatever it holds, the answer is a
// classification, and an answer that cannot be read is a Missing. A rule whose condition fails on the answers it meets
// (a number where a text was expected) does not want the ticket. Where the use case is off the ticket is left alone.
func (p *Policy) Classify(f IntakeFacts) (Classification, error) {
	vars := intakeVars(f)
	for _, r := range p.intake.rules {
		if wanted, err := r.when.holds(vars); err != nil || !wanted || !r.wants(p, f) {
			continue
		}
		if mode := p.Mode(r.useCase); mode == casework.ModeOff {
			return Classification{Rule: r.name, Mode: mode}, nil
		}
		return p.read(r, f, vars), nil
	}
	return Classification{}, nil
}

// ReadAs reads a ticket that was classified before by the rule that took it, whatever its condition says of the ticket
// now. When that rule is gone, the first rule of the use case reads it; when there is none either, that is an error.
func (p *Policy) ReadAs(f IntakeFacts, useCase casework.UseCase, rule string) (Classification, error) {
	var fallback *intakeRule
	for _, r := range p.intake.rules {
		if r.useCase != useCase {
			continue
		}
		if r.name == rule {
			return p.read(r, f, intakeVars(f)), nil
		}
		if fallback == nil {
			fallback = r
		}
	}
	if fallback == nil {
		return Classification{}, fmt.Errorf("intake.yaml has no rule for %s any more (the ticket was taken by %q): add one", useCaseWord(useCase), rule)
	}
	return p.read(fallback, f, intakeVars(f)), nil
}

// MaybeWanted says whether a ticket from a list could be wanted: false only when every rule is sure, without the
// requested items, the context, the requester, the approval and whatever else the list does not show. A fact with its
// zero value is taken as not known.
func (p *Policy) MaybeWanted(t TicketFacts) bool {
	vars, err := cel.PartialVars(map[string]any{"ticket": ticketOf(t)}, unknownOf(t)...)
	if err != nil {
		return true
	}
	for _, r := range p.intake.rules {
		if p.Mode(r.useCase) == casework.ModeOff {
			continue
		}
		v, _, err := r.when.part.Eval(vars)
		if err != nil || v != types.False {
			if described(t) && !r.wants(p, IntakeFacts{Ticket: t}) {
				continue
			}
			return true
		}
	}
	return false
}

// typeIncident is the ticket type that never has requested items: only service requests come from the catalogue
// (reference: freshservice-api §5.2).
const typeIncident = "Incident"

// unknownOf lists what a list element does not tell.
func unknownOf(t TicketFacts) []*cel.AttributePatternType {
	unknown := []*cel.AttributePatternType{cel.AttributePattern("requester"), cel.AttributePattern("now")}
	for name, zero := range map[string]bool{
		"items": t.Type != typeIncident, "onboarding": true, "offboarding": true, "approval": true,
		"subject": t.Subject == "", "text": t.Text == "", "type": t.Type == "", "status": t.Status == 0,
		"status_name": t.StatusName == "", "source": t.Source == 0, "priority": t.Priority == 0,
		"category": t.Category == "", "group": t.Group == "", "tags": len(t.Tags) == 0, "custom": len(t.Custom) == 0,
		"created_at": t.CreatedAt.IsZero(), "updated_at": t.UpdatedAt.IsZero(),
	} {
		if zero {
			unknown = append(unknown, cel.AttributePattern("ticket").QualString(name))
		}
	}
	return unknown
}

func intakeVars(f IntakeFacts) map[string]any {
	return map[string]any{"ticket": ticketOf(f.Ticket), "requester": personOf(f.Requester), "now": f.Now.UTC()}
}

// read extracts what a rule says from a ticket.
func (p *Policy) read(r *intakeRule, f IntakeFacts, vars map[string]any) Classification {
	c := Classification{UseCase: r.useCase, Mode: p.Mode(r.useCase), Rule: r.name, Fields: map[string]any{}}
	if reason, err := r.reason.text(vars); err == nil {
		c.Reason = reason
	}
	if r.subject != nil {
		if v, why := r.subject.read(vars); why != "" {
			c.Missing = append(c.Missing, r.subject.missing(why))
		} else if address, ok := v.(string); ok {
			c.Subject = address
		}
	}
	for _, fd := range r.fields {
		v, why := fd.read(vars)
		switch {
		case why != "":
			c.Missing = append(c.Missing, fd.missing(why))
		case v != nil:
			c.Fields[fd.name] = v
		}
	}
	r.emergency.read(&c, f, vars)
	r.effective.read(&c, vars, p.defaultTime(r.useCase))
	if r.items != nil {
		p.readItems(r.items, f, vars, &c)
	}
	r.reset.read(p, f, vars, &c)
	return c
}

// defaultTime is the hour that counts when a ticket of a use case names only a day.
func (p *Policy) defaultTime(u casework.UseCase) string {
	switch u {
	case casework.Onboarding:
		return p.onboarding.ActivateTime
	case casework.RoleChange:
		return p.mover.DefaultTime
	case casework.Offboarding, casework.AccessRequest, casework.CredentialReset, casework.ProfileSync, casework.AccessReview, casework.SecurityAlert:
	}
	return p.offboarding.DefaultTime
}

func (f *field) missing(why string) casework.Missing {
	return casework.Missing{Field: f.name, Label: f.label, Why: why}
}

// read gives the value of a field, nil where it was not answered and need not be, or why it cannot be used.
func (f *field) read(vars map[string]any) (v any, why string) {
	v, err := f.value.value(vars)
	if err != nil {
		return nil, "cannot be read from this ticket"
	}
	if s, is := v.(string); v == nil || is && s == "" {
		if f.required {
			return nil, "is empty"
		}
		return nil, ""
	}
	return f.convert(v)
}

func (f *field) convert(v any) (any, string) {
	text := plainText(types.DefaultTypeAdapter.NativeToValue(v))
	switch f.kind {
	case fieldText:
		return text, ""
	case fieldEmail:
		if !isAddress(text) {
			return nil, "is not an e-mail address: " + quote(text)
		}
		return strings.ToLower(text), ""
	case fieldDate:
		at, err := parseMoment(v)
		if err != nil {
			return nil, err.Error()
		}
		return at.rfc3339(), ""
	case fieldNumber:
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, "is not a number: " + quote(text)
		}
		return n, ""
	case fieldFlag:
		switch strings.ToLower(text) {
		case "true", "yes", "1", "on":
			return true, ""
		case "false", "no", "0", "off":
			return false, ""
		default:
			return nil, "is not yes or no: " + quote(text)
		}
	case fieldChoice:
		for _, a := range f.allowed {
			if strings.EqualFold(a, text) {
				return a, ""
			}
		}
		return nil, quote(text) + " is none of " + strings.Join(f.allowed, ", ")
	default:
		return text, ""
	}
}

// read decides whether this is an emergency. Expressions that fail refuse. Who may call one has to depend on the
// requester: an expression that also holds for a requester of whom nothing is known would let the ticket, or its
// source, authorise itself.
func (e *emergencyRule) read(c *Classification, f IntakeFacts, vars map[string]any) {
	if e == nil {
		return
	}
	if asked, err := e.when.holds(vars); err != nil || !asked {
		return
	}
	allowed, err := e.allowed.holds(vars)
	if err != nil || !allowed {
		c.EmergencyRefused = "policy does not let the requester call an emergency"
		return
	}
	anybody := maps.Clone(vars)
	anybody["requester"] = personOf(PersonFacts{})
	if free, err := e.allowed.holds(anybody); err != nil || free {
		c.EmergencyRefused = "policy would let anybody call this emergency: its rule does not depend on the requester"
		return
	}
	if f.Requester.Person.Email == "" && f.Requester.Person.DeskID == 0 {
		c.EmergencyRefused = "nobody knows who the requester is"
		return
	}
	c.Emergency = true
}

// read finds the effective moment. A date without an hour gets the policy's; an emergency without a date is now.
func (e *effectiveRule) read(c *Classification, vars map[string]any, defaultTime string) {
	if e == nil {
		return
	}
	date, err := e.date.value(vars)
	if err != nil {
		c.Missing = append(c.Missing, casework.Missing{Field: "effective", Label: e.label, Why: "cannot be read from this ticket"})
		return
	}
	hour, err := e.time.text(vars)
	if err != nil {
		hour = ""
	}
	e.take(c, date, hour, defaultTime)
}

// take puts a day, and an hour where one is given, into words that the planners take.
func (e *effectiveRule) take(c *Classification, date any, hour, defaultTime string) {
	if s, is := date.(string); date == nil || is && s == "" {
		if !e.now && !c.Emergency {
			c.Missing = append(c.Missing, casework.Missing{Field: "effective", Label: e.label, Why: "is empty"})
		}
		return
	}
	at, err := parseMoment(date)
	if err != nil {
		c.Missing = append(c.Missing, casework.Missing{Field: "effective", Label: e.label, Why: err.Error()})
		return
	}
	if hour != "" {
		clock, ok := parseClock(hour)
		if !ok {
			c.Missing = append(c.Missing, casework.Missing{Field: "effective_time", Label: e.label, Why: "is not a time of day such as 18:00: " + quote(hour)})
			return
		}
		at = at.on(clock)
	}
	switch {
	case at.exact:
		c.EffectiveAt, c.EffectiveText = at.time, at.time.Format("2006-01-02 15:04 MST")
	case at.clock:
		c.LocalEffective = at.time.Format(localLayout)
	default:
		clock, _ := parseClock(defaultTime)
		c.LocalEffective = at.on(clock).time.Format(localLayout)
	}
	if c.LocalEffective != "" {
		c.EffectiveText = strings.Replace(c.LocalEffective, "T", " ", 1)
	}
}
