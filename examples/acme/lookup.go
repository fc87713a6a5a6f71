package acme

// PersonByLogin finds an account by its Okta login.
func (c Company) PersonByLogin(login string) (Person, bool) {
	return find(c.People, func(p Person) bool { return p.Login == login })
}

// PersonByEmail finds an account by its address; where several share it, the first.
func (c Company) PersonByEmail(email string) (Person, bool) {
	return find(c.People, func(p Person) bool { return p.Email == email })
}

// Group finds a group by name.
func (c Company) Group(name string) (Group, bool) {
	return find(c.Groups, func(g Group) bool { return g.Name == name })
}

// App finds an app by label.
func (c Company) App(label string) (App, bool) {
	return find(c.Apps, func(a App) bool { return a.Label == label })
}

// Location finds an office by name.
func (c Company) Location(name string) (Location, bool) {
	return find(c.Locations, func(l Location) bool { return l.Name == name })
}

// Department finds a department by name.
func (c Company) Department(name string) (Department, bool) {
	return find(c.Departments, func(d Department) bool { return d.Name == name })
}

// Managers are the people above somebody, the nearest first. Where the data go in a circle the list stops before it
// comes round; [Company.Validate] tells.
func (c Company) Managers(p Person) []Person {
	var chain []Person
	seen := map[string]bool{p.Email: true}
	for p.ManagerEmail != "" && !seen[p.ManagerEmail] {
		manager, ok := c.PersonByEmail(p.ManagerEmail)
		if !ok {
			break
		}
		seen[manager.Email] = true
		chain = append(chain, manager)
		p = manager
	}
	return chain
}

// DeskPeople are the accounts that Freshservice knows: every agent and every human, one per e-mail address, because
// Freshservice lets an address be one person's only. So the second receptionist at a shared mailbox is missing.
func (c Company) DeskPeople() []Person {
	var people []Person
	seen := make(map[string]bool)
	for _, p := range c.People {
		if (p.Human() || p.Agent) && !seen[p.Email] {
			seen[p.Email] = true
			people = append(people, p)
		}
	}
	return people
}

func find[T any](things []T, is func(T) bool) (T, bool) {
	for _, thing := range things {
		if is(thing) {
			return thing, true
		}
	}
	var none T
	return none, false
}
