package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"latchkey/contract"
	"latchkey/detection"
	"latchkey/policy"
)

const (
	// mostShown bounds the timeline of one text, and the list of other alerts.
	mostShown = 20
	// mostAbout bounds how many values one line about an incident shows.
	mostAbout = 6
	// mostWord bounds a value of an event, in characters.
	mostWord = 120
	// mostTitle bounds a subject before its marker; the vendor takes 255 characters.
	mostTitle = 180
)

// unknownUser stands for a login that nobody has: people type passwords into that box (reference/alert-rules.md §2.1).
const unknownUser = "an unknown user (what was typed is not shown)"

// word makes a value of an event fit for people: one line, bounded, without characters that hide or turn text.
func word(s string) string {
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.C, r) }), " ")
	if r := []rune(s); len(r) > mostWord {
		return string(r[:mostWord]) + "…"
	}
	return s
}

func words(parts ...string) string {
	parts = slices.DeleteFunc(parts, func(s string) bool { return s == "" })
	for i, p := range parts {
		parts[i] = word(p)
	}
	return strings.Join(parts, ", ")
}

// incidentBody renders a text about an incident.
func (d *Desk) incidentBody(ctx context.Context, name string, f contract.IncidentFacts) (string, error) {
	body, err := d.Policy.Current().Text(name, d.incidentText(ctx, f))
	if err != nil {
		return "", problemText(name, err)
	}
	return body, nil
}

func (d *Desk) incidentText(ctx context.Context, f contract.IncidentFacts) policy.IncidentText {
	filter := logFilter(f)
	t := policy.IncidentText{
		Rule: f.Route.Rule, RuleID: f.Key.Rule, Why: f.Route.Why, Severity: f.Severity.String(), Steps: f.Route.Steps,
		Events: f.Events, Added: f.Added, Measure: f.Measure, First: f.First.UTC(), Last: f.Last.UTC(), After: afterWords(f.After),
		About: incidentAbout(f), Before: f.Before, StoppedAll: f.StoppedAll, Eased: f.Eased, Closing: f.Closing, Reopened: f.Reopened,
		Rolling: f.Rolling, Workflow: f.Workflow, Filter: filter, OktaLog: d.Links.oktaLog(f, filter), Temporal: d.Links.workflow(ctx, f.Workflow),
	}
	if f.Was != 0 && f.Was != f.Severity && !f.Reopened {
		t.Was = f.Was.String()
	}
	if f.Quiet {
		t.Quiet = f.Route.Quiet
	}
	if f.MutedBy != nil {
		t.MutedBy = d.alertName(*f.MutedBy)
	}
	for _, e := range f.Evidence[:min(len(f.Evidence), mostShown)] {
		t.Timeline = append(t.Timeline, policy.IncidentEvent{
			At: e.At.UTC(), What: word(e.Type), Result: words(e.Outcome, e.Reason), Who: whoOf(e), Where: words(e.IP, e.City, e.Country),
			With: words(e.App, e.Agent, e.Device), Risk: word(e.Risk),
		})
	}
	if len(t.Timeline) > 0 {
		t.More = max(max(f.Added, len(f.Evidence))-len(t.Timeline), 0)
	}
	for _, k := range f.Stopped[:min(len(f.Stopped), mostShown)] {
		t.Stopped = append(t.Stopped, d.alertName(k))
	}
	return t
}

// whoOf is whom an event is about.
func whoOf(e detection.Evidence) string {
	switch {
	case e.Login != "":
		return word(e.Login)
	case e.Subject != "":
		return word(e.Subject)
	}
	return unknownUser
}

// incidentAbout gathers who, where and with what.
func incidentAbout(f contract.IncidentFacts) []policy.IncidentFact {
	var list []policy.IncidentFact
	add := func(label string, get func(detection.Evidence) string) {
		var values []string
		more := 0
		for _, e := range f.Evidence {
			v := get(e)
			switch {
			case v == "" || slices.Contains(values, v):
			case len(values) == mostAbout:
				more++
			default:
				values = append(values, v)
			}
		}
		if len(values) == 0 {
			return
		}
		text := strings.Join(values, "; ")
		if more > 0 {
			text += " and more"
		}
		list = append(list, policy.IncidentFact{Label: label, Value: text})
	}
	add("Person", whoOf)
	add("Event", func(e detection.Evidence) string { return word(e.Type) })
	add("Address", func(e detection.Evidence) string { return word(e.IP) })
	add("Place", func(e detection.Evidence) string { return words(e.City, e.Country) })
	add("App", func(e detection.Evidence) string { return word(e.App) })
	add("Browser and system", func(e detection.Evidence) string { return word(e.Agent) })
	add("Device", func(e detection.Evidence) string { return word(e.Device) })
	add("Risk, says Okta", func(e detection.Evidence) string { return word(e.Risk) })
	return list
}

// incidentTitle is the subject of the ticket, without its marker.
func incidentTitle(f contract.IncidentFacts) string {
	title := f.Severity.String() + " " + word(f.Route.Rule)
	var about []string
	for _, e := range f.Evidence {
		if e.Login != "" && !slices.Contains(about, word(e.Login)) {
			about = append(about, word(e.Login))
		}
	}
	switch {
	case f.Key.Rule == detection.Storm:
		title += fmt.Sprintf(": %d alerts", f.StoppedAll)
	case len(about) == 1 && hasPart(f.Key, "subject", "actor", "login"):
		title += ": " + about[0]
	default:
		if parts := keyWords(f.Key); parts != "" {
			title += ": " + parts
		}
	}
	if r := []rune(title); len(r) > mostTitle {
		title = string(r[:mostTitle]) + "…"
	}
	return title
}

func hasPart(k detection.Key, names ...string) bool {
	return slices.ContainsFunc(k.Parts, func(p detection.KeyPart) bool { return slices.Contains(names, p.Name) })
}

// keyWords is a key for people. A login in it may be a password in the wrong box, and so may whatever a rule takes from
// an event by its path: neither is shown.
func keyWords(k detection.Key) string {
	var list []string
	for _, p := range k.Parts {
		switch {
		case p.Name == "org":
		case p.Name == "login", strings.HasPrefix(p.Name, "path."), strings.HasPrefix(p.Name, "debug."):
			list = append(list, p.Name+" (not shown)")
		default:
			list = append(list, p.Name+" "+word(p.Value))
		}
	}
	return strings.Join(list, ", ")
}

// alertName is another alert for people: its rule's name and its key.
func (d *Desk) alertName(k detection.Key) string {
	name := d.Policy.Current().AlertRoute(policy.AlertFacts{Key: k}).Rule.Name
	if parts := keyWords(k); parts != "" {
		name += " (" + parts + ")"
	}
	return word(name)
}

func afterWords(o detection.Outcome) string {
	switch o {
	case detection.Held:
		return "It waited for the end of a mute time"
	case detection.Silenced:
		return "It was silenced by a person until now"
	case detection.Inhibited:
		return "A bigger alert stood for it until now"
	case detection.Fired, detection.Counted, detection.Flooded, detection.OwnChange:
	}
	return ""
}
