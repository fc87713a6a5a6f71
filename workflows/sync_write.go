package workflows

import (
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// write carries out what differs: towards Okta one change an attribute, so that a refusal names it; towards the desk one
// write; and one ticket for what is a change of role. Then both sides are read again.
func (s *syncRun) write(ctx workflow.Context, who contract.SyncWhoResult, both contract.SyncCompareResult) error {
	if err := s.publish(ctx, casework.StateApplying); err != nil {
		return err
	}
	for _, d := range casework.Writes(both.Drifts, casework.SideOkta) {
		if err := s.toOkta(ctx, both.Person, d); err != nil {
			return err
		}
	}
	if err := s.toDesk(ctx, both); err != nil {
		return err
	}
	if err := s.askRole(ctx, both); err != nil {
		return err
	}
	if len(s.wrote) > 0 {
		if err := s.readBack(ctx, who); err != nil {
			return err
		}
	}
	s.result.End = contract.SyncWritten
	for _, l := range s.result.Lines {
		if (l.Kind == casework.DriftWrite || l.Kind == casework.DriftRoleChange) && !l.Done {
			s.result.End = contract.SyncLeft
		}
	}
	return nil
}

// syncChange is the change to Okta that a drift asks for.
func syncChange(d casework.Drift) casework.Change {
	var value any // nil clears
	if d.Wanted != "" {
		value = d.Wanted
	}
	change := casework.Change{
		ID: string(casework.VerbUpdateProfile) + " " + d.Attribute.Okta, Phase: casework.PhaseProfile, Verb: casework.VerbUpdateProfile,
		Object:  identity.Entitlement{Kind: identity.KindProfile, ID: d.Attribute.Okta, Name: d.Attribute.Name},
		Values:  map[string]any{d.Attribute.Okta: value},
		Inverse: casework.VerbUpdateProfile, Reason: "the desk owns " + d.Attribute.Name, Shrinks: d.Shrinks,
	}
	if !d.Attribute.Private() {
		change.Before, change.After = d.Has, d.Wanted
	}
	return change
}

func (s *syncRun) toOkta(ctx workflow.Context, person identity.Person, d casework.Drift) error {
	res, err := syncStep[contract.ApplyResult](ctx, applyChange, "Okta: set "+d.Attribute.Okta, contract.ApplyInput{
		UseCase: casework.ProfileSync, Unit: "sync", Person: person, Change: syncChange(d),
		Named: true, // a sync has no backlog: it compares what is so now
	})
	if err != nil {
		return s.line(d.Attribute.Name, false, err)
	}
	switch res.Outcome {
	case contract.OutcomeDone, contract.OutcomeAlready:
		s.wrote[d.Attribute.Name] = d.Has
		return s.line(d.Attribute.Name, true, nil)
	case contract.OutcomeHeld:
		s.held = true
	case contract.OutcomeRefused, contract.OutcomeGone, contract.OutcomeSkipped, contract.OutcomeStale, contract.OutcomeLeft:
	}
	if res.Tripped != nil {
		// A ticket that cannot be opened keeps nothing from going on: the guard holds all the same.
		if _, err := syncStep[contract.AskMassChangeResult](ctx, askMassChange, "Freshservice: ask a person about the mass-change guard",
			contract.AskMassChangeInput{Verdict: *res.Tripped, At: workflow.Now(ctx)}); temporal.IsCanceledError(err) {
			return err
		}
	}
	s.why(d.Attribute.Name, res.Detail)
	return nil
}

// line notes what became of an attribute. Only a cancellation ends the look.
func (s *syncRun) line(name string, done bool, err error) error {
	if temporal.IsCanceledError(err) {
		return err
	}
	for i := range s.result.Lines {
		if l := &s.result.Lines[i]; l.Attribute == name {
			l.Done = done
		}
	}
	if err != nil {
		s.why(name, messageOf(err))
	}
	return nil
}

func (s *syncRun) why(name, why string) {
	for i := range s.result.Lines {
		if l := &s.result.Lines[i]; l.Attribute == name {
			l.Why = why
		}
	}
}

func (s *syncRun) toDesk(ctx workflow.Context, both contract.SyncCompareResult) error {
	drifts := casework.Writes(both.Drifts, casework.SideDesk)
	if len(drifts) == 0 {
		return nil
	}
	values := map[string]string{}
	for _, d := range drifts {
		values[d.Attribute.Desk] = d.Wanted
	}
	res, err := syncStep[contract.SyncWriteDeskResult](ctx, syncWriteDesk, fmt.Sprintf("Freshservice: set %d field(s)", len(values)), contract.SyncWriteDeskInput{
		OktaUserID: s.in.OktaUserID, DeskID: both.DeskID, Agent: both.Agent, Email: both.Person.Email, Values: values,
	})
	if temporal.IsCanceledError(err) {
		return err
	}
	s.held = s.held || err == nil && res.Outcome == contract.OutcomeHeld
	for _, d := range drifts {
		why, left := res.Left[d.Attribute.Desk]
		switch {
		case err != nil:
			s.why(d.Attribute.Name, messageOf(err))
		case res.Outcome != contract.OutcomeDone && res.Outcome != contract.OutcomeAlready:
			s.why(d.Attribute.Name, res.Detail)
		case left:
			s.why(d.Attribute.Name, why)
		default:
			s.wrote[d.Attribute.Name] = d.Has
			if err := s.line(d.Attribute.Name, true, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// askRole has people asked about what is a change of role, where policy names whom.
func (s *syncRun) askRole(ctx workflow.Context, both contract.SyncCompareResult) error {
	var roles []casework.Drift
	for _, d := range both.Drifts {
		if d.Kind == casework.DriftRoleChange {
			roles = append(roles, d)
		}
	}
	if len(roles) == 0 {
		return nil
	}
	told := "file a role change for this person, or set the desk's value back"
	if both.Asks {
		res, err := syncStep[contract.SyncAskRoleResult](ctx, syncAskRole, "Freshservice: ask for a role change", contract.SyncAskRoleInput{Person: both.Person, Drifts: roles})
		switch {
		case temporal.IsCanceledError(err):
			return err
		case err != nil:
			told = messageOf(err)
		case res.Ticket != 0:
			told = "asked for in " + contract.TicketLabel(res.Ticket)
		}
	}
	for _, d := range roles {
		s.why(d.Attribute.Name, d.Why+"; "+told)
	}
	return nil
}

// readBack reads both sides again, independently of what the writes said: what does not read as it was written is no
// longer called done.
func (s *syncRun) readBack(ctx workflow.Context, who contract.SyncWhoResult) error {
	if err := s.publish(ctx, casework.StateVerifying); err != nil {
		return err
	}
	again, err := s.compare(ctx, who)
	if err != nil {
		return err
	}
	for _, d := range again.Drifts {
		if _, was := s.wrote[d.Attribute.Name]; !was {
			continue
		}
		if err := s.line(d.Attribute.Name, false, nil); err != nil {
			return err
		}
		s.why(d.Attribute.Name, "it was written and does not read so; the next look compares again")
	}
	return nil
}

// create makes a person on the desk.
func (s *syncRun) create(ctx workflow.Context, both contract.SyncCompareResult) error {
	res, err := syncStep[contract.SyncWriteDeskResult](ctx, syncWriteDesk, "Freshservice: make the person", contract.SyncWriteDeskInput{
		OktaUserID: s.in.OktaUserID, Email: both.Person.Email, Values: both.Values,
	})
	if err != nil {
		return err
	}
	s.held = res.Outcome == contract.OutcomeHeld
	s.result.End, s.result.Why = contract.SyncWritten, "made on the desk"
	if res.Outcome != contract.OutcomeDone && res.Outcome != contract.OutcomeAlready {
		s.result.End, s.result.Why = contract.SyncMissing, res.Detail
	}
	for _, field := range workflow.DeterministicKeys(res.Left) {
		s.result.End = contract.SyncLeft
		s.result.Lines = append(s.result.Lines, contract.SyncLine{OktaUserID: s.in.OktaUserID, Attribute: field, Why: res.Left[field]})
	}
	return nil
}
