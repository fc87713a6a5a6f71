package activities

import (
	"context"

	"latchkey/casework"
	"latchkey/contract"
)

// PlanRevocations plans what takes away from one person what a certification campaign revoked. It reads the person
// afresh: the snapshot that reviewers saw may be weeks old. It changes nothing.
func (o *Okta) PlanRevocations(ctx context.Context, in contract.PlanRevocationsInput) (contract.PlanRevocationsResult, error) {
	result, err := o.planRevocations(ctx, in)
	if err != nil {
		return contract.PlanRevocationsResult{}, o.failed(ctx, "planning the revocations of campaign "+in.Campaign, err)
	}
	return result, nil
}

func (o *Okta) planRevocations(ctx context.Context, in contract.PlanRevocationsInput) (contract.PlanRevocationsResult, error) {
	if in.Person.OktaUserID == "" {
		return contract.PlanRevocationsResult{}, problemf(casework.Invalid, "a revocation needs an Okta user")
	}
	held, found, err := o.readBack(ctx, in.Person.OktaUserID)
	if err != nil {
		return contract.PlanRevocationsResult{}, err
	}
	if !found {
		plan := casework.Seal(casework.Plan{UseCase: casework.AccessReview, Person: in.Person})
		return contract.PlanRevocationsResult{Plan: plan, Gone: true}, nil
	}
	p, now := o.Policy.Current(), o.now()
	facts := casework.RevocationFacts{
		Access: held.access, Revoked: in.Revoked, Keep: map[string]casework.Kept{}, Owner: o.ownerOf, PolicyDigest: p.Digest(),
	}
	hold, onHold := p.LegalHold(held.access.Person, now)
	for _, g := range held.access.All() {
		if k, ok := p.Keep(held.access.Person, g, now); ok {
			facts.Keep[g.Entitlement.Key()] = k
		} else if onHold {
			facts.Keep[g.Entitlement.Key()] = hold
		}
	}
	plan := casework.PlanRevocations(facts)
	plan.Person = discreet(plan.Person)
	return contract.PlanRevocationsResult{Plan: plan}, nil
}

// verifyRevocations proves that what was revoked is gone: what changes took, and what goes with a group.
func (o *Okta) verifyRevocations(ctx context.Context, in contract.VerifyInput) (result contract.VerifyResult, held holdings, err error) {
	err = untilItTrailsNot(ctx, func() (bool, error) {
		result, held, err = o.lookAtRevocations(ctx, in)
		return unexpectedly(result.Residuals) && result.Status != "", err
	})
	return result, held, err
}

func (o *Okta) lookAtRevocations(ctx context.Context, in contract.VerifyInput) (contract.VerifyResult, holdings, error) {
	held, found, err := o.readBack(ctx, in.Plan.Person.OktaUserID)
	if err != nil {
		return contract.VerifyResult{}, held, err
	}
	result := contract.VerifyResult{Status: held.access.Person.Status}
	name := in.Plan.Person.DisplayName()
	for _, c := range in.Plan.Changes {
		grant, has := held.access.Holds(c.Object)
		o.proveTaken(&result, c, grant, has, name, found)
	}
	for _, e := range in.Plan.Effects {
		grant, has := held.access.Holds(e.Object)
		proof := contract.Proof{What: name + " no longer has " + e.Object.Label(), Proved: !has, Saw: "not held"}
		if has {
			proof.Saw = "held " + casework.How(grant)
			result.Unsettled = append(result.Unsettled, grant) // apps follow their groups by a job (okta-api.md §5)
		}
		result.Proofs = append(result.Proofs, proof)
	}
	return result, held, nil
}
