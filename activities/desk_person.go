package activities

import (
	"context"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/identity"
	"latchkey/policy"
)

// personByID reads a requester or an agent; false when there is none any more.
func (d *Desk) personByID(ctx context.Context, id int64) (freshservice.Person, bool, error) {
	if id == 0 {
		return freshservice.Person{}, false, nil
	}
	p, err := d.Client.GetPerson(ctx, id)
	if isMissing(err) {
		return freshservice.Person{}, false, nil
	}
	return p, err == nil, err
}

// personByEmail finds the one active person with an address, or the one inactive; false when nobody has it. Several
// active people with one address are Invalid: nobody may guess which of them is meant.
func (d *Desk) personByEmail(ctx context.Context, email string) (freshservice.Person, bool, error) {
	if email == "" {
		return freshservice.Person{}, false, nil
	}
	people, err := d.Client.FindPeopleByEmail(ctx, email)
	if err != nil || len(people) == 0 {
		return freshservice.Person{}, false, err
	}
	var active []freshservice.Person
	for _, p := range people {
		if p.Active {
			active = append(active, p)
		}
	}
	switch len(active) {
	case 0:
		return people[0], true, nil
	case 1:
		return active[0], true, nil
	}
	return freshservice.Person{}, false, problemf(casework.Invalid,
		"%d active people in Freshservice share one e-mail address: merge them in Freshservice, then retry", len(active))
}

// personFacts is what policy may know of somebody on the desk.
func (d *Desk) personFacts(ctx context.Context, p freshservice.Person) (policy.PersonFacts, error) {
	facts := policy.PersonFacts{
		Person: identity.Person{
			DeskID: p.ID, Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Title: p.JobTitle,
			Location: p.LocationName, Attributes: p.CustomFields,
		},
		IsAgent: p.IsAgent,
		Active:  p.Active,
	}
	if zone, ok := p.IANA(); ok {
		facts.Person.TimeZone = zone
	}
	for _, add := range []func(context.Context, freshservice.Person, *policy.PersonFacts) error{
		d.addDepartment, d.addLocation, d.addManager, d.addGroups,
	} {
		if err := add(ctx, p, &facts); err != nil {
			return policy.PersonFacts{}, err
		}
	}
	return facts, nil
}

func (d *Desk) addDepartment(ctx context.Context, p freshservice.Person, facts *policy.PersonFacts) error {
	department, ok, err := d.departmentOf(ctx, p)
	if ok {
		facts.Person.Department = department.Name
	}
	return err
}

// departmentOf is the person's first department, which is the one the desk shows.
func (d *Desk) departmentOf(ctx context.Context, p freshservice.Person) (freshservice.Department, bool, error) {
	if len(p.DepartmentIDs) == 0 {
		return freshservice.Department{}, false, nil
	}
	all, err := d.departmentList(ctx)
	if err != nil {
		return freshservice.Department{}, false, err
	}
	for _, department := range all {
		if department.ID == p.DepartmentIDs[0] {
			return department, true, nil
		}
	}
	return freshservice.Department{}, false, nil
}

func (d *Desk) addLocation(ctx context.Context, p freshservice.Person, facts *policy.PersonFacts) error {
	if p.LocationID == 0 || p.LocationName != "" {
		return nil
	}
	names, err := d.locationNames(ctx)
	facts.Person.Location = names[p.LocationID]
	return err
}

func (d *Desk) addManager(ctx context.Context, p freshservice.Person, facts *policy.PersonFacts) error {
	manager, ok, err := d.personByID(ctx, p.ReportingManagerID)
	if ok {
		facts.Person.ManagerEmail = manager.Email
	}
	return err
}

// addGroups fills agent groups and roles of an agent, and requester groups of a requester.
func (d *Desk) addGroups(ctx context.Context, p freshservice.Person, facts *policy.PersonFacts) error {
	if !p.IsAgent {
		groups, err := d.requesterGroups(ctx, p.ID)
		facts.Groups = groups
		return err
	}
	for _, id := range p.MemberOf {
		name, err := d.groupNameOf(ctx, id)
		if err != nil {
			return err
		}
		if name != "" {
			facts.Groups = append(facts.Groups, name)
		}
	}
	if len(p.Roles) == 0 {
		return nil
	}
	names, err := d.roleNames(ctx)
	for _, r := range p.Roles {
		if name := names[r.RoleID]; name != "" {
			facts.Roles = append(facts.Roles, name)
		}
	}
	return err
}
