package okta_test

import (
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/okta"
)

// TestWritesOnTheWire pins what each change sends: method, path, query and body.
func TestWritesOnTheWire(t *testing.T) {
	t.Parallel()
	user, group, app := "/api/v1/users/"+testUser, "/api/v1/groups/"+testGroup, "/api/v1/apps/"+testApp
	tests := map[string]struct {
		do                        func(*okta.Client) error
		method, path, query, body string
	}{
		"Suspend":   {do: func(c *okta.Client) error { return c.Suspend(t.Context(), testUser) }, method: "POST", path: user + "/lifecycle/suspend"},
		"Unsuspend": {do: func(c *okta.Client) error { return c.Unsuspend(t.Context(), testUser) }, method: "POST", path: user + "/lifecycle/unsuspend"},
		"Unlock":    {do: func(c *okta.Client) error { return c.Unlock(t.Context(), testUser) }, method: "POST", path: user + "/lifecycle/unlock"},
		"Deactivate": {
			do:     func(c *okta.Client) error { return c.Deactivate(t.Context(), testUser, false) },
			method: "POST", path: user + "/lifecycle/deactivate", query: "sendEmail=false",
		},
		"Activate": {
			do:     func(c *okta.Client) error { return c.Activate(t.Context(), testUser, true) },
			method: "POST", path: user + "/lifecycle/activate", query: "sendEmail=true",
		},
		"Reactivate": {
			do:     func(c *okta.Client) error { return c.Reactivate(t.Context(), testUser, false) },
			method: "POST", path: user + "/lifecycle/reactivate", query: "sendEmail=false",
		},
		"ResetPassword": {
			do:     func(c *okta.Client) error { return c.ResetPassword(t.Context(), testUser, true) },
			method: "POST", path: user + "/lifecycle/reset_password", query: "sendEmail=true",
		},
		"ExpirePassword": {
			do: func(c *okta.Client) error { return c.ExpirePassword(t.Context(), testUser) }, method: "POST", path: user + "/lifecycle/expire_password",
		},
		"ResetFactors": {
			do: func(c *okta.Client) error { return c.ResetFactors(t.Context(), testUser) }, method: "POST", path: user + "/lifecycle/reset_factors",
		},
		"ClearSessions": {
			do:     func(c *okta.Client) error { return c.ClearSessions(t.Context(), testUser, true, false) },
			method: "DELETE", path: user + "/sessions", query: "forgetDevices=false&oauthTokens=true",
		},
		"UpdateProfile is partial and null clears": {
			do: func(c *okta.Client) error {
				_, err := c.UpdateProfile(t.Context(), testUser, map[string]any{"title": "A & B <c>", "managerId": nil})
				return err
			},
			method: "POST", path: user, body: `{"profile":{"managerId":null,"title":"A & B <c>"}}`,
		},
		"CreateUser": {
			do: func(c *okta.Client) error {
				_, err := c.CreateUser(t.Context(), okta.NewUser{Profile: map[string]any{"login": "a@b.c"}, GroupIDs: []string{testGroup}})
				return err
			},
			method: "POST", path: "/api/v1/users", query: "activate=false", body: `{"groupIds":["` + testGroup + `"],"profile":{"login":"a@b.c"}}`,
		},
		"CreateUser of a type, active": {
			do: func(c *okta.Client) error {
				_, err := c.CreateUser(t.Context(), okta.NewUser{Profile: map[string]any{"login": "a@b.c"}, TypeID: "oty1", Activate: true})
				return err
			},
			method: "POST", path: "/api/v1/users", query: "activate=true", body: `{"profile":{"login":"a@b.c"},"type":{"id":"oty1"}}`,
		},
		"DeleteFactor": {
			do: func(c *okta.Client) error { return c.DeleteFactor(t.Context(), testUser, "mbl1") }, method: "DELETE", path: user + "/factors/mbl1",
		},
		"RevokeAdminRole": {
			do: func(c *okta.Client) error { return c.RevokeAdminRole(t.Context(), testUser, "ra1x") }, method: "DELETE", path: user + "/roles/ra1x",
		},
		"AddMember": {
			do: func(c *okta.Client) error { return c.AddMember(t.Context(), testGroup, testUser) }, method: "PUT", path: group + "/users/" + testUser,
		},
		"RemoveMember": {
			do: func(c *okta.Client) error { return c.RemoveMember(t.Context(), testGroup, testUser) }, method: "DELETE", path: group + "/users/" + testUser,
		},
		"AssignUser": {
			do:     func(c *okta.Client) error { return c.AssignUser(t.Context(), testApp, testUser) },
			method: "POST", path: app + "/users", body: `{"id":"` + testUser + `","scope":"USER"}`,
		},
		"UnassignUser": {
			do:     func(c *okta.Client) error { return c.UnassignUser(t.Context(), testApp, testUser) },
			method: "DELETE", path: app + "/users/" + testUser, query: "sendEmail=false",
		},
		"CreateEventHook": {
			do: func(c *okta.Client) error {
				_, err := c.CreateEventHook(t.Context(), okta.NewEventHook{Name: "latchkey", URI: "https://x/y", Secret: "s", Events: []string{"user.session.start"}})
				return err
			},
			method: "POST", path: "/api/v1/eventHooks",
			body: `{"name":"latchkey","events":{"type":"EVENT_TYPE","items":["user.session.start"]},"channel":{"type":"HTTP","version":"1.0.0",
			"config":{"uri":"https://x/y","authScheme":{"type":"HEADER","key":"Authorization","value":"s"}}}}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					answer(w, http.StatusOK, `{}`)
					return
				}
				w.WriteHeader(http.StatusNoContent)
			})
			require.NoError(t, tt.do(o.client(t, nil)))
			calls := o.seen()
			require.Len(t, calls, 1)
			assert.Equal(t, tt.method, calls[0].method)
			assert.Equal(t, tt.path, calls[0].path)
			assert.Equal(t, tt.query, calls[0].query)
			if tt.body == "" {
				assert.Empty(t, calls[0].body)
				return
			}
			assert.JSONEq(t, tt.body, calls[0].body)
		})
	}
}

func TestAnUpdateOfNothingIsRefused(t *testing.T) {
	t.Parallel()
	o := newOrg(t, ok)
	_, err := o.client(t, nil).UpdateProfile(t.Context(), testUser, nil)
	checkKind(t, okta.Invalid, err)
	assert.Empty(t, o.seen())
}

func TestAPersonIsFoundByEmailOrLoginAndNobodyElseIs(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, `[{"id":"1","status":"DEPROVISIONED","profile":{"login":"x@y.z","email":"Jane@Example.com"}},
			{"id":"2","profile":{"login":"JANE@example.com","email":"other@y.z"}},{"id":"3","profile":{"login":"bob@y.z","email":"bob@y.z"}}]`)
	})
	c := o.client(t, nil)
	users, err := c.FindUsersByEmail(t.Context(), `jane@example.com`)
	require.NoError(t, err)
	require.Len(t, users, 2)
	assert.Equal(t, okta.Deprovisioned, users[0].Status)

	_, err = c.FindUsersByEmail(t.Context(), `" or status pr or profile.email eq "`)
	require.NoError(t, err)
	query, err := url.ParseQuery(o.seen()[1].query)
	require.NoError(t, err)
	assert.Equal(t, `profile.email eq "\" or status pr or profile.email eq \"" or profile.login eq "\" or status pr or profile.email eq \""`, query.Get("search"))

	_, err = c.FindUsersByEmail(t.Context(), "")
	checkKind(t, okta.Invalid, err)
}

func TestASearchForEverybodyIncludesTheDeactivated(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `[]`) })
	page, err := o.client(t, nil).SearchUsers(t.Context(), okta.UserSearch{})
	require.NoError(t, err)
	assert.Empty(t, page.Items)
	assert.Empty(t, page.Next)
	assert.Equal(t, "limit=200&search=status+pr", o.seen()[0].query)
}

func TestGroupsAndAppsAreFoundByTheirExactName(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/api/v1/apps" {
			answer(w, http.StatusOK, `[{"id":"a","label":"Slack","features":["GROUP_PUSH"]},{"id":"b","label":"Slack EU"},{"id":"c","label":"slack"}]`)
			return
		}
		answer(w, http.StatusOK, `[{"id":"a","type":"OKTA_GROUP","profile":{"name":"Sales","description":null}},
			{"id":"b","type":"APP_GROUP","source":{"id":"0oa"},"profile":{"name":"Sales"}},{"id":"c","profile":{"name":"sales"}}]`)
	})
	c := o.client(t, nil)
	groups, err := c.FindGroupsByName(t.Context(), "Sales")
	require.NoError(t, err)
	require.Len(t, groups, 2)
	assert.Equal(t, okta.OktaGroup, groups[0].Type)
	assert.Equal(t, "0oa", groups[1].SourceAppID)
	apps, err := c.FindAppsByLabel(t.Context(), "Slack")
	require.NoError(t, err)
	require.Len(t, apps, 1)
	assert.Equal(t, []string{"GROUP_PUSH"}, apps[0].Features)
	_, err = c.FindGroupsByName(t.Context(), "")
	checkKind(t, okta.Invalid, err)
	_, err = c.FindAppsByLabel(t.Context(), "")
	checkKind(t, okta.Invalid, err)
}

func TestAppsOfAPersonNameTheGroupThatGrantsThem(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, `[{"id":"0oa1","name":"slack","label":"Slack","status":"ACTIVE","_embedded":{"user":{"id":"00u1","scope":"GROUP",
			"status":"ACTIVE","syncState":"DISABLED","credentials":{"userName":"jane"},"_links":{"group":{"name":"Sales","href":"https://x/api/v1/groups/00g9"}}}}},
			{"id":"0oa2","label":"Wiki","status":"INACTIVE","_embedded":{"user":{"id":"00u1","scope":"USER","_links":{}}}}]`)
	})
	apps, err := o.client(t, nil).ListUserApps(t.Context(), testUser)
	require.NoError(t, err)
	assert.Equal(t, []okta.AppAssignment{
		{AppID: "0oa1", AppName: "slack", Label: "Slack", AppStatus: "ACTIVE", Scope: okta.GroupScope, GroupID: "00g9", GroupName: "Sales", Status: "ACTIVE", SyncState: "DISABLED", UserName: "jane"},
		{AppID: "0oa2", Label: "Wiki", AppStatus: "INACTIVE", Scope: okta.UserScope},
	}, apps)
	query, err := url.ParseQuery(o.seen()[0].query)
	require.NoError(t, err)
	assert.Equal(t, url.Values{"filter": {`user.id eq "` + testUser + `"`}, "expand": {"user/" + testUser}, "limit": {"200"}}, query)
}

func TestAnAppWithoutItsAssignmentIsNotGuessed(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `[{"id":"0oa1"}]`) })
	_, err := o.client(t, nil).ListUserApps(t.Context(), testUser)
	checkKind(t, okta.Invalid, err)
}

func TestIsMemberStopsWhereItFinds(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("after") == "" {
			w.Header().Add("Link", "<http://"+r.Host+"/tenant"+r.URL.Path+`?after=1>; rel="next"`)
			answer(w, http.StatusOK, `[{"id":"`+testGroup+`"}]`)
			return
		}
		answer(w, http.StatusOK, `[{"id":"00g2"}]`)
	})
	c := o.client(t, nil)
	for group, want := range map[string]bool{testGroup: true, "00g2": true, "00g3": false} {
		is, err := c.IsMember(t.Context(), group, testUser)
		require.NoError(t, err)
		assert.Equal(t, want, is, group)
	}
	assert.Len(t, o.seen(), 1+2+2)
}

func TestGroupStats(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("filter") == `id eq "`+testGroup+`"` {
			answer(w, http.StatusOK, `[{"id":"`+testGroup+`","_embedded":{"stats":{"usersCount":12,"appsCount":3,"hasAdminPrivlege":true}}}]`)
			return
		}
		answer(w, http.StatusOK, `[]`)
	})
	c := o.client(t, nil)
	stats, err := c.GroupStats(t.Context(), testGroup)
	require.NoError(t, err)
	assert.Equal(t, okta.GroupStats{UsersCount: 12, AppsCount: 3, HasAdminPrivilege: true}, stats)
	_, err = c.GroupStats(t.Context(), "00gnone")
	checkKind(t, okta.NotFound, err)
}

func TestTheSchemaNamesBaseAndCustomAttributes(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		answer(w, http.StatusOK, `{"definitions":{"base":{"properties":{"login":{"title":"Username","type":"string","master":{"type":"PROFILE_MASTER"}},
			"title":{"type":"string","maxLength":50}},"required":["login"]},"custom":{"properties":{"badge":{"type":"string","enum":["a","b"],"unique":"UNIQUE_VALIDATED"}}}}}`)
	})
	schema, err := o.client(t, nil).GetUserSchema(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []string{"badge", "login", "title"}, schema.Names())
	assert.True(t, schema.Attributes["login"].Required)
	assert.Equal(t, "PROFILE_MASTER", schema.Attributes["login"].Mastered)
	assert.Equal(t, okta.Attribute{Type: "string", Enum: []any{"a", "b"}, Unique: "UNIQUE_VALIDATED", Custom: true}, schema.Attributes["badge"])
	assert.Equal(t, 50, schema.Attributes["title"].MaxLength)
}
