package freshsim

import (
	"cmp"
	"fmt"
	"slices"

	"latchkey/examples/acme"
)

// The agent who owns the key of a fresh account.
const (
	adminFirst = "Ada"
	adminLast  = "Admin"
	adminEmail = "admin@desk.example"
)

// seed fills a fresh database: roles, form, the agent with the key, and the company if one was given. In a company the
// key belongs to its service account where that is an agent, otherwise to the admin agent of a fresh account.
func (s *Server) seed() error {
	d := s.db
	d.epoch = d.clockNow()
	d.seedRoles(d.epoch)
	d.seedFields()
	d.onForm, d.offForm = defaultOnboardingForm(), defaultOffboardingForm()
	if s.opts.Seed != nil {
		if err := d.seedCompany(s.opts.Seed); err != nil {
			return err
		}
		if owner := d.personByEmail(acme.ServiceLatchkey); owner != nil && owner.agent {
			d.keys[s.opts.APIKey] = owner.id
			return nil
		}
	}
	admin := d.newPerson(adminFirst, adminLast, adminEmail)
	admin.loggedIn = true
	d.makeAgent(admin, roleAccountAdmin)
	d.putPerson(admin)
	d.keys[s.opts.APIKey] = admin.id
	return nil
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
		x := &department{id: d.id(), name: dep.Name, description: dep.Description, domains: []string{}, created: now, updated: now}
		departments[dep.Name] = x
		d.departments.put(x.id, x)
	}
	people := deskPeople(c)
	d.personForm = append(d.personForm, &ticketField{id: d.id(), name: "employee_number", label: "Employee number", kind: "custom_text"})
	for _, p := range people {
		row := d.newPerson(p.FirstName, p.LastName, p.Email)
		row.title, row.mobile, row.active = p.Title, p.MobilePhone, p.Status != "DEPROVISIONED"
		if p.EmployeeNumber != "" {
			row.custom = map[string]any{"employee_number": p.EmployeeNumber}
		}
		if l, ok := c.Location(p.Location); ok {
			row.timeZone = cmp.Or(l.DeskTimeZone, row.timeZone)
		}
		if x := departments[p.Department]; x != nil {
			row.departments = []int64{x.id}
		}
		if x := places[p.Location]; x != nil {
			row.location = x.id
		}
		if p.Agent {
			d.makeAgent(row, cmp.Or(p.DeskRole, roleAgent))
		}
		d.putPerson(row)
	}
	for _, p := range people {
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

// deskPeople is c.DeskPeople, and in a company made by hand also those whose type is not said.
func deskPeople(c *acme.Company) []acme.Person {
	whole := *c
	whole.People = slices.Clone(c.People)
	for i := range whole.People {
		whole.People[i].UserType = cmp.Or(whole.People[i].UserType, acme.UserTypeEmployee)
	}
	return whole.DeskPeople()
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

// seedForms adds the company's custom ticket fields and statuses and its own onboarding and offboarding forms.
func (d *database) seedForms(c *acme.Company) {
	for _, f := range c.Forms {
		row := &ticketField{
			id: d.id(), name: f.Name, label: f.Label, kind: f.Type, requiredForAgents: f.Required, requiredToClose: f.RequiredForClosure,
		}
		for i, v := range f.Choices {
			row.choices = append(row.choices, choice{id: int64(i + 1), value: v})
		}
		d.fields = append(d.fields, row)
	}
	status := d.field("status")
	for _, s := range c.Statuses {
		status.choices = append(status.choices, choice{id: int64(s.ID), value: s.Name, label: s.RequesterName})
	}
	if len(c.Onboarding) > 0 {
		d.onForm = formOf(c.Onboarding)
	}
	if len(c.Offboarding) > 0 {
		d.offForm = formOf(c.Offboarding)
	}
}

func formOf(all []acme.ItemField) []formField {
	out := make([]formField, 0, len(all))
	for _, f := range all {
		out = append(out, formField{name: f.Name, label: f.Label, kind: f.Type, required: f.Required, choices: f.Choices, source: f.DataSource})
	}
	return out
}
