package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"gocloud.dev/blob"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
)

// Verify reads Okta again, independently of what the changes reported, and proves each expectation of the plan. What
// differs is a residual with an owner, something that Okta's own jobs are about to take (unsettled: look again), or
// something that one more change takes away (sweep, named as a residual too until it is gone). Everything that was read
// goes into the blob store; only its key is returned.
func (o *Okta) Verify(ctx context.Context, in contract.VerifyInput) (contract.VerifyResult, error) {
	doing := "reading everything back for " + contract.TicketLabel(in.Ticket)
	var result contract.VerifyResult
	var held holdings
	var err error
	switch {
	case in.Plan.Person.OktaUserID == "":
		err = problemf(casework.Invalid, "the plan names no Okta user to read back")
	case in.Nothing:
		result, held, err = o.verifyNothing(ctx, in)
	case in.UseCase == casework.CredentialReset:
		result, held, err = o.verifyReset(ctx, in)
	case in.UseCase == casework.AccessRequest:
		result, held, err = o.verifyGrants(ctx, in)
	case in.UseCase == casework.AccessReview:
		result, held, err = o.verifyRevocations(ctx, in)
	case in.UseCase == casework.Onboarding || in.UseCase == casework.RoleChange:
		result, held, err = o.verifyPerson(ctx, in)
	default:
		result, held, err = o.verifyLeaver(ctx, in)
	}
	if err != nil {
		return contract.VerifyResult{}, o.failed(ctx, doing, err)
	}
	result.At = o.now()
	if result.Snapshot, err = o.snapshot(ctx, in, held, result); err != nil {
		return contract.VerifyResult{}, o.failed(ctx, doing, problemf(casework.Unavailable, "the blob store does not take the snapshot: %v", err))
	}
	return result, nil
}

// readBack reads a person again. An account that was erased holds nothing: found is false.
func (o *Okta) readBack(ctx context.Context, userID string) (held holdings, found bool, err error) {
	held, err = o.readHoldings(ctx, userID)
	if goneFromOkta(err) {
		// Only the account's own absence counts; anything else that vanished while reading is read again.
		if _, err := o.Client.GetUser(ctx, userID); errors.Is(err, okta.NotFound) {
			return holdings{access: identity.Access{ReadAt: o.now()}}, false, nil
		}
		return held, false, problemf(casework.Unavailable, "something vanished while it was read")
	}
	return held, err == nil, err
}

// readGranted reads a person again, and of what they hold only the kinds that a plan grants.
func (o *Okta) readGranted(ctx context.Context, plan casework.Plan) (held holdings, found bool, err error) {
	user, err := o.Client.GetUser(ctx, plan.Person.OktaUserID)
	if errors.Is(err, okta.NotFound) {
		return holdings{access: identity.Access{ReadAt: o.now()}}, false, nil
	}
	if err != nil {
		return holdings{}, false, err
	}
	wanted := make([]identity.Entitlement, 0, len(plan.Changes))
	for _, c := range plan.Changes {
		wanted = append(wanted, c.Object)
	}
	held, err = o.readWanted(ctx, personOf(user), wanted)
	return held, err == nil, err
}

// verifyLeaver proves that everything is gone, and gives reads that trail behind our own writes a few looks.
func (o *Okta) verifyLeaver(ctx context.Context, in contract.VerifyInput) (result contract.VerifyResult, held holdings, err error) {
	err = untilItTrailsNot(ctx, func() (bool, error) {
		var trails bool
		result, held, trails, err = o.lookAtLeaver(ctx, in)
		return trails, err
	})
	return result, held, err
}

func (o *Okta) lookAtLeaver(ctx context.Context, in contract.VerifyInput) (result contract.VerifyResult, held holdings, trails bool, err error) {
	held, found, err := o.readBack(ctx, in.Plan.Person.OktaUserID)
	if err != nil {
		return contract.VerifyResult{}, held, false, err
	}
	if !found {
		return contract.VerifyResult{Proofs: []contract.Proof{{
			What: "the account is shut", Proved: true, Saw: "it no longer exists in Okta, and with it everything it held",
		}}}, held, false, nil
	}
	v := leaverProof{okta: o, in: in, held: held, policy: o.Policy.Current(), rules: o.Policy.Current().Offboarding()}
	err = v.prove(ctx)
	return v.result, held, v.trails(), err
}

// verifyGrants proves that what was asked for is held. Membership lists trail behind writes, so it looks a few times
// before it says that something is missing.
func (o *Okta) verifyGrants(ctx context.Context, in contract.VerifyInput) (result contract.VerifyResult, held holdings, err error) {
	err = untilItTrailsNot(ctx, func() (bool, error) {
		result, held, err = o.lookAtGrants(ctx, in)
		return unexpectedly(result.Residuals) && result.Status != "", err
	})
	return result, held, err
}

func (o *Okta) lookAtGrants(ctx context.Context, in contract.VerifyInput) (contract.VerifyResult, holdings, error) {
	held, found, err := o.readGranted(ctx, in.Plan)
	if err != nil {
		return contract.VerifyResult{}, held, err
	}
	result := contract.VerifyResult{Status: held.access.Person.Status}
	name := in.Plan.Person.DisplayName()
	for _, c := range in.Plan.Changes {
		grant, has := held.access.Holds(c.Object)
		if !c.Verb.Grants() {
			o.proveTaken(&result, c, grant, has, name, found)
			continue
		}
		proof := contract.Proof{What: name + " has " + c.Object.Label()}
		switch {
		case !found:
			proof.Saw = "the account no longer exists"
		case has:
			proof.Proved, proof.Saw = true, "held "+casework.How(grant)
		default:
			proof.Saw = "not held"
		}
		if !proof.Proved {
			result.Residuals = append(result.Residuals, casework.Residual{
				Object: c.Object, Why: "it was granted and reading back shows: " + proof.Saw,
				Owner: o.ownerOf(identity.Grant{Entitlement: c.Object, Origin: identity.OriginDirect}),
			})
		}
		result.Proofs = append(result.Proofs, proof)
	}
	return result, held, nil
}

// Okta's names of the events that give access (okta-api.md §7).
const (
	eventMemberAdd = "group.user_membership.add"
	eventAppAdd    = "application.user_membership.add"
)

// verifyNothing proves a denial: the person does not hold what was asked for, or holds it for another reason than this
// case, which granted nothing.
func (o *Okta) verifyNothing(ctx context.Context, in contract.VerifyInput) (contract.VerifyResult, holdings, error) {
	held, found, err := o.readGranted(ctx, in.Plan)
	if err != nil {
		return contract.VerifyResult{}, held, err
	}
	result := contract.VerifyResult{Status: held.access.Person.Status}
	name := in.Plan.Person.DisplayName()
	for _, c := range in.Plan.Changes {
		if !c.Verb.Grants() {
			continue
		}
		proof := contract.Proof{What: "this case gave " + name + " no " + c.Object.Label(), Proved: true}
		grant, has := held.access.Holds(c.Object)
		switch {
		case !found:
			proof.Saw = "the account no longer exists"
		case !has:
			proof.Saw = "not held"
		case granted(in.Done, c.ID):
			proof.Proved, proof.Saw = false, "held "+casework.How(grant)+", and this case granted it"
			result.Residuals = append(result.Residuals, casework.Residual{
				Object: c.Object, Why: "it was denied and this case had granted it", Owner: o.ownerOf(grant),
			})
		default:
			since, err := o.heldSince(ctx, c.Object, in.Plan.Person.OktaUserID)
			if err != nil {
				return result, held, err
			}
			proof.Saw = "held " + casework.How(grant) + since + "; this case granted nothing"
		}
		result.Proofs = append(result.Proofs, proof)
	}
	return result, held, nil
}

// granted says whether a change was carried out by this case.
func granted(list []contract.Done, id string) bool {
	for _, d := range list {
		if d.Change.ID == id && d.Outcome == contract.OutcomeDone {
			return true
		}
	}
	return false
}

// heldSince says since when something is held, as far as the System Log's last days tell.
func (o *Okta) heldSince(ctx context.Context, object identity.Entitlement, userID string) (string, error) {
	event := eventMemberAdd
	if object.Kind == identity.KindApp {
		event = eventAppAdd
	}
	page, err := o.Client.ListLogs(ctx, okta.LogQuery{
		Filter: okta.Eq("eventType", event) + " and " + okta.Eq("target.id", userID) + " and " + okta.Eq("target.id", object.ID),
		Limit:  100,
	})
	if err != nil {
		return "", err
	}
	var last time.Time
	for _, e := range page.Events {
		if e.Published.After(last) {
			last = e.Published
		}
	}
	if last.IsZero() {
		return ", for longer than the last days of the System Log", nil
	}
	return ", since " + last.UTC().Format(time.RFC3339), nil
}

// ownerOf is who owns what is left: an app's owner by the catalogue, else by origin as policy says.
func (o *Okta) ownerOf(g identity.Grant) string {
	p := o.Policy.Current()
	if g.Entitlement.Kind == identity.KindApp {
		for _, item := range p.Items() {
			e := item.Entitlement
			if e.Kind == identity.KindApp && item.OwnerEmail != "" && (e.ID == g.Entitlement.ID || e.ID == "" && e.Name == g.Entitlement.Name) {
				return "application owner of " + g.Entitlement.Name
			}
		}
	}
	owners := p.Offboarding().ResidualOwner
	if name := owners[g.Origin]; name != "" {
		return name
	}
	return owners[""]
}

// snapshot stores everything that was read. The key holds the moment, so a second attempt writes beside, not over.
func (o *Okta) snapshot(ctx context.Context, in contract.VerifyInput, held holdings, result contract.VerifyResult) (string, error) {
	raw, err := json.Marshal(map[string]any{
		"schema": "latchkey.snapshot/1", "ticket": in.Ticket, "run": in.Run, "use_case": in.UseCase,
		"plan_digest": in.Plan.Digest, "access": held.access, "rules": held.rules, "notes": held.notes, "result": result,
	})
	if err != nil {
		return "", err
	}
	key := fmt.Sprintf("snapshots/%s/%s.json", caseKey(in.Ticket, in.Run), result.At.UTC().Format("20060102T150405.000000000Z"))
	return key, o.Blobs.WriteAll(ctx, key, raw, &blob.WriterOptions{ContentType: "application/json"})
}
