package policy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/review"
)

// ReviewPolicy is review.yaml without its expressions, defaults filled in.
type ReviewPolicy struct {
	Mode     casework.Mode
	Settings review.Settings // its title is a pattern: {campaign} stands for the campaign's name
	Every    ReviewEvery
	Hour     string          // "08:00": when the schedule starts a campaign, on the first day of the period
	Kinds    []identity.Kind // what is reviewed: groups, applications
	// ExcludedGroups and ExcludedApps are patterns of names. Members of excluded groups are not read at all, so they count
	// neither for duties nor for peers.
	ExcludedGroups []string
	ExcludedApps   []string
	DormantDays    int // without a sign-in; 0: nobody is dormant
	Employees      ReviewEmployees
	Ask            string   // agent group that gets the campaign's own ticket, and owns what nothing else names an owner for
	Watchers       []string // addresses of those who may see the campaign's page
	Pushes         bool     // whether group pushes are read: one call for each app that has the feature
}

// ReviewEvery is how often a campaign begins by itself.
type ReviewEvery string

// The rhythms. Each names its campaigns: 2026-11, 2026-Q4, 2026-H2, 2026.
const (
	ReviewMonthly    ReviewEvery = "month"
	ReviewQuarterly  ReviewEvery = "quarter" // the default
	ReviewHalfYearly ReviewEvery = "half_year"
	ReviewYearly     ReviewEvery = "year"
	ReviewNever      ReviewEvery = "never" // campaigns are started by hand, and named by quarter
)

// ReviewSource is where the active employees are read.
type ReviewSource string

// The sources.
const (
	ReviewFromDesk ReviewSource = "freshservice"
	ReviewFromCSV  ReviewSource = "csv"
)

// ReviewEmployees says who is employed.
type ReviewEmployees struct {
	Source ReviewSource
	Match  []SyncMatch // in which order an account's employee is looked for
	// Number is the custom field of the desk that holds the employee number; empty: the field named external_id.
	Number string
	// Path is a file that every worker sees, and Blob a key of the blob store: one of the two, for ReviewFromCSV.
	Path, Blob string
	// Columns are the export's headings by what is read: email, employee_number, manager, department.
	Columns map[string]string
	Comma   rune
}

// ReviewWho is where a reviewer comes from.
type ReviewWho struct {
	Kind  ApproverKind // ApproverManager, ApproverOwner, ApproverDepartmentHead or ApproverPerson
	Email string       // of ApproverPerson
}

// ReviewRoute is whom policy wants to review one grant.
type ReviewRoute struct {
	Rule     string          // the name of the rule that took it; empty: none did
	Who      []ReviewWho     // in order; the first who may review does
	Fallback []ReviewWho     // after them
	Owner    string          // address of the owner of the group or application; empty: policy names none
	Grouping review.Grouping // how the packet is shown
	Why      string          // which rules could not be evaluated for this grant; empty: none
}

// review is review.yaml with its expressions.
type reviewPolicy struct {
	ReviewPolicy
	scope    *expr
	active   *expr // over a row of the export
	rules    []*reviewRule
	owners   []reviewOwner
	fallback []ReviewWho
	escalate []ReviewWho
}

type reviewRule struct {
	name string
	when *expr
	who  []ReviewWho
}

type reviewOwner struct {
	kind    identity.Kind
	pattern string // lower case, * stands for anything
	email   string
}

// Review is review.yaml, defaults filled in.
func (p *Policy) Review() ReviewPolicy {
	r := p.review.ReviewPolicy
	r.Settings.RemindDays, r.Settings.ReasonFor = slices.Clone(r.Settings.RemindDays), slices.Clone(r.Settings.ReasonFor)
	return r
}

// setReviewMode makes the mode of review.yaml the mode of the use case.
func (p *Policy) setReviewMode() { p.intake.modes[casework.AccessReview] = p.review.Mode }

// ReviewCampaign names the campaign of a moment, in policy's time zone.
func (p *Policy) ReviewCampaign(at time.Time) string {
	if zone, err := time.LoadLocation(p.review.Settings.Zone); err == nil {
		at = at.In(zone)
	}
	month := int(at.Month())
	switch p.review.Every {
	case ReviewMonthly:
		return at.Format("2006-01")
	case ReviewHalfYearly:
		return fmt.Sprintf("%d-H%d", at.Year(), (month+5)/6)
	case ReviewYearly:
		return at.Format("2006")
	case ReviewQuarterly, ReviewNever:
	}
	return fmt.Sprintf("%d-Q%d", at.Year(), (month+2)/3)
}

// ReviewTitle is a campaign's title.
func (p *Policy) ReviewTitle(campaign string) string {
	return strings.ReplaceAll(p.review.Settings.Title, "{campaign}", campaign)
}

// ReviewDue is when a campaign that opens at a moment is over.
func (p *Policy) ReviewDue(opens time.Time) time.Time {
	s := p.review.Settings
	zone, err := time.LoadLocation(s.Zone)
	hour, hourErr := time.Parse("15:04", s.DueHour)
	if err != nil || hourErr != nil { // the loader has checked both
		return opens.AddDate(0, 0, s.DueDays)
	}
	day := opens.In(zone).AddDate(0, 0, s.DueDays)
	return time.Date(day.Year(), day.Month(), day.Day(), hour.Hour(), hour.Minute(), 0, 0, zone).UTC()
}

// ReviewsGroup says whether a group is read and reviewed at all.
func (p *Policy) ReviewsGroup(name string) bool {
	return slices.Contains(p.review.Kinds, identity.KindGroup) && !p.review.excludes(p.review.ExcludedGroups, name)
}

// ReviewsApp says whether an application is read and reviewed at all.
func (p *Policy) ReviewsApp(label string) bool {
	return slices.Contains(p.review.Kinds, identity.KindApp) && !p.review.excludes(p.review.ExcludedApps, label)
}

func (r *reviewPolicy) excludes(patterns []string, name string) bool {
	name = strings.ToLower(strings.TrimSpace(name))
	return slices.ContainsFunc(patterns, func(pattern string) bool { return wild(pattern, name) })
}

// ReviewScope decides what a campaign looks at: policy's expression, or one given for this campaign.
type ReviewScope struct{ expr *expr }

// ReviewScope compiles an expression that stands in for policy's; empty is policy's own.
func (p *Policy) ReviewScope(text string) (ReviewScope, error) {
	if strings.TrimSpace(text) == "" {
		return ReviewScope{p.review.scope}, nil
	}
	c, err := newCompiler()
	if err != nil {
		return ReviewScope{}, err
	}
	quoted, err := json.Marshal(text)
	if err != nil {
		return ReviewScope{}, fmt.Errorf("quote the scope: %w", err)
	}
	found := &problems{}
	v, ok := parse("scope", quoted, found)
	if !ok {
		return ReviewScope{}, found.err()
	}
	e := c.compile(v, scopeGrant, wantBool)
	if err := found.err(); err != nil {
		return ReviewScope{}, err
	}
	if e == nil {
		return ReviewScope{}, errors.New("the scope is no expression")
	}
	return ReviewScope{e}, nil
}

// ReviewEmployed says whether a row of an employees' export, by its headings, is an active employee.
func (p *Policy) ReviewEmployed(row map[string]string) (bool, error) {
	given := make(map[string]any, len(row))
	for k, v := range row {
		given[k] = v
	}
	return p.review.active.holds(map[string]any{"row": answersOf(given)})
}

// Reviewee is one person under review, ready for many questions about their grants.
type Reviewee struct {
	policy *Policy
	vars   *personVars
}

// Reviewee prepares a person once.
func (p *Policy) Reviewee(person PersonFacts) Reviewee {
	return Reviewee{policy: p, vars: personOf(person)}
}

// InScope says whether a grant is part of the campaign. A scope that cannot be evaluated for a grant takes it in: it is
// better to ask once too often than to leave access unreviewed.
func (r Reviewee) InScope(scope ReviewScope, g identity.Grant) bool {
	if scope.expr == nil {
		return true
	}
	holds, err := scope.expr.holds(map[string]any{"person": r.vars, "grant": grantOf(g)})
	return err != nil || holds
}

// Route says who is to review a grant. A rule whose condition cannot be evaluated for it is passed over, and said.
func (r Reviewee) Route(g identity.Grant) ReviewRoute {
	s := &r.policy.review
	route := ReviewRoute{Fallback: s.fallback, Owner: r.policy.ReviewOwner(g.Entitlement), Grouping: review.ByPerson}
	for _, rule := range s.rules {
		holds := rule.when == nil
		if !holds {
			var err error
			holds, err = rule.when.holds(map[string]any{"person": r.vars, "grant": grantOf(g)})
			if err != nil {
				route.Why = "the condition of the rule " + quote(rule.name) + " could not be evaluated for this grant"
				continue
			}
		}
		if holds {
			route.Rule, route.Who = rule.name, rule.who
			break
		}
	}
	return route
}

// ReviewEscalation is whom a packet goes to when its reviewer does not answer, in order.
func (p *Policy) ReviewEscalation() []ReviewWho { return slices.Clone(p.review.escalate) }

// ReviewUsesHeads says whether a department's head may be asked, so that departments have to be read.
func (p *Policy) ReviewUsesHeads() bool {
	heads := func(w ReviewWho) bool { return w.Kind == ApproverDepartmentHead }
	return slices.ContainsFunc(p.review.rules, func(r *reviewRule) bool { return slices.ContainsFunc(r.who, heads) }) ||
		slices.ContainsFunc(p.review.fallback, heads) || slices.ContainsFunc(p.review.escalate, heads)
}

// ReviewOwner is the address of who owns a group or an application: by the first entry of owners that names it, else
// by the catalogue. Empty: nobody is named.
func (p *Policy) ReviewOwner(e identity.Entitlement) string {
	name := strings.ToLower(strings.TrimSpace(e.Name))
	for _, o := range p.review.owners {
		if o.kind == e.Kind && wild(o.pattern, name) {
			return o.email
		}
	}
	for _, i := range p.catalogue.items {
		if i.OwnerEmail != "" && sameEntitlement(i.Entitlement, e) {
			return i.OwnerEmail
		}
	}
	return ""
}

// GivesBirthright says whether policy has birthright at all; without it nothing can be outside of it.
func (p *Policy) GivesBirthright() bool { return len(p.birthright.rules) > 0 }

// Months is how many months lie between two campaigns; 0: none begins by itself.
func (e ReviewEvery) Months() int {
	switch e {
	case ReviewMonthly:
		return 1
	case ReviewQuarterly:
		return 3
	case ReviewHalfYearly:
		return 6
	case ReviewYearly:
		return 12
	case ReviewNever:
	}
	return 0
}
