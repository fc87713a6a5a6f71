package oktasim_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

func TestRuleGrantsAndTakesBack(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.RuleDelay = 10 * time.Second })
	gid := o.group("Sales")
	staged := o.id(o.ok("POST", "/users?activate=false", object{"profile": object{
		"login": "staged@example.com", "email": "s@example.com", "firstName": "S", "lastName": "T", "department": "Sales",
	}}))
	id := o.user("ada@example.com", object{"department": "Sales"})
	rule := o.id(o.ok("POST", "/groups/rules", ruleBody("Sales people", `user.department=="Sales"`, gid)))
	assert.Equal(t, "INACTIVE", o.ok("GET", "/groups/rules/"+rule, nil).object(t)["status"])
	o.sim.Settle()
	assert.Empty(t, o.groupsOf("ada@example.com"), "an inactive rule grants nothing")

	o.want(204, "", "POST", "/groups/rules/"+rule+"/lifecycle/activate", nil)
	assert.Empty(t, o.groupsOf("ada@example.com"), "evaluation is asynchronous")
	o.sim.Advance(10 * time.Second)
	assert.Equal(t, []string{"Sales"}, o.groupsOf("ada@example.com"))
	assert.Equal(t, []string{"Sales"}, o.groupsOf(staged), "staged people too")

	o.ok("POST", "/users/"+id, object{"profile": object{"department": "Finance"}})
	assert.Equal(t, []string{"Sales"}, o.groupsOf("ada@example.com"))
	o.sim.Advance(10 * time.Second)
	assert.Empty(t, o.groupsOf("ada@example.com"), "who stops matching leaves")
	last := o.sim.Log()[len(o.sim.Log())-1]
	assert.Equal(t, "group.user_membership.remove", last.EventType)
	assert.Equal(t, "SystemPrincipal", last.ActorType)
	assert.Empty(t, last.TokenID, "nobody's token did it")
}

func TestRemovingARulesMemberExcludesThemFromTheRule(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid, id := o.group("Sales"), o.user("ada@example.com", object{"department": "Sales"})
	rule := o.rule("Sales people", `user.department=="Sales"`, gid)
	require.Equal(t, []string{"Sales"}, o.groupsOf(id))

	o.want(204, "", "DELETE", "/groups/"+gid+"/users/"+id, nil)
	assert.Equal(t, []string{"ada@example.com"}, o.sim.RuleExclusions("Sales people"))
	exclude := dig(t, o.ok("GET", "/groups/rules/"+rule, nil).object(t), "conditions", "people", "users", "exclude")
	assert.Equal(t, []any{id}, exclude)
	assert.Contains(t, o.events(), "group.user_membership.rule.add_exclusion")

	o.ok("POST", "/users/"+id, object{"profile": object{"title": "still in sales"}})
	assert.Empty(t, o.groupsOf(id), "so the rule does not grant it again")
	o.ok("PUT", "/groups/"+gid+"/users/"+id, nil)
	o.ok("DELETE", "/groups/"+gid+"/users/"+id, nil)
	assert.Len(t, o.sim.RuleExclusions("Sales people"), 1, "removing a direct member excludes nobody")
}

func TestExclusionListIsCapped(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid := o.group("Sales")
	o.rule("Sales people", `user.department=="Sales"`, gid)
	for i := range 101 {
		id := o.user(fmt.Sprintf("s%03d@example.com", i), object{"department": "Sales"})
		o.ok("DELETE", "/groups/"+gid+"/users/"+id, nil)
	}
	assert.Len(t, o.sim.RuleExclusions("Sales people"), 100)
	assert.Equal(t, []string{"Sales"}, o.groupsOf("s100@example.com"), "the 101st comes back")
}

func TestTwoRulesForOneGroup(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid, id := o.group("Staff"), o.user("ada@example.com", object{"department": "Sales", "city": "London"})
	o.rule("Sales", `user.department=="Sales"`, gid)
	o.rule("London", `user.city=="London"`, gid)
	v, _ := o.sim.User(id)
	require.Len(t, v.Groups, 1)
	assert.Equal(t, []string{"Sales", "London"}, v.Groups[0].Rules)
	o.ok("POST", "/users/"+id, object{"profile": object{"department": "Finance"}})
	assert.Equal(t, []string{"Staff"}, o.groupsOf(id), "the other still gives it")
	o.ok("POST", "/users/"+id, object{"profile": object{"city": "Paris"}})
	assert.Empty(t, o.groupsOf(id))
}

func TestDirectMembersAreNotTheRules(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid, id := o.group("Sales"), o.user("ada@example.com", object{"department": "Sales"})
	o.ok("PUT", "/groups/"+gid+"/users/"+id, nil)
	o.rule("Sales people", `user.department=="Sales"`, gid)
	o.ok("POST", "/users/"+id, object{"profile": object{"department": "Finance"}})
	assert.Equal(t, []string{"Sales"}, o.groupsOf(id))
}

func TestDeactivatedRuleKeepsItsMembers(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid, id := o.group("Sales"), o.user("ada@example.com", object{"department": "Sales"})
	rule := o.rule("Sales people", `user.department=="Sales"`, gid)
	o.want(400, "E0000001", "DELETE", "/groups/rules/"+rule, nil)
	o.want(204, "", "POST", "/groups/rules/"+rule+"/lifecycle/deactivate", nil)
	assert.Equal(t, []string{"Sales"}, o.groupsOf(id))
	o.ok("DELETE", "/groups/"+gid+"/users/"+id, nil)
	assert.Empty(t, o.sim.RuleExclusions("Sales people"), "an inactive rule excludes nobody")

	g := o.want(202, "", "DELETE", "/groups/rules/"+rule, nil)
	assert.JSONEq(t, `{}`, g.raw)
	assert.Contains(t, o.want(404, "E0000007", "GET", "/groups/rules/"+rule, nil).raw, "(PolicyRule)")
}

func TestDeletedRuleCanTakeItsMembersAlong(t *testing.T) {
	t.Parallel()
	for remove, want := range map[string][]string{"false": {"Sales"}, "true": {}} {
		o := newOrg(t)
		gid, id := o.group("Sales"), o.user("ada@example.com", object{"department": "Sales"})
		rule := o.rule("Sales people", `user.department=="Sales"`, gid)
		o.ok("POST", "/groups/rules/"+rule+"/lifecycle/deactivate", nil)
		o.ok("DELETE", "/groups/rules/"+rule+"?removeUsers="+remove, nil)
		assert.Equal(t, want, o.groupsOf(id), remove)
	}
}

func TestRuleOfADeletedGroupBecomesInvalid(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.RuleDelay = time.Second })
	gid := o.group("Sales")
	rule := o.rule("Sales people", `user.department=="Sales"`, gid)
	o.ok("DELETE", "/groups/"+gid, nil)
	assert.Equal(t, "ACTIVE", o.ok("GET", "/groups/rules/"+rule, nil).object(t)["status"], "asynchronously")
	o.sim.Advance(time.Second)
	assert.Equal(t, "INVALID", o.ok("GET", "/groups/rules/"+rule, nil).object(t)["status"])
	g := o.want(400, "E0000001", "POST", "/groups/rules/"+rule+"/lifecycle/deactivate", nil)
	assert.Equal(t, "Cannot activate or deactivate a Group Rule with the status INVALID.", g.causes())
	o.want(202, "", "DELETE", "/groups/rules/"+rule, nil)
}

func TestRuleBodiesAreChecked(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid, everyone := o.group("Sales"), ids(t, o.ok("GET", "/groups?q=Everyone", nil))[0]
	o.ok("POST", "/groups/rules", ruleBody("Taken", `user.department=="x"`, gid))
	bad := map[string]object{
		"syntax":            ruleBody("R", `user.department=`, gid),
		"unknown attribute": ruleBody("R", `user.shoeSize=="9"`, gid),
		"unknown function":  ruleBody("R", `Math.random() == 1`, gid),
		"argument count":    ruleBody("R", `String.startsWith(user.title)`, gid),
		"trailing":          ruleBody("R", `true true`, gid),
		"no target":         ruleBody("R", `true`),
		"built-in target":   ruleBody("R", `true`, everyone),
		"long name":         ruleBody(fmt.Sprintf("%051d", 1), `true`, gid),
		"same name":         ruleBody("Taken", `true`, gid),
	}
	for name, body := range bad {
		g := o.call("POST", "/groups/rules", body)
		assert.Equal(t, 400, g.status, "%s: %s", name, g.raw)
		assert.Equal(t, "E0000001", g.code(), name)
	}
	o.want(404, "E0000007", "POST", "/groups/rules", ruleBody("R", `true`, "00g00000000000000000"))
}

func TestRulesAreReplacedOnlyWhileInactive(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid, other := o.group("Sales"), o.group("Other")
	rule := o.rule("Sales people", `user.department=="Sales"`, gid)
	o.want(400, "E0000001", "PUT", "/groups/rules/"+rule, ruleBody("New", `true`, gid))
	o.ok("POST", "/groups/rules/"+rule+"/lifecycle/deactivate", nil)
	o.want(400, "E0000001", "PUT", "/groups/rules/"+rule, ruleBody("New", `true`, other))
	assert.Equal(t, "New", o.ok("PUT", "/groups/rules/"+rule, ruleBody("New", `true`, gid)).object(t)["name"])
	assert.Len(t, o.ok("GET", "/groups/rules?search=new&limit=1", nil).list(t), 1)
	assert.Empty(t, o.ok("GET", "/groups/rules?search=old", nil).list(t))
}

func TestRuleExpressions(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.ok("POST", "/meta/schemas/user/default", object{"definitions": object{"custom": object{"properties": object{
		"level": object{"title": "Level", "type": "integer"}, "remote": object{"title": "Remote", "type": "boolean"}, "skills": object{"title": "Skills", "type": "array"},
	}}}})
	team := o.group("Team Red")
	id := o.user("ada@example.com", object{"department": "R&D", "title": "Senior Engineer", "level": 4, "remote": true, "skills": []string{"go"}})
	o.ok("PUT", "/groups/"+team+"/users/"+id, nil)
	tests := map[string]bool{
		`user.department=="R&D"`:                                     true,
		`user.department=='R&D'`:                                     true,
		`user.department!="R&D"`:                                     false,
		`user.department=="r&d"`:                                     false,
		`user.city==null`:                                            true,
		`user.city!="London"`:                                        true,
		`user.department=="R&D" and user.city=="London"`:             false,
		`user.department=="R&D" AND user.title!="x"`:                 true,
		`user.department=="x" || user.title=="Senior Engineer"`:      true,
		`user.department=="x" OR user.title=="x"`:                    false,
		`user.department=="x" && user.title=="x" || true`:            true,
		`!(user.department=="x")`:                                    true,
		`NOT user.remote`:                                            false,
		`user.remote`:                                                true,
		`user.level >= 4 && user.level < 5`:                          true,
		`user.level > 4`:                                             false,
		`String.startsWith(user.title, "Senior")`:                    true,
		`String.startsWith(user.city, "L")`:                          false,
		`String.stringContains(user.title,"Engineer")`:               true,
		`String.toUpperCase(user.title) == "SENIOR ENGINEER"`:        true,
		`Arrays.contains(user.skills, "go")`:                         true,
		`Arrays.contains(user.skills, "cobol")`:                      false,
		`isMemberOfAnyGroup("` + team + `")`:                         true,
		`user.isMemberOfAnyGroup("00g00000000000000000")`:            false,
		`isMemberOfGroupName("Team Red")`:                            true,
		`isMemberOfGroupNameStartsWith("Team")`:                      true,
		`isMemberOfGroupName("Everyone") && user.status == "ACTIVE"`: true,
	}
	n := 0
	for expression, want := range tests {
		n++
		name := fmt.Sprintf("target %d", n)
		o.rule(name, expression, o.group(name))
		assert.Equal(t, want, slices.Contains(o.groupsOf(id), name), expression)
	}
}

func TestRulesThatDependOnGroupsFollowThem(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	red, derived, id := o.group("Red"), o.group("Derived"), o.user("ada@example.com")
	o.rule("Derived", `isMemberOfAnyGroup("`+red+`")`, derived)
	assert.Empty(t, o.groupsOf(id))
	o.ok("PUT", "/groups/"+red+"/users/"+id, nil)
	assert.Equal(t, []string{"Red", "Derived"}, o.groupsOf(id))
	o.ok("DELETE", "/groups/"+red+"/users/"+id, nil)
	assert.Empty(t, o.groupsOf(id))
}
