package demo

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

// noa is a newcomer whom nobody knows yet.
const noa = "noa.lindqvist@acme.example"

// peopleStories are joiners and movers. Ada has left by then, and comes back.
func (s *stage) peopleStories() []story {
	return []story{
		{
			title: "Noa joins in two weeks; the account is made ahead and opens on the day", about: noa,
			ask: s.joiner("Noa", "Lindqvist", "Software Engineer", "Engineering", time.Now().AddDate(0, 0, 14), nil),
			act: s.madeAheadThenOpened, ends: []casework.End{casework.EndDone}, changes: -1, after: s.joinerWasCheap,
		},
		{
			title: "Ada comes back, to Sales; her account returns and nothing of before", about: acme.Ada,
			ask: s.rehire(acme.Ada, "Ada", "Okonkwo"), act: s.asked1st,
			ends: []casework.End{casework.EndDone, casework.EndResiduals}, changes: -1, after: s.cameBack,
		},
		{
			title: "Felix moves to Marketing; group rules do their part", about: acme.Felix,
			ask: func(ctx context.Context) (int64, string, error) {
				ticket, err := s.Ask(ctx, "Role change", acme.Farah, "", map[string]any{
					"employee_email": acme.Felix, "new_department": "Marketing", "new_title": "Marketing Analyst",
					"effective_date": yesterday().Format(time.DateOnly),
				})
				return ticket, "Role change of " + acme.Felix + ", by " + acme.Farah, err
			},
			act: s.managerApproves(acme.Felix), ends: []casework.End{casework.EndDone, casework.EndResiduals}, changes: -1, after: s.moved,
		},
	}
}

// joiner files an onboarding.
func (s *stage) joiner(first, last, title, department string, day time.Time, more map[string]any) func(context.Context) (int64, string, error) {
	return func(ctx context.Context) (int64, string, error) {
		s.Okta.ResetCounters()
		fields := map[string]any{
			"first_name": first, "last_name": last, "personal_email": strings.ToLower(first) + "@home.example", "job_title": title,
			"department": department, "location": "Berlin", "employment_type": "Employee", "manager_email": acme.Mara,
			"start_date": day.Format(time.DateOnly),
		}
		for name, v := range more {
			fields[name] = v
		}
		ticket, err := s.Ask(ctx, "Employee onboarding", acme.Farah, "", fields)
		return ticket, fmt.Sprintf("Employee onboarding of %s %s, by %s", first, last, acme.Farah), err
	}
}

// rehire files an onboarding of somebody who was here before, with the number HR has in its files.
func (s *stage) rehire(login, first, last string) func(context.Context) (int64, string, error) {
	return func(ctx context.Context) (int64, string, error) {
		user, ok := s.Okta.User(login)
		if !ok {
			return 0, "", fmt.Errorf("nobody in Okta is %s", login)
		}
		number, _ := user.Profile["employeeNumber"].(string)
		return s.joiner(first, last, "Account Executive", "Sales", yesterday(), map[string]any{"employee_number": number})(ctx)
	}
}

// madeAheadThenOpened looks at the staged account and lets an operator bring the first day forward to a few seconds.
func (s *stage) madeAheadThenOpened(ctx context.Context, ticket int64) error {
	if err := s.asked1st(ctx, ticket); err != nil {
		return err
	}
	if _, err := s.WaitState(ctx, ticket, casework.StateWaitingDate); err != nil {
		return err
	}
	user, ok := s.Okta.User(noa)
	if !ok || user.Status != "STAGED" {
		return fmt.Errorf("the account is not there, staged, before the first day: %s", user.Status)
	}
	s.step("made", "%s, staged, in %s; nobody can sign in", noa, strings.Join(groups(user), ", "))
	soon := time.Now().Add(4 * time.Second)
	_, err := s.Command(ctx, ticket, contract.UpdateReschedule, contract.RescheduleCommand{
		Operator: contract.Operator{By: "demo", Reason: "the first day is in a few seconds"}, At: soon,
	})
	s.step("waits", "for the first day, in four seconds")
	return err
}

// asked1st lets everybody who is asked at the first level approve.
func (s *stage) asked1st(ctx context.Context, ticket int64) error {
	status, err := s.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	if err != nil {
		return err
	}
	for _, g := range status.Case.Units[0].Chain.Levels[0].Groups {
		if err := s.approvals(g.Approvers[0].Email)(ctx, ticket); err != nil {
			return err
		}
	}
	return nil
}

// joinerWasCheap counts the calls that a joiner cost, and refuses more than two writes and any call to Okta's apps.
func (s *stage) joinerWasCheap(context.Context, int64, int) error {
	reads, writes, apps := 0, 0, 0
	for _, c := range s.Okta.Counters() {
		switch {
		case strings.Contains(c.Path, "/apps"):
			apps += c.Calls
		case c.Method == http.MethodGet:
			reads += c.Calls
		default:
			writes += c.Calls
		}
	}
	if writes > 2 || apps > 0 {
		return fmt.Errorf("the joiner cost %d writes and %d calls to the apps endpoints; 2 and 0 are enough", writes, apps)
	}
	s.step("counted", "%d writes (create with groups, activate), %d reads, no call to Okta's apps endpoints", writes, reads)
	return nil
}

// cameBack looks at the account of somebody who was here before.
func (s *stage) cameBack(context.Context, int64, int) error {
	user, _ := s.Okta.User(acme.Ada)
	if user.Status != "PROVISIONED" && user.Status != "ACTIVE" {
		return fmt.Errorf("the account is %s", user.Status)
	}
	if has := groups(user); !slices.Contains(has, "Sales Department") || slices.Contains(has, "IT Department") {
		return fmt.Errorf("the account is in %v", has)
	}
	s.step("back", "the same account, %s, in %s", user.Status, strings.Join(groups(user), ", "))
	return nil
}

// moved looks at what group rules did, and that nobody was struck off one.
func (s *stage) moved(context.Context, int64, int) error {
	user, _ := s.Okta.User(acme.Felix)
	if has := groups(user); !slices.Contains(has, "Marketing Department") || !slices.Contains(has, "Data Analysts") {
		return fmt.Errorf("the account is in %v", has)
	}
	for _, rule := range []string{"Department Sales", "Department Marketing"} {
		if slices.Contains(s.Okta.RuleExclusions(rule), acme.Felix) {
			return fmt.Errorf("group rule %s passes Felix over from now on", rule)
		}
	}
	s.step("moved", "now in %s; no rule passes him over", strings.Join(groups(user), ", "))
	return nil
}

func groups(user oktasim.UserView) []string {
	names := make([]string, 0, len(user.Groups))
	for _, g := range user.Groups {
		names = append(names, g.Name)
	}
	return names
}
