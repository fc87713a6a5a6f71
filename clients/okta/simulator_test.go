package okta_test

import (
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/okta"
	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

// acmeOrg starts a simulated Okta with the Acme company under a base path.
func acmeOrg(t *testing.T, edit func(*oktasim.Options)) (*oktasim.Server, string) {
	t.Helper()
	company, err := acme.Load()
	require.NoError(t, err)
	opts := oktasim.Options{Token: testToken, Seed: &company}
	if edit != nil {
		edit(&opts)
	}
	sim, err := oktasim.New(opts)
	require.NoError(t, err)
	t.Cleanup(sim.Close)
	server := httptest.NewServer(sim.Handler())
	t.Cleanup(server.Close)
	return sim, server.URL
}

func simClient(t *testing.T, url string, edit func(*okta.Config)) *okta.Client {
	t.Helper()
	cfg := okta.Config{OrgURL: url, Token: testToken, AllowPlainHTTP: true}
	if edit != nil {
		edit(&cfg)
	}
	c, err := okta.New(cfg)
	require.NoError(t, err)
	return c
}

func TestSimulatorReadsEverybodyPageByPage(t *testing.T) {
	t.Parallel()
	sim, url := acmeOrg(t, nil)
	c := simClient(t, url, nil)
	users, err := okta.Collect(func(after string) (okta.Page[okta.User], error) {
		return c.SearchUsers(t.Context(), okta.UserSearch{Limit: 7, After: after})
	})
	require.NoError(t, err)
	byStatus := map[string]int{}
	ids := map[string]bool{}
	for _, u := range users {
		byStatus[string(u.Status)]++
		ids[u.ID] = true
	}
	assert.Equal(t, sim.Summary().Users, byStatus, "every status, the deactivated included")
	assert.Len(t, ids, len(users), "nobody twice")

	me, err := c.Me(t.Context())
	require.NoError(t, err)
	assert.True(t, ids[me.ID])
	schema, err := c.GetUserSchema(t.Context())
	require.NoError(t, err)
	assert.Subset(t, schema.Names(), []string{"login", "email", "department", "managerId"})
	assert.True(t, schema.Attributes["login"].Required)
}

func TestSimulatorReadsGroupsAndRules(t *testing.T) {
	t.Parallel()
	sim, url := acmeOrg(t, nil)
	c := simClient(t, url, nil)
	groups, err := okta.Collect(func(after string) (okta.Page[okta.Group], error) {
		return c.ListGroups(t.Context(), okta.PageRequest{Limit: 5, After: after})
	})
	require.NoError(t, err)
	assert.Len(t, groups, sim.Summary().Groups)
	types := map[okta.GroupType]int{}
	for _, g := range groups {
		types[g.Type]++
		require.NotNil(t, g.Stats, g.Name)
		if g.Type != okta.OktaGroup {
			continue
		}
		members, err := okta.Collect(func(after string) (okta.Page[okta.User], error) {
			return c.ListGroupMembers(t.Context(), g.ID, okta.PageRequest{Limit: 50, After: after})
		})
		require.NoError(t, err)
		assert.Len(t, members, g.Stats.UsersCount, g.Name)
		found, err := c.FindGroupsByName(t.Context(), g.Name)
		require.NoError(t, err)
		assert.True(t, slices.ContainsFunc(found, func(f okta.Group) bool { return f.ID == g.ID }), g.Name)
	}
	assert.Len(t, types, 3, "our own, imported and built in")
	everyone, err := c.FindGroupsByName(t.Context(), "Everyone")
	require.NoError(t, err)
	require.Len(t, everyone, 1)
	stats, err := c.GroupStats(t.Context(), everyone[0].ID)
	require.NoError(t, err)
	assert.Positive(t, stats.UsersCount)

	rules, err := c.ListRules(t.Context())
	require.NoError(t, err)
	require.Len(t, rules, sim.Summary().Rules)
	again, err := c.GetRule(t.Context(), rules[0].ID)
	require.NoError(t, err)
	assert.Equal(t, rules[0], again)
	assert.NotEmpty(t, again.Expression)
	assert.NotEmpty(t, again.GroupIDs)
}

func TestSimulatorReadsAppsAndWhereTheyComeFrom(t *testing.T) {
	t.Parallel()
	sim, url := acmeOrg(t, nil)
	c := simClient(t, url, nil)
	apps, err := okta.Collect(func(after string) (okta.Page[okta.App], error) {
		return c.ListApps(t.Context(), okta.PageRequest{Limit: 4, After: after})
	})
	require.NoError(t, err)
	assert.Len(t, apps, sim.Summary().Apps)
	pushed := 0
	for _, app := range apps {
		same, err := c.GetApp(t.Context(), app.ID)
		require.NoError(t, err)
		assert.Equal(t, app, same)
		mappings, err := c.ListGroupPushMappings(t.Context(), app.ID)
		require.NoError(t, err)
		for _, m := range mappings {
			pushed++
			_, err := c.GetGroup(t.Context(), m.SourceGroupID)
			require.NoError(t, err)
		}
	}
	assert.Positive(t, pushed)

	lena := findOne(t, c, acme.Lena)
	want, found := sim.User(acme.Lena)
	require.True(t, found)
	held, err := c.ListUserApps(t.Context(), lena.ID)
	require.NoError(t, err)
	require.Len(t, held, len(want.Apps))
	for _, w := range want.Apps {
		i := slices.IndexFunc(held, func(a okta.AppAssignment) bool { return a.AppID == w.ID })
		require.GreaterOrEqual(t, i, 0, w.Label)
		assert.Equal(t, w.Scope, string(held[i].Scope))
		assert.Equal(t, w.GrantedBy, held[i].GroupName)
		assert.Equal(t, w.GrantedBy != "", held[i].GroupID != "")
		one, err := c.GetAppUser(t.Context(), w.ID, lena.ID)
		require.NoError(t, err)
		assert.Equal(t, held[i].Scope, one.Scope)
		people, err := okta.Collect(func(after string) (okta.Page[okta.AppUser], error) {
			return c.ListAppUsers(t.Context(), w.ID, okta.PageRequest{Limit: 50, After: after})
		})
		require.NoError(t, err)
		assert.True(t, slices.ContainsFunc(people, func(p okta.AppUser) bool { return p.UserID == lena.ID }))
		if one.Scope == okta.GroupScope {
			granting, err := c.ListAppGroups(t.Context(), w.ID)
			require.NoError(t, err)
			assert.True(t, slices.ContainsFunc(granting, func(g okta.AppGroupAssignment) bool { return g.GroupID == one.GroupID }))
			granted, err := c.ListGroupApps(t.Context(), one.GroupID)
			require.NoError(t, err)
			assert.True(t, slices.ContainsFunc(granted, func(a okta.App) bool { return a.ID == w.ID }))
		}
	}
	salesforce, err := c.FindAppsByLabel(t.Context(), "Salesforce")
	require.NoError(t, err)
	require.Len(t, salesforce, 1)
	err = c.UnassignUser(t.Context(), salesforce[0].ID, lena.ID)
	assert.True(t, okta.GroupsGrantAccess(err), "%v", err)
	links, err := c.ListAppLinks(t.Context(), lena.ID)
	require.NoError(t, err)
	assert.NotEmpty(t, links)
}

func findOne(t *testing.T, c *okta.Client, email string) okta.User {
	t.Helper()
	users, err := c.FindUsersByEmail(t.Context(), email)
	require.NoError(t, err)
	require.Len(t, users, 1)
	user, err := c.GetUser(t.Context(), users[0].ID)
	require.NoError(t, err)
	return user
}

func TestSimulatorLeaverRoad(t *testing.T) {
	t.Parallel()
	sim, url := acmeOrg(t, nil)
	c := simClient(t, url, nil)
	ada := findOne(t, c, acme.Ada)
	ctx := t.Context()

	require.NoError(t, c.Suspend(ctx, ada.ID))
	again := c.Suspend(ctx, ada.ID)
	assert.True(t, okta.NotActive(again), "%v", again)
	require.ErrorIs(t, again, okta.Conflict)
	require.NoError(t, c.ClearSessions(ctx, ada.ID, true, true))

	factors, err := c.ListFactors(ctx, ada.ID)
	require.NoError(t, err)
	require.Len(t, factors, 3)
	require.NoError(t, c.DeleteFactor(ctx, ada.ID, factors[0].ID))
	require.NoError(t, c.ResetFactors(ctx, ada.ID))

	admins, err := c.ListAdminAssignees(ctx)
	require.NoError(t, err)
	assert.Contains(t, admins, okta.AdminAssignee{UserID: ada.ID})
	roles, err := c.ListAdminRoles(ctx, ada.ID)
	require.NoError(t, err)
	require.Len(t, roles, 1)
	assert.Equal(t, "APP_ADMIN", roles[0].Type)
	assert.Equal(t, "USER", roles[0].AssignmentType)
	require.NoError(t, c.RevokeAdminRole(ctx, ada.ID, roles[0].ID))

	cleared, err := c.UpdateProfile(ctx, ada.ID, map[string]any{"department": nil, "title": "Left"})
	require.NoError(t, err)
	assert.Equal(t, "Left", cleared.Attr("title"))
	assert.Empty(t, cleared.Attr("department"))
	assert.Equal(t, acme.Ada, cleared.Email(), "a partial update leaves the rest")

	groups, err := c.ListUserGroups(ctx, ada.ID)
	require.NoError(t, err)
	for _, g := range groups {
		err := c.RemoveMember(ctx, g.ID, ada.ID)
		if g.Type != okta.OktaGroup {
			require.ErrorIs(t, err, okta.Denied, g.Name)
			continue
		}
		require.NoError(t, err, g.Name)
		require.NoError(t, c.RemoveMember(ctx, g.ID, ada.ID), "taking away what is gone is no error")
		is, err := c.IsMember(ctx, g.ID, ada.ID)
		require.NoError(t, err)
		assert.False(t, is)
	}
	apps, err := c.ListUserApps(ctx, ada.ID)
	require.NoError(t, err)
	for _, a := range apps {
		assert.Equal(t, okta.UserScope, a.Scope, a.Label)
		require.NoError(t, c.UnassignUser(ctx, a.AppID, ada.ID), a.Label)
		_, err := c.GetAppUser(ctx, a.AppID, ada.ID)
		require.ErrorIs(t, err, okta.NotFound)
	}
	require.NoError(t, c.Deactivate(ctx, ada.ID, false))

	left, found := sim.User(ada.ID)
	require.True(t, found)
	assert.Equal(t, "DEPROVISIONED", left.Status)
	assert.Empty(t, left.Groups)
	assert.Empty(t, left.Apps)
	assert.Empty(t, left.Factors)
	assert.Empty(t, left.AdminRoles)
	gone := findOne(t, c, acme.Ada)
	assert.Equal(t, okta.Deprovisioned, gone.Status, "a deactivated person is still found")
	_, err = c.CreateUser(ctx, okta.NewUser{Profile: map[string]any{
		"login": acme.Ada, "email": acme.Ada, "firstName": "Ada", "lastName": "Okonkwo",
	}})
	assert.True(t, okta.IsAlreadyExists(err), "%v", err)
	assert.NotContains(t, err.Error(), acme.Ada)
}

func TestSimulatorJoinerRoad(t *testing.T) {
	t.Parallel()
	sim, url := acmeOrg(t, nil)
	c := simClient(t, url, nil)
	ctx := t.Context()
	groups, err := okta.Collect(func(after string) (okta.Page[okta.Group], error) {
		return c.ListGroups(ctx, okta.PageRequest{After: after})
	})
	require.NoError(t, err)
	ours := groups[slices.IndexFunc(groups, func(g okta.Group) bool { return g.Type == okta.OktaGroup })]
	user, err := c.CreateUser(ctx, okta.NewUser{
		Profile:  map[string]any{"login": "new+one@acme.example", "email": "new+one@acme.example", "firstName": "New", "lastName": "One"},
		GroupIDs: []string{ours.ID},
	})
	require.NoError(t, err)
	assert.Equal(t, okta.Staged, user.Status)
	assert.Empty(t, sim.Mails(), "no mail before the day")
	is, err := c.IsMember(ctx, ours.ID, user.ID)
	require.NoError(t, err)
	assert.True(t, is)

	byLogin, err := c.GetUser(ctx, "new+one@acme.example")
	require.NoError(t, err)
	assert.Equal(t, user.ID, byLogin.ID)
	require.NoError(t, c.Activate(ctx, user.ID, true))
	assert.Len(t, sim.Mails(), 1)
	require.NoError(t, c.Reactivate(ctx, user.ID, false))
	assert.Len(t, sim.Mails(), 1)
	apps, err := c.ListApps(ctx, okta.PageRequest{Limit: 1})
	require.NoError(t, err)
	require.NotEmpty(t, apps.Items)
	for range 2 {
		require.NoError(t, c.AssignUser(ctx, apps.Items[0].ID, user.ID), "assigning again is no error")
		require.NoError(t, c.AddMember(ctx, ours.ID, user.ID))
	}
	require.NoError(t, sim.SetStatus(user.ID, "ACTIVE"))
	require.NoError(t, c.ExpirePassword(ctx, user.ID))
	require.NoError(t, c.ResetPassword(ctx, user.ID, true))
	require.NoError(t, sim.SetStatus(user.ID, "LOCKED_OUT"))
	require.NoError(t, c.Unlock(ctx, user.ID))
	assert.True(t, okta.NotLockedOut(c.Unlock(ctx, user.ID)))
	require.NoError(t, c.Suspend(ctx, user.ID))
	require.NoError(t, c.Unsuspend(ctx, user.ID))
	assert.True(t, okta.AlreadyActive(c.Activate(ctx, user.ID, false)))
}

func TestSimulatorAnswerLostIsAmbiguousAndDoneOnce(t *testing.T) {
	t.Parallel()
	sim, url := acmeOrg(t, nil)
	c := simClient(t, url, nil)
	ada := findOne(t, c, acme.Ada)
	before := countEvents(sim, "user.lifecycle.suspend")
	_, err := sim.SetFault(oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: "write"})
	require.NoError(t, err)
	require.ErrorIs(t, c.Suspend(t.Context(), ada.ID), okta.Ambiguous)
	sim.ClearFaults()
	after, err := c.GetUser(t.Context(), ada.ID)
	require.NoError(t, err)
	assert.Equal(t, okta.Suspended, after.Status)
	assert.Equal(t, before+1, countEvents(sim, "user.lifecycle.suspend"), "the SDK must not send it again")
}

func countEvents(sim *oktasim.Server, eventType string) int {
	n := 0
	for _, e := range sim.Log() {
		if e.EventType == eventType {
			n++
		}
	}
	return n
}

func TestSimulatorFaultsHaveTheirKinds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		fault oktasim.Fault
		want  okta.Kind
	}{
		"429":           {oktasim.Fault{Kind: oktasim.FaultRateLimit}, okta.RateLimited},
		"concurrency":   {oktasim.Fault{Kind: oktasim.FaultConcurrency}, okta.RateLimited},
		"500":           {oktasim.Fault{Kind: oktasim.FaultStatus, Status: 500}, okta.Unavailable},
		"503 page":      {oktasim.Fault{Kind: oktasim.FaultStatus, Status: 503, HTML: true}, okta.Unavailable},
		"403 page":      {oktasim.Fault{Kind: oktasim.FaultStatus, Status: 403, HTML: true}, okta.Denied},
		"401":           {oktasim.Fault{Kind: oktasim.FaultStatus, Status: 401}, okta.Unauthorized},
		"refused":       {oktasim.Fault{Kind: oktasim.FaultRefuse}, okta.Denied},
		"cut":           {oktasim.Fault{Kind: oktasim.FaultConnectionCut}, okta.Ambiguous},
		"slow past our": {oktasim.Fault{Kind: oktasim.FaultSlow, Delay: oktasim.Duration(time.Minute)}, okta.Ambiguous},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sim, url := acmeOrg(t, func(o *oktasim.Options) { o.Seed = nil })
			c := simClient(t, url, nil)
			me, err := c.Me(t.Context())
			require.NoError(t, err)
			_, err = sim.SetFault(tt.fault)
			require.NoError(t, err)
			if tt.fault.Kind == oktasim.FaultSlow {
				c = simClient(t, url, func(cfg *okta.Config) { cfg.Timeout = time.Second })
			}
			checkKind(t, tt.want, c.ClearSessions(t.Context(), me.ID, true, false))
			hits := 0
			for _, n := range sim.FaultHits() {
				hits += n
			}
			assert.Equal(t, 1, hits, "one request, no retry")
		})
	}
}

func TestSimulatorBudgetStopsShortOfTheLimit(t *testing.T) {
	t.Parallel()
	_, url := acmeOrg(t, func(o *oktasim.Options) { o.Seed, o.Limits, o.TokenShare = nil, oktasim.LimitsIntegrator, 100 })
	var budget okta.Budget
	var mu sync.Mutex
	refused := 0
	c := simClient(t, url, func(cfg *okta.Config) {
		cfg.OnRate = func(f okta.RateFacts) {
			mu.Lock()
			defer mu.Unlock()
			if f.Status == http.StatusTooManyRequests {
				refused++
			}
			budget.Observe(f)
		}
	})
	made := 0
	for range 30 { // the bucket of apps holds 20
		if v := budget.Admit(okta.BucketApps, okta.Need{Reserve: 0.25, Now: time.Now()}); v.Answer != okta.Go {
			assert.Equal(t, okta.Later, v.Answer)
			assert.False(t, v.RetryAt.IsZero())
			break
		}
		_, err := c.ListApps(t.Context(), okta.PageRequest{})
		require.NoError(t, err)
		made++
	}
	assert.Equal(t, 15, made, "a quarter is left")
	assert.Zero(t, refused)
	for range 5 {
		_, err := c.ListApps(t.Context(), okta.PageRequest{})
		require.NoError(t, err)
	}
	_, err := c.ListApps(t.Context(), okta.PageRequest{})
	e := requireKind(t, okta.RateLimited, err)
	assert.Positive(t, e.RetryAfter)
	assert.LessOrEqual(t, e.RetryAfter, 62*time.Second)
	_, err = c.Me(t.Context())
	require.NoError(t, err, "another bucket is another countdown")
}

func TestSimulatorOAuth(t *testing.T) {
	t.Parallel()
	public := testKey().PublicKey
	encode := base64.RawURLEncoding.EncodeToString
	jwk, err := json.Marshal(map[string]string{
		"kty": "RSA", "kid": "kid-1", "alg": "RS256", "use": "sig", "n": encode(public.N.Bytes()), "e": encode(big.NewInt(int64(public.E)).Bytes()),
	})
	require.NoError(t, err)
	_, url := acmeOrg(t, func(o *oktasim.Options) {
		o.Clients = []oktasim.OAuthClient{{ID: "0oalatchkey000000001", Scopes: []string{"okta.users.read"}, Keys: jwk}}
	})
	app := func(scopes ...string) *okta.Client {
		return simClient(t, url, func(cfg *okta.Config) {
			cfg.Token = ""
			cfg.OAuth = &okta.OAuth{ClientID: "0oalatchkey000000001", KeyID: "kid-1", PrivateKey: pkcs8(t, testKey()), Scopes: scopes}
		})
	}
	c := app("okta.users.read")
	findOne(t, c, acme.Ada)
	_, err = c.ListRules(t.Context())
	e := requireKind(t, okta.Unauthorized, err)
	assert.Contains(t, e.Error(), "okta.groups.read")
	_, err = app("okta.users.manage").Me(t.Context())
	checkKind(t, okta.Unauthorized, err)
	_, err = simClient(t, url, func(cfg *okta.Config) { cfg.Token = "wrong" }).Me(t.Context())
	checkKind(t, okta.Unauthorized, err)
}

func TestSimulatorSystemLogIsPolledWithoutGapsOrRepeats(t *testing.T) {
	t.Parallel()
	sim, url := acmeOrg(t, nil)
	c := simClient(t, url, nil)
	ada := findOne(t, c, acme.Ada)
	page, err := c.ListLogs(t.Context(), okta.LogQuery{Since: time.Now().Add(-time.Hour), Filter: `eventType sw "user.lifecycle"`, Limit: 2})
	require.NoError(t, err)
	seen := map[string]int{}
	var kinds []string
	drain := func() {
		for len(page.Events) > 0 {
			for _, e := range page.Events {
				seen[e.UUID]++
				if target, ok := e.Target("User"); ok && target.ID == ada.ID {
					kinds = append(kinds, e.Type)
					assert.Equal(t, sim.TokenID(), e.Transaction.Detail.RequestAPITokenID)
				}
			}
			page, err = c.FollowLogs(t.Context(), page.Next)
			require.NoError(t, err)
		}
	}
	drain()
	require.NoError(t, c.Suspend(t.Context(), ada.ID))
	page, err = c.FollowLogs(t.Context(), page.Next)
	require.NoError(t, err)
	drain()
	require.NoError(t, c.Unsuspend(t.Context(), ada.ID))
	page, err = c.FollowLogs(t.Context(), page.Next)
	require.NoError(t, err)
	drain()
	assert.Equal(t, []string{"user.lifecycle.suspend", "user.lifecycle.unsuspend"}, kinds)
	for uuid, n := range seen {
		assert.Equal(t, 1, n, uuid)
	}
}

func TestSimulatorEventHook(t *testing.T) {
	t.Parallel()
	_, url := acmeOrg(t, func(o *oktasim.Options) { o.Seed = nil })
	c := simClient(t, url, nil)
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		answer(w, http.StatusOK, `{"verification":"`+r.Header.Get("X-Okta-Verification-Challenge")+`"}`)
	}))
	t.Cleanup(receiver.Close)
	hook, err := c.CreateEventHook(t.Context(), okta.NewEventHook{
		Name: "latchkey", URI: receiver.URL, Secret: "shared", Events: []string{"user.session.start"},
	})
	require.NoError(t, err)
	assert.Equal(t, "UNVERIFIED", hook.Verification)
	hook, err = c.VerifyEventHook(t.Context(), hook.ID)
	require.NoError(t, err)
	assert.Equal(t, "VERIFIED", hook.Verification)
	hook, err = c.ActivateEventHook(t.Context(), hook.ID)
	require.NoError(t, err)
	hooks, err := c.ListEventHooks(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []okta.EventHook{hook}, hooks)
	_, err = c.CreateEventHook(t.Context(), okta.NewEventHook{Name: "no", URI: receiver.URL, Secret: "s", Events: []string{"security.threat.detected"}})
	checkKind(t, okta.Invalid, err)
}
