package demo

import (
	"context"
	"fmt"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
)

// tellSync has somebody's profile change on both sides: each value crosses to the other side once, and comes back never.
func (s *stage) tellSync(ctx context.Context, n int) told {
	out := told{title: "Clara changes on both sides, and both sides agree again"}
	s.say("%2d  %s", n, out.title)
	mark := s.Mark()
	if out.err = s.syncBothWays(ctx); out.err == nil {
		out.end = casework.EndDone
	}
	if changes, err := s.Changes(acme.Clara, mark); err == nil {
		if out.changes = len(changes); out.err == nil && len(changes) != 1 {
			out.err = fmt.Errorf("in Okta there are %v; there should be one change", changes)
		}
	}
	if out.err != nil {
		s.say("   ✗ %v", out.err)
	}
	s.say("")
	return out
}

func (s *stage) syncBothWays(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, storyTime)
	defer cancel()
	const title, phone = "Senior Account Executive", "+1 212 555 0177"
	if err := s.SetProfile(ctx, acme.Clara, map[string]any{"title": title}); err != nil {
		return err
	}
	s.step("changed", "her title, in Okta, by an administrator")
	number := phone
	if _, err := s.SetDeskPerson(ctx, acme.Clara, freshservice.PersonInput{MobilePhone: &number}); err != nil {
		return err
	}
	s.step("changed", "her mobile number, on the desk, by an agent")
	s.progress("waiting for her profiles to be compared")
	result, err := s.Sync(ctx, acme.Clara)
	if err != nil {
		return err
	}
	for _, line := range result.Lines {
		s.step("synced", "%s, owned by %s: %s", line.Attribute, line.Owner, line.Kind)
	}
	if result.End != contract.SyncWritten {
		return fmt.Errorf("the sync ended as %q: %s", result.End, result.Why)
	}
	user, _ := s.Okta.User(acme.Clara)
	person, err := s.DeskPerson(ctx, acme.Clara)
	if err != nil {
		return err
	}
	if user.Profile["mobilePhone"] != phone || person.JobTitle != title {
		return fmt.Errorf("the number in Okta is %v and the title on the desk %q", user.Profile["mobilePhone"], person.JobTitle)
	}
	if result, err = s.Sync(ctx, acme.Clara); err != nil {
		return err
	}
	if result.End != contract.SyncAlike {
		return fmt.Errorf("a second look ended as %q: %s", result.End, result.Why)
	}
	s.step("again", "a second look finds both sides alike, and writes nothing")
	return nil
}
