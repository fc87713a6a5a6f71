package acme

// OktaProfile is the account's profile at Okta, by Okta's attribute names; what is empty is left out, as Okta's answers
// do with optional attributes that are unset. Acme's conventions: department, title and city drive the group rules,
// timezone is the office's IANA zone, managerId is the manager's login and manager the manager's name.
func (c Company) OktaProfile(p Person) map[string]string {
	profile := map[string]string{
		"login":          p.Login,
		"email":          p.Email,
		"firstName":      p.FirstName,
		"lastName":       p.LastName,
		"displayName":    p.DisplayName(),
		"title":          p.Title,
		"department":     p.Department,
		"employeeNumber": p.EmployeeNumber,
		"userType":       p.UserType,
		"mobilePhone":    p.MobilePhone,
		"organization":   c.Name,
	}
	if office, ok := c.Location(p.Location); ok {
		profile["city"] = office.City
		profile["countryCode"] = office.Country
		profile["timezone"] = office.TimeZone
	}
	if manager, ok := c.PersonByEmail(p.ManagerEmail); ok {
		profile["managerId"] = manager.Login
		profile["manager"] = manager.DisplayName()
	}
	for name, value := range profile {
		if value == "" {
			delete(profile, name)
		}
	}
	return profile
}

// DisplayName is the first and the last name.
func (p Person) DisplayName() string { return p.FirstName + " " + p.LastName }
