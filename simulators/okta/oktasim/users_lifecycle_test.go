package oktasim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

var allStatuses = []string{"STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "PASSWORD_EXPIRED", "LOCKED_OUT", "SUSPENDED", "DEPROVISIONED"}

// The whole table of §3.4: every operation from every status.
func TestLifecycleTable(t *testing.T) {
	t.Parallel()
	type refusal struct {
		status int
		code   string
	}
	tests := []struct {
		op      string
		legal   map[string]string // status to status after
		refused refusal
	}{
		{"activate?sendEmail=false", map[string]string{"STAGED": "ACTIVE", "DEPROVISIONED": "ACTIVE"}, refusal{403, "E0000016"}},
		{"reactivate", map[string]string{"PROVISIONED": "PROVISIONED", "RECOVERY": "RECOVERY"}, refusal{403, "E0000038"}},
		{"deactivate", map[string]string{
			"STAGED": "DEPROVISIONED", "PROVISIONED": "DEPROVISIONED", "ACTIVE": "DEPROVISIONED", "RECOVERY": "DEPROVISIONED",
			"PASSWORD_EXPIRED": "DEPROVISIONED", "LOCKED_OUT": "DEPROVISIONED", "SUSPENDED": "DEPROVISIONED",
		}, refusal{403, "E0000038"}},
		{"suspend", map[string]string{"ACTIVE": "SUSPENDED"}, refusal{400, "E0000001"}},
		{"unsuspend", map[string]string{"SUSPENDED": "ACTIVE"}, refusal{400, "E0000001"}},
		{"unlock", map[string]string{"LOCKED_OUT": "ACTIVE"}, refusal{403, "E0000032"}},
		{"reset_password?sendEmail=true", map[string]string{
			"ACTIVE": "RECOVERY", "PASSWORD_EXPIRED": "RECOVERY", "PROVISIONED": "RECOVERY", "LOCKED_OUT": "RECOVERY", "RECOVERY": "RECOVERY",
		}, refusal{403, "E0000038"}},
		{"expire_password", map[string]string{"ACTIVE": "PASSWORD_EXPIRED"}, refusal{403, "E0000038"}},
		{"expire_password_with_temp_password", map[string]string{"ACTIVE": "PASSWORD_EXPIRED"}, refusal{403, "E0000038"}},
		{"reset_factors", map[string]string{
			"STAGED": "STAGED", "PROVISIONED": "PROVISIONED", "ACTIVE": "ACTIVE", "RECOVERY": "RECOVERY", "PASSWORD_EXPIRED": "PASSWORD_EXPIRED",
			"LOCKED_OUT": "LOCKED_OUT", "SUSPENDED": "SUSPENDED", "DEPROVISIONED": "DEPROVISIONED",
		}, refusal{}},
	}
	for _, tt := range tests {
		t.Run(tt.op, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t)
			for _, from := range allStatuses {
				id := o.user(from + "@example.com")
				require.NoError(t, o.sim.SetStatus(id, from))
				g := o.call("POST", "/users/"+id+"/lifecycle/"+tt.op, nil)
				if want, legal := tt.legal[from]; legal {
					assert.Equal(t, 200, g.status, "%s from %s: %s", tt.op, from, g.raw)
					assert.Equal(t, want, o.status(id), "%s from %s", tt.op, from)
					continue
				}
				have := refusal{g.status, g.code()}
				assert.Equal(t, tt.refused, have, "%s from %s: %s", tt.op, from, g.raw)
				assert.Equal(t, from, o.status(id), "a refusal changes nothing")
			}
			o.want(404, "E0000007", "POST", "/users/00u00000000000000000/lifecycle/"+tt.op, nil)
		})
	}
}

func TestLifecycleAnswers(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	fresh := func(login string) string {
		return o.id(o.ok("POST", "/users?activate=false", object{"profile": person(login)}))
	}
	a, b := fresh("a@example.com"), fresh("b@example.com")

	assert.JSONEq(t, `{}`, o.ok("POST", "/users/"+a+"/lifecycle/activate", nil).raw, "activation is mailed by default")
	assert.Equal(t, "PROVISIONED", o.status(a))
	url := o.ok("POST", "/users/"+b+"/lifecycle/activate?sendEmail=false", nil).object(t)
	assert.Regexp(t, `^.{20}$`, url["activationToken"])
	assert.Contains(t, url["activationUrl"], url["activationToken"])
	assert.Contains(t, o.ok("POST", "/users/"+a+"/lifecycle/reactivate", nil).raw, "activationToken", "reactivate does not mail by default")

	c := o.user("c@example.com")
	assert.Equal(t, "PASSWORD_EXPIRED", o.ok("POST", "/users/"+c+"/lifecycle/expire_password", nil).object(t)["status"], "the whole user")
	assert.Contains(t, o.ok("POST", "/users/"+c+"/lifecycle/reset_password?sendEmail=false", nil).object(t)["resetPasswordUrl"], o.url)
	d := o.user("d@example.com")
	assert.Regexp(t, `^.{12}$`, o.ok("POST", "/users/"+d+"/lifecycle/expire_password_with_temp_password", nil).object(t)["tempPassword"])
	e := o.user("e@example.com")
	assert.Contains(t, o.ok("POST", "/users/"+e+"/credentials/forgot_password?sendEmail=false", nil).raw, "resetPasswordUrl")
	assert.Equal(t, "ACTIVE", o.status(e))
	o.want(403, "E0000034", "POST", "/users/"+d+"/credentials/forgot_password", nil)

	kinds := []string{}
	for _, m := range o.sim.Mails() {
		kinds = append(kinds, m.Kind+" "+m.To)
	}
	assert.Equal(t, []string{"activation a@example.com"}, kinds)
}

func TestUnlockSaysWhy(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("ada@example.com")
	g := o.want(403, "E0000032", "POST", "/users/"+id+"/lifecycle/unlock", nil)
	assert.Equal(t, "The user is not locked out.", g.causes())
}

func TestStatusChangedMovesWithEveryTransition(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("ada@example.com")
	before := o.ok("GET", "/users/"+id, nil).object(t)
	assert.Equal(t, "2026-03-02T09:30:15.000Z", before["statusChanged"], "whole seconds with three zeros")
	assert.Nil(t, before["lastLogin"])
	o.sim.Advance(61e9)
	o.ok("POST", "/users/"+id+"/lifecycle/suspend", nil)
	after := o.ok("GET", "/users/"+id, nil).object(t)
	assert.Equal(t, "2026-03-02T09:31:16.000Z", after["statusChanged"])
	assert.Equal(t, "2026-03-02T09:31:16.000Z", after["lastUpdated"])
	assert.Equal(t, before["created"], after["created"])
}

func TestLinksDependOnStatus(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	tests := map[string][]string{
		"STAGED":        {"activate", "resetFactors", "schema", "self", "type"},
		"PROVISIONED":   {"deactivate", "reactivate", "resetFactors", "resetPassword", "schema", "self", "suspend", "type"},
		"DEPROVISIONED": {"activate", "delete", "resetFactors", "schema", "self", "type"},
		"ACTIVE": {
			"changePassword", "changeRecoveryQuestion", "deactivate", "expirePassword", "forgotPassword", "resetFactors", "resetPassword",
			"schema", "self", "suspend", "type",
		},
	}
	for status, want := range tests {
		id := o.user(status + "@example.com")
		require.NoError(t, o.sim.SetStatus(id, status))
		links, isObject := o.ok("GET", "/users/"+id, nil).object(t)["_links"].(map[string]any)
		require.True(t, isObject)
		have := []string{}
		for name := range links {
			have = append(have, name)
		}
		assert.ElementsMatch(t, want, have, status)
	}
	for _, u := range o.ok("GET", "/users", nil).list(t) {
		assert.Len(t, u["_links"], 1, "list items have only self")
	}
}

func TestFirstDeleteDeactivatesSecondErases(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("ada@example.com")
	o.want(204, "", "DELETE", "/users/"+id, nil)
	assert.Equal(t, "DEPROVISIONED", o.status(id))
	o.want(400, "E0000001", "POST", "/users", object{"profile": person("ADA@example.com")})
	o.want(204, "", "DELETE", "/users/"+id, nil)
	g := o.want(404, "E0000007", "DELETE", "/users/"+id, nil)
	assert.Contains(t, g.raw, "Not found: Resource not found: "+id+" (User)")
	o.want(404, "E0000007", "GET", "/users/ada@example.com", nil)
	o.user("ada@example.com") // an erased login is free
}

func TestUsersInTransitionRefuseWrites(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(opts *oktasim.Options) { opts.ActivationDelay = 10 * time.Second })
	id, gid, aid := o.user("ada@example.com"), o.group("Team"), o.app("Wiki")
	assert.Equal(t, "ACTIVE", o.ok("GET", "/users/"+id, nil).object(t)["transitioningToStatus"])
	o.want(409, "E0000112", "POST", "/users/"+id, object{"profile": object{"title": "x"}})
	o.want(409, "E0000112", "POST", "/users/"+id+"/lifecycle/suspend", nil)
	o.want(409, "E0000112", "PUT", "/groups/"+gid+"/users/"+id, nil)
	o.want(409, "E0000112", "POST", "/apps/"+aid+"/users", object{"id": id})
	o.sim.Advance(10 * time.Second)
	assert.NotContains(t, o.ok("GET", "/users/"+id, nil).object(t), "transitioningToStatus")
	o.ok("PUT", "/groups/"+gid+"/users/"+id, nil)
}

func TestLastSuperAdministratorStays(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	me := o.id(o.ok("GET", "/users/me", nil))
	role := ids(t, o.ok("GET", "/users/"+me+"/roles", nil))[0]
	o.want(403, "E0000006", "POST", "/users/"+me+"/lifecycle/deactivate", nil)
	o.want(403, "E0000006", "DELETE", "/users/"+me, nil)
	o.want(403, "E0000006", "DELETE", "/users/"+me+"/roles/"+role, nil)
	other := o.user("second@example.com")
	o.ok("POST", "/users/"+other+"/roles", object{"type": "SUPER_ADMIN"})
	o.ok("DELETE", "/users/"+me+"/roles/"+role, nil)
}
