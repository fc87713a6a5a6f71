package oktasim

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// walker makes random, mostly sensible calls against one org.
type walker struct {
	s    *Server
	h    http.Handler
	rand *rand.Rand
}

func (w *walker) call(method, path, body string) {
	req := httptest.NewRequest(method, "/api/v1"+path, strings.NewReader(body))
	req.Header.Set("Authorization", "SSWS t")
	if body != "" {
		req.Header.Set("Content-Type", jsonType)
	}
	w.h.ServeHTTP(httptest.NewRecorder(), req)
}

// pick returns a random id of one kind, or one that does not exist.
func (w *walker) pick(ids func(st *state) *idSet) string {
	w.s.mu.Lock()
	defer w.s.mu.Unlock()
	all := ids(w.s.st).all()
	if len(all) == 0 || w.rand.IntN(30) == 0 {
		return "missing"
	}
	return all[w.rand.IntN(len(all))]
}

func (w *walker) user() string  { return w.pick(func(st *state) *idSet { return st.userIDs }) }
func (w *walker) group() string { return w.pick(func(st *state) *idSet { return st.groupIDs }) }
func (w *walker) app() string   { return w.pick(func(st *state) *idSet { return st.appIDs }) }
func (w *walker) rule() string  { return w.pick(func(st *state) *idSet { return st.ruleIDs }) }

func (w *walker) step() {
	n := w.rand.IntN(1000)
	ops := []func(){
		func() {
			w.call("POST", "/users?activate="+fmt.Sprint(n%3 > 0), fmt.Sprintf(`{"profile":{"login":"u%d@example.com","email":"u@example.com","firstName":"U","lastName":"X","department":"D%d"},"credentials":{"password":{"value":"x"}}}`, n, n%4))
		},
		func() { w.call("POST", "/users/"+w.user(), fmt.Sprintf(`{"profile":{"department":"D%d"}}`, n%4)) },
		func() {
			ops := []string{"activate", "deactivate", "suspend", "unsuspend", "reset_factors", "expire_password"}
			w.call("POST", "/users/"+w.user()+"/lifecycle/"+ops[n%len(ops)], "")
		},
		func() {
			if n%3 == 0 {
				w.call("DELETE", "/users/"+w.user(), "")
			}
		},
		func() {
			if n%2 == 0 {
				w.call("DELETE", "/groups/"+w.group(), "")
			}
		},
		func() { w.call("POST", "/groups", fmt.Sprintf(`{"profile":{"name":"G%d"}}`, n%40)) },
		func() { w.call("PUT", "/groups/"+w.group()+"/users/"+w.user(), "") },
		func() { w.call("PUT", "/groups/"+w.group()+"/users/"+w.user(), "") },
		func() { w.call("DELETE", "/groups/"+w.group()+"/users/"+w.user(), "") },
		func() { w.call("POST", "/apps", fmt.Sprintf(`{"label":"A%d","name":"bookmark"}`, n)) },
		func() { w.call("POST", "/apps/"+w.app()+"/users", `{"id":"`+w.user()+`"}`) },
		func() { w.call("DELETE", "/apps/"+w.app()+"/users/"+w.user(), "") },
		func() { w.call("PUT", "/apps/"+w.app()+"/groups/"+w.group(), `{}`) },
		func() { w.call("DELETE", "/apps/"+w.app()+"/groups/"+w.group(), "") },
		func() {
			w.call("POST", "/apps/"+w.app()+"/lifecycle/"+[]string{"activate", "activate", "deactivate"}[n%3], "")
		},
		func() {
			w.call("POST", "/groups/rules", fmt.Sprintf(`{"type":"group_rule","name":"R%d","conditions":{"expression":{"type":"urn:okta:expression:1.0","value":"user.department==\"D%d\""}},"actions":{"assignUserToGroups":{"groupIds":[%q]}}}`, n, n%4, w.group()))
		},
		func() {
			w.call("POST", "/groups/rules/"+w.rule()+"/lifecycle/"+[]string{"activate", "activate", "deactivate"}[n%3], "")
		},
		func() { w.call("DELETE", "/groups/rules/"+w.rule()+"?removeUsers="+fmt.Sprint(n%2 == 0), "") },
		func() {
			w.call("POST", "/users/"+w.user()+"/roles", `{"type":"`+[]string{"APP_ADMIN", "READ_ONLY_ADMIN"}[n%2]+`"}`)
		},
		func() { w.call("POST", "/groups/"+w.group()+"/roles", `{"type":"HELP_DESK_ADMIN"}`) },
		func() { w.call("GET", "/users?limit=200&search=status+pr", "") },
		func() { w.call("GET", "/logs?limit=1000", "") },
		func() { w.s.Advance(time.Duration(n) * time.Millisecond) },
	}
	ops[w.rand.IntN(len(ops))]()
}

func newWalked(t *testing.T) *Server {
	t.Helper()
	s, err := New(Options{Token: "t", RuleDelay: time.Second, FanOutDelay: 700 * time.Millisecond, SearchLag: 300 * time.Millisecond})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// After any history the indexes agree with each other, and once all work is done so do rules, groups and apps.
func TestAnyHistoryLeavesTheOrgConsistent(t *testing.T) {
	t.Parallel()
	people, assigned, managed := 0, 0, 0
	for seed := range uint64(8) {
		s := newWalked(t)
		w := &walker{s, s.Handler(), rand.New(rand.NewPCG(seed, 7))} // the same history in every run
		for i := range 1500 {
			w.step()
			if i%250 == 0 {
				checkIndexes(t, s)
			}
		}
		s.Settle()
		checkIndexes(t, s)
		checkSettled(t, s)
		require.False(t, t.Failed(), "seed %d", seed)
		people, assigned, managed = people+len(s.st.users), assigned+len(s.st.appUsers), managed+len(s.st.ruleManaged)
	}
	assert.Greater(t, people, 100, "the walks went somewhere")
	assert.Greater(t, assigned, 50)
	assert.Greater(t, managed, 50)
}

func TestManyCallersAtOnce(t *testing.T) {
	t.Parallel()
	s := newWalked(t)
	var wg sync.WaitGroup
	for seed := range uint64(6) {
		w := &walker{s, s.Handler(), rand.New(rand.NewPCG(seed, 99))}
		wg.Go(func() {
			for range 400 {
				w.step()
			}
		})
	}
	wg.Wait()
	s.Settle()
	checkIndexes(t, s)
	checkSettled(t, s)
}

// checkIndexes compares what is kept twice.
func checkIndexes(t *testing.T, s *Server) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.st
	assert.Equal(t, len(st.users), st.userIDs.len())
	assert.Equal(t, len(st.groups), st.groupIDs.len())
	assert.Equal(t, len(st.apps), st.appIDs.len())
	assert.Len(t, st.logins, len(st.users))
	for id, u := range st.users {
		assert.Equal(t, id, st.logins[strings.ToLower(u.login())])
	}
	pairs := func(m setMap) int {
		n := 0
		for _, set := range m {
			assert.True(t, slices.IsSorted(set.ids))
			n += set.len()
		}
		return n
	}
	assert.Equal(t, pairs(st.members), pairs(st.groupsOf))
	for gid, set := range st.members {
		for _, uid := range set.ids {
			assert.True(t, st.groupsOf[uid].has(gid))
			assert.NotNil(t, st.users[uid])
			assert.NotNil(t, st.groups[gid])
		}
	}
	for key := range st.ruleManaged {
		assert.True(t, st.members[key.group].has(key.user), "a managed membership exists")
	}
	assert.Equal(t, len(st.appUsers), pairs(st.appUserIDs))
	assert.Equal(t, len(st.appUsers), pairs(st.appsOf))
	for key := range st.appUsers {
		assert.True(t, st.appUserIDs[key.app].has(key.user))
		assert.True(t, st.appsOf[key.user].has(key.app))
	}
	assert.Equal(t, len(st.appGroups), pairs(st.appGroupIDs))
	assert.Equal(t, len(st.appGroups), pairs(st.groupApps))
}

// checkSettled compares causes with effects when no work is waiting.
func checkSettled(t *testing.T, s *Server) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	st := s.st
	assert.Empty(t, s.jobs.heap)
	assert.Equal(t, st.users, st.index.views, "lists have caught up")
	for uid, u := range st.users {
		assert.Equal(t, len(st.roleTypesOf(uid)) > 0, st.members[st.adminsID].has(uid), "Okta Administrators are those with a role")
		gone := u.status == statusDeprovisioned
		for aid, a := range st.apps {
			au, gid := st.appUsers[appUserKey{aid, uid}], st.grantingGroup(aid, uid)
			if a.status != "ACTIVE" {
				continue
			}
			if gone {
				// One that was inactive when the person left keeps the assignment (§5.1), also once it is active again.
				if a.lastUpdated.Equal(a.created) {
					assert.Nil(t, au, "a deactivated person has no active app")
				}
				continue
			}
			if gid != "" {
				assert.NotNil(t, au, "the group gives the app")
			}
			if au != nil && !au.direct {
				assert.Equal(t, gid, au.grantedBy)
				assert.NotEmpty(t, gid, "no group, no GROUP assignment")
			}
		}
		for rid, r := range st.rules {
			if r.status != ruleActive || gone {
				continue
			}
			for _, gid := range r.targets {
				managed := slices.Contains(st.ruleManaged[memberKey{gid, uid}], rid)
				if st.matchesRule(r, u) {
					assert.True(t, st.members[gid].has(uid), "the rule gives the group")
				} else {
					assert.False(t, managed, "who does not match is not the rule's")
				}
			}
		}
	}
}
