package oktasim_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCreateDecidesTheFirstStatus(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	password := object{"password": object{"value": "Correct-horse-9"}}
	tests := []struct {
		name, query string
		credentials object
		want        string
		mails       int
	}{
		{"staged", "?activate=false", nil, "STAGED", 0},
		{"staged with password", "?activate=false", password, "STAGED", 0},
		{"pending activation", "", nil, "PROVISIONED", 1},
		{"empty password means none", "?activate=true", object{"password": object{}}, "PROVISIONED", 1},
		{"active", "", password, "ACTIVE", 0},
		{"must change", "?nextLogin=changePassword", password, "PASSWORD_EXPIRED", 0},
		{"federated", "", object{"provider": object{"type": "FEDERATION", "name": "FEDERATION"}}, "ACTIVE", 0},
	}
	for _, tt := range tests {
		before := len(o.sim.Mails())
		body := object{"profile": person(strings.ReplaceAll(tt.name, " ", ".") + "@example.com")}
		if tt.credentials != nil {
			body["credentials"] = tt.credentials
		}
		u := o.want(200, "", "POST", "/users"+tt.query, body).object(t)
		assert.Equal(t, tt.want, u["status"], tt.name)
		assert.Len(t, o.sim.Mails(), before+tt.mails, tt.name)
		assert.Regexp(t, `^00u.{17}$`, u["id"])
	}
	o.want(400, "E0000124", "POST", "/users?nextLogin=changePassword", object{"profile": person("x@example.com")})
	o.want(400, "E0000125", "POST", "/users?nextLogin=changePassword&activate=false", object{"profile": person("x@example.com"), "credentials": password})
}

func TestCreateChecksTheProfile(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	o.user("taken@example.com")
	tests := []struct {
		name           string
		change         object
		summary, cause string
	}{
		{"login taken", object{"login": "Taken@Example.com"}, "login", "login: An object with this field already exists in the current organization"},
		{"login no address", object{"login": "plainname"}, "login", "login: Username must be in the form of an email address"},
		{"email no address", object{"email": "nowhere"}, "email", "email: Does not match required pattern"},
		{"blank first name", object{"firstName": " "}, "firstName", "firstName: The field cannot be left blank"},
		{"no last name", object{"lastName": nil}, "lastName", "lastName: The field cannot be left blank"},
		{"unknown attribute", object{"notValid": "x"}, "newUser", "Property name 'notValid' is not defined in profile"},
		{"free-text country", object{"countryCode": "Germany"}, "countryCode", "countryCode: Does not match required pattern"},
		{"unknown country", object{"countryCode": "XX"}, "countryCode", "countryCode: Does not match required pattern"},
		{"locale", object{"locale": "English"}, "locale", "locale: Does not match required pattern"},
		{"time zone", object{"timezone": "Berlin"}, "timezone", "timezone: Does not match required pattern"},
		{"language", object{"preferredLanguage": "English (US)"}, "preferredLanguage", "preferredLanguage: Does not match required pattern"},
		{"not text", object{"department": 7}, "department", "department: The field must be a string"},
		{"emoji", object{"nickName": "Ada 😀"}, "nickName", "nickName: Supplementary characters are not supported"},
		{"too long", object{"city": strings.Repeat("x", 129)}, "city", "city: String is too long (129 chars), maximum 128"},
	}
	for _, tt := range tests {
		profile := person("new@example.com")
		maps.Copy(profile, tt.change)
		g := o.want(400, "E0000001", "POST", "/users", object{"profile": profile})
		assert.Equal(t, "Api validation failed: "+tt.summary, g.object(t)["errorSummary"], tt.name)
		assert.Equal(t, tt.cause, g.causes(), tt.name)
	}
	good := person("new@example.com")
	maps.Copy(good, object{"countryCode": "DE", "locale": "de_DE", "timezone": "Europe/Berlin", "preferredLanguage": "de-DE", "secondEmail": ""})
	o.want(200, "", "POST", "/users", object{"profile": good})
}

func TestCreateWithGroups(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	one, two := o.group("One"), o.group("Two")
	everyone := ids(t, o.ok("GET", "/groups?q=Everyone", nil))[0]
	o.ok("POST", "/users", object{"profile": person("ada@example.com"), "groupIds": []string{one, two}})
	assert.Equal(t, []string{"One", "Two"}, o.groupsOf("ada@example.com"))
	o.want(404, "E0000007", "POST", "/users", object{"profile": person("b@example.com"), "groupIds": []string{"00g00000000000000000"}})
	o.want(403, "E0000006", "POST", "/users", object{"profile": person("b@example.com"), "groupIds": []string{everyone}})
	o.want(400, "E0000093", "POST", "/users", object{"profile": person("b@example.com"), "groupIds": slices.Repeat([]string{one}, 21)})
	o.want(404, "E0000007", "GET", "/users/b@example.com", nil)
}

func TestPartialUpdateKeepsAndFullUpdateWipes(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("ada@example.com", object{"department": "Engineering", "city": "London", "title": "Engineer"})
	u := o.ok("POST", "/users/"+id, object{"profile": object{"title": "Manager", "city": nil}}).object(t)
	assert.Equal(t, "Manager", dig(t, u, "profile", "title"))
	assert.Equal(t, "Engineering", dig(t, u, "profile", "department"))
	assert.NotContains(t, u["profile"], "city", "null clears, and unset attributes are not shown")
	assert.Contains(t, u["profile"], "mobilePhone", "but this one always is, as null")

	u = o.ok("PUT", "/users/"+id, object{"profile": person("ada@example.com")}).object(t)
	assert.NotContains(t, u["profile"], "department", "PUT deletes what it does not name")
	o.want(400, "E0000001", "PUT", "/users/"+id, object{"profile": object{"title": "x"}})
	o.want(400, "E0000001", "POST", "/users/"+id, object{"profile": object{"firstName": ""}})

	o.user("bob@example.com")
	g := o.want(400, "E0000001", "POST", "/users/"+id, object{"profile": object{"login": "bob@example.com"}})
	assert.Contains(t, g.causes(), "already exists")
	o.ok("POST", "/users/"+id, object{"profile": object{"login": "countess@example.com"}})
	o.want(404, "E0000007", "GET", "/users/ada@example.com", nil)
	o.ok("GET", "/users/countess@example.com", nil)
}

func TestDeactivatedProfilesCannotBeWritten(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("ada@example.com")
	o.ok("POST", "/users/"+id+"/lifecycle/deactivate", nil)
	o.want(403, "E0000038", "POST", "/users/"+id, object{"profile": object{"title": "x"}})
}

func TestETagFollowsTheProfileAlone(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	id := o.user("ada@example.com")
	tag := func() string { return o.ok("GET", "/users/"+id, nil).header.Get("Etag") }
	first := tag()
	assert.Regexp(t, `^W/"[0-9a-f]{64}"$`, first)
	o.ok("POST", "/users/"+id+"/lifecycle/suspend", nil)
	assert.Equal(t, first, tag(), "a status change does not move it")
	o.ok("POST", "/users/"+id, object{"profile": object{"title": "x"}})
	second := tag()
	assert.NotEqual(t, first, second)

	put := func(match string) int {
		req := o.request("SSWS "+token, "POST", "/users/"+id, object{"profile": object{"title": nil}})
		req.Header.Set("If-Match", match)
		resp, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		return resp.StatusCode
	}
	assert.Equal(t, http.StatusPreconditionFailed, put(first))
	assert.Equal(t, http.StatusBadRequest, put("junk"))
	assert.Equal(t, http.StatusOK, put(second))
	assert.Equal(t, first, tag(), "undone, it is the old value again")
}

func TestCustomAttributes(t *testing.T) {
	t.Parallel()
	o := newOrg(t)
	const schema = "/meta/schemas/user/default"
	property := func(name string, p any) object {
		return object{"definitions": object{"custom": object{"id": "#custom", "type": "object", "properties": object{name: p}}}}
	}
	o.want(400, "E0000001", "POST", "/users", object{"profile": object{"login": "a@example.com", "badge": "1"}})
	o.ok("POST", schema, property("badge", object{"title": "Badge", "type": "string", "unique": "UNIQUE_VALIDATED", "maxLength": 4}))
	o.ok("POST", schema, property("clearances", object{"title": "Clearances", "type": "array", "items": object{"type": "string"}}))
	got := o.ok("GET", schema, nil).object(t)
	assert.Contains(t, dig(t, got, "definitions", "custom", "properties"), "badge")
	assert.Contains(t, dig(t, got, "definitions", "base", "properties"), "managerId")

	o.user("a@example.com", object{"badge": "A1", "clearances": []string{"red", "blue"}})
	dup := person("b@example.com")
	dup["badge"] = "A1"
	g := o.want(400, "E0000001", "POST", "/users", object{"profile": dup})
	assert.Equal(t, "badge: An object with this field already exists in the current organization", g.causes())
	dup["badge"] = "TOO-LONG"
	o.want(400, "E0000001", "POST", "/users", object{"profile": dup})
	assert.Equal(t, []string{"a@example.com"}, logins(t, o.ok("GET", "/users?search="+escape(`profile.clearances eq "BLUE"`), nil)), "arrays match by element")

	o.ok("POST", schema, property("badge", nil))
	g = o.want(400, "E0000001", "POST", schema, property("badge", object{"title": "Badge", "type": "string"}))
	assert.Contains(t, g.causes(), "the deletion process for an attribute with the same variable name is incomplete")
	o.sim.Advance(31e9)
	o.ok("POST", schema, property("badge", object{"title": "Badge", "type": "string"}))
}
