package policy

import (
	"slices"
	"strings"

	"latchkey/approval"
)

// includeRoutes puts the levels of the routes that others include before their own. A route that is included gives its
// levels and its ban; its `when` is not asked, and allow_repeat is the including route's.
func includeRoutes(routes []*route) {
	done := map[*route]bool{}
	for _, r := range routes {
		r.splice(routes, done, nil)
	}
}

// splice resolves one route. path are the routes that led here.
func (r *route) splice(routes []*route, done map[*route]bool, path []*route) {
	if r.include == "" || done[r] {
		return
	}
	done[r] = true
	path = append(path, r)
	i := slices.IndexFunc(routes, func(o *route) bool { return o.name == r.include })
	switch {
	case i < 0:
		r.includeAt.problem("unknown route %s; allowed: %s", quote(r.include), strings.Join(includable(routes, r), ", "))
		return
	case routes[i].mode != approval.ModeLevels:
		r.includeAt.problem("the route %q has mode: %s and no levels to include; allowed: %s", r.include, routes[i].mode, strings.Join(includable(routes, r), ", "))
		return
	}
	other := routes[i]
	if at := slices.Index(path, other); at >= 0 {
		var names []string
		for _, p := range append(path[at:], other) {
			names = append(names, p.name)
		}
		r.includeAt.problem("routes include each other in a circle: %s", strings.Join(names, " → "))
		return
	}
	other.splice(routes, done, path)
	for _, l := range other.levels {
		if slices.ContainsFunc(r.levels, func(own level) bool { return own.Name == l.Name }) {
			r.includeAt.problem("the route %q has a level %q as well; give each level a name of its own", r.include, l.Name)
		}
	}
	r.levels = slices.Concat(other.levels, r.levels)
	r.ban = slices.Concat(other.ban, r.ban)
}

// includable lists the routes with levels, but for the one that includes.
func includable(routes []*route, but *route) []string {
	var names []string
	for _, r := range routes {
		if r != but && r.mode == approval.ModeLevels {
			names = append(names, r.name)
		}
	}
	return names
}
