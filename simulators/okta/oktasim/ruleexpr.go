package oktasim

import (
	"fmt"
	"slices"
	"strings"
)

// ruleExpr is a node of an Okta Expression Language condition: the subset that group rules use. Values are string, bool,
// float64, []any or nil (null).
type ruleExpr interface {
	eval(scope *ruleScope) any
}

// ruleScope is what a condition can see.
type ruleScope struct {
	st *state
	u  *user
}

type (
	ruleLiteral struct{ value any }
	ruleAttr    struct{ name string } // user.<name>
	ruleNot     struct{ of ruleExpr }
	ruleBinary  struct {
		op   string // "==", "!=", "<", "<=", ">", ">=", "and", "or"
		l, r ruleExpr
	}
	ruleCall struct {
		name string // lower case
		args []ruleExpr
	}
)

func (l ruleLiteral) eval(*ruleScope) any { return l.value }

func (a ruleAttr) eval(s *ruleScope) any {
	switch a.name {
	case "id":
		return s.u.id
	case "status":
		return string(s.u.status)
	}
	return s.u.profile[a.name]
}

func (n ruleNot) eval(s *ruleScope) any { return n.of.eval(s) != true }

func (b ruleBinary) eval(s *ruleScope) any {
	switch b.op {
	case "and":
		return b.l.eval(s) == true && b.r.eval(s) == true
	case "or":
		return b.l.eval(s) == true || b.r.eval(s) == true
	}
	l, r := b.l.eval(s), b.r.eval(s)
	lf, lIsNumber := toFloat(l)
	rf, rIsNumber := toFloat(r)
	switch b.op {
	case "==":
		return sameValue(l, r)
	case "!=":
		return !sameValue(l, r)
	case "<":
		return lIsNumber && rIsNumber && lf < rf
	case "<=":
		return lIsNumber && rIsNumber && lf <= rf
	case ">":
		return lIsNumber && rIsNumber && lf > rf
	case ">=":
		return lIsNumber && rIsNumber && lf >= rf
	}
	return false
}

// sameValue treats an unset attribute and the empty text alike, as the vendor stores neither.
func sameValue(l, r any) bool {
	if l == "" {
		l = nil
	}
	if r == "" {
		r = nil
	}
	if _, isList := l.([]any); isList {
		return false
	}
	if _, isList := r.([]any); isList {
		return false
	}
	return l == r
}

// ruleFunctions says how many arguments each function takes; -1 means one or more.
var ruleFunctions = map[string]int{
	"string.startswith": 2, "string.stringcontains": 2, "string.contains": 2, "string.touppercase": 1, "string.tolowercase": 1,
	"arrays.contains": 2, "ismemberofanygroup": -1, "ismemberofgroup": 1, "ismemberofgroupname": 1,
	"ismemberofgroupnamestartswith": 1, "ismemberofgroupnamecontains": 1,
}

func (f ruleCall) eval(s *ruleScope) any {
	args := make([]any, len(f.args))
	texts := make([]string, len(f.args))
	for i, a := range f.args {
		args[i] = a.eval(s)
		texts[i], _ = args[i].(string)
	}
	switch f.name {
	case "string.startswith":
		return args[0] != nil && strings.HasPrefix(texts[0], texts[1])
	case "string.stringcontains", "string.contains":
		return args[0] != nil && strings.Contains(texts[0], texts[1])
	case "string.touppercase":
		return strings.ToUpper(texts[0])
	case "string.tolowercase":
		return strings.ToLower(texts[0])
	case "arrays.contains":
		list, isList := args[0].([]any)
		return isList && slices.Contains(list, args[1])
	case "ismemberofanygroup", "ismemberofgroup":
		return slices.ContainsFunc(texts, func(gid string) bool { return s.st.groups[gid] != nil && s.st.isMember(gid, s.u.id) })
	case "ismemberofgroupname":
		return s.inGroupNamed(func(name string) bool { return name == texts[0] })
	case "ismemberofgroupnamestartswith":
		return s.inGroupNamed(func(name string) bool { return strings.HasPrefix(name, texts[0]) })
	case "ismemberofgroupnamecontains":
		return s.inGroupNamed(func(name string) bool { return strings.Contains(name, texts[0]) })
	}
	return nil
}

func (s *ruleScope) inGroupNamed(match func(string) bool) bool {
	return slices.ContainsFunc(s.st.allGroupsOf(s.u.id), func(gid string) bool { return match(s.st.groups[gid].name()) })
}

// visit calls f for a node and everything below it.
func visit(e ruleExpr, f func(ruleExpr)) {
	f(e)
	switch n := e.(type) {
	case ruleNot:
		visit(n.of, f)
	case ruleBinary:
		visit(n.l, f)
		visit(n.r, f)
	case ruleCall:
		for _, a := range n.args {
			visit(a, f)
		}
	}
}

func usesGroups(e ruleExpr) bool {
	uses := false
	visit(e, func(n ruleExpr) {
		if f, isCall := n.(ruleCall); isCall && strings.HasPrefix(f.name, "ismemberof") {
			uses = true
		}
	})
	return uses
}

// checkRuleAttributes refuses attributes that are not in the schema.
func (st *state) checkRuleAttributes(e ruleExpr) error {
	var err error
	visit(e, func(n ruleExpr) {
		a, isAttr := n.(ruleAttr)
		if !isAttr {
			return
		}
		isBase := isBaseAttribute(a.name)
		_, isCustom := st.schema.custom[a.name]
		if !isBase && !isCustom && a.name != "id" && a.name != "status" {
			err = fmt.Errorf("unknown attribute user.%s", a.name)
		}
	})
	return err
}
