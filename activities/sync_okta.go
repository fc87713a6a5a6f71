package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/policy"
)

// SyncWho reads by what somebody is searched on the desk, and whether they take part in the sync.
func (o *Okta) SyncWho(ctx context.Context, in contract.SyncWhoInput) (contract.SyncWhoResult, error) {
	result, err := o.syncWho(ctx, in)
	return result, o.failed(ctx, "looking who is to be synced", err)
}

func (o *Okta) syncWho(ctx context.Context, in contract.SyncWhoInput) (contract.SyncWhoResult, error) {
	p := o.Policy.Current()
	result := contract.SyncWhoResult{Mode: p.Mode(casework.ProfileSync)}
	var user okta.User
	var err error
	if in.OktaUserID != "" {
		user, err = o.Client.GetUser(ctx, in.OktaUserID)
		if goneFromOkta(err) {
			result.Why = "there is no such account in Okta"
			return result, nil
		}
	} else {
		var found []okta.User
		found, err = o.Client.FindUsersByEmail(ctx, in.Email)
		chosen, _ := pick(found)
		if err == nil && len(chosen) != 1 {
			result.Why = fmt.Sprintf("%d accounts in Okta have this address", len(chosen))
			return result, nil
		}
		if err == nil {
			user = chosen[0]
		}
	}
	if err != nil {
		return result, err
	}
	result.OktaUserID, result.Email, result.EmployeeNumber = user.ID, user.Email(), user.Attr("employeeNumber")
	if result.Takes = p.Syncs(personOf(user)); !result.Takes {
		result.Why = "policy leaves this account out, or it cannot be used to sign in"
	}
	return result, nil
}

// SyncCompare puts both sides of one person next to each other and says what is to be done about what differs. It
// changes nothing but its own memory of what does not stay as it is written.
func (o *Okta) SyncCompare(ctx context.Context, in contract.SyncCompareInput) (contract.SyncCompareResult, error) {
	result, err := o.syncCompare(ctx, in)
	return result, o.failed(ctx, "comparing both sides of a person", err)
}

func (o *Okta) syncCompare(ctx context.Context, in contract.SyncCompareInput) (contract.SyncCompareResult, error) {
	p := o.Policy.Current()
	s := p.Sync()
	result := contract.SyncCompareResult{Mode: p.Mode(casework.ProfileSync), Asks: s.Ask != "" || s.Request.Item != ""}
	user, err := o.Client.GetUser(ctx, in.OktaUserID)
	if goneFromOkta(err) {
		result.Gone = true
		return result, nil
	}
	if err != nil {
		return result, err
	}
	result.Person = discreet(personOf(user))
	var side deskSide
	switch there, err := readBlob(ctx, o.Blobs, in.Desk, &side); {
	case err != nil:
		return result, err
	case !there:
		return result, problemf(casework.Unavailable, "what was read of the desk is not in the blob store any more; the next look reads it again")
	}
	found, way := side.find(s.Match, numberField(s), user.Email(), user.Attr("employeeNumber"))
	if len(found) > 1 {
		return result, problemf(casework.Conflict, "%d people on the desk fit this account by %s; merge them in Freshservice", len(found), way)
	}
	if why, err := o.contested(ctx, user, found); err != nil || why != "" {
		if err == nil {
			err = problemf(casework.Conflict, "%s; nothing is written until that is settled", why)
		}
		return result, err
	}
	if len(found) == 0 || !found[0].Active {
		o.missing(&result, s, p, user, len(found) > 0)
		return result, nil
	}
	result.DeskID, result.Agent = found[0].ID, found[0].Agent
	reader := o.birthright(p)
	result.Drifts, err = o.drifts(ctx, reader, user, found[0])
	if err != nil || len(in.Wrote) == 0 {
		return result, err
	}
	return result, o.keepStuck(ctx, user.ID, in.Wrote, result.Drifts)
}

// contested says why an account may not be synced with a person on the desk: another account that lives has as good a
// claim. Two accounts that write one record would overwrite each other for ever. The account whose login is the address
// has the better claim.
func (o *Okta) contested(ctx context.Context, user okta.User, found []deskProfile) (string, error) {
	addresses := []string{user.Email()}
	for _, f := range found {
		addresses = append(addresses, f.Emails...)
	}
	slices.Sort(addresses)
	for _, address := range slices.Compact(addresses) {
		if address == "" || strings.EqualFold(address, user.Login()) {
			continue
		}
		others, err := o.Client.FindUsersByEmail(ctx, address)
		if err != nil {
			return "", err
		}
		for _, other := range others {
			if other.ID != user.ID && other.Status != okta.Deprovisioned {
				return "another account in Okta has an address of the same person on the desk", nil
			}
		}
	}
	if number := user.Attr("employeeNumber"); len(found) > 0 && number != "" && !found[0].hasEmail(user.Email()) {
		page, err := o.Client.SearchUsers(ctx, okta.UserSearch{Expression: okta.Eq("profile.employeeNumber", number)})
		if err != nil {
			return "", err
		}
		for _, other := range page.Items {
			if other.ID != user.ID && other.Status != okta.Deprovisioned {
				return "another account in Okta has the same employee number", nil
			}
		}
	}
	return "", nil
}

// missing is somebody whom the desk does not have, or has deactivated.
func (o *Okta) missing(result *contract.SyncCompareResult, s policy.SyncPolicy, p *policy.Policy, user okta.User, shut bool) {
	result.Report = s.OnDesk != policy.MissingIgnore
	if s.OnDesk != policy.MissingCreate || shut {
		return
	}
	result.Create, result.Values = true, map[string]string{}
	for _, r := range p.SyncReadings(user.Profile, nil) {
		if r.Attribute.Target() == casework.SideDesk && r.Unusable == "" && r.Wanted != "" {
			result.Values[r.Attribute.Desk] = r.Wanted
		}
	}
}

// drifts is what differs, with what is known of each: what Okta does not let us write, what does not stay, and what would
// change access.
func (o *Okta) drifts(ctx context.Context, reader *birthrightReader, user okta.User, desk deskProfile) ([]casework.Drift, error) {
	drifts := casework.PlanSync(reader.policy.SyncReadings(user.Profile, desk.Values))
	if !casework.Work(drifts) {
		return drifts, nil
	}
	memory, err := readMemory(ctx, o.Blobs, user.ID)
	if err != nil {
		return nil, err
	}
	for i := range drifts {
		d := &drifts[i]
		if d.Kind != casework.DriftWrite && d.Kind != casework.DriftRoleChange {
			continue
		}
		since, mastered := memory.Mastered[d.Attribute.Okta]
		switch {
		case mastered && d.Attribute.Target() == casework.SideOkta && o.now().Sub(since) < masteredKeeps:
			d.Kind, d.Why = casework.DriftMastered, "another system masters it in Okta (E0000023): set it there, or let Okta own it"
		case memory.Stuck[d.Attribute.Name] != "" && memory.Stuck[d.Attribute.Name] == syncDigest(d.Wanted, d.Has):
			d.Kind, d.Why = casework.DriftStuck, "it was written, and the other side keeps it in this form: give the attribute a transform that makes the same"
		}
	}
	return drifts, reader.judge(ctx, reader.policy.Sync().Access, user, drifts)
}

// keepStuck remembers what was written a moment ago and reads neither as it was before nor as it was written.
func (o *Okta) keepStuck(ctx context.Context, userID string, wrote map[string]string, drifts []casework.Drift) error {
	var stuck []casework.Drift
	for _, d := range drifts {
		if before, was := wrote[d.Attribute.Name]; was && d.Kind == casework.DriftWrite && !d.Attribute.Same(before, d.Has) {
			stuck = append(stuck, d)
		}
	}
	if len(stuck) == 0 {
		return nil
	}
	memory, err := readMemory(ctx, o.Blobs, userID)
	if err != nil {
		return err
	}
	for _, d := range stuck {
		memory.Stuck[d.Attribute.Name] = syncDigest(d.Wanted, d.Has)
	}
	return memory.write(ctx, o.Blobs, userID)
}

// rememberMastered keeps that another system masters attributes of somebody.
func (o *Okta) rememberMastered(ctx context.Context, userID string, names []string) error {
	memory, err := readMemory(ctx, o.Blobs, userID)
	if err != nil {
		return err
	}
	for _, name := range names {
		memory.Mastered[name] = o.now()
	}
	return memory.write(ctx, o.Blobs, userID)
}
