package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

// verifyPerson proves a joiner or a mover: the account is usable, everything that the role gives is held, whatever gave
// it, and what had to go is gone. Lists trail behind writes, so it looks a few times before it says that something
// differs. It reads no apps unless the plan concerns one.
func (o *Okta) verifyPerson(ctx context.Context, in contract.VerifyInput) (result contract.VerifyResult, has holdings, err error) {
	err = untilItTrailsNot(ctx, func() (bool, error) {
		var found bool
		if has, found, err = o.readConcerned(ctx, in.Plan); err != nil {
			return false, err
		}
		v := personProof{okta: o, in: in, has: has.access}
		if found {
			if v.mail, err = o.readMail(ctx, in.Plan); err != nil {
				return false, err
			}
		}
		if !found {
			v.differs(accountOf(in.Plan.Person), "the account is usable", "the account no longer exists")
			result = v.result
			return false, nil
		}
		v.prove()
		result = v.result
		return v.unexpected > 0, nil
	})
	return result, has, err
}

// readConcerned reads a person again, and of what they hold only the kinds that the plan concerns.
func (o *Okta) readConcerned(ctx context.Context, plan casework.Plan) (has holdings, found bool, err error) {
	user, err := o.Client.GetUser(ctx, plan.Person.OktaUserID)
	if goneFromOkta(err) {
		return holdings{access: identity.Access{ReadAt: o.now()}}, false, nil
	}
	if err != nil {
		return holdings{}, false, err
	}
	wanted := slices.Clone(plan.Holds)
	for _, c := range plan.Changes {
		wanted = append(wanted, c.Object)
	}
	for _, e := range plan.Effects {
		wanted = append(wanted, e.Object)
	}
	if has, err = o.readWanted(ctx, personOf(user), wanted); err != nil {
		return has, false, err
	}
	if slices.ContainsFunc(wanted, func(e identity.Entitlement) bool { return e.Kind == identity.KindRole }) {
		roles, err := o.Client.ListAdminRoles(ctx, user.ID)
		if err != nil {
			return has, false, err
		}
		for _, r := range roles {
			has.access.Roles = append(has.access.Roles, roleGrant(r))
		}
	}
	return has, true, nil
}

// personProof collects what was proved and what differs.
type personProof struct {
	okta       *Okta
	in         contract.VerifyInput
	has        identity.Access
	mail       *mailSeen // nil: the plan mails no activation by itself
	result     contract.VerifyResult
	unexpected int
}

func accountOf(p identity.Person) identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindAccount, ID: p.OktaUserID, Name: p.DisplayName()}
}

func (v *personProof) prove() {
	v.result.Status = v.has.Person.Status
	plan := v.in.Plan
	v.usable()
	wanted := slices.Clone(plan.Holds)
	for _, c := range plan.Changes {
		switch c.Verb {
		case casework.VerbAddMember, casework.VerbAssignApp:
			wanted = append(wanted, c.Object)
		case casework.VerbRemoveMember, casework.VerbUnassignApp, casework.VerbRevokeRole:
			v.gone(c.Object, v.detail(c.ID))
		case casework.VerbUpdateProfile:
			v.profile(c)
		case casework.VerbMailActivation:
			v.mailed(c)
		case casework.VerbCreateAccount, casework.VerbActivate, casework.VerbSuspend, casework.VerbUnsuspend, casework.VerbDeactivate,
			casework.VerbEndSessions, casework.VerbResetFactors, casework.VerbClearAttributes, casework.VerbResetPassword,
			casework.VerbUnlock, casework.VerbReactivate, casework.VerbResetFactor:
		}
	}
	for _, e := range plan.Effects {
		if e.Gives {
			wanted = append(wanted, e.Object)
		} else {
			v.gone(e.Object, " ("+e.Because+")")
		}
	}
	var seen []string
	for _, e := range wanted {
		if !slices.Contains(seen, e.Key()) {
			seen = append(seen, e.Key())
			v.holds(e)
		}
	}
	for _, k := range plan.Kept {
		v.proved(k.Object.Label()+" is kept", k.Why)
	}
	v.result.Residuals = append(v.result.Residuals, plan.Residuals...)
}

// usable proves that the account can be signed in to, or waits for the person's first step.
func (v *personProof) usable() {
	what := "the account is usable"
	if status := v.has.Person.Status; status.CanSignIn() && status != identity.StatusStaged {
		v.proved(what, "its status is "+string(status))
	} else {
		v.differs(accountOf(v.in.Plan.Person), what, "its status is "+string(status)+v.detailOf(casework.VerbActivate))
	}
}

func (v *personProof) holds(e identity.Entitlement) {
	what := v.in.Plan.Person.DisplayName() + " has " + e.Label()
	if grant, ok := v.has.Holds(e); ok {
		v.proved(what, "held "+casework.How(grant))
		return
	}
	v.differs(e, what, "not held"+v.detail(casework.ChangeID(casework.VerbAddMember, e))+v.detail(casework.ChangeID(casework.VerbAssignApp, e)))
}

func (v *personProof) gone(e identity.Entitlement, detail string) {
	what := v.in.Plan.Person.DisplayName() + " no longer has " + e.Label()
	grant, ok := v.has.Holds(e)
	if !ok {
		v.proved(what, "not held")
		return
	}
	v.differs(e, what, "still held "+casework.How(grant)+detail)
}

// profile proves each attribute that was set. Values are not repeated: some are private.
func (v *personProof) profile(c casework.Change) {
	var differ []string
	for _, name := range slices.Sorted(maps.Keys(c.Values)) {
		if !sameValue(c.Values[name], v.has.Person.Attributes[name]) {
			differ = append(differ, name)
		}
	}
	what := "the profile says so: " + strings.Join(slices.Sorted(maps.Keys(c.Values)), ", ")
	if len(differ) == 0 {
		v.proved(what, "read back")
		return
	}
	v.differs(c.Object, what, "differs: "+strings.Join(differ, ", ")+v.detail(c.ID))
}

// detail is why a change did not happen, for the end of a sentence.
func (v *personProof) detail(id string) string {
	for _, d := range v.in.Done {
		if d.Change.ID == id && stopped(d.Outcome) {
			return ": " + outcomeWords(d.Outcome) + colon(d.Detail)
		}
	}
	return ""
}

func (v *personProof) detailOf(verb casework.Verb) string {
	for _, c := range v.in.Plan.Changes {
		if c.Verb == verb {
			return v.detail(c.ID)
		}
	}
	return ""
}

func (v *personProof) proved(what, saw string) {
	v.result.Proofs = append(v.result.Proofs, contract.Proof{What: what, Proved: true, Saw: saw})
}

// differs names a residual, unless the plan named it.
func (v *personProof) differs(object identity.Entitlement, what, saw string) {
	for _, r := range v.in.Plan.Residuals {
		if r.Object.Key() == object.Key() {
			v.result.Proofs = append(v.result.Proofs, contract.Proof{What: what, Saw: saw + " (named in the plan)"})
			return
		}
	}
	v.result.Proofs = append(v.result.Proofs, contract.Proof{What: what, Saw: saw})
	v.result.Residuals = append(v.result.Residuals, casework.Residual{
		Object: object, Why: fmt.Sprintf("expected that %s, and reading back shows: %s", what, saw),
		Owner: v.okta.ownerOf(identity.Grant{Entitlement: object, Origin: identity.OriginDirect}),
	})
	v.unexpected++
}
