package activities

import (
	"context"
	"maps"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/policy"
)

// ReadRequest reads a ticket and says, by the policy in force now, what it asks for, what is missing, and what an
// earlier run of it did. It changes nothing. A ticket that no rule can want is not read beyond the ticket itself; one
// that is not there any more is Gone. Texts of the ticket are carried as data.
func (d *Desk) ReadRequest(ctx context.Context, in contract.ReadRequestInput) (contract.ReadRequestResult, error) {
	p := d.Policy.Current()
	out := contract.ReadRequestResult{Times: times(p.Times()), Owner: p.Offboarding().ResidualOwner[""]}
	err := d.readRequest(ctx, p, in, &out)
	if err == nil {
		err = d.earlier(ctx, in.Ticket, &out)
	}
	if err != nil {
		return contract.ReadRequestResult{}, d.failed(ctx, about("reading", in.Ticket), err)
	}
	return out, nil
}

func (d *Desk) readRequest(ctx context.Context, p *policy.Policy, in contract.ReadRequestInput, out *contract.ReadRequestResult) error {
	out.Request = casework.Request{
		Ticket:       casework.Ticket{Number: in.Ticket, URL: d.Client.TicketURL(in.Ticket)},
		UseCase:      in.UseCase,
		Rule:         in.Rule,
		PolicyDigest: p.Digest(),
	}
	if in.UseCase != "" {
		out.Request.Mode = p.Mode(in.UseCase)
	}
	who := d.firstAsker
	if in.UseCase != "" {
		who = d.knownAsker
	}
	r, whole, err := d.readTicketWith(ctx, p, in.Ticket, func(f policy.TicketFacts) bool {
		return in.UseCase != "" || p.MaybeWanted(f)
	}, who)
	if isMissing(err) {
		out.Request.Ticket.Gone = true
		return nil
	}
	if err != nil {
		return err
	}
	out.Request.Ticket = r.ticket
	me, err := d.self(ctx)
	if err != nil {
		return err
	}
	if out.Incident = incidentOf(r.vendor, me.ID); out.Incident != "" {
		out.Request.UseCase = ""
		return nil
	}
	if !whole {
		return nil
	}
	c, err := d.classify(p, in.UseCase, in.Rule, r)
	if err != nil {
		return err
	}
	if err := d.forWhom(ctx, r, &c); err != nil {
		return err
	}
	d.breakGlass(p, r, &c)
	fill(&out.Request, c)
	if in.Answers && c.UseCase == casework.Onboarding {
		if out.Request.Answers, err = d.personAnswers(ctx, p.Onboarding().Answers, r.vendor); err != nil {
			return err
		}
	}
	out.Missing = c.Missing
	out.Request.Backlog, err = d.backlog(ctx, p, in.Named, out.Request)
	return err
}

// classify asks policy. A ticket that was classified before is read by the rule that took it.
func (d *Desk) classify(p *policy.Policy, useCase casework.UseCase, rule string, r reading) (policy.Classification, error) {
	facts := policy.IntakeFacts{Ticket: r.facts, Requester: r.requester, Now: d.now()}
	if useCase == "" {
		return p.Classify(facts)
	}
	c, err := p.ReadAs(facts, useCase, rule)
	if err != nil {
		return c, problemf(casework.Invalid, "%s", err)
	}
	return c, nil
}

// forWhom gives the items of a service request that was placed for somebody else to that person. Policy falls back to
// the requester where its rule names nobody; the desk's own "requested for" is more than that.
func (d *Desk) forWhom(ctx context.Context, r reading, c *policy.Classification) error {
	id := r.vendor.RequestedForID
	if id == 0 || id == r.vendor.RequesterID || len(c.Items) == 0 && c.Reset == nil {
		return nil
	}
	person, ok, err := d.personByID(ctx, id)
	if err != nil {
		return err
	}
	asker := strings.ToLower(strings.TrimSpace(r.ticket.Requester.Email))
	if c.Reset != nil && c.Subject == asker {
		c.Subject = "" // nobody else's account is taken for theirs
		if ok {
			c.Subject = strings.ToLower(strings.TrimSpace(person.Email))
		}
	}
	for i := range c.Items {
		if c.Items[i].Beneficiary != asker {
			continue
		}
		if !ok || person.Email == "" {
			c.Missing = append(c.Missing, casework.Missing{
				Field: "beneficiary", Label: "Requested for", Why: "the desk does not say who this person is, or has no e-mail address",
			})
			return nil
		}
		c.Items[i].Beneficiary = strings.ToLower(strings.TrimSpace(person.Email))
	}
	return nil
}

// breakGlass marks the items that policy has granted at once for this requester. What has to be said for that, and is
// not, is asked for.
func (d *Desk) breakGlass(p *policy.Policy, r reading, c *policy.Classification) {
	facts := policy.IntakeFacts{Ticket: r.facts, Requester: r.requester, Now: d.now()}
	for i := range c.Items {
		item := &c.Items[i]
		answer := p.BreakGlass(facts, *item, c.Reason)
		item.BreakGlass, item.BreakGlassRefused = answer.Glass, answer.Refused
		if answer.Reason {
			c.Missing = append(c.Missing, casework.Missing{
				Field: "reason", Label: "Reason", Why: "is empty, and break-glass access needs one, for " + item.Name,
			})
		}
	}
}

// fill carries a classification into the request.
func fill(r *casework.Request, c policy.Classification) {
	r.UseCase = c.UseCase
	r.Rule = c.Rule
	r.Mode = c.Mode
	r.Subject = c.Subject
	r.Items = c.Items
	r.EffectiveAt = c.EffectiveAt
	r.EffectiveText = c.EffectiveText
	r.LocalEffective = c.LocalEffective
	r.Emergency = c.Emergency
	r.EmergencyRefused = c.EmergencyRefused
	r.Reason = c.Reason
	r.Fields = c.Fields
	r.Reset = c.Reset
}

// backlog says whether the ticket is older than the moment its use case entered act, and nobody named it.
func (d *Desk) backlog(ctx context.Context, p *policy.Policy, named *contract.Operator, r casework.Request) (bool, error) {
	if r.UseCase == "" {
		return false, nil
	}
	since, err := d.inAct(ctx, p)
	if err != nil || named != nil || r.Mode != casework.ModeAct {
		return false, err
	}
	return r.Ticket.CreatedAt.Before(since[r.UseCase]), nil
}

// inAct asks since when each use case has been in act. The controls workflow is told today's modes whenever it knows
// others, also when a use case leaves act: otherwise the day it comes back would look like the day it first came, and
// what was filed in between would run.
func (d *Desk) inAct(ctx context.Context, p *policy.Policy) (map[casework.UseCase]time.Time, error) {
	controls, err := d.Cluster.Controls(ctx)
	if err != nil {
		return nil, err
	}
	if maps.Equal(controls.Modes, p.Modes()) {
		return controls.Since, nil
	}
	answer, err := d.Cluster.ReportModes(ctx, contract.ModesReport{Modes: p.Modes(), PolicyDigest: p.Digest()})
	return answer.Since, err
}

// earlier finds what former runs of the ticket left in the evidence store.
func (d *Desk) earlier(ctx context.Context, ticket int64, out *contract.ReadRequestResult) error {
	records, err := d.Records.List(ctx, ticket)
	if err != nil || len(records) == 0 {
		return err
	}
	last := records[len(records)-1]
	out.Runs = len(records)
	ref := RefOf(last)
	out.Earlier = &ref
	return nil
}

// times are policy's waits in the contract's words.
func times(t policy.TimesPolicy) contract.Times {
	return contract.Times{
		Idle: t.Idle, SettleEvery: t.SettleEvery, SettleFor: t.SettleFor, ParkRemind: t.ParkRemind,
		HoldRecheck: t.HoldRecheck, BlockedEvery: t.BlockedEvery, UnavailableIn: t.UnavailableIn,
	}
}
