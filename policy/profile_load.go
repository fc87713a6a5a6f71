package policy

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

func loadProfile(v value, c *compiler) profile {
	p := profile{tables: map[string]any{}}
	// Expressions name tables, so these are read first wherever they stand.
	if v.mapping() {
		for _, e := range v.entries("profile.yaml") {
			if e.key == "tables" && e.value.mapping() {
				p.tables = loadTables(e.value)
			}
		}
	}
	v.object("profile.yaml", keys{
		"tables": func(v value) {
			if !v.mapping() {
				loadTables(v) // says what is wrong
			}
		},
		"attributes": func(v value) {
			for _, one := range v.items("attributes") {
				a := loadAttribute(one, c, p.tables)
				if a.okta != "" && slices.ContainsFunc(p.attributes, func(o *attribute) bool { return o.okta == a.okta }) {
					one.problem("a second entry sets %s; each attribute has one", a.okta)
				}
				p.attributes = append(p.attributes, a)
			}
		},
		"manager": func(v value) { p.manager = c.compile(v, scopeProfile, wantText) },
		"login":   func(v value) { p.logins = loadLogins(v, c) },
		"domain":  func(v value) { p.domain = v.domain() },
	})
	if len(p.logins) > 0 && p.domain == "" {
		v.problem("login needs domain: what follows the @ where a template does not say")
	}
	return p
}

// loadTables reads tables of words: `country: {Berlin: DE}`.
func loadTables(v value) map[string]any {
	tables := map[string]any{}
	for _, e := range v.entries("tables") {
		rows := map[string]any{}
		for _, row := range e.value.entries("table " + e.key) {
			rows[row.key] = row.value.text()
		}
		tables[e.key] = rows
	}
	return tables
}

var attributeName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func loadAttribute(v value, c *compiler, tables map[string]any) *attribute {
	a := &attribute{}
	v.object("an attribute", keys{
		"okta": func(v value) {
			switch a.okta = v.text(); {
			case a.okta == "login":
				v.problem("login is no attribute to map; the templates below login: make it")
			case a.okta != "" && !attributeName.MatchString(a.okta):
				v.problem("has to be the name of an attribute in Okta's profile such as firstName, found %s", v.kind())
			}
		},
		"value": func(v value) {
			a.value = c.compile(v, scopeProfile, wantValue)
			if a.value == nil {
				return
			}
			for _, name := range a.value.tables {
				if _, known := tables[name]; !known {
					v.problem("no table is called %q; tables are: %s", name, strings.Join(slices.Sorted(maps.Keys(tables)), ", "))
				}
			}
		},
		"required": func(v value) { a.required = v.flag() },
		"label":    func(v value) { a.label = v.text() },
		"default":  func(v value) { a.fallback = v.scalar() },
	}, "okta", "value")
	if a.label == "" {
		a.label = a.okta
	}
	return a
}

// scalar reads a text, a number or a boolean.
func (v value) scalar() any {
	if v.draws(leaf{schema: schema{"type": []string{"string", "number", "boolean"}}}) {
		return nil
	}
	switch one := v.free("a value").(type) {
	case nil, []any, map[string]any:
		v.problem("has to be a text, a number or true or false, found %s", v.kind())
		return nil
	case string:
		return v.text()
	default:
		return one
	}
}

func loadLogins(v value, c *compiler) []*expr {
	var list []*expr
	all := v.items("login")
	for i, one := range all {
		e := c.compile(one, scopeLogin, wantText)
		if e == nil {
			continue
		}
		if e.numbered() && i < len(all)-1 {
			one.problem("a template with n never ends, so it has to be the last one")
		}
		list = append(list, e)
	}
	return list
}

// domain reads a mail domain.
func (v value) domain() string {
	if v.draws(domainLeaf()) {
		return ""
	}
	s := strings.ToLower(v.text())
	if s != "" && (!isAddress("a@"+s) || !strings.Contains(s, ".")) {
		v.problem("has to be a mail domain such as acme.example, found %s", v.kind())
		return ""
	}
	return s
}
