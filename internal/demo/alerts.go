package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/detection"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
)

// alertStory is one thing that Okta's System Log sees.
type alertStory struct {
	title string
	play  func(context.Context) (freshservice.Ticket, error) // the incident, where there is to be one
}

// tellAlerts tells what becomes of what the System Log sees, from story n on.
func (s *stage) tellAlerts(ctx context.Context, n int) []told {
	var all []told
	for i, st := range []alertStory{
		{"Twelve wrong passwords for Hannah are one incident", s.bruteForce},
		{"Felix denies push after push, then approves one", s.pushFatigue},
		{"Priya's factors are reset by hand, and she does not enrol again", s.notEnrolled},
		{"Wrong passwords for Omar, whose tests are silenced", s.silenced},
		{"Yusuf's approved access stays quiet; the same by hand is an incident", s.ownChange},
	} {
		if ctx.Err() != nil {
			return all
		}
		s.say("%2d  %s", n+i, st.title)
		out := told{title: st.title}
		story, cancel := context.WithTimeout(ctx, storyTime)
		ticket, err := st.play(story)
		cancel()
		if out.ticket, out.err = ticket.ID, err; err != nil {
			s.say("   ✗ %v", err)
		} else {
			out.end = casework.EndDone
		}
		if ticket.ID != 0 {
			if notes, err := s.Notes(ctx, ticket.ID); err == nil {
				out.notes = len(notes)
			}
		}
		s.say("")
		all = append(all, out)
	}
	return all
}

// wrong are wrong passwords for somebody.
func wrong(login string, times int) []playground.LogEvent {
	var list []playground.LogEvent
	for range times {
		list = append(list, playground.LogEvent{
			Type: "user.session.start", Login: login, Outcome: "FAILURE", Reason: "INVALID_CREDENTIALS", IP: "203.0.113.77", City: "Porto", Country: "Portugal",
		})
	}
	return list
}

// bruteForce is one incident, however many events; a person closes it, and that ends it.
func (s *stage) bruteForce(ctx context.Context) (ticket freshservice.Ticket, err error) {
	if err := s.See(wrong(acme.Hannah, 10)...); err != nil {
		return ticket, err
	}
	s.progress("waiting for the incident")
	if ticket, err = s.WaitIncident(ctx, "Brute force", acme.Hannah); err != nil {
		return ticket, err
	}
	s.step("opened", "%s: %s", contract.TicketLabel(ticket.ID), cutMarker(ticket.Subject))
	if err := s.See(wrong(acme.Hannah, 2)...); err != nil {
		return ticket, err
	}
	state, err := s.WaitAlert(ctx, ticket, "all twelve events at the desk", func(a contract.AlertState) bool { return a.Told == 12 })
	if err != nil {
		return ticket, err
	}
	s.step("added", "two more, in a note: %d events in one incident", state.Events)
	if err := s.CloseTicket(ctx, ticket.ID); err != nil {
		return ticket, err
	}
	if _, err := s.WaitAlert(ctx, ticket, "the incident to end", func(a contract.AlertState) bool { return a.End == contract.AlertEndPerson }); err != nil {
		return ticket, err
	}
	s.step("closed", "by a person at the desk: what comes next is judged afresh")
	if all, err := s.Incidents(ctx, "Brute force", acme.Hannah); err != nil || len(all) != 1 {
		return ticket, errors.Join(err, fmt.Errorf("there are %d tickets for one incident", len(all)))
	}
	return ticket, nil
}

// pushFatigue is two incidents, of which the bigger stands for both.
func (s *stage) pushFatigue(ctx context.Context) (ticket freshservice.Ticket, err error) {
	push := func(outcome, reason, response string) playground.LogEvent {
		return playground.LogEvent{
			Type: "user.authentication.auth_via_mfa", Login: acme.Felix, Outcome: outcome, Reason: reason, IP: "203.0.113.9", City: "Porto",
			Country: "Portugal", Risk: "HIGH", Debug: map[string]string{"factor": "OKTA_VERIFY_PUSH", "pushOnlyResponseType": response},
		}
	}
	denied := push("FAILURE", "INVALID_CREDENTIALS", "OV_RESPONSE_DENY")
	if err := s.See(denied, denied, denied); err != nil {
		return ticket, err
	}
	s.progress("waiting for the incident")
	smaller, err := s.WaitIncident(ctx, "S2 MFA fatigue", acme.Felix)
	if err != nil {
		return smaller, err
	}
	s.step("opened", "%s: %s", contract.TicketLabel(smaller.ID), cutMarker(smaller.Subject))
	if err := s.See(push("SUCCESS", "", "OV_RESPONSE_APPROVE")); err != nil {
		return smaller, err
	}
	if ticket, err = s.WaitIncident(ctx, "S1 MFA fatigue, then approved", acme.Felix); err != nil {
		return smaller, err
	}
	s.step("opened", "%s at once, urgent: %s", contract.TicketLabel(ticket.ID), cutMarker(ticket.Subject))
	if _, err := s.WaitAlert(ctx, smaller, "the smaller one to name the bigger", func(a contract.AlertState) bool { return a.SaidMuted != "" }); err != nil {
		return ticket, err
	}
	s.step("said", "on %s that %s stands for it now", contract.TicketLabel(smaller.ID), contract.TicketLabel(ticket.ID))
	if ticket.Priority != freshservice.PriorityUrgent {
		return ticket, fmt.Errorf("the priority of %s is %d", contract.TicketLabel(ticket.ID), ticket.Priority)
	}
	return ticket, nil
}

// notEnrolled is what did not happen.
func (s *stage) notEnrolled(ctx context.Context) (ticket freshservice.Ticket, err error) {
	if err := s.ResetFactors(ctx, acme.Priya); err != nil {
		return ticket, err
	}
	s.step("reset", "by an administrator, in Okta's console; a day to enrol again is six seconds here")
	s.progress("waiting for what does not come")
	if ticket, err = s.WaitIncident(ctx, "MFA removed and not enrolled again"); err != nil {
		return ticket, err
	}
	s.step("opened", "%s: %s", contract.TicketLabel(ticket.ID), cutMarker(ticket.Subject))
	return ticket, nil
}

// silenced is an alert that a person keeps quiet.
func (s *stage) silenced(ctx context.Context) (freshservice.Ticket, error) {
	var none freshservice.Ticket
	user, _ := s.Okta.User(acme.Omar)
	silence, err := s.Silence(ctx, "a test of the login page", time.Hour, detection.Matcher{Field: "subject", Op: detection.OpEqual, Value: user.ID})
	if err != nil {
		return none, err
	}
	s.step("silenced", "silence %s, for an hour, with who and why", silence.ID)
	before, err := s.WaitLog(ctx)
	if err != nil {
		return none, err
	}
	if err := s.See(wrong(acme.Omar, 12)...); err != nil {
		return none, err
	}
	after, err := s.WaitLog(ctx)
	if err != nil {
		return none, err
	}
	if after.View.Waiting != before.View.Waiting+1 {
		return none, fmt.Errorf("%d alerts wait, and %d waited before", after.View.Waiting, before.View.Waiting)
	}
	if found, err := s.Incidents(ctx, "Brute force", acme.Omar); err != nil || len(found) > 0 {
		return none, errors.Join(err, fmt.Errorf("%d tickets were opened", len(found)))
	}
	s.step("quiet", "no ticket; the alert waits, and is judged again when the silence ends")
	return none, nil
}

// ownChange looks at an approved case's change, and at the same change by hand.
func (s *stage) ownChange(ctx context.Context) (ticket freshservice.Ticket, err error) {
	const rule, group = "Sensitive access without a case", "AWS Production Administrators"
	state, err := s.WaitLog(ctx)
	if err != nil {
		return ticket, err
	}
	if found, err := s.Incidents(ctx, rule); err != nil || len(found) > 0 {
		return ticket, errors.Join(err, fmt.Errorf("%d tickets were opened for what cases did", len(found)))
	}
	if state.Own == 0 {
		return ticket, errors.New("no event was recognised as our own")
	}
	s.step("quiet", "the log saw %d changes of approved cases, Yusuf's among them", state.Own)
	if err := s.AddByHand(ctx, acme.Jonas, group); err != nil {
		return ticket, err
	}
	s.step("by hand", "an administrator puts Jonas into %s", group)
	s.progress("waiting for the incident")
	if ticket, err = s.WaitIncident(ctx, rule); err != nil {
		return ticket, err
	}
	s.step("opened", "%s: %s", contract.TicketLabel(ticket.ID), cutMarker(ticket.Subject))
	return ticket, nil
}

// cutMarker is a subject as people read it.
func cutMarker(subject string) string {
	text, _, _ := strings.Cut(subject, " [latchkey-alert-")
	return text
}
