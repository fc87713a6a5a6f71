package okta

import (
	"context"
	"net/http"
	"slices"

	sdk "github.com/okta/okta-sdk-golang/v2/okta"
)

const (
	appPage      = 200 // the most (okta-api.md §9)
	appUserPage  = 500 // the most
	appGroupPage = 200 // the most
)

// GetApp reads one app.
func (c *Client) GetApp(ctx context.Context, appID string) (App, error) {
	var app App
	err := c.exchange(ctx, newCall("GetApp", http.MethodGet, "/api/v1/apps/{id}", appID), nil, &app)
	return app, err
}

// FindAppsByLabel finds the apps of exactly this label, upper and lower case apart. Labels are not unique.
func (c *Client) FindAppsByLabel(ctx context.Context, label string) ([]App, error) {
	if label == "" {
		return nil, newCall("FindAppsByLabel", http.MethodGet, "/api/v1/apps").fail(Invalid, "the app's label is empty")
	}
	found, err := Collect(func(after string) (Page[App], error) {
		call := newCall("FindAppsByLabel", http.MethodGet, "/api/v1/apps").with("q", label) // filter knows no label
		return list[App](ctx, c, call, appPage, after)
	})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(found, func(a App) bool { return a.Label != label }), nil
}

// ListApps reads one page of all apps, inactive ones included.
func (c *Client) ListApps(ctx context.Context, p PageRequest) (Page[App], error) {
	return list[App](ctx, c, newCall("ListApps", http.MethodGet, "/api/v1/apps"), orDefault(p.Limit, appPage), p.After)
}

// userAppWire is an app with the assignment of the person who was asked about.
type userAppWire struct {
	App
	Embedded struct {
		User *appUserWire `json:"user"`
	} `json:"_embedded"`
}

// ListUserApps reads all apps of a person, direct and by group, inactive ones included, at one call for 200 apps. It is
// the list to judge access by; each call costs from the scarce bucket of apps.
func (c *Client) ListUserApps(ctx context.Context, userID string) ([]AppAssignment, error) {
	apps, err := Collect(func(after string) (Page[userAppWire], error) {
		call := newCall("ListUserApps", http.MethodGet, "/api/v1/apps")
		escaped, err := segment(userID)
		if err != nil {
			call.err = err
		}
		// The expand works only with this very filter for the same person (okta-api.md §5).
		call.with("filter", Eq("user.id", userID)).with("expand", "user/"+escaped)
		return list[userAppWire](ctx, c, call, appPage, after)
	})
	if err != nil {
		return nil, err
	}
	assignments := make([]AppAssignment, 0, len(apps))
	for _, a := range apps {
		if a.Embedded.User == nil {
			return nil, newCall("ListUserApps", http.MethodGet, "/api/v1/apps").
				fail(Invalid, "Okta listed an app of the person without the assignment")
		}
		user := a.Embedded.User.plain()
		assignments = append(assignments, AppAssignment{
			AppID: a.ID, AppName: a.Name, Label: a.Label, AppStatus: a.Status, Features: a.Features,
			Scope: user.Scope, GroupID: user.GroupID, GroupName: user.GroupName, Status: user.Status,
			SyncState: user.SyncState, UserName: user.UserName, Updated: user.LastUpdated,
		})
	}
	return assignments, nil
}

// GetAppUser reads a person's assignment to an app. NotFound: not assigned.
func (c *Client) GetAppUser(ctx context.Context, appID, userID string) (AppUser, error) {
	var user appUserWire
	err := c.exchange(ctx, newCall("GetAppUser", http.MethodGet, "/api/v1/apps/{id}/users/{id}", appID, userID), nil, &user)
	return user.plain(), err
}

// AssignUser assigns an app to a person directly. One who has it directly keeps it; one who has it by a group gets it
// directly as well. Deactivated and suspended people are refused (NotActive).
func (c *Client) AssignUser(ctx context.Context, appID, userID string) error {
	call := newCall("AssignUser", http.MethodPost, "/api/v1/apps/{id}/users", appID)
	if _, err := segment(userID); err != nil {
		call.err = err
	}
	return c.run(ctx, call, func(ctx context.Context) error {
		_, _, err := c.sdk.Application.AssignUserToApplication(ctx, call.args[0], sdk.AppUser{Id: userID, Scope: string(UserScope)})
		return err
	})
}

// UnassignUser takes a directly assigned app from a person; the app's own attributes are lost and the account there is
// deprovisioned if so configured. If a group grants it, also besides a direct assignment, it is refused
// (GroupsGrantAccess). One who does not have it is NotFound.
func (c *Client) UnassignUser(ctx context.Context, appID, userID string) error {
	call := newCall("UnassignUser", http.MethodDelete, "/api/v1/apps/{id}/users/{id}", appID, userID)
	return c.run(ctx, call, func(ctx context.Context) error {
		_, err := c.sdk.Application.DeleteApplicationUser(ctx, call.args[0], call.args[1], mail(false))
		return err
	})
}

// ListAppUsers reads one page of an app's people, with the scope of each.
func (c *Client) ListAppUsers(ctx context.Context, appID string, p PageRequest) (Page[AppUser], error) {
	call := newCall("ListAppUsers", http.MethodGet, "/api/v1/apps/{id}/users", appID)
	return listVia[appUserWire](ctx, c, call, orDefault(p.Limit, appUserPage), p.After)
}

// ListAppGroups reads all groups an app is assigned to.
func (c *Client) ListAppGroups(ctx context.Context, appID string) ([]AppGroupAssignment, error) {
	return Collect(func(after string) (Page[AppGroupAssignment], error) {
		call := newCall("ListAppGroups", http.MethodGet, "/api/v1/apps/{id}/groups", appID)
		return list[AppGroupAssignment](ctx, c, call, appGroupPage, after)
	})
}

// ListGroupPushMappings reads all groups that an app keeps copies of. Ask only apps whose Features name GROUP_PUSH.
func (c *Client) ListGroupPushMappings(ctx context.Context, appID string) ([]GroupPushMapping, error) {
	return Collect(func(after string) (Page[GroupPushMapping], error) {
		call := newCall("ListGroupPushMappings", http.MethodGet, "/api/v1/apps/{id}/group-push/mappings", appID)
		return list[GroupPushMapping](ctx, c, call, appGroupPage, after)
	})
}
