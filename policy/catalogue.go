package policy

import (
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/identity"
)

// catalogue is catalogue.yaml, in the order of the file.
type catalogue struct {
	items []CatalogueItem
	asked map[string]int // lower-case words that mean an item
}

// Item finds an entry of the catalogue by its key.
func (p *Policy) Item(key string) (CatalogueItem, bool) {
	for _, i := range p.catalogue.items {
		if i.Key == key {
			return i, true
		}
	}
	return CatalogueItem{}, false
}

// Items lists the catalogue in the order of the file.
func (p *Policy) Items() []CatalogueItem { return slices.Clone(p.catalogue.items) }

func (p *Policy) findItem(asked string) (CatalogueItem, bool) {
	at, ok := p.catalogue.asked[strings.ToLower(strings.TrimSpace(asked))]
	if !ok {
		return CatalogueItem{}, false
	}
	return p.catalogue.items[at], true
}

func loadCatalogue(v value, compile *compiler) catalogue {
	c := catalogue{asked: map[string]int{}}
	v.object("catalogue.yaml", keys{"items": func(v value) {
		for _, e := range v.entries("items") {
			item, words := loadCatalogueItem(e, compile)
			for _, w := range append([]string{e.key, item.Name}, words...) {
				w = strings.ToLower(strings.TrimSpace(w))
				if other, taken := c.asked[w]; taken && other != len(c.items) {
					e.at.problem("%q already means the item %q; each key, name and asked_as word may mean one item", w, c.items[other].Key)
					continue
				}
				c.asked[w] = len(c.items)
			}
			c.items = append(c.items, item)
		}
	}}, "items")
	return c
}

func loadCatalogueItem(e entry, c *compiler) (CatalogueItem, []string) {
	i := CatalogueItem{Key: e.key, Name: e.key, Risk: "low", Requestable: true}
	var words []string
	grants := 0
	grant := func(kind identity.Kind) func(value) {
		return func(v value) {
			grants++
			i.Entitlement = loadEntitlement(v, kind)
		}
	}
	e.value.object("catalogue item "+e.key, keys{
		"name":        func(v value) { i.Name = v.text() },
		"group":       grant(identity.KindGroup),
		"app":         grant(identity.KindApp),
		"risk":        func(v value) { i.Risk = v.oneOf("low", "medium", "high") },
		"owner":       func(v value) { i.OwnerEmail = v.address() },
		"cost":        func(v value) { i.Cost = v.number(0, 1e9) },
		"tags":        func(v value) { i.Tags = v.texts("tags") },
		"requestable": func(v value) { i.Requestable = v.flag() },
		"asked_as":    func(v value) { words = v.texts("asked_as") },
		"limit":       func(v value) { i.Limit = loadLimit(v) },
		"break_glass": func(v value) { i.glass = loadBreakGlass(v, c) },
	})
	if e.value.mapping() && grants != 1 {
		e.at.problem("catalogue item %q needs one of group and app: what it grants in Okta", e.key)
	}
	if i.glass != nil && i.Limit.Default == 0 { // nobody holds it for good, whichever way it was approved
		i.Limit = casework.TimeLimit{Default: i.glass.span, Most: i.glass.span}
	}
	return i, words
}

// loadLimit reads `limit: 30d` or `limit: {default: 30d, most: 90d, notice: 3d}`.
func loadLimit(v value) casework.TimeLimit {
	if !v.mapping() {
		d := v.positive()
		return casework.TimeLimit{Default: d, Most: d}
	}
	l := casework.TimeLimit{}
	v.object("limit", keys{
		"default": func(v value) { l.Default = v.positive() },
		"most":    func(v value) { l.Most = v.positive() },
		"notice":  func(v value) { l.Notice = v.positive() },
	}, "default")
	if l.Most == 0 {
		l.Most = l.Default
	}
	if l.Default > l.Most {
		v.problem("default is longer than most: what policy gives when nobody names a time has to fit what it gives at most")
	}
	return l
}

// loadEntitlement reads `app: Name` or `app: {name: Name, id: 0oa…}`.
func loadEntitlement(v value, kind identity.Kind) identity.Entitlement {
	e := identity.Entitlement{Kind: kind}
	if !v.mapping() {
		e.Name = v.text()
		return e
	}
	v.object(string(kind), keys{
		"name": func(v value) { e.Name = v.text() },
		"id":   func(v value) { e.ID = v.text() },
	}, "name")
	return e
}
