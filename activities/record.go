package activities

import (
	"fmt"
	"strings"
	"time"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/evidence"
)

// recordOf is the evidence of a case. What a ticket's form said beyond policy's fields is not in it, nor any
// conversation.
func recordOf(in contract.EvidenceInput, now time.Time) evidence.Record {
	c := in.Case
	r := evidence.Record{
		Ticket: c.Request.Ticket.Number, Run: c.Run, UseCase: string(c.Request.UseCase), Mode: string(c.Request.Mode),
		End: string(in.End), Why: in.Why, StartedAt: c.StartedAt.UTC(), EndedAt: now.UTC(),
		TicketUpdatedAt: c.Request.Ticket.UpdatedAt.UTC(), PolicyDigest: c.Request.PolicyDigest,
		Ask: in.Ask, Waiting: in.Waiting,
		Emergency: c.Request.Emergency, Subject: subjectOf(c),
		Asked: evidence.Asked{
			By: c.Request.Ticket.Requester.Name, Address: c.Request.Ticket.Requester.Email,
			Subject: c.Request.Ticket.Subject, Reason: c.Request.Reason, Rule: c.Request.Rule, Fields: publicFields(c),
		},
	}
	for _, u := range c.Units {
		r.Units = append(r.Units, unitOf(u))
	}
	for _, d := range c.Done {
		change := changeOf(d.Change)
		change.Outcome, change.Detail, change.At = string(d.Outcome), d.Detail, d.At.UTC()
		r.Changes = append(r.Changes, change)
	}
	for _, v := range in.Verify {
		addVerified(&r, v)
	}
	for _, u := range c.Units { // what the case found left, where no verification names it
		for _, l := range u.Left {
			addLeft(&r, l)
		}
	}
	for _, l := range c.Log {
		r.Log = append(r.Log, evidence.Line{At: l.At.UTC(), Text: l.Text})
	}
	r.Summary = summaryOf(r)
	return r
}

// publicFields are the form's answers without private contact data: an answer that the plan puts into an attribute which
// records do not get is withheld.
func publicFields(c contract.Case) map[string]any {
	private := map[string]bool{}
	for _, u := range c.Units {
		for _, change := range u.Plan.Changes {
			for name, v := range change.Values {
				if text, is := v.(string); is && withheld(name) {
					private[strings.ToLower(text)] = true
				}
			}
		}
	}
	fields := make(map[string]any, len(c.Request.Fields))
	for name, v := range c.Request.Fields {
		if text, is := v.(string); is && private[strings.ToLower(strings.TrimSpace(text))] {
			v = "(withheld: private contact data)"
		}
		fields[name] = v
	}
	return fields
}

func subjectOf(c contract.Case) evidence.Subject {
	s := evidence.Subject{Address: c.Request.Subject}
	plan := c.Plan
	if plan == nil && len(c.Units) > 0 {
		plan = &c.Units[0].Plan
	}
	if plan != nil && plan.Person.OktaUserID != "" {
		s.OktaUserID, s.Name = plan.Person.OktaUserID, plan.Person.DisplayName()
		if plan.Person.Email != "" {
			s.Address = plan.Person.Email
		}
	}
	return s
}

func unitOf(u contract.Unit) evidence.Unit {
	e := evidence.Unit{
		Key: u.Key, Title: u.Title, End: string(u.End), Why: u.Why, PlanDigest: u.Plan.Digest,
		EffectiveAt: u.Plan.EffectiveAt.UTC(), ApprovedBy: string(u.Chain.Mode), Route: u.Chain.Reason,
		NamesNobody: u.Chain.Mode == approval.ModeStage,
		NamesNoPlan: u.Chain.Mode == approval.ModeDesk || u.Chain.Mode == approval.ModeStage,
		Notes:       u.Plan.Notes, Reopened: u.Round,
	}
	if g, r := u.Plan.BreakGlass, u.Review; g != nil && r != nil {
		e.ApprovedBy = "break_glass"
		e.BreakGlass = &evidence.BreakGlass{
			AllowedBy: g.Why, For: casework.Span(g.For), GrantedAt: r.GrantedAt.UTC(), Until: r.Until, Review: r.Words(), AnsweredAt: r.AnsweredAt,
		}
	}
	for _, d := range u.Log {
		e.Decisions = append(e.Decisions, evidence.Decision{
			Level: d.Level, Group: d.Group, By: approverName(d.By), Address: d.By.Email, For: approverName(d.For),
			Decision: string(d.Decision), At: d.At.UTC(), Remark: d.Remark, Digest: d.Digest, Counted: d.Counted,
			Ignored: string(d.Ignored),
		})
	}
	for _, c := range u.Plan.Changes {
		e.Planned = append(e.Planned, changeOf(c))
	}
	for _, k := range u.Plan.Kept {
		e.Kept = append(e.Kept, evidence.Kept{Object: k.Object, Why: k.Why, Who: k.Who, Until: k.Until})
	}
	for _, f := range u.Plan.Effects {
		e.Effects = append(e.Effects, evidence.Effect{Object: f.Object, Because: f.Because})
	}
	return e
}

func changeOf(c casework.Change) evidence.Change {
	return evidence.Change{
		ID: c.ID, Phase: string(c.Phase), Verb: string(c.Verb), Object: c.Object, Origin: c.Origin, Before: c.Before,
		After: c.After, Inverse: string(c.Inverse), Reason: c.Reason,
	}
}

func approverName(a approval.Approver) string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Email != "":
		return a.Email
	case a.DeskID != 0:
		return fmt.Sprintf("desk person %d", a.DeskID)
	}
	return ""
}

func addVerified(r *evidence.Record, v contract.VerifyResult) {
	for _, p := range v.Proofs {
		r.Proofs = append(r.Proofs, evidence.Proof{What: p.What, Proved: p.Proved, Saw: p.Saw, At: v.At.UTC()})
	}
	for _, l := range v.Residuals {
		addLeft(r, l)
	}
	for _, x := range v.Exclusions {
		r.Exclusions = append(r.Exclusions, evidence.Excluded{Rule: x.Rule, Group: x.Group})
	}
	if v.Snapshot != "" {
		r.Snapshots = append(r.Snapshots, v.Snapshot)
	}
}

// addLeft names each residual once.
func addLeft(r *evidence.Record, l casework.Residual) {
	for _, there := range r.Left {
		if there.Object.Key() == l.Object.Key() && there.Why == l.Why {
			return
		}
	}
	r.Left = append(r.Left, evidence.Left{Object: l.Object, Why: l.Why, Owner: l.Owner, Expected: l.Expected})
}

// summaryOf is the record in one sentence: "Offboarding of Ada Byron: done; 7 changes, 9 proofs, nothing left."
func summaryOf(r evidence.Record) string {
	var b strings.Builder
	b.WriteString(r.UseCase)
	if r.UseCase == "" {
		b.WriteString("Ticket")
	}
	if r.Subject.Name != "" {
		b.WriteString(" for " + r.Subject.Name)
	}
	b.WriteString(": " + strings.ReplaceAll(r.End, "_", " "))
	if len(r.Changes) == 0 && len(r.Proofs) == 0 {
		b.WriteString("; nothing was changed.")
		return b.String()
	}
	failed := 0
	for _, p := range r.Proofs {
		if !p.Proved {
			failed++
		}
	}
	fmt.Fprintf(&b, "; %s, %s", count(len(r.Changes), "change"), count(len(r.Proofs), "proof"))
	if failed > 0 {
		fmt.Fprintf(&b, " (%d not proved)", failed)
	}
	if len(r.Left) == 0 {
		b.WriteString(", nothing left.")
	} else {
		fmt.Fprintf(&b, ", %d left to an owner.", len(r.Left))
	}
	return b.String()
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
