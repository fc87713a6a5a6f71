package policy

import (
	"fmt"
	"slices"
	"strings"

	"latchkey/approval"
)

// Route gives the chain of the first route that applies. A condition that cannot be evaluated is an error rather than
// a route passed over, because the next route may ask for less. No route that applies is an error that says what to
// add.
func (p *Policy) Route(f RouteFacts) (Route, error) {
	vars := routeVars(f)
	for _, r := range p.approvals.routes {
		applies, err := r.when.holds(vars)
		if err != nil {
			return Route{}, fmt.Errorf("approvals.yaml, route %q: %w", r.name, err)
		}
		if !applies {
			continue
		}
		return p.take(r, vars, f)
	}
	what := "use_case == " + quote(useCaseWord(f.UseCase))
	if f.Item != nil {
		what += " with item.key == " + quote(f.Item.Key) + " and item.risk == " + quote(f.Item.Risk)
	}
	return Route{}, fmt.Errorf("no route in approvals.yaml applies to %s: add one, or a last route without when", what)
}

func routeVars(f RouteFacts) map[string]any {
	return map[string]any{
		"ticket": ticketOf(f.Ticket), "requester": personOf(f.Requester), "subject": personOf(f.Subject),
		"item": catalogueOf(f.Item), "use_case": useCaseWord(f.UseCase), "emergency": f.Emergency,
		"protected": f.Protected, "break_glass": f.BreakGlass, "now": f.Now.UTC(), "fields": answersOf(f.Fields),
	}
}

func (p *Policy) take(r *route, vars map[string]any, f RouteFacts) (Route, error) {
	out := Route{Name: r.name, Reason: r.reason, Mode: r.mode, AllowRepeat: r.allowRepeat}
	for _, b := range slices.Concat(p.approvals.ban, r.ban) {
		if !slices.ContainsFunc(out.BanExtra, func(a string) bool { return strings.EqualFold(a, b) }) {
			out.BanExtra = append(out.BanExtra, b)
		}
	}
	if f.BreakGlass && f.Item != nil && f.Item.glass != nil {
		var err error
		if out.Tell, err = people(f.Item.glass.tell, vars); err != nil {
			return Route{}, fmt.Errorf("catalogue.yaml, item %q, break_glass.tell: %w", f.Item.Key, err)
		}
	}
	if r.mode == approval.ModeStage {
		reached, err := r.stage.holds(vars)
		if err != nil {
			return Route{}, fmt.Errorf("approvals.yaml, route %q, stage: %w", r.name, err)
		}
		out.StageReached = reached
	}
	for _, l := range r.levels {
		made := l.RouteLevel
		for _, g := range l.groups {
			one := g.RouteGroup
			var err error
			if one.Who, err = people(g.who, vars); err != nil {
				return Route{}, fmt.Errorf("approvals.yaml, route %q, level %q, group %q: %w", r.name, l.Name, g.Name, err)
			}
			made.Groups = append(made.Groups, one)
		}
		var err error
		if made.Calendar, err = frozen(l.Calendar, f.Now); err != nil {
			return Route{}, fmt.Errorf("approvals.yaml, route %q, level %q: %w", r.name, l.Name, err)
		}
		if made.EscalateTo, err = people(l.escalateTo, vars); err != nil {
			return Route{}, fmt.Errorf("approvals.yaml, route %q, level %q, escalate_to: %w", r.name, l.Name, err)
		}
		if made.ReassignTo, err = people(l.reassignTo, vars); err != nil {
			return Route{}, fmt.Errorf("approvals.yaml, route %q, level %q, reassign_to: %w", r.name, l.Name, err)
		}
		out.Levels = append(out.Levels, made)
	}
	return out, nil
}

// people works out the approvers that are expressions. One that gives no address leaves its fallback to be tried.
func people(list []approver, vars map[string]any) ([]Approvers, error) {
	var out []Approvers
	for _, a := range list {
		one := a.Approvers
		fallback, err := people(a.fallback, vars)
		if err != nil {
			return nil, err
		}
		if a.expression != nil {
			if one.Value, err = a.expression.text(vars); err != nil {
				return nil, err
			}
			if !isAddress(one.Value) {
				if len(fallback) == 0 {
					return nil, fmt.Errorf("the expression %q gives %s, which is no e-mail address, and has no fallback", short(a.expression.source), quote(one.Value))
				}
				out = append(out, fallback...)
				continue
			}
		}
		if one.Kind == ApproverField {
			address := fieldAddress(vars, one.Value)
			if address == "" {
				if len(fallback) == 0 {
					return nil, fmt.Errorf("the field %q of the ticket holds no e-mail address, and has no fallback", one.Value)
				}
				out = append(out, fallback...)
				continue
			}
			one.Field, one.Value = one.Value, address
		}
		one.Fallback = fallback
		out = append(out, one)
	}
	return out, nil
}

// fieldAddress is the e-mail address in a field that intake extracted; empty where it holds none.
func fieldAddress(vars map[string]any, name string) string {
	fields, _ := vars["fields"].(answers)
	address, is := fields.given[name].(string)
	if !is || !isAddress(address) {
		return ""
	}
	return strings.ToLower(address)
}
