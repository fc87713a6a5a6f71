package oktasim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

func TestFreshOrgHasTheBuiltInGroups(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	list := o.ok("GET", "/groups?filter="+escape(`type eq "BUILT_IN"`), nil).list(t)
	require.Len(t, list, 2)
	assert.Equal(t, "Everyone", dig(t, list[0], "profile", "name"))
	assert.Equal(t, "Okta Administrators", dig(t, list[1], "profile", "name"))

	id := o.user("ada@example.com")
	groups := o.ok("GET", "/users/"+id+"/groups", nil)
	require.Len(t, groups.list(t), 1, "a fresh user is in Everyone")
	assert.Contains(t, groups.link("self"), "limit=200")
	everyone := ids(t, groups)[0]
	assert.Len(t, o.ok("GET", "/groups/"+everyone+"/users", nil).list(t), 2)
	for _, call := range [][2]string{
		{"PUT", "/groups/" + everyone + "/users/" + id}, {"DELETE", "/groups/" + everyone + "/users/" + id}, {"DELETE", "/groups/" + everyone},
	} {
		o.want(403, "E0000006", call[0], call[1], nil)
	}
	o.want(403, "E0000006", "PUT", "/groups/"+everyone, object{"profile": object{"name": "Nobody"}})
}

func TestImportedGroupsCannotBeWritten(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) {
		opts.Seed = &acme.Company{
			Name: "Tiny", Domain: "tiny.example",
			Groups: []acme.Group{{Name: "Domain Users", Type: "APP_GROUP", Source: "Directory"}},
			Apps:   []acme.App{{Label: "Directory", Name: "active_directory"}},
			People: []acme.Person{{FirstName: "Ada", LastName: "L", Email: "ada@tiny.example", Groups: []string{"Domain Users"}}},
		}
	})
	gid, found := o.sim.GroupID("Domain Users")
	require.True(t, found)
	g := o.ok("GET", "/groups/"+gid, nil).object(t)
	assert.Equal(t, "APP_GROUP", g["type"])
	assert.NotEmpty(t, dig(t, g, "source", "id"))
	o.want(403, "E0000006", "DELETE", "/groups/"+gid+"/users/ada@tiny.example", nil)
	o.want(403, "E0000006", "PUT", "/groups/"+gid+"/users/ada@tiny.example", nil)
	o.want(403, "E0000006", "DELETE", "/groups/"+gid, nil)
	assert.Equal(t, []string{"Domain Users"}, o.groupsOf("ada@tiny.example"))
	require.NoError(t, o.sim.Import(gid, "ada@tiny.example", false), "its source may")
	assert.Empty(t, o.groupsOf("ada@tiny.example"))
}

func TestMembershipWritesAreIdempotent(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid, uid := o.group("Team"), o.user("ada@example.com")
	path := "/groups/" + gid + "/users/" + uid
	for range 2 {
		o.want(204, "", "PUT", path, nil)
	}
	assert.Equal(t, []string{"ada@example.com"}, logins(t, o.ok("GET", "/groups/"+gid+"/users", nil)))
	o.ok("POST", "/users/"+uid+"/lifecycle/deactivate", nil)
	for range 2 { // works on a deactivated user
		o.want(204, "", "DELETE", path, nil)
	}
	assert.Empty(t, o.ok("GET", "/groups/"+gid+"/users", nil).list(t))
	adds, removes := 0, 0
	for _, e := range o.events() {
		switch e {
		case "group.user_membership.add":
			adds++
		case "group.user_membership.remove":
			removes++
		}
	}
	assert.Equal(t, [2]int{1, 1}, [2]int{adds, removes}, "a no-op writes no event")

	o.ok("DELETE", "/users/"+uid, nil)
	assert.Contains(t, o.want(404, "E0000007", "DELETE", path, nil).raw, "(User)")
	assert.Contains(t, o.want(404, "E0000007", "PUT", "/groups/00g00000000000000000/users/"+uid, nil).raw, "(UserGroup)")
}

func TestGroupNamesAndProfiles(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid := o.group("Team")
	assert.Contains(t, o.want(400, "E0000001", "POST", "/groups", object{"profile": object{"name": "Team"}}).causes(), "already exists")
	o.want(400, "E0000001", "POST", "/groups", object{"profile": object{"name": "  "}})
	o.want(400, "E0000001", "POST", "/groups", object{"profile": object{"name": strings.Repeat("x", 256)}})
	o.want(400, "E0000001", "POST", "/groups", object{"profile": object{"name": "Other", "colour": "red"}})
	o.want(404, "E0000007", "GET", "/groups/00g00000000000000000", nil)
	g := o.ok("PUT", "/groups/"+gid, object{"profile": object{"name": "Crew", "description": "All hands"}}).object(t)
	assert.Equal(t, "Crew", dig(t, g, "profile", "name"))
	assert.Equal(t, "All hands", dig(t, g, "profile", "description"))
	o.ok("PUT", "/groups/"+gid, object{"profile": object{"name": "Crew"}})
	assert.Nil(t, dig(t, o.ok("GET", "/groups/"+gid, nil).object(t), "profile", "description"))
}

func TestGroupsAreFound(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	for i := range 5 {
		o.group(fmt.Sprintf("Team %d", i))
	}
	q := o.ok("GET", "/groups?q=team", nil)
	assert.Len(t, q.list(t), 5)
	assert.Empty(t, q.header.Values("Link"), "q answers without any Link")
	all, next := []string{}, "/groups?limit=2&search="+escape(`profile.name sw "Team"`)
	for next != "" {
		g := o.ok("GET", next, nil)
		all, next = append(all, ids(t, g)...), g.link("next")
	}
	assert.Len(t, all, 5)
	assert.Len(t, o.ok("GET", "/groups?search="+escape(`profile.name co "3"`), nil).list(t), 1)
	assert.Contains(t, o.ok("GET", "/groups", nil).link("self"), "limit=10000")
	o.want(400, "E0000031", "GET", "/groups?filter="+escape(`profile.name eq "Team 1"`), nil)
	o.want(400, "E0000031", "GET", "/groups?search="+escape(`profile.name eq`), nil)
}

func TestGroupStats(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	gid, uid, aid := o.group("Team"), o.user("ada@example.com"), o.app("Wiki")
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	o.ok("PUT", "/apps/"+aid+"/groups/"+gid, object{})
	o.ok("POST", "/groups/"+gid+"/roles", object{"type": "HELP_DESK_ADMIN"})
	o.ok("POST", "/apps/"+aid+"/group-push/mappings", object{"sourceGroupId": gid})
	stats, isObject := dig(t, o.ok("GET", "/groups/"+gid+"?expand=stats", nil).object(t), "_embedded", "stats").(map[string]any)
	require.True(t, isObject)
	delete(stats, "_links")
	assert.Equal(t, object{"usersCount": 1.0, "appsCount": 1.0, "groupPushMappingsCount": 1.0, "hasAdminPrivlege": true}, stats)
	o.want(403, "E0000006", "DELETE", "/groups/"+gid, nil)
}

func TestDeletedGroupTakesItsGrantsAlong(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.FanOutDelay = time.Minute })
	gid, uid, aid := o.group("Team"), o.user("ada@example.com"), o.app("Wiki")
	o.ok("PUT", "/apps/"+aid+"/groups/"+gid, object{})
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	o.sim.Settle()
	require.Equal(t, []string{"Wiki:GROUP"}, o.appsOf("ada@example.com"))
	o.want(204, "", "DELETE", "/groups/"+gid, nil)
	o.want(404, "E0000007", "GET", "/groups/"+gid, nil)
	assert.Empty(t, o.groupsOf("ada@example.com"))
	assert.Equal(t, []string{"Wiki:GROUP"}, o.appsOf("ada@example.com"), "the fan-out is asynchronous")
	o.sim.Advance(time.Minute)
	assert.Empty(t, o.appsOf("ada@example.com"))
}
