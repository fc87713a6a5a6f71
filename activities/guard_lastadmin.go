package activities

import (
	"context"
	"time"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
)

// superAdmin is Okta's type of the role that can mend everything.
const superAdmin = "SUPER_ADMIN"

// lastAdmin keeps enough super administrators who can sign in, the leaver not among them. It is held rather than
// refused: once another one is named the change goes on.
func (g *guards) lastAdmin(ctx context.Context, _ contract.Controls) (*contract.ApplyResult, error) {
	takes, err := g.takesSuperAdmin(ctx)
	if err != nil || !takes {
		return nil, err
	}
	need := g.policy.LastAdmins()
	remain, err := g.okta.otherSuperAdmins(ctx, g.person.OktaUserID, need)
	if err != nil {
		return nil, err
	}
	if remain < need {
		return g.hold(contract.GuardLastAdmin, time.Time{},
			"only %d other super administrator(s) who can sign in would remain and policy wants %d; name another one, then it goes on", remain, need), nil
	}
	return nil, nil // no stop
}

// takesSuperAdmin says whether the change takes a super administrator away.
func (g *guards) takesSuperAdmin(ctx context.Context) (bool, error) {
	change := g.in.Change
	switch change.Verb {
	case casework.VerbRevokeRole:
		return change.Object.Name == superAdmin, nil
	case casework.VerbSuspend, casework.VerbDeactivate:
		if !g.person.Status.CanSignIn() {
			return false, nil // the door is shut already: this takes nobody away
		}
		return g.okta.isSuperAdmin(ctx, g.person.OktaUserID)
	case casework.VerbRemoveMember:
		// Groups that give admin roles are protected groups; asking every group would cost a call each.
		if _, protected := g.policy.ProtectedGroup(change.Object.Name); !protected {
			return false, nil
		}
		roles, err := g.okta.Client.ListGroupAdminRoles(ctx, change.Object.ID)
		if goneFromOkta(err) {
			return false, nil
		}
		return holdsSuperAdmin(roles), err
	case casework.VerbUnsuspend, casework.VerbEndSessions, casework.VerbResetFactors, casework.VerbClearAttributes,
		casework.VerbAddMember, casework.VerbUnassignApp, casework.VerbAssignApp, casework.VerbCreateAccount, casework.VerbActivate, casework.VerbMailActivation, casework.VerbUpdateProfile, casework.VerbResetPassword, casework.VerbUnlock, casework.VerbReactivate, casework.VerbResetFactor:
	}
	return false, nil
}

func (o *Okta) isSuperAdmin(ctx context.Context, userID string) (bool, error) {
	roles, err := o.Client.ListAdminRoles(ctx, userID)
	return holdsSuperAdmin(roles), err
}

func holdsSuperAdmin(roles []okta.Role) bool {
	for _, r := range roles {
		if r.Type == superAdmin && r.Status != "INACTIVE" {
			return true
		}
	}
	return false
}

// otherSuperAdmins counts the super administrators beside one who can sign in now; it stops at enough.
func (o *Okta) otherSuperAdmins(ctx context.Context, beside string, enough int) (int, error) {
	assignees, err := o.Client.ListAdminAssignees(ctx)
	if err != nil {
		return 0, err
	}
	count := 0
	for _, a := range assignees {
		if count >= enough {
			break
		}
		if a.UserID == beside {
			continue
		}
		user, err := o.Client.GetUser(ctx, a.UserID)
		if goneFromOkta(err) || err == nil && user.Status != okta.Active {
			continue
		}
		if err != nil {
			return 0, err
		}
		super, err := o.isSuperAdmin(ctx, a.UserID)
		if err != nil {
			return 0, err
		}
		if super {
			count++
		}
		if err := beat(ctx, "administrators read"); err != nil {
			return 0, err
		}
	}
	return count, nil
}
