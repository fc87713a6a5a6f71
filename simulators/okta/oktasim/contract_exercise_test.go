package oktasim_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// exercise calls every endpoint at least once.
func exercise(t *testing.T, o *org) {
	t.Helper()
	r := newReceiver(t)
	uid, gid, aid := o.user("contract@acme.example", object{"department": "Sales", "secondEmail": "c@example.com"}), o.group("Contract"), o.app("Contract app")
	mayor := o.ok("GET", "/users/me", nil).object(t)["id"]

	o.ok("GET", "/users?limit=200&search="+escape("status pr"), nil)
	for _, path := range []string{"/users", "/users?q=a", "/users?filter=" + escape(`status eq "SUSPENDED"`), "/users/me", "/users/" + uid + "/groups"} {
		o.ok("GET", path, nil)
	}
	o.ok("POST", "/users/"+uid, object{"profile": object{"title": "Tester"}})
	o.ok("PUT", "/users/"+uid, object{"profile": person("contract@acme.example")})
	exerciseGroups(o, gid, uid)
	exerciseApps(t, o, aid, gid, uid)
	exerciseFactorsAndRoles(t, o, gid, uid, fmt.Sprint(mayor))
	exerciseOrg(t, o, r)
	exerciseLifecycle(o, uid)
	o.ok("DELETE", "/groups/"+gid, nil)
}

func exerciseGroups(o *org, gid, uid string) {
	for _, path := range []string{"/groups?limit=200&expand=stats,app", "/groups?q=a", "/groups/" + gid + "?expand=stats"} {
		o.ok("GET", path, nil)
	}
	o.ok("PUT", "/groups/"+gid, object{"profile": object{"name": "Contract", "description": "A group"}})
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	o.ok("GET", "/groups/"+gid+"/users", nil)
	o.ok("DELETE", "/groups/"+gid+"/users/"+uid, nil)
	o.ok("PUT", "/groups/"+gid+"/users/"+uid, nil)
	o.ok("GET", "/groups/rules?expand=groupIdToGroupNameMap", nil)
	rule := o.rule("Contract", `user.department=="Contract"`, gid)
	o.ok("GET", "/groups/rules/"+rule, nil)
	o.ok("POST", "/groups/rules/"+rule+"/lifecycle/deactivate", nil)
	o.ok("PUT", "/groups/rules/"+rule, ruleBody("Contract 2", `user.department=="Contract"`, gid))
	o.ok("DELETE", "/groups/rules/"+rule, nil)
}

func exerciseApps(t *testing.T, o *org, aid, gid, uid string) {
	t.Helper()
	base := "/apps/" + aid
	o.ok("GET", "/apps?limit=200", nil)
	o.ok("GET", base, nil)
	o.ok("PUT", base, object{"name": "bookmark", "label": "Contract app", "signOnMode": "BOOKMARK"})
	assign(o, aid, uid)
	o.ok("GET", base+"/users?expand=user", nil)
	o.ok("GET", base+"/users/"+uid, nil)
	o.ok("POST", base+"/users/"+uid, object{"profile": object{"nick": "c"}})
	o.ok("GET", "/apps?filter="+escape(`user.id eq "`+uid+`"`)+"&expand="+escape("user/"+uid), nil)
	o.ok("GET", "/users/"+uid+"/appLinks", nil)
	o.ok("DELETE", base+"/users/"+uid, nil)
	o.ok("PUT", base+"/groups/"+gid, object{})
	o.ok("GET", base+"/groups", nil)
	o.ok("GET", base+"/groups/"+gid, nil)
	o.ok("GET", base+"/users", nil)
	o.ok("GET", "/groups/"+gid+"/apps", nil)
	o.ok("DELETE", base+"/groups/"+gid, nil)
	mapping := o.id(o.ok("POST", base+"/group-push/mappings", object{"sourceGroupId": gid}))
	path := base + "/group-push/mappings/" + mapping
	o.ok("GET", base+"/group-push/mappings", nil)
	o.ok("GET", path, nil)
	o.ok("PATCH", path, object{"status": "INACTIVE"})
	o.ok("DELETE", path, nil)
	o.ok("POST", base+"/lifecycle/deactivate", nil)
	o.ok("POST", base+"/lifecycle/activate", nil)
	o.ok("POST", base+"/lifecycle/deactivate", nil)
	o.ok("DELETE", base, nil)
}

func exerciseFactorsAndRoles(t *testing.T, o *org, gid, uid, mayor string) {
	t.Helper()
	base := "/users/" + uid + "/factors"
	sms := o.id(o.ok("POST", base, object{"factorType": "sms", "provider": "OKTA", "profile": object{"phoneNumber": "+15550100"}}))
	o.ok("POST", base+"/"+sms+"/lifecycle/activate", object{"passCode": "123456"})
	o.ok("POST", base+"?activate=true", object{"factorType": "push", "provider": "OKTA"})
	o.ok("POST", base, object{"factorType": "question", "provider": "OKTA", "profile": object{"question": "disliked_food", "answer": "x"}})
	o.ok("GET", base, nil)
	o.ok("GET", base+"/catalog", nil)
	o.ok("GET", base+"/"+sms, nil)
	o.ok("DELETE", base+"/"+sms, nil)
	role := o.id(o.ok("POST", "/users/"+uid+"/roles", object{"type": "APP_ADMIN"}))
	o.ok("GET", "/users/"+mayor+"/roles", nil)
	o.ok("GET", "/iam/assignees/users", nil)
	o.ok("DELETE", "/users/"+uid+"/roles/"+role, nil)
	groupRole := o.id(o.ok("POST", "/groups/"+gid+"/roles", object{"type": "READ_ONLY_ADMIN"}))
	o.ok("GET", "/groups/"+gid+"/roles", nil)
	o.ok("DELETE", "/groups/"+gid+"/roles/"+groupRole, nil)
	o.want(401, "E0000015", "GET", "/users/"+uid+"/blocks", nil)
	session, err := o.sim.SignIn(uid)
	require.NoError(t, err)
	o.ok("GET", "/sessions/"+session, nil)
	o.ok("DELETE", "/sessions/"+session, nil)
	o.want(401, "E0000004", "POST", "/sessions", object{"sessionToken": "x"})
}

func exerciseOrg(t *testing.T, o *org, r *receiver) {
	t.Helper()
	o.ok("GET", "/logs?limit=1000", nil)
	o.ok("GET", "/org", nil)
	o.ok("GET", "/meta/types/user", nil)
	o.ok("GET", "/meta/types/user/default", nil)
	o.ok("GET", "/meta/schemas/user/default", nil)
	o.ok("POST", "/meta/schemas/user/default", object{"definitions": object{"custom": object{"properties": object{"badge": object{"title": "Badge", "type": "string"}}}}})
	hook := hooked(o, r, "user.lifecycle.create")
	o.ok("GET", "/eventHooks", nil)
	o.ok("GET", "/eventHooks/"+hook, nil)
	o.ok("PUT", "/eventHooks/"+hook, hookBody(r.URL, "user.lifecycle.create"))
	o.ok("POST", "/eventHooks/"+hook+"/lifecycle/deactivate", nil)
	o.ok("POST", "/eventHooks/"+hook+"/lifecycle/activate", nil)
	o.ok("POST", "/eventHooks/"+hook+"/lifecycle/deactivate", nil)
	o.ok("DELETE", "/eventHooks/"+hook, nil)
	limit := object{"principalId": o.sim.TokenID(), "principalType": "SSWS_TOKEN", "defaultPercentage": 50, "defaultConcurrencyPercentage": 50}
	id := o.id(o.ok("POST", "/principal-rate-limits", limit))
	o.ok("GET", "/principal-rate-limits/"+id, nil)
	o.ok("PUT", "/principal-rate-limits/"+id, limit)
	o.ok("GET", "/principal-rate-limits?filter="+escape(`principalType eq "SSWS_TOKEN"`), nil)
}

func exerciseLifecycle(o *org, uid string) {
	post := func(op string) { o.ok("POST", "/users/"+uid+"/lifecycle/"+op, nil) }
	post("suspend")
	post("unsuspend")
	post("expire_password")
	post("reset_password?sendEmail=false")
	post("reactivate")
	post("reset_factors")
	_ = o.sim.SetStatus(uid, "LOCKED_OUT")
	post("unlock")
	o.ok("POST", "/users/"+uid+"/credentials/forgot_password?sendEmail=false", nil)
	post("expire_password_with_temp_password")
	o.ok("DELETE", "/users/"+uid+"/sessions?oauthTokens=true", nil)
	post("deactivate")
	post("activate?sendEmail=false")
	o.ok("DELETE", "/users/"+uid, nil)
	o.ok("GET", "/users/"+uid, nil)
	o.ok("DELETE", "/users/"+uid, nil)
}
