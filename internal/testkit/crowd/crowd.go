// Package crowd is a company of thousands in both simulators, for measuring: nobody in it has a story.
package crowd

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"

	"latchkey/examples/acme"
	"latchkey/simulators/freshservice/freshsim"
	"latchkey/simulators/okta/oktasim"
)

// The shape of a crowd, beside its people.
const (
	departments = 20
	projects    = 200
	apps        = 50
	// staffApps are granted through the group that everybody is in, projectApps through one department and one project
	// each; the others are assigned directly, one a person.
	staffApps, projectApps = 3, 37
)

// Names that a caller may look up.
const (
	StaffGroup = "Staff"  // everybody is in it, directly
	StaffApp   = "App 00" // everybody has it, by StaffGroup
)

// Email is the address, and the Okta login, of the nth person; the first is 0.
func Email(n int) string { return fmt.Sprintf("person%05d@crowd.example", n) }

// Company makes a company of so many people. Each is in three Okta groups, one of them by rule, and has about six apps.
func Company(people int) *acme.Company {
	co := &acme.Company{
		Name: "Crowd", Domain: "crowd.example",
		Locations: []acme.Location{{Name: "London", TimeZone: "Europe/London", DeskTimeZone: "London"}},
	}
	for i := range departments {
		name := department(i)
		co.Departments = append(co.Departments, acme.Department{Name: name})
		co.Groups = append(co.Groups, acme.Group{Name: name})
		co.Rules = append(co.Rules, acme.GroupRule{Name: name, Expression: fmt.Sprintf("user.department==%q", name), Groups: []string{name}})
	}
	for i := range projects {
		co.Groups = append(co.Groups, acme.Group{Name: project(i)})
	}
	co.Groups = append(co.Groups, acme.Group{Name: StaffGroup})
	for i := range apps {
		app := acme.App{Label: fmt.Sprintf("App %02d", i), Name: "bookmark"}
		switch {
		case i < staffApps:
			app.Groups = []string{StaffGroup}
		case i < staffApps+projectApps:
			app.Groups = []string{department(i % departments), project(i)}
		}
		co.Apps = append(co.Apps, app)
	}
	direct := apps - staffApps - projectApps
	for i := range people {
		co.People = append(co.People, acme.Person{
			FirstName: "Person", LastName: fmt.Sprintf("Number%05d", i), Email: Email(i), Login: Email(i), EmployeeNumber: fmt.Sprint(i),
			Department: department(i % departments), Location: "London", UserType: acme.UserTypeEmployee, Status: "ACTIVE",
			Groups: []string{StaffGroup, project(i % projects)}, Apps: []string{fmt.Sprintf("App %02d", staffApps+projectApps+i%direct)},
		})
	}
	return co
}

func department(i int) string { return fmt.Sprintf("Department %02d", i) }

func project(i int) string { return fmt.Sprintf("Project %03d", i) }

// Crowd is both simulators, served on loopback, full of people. Close it.
type Crowd struct {
	Okta  *oktasim.Server
	Desk  *freshsim.Server
	token string // of Okta
	key   string // of the desk

	servers [2]*httptest.Server
}

// Start fills both simulators and serves them.
func Start(people int) (*Crowd, error) {
	c := &Crowd{token: "00" + rand.Text(), key: rand.Text()}
	company := Company(people)
	var err error
	if c.Okta, err = oktasim.New(oktasim.Options{Token: c.token, Seed: company}); err != nil {
		return nil, err
	}
	if c.Desk, err = freshsim.New(freshsim.Options{APIKey: c.key, Seed: company}); err != nil {
		c.Okta.Close()
		return nil, err
	}
	c.servers = [2]*httptest.Server{httptest.NewServer(c.Okta.Handler()), httptest.NewServer(c.Desk.Handler())}
	return c, nil
}

// OktaGet is a request for a path below /api/v1.
func (c *Crowd) OktaGet(path string) (*http.Request, error) {
	return c.get(c.servers[0].URL+"/api/v1"+path, func(r *http.Request) { r.Header.Set("Authorization", "SSWS "+c.token) })
}

// DeskGet is a request for a path below /api/v2.
func (c *Crowd) DeskGet(path string) (*http.Request, error) {
	return c.get(c.servers[1].URL+"/api/v2"+path, func(r *http.Request) { r.SetBasicAuth(c.key, "X") })
}

func (c *Crowd) get(url string, sign func(*http.Request)) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodGet, url, http.NoBody) //nolint:noctx // the caller gives it one with WithContext
	if err != nil {
		return nil, err
	}
	sign(r)
	return r, nil
}

// Close stops both.
func (c *Crowd) Close() error {
	for _, s := range c.servers {
		s.Close()
	}
	c.Okta.Close()
	c.Desk.Close()
	return nil
}

// ErrNobody is returned by Find for a crowd without that person.
var ErrNobody = errors.New("no such person in the crowd")

// Find is the Okta user ID of the nth person.
func (c *Crowd) Find(n int) (string, error) {
	v, ok := c.Okta.User(Email(n))
	if !ok {
		return "", fmt.Errorf("%s: %w", Email(n), ErrNobody)
	}
	return v.ID, nil
}
