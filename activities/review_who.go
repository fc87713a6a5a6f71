package activities

import (
	"latchkey/policy"
)

// found is who reviews one item, and how policy came to them.
type found struct {
	account *account
	as      policy.ApproverKind
	// why is set for a fallback: what was wrong with the one meant.
	fallback string
}

// reviewerOf finds who reviews a grant of somebody: the first of the route who is there, may review and is not the person
// reviewed. Nobody may answer for their own access, whatever policy says.
func (p *people) reviewerOf(of *account, route policy.ReviewRoute) (found, bool) {
	wrong := ""
	try := func(list []policy.ReviewWho, fallback bool) (found, bool) {
		for _, who := range list {
			a := p.candidate(of, who, route.Owner)
			switch {
			case a == nil:
				wrong = firstOf(wrong, "no "+whoWord(who.Kind)+" is known")
			case a.id == of.id:
				wrong = firstOf(wrong, "the "+whoWord(who.Kind)+" is the person reviewed")
			case !p.mayReview(a):
				wrong = firstOf(wrong, "the "+whoWord(who.Kind)+" is inactive")
			case fallback || wrong != "":
				return found{account: a, as: who.Kind, fallback: firstOf(wrong, "no rule of policy names a reviewer")}, true
			default:
				return found{account: a, as: who.Kind}, true
			}
		}
		return found{}, false
	}
	if f, ok := try(route.Who, false); ok {
		return f, true
	}
	if f, ok := try(route.Fallback, true); ok {
		return f, true
	}
	return found{fallback: wrong}, false
}

func (p *people) candidate(of *account, who policy.ReviewWho, owner string) *account {
	switch who.Kind {
	case policy.ApproverManager:
		return p.managerOf(of)
	case policy.ApproverOwner:
		return p.named(owner)
	case policy.ApproverDepartmentHead:
		return p.headOf(of)
	case policy.ApproverPerson:
		return p.named(who.Email)
	case policy.ApproverSecondManager, policy.ApproverAgentGroup, policy.ApproverField:
	}
	return nil // the loader lets no other kind through
}

// escalation is who answers in a reviewer's place: the first of policy's list who may, is another, and is not reviewed in
// the packet.
func (p *people) escalation(reviewer *account, reviewed map[string]bool) *account {
	for _, who := range p.policy.ReviewEscalation() {
		a := p.candidate(reviewer, who, "")
		if a != nil && a.id != reviewer.id && !reviewed[a.id] && p.mayReview(a) {
			return a
		}
	}
	return nil
}

func whoWord(k policy.ApproverKind) string {
	switch k {
	case policy.ApproverManager:
		return "manager"
	case policy.ApproverOwner:
		return "owner"
	case policy.ApproverDepartmentHead:
		return "head of department"
	case policy.ApproverPerson:
		return "person named by policy"
	case policy.ApproverSecondManager, policy.ApproverAgentGroup, policy.ApproverField:
	}
	return string(k)
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
