package activities

import (
	"context"
	"errors"

	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
)

func (a *applier) removeMember(ctx context.Context) (contract.ApplyResult, error) {
	member, err := a.okta.Client.IsMember(ctx, a.object(), a.user.ID)
	if err != nil {
		return contract.ApplyResult{}, err
	}
	if !member {
		return already("not a member"), nil
	}
	return a.memberWritten(ctx, a.okta.Client.RemoveMember(ctx, a.object(), a.user.ID))
}

func (a *applier) addMember(ctx context.Context) (contract.ApplyResult, error) {
	member, err := a.okta.Client.IsMember(ctx, a.object(), a.user.ID)
	if err != nil {
		return contract.ApplyResult{}, err
	}
	if member {
		return already("a member already"), nil
	}
	return a.memberWritten(ctx, a.okta.Client.AddMember(ctx, a.object(), a.user.ID))
}

// memberWritten reads Okta's answer to a membership write. A refusal is looked into: a group that others master can only
// be changed there, while a missing permission of ours parks the case.
func (a *applier) memberWritten(ctx context.Context, err error) (contract.ApplyResult, error) {
	switch {
	case goneFromOkta(err):
		return gone("the group or the account no longer exists in Okta"), nil
	case errors.Is(err, okta.Denied):
		group, readErr := a.okta.Client.GetGroup(ctx, a.object())
		if readErr == nil && group.Type != okta.OktaGroup {
			return leftOver("the group's members are mastered outside Okta's own groups; it has to be done there"), nil
		}
	}
	return wrote(err)
}

func (a *applier) unassignApp(ctx context.Context) (contract.ApplyResult, error) {
	there, err := a.okta.Client.GetAppUser(ctx, a.object(), a.user.ID)
	switch {
	case goneFromOkta(err):
		return already("not assigned"), nil
	case err != nil:
		return contract.ApplyResult{}, err
	case there.Scope == okta.GroupScope:
		return leftOver("no longer assigned by name; " + grantedBy(there) + " grants it, and it goes with the membership or with the account"), nil
	}
	err = a.okta.Client.UnassignUser(ctx, a.object(), a.user.ID)
	switch {
	case goneFromOkta(err):
		return already("it went meanwhile"), nil
	case okta.GroupsGrantAccess(err):
		return leftOver("a group still grants it, and Okta then does not unassign it; it goes with the membership or with the account"), nil
	case okta.MasteredElsewhere(err):
		return leftOver("another system masters the assignment; it has to be removed there"), nil
	}
	return wrote(err)
}

func (a *applier) assignApp(ctx context.Context) (contract.ApplyResult, error) {
	there, err := a.okta.Client.GetAppUser(ctx, a.object(), a.user.ID)
	switch {
	case err == nil && there.Scope == okta.GroupScope && a.in.Change.Origin == identity.OriginGroup:
		// The plan takes the granting group away and keeps the app: it has to be the person's own first.
	case err == nil && there.Scope == okta.GroupScope:
		return already("%s grants it", grantedBy(there)), nil
	case err == nil:
		return already("assigned already"), nil
	case !goneFromOkta(err):
		return contract.ApplyResult{}, err
	}
	err = a.okta.Client.AssignUser(ctx, a.object(), a.user.ID)
	switch {
	case goneFromOkta(err):
		return gone("the app or the account no longer exists in Okta"), nil
	case okta.NotActive(err):
		return leftOver("Okta gives apps to active accounts only, and this one no longer is"), nil
	}
	return wrote(err)
}

func grantedBy(u okta.AppUser) string {
	if u.GroupName == "" {
		return "a group"
	}
	return "group " + u.GroupName
}
