package freshsim

import (
	"slices"
	"strconv"
	"strings"
)

// privilege is what a key's role must hold for a route (reference §2: 403 when it does not).
type privilege string

const (
	needLogin   privilege = ""        // any valid key
	needTickets privilege = "tickets" // write tickets and what hangs on them
	needPeople  privilege = "people"  // write requesters, departments, locations, requester groups
	needAgents  privilege = "agents"  // write agents and agent groups
	needCatalog privilege = "catalog" // write service items
	needJourney privilege = "journey" // onboarding and offboarding requests
)

// includeCost says how an endpoint charges for embedded resources (reference §3).
type includeCost int

const (
	includeNone includeCost = iota
	includeView             // +1 credit each
	includeList             // +2 credits each
)

type handler func(c *call) (*answer, error)

// route is one vendor endpoint. Pattern segments in braces are path parameters; numeric ids only.
type route struct {
	method  string
	pattern string
	need    privilege
	bucket  string // sub-limit, empty for the overall one
	query   []string
	include includeCost
	h       handler
}

type router struct {
	routes []compiledRoute
}

type compiledRoute struct {
	route
	segments []string
	literals int
}

func newRouter(routes []route) *router {
	r := &router{}
	for _, rt := range routes {
		c := compiledRoute{route: rt, segments: strings.Split(strings.Trim(rt.pattern, "/"), "/")}
		for _, s := range c.segments {
			if !isParam(s) {
				c.literals++
			}
		}
		r.routes = append(r.routes, c)
	}
	// More literal segments win: /tickets/filter before /tickets/{id}.
	slices.SortStableFunc(r.routes, func(a, b compiledRoute) int { return b.literals - a.literals })
	return r
}

func isParam(s string) bool { return strings.HasPrefix(s, "{") }

// find gives the route of a path below /api/v2, or the methods that the path knows when the method is wrong.
// Both are empty for an unknown path.
func (r *router) find(method, path string) (rt *route, params map[string]int64, allow []string) {
	segments := strings.Split(strings.Trim(path, "/"), "/")
	literals := -1
	for i := range r.routes {
		c := &r.routes[i]
		if literals >= 0 && c.literals < literals {
			break
		}
		p, ok := c.match(segments)
		if !ok {
			continue
		}
		if c.method == method {
			return &c.route, p, nil
		}
		literals = c.literals
		allow = append(allow, c.method)
	}
	slices.Sort(allow)
	return nil, nil, slices.Compact(allow)
}

func (c *compiledRoute) match(segments []string) (map[string]int64, bool) {
	if len(segments) != len(c.segments) {
		return nil, false
	}
	params := map[string]int64{}
	for i, want := range c.segments {
		if !isParam(want) {
			if want != segments[i] {
				return nil, false
			}
			continue
		}
		n, err := strconv.ParseInt(segments[i], 10, 64)
		if err != nil || n <= 0 {
			return nil, false
		}
		params[strings.Trim(want, "{}")] = n
	}
	return params, true
}
