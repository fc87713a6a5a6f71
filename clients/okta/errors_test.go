package okta_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/okta"
)

func TestRefusalsHaveAKind(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, c *okta.Client) error {
		t.Helper()
		_, err := c.GetUser(t.Context(), testUser)
		return err
	}
	suspend := func(t *testing.T, c *okta.Client) error {
		t.Helper()
		return c.Suspend(t.Context(), testUser)
	}
	unassign := func(t *testing.T, c *okta.Client) error {
		t.Helper()
		return c.UnassignUser(t.Context(), testApp, testUser)
	}
	const taken = "login: An object with this field already exists in the current organization"
	tests := map[string]struct {
		do     func(*testing.T, *okta.Client) error
		status int
		code   string
		causes []string
		want   okta.Kind
		also   func(error) bool // a helper that must say yes
	}{
		"a missing person":               {do: read, status: 404, code: "E0000007", want: okta.NotFound},
		"an unknown path":                {do: read, status: 404, code: "E0000008", want: okta.Invalid},
		"a dead API token":               {do: read, status: 401, code: "E0000011", want: okta.Unauthorized},
		"a bad session":                  {do: read, status: 403, code: "E0000005", want: okta.Unauthorized},
		"a feature the org lacks":        {do: read, status: 401, code: "E0000015", want: okta.Denied, also: okta.FeatureMissing},
		"a role too low":                 {do: suspend, status: 403, code: "E0000006", want: okta.Denied},
		"suspending who is not active":   {do: suspend, status: 400, code: "E0000001", want: okta.Conflict, also: okta.NotActive},
		"a status that forbids it":       {do: suspend, status: 403, code: "E0000038", want: okta.Conflict, also: okta.NotActive},
		"active already":                 {do: suspend, status: 403, code: "E0000016", want: okta.Conflict, also: okta.AlreadyActive},
		"not locked out":                 {do: suspend, status: 403, code: "E0000032", want: okta.Conflict, also: okta.NotLockedOut},
		"a group grants the app":         {do: unassign, status: 403, code: "E0000046", want: okta.Conflict, also: okta.GroupsGrantAccess},
		"mastered by another system":     {do: suspend, status: 403, code: "E0000023", want: okta.Denied, also: okta.MasteredElsewhere},
		"a value that is taken":          {do: unassign, status: 400, code: "E0000001", causes: []string{taken}, want: okta.Conflict, also: okta.IsAlreadyExists},
		"a value that is wrong":          {do: unassign, status: 400, code: "E0000001", causes: []string{"email: Does not match required pattern"}, want: okta.Invalid},
		"a role held already":            {do: unassign, status: 409, code: "E0000090", want: okta.Conflict, also: okta.IsAlreadyExists},
		"any other conflict":             {do: unassign, status: 409, code: "E0000999", want: okta.Conflict},
		"an ETag that does not match":    {do: unassign, status: 412, code: "E0000231", want: okta.Conflict},
		"still being activated":          {do: unassign, status: 409, code: "E0000112", want: okta.Unavailable},
		"rules being set up":             {do: unassign, status: 409, code: "E0000249", want: okta.Unavailable},
		"priorities being reconciled":    {do: unassign, status: 423, code: "E0000239", want: okta.Unavailable},
		"read-only mode":                 {do: unassign, status: 503, code: "E0000010", want: okta.Unavailable},
		"an internal error":              {do: unassign, status: 500, code: "E0000009", want: okta.Unavailable},
		"a gateway that lost a write":    {do: unassign, status: 504, want: okta.Ambiguous},
		"a gateway that lost a read":     {do: read, status: 504, want: okta.Unavailable},
		"a method Okta does not know":    {do: unassign, status: 405, code: "E0000022", want: okta.Invalid},
		"a wrong search":                 {do: read, status: 400, code: "E0000031", want: okta.Invalid},
		"apps for an inactive person":    {do: unassign, status: 403, code: "E0000117", want: okta.Conflict, also: okta.NotActive},
		"a code that is no code is gone": {do: read, status: 400, code: "<script>", want: okta.Invalid},
	}
	helpers := map[string]func(error) bool{
		"FeatureMissing": okta.FeatureMissing, "NotActive": okta.NotActive, "AlreadyActive": okta.AlreadyActive,
		"NotLockedOut": okta.NotLockedOut, "GroupsGrantAccess": okta.GroupsGrantAccess,
		"MasteredElsewhere": okta.MasteredElsewhere, "IsAlreadyExists": okta.IsAlreadyExists,
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
				refusal(w, tt.status, tt.code, "Some summary", tt.causes...)
			})
			e := requireKind(t, tt.want, tt.do(t, o.client(t, nil)))
			assert.Equal(t, tt.status, e.Status)
			assert.Equal(t, "a1b2c3", e.RequestID)
			assert.Equal(t, tt.causes, e.Causes)
			if strings.HasPrefix(tt.code, "E") {
				assert.Equal(t, tt.code, e.Code)
			} else {
				assert.Empty(t, e.Code)
			}
			yes := 0
			for _, helper := range helpers {
				if helper(e) {
					yes++
				}
			}
			if tt.also == nil {
				assert.Zero(t, yes, "no helper may claim this error")
				return
			}
			assert.True(t, tt.also(e))
			assert.Equal(t, 1, yes, "one helper claims this error")
		})
	}
}

func TestAMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("WWW-Authenticate", `Bearer authorization_uri="https://x/oauth2/v1/authorize", realm="https://x", scope="okta.groups.read", `+
			`error="insufficient_scope", error_description="The access token provided does not contain the required scopes.", resource="/api/v1/groups/x"`)
		w.WriteHeader(http.StatusForbidden)
	})
	_, err := o.client(t, nil).GetGroup(t.Context(), testGroup)
	e := requireKind(t, okta.Unauthorized, err)
	assert.Equal(t, "insufficient_scope", e.Code)
	assert.Contains(t, e.Error(), "okta.groups.read")
}

func TestErrorsShowNobody(t *testing.T) {
	t.Parallel()
	const login = "jane.o'doe+x@example.com"
	o := newOrg(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.RawQuery, "filter") || strings.Contains(r.URL.RawQuery, "search") {
			refusal(w, 400, "E0000031", "Invalid search criteria near Jane Doe and "+login)
			return
		}
		asked, err := url.PathUnescape(r.URL.EscapedPath()[len("/api/v1/users/"):])
		if err != nil {
			asked = "?"
		}
		refusal(w, 404, "E0000007", "Not found: Resource not found: "+asked+" (User)",
			"the person "+asked+" or '"+login+"' or "+testToken)
	})
	c := o.client(t, nil)
	check := func(err error, path string) {
		t.Helper()
		e := failure(t, err)
		assert.Equal(t, path, e.Path)
		text := e.Error() + e.Summary + strings.Join(e.Causes, " ")
		for _, secret := range []string{login, "example.com", "o'doe", "jdoe", testToken} {
			assert.NotContains(t, text, secret)
		}
		assert.Contains(t, e.Error(), path)
	}
	_, err := c.GetUser(t.Context(), login)
	check(err, "/api/v1/users/{id}")
	_, err = c.GetUser(t.Context(), "jdoe")
	check(err, "/api/v1/users/{id}")
	_, err = c.FindUsersByEmail(t.Context(), login)
	check(err, "/api/v1/users")
	_, err = c.SearchUsers(t.Context(), okta.UserSearch{Expression: okta.Eq("profile.displayName", "Jane Doe")})
	check(err, "/api/v1/users")
	assert.NotContains(t, err.Error(), "Jane Doe")
}

func TestAnIdInAnErrorStays(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) {
		refusal(w, 404, "E0000007", "Not found: Resource not found: "+testUser+" (User)")
	})
	_, err := o.client(t, nil).GetUser(t.Context(), testUser)
	assert.Contains(t, failure(t, err).Error(), testUser, "an id is not personal and helps an operator")
}

func TestIdentifiersThatWouldNameAnotherPathAreRefused(t *testing.T) {
	t.Parallel()
	o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, `{}`) })
	c := o.client(t, nil)
	for _, bad := range []string{"", ".", "..", "a/b", "what?", "line\nbreak", "\x7f"} {
		_, err := c.GetUser(t.Context(), bad)
		checkKind(t, okta.Invalid, err)
		checkKind(t, okta.Invalid, c.RemoveMember(t.Context(), testGroup, bad))
		checkKind(t, okta.Invalid, c.RemoveMember(t.Context(), bad, testUser))
		checkKind(t, okta.Invalid, c.AssignUser(t.Context(), testApp, bad))
		_, err = c.ListUserApps(t.Context(), bad)
		checkKind(t, okta.Invalid, err)
		_, err = c.IsMember(t.Context(), bad, testUser)
		checkKind(t, okta.Invalid, err)
	}
	assert.Empty(t, o.seen())
}

func TestLoginsAreEscaped(t *testing.T) {
	t.Parallel()
	for login, path := range map[string]string{
		"jane+test@example.com": "/api/v1/users/jane+test@example.com",
		"o'neil#1@example.com":  "/api/v1/users/o%27neil%231@example.com",
		"100%@example.com":      "/api/v1/users/100%25@example.com",
		"jörg @example.com":     "/api/v1/users/j%C3%B6rg%20@example.com",
	} {
		o := newOrg(t, func(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, userJSON) })
		_, err := o.client(t, nil).GetUser(t.Context(), login)
		require.NoError(t, err)
		assert.Equal(t, path, o.seen()[0].path)
	}
}

func TestKindsHaveNames(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for k := okta.RateLimited; k <= okta.Unauthorized; k++ {
		assert.NotEqual(t, "Unknown", k.String())
		assert.Equal(t, k.String(), k.Error())
		seen[k.String()] = true
	}
	assert.Len(t, seen, 8)
	assert.Equal(t, "Unknown", okta.Kind(0).String())
}
