package freshsim

import (
	"fmt"
	"strings"

	"latchkey/examples/acme"
)

// The agent who owns the key of a fresh account.
const (
	adminFirst = "Ada"
	adminLast  = "Admin"
	adminEmail = "admin@desk.example"
)

// seed fills a fresh database: roles, form, the admin agent with the key, and the company if one was given.
func (s *Server) seed() error {
	d := s.db
	d.epoch = d.clockNow()
	d.seedRoles(d.epoch)
	d.seedFields()
	d.onForm, d.offForm = defaultOnboardingForm(), defaultOffboardingForm()
	admin := d.newPerson(adminFirst, adminLast, adminEmail)
	admin.loggedIn = true
	d.makeAgent(admin, roleAccountAdmin)
	d.putPerson(admin)
	d.keys[s.opts.APIKey] = admin.id
	if s.opts.Seed == nil {
		return nil
	}
	return d.seedCompany(s.opts.Seed)
}

// seedCompany makes the same people, departments and catalogue that the identity provider's side has.
func (d *database) seedCompany(c *acme.Company) error {
	now := d.clockNow()
	places, departments := map[string]*location{}, map[string]*department{}
	for _, l := range c.Locations {
		x := &location{id: d.id(), name: l.Name, city: l.City, country: l.Country, created: now, updated: now}
		places[l.Name] = x
		d.locations.put(x.id, x)
	}
	for _, dep := range c.Departments {
		x := &department{id: d.id(), name: dep.Name, domains: []string{}, created: now, updated: now}
		departments[dep.Name] = x
		d.departments.put(x.id, x)
	}
	zones := map[string]string{}
	for _, l := range c.Locations {
		zones[l.Name] = railsZone(l.TimeZone)
	}
	for _, p := range c.People {
		if d.personByEmail(p.Email) != nil {
			return fmt.Errorf("seed: two people have the address of employee %s", p.EmployeeNumber)
		}
		row := d.newPerson(p.FirstName, p.LastName, p.Email)
		row.title, row.mobile, row.timeZone = p.Title, p.MobilePhone, zones[p.Location]
		if x := departments[p.Department]; x != nil {
			row.departments = []int64{x.id}
		}
		if x := places[p.Location]; x != nil {
			row.location = x.id
		}
		if p.Agent {
			d.makeAgent(row, roleAgent)
		}
		d.putPerson(row)
	}
	for _, p := range c.People {
		if p.ManagerEmail == "" {
			continue
		}
		row, boss := d.personByEmail(p.Email), d.personByEmail(p.ManagerEmail)
		if boss == nil {
			return fmt.Errorf("seed: the manager of employee %s is not among the people", p.EmployeeNumber)
		}
		row.manager = boss.id
		d.touchPerson(row)
	}
	for _, dep := range c.Departments {
		if head := d.personByEmail(dep.HeadEmail); head != nil {
			departments[dep.Name].head = head.id
		}
	}
	if err := d.seedGroups(c); err != nil {
		return err
	}
	d.seedCatalogue(c)
	d.seedForms(c)
	return nil
}

func (d *database) seedGroups(c *acme.Company) error {
	now := d.clockNow()
	for _, g := range c.AgentGroups {
		row := &agentGroup{id: d.id(), workspace: primaryWorkspace, name: g.Name, description: g.Description, autoAssign: false, created: now, updated: now}
		for _, email := range g.Members {
			p := d.personByEmail(email)
			if p == nil || !p.agent {
				return fmt.Errorf("seed: a member of agent group %q is not an agent", g.Name)
			}
			row.members = append(row.members, p.id)
		}
		d.groups.put(row.id, row)
	}
	return nil
}

func (d *database) seedCatalogue(c *acme.Company) {
	now := d.clockNow()
	categories := map[string]int64{}
	for _, item := range c.Items {
		if _, known := categories[item.Category]; !known {
			x := &catalogCategory{id: d.id(), name: item.Category, position: len(categories) + 1, created: now}
			categories[item.Category] = x.id
			d.categories.put(x.id, x)
		}
		x := &catalogItem{
			category: categories[item.Category], workspace: primaryWorkspace, name: item.Name, description: htmlBody(item.Description),
			short: item.Description, visibility: itemPublished, created: now, updated: now,
		}
		for _, f := range item.Fields {
			x.fields = append(x.fields, itemField{name: f.Name, label: f.Label, kind: f.Type, required: f.Required, choices: f.Choices})
		}
		d.addItem(x)
	}
}

// seedForms adds the company's custom ticket fields, two custom statuses and its longer onboarding form.
func (d *database) seedForms(c *acme.Company) {
	for _, f := range c.Forms {
		row := &ticketField{id: d.id(), name: f.Name, label: f.Label, kind: f.Type, requiredForAgents: f.Required}
		for i, v := range f.Choices {
			row.choices = append(row.choices, choice{id: int64(i + 1), value: v})
		}
		d.fields = append(d.fields, row)
	}
	status := d.field("status")
	status.choices = append(status.choices, choice{id: 6, value: "Awaiting Approval"}, choice{id: 7, value: "Approved"})
	d.onForm = append(d.onForm,
		formField{name: "cf_reporting_manager", label: "Reporting Manager", kind: "custom_lookup_bigint", source: lookupUsers},
		formField{name: "cf_employee_email", label: "Work Email", kind: "custom_text"},
		formField{name: "cf_personal_email", label: "Personal Email", kind: "custom_text"},
	)
}

// railsZone turns an IANA zone into the Rails name that the vendor uses (reference §8.5): its city where the table does
// not know it, UTC for an empty one.
func railsZone(iana string) string {
	names := map[string]string{
		"America/New_York": "Eastern Time (US & Canada)", "America/Chicago": "Central Time (US & Canada)",
		"America/Denver": "Mountain Time (US & Canada)", "America/Los_Angeles": "Pacific Time (US & Canada)", "Europe/London": "London",
		"Europe/Dublin": "Dublin", "Europe/Berlin": "Berlin", "Europe/Paris": "Paris", "Europe/Madrid": "Madrid", "Europe/Amsterdam": "Amsterdam",
		"Europe/Vienna": "Vienna", "Europe/Warsaw": "Warsaw", "Asia/Kolkata": "Chennai", "Asia/Singapore": "Singapore", "Asia/Tokyo": "Tokyo",
		"Australia/Sydney": "Sydney", "America/Sao_Paulo": "Brasilia", "America/Toronto": "Eastern Time (US & Canada)",
	}
	if n, ok := names[iana]; ok {
		return n
	}
	if _, city, ok := strings.Cut(iana, "/"); ok && city != "" {
		return strings.ReplaceAll(city, "_", " ")
	}
	return "UTC"
}
