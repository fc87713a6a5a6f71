package oktasim

import (
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Rule statuses (§4.1).
const (
	ruleActive   = "ACTIVE"
	ruleInactive = "INACTIVE"
	ruleInvalid  = "INVALID"
)

// rule is a group rule.
type rule struct {
	id            string
	name          string
	status        string
	created       time.Time
	lastUpdated   time.Time
	expression    string
	parsed        ruleExpr
	excludeUsers  []string
	excludeGroups []string
	targets       []string
}

func (r *rule) target() logTarget {
	return logTarget{ID: r.id, Type: "GroupRule", AlternateID: "unknown", DisplayName: r.name}
}

type ruleBody struct {
	Type       string `json:"type"`
	ID         string `json:"id,omitempty"`
	Status     string `json:"status,omitempty"`
	Name       string `json:"name"`
	Created    any    `json:"created,omitempty"` // a stamp; ignored in requests
	Updated    any    `json:"lastUpdated,omitempty"`
	Conditions struct {
		People struct {
			Users  excludeBody `json:"users"`
			Groups excludeBody `json:"groups"`
		} `json:"people"`
		Expression struct {
			Value string `json:"value"`
			Type  string `json:"type"`
		} `json:"expression"`
	} `json:"conditions"`
	Actions struct {
		Assign struct {
			GroupIDs []string `json:"groupIds"`
		} `json:"assignUserToGroups"`
	} `json:"actions"`
	Embedded object `json:"_embedded,omitempty"`
}

type excludeBody struct {
	Exclude []string `json:"exclude"`
}

const expressionType = "urn:okta:expression:1.0"

func (r *rule) wire(c *call) ruleBody {
	w := ruleBody{Type: "group_rule", ID: r.id, Status: r.status, Name: r.name, Created: stamp(r.created), Updated: stamp(r.lastUpdated)}
	w.Conditions.People.Users.Exclude = append([]string{}, r.excludeUsers...)
	w.Conditions.People.Groups.Exclude = append([]string{}, r.excludeGroups...)
	w.Conditions.Expression.Value, w.Conditions.Expression.Type = r.expression, expressionType
	w.Actions.Assign.GroupIDs = append([]string{}, r.targets...)
	if c.query.Get("expand") == "groupIdToGroupNameMap" {
		names := object{}
		for _, id := range r.targets {
			if g := c.st.groups[id]; g != nil {
				names[id] = g.name()
			}
		}
		w.Embedded = object{"groupIdToGroupNameMap": names}
	}
	return w
}

// ruleFrom reads and checks a rule body. old is the rule being replaced, nil on create.
func (c *call) ruleFrom(old *rule) (*rule, error) {
	var body ruleBody
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	switch n := utf8.RuneCountInString(body.Name); {
	case strings.TrimSpace(body.Name) == "":
		return nil, invalid("name", "name: The field cannot be left blank")
	case n > 50:
		return nil, invalid("name", "name: The field is too long")
	case body.Type != "group_rule":
		return nil, invalid("type", "type: The field must be group_rule")
	case body.Conditions.Expression.Type != expressionType:
		return nil, invalid("conditions", "conditions: The expression type must be "+expressionType)
	}
	for _, r := range c.st.rules {
		if r.name == body.Name && r != old {
			return nil, invalid("name", "name: "+duplicateText)
		}
	}
	parsed, err := parseRule(body.Conditions.Expression.Value)
	if err == nil {
		err = c.st.checkRuleAttributes(parsed)
	}
	if err != nil {
		return nil, invalid("conditions", "Invalid property expression: "+err.Error())
	}
	r := &rule{
		name: body.Name, expression: body.Conditions.Expression.Value, parsed: parsed,
		excludeUsers: slices.Clone(body.Conditions.People.Users.Exclude), excludeGroups: slices.Clone(body.Conditions.People.Groups.Exclude),
		targets: slices.Clone(body.Actions.Assign.GroupIDs), lastUpdated: c.now,
	}
	if len(r.excludeUsers) > maxExcludeUsers {
		return nil, invalid("people", "people.users.exclude: at most 100 users may be excluded")
	}
	return r, c.checkTargets(r, old)
}

func (c *call) checkTargets(r, old *rule) error {
	if len(r.targets) == 0 {
		return invalid("actions", "actions: groupIds cannot be left blank")
	}
	if old != nil {
		if !slices.Equal(slices.Sorted(slices.Values(old.targets)), slices.Sorted(slices.Values(r.targets))) {
			return invalid("actions", "The actions of a group rule cannot be changed")
		}
		return nil
	}
	for _, id := range r.targets {
		g, found := c.st.groups[id]
		if !found {
			return notFound(id, typeGroup)
		}
		if g.kind != groupOkta {
			return invalid("actions", "actions: users can only be assigned to Okta groups")
		}
	}
	return nil
}

func createRule(c *call) (answer, error) {
	r, err := c.ruleFrom(nil)
	if err != nil {
		return answer{}, err
	}
	r.id, r.status, r.created = c.st.newID(prefixRule), ruleInactive, c.now
	c.st.rules[r.id] = r
	c.st.ruleIDs.add(r.id)
	return ok(r.wire(c))
}

func (c *call) rule() (*rule, error) {
	r, found := c.st.rules[c.params[0]]
	if !found {
		return nil, notFound(c.params[0], typeRule)
	}
	return r, nil
}

func getRule(c *call) (answer, error) {
	r, err := c.rule()
	if err != nil {
		return answer{}, err
	}
	return ok(r.wire(c))
}

var rulePages = pageQuery{known: []string{"search", "expand"}, limit: 50, most: 200}

// listRules pages all rules; search matches part of the name, the condition or the id of a target.
func listRules(c *call) (answer, error) {
	limit, err := rulePages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	after := c.query.Get("after")
	if after != "" && !isID(after, prefixRule) {
		return answer{}, badCursor()
	}
	want := strings.ToLower(c.query.Get("search"))
	items, next := walk(c.st.ruleIDs.after(after), limit, func(id string) (ruleBody, bool) {
		r := c.st.rules[id]
		if want != "" && !strings.Contains(strings.ToLower(r.name+"\n"+r.expression+"\n"+strings.Join(r.targets, "\n")), want) {
			return ruleBody{}, false
		}
		return r.wire(c), true
	})
	return listOf(items, rulePages.linkLines(c, limit, next))
}

// replaceRule is only possible while the rule is not ACTIVE, and never changes its actions (§4.1).
func replaceRule(c *call) (answer, error) {
	old, err := c.rule()
	if err != nil {
		return answer{}, err
	}
	if old.status == ruleActive {
		return answer{}, invalid("updateRule", "Cannot update a Group Rule with the status ACTIVE. Deactivate it first.")
	}
	r, err := c.ruleFrom(old)
	if err != nil {
		return answer{}, err
	}
	r.id, r.status, r.created = old.id, old.status, old.created
	c.st.rules[r.id] = r
	return ok(r.wire(c))
}

// activateRule starts granting some time later.
func activateRule(c *call) (answer, error) {
	r, err := c.rule()
	if err != nil {
		return answer{}, err
	}
	if r.status == ruleInvalid {
		return answer{}, invalid("updateRuleStatus", "Cannot activate or deactivate a Group Rule with the status INVALID.")
	}
	c.s.activateRule(r.id, c.now)
	return noContent()
}

func (s *Server) activateRule(id string, now time.Time) {
	e := s.st.editRule(id)
	e.status, e.lastUpdated = ruleActive, now
	s.later(s.opts.RuleDelay, "", func(s *Server) { s.evaluateForAll(id) })
}

// deactivateRule keeps the memberships it gave.
func deactivateRule(c *call) (answer, error) {
	r, err := c.rule()
	if err != nil {
		return answer{}, err
	}
	if r.status == ruleInvalid {
		return answer{}, invalid("updateRuleStatus", "Cannot activate or deactivate a Group Rule with the status INVALID.")
	}
	e := c.st.editRule(r.id)
	e.status, e.lastUpdated = ruleInactive, c.now
	c.s.emit(c.by(), "group.user_membership.rule.deactivated", e.target())
	return noContent()
}

// deleteRule answers 202 and works later: with removeUsers=true the members it gave leave, otherwise they stay as direct.
func deleteRule(c *call) (answer, error) {
	r, err := c.rule()
	if err != nil {
		return answer{}, err
	}
	if r.status == ruleActive {
		return answer{}, invalid("deleteRule", "Cannot delete a Group Rule with the status ACTIVE. Deactivate it first.")
	}
	delete(c.st.rules, r.id)
	c.st.ruleIDs.remove(r.id)
	remove := c.flag("removeUsers", false)
	c.s.later(c.s.opts.RuleDelay, "", func(s *Server) { s.forgetRule(r.id, remove) })
	return answer{status: http.StatusAccepted, body: object{}}, nil
}
