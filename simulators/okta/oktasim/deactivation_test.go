package oktasim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

// §5.1: what deactivation takes and what it leaves.
func TestWhatDeactivationRemovesAndWhatItDoesNot(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.FanOutDelay = 2 * time.Second })
	uid, gid := o.user("ada@example.com"), o.group("Team")
	direct, grouped, dormant := o.app("Direct"), o.app("Grouped"), o.app("Dormant")
	o.ok("PUT", "/apps/"+grouped+"/groups/"+gid, object{})
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	assign(o, direct, uid)
	assign(o, dormant, uid)
	o.ok("POST", "/apps/"+dormant+"/lifecycle/deactivate", nil)
	o.ok("POST", "/users/"+uid+"/factors", object{"factorType": "question", "provider": "OKTA"})
	o.ok("POST", "/users/"+uid+"/roles", object{"type": "HELP_DESK_ADMIN"})
	session, err := o.sim.SignIn(uid)
	require.NoError(t, err)
	o.sim.Settle()
	require.Equal(t, []string{"Direct:USER", "Grouped:GROUP", "Dormant:USER"}, o.appsOf(uid))

	o.ok("POST", "/users/"+uid+"/lifecycle/deactivate", nil)
	assert.Len(t, o.appsOf(uid), 3, "a job removes the apps")
	o.want(404, "E0000007", "GET", "/sessions/"+session, nil)
	o.sim.Advance(2 * time.Second)
	v, _ := o.sim.User(uid)
	assert.Equal(t, []string{"Dormant:USER"}, o.appsOf(uid), "assignments to inactive apps stay")
	assert.Contains(t, o.groupsOf(uid), "Team", "groups stay")
	assert.Equal(t, []string{"question"}, v.Factors)
	assert.Equal(t, []string{"HELP_DESK_ADMIN"}, v.AdminRoles, "roles must be revoked explicitly")
	assert.Equal(t, 1, v.OAuthTokens, "so must OAuth tokens")
	_, err = o.sim.SignIn(uid)
	require.Error(t, err)

	o.ok("POST", "/users/"+uid+"/lifecycle/activate?sendEmail=false", nil)
	o.sim.Settle()
	assert.Equal(t, []string{"Grouped:GROUP", "Dormant:USER"}, o.appsOf(uid), "the groups grant again, the direct app is gone")
	assert.Equal(t, "PROVISIONED", o.status(uid), "the password did not survive")
}

func TestSuspensionKeepsAccessAndEndsSessions(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid, gid, aid := o.user("ada@example.com"), o.group("Team"), o.app("Wiki")
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	assign(o, aid, uid)
	_, err := o.sim.SignIn(uid)
	require.NoError(t, err)
	o.ok("POST", "/users/"+uid+"/lifecycle/suspend", nil)
	v, _ := o.sim.User(uid)
	assert.Empty(t, v.Sessions)
	assert.Equal(t, []string{"Wiki:USER"}, o.appsOf(uid))
	assert.Equal(t, []string{"Team"}, o.groupsOf(uid))
	_, err = o.sim.SignIn(uid)
	require.Error(t, err)
	o.ok("POST", "/users/"+uid+"/lifecycle/unsuspend", nil)
	_, err = o.sim.SignIn(uid)
	require.NoError(t, err)
}

func TestSessions(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid := o.user("ada@example.com")
	one, err := o.sim.SignIn(uid)
	require.NoError(t, err)
	two, err := o.sim.SignIn(uid)
	require.NoError(t, err)
	assert.Equal(t, uid, o.ok("GET", "/sessions/"+one, nil).object(t)["userId"])
	o.want(204, "", "DELETE", "/sessions/"+one, nil)
	assert.Contains(t, o.want(404, "E0000007", "DELETE", "/sessions/"+one, nil).raw, "(AppSession)")

	o.want(204, "", "DELETE", "/users/"+uid+"/sessions", nil)
	v, _ := o.sim.User(uid)
	assert.Empty(t, v.Sessions)
	assert.Equal(t, 2, v.OAuthTokens, "without oauthTokens=true they live on")
	o.want(404, "E0000007", "GET", "/sessions/"+two, nil)
	for range 2 {
		o.want(204, "", "DELETE", "/users/"+uid+"/sessions?oauthTokens=true", nil)
	}
	v, _ = o.sim.User(uid)
	assert.Zero(t, v.OAuthTokens)
	o.want(400, "E0000003", "POST", "/sessions", nil)
	o.want(401, "E0000004", "POST", "/sessions", object{"sessionToken": "nope"})
}

func TestFactors(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid := o.user("ada@example.com")
	base := "/users/" + uid + "/factors"
	sms := o.ok("POST", base, object{"factorType": "sms", "provider": "OKTA", "profile": object{"phoneNumber": "+15550100"}}).object(t)
	assert.Equal(t, "PENDING_ACTIVATION", sms["status"])
	assert.Regexp(t, `^mbl.{17}$`, sms["id"])
	path := base + "/" + fmt.Sprint(sms["id"])
	o.want(403, "E0000068", "POST", path+"/lifecycle/activate", object{"passCode": "wrong"})
	assert.Equal(t, "ACTIVE", o.ok("POST", path+"/lifecycle/activate", object{"passCode": "123456"}).object(t)["status"])
	o.want(400, "E0000001", "POST", base, object{"factorType": "sms", "profile": object{"phoneNumber": "+15550100"}})
	o.want(400, "E0000001", "POST", base, object{"factorType": "pigeon"})
	assert.Equal(t, "ACTIVE", o.ok("POST", base, object{"factorType": "question", "profile": object{"question": "q", "answer": "secret"}}).object(t)["status"])
	assert.NotContains(t, o.ok("GET", base, nil).raw, "secret")

	push := o.ok("POST", base+"?activate=true", object{"factorType": "push"}).object(t)
	o.ok("POST", base+"?activate=true", object{"factorType": "token:software:totp"})
	o.want(204, "", "DELETE", base+"/"+fmt.Sprint(push["id"]), nil)
	v, _ := o.sim.User(uid)
	assert.Equal(t, []string{"sms", "question"}, v.Factors, "removing push takes all of Okta Verify")
	assert.Contains(t, o.want(404, "E0000007", "GET", base+"/"+fmt.Sprint(push["id"]), nil).raw, "(UserFactor)")

	o.ok("POST", "/users/"+uid+"/lifecycle/deactivate", nil)
	o.want(403, "E0000038", "DELETE", path, nil)
	for range 2 {
		assert.JSONEq(t, `{}`, o.want(200, "", "POST", "/users/"+uid+"/lifecycle/reset_factors", nil).raw)
	}
	assert.Empty(t, o.ok("GET", base, nil).list(t))
}

func TestAdminRoles(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	uid, gid := o.user("ada@example.com"), o.group("Helpers")
	role := o.want(201, "", "POST", "/users/"+uid+"/roles", object{"type": "APP_ADMIN"}).object(t)
	assert.Equal(t, "Application Administrator", role["label"])
	assert.Equal(t, "USER", role["assignmentType"])
	o.want(409, "E0000090", "POST", "/users/"+uid+"/roles", object{"type": "APP_ADMIN"})
	o.want(400, "E0000001", "POST", "/users/"+uid+"/roles", object{"type": "KING"})
	o.want(201, "", "POST", "/groups/"+gid+"/roles", object{"type": "HELP_DESK_ADMIN"})
	assert.Len(t, o.ok("GET", "/users/"+uid+"/roles", nil).list(t), 1)
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	list := o.ok("GET", "/users/"+uid+"/roles", nil).list(t)
	require.Len(t, list, 2)
	assert.Equal(t, "GROUP", list[1]["assignmentType"])
	assert.Contains(t, o.groupsOf(uid), "Okta Administrators")
	admins, _ := o.sim.GroupID("Okta Administrators")
	o.ok("PUT", "/apps/"+o.app("Console")+"/groups/"+admins, object{})
	assert.Equal(t, []string{"Console:GROUP"}, o.appsOf(uid))

	assignees := o.ok("GET", "/iam/assignees/users?limit=1", nil).object(t)
	assert.Len(t, assignees["value"], 1)
	next, isText := dig(t, assignees, "_links", "next", "href").(string)
	require.True(t, isText)
	assert.Contains(t, o.ok("GET", next, nil).raw, uid)

	path := "/users/" + uid + "/roles/" + fmt.Sprint(role["id"])
	o.want(204, "", "DELETE", path, nil)
	o.want(404, "E0000007", "DELETE", path, nil)
	o.ok("DELETE", "/groups/"+gid+"/users/"+uid, nil)
	assert.NotContains(t, o.groupsOf(uid), "Okta Administrators")
	assert.Empty(t, o.appsOf(uid), "what the built-in group gave is gone")
	assert.Subset(t, o.events(), []string{"user.account.privilege.grant", "user.account.privilege.revoke", "group.privilege.grant"})
}
