package policy

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/ext"
)

// scope is the set of variables an expression may use.
type scope string

const (
	scopeIntake scope = "intake" // ticket, requester, now
	scopeItem   scope = "item"   // the same and item, one requested item
	// scopeRoute has ticket, requester, subject, fields, item (catalogue), use_case, emergency, protected, break_glass, now.
	scopeRoute   scope = "route"
	scopePerson  scope = "person"  // person
	scopeGrant   scope = "grant"   // person, grant
	scopeProfile scope = "profile" // fields, subject, manager, use_case, tables
	scopeLogin   scope = "login"   // first, last, values, n
	scopeTask    scope = "task"    // fields, person
	scopeSync    scope = "sync"    // value
	scopeAlert   scope = "alert"   // alert
	scopeRow     scope = "row"     // row
)

func scopes() []scope {
	return []scope{scopeIntake, scopeItem, scopeRoute, scopePerson, scopeGrant, scopeProfile, scopeLogin, scopeTask, scopeSync, scopeAlert, scopeRow}
}

// want is what an expression has to give.
type want int

const (
	wantBool  want = iota
	wantValue      // a text, number, boolean, time or null
	wantText       // a text
)

// Bounds of an expression: its length when it is written, its cost when it is checked and when it runs.
const (
	mostExpr = 2000
	mostCost = 5_000_000
)

var (
	itemReflect  = reflect.TypeFor[itemVars]()
	itemTypeName = itemReflect.String()
	noItem       = mustVal(&itemVars{Fields: answers{}})
)

// mustVal is a constant of the expression language.
func mustVal(v any) ref.Val {
	reg, err := types.NewRegistry(reflect.TypeFor[itemVars](), types.ParseStructTags(true))
	if err != nil {
		return types.WrapErr(err)
	}
	return reg.NativeToValue(v)
}

// scopeVars are the variables of each scope with their types.
func scopeVars(s scope) map[string]*cel.Type {
	object := func(v any) *cel.Type { return cel.ObjectType(reflect.TypeOf(v).String()) }
	vars := map[string]*cel.Type{}
	switch s {
	case scopeIntake, scopeItem, scopeRoute:
		vars["ticket"], vars["requester"], vars["now"] = object(ticketVars{}), object(personVars{}), cel.TimestampType
	case scopePerson, scopeGrant, scopeTask:
		vars["person"] = object(personVars{})
	case scopeProfile:
		vars["subject"], vars["manager"], vars["use_case"] = object(personVars{}), object(personVars{}), cel.StringType
	case scopeSync:
		vars["value"] = cel.StringType
	case scopeAlert:
		vars["alert"] = object(alertVars{})
	case scopeLogin:
		vars["first"], vars["last"], vars["n"] = cel.StringType, cel.StringType, cel.IntType
	case scopeRow:
	}
	given := cel.MapType(cel.StringType, cel.DynType)
	switch s {
	case scopeItem:
		vars["item"] = object(itemVars{})
	case scopeRoute:
		vars["subject"], vars["item"] = object(personVars{}), object(catalogueVars{})
		vars["use_case"], vars["emergency"], vars["protected"] = cel.StringType, cel.BoolType, cel.BoolType
		vars["break_glass"] = cel.BoolType
		vars["fields"] = given
	case scopeGrant:
		vars["grant"] = object(grantVars{})
	case scopeProfile:
		vars["fields"], vars["tables"] = given, cel.MapType(cel.StringType, given)
	case scopeLogin:
		vars["values"] = given
	case scopeTask:
		vars["fields"] = given
	case scopeRow:
		vars["row"] = given
	case scopeIntake, scopePerson, scopeSync, scopeAlert:
	}
	return vars
}

// compiler compiles the expressions of a policy, one environment for each scope.
type compiler struct {
	envs   map[scope]*cel.Env
	fields []fieldUse
}

func newCompiler() (*compiler, error) {
	c := &compiler{envs: map[scope]*cel.Env{}}
	for _, s := range scopes() {
		opts := []cel.EnvOption{
			ext.NativeTypes(
				reflect.TypeFor[ticketVars](), reflect.TypeFor[itemVars](), reflect.TypeFor[personVars](),
				reflect.TypeFor[catalogueVars](), reflect.TypeFor[grantVars](), reflect.TypeFor[alertVars](), ext.ParseStructTags(true),
			),
			cel.CrossTypeNumericComparisons(true),
			cel.DefaultUTCTimeZone(true),
			cel.ParserExpressionSizeLimit(mostExpr),
			ext.Strings(),
		}
		opts = append(opts, functions()...)
		opts = append(opts, transforms()...)
		for name, t := range scopeVars(s) {
			opts = append(opts, cel.Variable(name, t))
		}
		env, err := cel.NewEnv(opts...)
		if err != nil {
			return nil, fmt.Errorf("set up expressions for %s: %w", s, err)
		}
		c.envs[s] = env
	}
	return c, nil
}

// expr is a compiled expression; nil where policy gave none.
type expr struct {
	source string
	whole  cel.Program // every variable known
	part   cel.Program // for the prefilter, where some are not
	names  []string    // the variables it mentions
	tables []string    // the tables of profile.yaml it looks things up in
}

// compile reads an expression of a scope. What is wrong with it is a problem at the place in the YAML file.
func (c *compiler) compile(v value, s scope, w want) *expr {
	if v.draws(expressionLeaf(s, w)) {
		return nil
	}
	source := v.text()
	if source == "" {
		return nil
	}
	if len(source) > mostExpr {
		v.problem("the expression has %d characters; the most is %d", len(source), mostExpr)
		return nil
	}
	env := c.envs[s]
	checked, issues := env.Compile(source)
	if issues.Err() != nil {
		for _, e := range issues.Errors() {
			line, column := v.inside(e.Location.Line(), e.Location.Column())
			v.doc.problems.add(v.doc.file, line, column, "bad expression: %s%s", e.Message, hint(e.Message, source, s))
		}
		return nil
	}
	if message := fits(checked.OutputType(), w); message != "" {
		v.problem("%s", message)
		return nil
	}
	cost, err := env.EstimateCost(checked, sizes{})
	if err != nil || cost.Max > mostCost {
		v.problem("the expression could cost too much (%d, the most is %d); look at fewer things in it", cost.Max, mostCost)
		return nil
	}
	e := &expr{source: source, names: mentioned(checked.NativeRep(), scopeVars(s))}
	e.tables = keysOf(checked.NativeRep(), "tables")
	if e.mentions("fields") {
		for _, name := range keysOf(checked.NativeRep(), "fields") {
			c.fields = append(c.fields, fieldUse{name: name, at: v})
		}
	}
	limits := []cel.ProgramOption{cel.CostLimit(mostCost), cel.CostTracking(sizes{})}
	if e.whole, err = env.Program(checked, append(limits, cel.EvalOptions(cel.OptOptimize))...); err == nil {
		e.part, err = env.Program(checked, append(limits, cel.EvalOptions(cel.OptPartialEval))...)
	}
	if err != nil {
		v.problem("bad expression: %v", err)
		return nil
	}
	return e
}

// fits says why a result is not what is wanted; empty when it is.
func fits(t *cel.Type, w want) string {
	scalars := []types.Kind{
		types.StringKind, types.IntKind, types.UintKind, types.DoubleKind, types.BoolKind, types.TimestampKind,
		types.DynKind, types.AnyKind, types.NullTypeKind,
	}
	switch {
	case w == wantBool && t.Kind() == types.DynKind:
		return "the expression gives an answer of unknown type where true or false is needed; compare it, such as == true or == \"Yes\""
	case w == wantBool && t.Kind() != types.BoolKind:
		return "the expression gives " + typeWord(t) + " where true or false is needed"
	case w == wantValue && !slices.Contains(scalars, t.Kind()):
		return "the expression gives " + typeWord(t) + " where a text, number, boolean or time is needed"
	case w == wantText && t.Kind() != types.StringKind && t.Kind() != types.DynKind:
		return "the expression gives " + typeWord(t) + " where a text is needed; string(x) makes one"
	default:
		return ""
	}
}

// mentions says whether an expression uses a variable.
func (e *expr) mentions(name string) bool { return slices.Contains(e.names, name) }

func typeWord(t *cel.Type) string {
	words := map[types.Kind]string{
		types.ListKind: "a list", types.MapKind: "a map", types.IntKind: "a whole number", types.DoubleKind: "a number",
		types.StringKind: "a text", types.TimestampKind: "a time", types.DurationKind: "a duration",
		types.StructKind: "a whole " + strings.TrimSuffix(strings.TrimPrefix(t.TypeName(), "policy."), "Vars"),
	}
	if word, ok := words[t.Kind()]; ok {
		return word
	}
	return "a " + t.TypeName()
}

// mentioned lists the variables that an expression uses.
func mentioned(a *ast.AST, vars map[string]*cel.Type) []string {
	var names []string
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		if e.Kind() != ast.IdentKind {
			return
		}
		if name := e.AsIdent(); vars[name] != nil && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}))
	slices.Sort(names)
	return names
}

// keysOf lists the keys that an expression takes from a variable that is a map: fields.title, fields["title"].
func keysOf(a *ast.AST, variable string) []string {
	var names []string
	from := func(e ast.Expr) bool { return e.Kind() == ast.IdentKind && e.AsIdent() == variable }
	ast.PostOrderVisit(a.Expr(), ast.NewExprVisitor(func(e ast.Expr) {
		switch {
		case e.Kind() == ast.SelectKind && from(e.AsSelect().Operand()):
			names = append(names, e.AsSelect().FieldName())
		case e.Kind() == ast.CallKind && e.AsCall().FunctionName() == operators.Index && from(e.AsCall().Args()[0]):
			if key := e.AsCall().Args()[1]; key.Kind() == ast.LiteralKind {
				if name, is := key.AsLiteral().Value().(string); is {
					names = append(names, name)
				}
			}
		}
	}))
	slices.Sort(names)
	return slices.Compact(names)
}
