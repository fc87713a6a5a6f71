package activities

import (
	"context"
	"errors"
	"slices"
	"strings"

	"go.temporal.io/sdk/activity"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
)

// mostAttempts bounds how often a group's people are asked again after the vendor, or a person, closed the group.
const mostAttempts = 9

// chainRule is the rule over the groups of one vendor chain. The vendor has one chain open per ticket, so every group of
// a level stands in it, and those of other units as well. Everyone is the rule under which it stays open longest: it
// ends with the last approval, or at a rejection, which decides our level too. Anyone and First responder would end it
// at the first approval, Majority at half of them. Where a rejection of one unit ends the chain under another unit,
// OpenLevel asks those who are left once more.
const chainRule = freshservice.RuleEveryone

// OpenLevel makes sure that everybody who may still answer at the unit's open level has been asked. It reads before it
// writes: groups are found by name, so a lost answer never asks twice. Where the vendor closed a group too early, or
// people were added, a further group goes to those who have no open request.
func (d *Desk) OpenLevel(ctx context.Context, in contract.OpenLevelInput) (contract.OpenLevelResult, error) {
	out, err := d.openLevel(ctx, in)
	if err != nil {
		return contract.OpenLevelResult{}, d.failed(ctx, about("asking the approvers of "+in.Unit.Title+" in", in.Ticket), err)
	}
	return out, nil
}

func (d *Desk) openLevel(ctx context.Context, in contract.OpenLevelInput) (contract.OpenLevelResult, error) {
	var out contract.OpenLevelResult
	if in.Unit.Chain.Mode != approval.ModeLevels || in.Unit.Level >= len(in.Unit.Chain.Levels) {
		return out, problemf(casework.Invalid, "the unit %q has no level to open", in.Unit.Title)
	}
	level := in.Unit.Chain.Levels[in.Unit.Level]
	asked, err := d.readDesk(ctx, in.Ticket)
	if err != nil {
		return out, err
	}
	key := keyOf(in.Ticket, in.Run, in.Unit)
	var mail string
	for i, group := range level.Groups {
		whom := whomToAsk(in, group)
		round, err := asked.toAsk(key, i+1, whom, len(in.Only) > 0)
		if err != nil {
			return out, err
		}
		if len(round.people) == 0 {
			out.Already = append(out.Already, round.names...)
			continue
		}
		if mail == "" {
			if mail, err = d.approvalMail(in); err != nil {
				return out, err
			}
		}
		round.name = round.id.groupName(roundLabel(group, round))
		opened, err := d.openGroup(ctx, in, group, round, mail)
		if err != nil {
			return out, err
		}
		if opened {
			out.Opened = append(out.Opened, round.name)
		} else {
			out.Already = append(out.Already, round.name)
		}
	}
	if len(out.Opened) > 0 || activity.GetInfo(ctx).Attempt > 1 {
		return out, d.keepOpen(ctx, in.Ticket)
	}
	return out, nil
}

// whomToAsk is everybody who may answer in a group, as the engine has it: the waiting people it names, or else the
// group's own and those added, without the ones who are struck out.
func whomToAsk(in contract.OpenLevelInput, group approval.Group) []approval.Approver {
	if len(in.Only) > 0 {
		for _, g := range in.Only {
			if g.Group == group.Name {
				return merge(nil, g.Waiting)
			}
		}
		return nil
	}
	var whom []approval.Approver
	for _, a := range merge(merge(nil, group.People()), in.Unit.Extra) {
		if !mayNot(in.Unit, a) {
			whom = append(whom, a)
		}
	}
	return whom
}

// roundLabel is what people read of a round: the group, and whether it holds only people who were added to it.
func roundLabel(group approval.Group, round askRound) string {
	among := func(people []approval.Approver) bool {
		return slices.ContainsFunc(round.people, func(a approval.Approver) bool { return slices.ContainsFunc(people, a.Same) })
	}
	switch {
	case among(group.Approvers):
		return group.Name
	case among(group.People()):
		return group.Name + " stand-in"
	default:
		return group.Name + " escalation"
	}
}

// openGroup asks the people of one round. It says false when this process asked them moments ago and the desk does not
// show it yet.
func (d *Desk) openGroup(ctx context.Context, in contract.OpenLevelInput, group approval.Group, round askRound, mail string) (bool, error) {
	what := "approval group " + round.id.groupName("")
	if done, err := d.mayWrite(ctx, what); done || err != nil {
		return false, err
	}
	if behind, err := d.behind(in, round); behind {
		return false, err
	}
	ids := make([]int64, 0, len(round.people))
	for _, a := range round.people {
		if a.DeskID == 0 {
			return false, problemf(casework.Invalid, "%s has no account in Freshservice and cannot be asked: make one, or name another approver in approvals.yaml", a.Label())
		}
		ids = append(ids, a.DeskID)
	}
	rule := group.Rule
	if round.id.attempt > 1 && rule == approval.RuleMajority {
		rule = approval.RuleEveryone // a majority of those who are left is not a majority of all
	}
	_, err := d.Client.CreateApprovalGroup(ctx, in.Ticket, freshservice.NewApprovalGroup{
		Name:         round.name,
		Rule:         freshservice.ApprovalRule(approval.VendorRule(rule, len(ids))),
		ApproverIDs:  ids,
		EmailContent: mail,
	})
	return err == nil, d.wrote(ctx, what, err)
}

// behind says that reads cannot be believed: the level was opened moments ago, by whichever worker, and the desk shows
// none of its groups.
func (d *Desk) behind(in contract.OpenLevelInput, round askRound) (bool, error) {
	since := d.now().Sub(in.Unit.Opened)
	if in.Unit.Opened.IsZero() || round.id.attempt > 1 || since >= readsSettle || since < 0 {
		return false, nil
	}
	return true, problemf(casework.Ambiguous, "the level was opened %s ago and the desk does not show it yet", since)
}

// keepOpen sets the rule over the open chain. A chain that has ended meanwhile needs none.
func (d *Desk) keepOpen(ctx context.Context, ticket int64) error {
	_, err := d.Client.SetChainRule(ctx, ticket, chainRule)
	if isRefused(err) {
		return nil
	}
	if vendor, ok := errors.AsType[*freshservice.Error](err); ok && vendor.Kind == freshservice.Ambiguous {
		return problemf(casework.Ambiguous, "the answer to the chain rule was lost") // setting it again is harmless
	}
	return err
}

// approvalMail is what the approvers are asked, by policy's text: the plan with its digest and its changes. Texts of the
// ticket in it are escaped by the template.
func (d *Desk) approvalMail(in contract.OpenLevelInput) (string, error) {
	unit := in.Unit
	request := in.Request
	if request.UseCase == "" {
		request = casework.Request{UseCase: unit.Plan.UseCase, Subject: unit.Plan.Person.Email}
		request.Ticket = casework.Ticket{Number: in.Ticket, URL: d.Client.TicketURL(in.Ticket)}
	}
	text, err := d.Policy.Current().Text("approval_request", contract.TellFacts{
		Case: contract.Case{Request: request, Run: in.Run, Plan: &unit.Plan},
		Unit: &unit,
	})
	if err != nil {
		return "", problemText("approval_request", err)
	}
	if !strings.Contains(text, casework.ShortDigest(unit.Plan.Digest)) {
		// A tenant's own wording may leave it out; the decision has to name the plan all the same.
		text += "<p>" + digestLine(unit.Plan.Digest) + "</p>"
	}
	body, _ := fitBody(text, bodyLimit)
	return body, nil
}

func digestLine(digest string) string { return "Plan " + digest }
