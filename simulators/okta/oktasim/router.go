package oktasim

import (
	"net/http"
	"net/url"
	"strings"
)

// handler answers one endpoint. It runs under the server's lock.
type handler func(c *call) (answer, error)

// route is one endpoint of the vendor.
type route struct {
	method  string
	pattern string // below /api/v1, such as "/users/{id}/lifecycle/suspend"
	scope   string // OAuth scope family, such as "users"; the method decides between read and manage
	power   power  // what an admin role must allow
	handle  handler
}

// oauthScope is the scope a bearer token must carry (§1.2).
func (r *route) oauthScope() string {
	if r.method == http.MethodGet {
		return "okta." + r.scope + ".read"
	}
	return "okta." + r.scope + ".manage"
}

// router finds routes by the number of segments, literal segments before parameters.
type router struct{ bySegments map[int][]*compiled }

type compiled struct {
	route    *route
	segments []string
}

func newRouter(table []route) *router {
	r := &router{bySegments: map[int][]*compiled{}}
	for i := range table {
		segments := strings.Split(strings.TrimPrefix(table[i].pattern, "/"), "/")
		r.bySegments[len(segments)] = append(r.bySegments[len(segments)], &compiled{&table[i], segments})
	}
	return r
}

// match returns the route and its parameters. found is false when no route has the path; route is nil when the path
// exists but not with this method.
func (r *router) match(method string, segments []string) (rt *route, params []string, found bool) {
	best := -1
	for _, c := range r.bySegments[len(segments)] {
		literals, args, ok := c.matches(segments)
		if !ok || literals < best {
			continue
		}
		if literals > best { // a more literal pattern hides the others: /groups/rules is not a group id
			best, rt, params, found = literals, nil, nil, true
		}
		if c.route.method == method {
			rt, params = c.route, args
		}
	}
	return rt, params, found
}

func (c *compiled) matches(segments []string) (literals int, params []string, ok bool) {
	for i, want := range c.segments {
		switch {
		case strings.HasPrefix(want, "{"):
			params = append(params, segments[i])
		case want == segments[i]:
			literals++
		default:
			return 0, nil, false
		}
	}
	return literals, params, true
}

// splitPath cuts an escaped path below its prefix into unescaped segments.
func splitPath(escaped, prefix string) ([]string, error) {
	parts := strings.Split(strings.Trim(strings.TrimPrefix(escaped, prefix), "/"), "/")
	for i, p := range parts {
		u, err := url.PathUnescape(p)
		if err != nil {
			return nil, err
		}
		parts[i] = u
	}
	return parts, nil
}
