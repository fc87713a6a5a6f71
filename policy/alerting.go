package policy

import (
	"maps"
	"slices"
	"time"

	"latchkey/casework"
	"latchkey/detection"
)

// AlertClose says what becomes of an incident for which nothing came for long.
type AlertClose string

// What becomes of it.
const (
	CloseUntouched AlertClose = "untouched" // resolved while nobody has taken it or said anything; otherwise noted
	CloseAlways    AlertClose = "always"    // resolved
	CloseNever     AlertClose = "never"     // noted
)

// ChatKind is the vendor of a channel's incoming webhook.
type ChatKind string

// The vendors.
const (
	ChatSlack ChatKind = "slack"
	ChatTeams ChatKind = "teams"
)

// ChatTarget is a channel by its name. Its address is a secret of the workers (LATCHKEY_CHAT_WEBHOOKS).
type ChatTarget struct {
	Name string
	Kind ChatKind
}

// AlertFacts is what a route is found by.
type AlertFacts struct {
	Key      detection.Key
	Severity detection.Severity // zero takes the rule's own
	Events   int
}

// AlertRoute is what becomes of an incident, defaults filled in.
type AlertRoute struct {
	Name     string // of the route; empty where none fits
	Severity detection.Severity
	Ticket   bool
	Priority int // 1 to 4 (reference/freshservice-api.md §4.1)
	Urgency  int // 1 to 3
	Impact   int
	Group    string // agent group
	Category string
	SubCat   string
	ItemCat  string
	Tags     []string
	Chat     []ChatTarget
	Wait     time.Duration // before a new incident is opened: the rule's own where it has one
	Interval time.Duration // least between two notes
	Notes    int           // after so many, one note is kept up to date instead
	Quiet    time.Duration // without evidence before it is quiet: the rule's own where no route says
	Close    AlertClose
	Reopen   time.Duration // after the end, for what comes back
	Rule     AlertRule     // zero for a rule that policy does not have any more
}

// alerting is alerts.yaml.
type alerting struct {
	mode   casework.Mode
	chat   map[string]ChatKind
	common alertSettings
	routes []alertRoute
}

// alertRoute is one route.
type alertRoute struct {
	name string
	when *expr
	alertSettings
}

// alertSettings are the keys of a route; nil leaves it to what stands behind.
type alertSettings struct {
	ticket                    *bool
	priority, urgency, impact *int
	group                     *string
	category, subCat, itemCat *string
	tags, chat                *[]string
	wait, interval, quiet     *time.Duration
	reopen                    *time.Duration
	notes                     *int
	close                     *AlertClose
}

// severityDefaults are what becomes of an incident where policy says nothing (reference/alert-rules.md §2.1).
func severityDefaults(s detection.Severity) AlertRoute {
	r := AlertRoute{Severity: s, Ticket: true, Tags: []string{"latchkey", "okta"}, Notes: 50, Close: CloseUntouched, Reopen: 24 * time.Hour}
	set := func(priority, urgency, impact int, wait, interval time.Duration) {
		r.Priority, r.Urgency, r.Impact, r.Wait, r.Interval = priority, urgency, impact, wait, interval
	}
	switch s {
	case detection.S1:
		set(4, 3, 3, 0, 2*time.Minute)
	case detection.S2:
		set(3, 3, 2, time.Minute, 5*time.Minute)
	case detection.S3:
		set(2, 2, 2, 5*time.Minute, 15*time.Minute)
	case detection.S4:
		set(1, 1, 1, 15*time.Minute, time.Hour)
		r.Ticket = false
	}
	return r
}

// AlertRoute says what becomes of an incident: the first route that fits, over the common settings, over the defaults
// of its severity. A condition that cannot be evaluated does not fit.
func (p *Policy) AlertRoute(f AlertFacts) AlertRoute {
	rule, known := p.alertRule(f.Key.Rule)
	if f.Severity == 0 {
		f.Severity = rule.Severity
	}
	r := severityDefaults(f.Severity)
	r.Rule, r.Quiet = rule, rule.Quiet
	if !known {
		r.Quiet = 24 * time.Hour
	}
	p.alerting.common.over(&r, p.alerting.chat)
	vars := map[string]any{"alert": alertOf(f, rule)}
	for _, route := range p.alerting.routes {
		if holds, err := route.when.holds(vars); err == nil && holds {
			r.Name = route.name
			route.over(&r, p.alerting.chat)
			break
		}
	}
	if rule.Wait > 0 {
		r.Wait = rule.Wait
	}
	return r
}

// alertRule finds what is said of a rule. The storm has no rule of its own.
func (p *Policy) alertRule(id string) (AlertRule, bool) {
	if id == detection.Storm {
		return AlertRule{
			ID: id, Name: "Storm of alerts", Severity: detection.S2, Quiet: 2 * time.Hour,
			Why:        "More incidents than policy allows in an hour would open: this one stands for the further ones.",
			FirstSteps: []string{"Look for what the alerts of the list have in common: an attack, or a change of Okta or of the rules.", "Silence what is explained (`starter silence add`)."},
		}, true
	}
	if p.alerts != nil {
		if r, ok := p.alerts.Rule(id); ok {
			return r, true
		}
	}
	return AlertRule{ID: id, Name: id, Severity: detection.S3, Why: "The rule is not in the policy any more."}, false
}

func alertOf(f AlertFacts, rule AlertRule) *alertVars {
	key := make(map[string]any, len(f.Key.Parts))
	for _, part := range f.Key.Parts {
		key[part.Name] = part.Value
	}
	return &alertVars{Rule: f.Key.Rule, Name: rule.Name, Severity: f.Severity.String(), Key: answersOf(key), Events: f.Events}
}

// over lays settings over a route.
func (s *alertSettings) over(r *AlertRoute, chat map[string]ChatKind) {
	lay(&r.Ticket, s.ticket)
	lay(&r.Priority, s.priority)
	lay(&r.Urgency, s.urgency)
	lay(&r.Impact, s.impact)
	lay(&r.Group, s.group)
	lay(&r.Category, s.category)
	lay(&r.SubCat, s.subCat)
	lay(&r.ItemCat, s.itemCat)
	lay(&r.Tags, s.tags)
	lay(&r.Wait, s.wait)
	lay(&r.Interval, s.interval)
	lay(&r.Quiet, s.quiet)
	lay(&r.Reopen, s.reopen)
	lay(&r.Notes, s.notes)
	lay(&r.Close, s.close)
	if s.chat != nil {
		r.Chat = nil
		for _, name := range *s.chat {
			r.Chat = append(r.Chat, ChatTarget{Name: name, Kind: chat[name]})
		}
	}
}

func lay[T any](into, from *T) {
	if from != nil {
		*into = *from
	}
}

// AlertGroups lists the agent groups that routes name, by where they are named.
func (p *Policy) AlertGroups() map[string]string {
	groups := map[string]string{}
	for where, s := range p.alerting.settings() {
		if s.group != nil {
			groups[where] = *s.group
		}
	}
	return groups
}

// AlertCategory is a category with what is below it.
type AlertCategory struct{ Category, SubCategory, ItemCategory string }

// AlertCategories lists the categories that routes name, by where they are named.
func (p *Policy) AlertCategories() map[string]AlertCategory {
	found := map[string]AlertCategory{}
	for where, s := range p.alerting.settings() {
		var r AlertRoute
		p.alerting.common.over(&r, nil)
		s.over(&r, nil)
		if r.Category != "" {
			found[where] = AlertCategory{r.Category, r.SubCat, r.ItemCat}
		}
	}
	return found
}

// AlertChannels lists the channels that alerts.yaml names.
func (p *Policy) AlertChannels() []ChatTarget {
	list := make([]ChatTarget, 0, len(p.alerting.chat))
	for _, name := range slices.Sorted(maps.Keys(p.alerting.chat)) {
		list = append(list, ChatTarget{Name: name, Kind: p.alerting.chat[name]})
	}
	return list
}

func (a *alerting) settings() map[string]*alertSettings {
	all := map[string]*alertSettings{"alerts.yaml, common": &a.common}
	for i := range a.routes {
		all["alerts.yaml, route "+a.routes[i].name] = &a.routes[i].alertSettings
	}
	return all
}

// setAlertMode makes the mode of alerts.yaml the mode of the use case: operators ask for it as for any other.
func (p *Policy) setAlertMode() {
	if p.intake.modes == nil { // intake.yaml was not read
		p.intake.modes = map[casework.UseCase]casework.Mode{}
	}
	p.intake.modes[casework.SecurityAlert] = p.alerting.mode
}
