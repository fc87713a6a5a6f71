package policy

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
	"cel.dev/cel-go/ext"

	"latchkey/detection"
)

// eventVar is one variable of conditions on an event, "event.<name>". A text that is absent is "", which equals nothing
// that a rule would look for; a flag is "yes", "no" or "", because Okta's null is not false.
type eventVar struct {
	kind *cel.Type
	get  func(*detection.Event) any
}

func eventVars() map[string]eventVar {
	texts := cel.MapType(cel.StringType, cel.StringType)
	list := func(t *cel.Type) *cel.Type { return cel.ListType(t) }
	vars := map[string]eventVar{
		"at":           {cel.TimestampType, func(e *detection.Event) any { return e.Published }},
		"asn":          {cel.IntType, func(e *detection.Event) any { return e.ASN }},
		"proxy":        {cel.StringType, func(e *detection.Event) any { return flagWord(e.Proxy) }},
		"managed":      {cel.StringType, func(e *detection.Event) any { return flagWord(e.Device.Managed) }},
		"registered":   {cel.StringType, func(e *detection.Event) any { return flagWord(e.Device.Registered) }},
		"debug":        {texts, func(e *detection.Event) any { return textMap(e.Debug) }},
		"behaviours":   {texts, func(e *detection.Event) any { return textMap(behaviours(e)) }},
		"fields":       {texts, func(e *detection.Event) any { return pathMap{textMap(nil), e} }},
		"risk_reasons": {list(cel.StringType), func(e *detection.Event) any { return e.Risk.Reasons }},
		"roles":        {list(cel.StringType), func(e *detection.Event) any { return e.Roles() }},
		"anonymous": {cel.BoolType, func(e *detection.Event) any {
			return slices.ContainsFunc(e.Tunnels(), func(t detection.Tunnel) bool { return t.Anonymous })
		}},
		"targets": {list(texts), func(e *detection.Event) any { return targetMaps(e) }},
		"changes": {list(texts), func(e *detection.Event) any { return changeMaps(e) }},
	}
	for name, get := range map[string]func(*detection.Event) string{
		"type":           func(e *detection.Event) string { return e.Type },
		"outcome":        func(e *detection.Event) string { return e.Outcome },
		"reason":         func(e *detection.Event) string { return e.Reason },
		"severity":       func(e *detection.Event) string { return e.Severity },
		"subject":        (*detection.Event).Subject,
		"actor":          func(e *detection.Event) string { return e.Actor.ID },
		"actor_type":     func(e *detection.Event) string { return e.Actor.Type },
		"login":          func(e *detection.Event) string { return e.Actor.Login },
		"ip":             func(e *detection.Event) string { return e.IP },
		"zone":           func(e *detection.Event) string { return e.Zone },
		"city":           func(e *detection.Event) string { return e.City },
		"state":          func(e *detection.Event) string { return e.State },
		"country":        func(e *detection.Event) string { return e.Country },
		"isp":            func(e *detection.Event) string { return e.ISP },
		"os":             func(e *detection.Event) string { return e.OS },
		"browser":        func(e *detection.Event) string { return e.Browser },
		"user_agent":     func(e *detection.Event) string { return e.UserAgent },
		"kind":           func(e *detection.Event) string { return e.Kind },
		"client":         func(e *detection.Event) string { return e.ClientID },
		"token":          func(e *detection.Event) string { return e.TokenID },
		"device":         func(e *detection.Event) string { return e.Device.ID },
		"device_name":    func(e *detection.Event) string { return e.Device.Name },
		"platform":       func(e *detection.Event) string { return e.Device.Platform },
		"session":        func(e *detection.Event) string { return e.Session },
		"root_session":   func(e *detection.Event) string { return e.RootSession },
		"transaction":    func(e *detection.Event) string { return e.Transaction },
		"risk":           func(e *detection.Event) string { return e.Risk.Level },
		"risk_previous":  func(e *detection.Event) string { return e.Risk.Previous },
		"risk_detection": func(e *detection.Event) string { return e.Risk.Detection },
		"app":            func(e *detection.Event) string { return targetOf(e, "AppInstance").ID },
		"app_name":       func(e *detection.Event) string { return targetOf(e, "AppInstance").Name },
		"group":          func(e *detection.Event) string { return targetOf(e, "UserGroup").ID },
		"group_name":     func(e *detection.Event) string { return targetOf(e, "UserGroup").Name },
		"user":           func(e *detection.Event) string { return targetOf(e, "User").ID },
		"user_login":     func(e *detection.Event) string { return targetOf(e, "User").Login },
	} {
		vars[name] = eventVar{cel.StringType, func(e *detection.Event) any { return get(e) }}
	}
	return vars
}

func flagWord(f detection.Flag) string {
	switch f {
	case detection.Yes:
		return "yes"
	case detection.No:
		return "no"
	case detection.Unknown:
	}
	return ""
}

func targetOf(e *detection.Event, kind string) detection.Party {
	t, _ := e.Target(kind)
	return t
}

// behaviours are what policies used, and of the others what Okta only logged.
func behaviours(e *detection.Event) map[string]string {
	if len(e.LogOnlyBehaviours) == 0 {
		return e.Behaviours
	}
	all := maps.Clone(e.LogOnlyBehaviours)
	maps.Copy(all, e.Behaviours)
	return all
}

func targetMaps(e *detection.Event) []traits.Mapper {
	list := make([]traits.Mapper, 0, len(e.Targets))
	for _, t := range e.Targets {
		one := map[string]string{"id": t.ID, "type": t.Type, "login": t.Login, "name": t.Name}
		for key, v := range t.Detail {
			if s, is := v.(string); is {
				one["detail."+key] = s
			}
		}
		list = append(list, textMap(one))
	}
	return list
}

// changeMaps lists each changed attribute of each target: type and id of the target, field, from, to.
func changeMaps(e *detection.Event) []traits.Mapper {
	var list []traits.Mapper
	for _, t := range e.Targets {
		names := slices.Sorted(maps.Keys(t.Changes.To))
		for name := range t.Changes.From {
			if _, there := t.Changes.To[name]; !there {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			list = append(list, textMap(map[string]string{
				"type": t.Type, "id": t.ID, "field": name, "from": anyText(t.Changes.From[name]), "to": anyText(t.Changes.To[name]),
			}))
		}
	}
	return list
}

func anyText(v any) string {
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// lenient is a map of texts in which what is not there is "".
type lenient struct{ traits.Mapper }

func textMap(m map[string]string) lenient {
	return lenient{types.NewStringStringMap(types.DefaultTypeAdapter, m)}
}

// Find is part of traits.Mapper.
func (m lenient) Find(key ref.Val) (ref.Val, bool) {
	if v, found := m.Mapper.Find(key); found {
		return v, true
	}
	return types.String(""), true
}

// Get is part of traits.Mapper.
func (m lenient) Get(key ref.Val) ref.Val {
	v, _ := m.Find(key)
	return v
}

// pathMap finds texts by their path in the event as Okta wrote it.
type pathMap struct {
	lenient
	event *detection.Event
}

// Find is part of traits.Mapper.
func (m pathMap) Find(key ref.Val) (ref.Val, bool) {
	path, is := key.Value().(string)
	if !is {
		return types.String(""), true
	}
	v, _ := m.event.Lookup(path)
	return types.String(anyText(v)), true
}

// Get is part of traits.Mapper.
func (m pathMap) Get(key ref.Val) ref.Val {
	v, _ := m.Find(key)
	return v
}

// Contains is part of traits.Mapper.
func (m pathMap) Contains(key ref.Val) ref.Val {
	path, is := key.Value().(string)
	_, found := m.event.Lookup(path)
	return types.Bool(is && found)
}

// eventCompiler compiles conditions on events.
type eventCompiler struct {
	env  *cel.Env
	vars map[string]eventVar // by full name
}

func newEventCompiler() (*eventCompiler, error) {
	c := &eventCompiler{vars: map[string]eventVar{}}
	opts := []cel.EnvOption{
		cel.ClearMacros(),
		cel.Macros(cel.AllMacro, cel.ExistsMacro, cel.ExistsOneMacro, cel.MapMacro, cel.MapFilterMacro, cel.FilterMacro),
		cel.CrossTypeNumericComparisons(true), cel.DefaultUTCTimeZone(true), cel.ParserExpressionSizeLimit(mostExpr),
		ext.Strings(),
		cel.Function("in_cidr", cel.Overload("in_cidr_string_list", []*cel.Type{cel.StringType, cel.ListType(cel.StringType)},
			cel.BoolType, cel.BinaryBinding(inCIDR))),
	}
	for name, v := range eventVars() {
		c.vars["event."+name] = v
		opts = append(opts, cel.Variable("event."+name, v.kind))
	}
	env, err := cel.NewEnv(opts...)
	if err != nil {
		return nil, fmt.Errorf("set up conditions of alert rules: %w", err)
	}
	c.env = env
	return c, nil
}

// inCIDR says whether an address lies in one of some ranges. What is no address lies in none.
func inCIDR(address, ranges ref.Val) ref.Val {
	text, is := address.Value().(string)
	list, isList := ranges.(traits.Lister)
	if !is || !isList {
		return types.MaybeNoSuchOverloadErr(address)
	}
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return types.False
	}
	for it := list.Iterator(); it.HasNext() == types.True; {
		word, is := it.Next().Value().(string)
		if !is {
			continue
		}
		prefix, err := netip.ParsePrefix(word)
		if err != nil {
			return types.NewErr("%q is no range of addresses such as 192.0.2.0/24", word)
		}
		if prefix.Contains(ip.Unmap()) {
			return types.True
		}
	}
	return types.False
}

// activation gives the variables of one event, each when it is asked for.
type activation struct {
	vars  map[string]eventVar
	event *detection.Event
}

// ResolveName is part of cel.Activation.
func (a activation) ResolveName(name string) (any, bool) {
	v, known := a.vars[name]
	if !known {
		return nil, false
	}
	return v.get(a.event), true
}

// Parent is part of cel.Activation.
func (activation) Parent() cel.Activation { return nil }

// compile reads a condition. What is wrong with it is a problem at its place in the file.
func (c *eventCompiler) compile(v value) detection.Condition {
	source := v.text()
	if source == "" {
		return nil
	}
	if len(source) > mostExpr {
		v.problem("the expression has %d characters; the most is %d", len(source), mostExpr)
		return nil
	}
	checked, issues := c.env.Compile(source)
	if issues.Err() != nil {
		for _, e := range issues.Errors() {
			line, column := v.inside(e.Location.Line(), e.Location.Column())
			v.doc.problems.add(v.doc.file, line, column, "bad expression: %s%s", e.Message, c.hint(e.Message))
		}
		return nil
	}
	if message := fits(checked.OutputType(), wantBool); message != "" {
		v.problem("%s", message)
		return nil
	}
	cost, err := c.env.EstimateCost(checked, sizes{})
	if err != nil || cost.Max > mostCost {
		v.problem("the expression could cost too much; look at fewer things in it")
		return nil
	}
	program, err := c.env.Program(checked, cel.CostLimit(mostCost), cel.EvalOptions(cel.OptOptimize))
	if err != nil {
		v.problem("bad expression: %v", err)
		return nil
	}
	return func(e *detection.Event) (bool, error) {
		out, _, err := program.Eval(activation{c.vars, e})
		if err != nil {
			return false, fmt.Errorf("evaluate %q: %w", short(source), err)
		}
		b, is := out.(types.Bool)
		if !is {
			return false, fmt.Errorf("evaluate %q: %w", short(source), errNotBool)
		}
		return bool(b), nil
	}
}

func (c *eventCompiler) hint(message string) string {
	if !strings.Contains(message, "undeclared reference to 'event'") {
		return ""
	}
	return "; an event has: " + strings.Join(slices.Sorted(maps.Keys(eventVars())), ", ")
}
