package oktasim_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

func TestUsersAreFoundByIdLoginAndShortLogin(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("o'brien+it#1@example.com")
	assert.Equal(t, id, o.id(o.ok("GET", "/users/"+id, nil)))
	assert.Equal(t, id, o.id(o.ok("GET", "/users/"+url.PathEscape("o'brien+it#1@example.com"), nil)))
	assert.Equal(t, id, o.id(o.ok("GET", "/users/"+url.PathEscape("O'Brien+IT#1"), nil)), "short login")
	o.user("o'brien+it#1@example.org")
	o.want(404, "E0000007", "GET", "/users/"+url.PathEscape("o'brien+it#1"), nil)
	g := o.want(404, "E0000007", "GET", "/users/nobody@example.com", nil)
	assert.Contains(t, g.raw, "nobody@example.com (User)")
}

// pages follows next links and returns every login, and the number of pages.
func (o *org) pages(path string) (all []string, pages int) {
	o.t.Helper()
	for next := path; next != ""; pages++ {
		g := o.ok("GET", next, nil)
		assert.NotEmpty(o.t, g.link("self"))
		all = append(all, logins(o.t, g)...)
		next = g.link("next")
	}
	return all, pages
}

func TestListsPageToTheEnd(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	want := []string{"admin@example.com"}
	for i := range 7 {
		login := fmt.Sprintf("p%d@example.com", i)
		o.user(login)
		want = append(want, login)
	}
	gone := o.user("gone@example.com")
	o.ok("POST", "/users/"+gone+"/lifecycle/deactivate", nil)

	all, pages := o.pages("/users?limit=3")
	assert.Equal(t, want, all, "in order, without the deactivated")
	assert.Equal(t, 3, pages)
	all, pages = o.pages("/users?limit=4&search=" + escape(`status pr`))
	assert.Equal(t, append(want, "gone@example.com"), all, "search shows the deactivated")
	assert.Equal(t, 3, pages)
	all, _ = o.pages("/users?limit=2&filter=" + escape(`status eq "ACTIVE"`))
	assert.Equal(t, want, all)
	all, _ = o.pages("/users?limit=3&search=" + escape(`status eq "active"`) + "&sortBy=profile.login&sortOrder=desc")
	assert.Equal(t, []string{"p6@example.com", "p5@example.com", "p4@example.com", "p3@example.com", "p2@example.com", "p1@example.com", "p0@example.com", "admin@example.com"}, all)
}

func TestLinksComeOnePerLineAndDropUnknownParameters(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.user("a@example.com")
	g := o.ok("GET", "/users?limit=1&colour=red&filter="+escape(`status eq "ACTIVE"`), nil)
	lines := g.header.Values("Link")
	require.Len(t, lines, 2)
	assert.Contains(t, lines[0], `rel="self"`)
	assert.Contains(t, lines[1], `rel="next"`)
	assert.NotContains(t, lines[0], "colour")
	assert.Contains(t, lines[0], "limit=1")
	assert.Contains(t, lines[1], "filter=status")
	assert.Contains(t, o.ok("GET", "/users", nil).link("self"), "limit=200", "self shows the limit in force")
	assert.Contains(t, o.ok("GET", "/users?limit=5000", nil).link("self"), "limit=200", "pulled down to the most")
}

func TestBadCursorsAreRefused(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for _, path := range []string{"/users?after=junk", "/apps?after=junk", "/groups?after=junk", "/users?after=junk&search=" + escape("status pr")} {
		g := o.want(400, "E0000029", "GET", path, nil)
		assert.Equal(t, "Invalid cursor.", g.causes(), path)
	}
}

func TestQuickSearch(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for i := range 12 {
		o.user(fmt.Sprintf("q%02d@example.com", i), object{"lastName": "Quincy"})
	}
	g := o.ok("GET", "/users?q=quin", nil)
	assert.Len(t, g.list(t), 10, "ten by default")
	assert.Empty(t, g.link("next"), "and never a next page")
	assert.Len(t, o.ok("GET", "/users?q=Q03", nil).list(t), 1)
	assert.Empty(t, o.ok("GET", "/users?q=incy", nil).list(t), "a prefix only")
}

func TestSearchAndFilterExpressions(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.user("ada@example.com", object{"department": "Engineering", "employeeNumber": "7"})
	o.user("bob@example.com", object{"department": "Sales", "firstName": "Bob"})
	o.sim.Advance(time.Hour)
	o.user("cyd@example.com", object{"department": "sales", "firstName": "Cyd"})
	tests := []struct {
		param, expr string
		want        []string
	}{
		{"search", `profile.department eq "SALES"`, []string{"bob@example.com", "cyd@example.com"}},
		{"search", `profile.department sw "eng" and status eq "ACTIVE"`, []string{"ada@example.com"}},
		{"search", `profile.department pr and (profile.firstName eq "Bob" or profile.firstName eq "cyd")`, []string{"bob@example.com", "cyd@example.com"}},
		{"search", `profile.login co "A@EX"`, []string{"ada@example.com"}},
		{"search", `profile.employeeNumber eq "7"`, []string{"ada@example.com"}},
		{"search", `created gt "2026-03-02T10:00:00.000Z"`, []string{"cyd@example.com"}},
		{"search", `profile.department lt "m"`, []string{"ada@example.com"}},
		{"search", `profile.email eq "BOB@example.com"`, []string{"bob@example.com"}},
		{"filter", `profile.firstName eq "Bob"`, []string{"bob@example.com"}},
		{"filter", `profile.firstName eq "bob"`, []string{}},
		{"filter", `profile.login eq "ada@example.com" or profile.login eq "cyd@example.com"`, []string{"ada@example.com", "cyd@example.com"}},
		{"filter", `lastUpdated ge "2026-03-02T10:00:00.000Z"`, []string{"cyd@example.com"}},
	}
	for _, tt := range tests {
		assert.Equal(t, tt.want, logins(t, o.ok("GET", "/users?"+tt.param+"="+escape(tt.expr), nil)), tt.expr)
	}
	for _, bad := range []string{
		`profile.department ne "x"`, `profile.nope eq "x"`, `profile.department co "x"`, `profile.department eq x`, `profile.department eq`,
		`(profile.department eq "x"`, `profile.department eq "x" and`, `profile.department likes "x"`, `"x" eq "y"`, `eq`,
	} {
		o.want(400, "E0000031", "GET", "/users?search="+escape(bad), nil)
	}
	for _, bad := range []string{`profile.department eq "x"`, `status sw "A"`, `status pr`, `profile.login co "a"`} {
		o.want(400, "E0000031", "GET", "/users?filter="+escape(bad), nil)
	}
}

func TestSearchLagsButReadsByIdDoNot(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.SearchLag = 2 * time.Second })
	find := func() []string {
		return logins(t, o.ok("GET", "/users?search="+escape(`profile.login eq "ada@example.com"`), nil))
	}
	id := o.user("ada@example.com")
	assert.Empty(t, find())
	assert.Equal(t, "ACTIVE", o.status(id))
	o.sim.Advance(2 * time.Second)
	assert.Equal(t, []string{"ada@example.com"}, find())

	o.ok("POST", "/users/"+id+"/lifecycle/suspend", nil)
	suspended := "/users?filter=" + escape(`status eq "SUSPENDED"`)
	assert.Empty(t, logins(t, o.ok("GET", suspended, nil)))
	assert.Equal(t, "SUSPENDED", o.status(id))
	o.sim.Settle()
	assert.Equal(t, []string{"ada@example.com"}, logins(t, o.ok("GET", suspended, nil)))
}
