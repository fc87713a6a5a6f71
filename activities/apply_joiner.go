package activities

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
)

// createAccount makes a joiner's account, staged, with its groups in the same call. The login is the natural key: an
// account that bears it already is either what an earlier attempt made, and is finished, or somebody else's, and then
// the plan is stale and chooses another login.
func (o *Okta) createAccount(ctx context.Context, in contract.ApplyInput) (contract.ApplyResult, error) {
	login, _ := in.Change.Values["login"].(string)
	if login == "" {
		return contract.ApplyResult{}, problemf(casework.Invalid, "an account without a login cannot be made; the plan names none")
	}
	g := &guards{okta: o, in: in, policy: o.Policy.Current(), person: in.Person, now: o.now()}
	if stop, err := g.ask(ctx); err != nil || stop != nil {
		if err != nil {
			return contract.ApplyResult{}, err
		}
		return *stop, nil
	}
	o.intend(ctx, in, byLogin(login))
	there, err := o.Client.GetUser(ctx, login)
	if goneFromOkta(err) {
		return o.createNew(ctx, in, login)
	}
	if err != nil {
		return contract.ApplyResult{}, err
	}
	return o.finishCreated(ctx, in, there)
}

func (o *Okta) createNew(ctx context.Context, in contract.ApplyInput, login string) (contract.ApplyResult, error) {
	ids := make([]string, 0, len(in.Change.With))
	for _, group := range in.Change.With {
		ids = append(ids, group.ID)
	}
	user, err := o.Client.CreateUser(ctx, okta.NewUser{Profile: in.Change.Values, GroupIDs: ids})
	switch {
	case err == nil:
		result := done()
		result.OktaUserID = user.ID
		return result, nil
	case okta.IsAlreadyExists(err): // somebody was faster, between the read and the write
		there, readErr := o.Client.GetUser(ctx, login)
		if readErr != nil {
			return contract.ApplyResult{}, err
		}
		return o.finishCreated(ctx, in, there)
	}
	return contract.ApplyResult{}, err
}

// finishCreated takes an account with the wanted login for ours when it is staged and carries the same identity, and
// gives it the groups that it lacks.
func (o *Okta) finishCreated(ctx context.Context, in contract.ApplyInput, there okta.User) (contract.ApplyResult, error) {
	if !sameJoiner(in.Change.Values, there) {
		return contract.ApplyResult{
			Outcome: contract.OutcomeStale, Detail: "the login belongs to another account meanwhile; another one is chosen",
		}, nil
	}
	groups, err := o.Client.ListUserGroups(ctx, there.ID)
	if err != nil {
		return contract.ApplyResult{}, err
	}
	for _, want := range in.Change.With {
		if slices.ContainsFunc(groups, func(g okta.Group) bool { return g.ID == want.ID }) {
			continue
		}
		if err := o.Client.AddMember(ctx, want.ID, there.ID); err != nil {
			return contract.ApplyResult{}, err
		}
	}
	result := already("an earlier try made the account")
	result.OktaUserID = there.ID
	return result, nil
}

// sameJoiner says whether an account is the one that a create_account with these values makes. The personal address tells
// two people of one name apart who have no employee numbers yet: their first choice of a login is the same.
func sameJoiner(values map[string]any, there okta.User) bool {
	if okta.Staged != there.Status && okta.Provisioned != there.Status {
		return false
	}
	for _, name := range []string{"login", "email", "firstName", "lastName", "employeeNumber", "secondEmail"} {
		want, is := fmt.Sprint(values[name]), fmt.Sprint(there.Profile[name])
		if values[name] == nil {
			want = ""
		}
		if there.Profile[name] == nil {
			is = ""
		}
		if !strings.EqualFold(want, is) {
			return false
		}
	}
	return true
}

// activate opens a staged account, or one that was deactivated, and lets Okta mail the person, unless the mail follows.
func (a *applier) activate(ctx context.Context) (contract.ApplyResult, error) {
	switch status := identity.UserStatus(a.user.Status); status {
	case identity.StatusStaged, identity.StatusDeprovisioned:
	case identity.StatusSuspended:
		return leftOver("the account is suspended; whoever suspended it has to lift that first"), nil
	case identity.StatusProvisioned, identity.StatusActive, identity.StatusRecovery, identity.StatusPasswordExpired, identity.StatusLockedOut:
		return already("the account is %s", status), nil
	}
	err := a.okta.Client.Activate(ctx, a.user.ID, !a.in.Change.Silent)
	if err == nil || !okta.AlreadyActive(err) {
		return wrote(err)
	}
	return already("the account is active"), nil
}

// updateProfile sets the attributes that differ, and no others. What another system masters is left to its owner.
func (a *applier) updateProfile(ctx context.Context) (contract.ApplyResult, error) {
	differ := map[string]any{}
	for name, want := range a.in.Change.Values {
		if !sameValue(want, a.user.Profile[name]) {
			differ[name] = typedAs(a.user.Profile[name], want)
		}
	}
	if len(differ) == 0 {
		return already("the profile says so"), nil
	}
	_, err := a.okta.Client.UpdateProfile(ctx, a.user.ID, differ)
	switch {
	case okta.MasteredElsewhere(err):
		names := slices.Sorted(maps.Keys(differ))
		if a.in.UseCase == casework.ProfileSync {
			if err := a.okta.rememberMastered(ctx, a.user.ID, names); err != nil {
				return contract.ApplyResult{}, err
			}
		}
		return leftOver("another system masters the profile; set there: " + strings.Join(names, ", ")), nil
	case errors.Is(err, okta.Denied) && a.user.Status == okta.Deprovisioned:
		return leftOver("Okta does not edit the profile of a deactivated account"), nil
	}
	return wrote(err)
}

// typedAs gives a text the type of the value that it replaces: an attribute that holds a number or a boolean keeps its
// type, where the text can be read so.
func typedAs(now, want any) any {
	text, is := want.(string)
	if !is {
		return want
	}
	switch now.(type) {
	case float64:
		if n, err := strconv.ParseFloat(text, 64); err == nil {
			return n
		}
	case bool:
		if b, err := strconv.ParseBool(text); err == nil {
			return b
		}
	}
	return want
}

// sameValue compares an attribute as wanted with what Okta holds: nothing and an empty text are the same.
func sameValue(want, is any) bool {
	if want == nil {
		want = ""
	}
	if is == nil {
		is = ""
	}
	return fmt.Sprint(want) == fmt.Sprint(is)
}
