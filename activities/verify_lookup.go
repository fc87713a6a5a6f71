package activities

import (
	"slices"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// change is the plan's change with a verb.
func (v *leaverProof) change(verb casework.Verb) (casework.Change, bool) {
	for _, c := range v.in.Plan.Changes {
		if c.Verb == verb {
			return c, true
		}
	}
	return casework.Change{}, false
}

// keptBy is what policy keeps, by the plan.
func (v *leaverProof) keptBy(object identity.Entitlement) (casework.Kept, bool) {
	for _, k := range v.in.Plan.Kept {
		if k.Object.Key() == object.Key() {
			return k, true
		}
	}
	return casework.Kept{}, false
}

// named is a residual that the plan named.
func (v *leaverProof) named(object identity.Entitlement) (casework.Residual, bool) {
	for _, r := range v.in.Plan.Residuals {
		if r.Object.Key() == object.Key() {
			return r, true
		}
	}
	return casework.Residual{}, false
}

// outcome is what became of the last change of an object.
func (v *leaverProof) outcome(object identity.Entitlement) (contract.Done, bool) {
	for _, d := range slices.Backward(v.in.Done) {
		if d.Change.Object.Key() == object.Key() {
			return d, true
		}
	}
	return contract.Done{}, false
}

func (v *leaverProof) outcomeOf(id string) (contract.Done, bool) {
	for _, d := range v.in.Done {
		if d.Change.ID == id {
			return d, true
		}
	}
	return contract.Done{}, false
}

// worked says whether a change was done, or was so before.
func (v *leaverProof) worked(id string) bool {
	d, ok := v.outcomeOf(id)
	return ok && (d.Outcome == contract.OutcomeDone || d.Outcome == contract.OutcomeAlready)
}

// detail is why a change of an object did not happen, for the end of a sentence.
func (v *leaverProof) detail(object identity.Entitlement) string {
	d, ok := v.outcome(object)
	if !ok || !stopped(d.Outcome) {
		return ""
	}
	return ": " + outcomeWords(d.Outcome) + colon(d.Detail)
}

// stopped says whether a change was given up: a sweep would meet the same.
func stopped(o contract.Outcome) bool {
	switch o {
	case contract.OutcomeRefused, contract.OutcomeSkipped, contract.OutcomeLeft, contract.OutcomeHeld, contract.OutcomeStale:
		return true
	case contract.OutcomeDone, contract.OutcomeAlready, contract.OutcomeGone:
		return false
	}
	return false
}

func outcomeWords(o contract.Outcome) string {
	switch o {
	case contract.OutcomeRefused:
		return "a guard refused the change"
	case contract.OutcomeSkipped:
		return "an operator skipped the change"
	case contract.OutcomeLeft:
		return "Okta does not allow it"
	case contract.OutcomeHeld:
		return "a guard holds the change"
	case contract.OutcomeStale:
		return "Okta moved on since the plan"
	case contract.OutcomeDone, contract.OutcomeAlready, contract.OutcomeGone:
	}
	return string(o)
}

func colon(detail string) string {
	if detail == "" {
		return ""
	}
	return ": " + detail
}
