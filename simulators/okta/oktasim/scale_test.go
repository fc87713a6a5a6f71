package oktasim_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

// bigCompany has so many people, each in three groups (one by rule) with about six apps.
func bigCompany(people int) *acme.Company {
	co := &acme.Company{Name: "Big", Domain: "big.example"}
	const departments, projects = 20, 200
	for i := range departments {
		name := fmt.Sprintf("Department %02d", i)
		co.Departments = append(co.Departments, acme.Department{Name: name})
		co.Groups = append(co.Groups, acme.Group{Name: name})
		co.Rules = append(co.Rules, acme.GroupRule{Name: name, Expression: fmt.Sprintf("user.department==%q", name), Groups: []string{name}})
	}
	for i := range projects {
		co.Groups = append(co.Groups, acme.Group{Name: fmt.Sprintf("Project %03d", i)})
	}
	co.Groups = append(co.Groups, acme.Group{Name: "Staff"})
	for i := range 50 {
		app := acme.App{Label: fmt.Sprintf("App %02d", i), Name: "bookmark"}
		switch {
		case i < 3:
			app.Groups = []string{"Staff"}
		case i < 40:
			app.Groups = []string{fmt.Sprintf("Department %02d", i%departments), fmt.Sprintf("Project %03d", i)}
		}
		co.Apps = append(co.Apps, app)
	}
	for i := range people {
		email := fmt.Sprintf("person%05d@big.example", i)
		co.People = append(co.People, acme.Person{
			FirstName: "Person", LastName: fmt.Sprintf("Number%05d", i), Email: email, Login: email, EmployeeNumber: fmt.Sprint(i),
			Department: fmt.Sprintf("Department %02d", i%departments), Groups: []string{"Staff", fmt.Sprintf("Project %03d", i%projects)},
			Apps: []string{fmt.Sprintf("App %02d", 40+i%10)}, Status: "ACTIVE",
		})
	}
	return co
}

func TestHoldsTwentyThousandPeople(t *testing.T) {
	t.Parallel()
	const people = 20_000
	o := newOrg(t, func(opts *oktasim.Options) { opts.Seed = bigCompany(people) })
	sum := o.sim.Summary()
	assert.Equal(t, people+1, sum.People())
	assert.Equal(t, 3*people+1, sum.Memberships)
	assert.Greater(t, sum.Assignments, 4*people)

	seen := map[string]bool{}
	for next := "/users?limit=200"; next != ""; {
		g := o.ok("GET", next, nil)
		for _, id := range ids(t, g) {
			require.False(t, seen[id], "nobody twice")
			seen[id] = true
		}
		next = g.link("next")
	}
	assert.Len(t, seen, people+1)

	gid, found := o.sim.GroupID("Staff")
	require.True(t, found)
	members := 0
	for next := "/groups/" + gid + "/users?limit=1000"; next != ""; {
		g := o.ok("GET", next, nil)
		members += len(ids(t, g))
		next = g.link("next")
	}
	assert.Equal(t, people, members)

	aid, found := o.sim.AppID("App 00")
	require.True(t, found)
	assigned := 0
	for next := "/apps/" + aid + "/users?limit=500"; next != ""; {
		g := o.ok("GET", next, nil)
		assigned += len(ids(t, g))
		next = g.link("next")
	}
	assert.Equal(t, people, assigned)
	assert.Equal(t, []string{"person12345@big.example"}, logins(t, o.ok("GET", "/users?search="+escape(`profile.employeeNumber eq "12345"`), nil)))
}

// BenchmarkPages measures answers of an org with 20,000 people, without the network.
func BenchmarkPages(b *testing.B) {
	sim, err := oktasim.New(oktasim.Options{Token: token, Seed: bigCompany(20_000)})
	require.NoError(b, err)
	b.Cleanup(sim.Close)
	handler := sim.Handler()
	ask := func(path string) *httptest.ResponseRecorder {
		req := httptest.NewRequestWithContext(b.Context(), http.MethodGet, "/api/v1"+path, http.NoBody)
		req.Header.Set("Authorization", "SSWS "+token)
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, req)
		return rec
	}
	v, found := sim.User("person10000")
	require.True(b, found)
	middle := v.ID
	staff, _ := sim.GroupID("Staff")
	app, _ := sim.AppID("App 00")
	for _, bench := range []struct{ name, path string }{
		{"user", "/users/" + middle},
		{"users", "/users?limit=200&after=0" + middle},
		{"search_login", "/users?search=" + escape(`profile.login eq "person15000@big.example"`)},
		{"search_department", "/users?limit=200&search=" + escape(`profile.department eq "Department 07"`)},
		{"user_groups", "/users/" + middle + "/groups"},
		{"user_apps", "/apps?limit=200&filter=" + escape(`user.id eq "`+middle+`"`) + "&expand=" + escape("user/"+middle)},
		{"members", "/groups/" + staff + "/users?limit=200&after=" + middle},
		{"app_users", "/apps/" + app + "/users?limit=500&after=" + middle},
		{"groups_stats", "/groups?limit=200&expand=stats"},
	} {
		b.Run(bench.name, func(b *testing.B) {
			require.Equal(b, http.StatusOK, ask(bench.path).Code)
			b.ReportAllocs()
			for b.Loop() {
				ask(bench.path)
			}
		})
	}
}

// The whole org must survive a round of JSON: nothing in an answer may be something JSON cannot say.
func TestBigAnswersAreJSON(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.Seed = bigCompany(300) })
	for _, path := range []string{"/users", "/groups?expand=stats,app", "/apps?limit=200", "/groups/rules?limit=200", "/logs"} {
		var v []any
		require.NoError(t, json.Unmarshal([]byte(o.ok("GET", path, nil).raw), &v), path)
	}
}
