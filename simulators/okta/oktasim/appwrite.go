package oktasim

import (
	"net/http"
	"strings"
	"time"
)

func getApp(c *call) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	return ok(a.wire(c))
}

type appBody struct {
	Name       string   `json:"name"`
	Label      string   `json:"label"`
	SignOnMode string   `json:"signOnMode"`
	Features   []string `json:"features"`
	Settings   object   `json:"settings"`
	Profile    object   `json:"profile"`
	Visibility object   `json:"visibility"`
}

func (c *call) appBody() (*appBody, error) {
	var body appBody
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if n := len(strings.TrimSpace(body.Label)); n == 0 || n > 100 {
		return nil, invalid("label", "label: The field cannot be left blank or be longer than 100 characters")
	}
	return &body, nil
}

func createApp(c *call) (answer, error) {
	body, err := c.appBody()
	if err != nil {
		return answer{}, err
	}
	if body.Name == "" {
		body.Name = "sim_" + strings.ToLower(strings.Join(strings.Fields(body.Label), "_")) + "_1"
	}
	a := c.s.addApp(c.now, *body)
	if !c.flag("activate", true) {
		c.st.editApp(a.id).status = "INACTIVE"
	}
	c.s.emit(c.by(), "application.lifecycle.create", a.target())
	return ok(c.st.apps[a.id].wire(c))
}

func (s *Server) addApp(now time.Time, body appBody) *app {
	a := &app{
		id: s.st.newID(prefixApp), name: body.Name, label: body.Label, status: "ACTIVE", signOn: body.SignOnMode, features: body.Features,
		settings: body.Settings, profile: body.Profile, visibility: body.Visibility, created: now, lastUpdated: now,
	}
	if a.signOn == "" {
		a.signOn = "BOOKMARK"
	}
	if a.features == nil {
		a.features = []string{}
	}
	if a.settings == nil {
		a.settings = object{
			"app": object{}, "notifications": object{"vpn": object{"network": object{"connection": "DISABLED"}, "message": nil, "helpUrl": nil}},
			"manualProvisioning": false, "implicitAssignment": false, "notes": object{"admin": nil, "enduser": nil},
		}
	}
	if a.visibility == nil {
		a.visibility = object{"autoLaunch": false, "autoSubmitToolbar": false, "hide": object{"iOS": false, "web": false}, "appLinks": object{"login": true}}
	}
	s.st.apps[a.id] = a
	s.st.appIDs.add(a.id)
	return a
}

func replaceApp(c *call) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	body, err := c.appBody()
	if err != nil {
		return answer{}, err
	}
	e := c.st.editApp(a.id)
	e.label, e.lastUpdated = body.Label, c.now
	if body.Settings != nil {
		e.settings = body.Settings
	}
	if body.Visibility != nil {
		e.visibility = body.Visibility
	}
	e.profile = body.Profile
	c.s.emit(c.by(), "application.lifecycle.update", e.target())
	return ok(e.wire(c))
}

// deleteApp needs an inactive app (§5).
func deleteApp(c *call) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	if a.status == "ACTIVE" {
		return answer{}, fail(http.StatusForbidden, "E0000056", "Delete application forbidden.", "The application must be deactivated before deletion.")
	}
	st := c.st
	for _, uid := range st.appUserIDs.copyOf(a.id) {
		st.dropAppUser(appUserKey{a.id, uid})
	}
	for _, gid := range st.appGroupIDs.copyOf(a.id) {
		st.dropAppGroup(appGroupKey{a.id, gid})
	}
	delete(st.pushMappings, a.id)
	delete(st.apps, a.id)
	st.appIDs.remove(a.id)
	c.s.emit(c.by(), "application.lifecycle.delete", a.target())
	return noContent()
}

func activateApp(c *call) (answer, error) {
	return setAppStatus(c, "ACTIVE", "application.lifecycle.activate")
}

func deactivateApp(c *call) (answer, error) {
	return setAppStatus(c, "INACTIVE", "application.lifecycle.deactivate")
}

func setAppStatus(c *call, status, event string) (answer, error) {
	a, err := c.app()
	if err != nil {
		return answer{}, err
	}
	if a.status != status {
		e := c.st.editApp(a.id)
		e.status, e.lastUpdated = status, c.now
		c.s.emit(c.by(), event, e.target())
		if status == "ACTIVE" { // memberships may have changed meanwhile
			c.s.reconcileLater(a.id, nil)
		}
	}
	return emptyObject()
}
