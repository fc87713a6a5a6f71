package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/simulators/freshservice/freshsim"
	"latchkey/simulators/okta/oktasim"
)

// tellAll tells every story. The one that has to wait for its expiry is asked first and looked at last.
func (s *stage) tellAll(ctx context.Context) []told {
	if err := s.deskOwnChain(); err != nil {
		return []told{{title: "the desk's own approvals", err: err}}
	}
	patient := s.expired()
	mark := s.Mark()
	s.say(" 1  %s", patient.title)
	waiting := told{title: patient.title}
	waiting.ticket, waiting.err = s.asked(ctx, patient)
	s.say("   … nobody answers; looked at again at the end\n")

	var all []told
	for i, st := range s.stories() {
		if ctx.Err() != nil {
			return all
		}
		all = append(all, s.tell(ctx, i+2, st))
	}
	all = append(all, s.tellSync(ctx, len(all)+2))
	all = append(all, s.tellAlerts(ctx, len(all)+2)...)
	all = append(all, s.tellReview(ctx, len(all)+2))
	if waiting.err == nil {
		s.say(" 1  %s", patient.title)
		waiting.err = s.follow(ctx, patient, mark, &waiting)
	}
	if waiting.err != nil {
		s.say("   ✗ %v", waiting.err)
	}
	return append([]told{waiting}, all...)
}

// deskOwnChain gives the desk an approval of its own for Zendesk, as an administrator would click it together.
func (s *stage) deskOwnChain() error {
	return s.Desk.AddRule(freshsim.Rule{
		Name: "Zendesk needs its owner", Events: []freshsim.EventKind{freshsim.EventTicketCreated},
		Conditions: []freshsim.Condition{{Field: "item", Op: "is", Value: "Zendesk access"}},
		Actions: []freshsim.Action{{Kind: freshsim.ActionApproval, Approval: &freshsim.ApprovalAction{
			Name: "Zendesk owner", Rule: 1, Approvers: []string{conor},
		}}},
	})
}

// People who answer, beside acme's cast.
const (
	conor    = "conor.gallagher@acme.example"
	lukas    = "lukas.brandt@acme.example"
	enzo     = "enzo.guidi@acme.example"
	thiago   = "thiago.carvalho@acme.example" // owns the customer data
	xochitl  = "xochitl.ramirez@acme.example"
	carmen   = "carmen.ruiz-ortega@acme.example" // site reliability engineer
	statusOK = 7                                 // Acme's custom status "Approved"
)

// expired is the request that nobody answers.
func (s *stage) expired() story {
	return story{
		title: "Dmitri asks for Tableau, and nobody answers", about: acme.Dmitri,
		ask: s.item("Tableau access", acme.Dmitri), ends: []casework.End{casework.EndExpired},
	}
}

// stories lists the others, in order.
func (s *stage) stories() []story {
	return slices.Concat(s.accessStories(), s.leaverStories(), s.peopleStories(), s.credentialStories())
}

func (s *stage) accessStories() []story {
	return []story{
		{
			title: "Ben asks for Tableau; manager and owner approve", about: acme.Ben,
			ask: s.item("Tableau access", acme.Ben), act: s.approvals(acme.Mara, acme.Omar),
			ends: []casework.End{casework.EndDone}, changes: 1,
		},
		{
			title: "Clara asks for Tableau; her manager rejects", about: acme.Clara,
			ask: s.item("Tableau access", acme.Clara),
			act: func(ctx context.Context, ticket int64) error {
				return s.Reject(ctx, ticket, acme.Mara, "not this quarter")
			},
			ends: []casework.End{casework.EndRejected},
		},
		{
			title: "Jonas asks for what he has", about: acme.Jonas,
			ask: s.item("Tableau access", acme.Jonas), ends: []casework.End{casework.EndAlready},
		},
		{
			title: "Hannah asks for two things; one is approved, one rejected", about: acme.Hannah,
			ask: func(ctx context.Context) (int64, string, error) {
				ticket, err := s.AskSeveral(ctx, acme.Hannah, "Miro access", "PagerDuty access")
				return ticket, "Miro access and PagerDuty access in one ticket, by " + acme.Hannah, err
			},
			act: func(ctx context.Context, ticket int64) error {
				manager, err := s.manager(acme.Hannah)
				if err != nil {
					return err
				}
				if err := s.Approve(ctx, ticket, manager, "this one"); err != nil {
					return err
				}
				return s.Reject(ctx, ticket, manager, "not this one")
			},
			ends: []casework.End{casework.EndDone}, changes: 1,
		},
		{
			title: "Priya asks for Zendesk, under the desk's own approvals", about: acme.Priya,
			ask: s.item("Zendesk access", acme.Priya), act: s.approvals(conor),
			ends: []casework.End{casework.EndDone}, changes: 1,
		},
		{
			title: "Felix asks for DocuSign; legal moves the ticket to a stage", about: acme.Felix,
			ask: s.item("DocuSign access", acme.Felix),
			act: func(ctx context.Context, ticket int64) error {
				if _, err := s.WaitState(ctx, ticket, casework.StateAwaitingApproval); err != nil {
					return err
				}
				s.step("moved", "to the status Approved, by hand")
				return s.SetStatus(ctx, ticket, statusOK)
			},
			ends: []casework.End{casework.EndDone}, changes: 1,
		},
		{
			title: "Yusuf asks for AWS production; owner and two of security agree", about: acme.Yusuf,
			ask: func(ctx context.Context) (int64, string, error) {
				ticket, err := s.Ask(ctx, "AWS access", acme.Yusuf, "", map[string]any{
					"business_justification": "on call", "access_level": "Production administrator",
				})
				return ticket, "AWS access as production administrator, by " + acme.Yusuf, err
			},
			act: func(ctx context.Context, ticket int64) error {
				manager, err := s.manager(acme.Yusuf)
				if err != nil {
					return err
				}
				return s.approvals(manager, lukas, acme.Grace, enzo)(ctx, ticket)
			},
			ends: []casework.End{casework.EndDone}, changes: 1,
		},
		{
			title: "Carmen breaks glass in an incident; security reviews it afterwards", about: carmen,
			ask: s.item("Production incident access", carmen), act: s.reviewed(carmen, "AWS Production Administrators"),
			ends: []casework.End{casework.EndDone}, changes: -1, after: s.grantEnds(carmen, "AWS Production Administrators"),
		},
		{
			title: "Ben reads customer data for a time, and then no longer", about: acme.Ben,
			ask: s.item("Customer data access", acme.Ben), act: s.approvals(acme.Mara, thiago, acme.Rosa),
			ends: []casework.End{casework.EndDone}, changes: -1, after: s.grantEnds(acme.Ben, "Customer Data Readers"),
		},
	}
}

// reviewed checks that access stands while nobody has answered, and then lets security confirm it.
func (s *stage) reviewed(login, group string) func(context.Context, int64) error {
	return func(ctx context.Context, ticket int64) error {
		if err := s.WaitNote(ctx, ticket, ".break_glass."); err != nil {
			return err
		}
		user, _ := s.Okta.User(login)
		if !slices.ContainsFunc(user.Groups, func(g oktasim.MembershipView) bool { return g.Name == group }) {
			return fmt.Errorf("%s is not in %s, though policy grants that at once", login, group)
		}
		s.step("granted", "at once, by policy; no approver, security is told, the ticket is urgent")
		return s.approvals(xochitl)(ctx, ticket)
	}
}

// grantEnds waits until a time-bound grant has ended by itself, and checks that it did so once.
func (s *stage) grantEnds(login, group string) func(context.Context, int64, int) error {
	return func(ctx context.Context, ticket int64, mark int) error {
		s.progress("waiting for the time of %s to be over", group)
		if err := s.WaitNote(ctx, ticket, ".ended."); err != nil {
			return err
		}
		changes, err := s.Changes(login, mark)
		if err != nil {
			return err
		}
		want := []string{"group.user_membership.add " + group, "group.user_membership.remove " + group}
		if !slices.Equal(changes, want) {
			return fmt.Errorf("in Okta there are %v; there should be %v", changes, want)
		}
		if user, _ := s.Okta.User(login); slices.ContainsFunc(user.Groups, func(g oktasim.MembershipView) bool { return g.Name == group }) {
			return fmt.Errorf("%s is still in %s", login, group)
		}
		s.step("ended", "by itself: taken away, read back, and noted on %s", contract.TicketLabel(ticket))
		return nil
	}
}

func (s *stage) leaverStories() []story {
	return []story{
		{
			title: "Ada leaves, and nothing of hers stays", about: acme.Ada,
			ask: s.leaver(acme.Farah, acme.Ada, yesterday(), nil), act: s.managerApproves(acme.Ada),
			ends: []casework.End{casework.EndDone}, changes: -1,
		},
		{
			title: "Lena leaves; what cannot be taken has an owner", about: acme.Lena,
			ask: s.leaver(acme.Farah, acme.Lena, yesterday(), nil), act: s.managerApproves(acme.Lena),
			ends: []casework.End{casework.EndResiduals}, changes: -1,
		},
		{
			title: "Pavel leaves in two weeks; the day is asked for, then brought forward", about: acme.Pavel,
			ask: s.leaver(acme.Farah, acme.Pavel, time.Time{}, nil),
			act: s.completedAndExpedited(acme.Pavel), ends: []casework.End{casework.EndDone, casework.EndResiduals}, changes: -1,
		},
		{
			title: "An emergency about Emil; the door is shut before the approval", about: acme.Emil,
			ask: s.leaver(acme.Grace, acme.Emil, time.Time{}, map[string]any{"emergency": true}),
			act: func(ctx context.Context, ticket int64) error {
				if _, err := s.WaitState(ctx, ticket, casework.StateAwaitingApproval); err != nil {
					return err
				}
				user, _ := s.Okta.User(acme.Emil)
				if user.Status != "SUSPENDED" {
					return fmt.Errorf("the account can still sign in while the approval is open: %s", user.Status)
				}
				s.step("shut", "Emil is suspended and signed out; the rest waits for security")
				return s.approvals(xochitl)(ctx, ticket)
			},
			ends: []casework.End{casework.EndDone, casework.EndResiduals}, changes: -1,
		},
		{
			title: "HR mistypes an address that two people share", about: acme.Ines,
			ask:  s.leaver(acme.Farah, acme.Reception, yesterday(), nil),
			ends: []casework.End{casework.EndSeveralPeople}, open: true,
		},
	}
}

// item asks for one catalogue item.
func (s *stage) item(name, by string) func(context.Context) (int64, string, error) {
	return func(ctx context.Context) (int64, string, error) {
		ticket, err := s.Ask(ctx, name, by, "", map[string]any{"business_justification": "my work needs it"})
		return ticket, name + ", by " + by, err
	}
}

// leaver files an offboarding.
func (s *stage) leaver(by, who string, day time.Time, answers map[string]any) func(context.Context) (int64, string, error) {
	return func(ctx context.Context) (int64, string, error) {
		ticket, err := s.Leaver(ctx, by, who, day, answers)
		return ticket, "Employee offboarding of " + who + ", by " + by, err
	}
}

// approvals lets people approve, one after the other, each as soon as they are asked.
func (s *stage) approvals(people ...string) func(context.Context, int64) error {
	return func(ctx context.Context, ticket int64) error {
		for _, who := range people {
			s.progress("waiting for %s to be asked in %s", who, contract.TicketLabel(ticket))
			if err := s.Approve(ctx, ticket, who, "approved"); err != nil {
				return err
			}
		}
		return nil
	}
}

// managerApproves lets a person's manager approve.
func (s *stage) managerApproves(login string) func(context.Context, int64) error {
	return func(ctx context.Context, ticket int64) error {
		manager, err := s.manager(login)
		if err != nil {
			return err
		}
		return s.approvals(manager)(ctx, ticket)
	}
}

// completedAndExpedited answers what the case asked for, approves, and brings the date forward by an operator's command.
func (s *stage) completedAndExpedited(login string) func(context.Context, int64) error {
	return func(ctx context.Context, ticket int64) error {
		s.progress("waiting for %s to ask for the day", contract.TicketLabel(ticket))
		if _, err := s.WaitState(ctx, ticket, casework.StateNeedsInformation); err != nil {
			return err
		}
		s.step("missing", "a private note names the missing day, and the ticket is Pending")
		if err := s.Answer(ctx, ticket, map[string]any{"last_working_day": time.Now().AddDate(0, 0, 14).Format("2006-01-02")}); err != nil {
			return err
		}
		if err := s.managerApproves(login)(ctx, ticket); err != nil {
			return err
		}
		if _, err := s.WaitState(ctx, ticket, casework.StateWaitingDate); err != nil {
			return err
		}
		s.step("waits", "for the day, with a durable timer; nobody is locked out early")
		_, err := s.Command(ctx, ticket, contract.UpdateExpedite, contract.OperatorCommand{
			Operator: contract.Operator{By: "demo", Reason: "left today"},
		})
		return err
	}
}

// manager is a person's manager.
func (s *stage) manager(login string) (string, error) {
	person, ok := s.Company.PersonByLogin(login)
	if !ok {
		return "", fmt.Errorf("nobody at Acme signs in as %s", login)
	}
	return person.ManagerEmail, nil
}

func yesterday() time.Time { return time.Now().AddDate(0, 0, -1) }
