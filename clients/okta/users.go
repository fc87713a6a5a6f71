package okta

import (
	"context"
	"net/http"
	"slices"
	"strings"

	sdk "github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/query"
)

const userPage = 200 // default and most (okta-api.md §3.6)

// GetUser reads one person by id, by login, or by a short login that is unambiguous. It is the freshest read there is.
func (c *Client) GetUser(ctx context.Context, idOrLogin string) (User, error) {
	var user User
	err := c.exchange(ctx, newCall("GetUser", http.MethodGet, "/api/v1/users/{id}", idOrLogin), nil, &user)
	return user, err
}

// Me reads the person whose API token we use. An OAuth service app is nobody: Okta refuses.
func (c *Client) Me(ctx context.Context) (User, error) {
	var user User
	err := c.exchange(ctx, newCall("Me", http.MethodGet, "/api/v1/users/{id}", "me"), nil, &user)
	return user, err
}

// UserSearch asks for one page of people.
type UserSearch struct {
	// Expression in Okta's search language, built with Eq and Quote. Empty means everybody, deactivated people included.
	// Searches lag behind writes, mostly by less than a second, without a bound (okta-api.md §3.6).
	Expression string
	Limit      int    // 0 means 200, the most
	After      string // Page.Next of the page before
}

// SearchUsers reads one page of the people that an expression finds, whatever their status.
func (c *Client) SearchUsers(ctx context.Context, s UserSearch) (Page[User], error) {
	if s.Expression == "" {
		s.Expression = "status pr" // a plain list hides deactivated people (okta-api.md §10.4)
	}
	if s.Limit == 0 {
		s.Limit = userPage
	}
	call := newCall("SearchUsers", http.MethodGet, "/api/v1/users").with("search", s.Expression).hiding(quoted(s.Expression)...)
	return list[User](ctx, c, call, s.Limit, s.After)
}

// quoted lists the strings of an expression: they may be personal.
func quoted(expression string) []string {
	var values []string
	for i, part := range strings.Split(expression, `"`) {
		if i%2 == 1 {
			values = append(values, part)
		}
	}
	return values
}

// FindUsersByEmail finds everybody, deactivated people included, whose e-mail address or login is the given one, upper
// and lower case alike. It may miss somebody who was made or changed a moment ago.
func (c *Client) FindUsersByEmail(ctx context.Context, email string) ([]User, error) {
	if email == "" {
		return nil, newCall("FindUsersByEmail", http.MethodGet, "/api/v1/users").fail(Invalid, "the e-mail address is empty")
	}
	found, err := Collect(func(after string) (Page[User], error) {
		call := newCall("FindUsersByEmail", http.MethodGet, "/api/v1/users").hiding(email).
			with("search", Eq("profile.email", email)+" or "+Eq("profile.login", email))
		return list[User](ctx, c, call, userPage, after)
	})
	if err != nil {
		return nil, err
	}
	// Nobody else must be taken for the person, whatever the server's idea of equality is.
	return slices.DeleteFunc(found, func(u User) bool {
		return !strings.EqualFold(u.Email(), email) && !strings.EqualFold(u.Login(), email)
	}), nil
}

// UpdateProfile changes the named attributes only; nil clears one. It answers with the whole account. Attributes that
// another system masters are refused (MasteredElsewhere).
func (c *Client) UpdateProfile(ctx context.Context, id string, attributes map[string]any) (User, error) {
	call := newCall("UpdateProfile", http.MethodPost, "/api/v1/users/{id}", id).hiding(texts(attributes)...)
	if len(attributes) == 0 {
		return User{}, call.fail(Invalid, "no attribute is named")
	}
	profile := sdk.UserProfile(attributes)
	var user User
	// POST is the partial update. The SDK's UpdateUser is a PUT, which clears every attribute it does not name.
	err := c.exchange(ctx, call, sdk.User{Profile: &profile}, &user)
	return user, err
}

// texts lists the text values of a profile: they may be personal.
func texts(profile map[string]any) []string {
	var values []string
	for _, v := range profile {
		if s, ok := v.(string); ok {
			values = append(values, s)
		}
	}
	return values
}

// NewUser is a person to be made.
type NewUser struct {
	Profile  map[string]any // needs login, email, firstName, lastName
	GroupIDs []string       // memberships from the start
	TypeID   string         // user type; empty means the default
	// Activate makes the account usable at once, and Okta mails the person. Without it the status is STAGED and no mail
	// goes out; Activate follows later.
	Activate bool
}

// CreateUser makes an account. A login that exists, even on a deactivated account, is refused (IsAlreadyExists). After
// an Ambiguous failure look the login up first.
func (c *Client) CreateUser(ctx context.Context, n NewUser) (User, error) {
	call := newCall("CreateUser", http.MethodPost, "/api/v1/users").hiding(texts(n.Profile)...)
	call.query = map[string][]string{"activate": {boolText(n.Activate)}}
	profile := sdk.UserProfile(n.Profile)
	request := sdk.CreateUserRequest{Profile: &profile, GroupIds: n.GroupIDs}
	if n.TypeID != "" {
		request.Type = &sdk.UserType{Id: n.TypeID}
	}
	var user User
	err := c.exchange(ctx, call, request, &user)
	return user, err
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

// ListUserGroups reads all groups of a person: the group Everyone, rule-managed and imported ones included.
func (c *Client) ListUserGroups(ctx context.Context, userID string) ([]Group, error) {
	return Collect(func(after string) (Page[Group], error) {
		// The SDK's method takes no parameters; its pages hold 200 by themselves (okta-api.md §4).
		return listVia[groupWire](ctx, c, newCall("ListUserGroups", http.MethodGet, "/api/v1/users/{id}/groups", userID), 0, after)
	})
}

// ListAppLinks reads the tiles of a person's dashboard.
func (c *Client) ListAppLinks(ctx context.Context, userID string) ([]AppLink, error) {
	var links []AppLink
	err := c.exchange(ctx, newCall("ListAppLinks", http.MethodGet, "/api/v1/users/{id}/appLinks", userID), nil, &links)
	return links, err
}

// ClearSessions ends the person's sessions at Okta; it is not an error if there are none. oauthTokens revokes OAuth
// refresh and access tokens too. forgetDevices makes remembered devices ask for a factor again. Sessions inside apps
// live on. Do it before deactivation (okta-api.md §5.1).
func (c *Client) ClearSessions(ctx context.Context, userID string, oauthTokens, forgetDevices bool) error {
	call := newCall("ClearSessions", http.MethodDelete, "/api/v1/users/{id}/sessions", userID).
		with("oauthTokens", boolText(oauthTokens)).
		with("forgetDevices", boolText(forgetDevices)) // the SDK has no field for it
	return c.exchange(ctx, call, nil, nil)
}

// ListFactors reads the person's authenticators: those that the enrolment policy shows to a caller from our network.
func (c *Client) ListFactors(ctx context.Context, userID string) ([]Factor, error) {
	var factors []Factor
	err := c.exchange(ctx, newCall("ListFactors", http.MethodGet, "/api/v1/users/{id}/factors", userID), nil, &factors)
	return factors, err
}

// DeleteFactor removes one authenticator. Removing Okta Verify's push removes its siblings too. It is not possible on a
// deactivated account.
func (c *Client) DeleteFactor(ctx context.Context, userID, factorID string) error {
	call := newCall("DeleteFactor", http.MethodDelete, "/api/v1/users/{id}/factors/{id}", userID, factorID)
	return c.run(ctx, call, func(ctx context.Context) error {
		_, err := c.sdk.UserFactor.DeleteFactor(ctx, call.args[0], call.args[1])
		return err
	})
}

// ListAdminRoles reads the admin roles a person holds, those that come with a group included.
func (c *Client) ListAdminRoles(ctx context.Context, userID string) ([]Role, error) {
	var roles []Role
	err := c.exchange(ctx, newCall("ListAdminRoles", http.MethodGet, "/api/v1/users/{id}/roles", userID), nil, &roles)
	return roles, err
}

// RevokeAdminRole takes a directly assigned admin role from a person. roleID is Role.ID.
func (c *Client) RevokeAdminRole(ctx context.Context, userID, roleID string) error {
	call := newCall("RevokeAdminRole", http.MethodDelete, "/api/v1/users/{id}/roles/{id}", userID, roleID)
	return c.run(ctx, call, func(ctx context.Context) error {
		_, err := c.sdk.User.RemoveRoleFromUser(ctx, call.args[0], call.args[1])
		return err
	})
}

// assigneePage is one page of GET /iam/assignees/users, the only list whose next link stands in the body.
type assigneePage struct {
	Value []AdminAssignee `json:"value"`
	Links struct {
		Next struct {
			Href string `json:"href"`
		} `json:"next"`
	} `json:"_links"`
}

// ListAdminAssignees reads all people who hold an admin role.
// https://developer.okta.com/docs/api/openapi/okta-management/management/tag/RoleAssignmentAUser/
func (c *Client) ListAdminAssignees(ctx context.Context) ([]AdminAssignee, error) {
	return Collect(func(after string) (Page[AdminAssignee], error) {
		call := newCall("ListAdminAssignees", http.MethodGet, "/api/v1/iam/assignees/users")
		call.page(100, after)
		var page assigneePage
		if err := c.exchange(ctx, call, nil, &page); err != nil {
			return Page[AdminAssignee]{}, err
		}
		next := localTarget(page.Links.Next.Href)
		if next == "" {
			next = call.next
		}
		if next != "" && next == call.target() {
			return Page[AdminAssignee]{}, call.endless()
		}
		return Page[AdminAssignee]{Items: page.Value, Next: next}, nil
	})
}

// mail is the query that says whether Okta mails the person. It is always sent, because the defaults differ from
// endpoint to endpoint (okta-api.md §10.16).
func mail(send bool) *query.Params { return query.NewQueryParams(query.WithSendEmail(send)) }

// ListUsers reads one page of all people who are not deactivated, in the order of their ids (okta-api.md §3.6): the
// cheapest way to read everybody who may hold access. It lags behind writes as searches do.
func (c *Client) ListUsers(ctx context.Context, p PageRequest) (Page[User], error) {
	return list[User](ctx, c, newCall("ListUsers", http.MethodGet, "/api/v1/users"), orDefault(p.Limit, userPage), p.After)
}
