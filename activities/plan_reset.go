package activities

import (
	"context"
	"strings"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// planReset reads whose account it is and who asks, what the account's status and authenticators are, and what the
// firewall says as things are. It counts nothing: the firewall is asked again right before the change.
func (o *Okta) planReset(ctx context.Context, in contract.PlanInput) (contract.PlanResult, error) {
	p := o.Policy.Current()
	facts := casework.ResetFacts{
		Request: in.Request, PolicyDigest: p.Digest(),
		Target: casework.ResetVerdict{Admitted: true}, Asked: casework.ResetVerdict{Admitted: true},
	}
	if ask := in.Request.Reset; ask != nil && ask.Unsure == "" && len(ask.Kinds) > 0 {
		if err := o.readReset(ctx, p, in, &facts); err != nil {
			return contract.PlanResult{}, err
		}
	}
	d := casework.PlanReset(facts)
	var result contract.PlanResult
	if len(facts.Subject) == 1 {
		result.Person = discreet(facts.Subject[0])
	}
	if d.End != "" {
		result.End, result.Why, result.Alarm = d.End, d.Why, d.Alarm
		return result, nil
	}
	d.Plan.Person = result.Person
	result.Units = []contract.Unit{{Key: leaverUnit, Title: "Sign-in of " + result.Person.DisplayName(), Plan: d.Plan}}
	return result, nil
}

func (o *Okta) readReset(ctx context.Context, p *policy.Policy, in contract.PlanInput, facts *casework.ResetFacts) error {
	finder := accessPlanner{okta: o, policy: p, people: map[string]*beneficiary{}}
	for _, side := range []struct {
		address string
		into    *[]identity.Person
	}{{in.Request.Subject, &facts.Subject}, {in.Request.Ticket.Requester.Email, &facts.Asker}} {
		who, err := finder.find(ctx, side.address)
		if err != nil {
			return err
		}
		if who != nil {
			*side.into = who.found
		}
	}
	if len(facts.Asker) == 1 {
		if protection, ok := p.ProtectedAccount(facts.Asker[0]); ok {
			facts.AskerProtected = protection.Why
		}
	}
	if len(facts.Subject) != 1 {
		return nil
	}
	person := facts.Subject[0]
	if protection, ok := p.ProtectedAccount(person); ok {
		facts.Protected = protection.Why
		return nil
	}
	facts.MailLocked = p.MailLocked(person)
	if rules := p.Credentials(); rules.NotifyManager && person.ManagerEmail != "" {
		facts.Tell = append(facts.Tell, strings.ToLower(person.ManagerEmail))
	}
	facts.Tell = append(facts.Tell, p.Credentials().NotifyPeople...)
	facts.EnrolRemind = p.Credentials().EnrolRemind
	if in.Request.Reset.Has(casework.ResetOneFactor, casework.ResetAllFactors) {
		factors, err := o.Client.ListFactors(ctx, person.OktaUserID)
		if err != nil && (person.Status.CanSignIn() || kindOf(err).Retried()) { // an account that is shut may refuse
			return err
		}
		for _, f := range factors {
			facts.Factors = append(facts.Factors, casework.ResetFactor{Entitlement: factorEntitlement(f), Type: f.Type})
		}
	}
	var err error
	if facts.Privileged, err = o.privileged(ctx, p, person.OktaUserID); err != nil {
		return err
	}
	if facts.Trips, err = o.trips(ctx, p, person.OktaUserID); err != nil {
		return err
	}
	approvers, need := p.PrivilegedApprovers()
	facts.PrivilegedApprovers = len(approvers) >= need
	return o.lookAtFirewall(ctx, p, in, facts)
}

func factorEntitlement(f okta.Factor) identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindFactor, ID: f.ID, Name: f.Type + " by " + f.Provider}
}

// privileged says why policy counts an account as privileged: an administrator role, or a group. Empty is not.
func (o *Okta) privileged(ctx context.Context, p *policy.Policy, userID string) (string, error) {
	roles, err := o.Client.ListAdminRoles(ctx, userID)
	if err != nil && !goneFromOkta(err) {
		return "", err
	}
	for _, r := range roles {
		if name := roleGrant(r).Entitlement.Name; p.PrivilegedRole(name) || p.PrivilegedRole(r.Type) {
			return "it holds the administrator role " + name, nil
		}
	}
	if !p.PrivilegedGroups() {
		return "", nil
	}
	groups, err := o.Client.ListUserGroups(ctx, userID)
	if err != nil && !goneFromOkta(err) {
		return "", err
	}
	for _, g := range groups {
		if p.PrivilegedGroup(g.Name) {
			return "it is in the group " + g.Name, nil
		}
	}
	return "", nil
}

// lookAtFirewall says what the firewall would answer now.
func (o *Okta) lookAtFirewall(ctx context.Context, p *policy.Policy, in contract.PlanInput, facts *casework.ResetFacts) error {
	rules := p.Credentials()
	look := func(userID string, role casework.ResetRole, limits casework.ResetLimits) (casework.ResetVerdict, error) {
		turns, err := o.Cluster.Turns(ctx, userID)
		return casework.JudgeReset(turns.Resets, casework.ResetMark{
			Ticket: in.Request.Ticket.Number, Run: in.Run, Role: role, Kinds: in.Request.Reset.Kinds, At: o.now(),
		}, limits), err
	}
	var err error
	if facts.Target, err = look(facts.Subject[0].OktaUserID, casework.ResetTarget, rules.Target); err != nil {
		return err
	}
	if len(facts.Asker) == 1 {
		facts.Asked, err = look(facts.Asker[0].OktaUserID, casework.ResetRequester, rules.Requester)
	}
	return err
}
