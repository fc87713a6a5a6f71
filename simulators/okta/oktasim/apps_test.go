package oktasim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

func assign(o *org, aid, uid string) got {
	return o.ok("POST", "/apps/"+aid+"/users", object{"id": uid, "scope": "USER"})
}

func TestDirectAssignmentIsAnUpsert(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	aid, uid := o.app("Wiki"), o.user("ada@example.com")
	path := "/apps/" + aid + "/users/" + uid
	o.want(404, "E0000007", "GET", path, nil)
	first := assign(o, aid, uid).object(t)
	assert.Equal(t, "USER", first["scope"])
	assert.Equal(t, "ACTIVE", first["status"])
	assert.Equal(t, "DISABLED", first["syncState"])
	assert.Equal(t, "ada@example.com", dig(t, first, "credentials", "userName"))
	o.sim.Advance(time.Minute)
	second := assign(o, aid, uid).object(t)
	assert.NotEqual(t, first["lastUpdated"], second["lastUpdated"])
	assert.Equal(t, first["statusChanged"], second["statusChanged"])
	assert.Equal(t, "x", dig(t, o.ok("POST", path, object{"credentials": object{"userName": "x"}}).object(t), "credentials", "userName"))
	o.want(204, "", "DELETE", path, nil)
	o.want(404, "E0000007", "DELETE", path, nil)
}

func TestInactivePeopleAndAppsTakeNoAssignments(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	aid := o.app("Wiki")
	for _, status := range allStatuses {
		uid := o.user(status + "@example.com")
		require.NoError(t, o.sim.SetStatus(uid, status))
		g := o.call("POST", "/apps/"+aid+"/users", object{"id": uid})
		if status == "DEPROVISIONED" || status == "SUSPENDED" {
			assert.Equal(t, "E0000117", g.code(), status)
		} else {
			assert.Equal(t, 200, g.status, status)
		}
	}
	uid := o.user("ada@example.com")
	o.ok("POST", "/apps/"+aid+"/lifecycle/deactivate", nil)
	o.want(403, "E0000117", "POST", "/apps/"+aid+"/users", object{"id": uid})
	o.want(404, "E0000007", "POST", "/apps/"+aid+"/users", object{"id": "00u00000000000000000"})
	o.want(404, "E0000007", "POST", "/apps/0oa00000000000000000/users", object{"id": uid})
}

func TestGroupAssignmentFansOutLater(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.FanOutDelay = 3 * time.Second })
	aid, gid, uid := o.app("Wiki"), o.group("Team"), o.user("ada@example.com")
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	ag := o.ok("PUT", "/apps/"+aid+"/groups/"+gid, object{}).object(t)
	assert.InDelta(t, 0.0, ag["priority"], 0)
	assert.Equal(t, object{}, ag["profile"])
	assert.Empty(t, o.ok("GET", "/apps/"+aid+"/users", nil).list(t))
	o.sim.Advance(3 * time.Second)

	au := o.ok("GET", "/apps/"+aid+"/users/"+uid, nil).object(t)
	assert.Equal(t, "GROUP", au["scope"])
	assert.Equal(t, "Team", dig(t, au, "_links", "group", "name"))
	assert.Equal(t, o.url+"/api/v1/groups/"+gid, dig(t, au, "_links", "group", "href"))

	g := o.want(403, "E0000046", "DELETE", "/apps/"+aid+"/users/"+uid, nil)
	assert.Equal(t, "The application cannot be unassigned from the user while their group memberships grant them access.", g.causes())
	o.ok("DELETE", "/groups/"+gid+"/users/"+uid, nil)
	o.want(204, "", "DELETE", "/apps/"+aid+"/users/"+uid, nil)
	o.sim.Advance(3 * time.Second)
	assert.Empty(t, o.appsOf(uid))
}

func TestDualAccess(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	aid, gid, uid := o.app("Wiki"), o.group("Team"), o.user("ada@example.com")
	o.ok("PUT", "/apps/"+aid+"/groups/"+gid, object{})
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	require.Equal(t, []string{"Wiki:GROUP"}, o.appsOf(uid))
	assert.Equal(t, "USER", assign(o, aid, uid).object(t)["scope"], "POST turns GROUP into USER")
	o.want(403, "E0000046", "DELETE", "/apps/"+aid+"/users/"+uid, nil)
	o.ok("DELETE", "/groups/"+gid+"/users/"+uid, nil)
	assert.Equal(t, []string{"Wiki:USER"}, o.appsOf(uid), "the direct assignment outlives the group")
	o.want(204, "", "DELETE", "/apps/"+aid+"/users/"+uid, nil)
}

func TestBestPriorityGroupGrants(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	aid, a, b, uid := o.app("Wiki"), o.group("A"), o.group("B"), o.user("ada@example.com")
	o.ok("PUT", "/apps/"+aid+"/groups/"+a, object{})
	assert.InDelta(t, 1.0, o.ok("PUT", "/apps/"+aid+"/groups/"+b, object{}).object(t)["priority"], 0, "priorities count up from 0")
	for _, gid := range []string{a, b} {
		o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	}
	granted := func() any {
		return dig(t, o.ok("GET", "/apps/"+aid+"/users/"+uid, nil).object(t), "_links", "group", "name")
	}
	assert.Equal(t, "A", granted())
	o.ok("DELETE", "/groups/"+a+"/users/"+uid, nil)
	assert.Equal(t, "B", granted())
	o.ok("PUT", "/apps/"+aid+"/groups/"+b, object{"priority": 9})
	assert.InDelta(t, 9.0, o.ok("GET", "/apps/"+aid+"/groups/"+b, nil).object(t)["priority"], 0)
	o.want(204, "", "DELETE", "/apps/"+aid+"/groups/"+b, nil)
	o.want(404, "E0000007", "GET", "/apps/"+aid+"/groups/"+b, nil)
	assert.Empty(t, o.appsOf(uid))
}

func TestEveryoneMayBeAssigned(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	aid, everyone := o.app("Intranet"), ids(t, o.ok("GET", "/groups?q=Everyone", nil))[0]
	o.ok("PUT", "/apps/"+aid+"/groups/"+everyone, object{})
	uid := o.user("ada@example.com")
	assert.Equal(t, []string{"Intranet:GROUP"}, o.appsOf(uid), "a new user gets it through Everyone")
}

func TestAppsOfOneUserInOneCall(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid, gid := o.user("ada@example.com"), o.group("Team")
	for i := range 3 {
		o.app(fmt.Sprintf("Other %d", i))
	}
	direct, grouped := o.app("Direct"), o.app("Grouped")
	assign(o, direct, uid)
	o.ok("PUT", "/apps/"+grouped+"/groups/"+gid, object{})
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)

	path := "/apps?limit=1&filter=" + escape(`user.id eq "`+uid+`"`) + "&expand=" + escape("user/"+uid)
	scopes := []any{}
	for next := path; next != ""; {
		g := o.ok("GET", next, nil)
		for _, a := range g.list(t) {
			scopes = append(scopes, a["label"], dig(t, a, "_embedded", "user", "scope"))
		}
		next = g.link("next")
	}
	assert.Equal(t, []any{"Direct", "USER", "Grouped", "GROUP"}, scopes)

	assert.Equal(t, "Expand query is malformed.", o.want(400, "E0000001", "GET", "/apps?expand="+escape("user/"+uid), nil).causes())
	o.want(400, "E0000001", "GET", "/apps?expand=nonsense", nil)
	assert.Len(t, o.ok("GET", "/apps?filter="+escape(`group.id eq "`+gid+`"`), nil).list(t), 1)
	assert.Len(t, o.ok("GET", "/apps?q=oth", nil).list(t), 3)
	assert.Len(t, o.ok("GET", "/apps?filter="+escape(`status eq "ACTIVE"`), nil).list(t), 5)
	assert.Empty(t, o.ok("GET", "/apps?filter="+escape(`status eq "INACTIVE"`), nil).list(t))
	o.want(400, "E0000031", "GET", "/apps?filter="+escape(`label eq "Direct"`), nil)
	assert.Contains(t, o.ok("GET", "/apps", nil).link("self"), "limit=20")

	links := o.ok("GET", "/users/"+uid+"/appLinks", nil).list(t)
	require.Len(t, links, 2)
	assert.Equal(t, "Direct", links[0]["label"])
	assert.Equal(t, uid, links[0]["id"])
}

func TestAppUsersPageAndExpand(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	aid := o.app("Wiki")
	for i := range 5 {
		assign(o, aid, o.user(fmt.Sprintf("p%d@example.com", i)))
	}
	assert.Contains(t, o.ok("GET", "/apps/"+aid+"/users", nil).link("self"), "limit=50")
	var seen []any
	for next := "/apps/" + aid + "/users?limit=2&expand=user"; next != ""; {
		g := o.ok("GET", next, nil)
		for _, au := range g.list(t) {
			seen = append(seen, dig(t, au, "_embedded", "user", "profile", "login"))
		}
		next = g.link("next")
	}
	assert.Equal(t, []any{"p0@example.com", "p1@example.com", "p2@example.com", "p3@example.com", "p4@example.com"}, seen)
	assert.Len(t, o.ok("GET", "/apps/"+aid+"/users?q=p3", nil).list(t), 1)
}

func TestAppLifecycle(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	aid, uid := o.app("Wiki"), o.user("ada@example.com")
	assign(o, aid, uid)
	assert.Equal(t, "The application must be deactivated before deletion.", o.want(403, "E0000056", "DELETE", "/apps/"+aid, nil).causes())
	assert.JSONEq(t, `{}`, o.ok("POST", "/apps/"+aid+"/lifecycle/deactivate", nil).raw)
	assert.Empty(t, o.ok("GET", "/users/"+uid+"/appLinks", nil).list(t), "inactive apps have no tile")
	assert.Len(t, o.ok("GET", "/apps/"+aid+"/users", nil).list(t), 1)
	assert.JSONEq(t, `{}`, o.ok("POST", "/apps/"+aid+"/lifecycle/activate", nil).raw)
	assert.Equal(t, "Wiki 2", o.ok("PUT", "/apps/"+aid, object{"name": "bookmark", "label": "Wiki 2", "signOnMode": "BOOKMARK"}).object(t)["label"])
	o.ok("POST", "/apps/"+aid+"/lifecycle/deactivate", nil)
	o.want(204, "", "DELETE", "/apps/"+aid, nil)
	assert.Contains(t, o.want(404, "E0000007", "GET", "/apps/"+aid, nil).raw, "(AppInstance)")
	assert.Empty(t, o.appsOf(uid))
}

func TestProvisioningAppsStartStaged(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.FanOutDelay = time.Second })
	aid, uid := o.app("CRM", object{"features": []string{"PUSH_NEW_USERS"}}), o.user("ada@example.com")
	assert.Equal(t, "STAGED", assign(o, aid, uid).object(t)["status"])
	o.sim.Advance(time.Second)
	au := o.ok("GET", "/apps/"+aid+"/users/"+uid, nil).object(t)
	assert.Equal(t, "PROVISIONED", au["status"])
	assert.NotEmpty(t, au["externalId"])
	o.ok("DELETE", "/apps/"+aid+"/users/"+uid, nil)
	assert.Subset(t, o.events(), []string{"application.user_membership.provision", "application.user_membership.deprovision"})
}

func TestGroupPushMappings(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	aid, gid := o.app("CRM"), o.group("Team")
	base := "/apps/" + aid + "/group-push/mappings"
	mapping := o.ok("POST", base, object{"sourceGroupId": gid}).object(t)
	path := base + "/" + fmt.Sprint(mapping["id"])
	target := o.ok("GET", "/groups/"+fmt.Sprint(mapping["targetGroupId"]), nil).object(t)
	assert.Equal(t, "APP_GROUP", target["type"])
	assert.Equal(t, "Team", dig(t, target, "profile", "name"), "names collide: type tells them apart")
	assert.Len(t, o.ok("GET", base+"?sourceGroupId="+gid, nil).list(t), 1)
	o.want(400, "E0000001", "DELETE", path, nil)
	assert.Equal(t, "INACTIVE", o.ok("PATCH", path, object{"status": "INACTIVE"}).object(t)["status"])
	o.want(200, "", "DELETE", path+"?deleteTargetGroup=true", nil)
	o.want(404, "E0000007", "GET", path, nil)
	o.want(404, "E0000007", "GET", "/groups/"+fmt.Sprint(mapping["targetGroupId"]), nil)
}
