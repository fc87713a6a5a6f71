package okta_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/okta"
)

// threePages serves three pages of two, with Link lines as write gives them.
func threePages(t *testing.T, write func(w http.ResponseWriter, self, next string)) *org {
	t.Helper()
	return newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		n := map[string]int{"": 0, "c,1;x": 1, "c2": 2}[r.URL.Query().Get("after")]
		base := "http://" + r.Host + "/tenant" + r.URL.Path + "?limit=2"
		next := ""
		if n < 2 {
			next = base + "&after=" + []string{"c,1%3Bx", "c2"}[n]
		}
		write(w, base, next)
		answer(w, http.StatusOK, fmt.Sprintf(`[{"id":"u%d"},{"id":"u%d"}]`, 2*n, 2*n+1))
	})
}

func TestListsAreReadToTheirEnd(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(w http.ResponseWriter, self, next string){
		"one line a link": func(w http.ResponseWriter, self, next string) {
			w.Header().Add("Link", "<"+self+`>; rel="self"`)
			if next != "" {
				w.Header().Add("Link", "<"+next+`>; rel="next"`)
			}
		},
		"joined by a proxy": func(w http.ResponseWriter, self, next string) {
			line := "<" + self + `>; rel="self"`
			if next != "" {
				line += ", <" + next + `>; rel=next; title="a, b"`
			}
			w.Header().Set("Link", line)
		},
		"next before self": func(w http.ResponseWriter, self, next string) {
			if next != "" {
				w.Header().Add("Link", "<"+next+`>;REL="next"`)
			}
			w.Header().Add("Link", "<"+self+`>;rel="self"`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := threePages(t, write)
			c := o.client(t, nil)
			users, err := okta.Collect(func(after string) (okta.Page[okta.User], error) {
				return c.ListGroupMembers(t.Context(), testGroup, okta.PageRequest{Limit: 2, After: after})
			})
			require.NoError(t, err)
			var ids []string
			for _, u := range users {
				ids = append(ids, u.ID)
			}
			assert.Equal(t, []string{"u0", "u1", "u2", "u3", "u4", "u5"}, ids)
			calls := o.seen()
			require.Len(t, calls, 3)
			assert.Equal(t, "limit=2", calls[0].query)
			assert.Equal(t, "limit=2&after=c,1%3Bx", calls[1].query, "a link is followed as it is")
			assert.Equal(t, "/api/v1/groups/"+testGroup+"/users", calls[1].path, "the base path is not doubled")
		})
	}
}

func TestAListThatDoesNotAdvanceIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Link", "<http://"+r.Host+"/tenant"+r.URL.Path+`?after=1>; rel="next"`)
		answer(w, http.StatusOK, `[{"id":"g"}]`)
	})
	groups, err := o.client(t, nil).ListUserGroups(t.Context(), testUser)
	checkKind(t, okta.Unavailable, err)
	assert.Nil(t, groups)
	assert.Len(t, o.seen(), 2)
}

func TestAPageInTheMiddleThatFailsGivesNoPart(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("after") != "" {
			refusal(w, http.StatusInternalServerError, "E0000009", "Internal Server Error")
			return
		}
		w.Header().Add("Link", "<http://"+r.Host+"/tenant"+r.URL.Path+`?after=1>; rel="next"`)
		answer(w, http.StatusOK, `[{"id":"g"}]`)
	})
	groups, err := o.client(t, nil).ListUserGroups(t.Context(), testUser)
	checkKind(t, okta.Unavailable, err)
	assert.Nil(t, groups)
}

func TestPagesStopsWhenAsked(t *testing.T) {
	t.Parallel()
	asked := 0
	for n, err := range okta.Pages(func(string) (okta.Page[int], error) {
		asked++
		return okta.Page[int]{Items: []int{1, 2}, Next: "more"}, nil
	}) {
		require.NoError(t, err)
		if n == 2 {
			break
		}
	}
	assert.Equal(t, 1, asked)
	for _, err := range okta.Pages(func(string) (okta.Page[int], error) { return okta.Page[int]{}, errors.New("no") }) {
		require.EqualError(t, err, "no")
	}
}

func TestALinkOfAnotherListIsRefused(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `[]`) })
	c := o.client(t, nil)
	for _, foreign := range []string{
		"/api/v1/groups?after=1", "/api/v1/users/00u/groups", "/api/v1/groups//users?after=1", "https://evil.example/api/v1/x", "nonsense",
	} {
		_, err := c.ListGroupMembers(t.Context(), testGroup, okta.PageRequest{After: foreign})
		checkKind(t, okta.Invalid, err)
		_, err = c.FollowLogs(t.Context(), foreign)
		checkKind(t, okta.Invalid, err)
	}
	_, err := c.FollowLogs(t.Context(), "")
	checkKind(t, okta.Invalid, err)
	assert.Empty(t, o.seen())
}

func TestAdminAssigneesFollowTheLinkInTheBody(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("after") == "" {
			answer(w, http.StatusOK, `{"value":[{"id":"a","orn":"orn:x"}],"_links":{"next":{"href":"http://`+r.Host+`/tenant/api/v1/iam/assignees/users?after=b&limit=100"}}}`)
			return
		}
		answer(w, http.StatusOK, `{"value":[{"id":"b"}],"_links":{}}`)
	})
	admins, err := o.client(t, nil).ListAdminAssignees(t.Context())
	require.NoError(t, err)
	assert.Equal(t, []okta.AdminAssignee{{UserID: "a"}, {UserID: "b"}}, admins)
}

func TestAPollOfTheSystemLogGoesOnFromWhereItWas(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		self := "http://" + r.Host + "/tenant" + r.URL.RequestURI()
		if r.URL.Query().Get("after") == "" {
			w.Header().Add("Link", "<"+self+`>; rel="self"`)
			w.Header().Add("Link", "<"+self+`&after=1700000000000_1>; rel="next"`)
			answer(w, http.StatusOK, `[`+loginEvent+`,{"uuid":"2","target":null,"published":"soon","severity":7,"client":"odd","debugContext":null}]`)
			return
		}
		w.Header().Add("Link", "<"+self+`>; rel="self"`)
		w.Header().Add("Link", "<"+self+`>; rel="next"`) // nothing new: next is the page itself
		answer(w, http.StatusOK, `[]`)
	})
	c := o.client(t, nil)
	since := time.Date(2025, 3, 1, 8, 0, 0, 123_456_789, time.FixedZone("CET", 3600))
	page, err := c.ListLogs(t.Context(), okta.LogQuery{Since: since, Filter: okta.Eq("eventType", "user.session.start")})
	require.NoError(t, err)
	require.Len(t, page.Events, 2)
	query, err := url.ParseQuery(o.seen()[0].query)
	require.NoError(t, err)
	assert.Equal(t, url.Values{
		"since": {"2025-03-01T07:00:00.123Z"}, "filter": {`eventType eq "user.session.start"`}, "limit": {"1000"},
	}, query)

	first := page.Events[0]
	assert.Equal(t, "user.session.start", first.Type)
	assert.Equal(t, 58*time.Millisecond, time.Duration(first.Published.Nanosecond()))
	user, ok := first.Target("User")
	require.True(t, ok)
	assert.Equal(t, testUser, user.ID)
	_, ok = first.Target("UserGroup")
	assert.False(t, ok)
	assert.Equal(t, "true", first.Debug("threatSuspected"))
	assert.Equal(t, "7", first.Debug("number"))
	assert.Empty(t, first.Debug("nothing"))
	assert.Equal(t, "00Ttoken", first.Transaction.Detail.RequestAPITokenID)
	assert.JSONEq(t, loginEvent, string(first.Raw))

	odd := page.Events[1]
	assert.Equal(t, "2", odd.UUID, "odd fields do not lose the event")
	assert.Empty(t, odd.Targets)
	assert.True(t, odd.Published.IsZero())

	for range 2 {
		page, err = c.FollowLogs(t.Context(), page.Next)
		require.NoError(t, err)
		assert.Empty(t, page.Events)
		assert.NotEmpty(t, page.Next, "a poll never ends")
	}
	assert.Equal(t, o.seen()[1].query, o.seen()[2].query)
}

const loginEvent = `{"uuid":"1","published":"2025-03-01T07:00:01.058Z","eventType":"user.session.start","severity":"INFO",
"displayMessage":"User login to Okta","actor":{"id":"00u1a2b3c4d5e6f7g8h9","type":"User","detailEntry":null},
"client":{"zone":"null","ipAddress":"203.0.113.9","userAgent":{"os":"Linux"},"geographicalContext":{"country":"Germany"}},
"outcome":{"result":"FAILURE","reason":"INVALID_CREDENTIALS"},
"transaction":{"type":"WEB","id":"abc","detail":{"requestApiTokenId":"00Ttoken"}},
"authenticationContext":{"externalSessionId":"sess"},
"debugContext":{"debugData":{"threatSuspected":"true","number":7}},
"target":[{"id":"x","type":"AppUser"},{"id":"00u1a2b3c4d5e6f7g8h9","type":"User"}]}`
