package activities

import (
	"context"
	"slices"
	"strings"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
)

// standIns finds who has to be asked beside people who are away (approvals.yaml, "absences"), in each group of the
// unit's open level, and when the next absence of somebody asked there begins. It is asked at every look, so it costs
// a call to the desk only where an absence is new. Whoever has answered needs nobody; nobody stands in for the people
// of a protected account, who are named one by one.
func (d *Desk) standIns(ctx context.Context, unit contract.Unit, votes *contract.UnitVotes) error {
	level := unit.Chain.Levels[unit.Level]
	if level.Name == protectedLevel {
		return nil
	}
	p, now := d.Policy.Current(), d.now()
	var emails []string
	for _, group := range level.Groups {
		asked := merge(merge(nil, group.People()), unit.Extra)
		for _, a := range asked {
			emails = append(emails, a.Email)
			instead, absence, away := p.StandIn(a.Email, now)
			if !away || mayNot(unit, a) || answered(votes.Votes, group.Name, a) || slices.ContainsFunc(asked, approval.Approver{Email: instead}.Same) {
				continue
			}
			person, found, err := d.personByEmail(ctx, instead)
			if err != nil && kindOf(err) != casework.Invalid { // several with one address: nobody can say who is meant
				return err
			}
			standIn := approval.Approver{
				DeskID: person.ID, Email: strings.ToLower(person.Email), Name: person.Name(),
				Why: "stands in for " + a.Label() + ", who is away until " + absence.Until.Format("2 January 2006") + ": " + absence.Why,
			}
			if !found || !person.Active || mayNot(unit, standIn) || slices.ContainsFunc(asked, standIn.Same) {
				continue
			}
			asked = append(asked, standIn)
			votes.StandIns = append(votes.StandIns, contract.StandIn{Group: group.Name, StandIn: approval.StandIn{Approver: standIn, For: a}})
		}
	}
	votes.Again = p.NextAbsence(emails, now)
	return nil
}

// answered says whether a person's request in a group has its answer, by whoever gave it.
func answered(votes []approval.Vote, group string, a approval.Approver) bool {
	return slices.ContainsFunc(votes, func(v approval.Vote) bool {
		given := v.Decision == approval.DecisionApproved || v.Decision == approval.DecisionRejected
		return given && v.Group == group && (v.For.Same(a) || v.By.Same(a))
	})
}

// mayNot says whether somebody is struck out at the unit's open level: banned, or has decided an earlier one.
func mayNot(unit contract.Unit, a approval.Approver) bool {
	banned := slices.ContainsFunc(unit.Bans, func(b approval.Ban) bool { return b.Strikes(a) })
	return banned || !unit.Chain.AllowRepeat && slices.ContainsFunc(unit.Decided, a.Same)
}
