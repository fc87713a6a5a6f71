package activities

import (
	"slices"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// proveTaken proves that what a change took is not held any more. What a group, a rule or another system gives beside it
// was never this change's to take: it is named, with its owner, as expected.
func (o *Okta) proveTaken(result *contract.VerifyResult, c casework.Change, grant identity.Grant, has bool, name string, found bool) {
	proof := contract.Proof{What: name + " no longer has " + c.Object.Label() + " by name", Proved: true}
	switch byName := grant.Origin == identity.OriginDirect || grant.Origin == identity.OriginBoth; {
	case !found:
		proof.Saw = "the account no longer exists"
	case !has:
		proof.Saw = "not held"
	case !byName:
		proof.Saw = "held " + casework.How(grant)
		result.Residuals = append(result.Residuals, casework.Residual{
			Object: c.Object, Why: "it is still held " + casework.How(grant), Owner: o.ownerOf(grant), Expected: true,
		})
	default:
		proof.Proved, proof.Saw = false, "still held "+casework.How(grant)
		result.Residuals = append(result.Residuals, casework.Residual{
			Object: c.Object, Why: "it was to be taken away and is still held " + casework.How(grant), Owner: o.ownerOf(grant),
		})
	}
	result.Proofs = append(result.Proofs, proof)
}

// unexpectedly says whether anything is left that nobody foresaw.
func unexpectedly(left []casework.Residual) bool {
	return slices.ContainsFunc(left, func(r casework.Residual) bool { return !r.Expected })
}
