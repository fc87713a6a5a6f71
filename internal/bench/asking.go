package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"latchkey/clients/okta"
	"latchkey/examples/acme"
)

// wish is one request that would change something: its person has no such access yet.
type wish struct{ item, by string }

// plainItems are catalogue items of one app each that one manager approves, by the app's label. Their reminders and
// escalation come after days.
func plainItems() []string {
	return []string{"Miro", "Figma", "Datadog", "PagerDuty", "HubSpot", "Greenhouse"}
}

// wishes lists what ordinary people may ask for and do not have: first all for one item, then for the next.
func (f *field) wishes(ctx context.Context) ([]wish, error) {
	c, err := okta.New(okta.Config{OrgURL: f.oktaURL, Token: f.token, AllowPlainHTTP: true})
	if err != nil {
		return nil, err
	}
	people := f.ordinaryPeople()
	var list []wish
	for _, label := range plainItems() {
		apps, err := c.FindAppsByLabel(ctx, label)
		if err != nil {
			return nil, err
		}
		if len(apps) != 1 {
			return nil, fmt.Errorf("there are %d apps called %s in Acme", len(apps), label)
		}
		users, err := okta.Collect(func(after string) (okta.Page[okta.AppUser], error) {
			return c.ListAppUsers(ctx, apps[0].ID, okta.PageRequest{After: after})
		})
		if err != nil {
			return nil, err
		}
		have := map[string]bool{}
		for _, u := range users {
			have[strings.ToLower(u.UserName)] = true
		}
		for _, login := range people {
			if !have[strings.ToLower(login)] {
				list = append(list, wish{label + " access", login})
			}
		}
	}
	return list, nil
}

// grant asks the desk for it.
func (f *field) grant(ctx context.Context, w wish) (int64, error) {
	return f.ask(ctx, w.item, w.by, map[string]any{"business_justification": "my work needs it"})
}

// ordinaryPeople are employees with an account that works, who administer nothing and are nobody's story.
func (f *field) ordinaryPeople() []string {
	var list []string
	for _, p := range f.company.People {
		special := slices.Contains([]string{acme.Farah, acme.Ivo, acme.Reception, acme.ServiceLatchkey, acme.Tariq}, p.Login)
		if p.UserType == acme.UserTypeEmployee && p.Status == "ACTIVE" && p.Email == p.Login && p.ManagerEmail != "" && len(p.AdminRoles) == 0 && !special {
			list = append(list, p.Login)
		}
	}
	return list
}
