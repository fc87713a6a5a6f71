package acme

import "fmt"

// The shape of the company of Large.
const (
	LargePeople = 10_000
	LargeGroups = 200
	LargeApps   = 50

	LargeAppsEach   = 25 // applications of a person, assigned by name
	LargeGroupsEach = 15 // groups of a person, by name

	largeDepartments = 20
	largeTitles      = 10
	largeTeam        = 10 // people who report to one manager, one of their own department
)

// LargeEmail is the address and the login of the nth person of Large; the first is 0.
func LargeEmail(n int) string { return fmt.Sprintf("person%05d@large.example", n) }

// Large is a company for measuring: 10,000 people with 25 applications each, assigned by name, 200 groups and 50
// applications. Nobody in it has a story.
func Large() *Company {
	co := &Company{
		Name: "Large", Domain: "large.example",
		Locations: []Location{{Name: "London", TimeZone: "Europe/London", DeskTimeZone: "London"}},
	}
	for i := range largeDepartments {
		co.Departments = append(co.Departments, Department{Name: largeDepartment(i)})
	}
	for i := range LargeGroups {
		co.Groups = append(co.Groups, Group{Name: largeGroup(i)})
	}
	for i := range LargeApps {
		co.Apps = append(co.Apps, App{Label: largeApp(i), Name: "bookmark"})
	}
	for i := range LargePeople {
		p := Person{
			FirstName: "Person", LastName: fmt.Sprintf("Number%05d", i), Email: LargeEmail(i), Login: LargeEmail(i), EmployeeNumber: fmt.Sprint(i),
			Title: fmt.Sprintf("Title %d", i/largeDepartments%largeTitles), Department: largeDepartment(i % largeDepartments), Location: "London",
			UserType: UserTypeEmployee, Status: "ACTIVE", ManagerEmail: LargeEmail(largeManager(i)),
		}
		for n := range LargeGroupsEach {
			p.Groups = append(p.Groups, largeGroup((i*7+n*13)%LargeGroups))
		}
		for n := range LargeAppsEach {
			p.Apps = append(p.Apps, largeApp((i+n*3)%LargeApps))
		}
		co.People = append(co.People, p)
	}
	return co
}

// largeManager is somebody's manager: a person of the same department; each manager's own is the next manager.
func largeManager(i int) int {
	department, rank := i%largeDepartments, i/largeDepartments
	lead := rank / largeTeam * largeTeam
	if rank == lead {
		lead = (rank + largeTeam) % (LargePeople / largeDepartments)
	}
	return lead*largeDepartments + department
}

func largeDepartment(i int) string { return fmt.Sprintf("Department %02d", i) }

func largeGroup(i int) string { return fmt.Sprintf("Group %03d", i) }

func largeApp(i int) string { return fmt.Sprintf("Application %02d", i) }
