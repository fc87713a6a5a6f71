package activities

import (
	"context"
	"path"
	"slices"

	"latchkey/clients/okta"
)

func (s *snapshot) users(ctx context.Context) error {
	closed, err := turn(ctx, s, "users", "the list of people", func(r okta.PageRequest) (snapPage[snapUser], error) {
		page, err := s.okta.Client.ListUsers(ctx, r)
		out := snapPage[snapUser]{next: page.Next, items: make([]snapUser, 0, len(page.Items))}
		for _, u := range page.Items {
			if u.Status != okta.Deprovisioned {
				out.items = append(out.items, userLine(u))
			}
		}
		return out, err
	}, func(items []snapUser) { s.place.Users += len(items) })
	if closed {
		s.place.Stage = stageRules
	}
	return err
}

func userLine(u okta.User) snapUser {
	line := snapUser{Person: discreet(personOf(u)), LastLogin: u.LastLogin.UTC(), Begun: u.Created.UTC()}
	if !u.Activated.IsZero() {
		line.Begun = u.Activated.UTC()
	}
	return line
}

func (s *snapshot) rules(ctx context.Context) error {
	closed, err := turn(ctx, s, "rules", "the group rules", func(okta.PageRequest) (snapPage[okta.GroupRule], error) {
		rules, err := s.okta.Client.ListRules(ctx)
		return snapPage[okta.GroupRule]{items: rules}, err
	}, func([]okta.GroupRule) {})
	if closed {
		s.place.Stage = stageGroups
	}
	return err
}

func (s *snapshot) listGroups(ctx context.Context) error {
	closed, err := turn(ctx, s, "groups", "the list of groups", func(r okta.PageRequest) (snapPage[snapGroup], error) {
		page, err := s.okta.Client.ListGroups(ctx, r)
		out := snapPage[snapGroup]{next: page.Next}
		for _, g := range page.Items {
			out.items = append(out.items, snapGroup{ID: g.ID, Name: g.Name, Type: g.Type, Source: g.SourceAppID})
		}
		return out, err
	}, func(items []snapGroup) { s.place.Groups += len(items) })
	if closed {
		s.place.Stage, s.place.At = stageMembers, 0
	}
	return err
}

func (s *snapshot) members(ctx context.Context) error {
	if s.groups == nil {
		var err error
		if s.groups, err = loadSection[snapGroup](ctx, s.okta, s.place, "groups"); err != nil {
			return err
		}
	}
	for s.place.At < len(s.groups) && !s.policy.ReviewsGroup(s.groups[s.place.At].Name) {
		s.place.At++
	}
	if s.place.At >= len(s.groups) {
		s.place.Stage, s.place.At = stageApps, 0
		return nil
	}
	g := s.groups[s.place.At]
	closed, err := turn(ctx, s, path.Join("members", g.ID), "the group "+g.Name, func(r okta.PageRequest) (snapPage[snapMember], error) {
		r.Limit = snapMembers
		page, err := s.okta.Client.ListGroupMembers(ctx, g.ID, r)
		out := snapPage[snapMember]{next: page.Next, items: make([]snapMember, 0, len(page.Items))}
		for _, u := range page.Items {
			if u.Status != okta.Deprovisioned {
				out.items = append(out.items, snapMember{User: u.ID})
			}
		}
		return out, err
	}, func(items []snapMember) { s.place.Grants += len(items) })
	if closed {
		s.place.At++
	}
	return err
}

func (s *snapshot) listApps(ctx context.Context) error {
	closed, err := turn(ctx, s, "apps", "the list of applications", func(r okta.PageRequest) (snapPage[snapApp], error) {
		page, err := s.okta.Client.ListApps(ctx, r)
		out := snapPage[snapApp]{next: page.Next}
		for _, a := range page.Items {
			line := snapApp{ID: a.ID, Label: a.Label, Status: a.Status}
			line.Push = s.policy.Review().Pushes && slices.Contains(a.Features, "GROUP_PUSH")
			out.items = append(out.items, line)
		}
		return out, err
	}, func(items []snapApp) { s.place.Apps += len(items) })
	if closed {
		s.place.Stage, s.place.At = stagePushes, 0
	}
	return err
}

func (s *snapshot) pushes(ctx context.Context) error {
	if err := s.loadApps(ctx); err != nil {
		return err
	}
	for s.place.At < len(s.apps) && !s.apps[s.place.At].Push {
		s.place.At++
	}
	if s.place.At >= len(s.apps) {
		s.place.Stage, s.place.At = stageAppUsers, 0
		return nil
	}
	a := s.apps[s.place.At]
	closed, err := turn(ctx, s, path.Join("pushes", a.ID), "which groups are pushed to "+a.Label, func(okta.PageRequest) (snapPage[snapPush], error) {
		mappings, err := s.okta.Client.ListGroupPushMappings(ctx, a.ID)
		var out snapPage[snapPush]
		for _, m := range mappings {
			if m.Status != "INACTIVE" {
				out.items = append(out.items, snapPush{Group: m.SourceGroupID})
			}
		}
		return out, err
	}, func([]snapPush) {})
	if closed {
		s.place.At++
	}
	return err
}

func (s *snapshot) loadApps(ctx context.Context) (err error) {
	if s.apps == nil {
		s.apps, err = loadSection[snapApp](ctx, s.okta, s.place, "apps")
	}
	return err
}

func (s *snapshot) appUsers(ctx context.Context) error {
	if err := s.loadApps(ctx); err != nil {
		return err
	}
	for s.place.At < len(s.apps) && !s.policy.ReviewsApp(s.apps[s.place.At].Label) {
		s.place.At++
	}
	if s.place.At >= len(s.apps) {
		s.place.Stage = stageManifest
		return nil
	}
	a := s.apps[s.place.At]
	closed, err := turn(ctx, s, path.Join("app_users", a.ID), "the application "+a.Label, func(r okta.PageRequest) (snapPage[snapAppUser], error) {
		page, err := s.okta.Client.ListAppUsers(ctx, a.ID, r)
		out := snapPage[snapAppUser]{next: page.Next, items: make([]snapAppUser, 0, len(page.Items))}
		for _, u := range page.Items {
			out.items = append(out.items, snapAppUser{
				User: u.UserID, Scope: u.Scope, Group: u.GroupID, GroupName: u.GroupName, Status: u.Status, Created: u.Created.UTC(),
			})
		}
		return out, err
	}, func(items []snapAppUser) { s.place.Grants += len(items) })
	if closed {
		s.place.At++
	}
	return err
}
