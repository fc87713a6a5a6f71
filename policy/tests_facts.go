package policy

import (
	"fmt"
	"math"
	"time"

	"latchkey/casework"
	"latchkey/identity"
)

// The facts of a test case. What a case leaves out is empty, as it is for a ticket that does not say.

func (v value) ticketFacts() TicketFacts {
	f := TicketFacts{ID: 1, Type: "Service Request", Status: 2, StatusName: "Open", Source: 2, Priority: 2}
	dict := func(into *map[string]any) func(value) { return func(v value) { *into = v.dict() } }
	text := func(into *string) func(value) { return func(v value) { *into = v.text() } }
	number := func(into *int) func(value) { return func(v value) { *into = v.whole(0, math.MaxInt) } }
	v.object("ticket", keys{
		"id": func(v value) { f.ID = int64(v.whole(1, math.MaxInt)) }, "subject": text(&f.Subject), "text": text(&f.Text),
		"type": text(&f.Type), "status": number(&f.Status), "status_name": text(&f.StatusName), "source": number(&f.Source),
		"priority": number(&f.Priority), "category": text(&f.Category), "group": text(&f.Group),
		"tags": func(v value) { f.Tags = v.texts("tags") }, "custom": dict(&f.Custom), "onboarding": dict(&f.Onboarding),
		"offboarding": dict(&f.Offboarding), "created_at": func(v value) { f.CreatedAt = v.instant() },
		"updated_at": func(v value) { f.UpdatedAt = v.instant() }, "approval": text(&f.Approval),
		"items": func(v value) {
			for n, one := range v.items("items") {
				i := ItemFacts{ID: int64(n + 1), Quantity: 1}
				one.object("a requested item", keys{
					"id":      func(v value) { i.ID = int64(v.whole(1, math.MaxInt)) },
					"item_id": func(v value) { i.ItemID = int64(v.whole(1, math.MaxInt)) }, "name": text(&i.Name),
					"quantity": number(&i.Quantity), "fields": dict(&i.Fields),
				}, "name")
				f.Items = append(f.Items, i)
			}
		},
	})
	return f
}

func (v value) dict() map[string]any {
	m := map[string]any{}
	for _, e := range v.entries("a mapping") {
		m[e.key] = e.value.free(e.key)
	}
	return m
}

func (v value) personFacts(what string) PersonFacts {
	f := PersonFacts{Active: true}
	text := func(into *string) func(value) { return func(v value) { *into = v.text() } }
	p := &f.Person
	v.object(what, keys{
		"okta_user_id": text(&p.OktaUserID), "status": func(v value) { p.Status = identity.UserStatus(v.text()) },
		"login": text(&p.Login), "email": text(&p.Email), "first_name": text(&p.FirstName), "last_name": text(&p.LastName),
		"title": text(&p.Title), "department": text(&p.Department), "location": text(&p.Location),
		"second_email": text(&p.SecondEmail), "employee_number": text(&p.EmployeeNumber), "manager_email": text(&p.ManagerEmail),
		"time_zone":  func(v value) { p.TimeZone = v.zone() },
		"attributes": func(v value) { p.Attributes = v.dict() },
		"groups":     func(v value) { f.Groups = v.texts("groups") }, "roles": func(v value) { f.Roles = v.texts("roles") },
		"is_agent": func(v value) { f.IsAgent = v.flag() }, "active": func(v value) { f.Active = v.flag() },
	})
	return f
}

func (v value) grantFacts() identity.Grant {
	g := identity.Grant{Origin: identity.OriginDirect}
	object := func(kind identity.Kind) func(value) {
		return func(v value) { g.Entitlement = loadEntitlement(v, kind) }
	}
	v.object("grant", keys{
		"group": object(identity.KindGroup), "app": object(identity.KindApp), "role": object(identity.KindRole),
		"origin": func(v value) { g.Origin = identity.Origin(v.text()) },
	})
	return g
}

// testNow is the moment of a case that names none.
func testNow() time.Time { return time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC) }

func itemWords(items []casework.Item) []string {
	var list []string
	for _, i := range items {
		words := orNone(i.Catalogue) + " for " + i.Beneficiary
		if i.Days > 0 {
			words += fmt.Sprintf(", %g days", i.Days)
		}
		if i.From != "" {
			words += ", from " + i.From
		}
		if i.Until != "" {
			words += ", until " + i.Until
		}
		list = append(list, words)
	}
	return list
}
