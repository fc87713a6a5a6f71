package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/memblob"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/contract"
	"latchkey/evidence"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/simulators/okta/oktasim"
)

// revokeOf is the plan with which a time-bound grant ends.
func revokeOf(person identity.Person, object identity.Entitlement) casework.Plan {
	return casework.Seal(casework.Plan{
		UseCase: casework.AccessRequest, Person: person, Changes: []casework.Change{casework.RevokeOf(object, "its time is over")},
	})
}

// end applies a grant's end and reads it back.
func (w *world) end(plan casework.Plan) (contract.ApplyResult, contract.VerifyResult) {
	w.t.Helper()
	in := input(plan, plan.Changes[0])
	in.Unit, in.Named = contract.UnitGrant, true
	result, err := retried[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(w.t, err)
	return result, w.verify(plan, []contract.Done{{Change: plan.Changes[0], Outcome: result.Outcome}})
}

func TestAGrantEndsByNameAndIsReadBack(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*oktasim.Fault{
		"without trouble":         nil,
		"when the answer is lost": {Kind: oktasim.FaultAnswerLost, Method: "write", First: 1, PerWrite: true},
	} {
		for _, what := range []string{"aurora", "miro"} {
			t.Run(what+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, nil)
				grant := w.grantPlan(what)
				w.carry(grant)
				plan := revokeOf(grant.Person, grant.Changes[0].Object)
				if fault != nil {
					w.fault(*fault)
				}
				result, check := w.end(plan)
				assert.Contains(t, []contract.Outcome{contract.OutcomeDone, contract.OutcomeAlready}, result.Outcome)
				assert.Empty(t, check.Residuals)
				assert.Empty(t, unproved(check))
				assert.Len(t, check.Proofs, 1)
				assert.Empty(t, w.cluster.ended, "a grant need not be told of its own end")
			})
		}
	}
}

func TestWhatStillStandsAfterItsEndIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	grant := w.grantPlan("aurora")
	w.carry(grant)
	check := w.verify(revokeOf(grant.Person, grant.Changes[0].Object), nil)
	require.Len(t, check.Residuals, 1)
	assert.False(t, check.Residuals[0].Expected)
	assert.Equal(t, "Identity Team", check.Residuals[0].Owner)
	assert.Len(t, unproved(check), 1)
}

func TestAGrantThatAGroupRuleTookOverLeavesItToTheRule(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	id, ok := w.sim.GroupID("Sales Department")
	require.True(t, ok)
	clara := w.user(acme.Clara)
	person := identity.Person{OktaUserID: clara.ID, Status: identity.StatusActive, Login: acme.Clara}
	result, check := w.end(revokeOf(person, identity.Entitlement{Kind: identity.KindGroup, ID: id, Name: "Sales Department"}))
	assert.Equal(t, contract.OutcomeStale, result.Outcome)
	assert.Contains(t, result.Detail, "through group rule")
	require.Len(t, check.Residuals, 1)
	assert.True(t, check.Residuals[0].Expected, "it was never the grant's to take")
	assert.Empty(t, unproved(check))
	assert.Zero(t, w.events(acme.Clara)["group.user_membership.remove"])
	assert.Empty(t, w.sim.RuleExclusions("Department Sales"), "nobody is struck off a rule")
}

func TestAGrantThatBirthrightTookOverStays(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		rules string
		want  contract.Outcome
		kind  casework.ErrKind
	}{
		"given to this person": {`{name: sales, when: person.department == "Sales", groups: [Project Aurora], apps: [Miro], reason: Sales works there}`, contract.OutcomeStale, ""},
		"given to others":      {`{name: it, when: person.department == "IT", groups: [Project Aurora], apps: [Miro], reason: IT works there}`, contract.OutcomeDone, ""},
		"not to be worked out": {`{name: odd, when: person.attributes.nothing.more == "x", groups: [Project Aurora], reason: nobody knows}`, "", casework.Invalid},
	} {
		for _, what := range []string{"aurora", "miro"} {
			t.Run(what+" "+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, nil)
				grant := w.grantPlan(what)
				w.carry(grant)
				w.rules(map[string]string{"birthright.yaml": "rules:\n  - " + test.rules + "\n"}) // the person moved, or policy did
				plan := revokeOf(grant.Person, grant.Changes[0].Object)
				in := input(plan, plan.Changes[0])
				in.Unit = contract.UnitGrant
				result, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
				assert.Equal(t, test.kind, kind(err))
				assert.Equal(t, test.want, result.Outcome)
				if test.want == contract.OutcomeStale {
					assert.Contains(t, result.Detail, "Sales works there")
				}
			})
		}
	}
}

func TestWhatAGuardHoldsAtTheEndIsHeld(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	grant := w.grantPlan("aurora")
	w.carry(grant)
	w.cluster.controls.Frozen = []contract.Freeze{{By: contract.Operator{By: "Grace", Reason: "incident"}}}
	in := input(revokeOf(grant.Person, grant.Changes[0].Object), casework.RevokeOf(grant.Changes[0].Object, ""))
	in.Unit = contract.UnitGrant
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeHeld, result.Outcome)
	assert.Equal(t, contract.GuardFreeze, result.Guard)
}

func TestALeaverTellsTheGrantsOfWhatItTookAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	w.carry(plan)
	var want []string
	for _, c := range plan.Changes {
		if c.Verb == casework.VerbRemoveMember || c.Verb == casework.VerbUnassignApp {
			want = append(want, contract.GrantWorkflowID(plan.Person.OktaUserID, c.Object))
		}
		if c.Verb == casework.VerbDeactivate {
			want = append(want, contract.GrantWorkflowPrefix(plan.Person.OktaUserID)+"*")
		}
	}
	require.NotEmpty(t, want)
	assert.Equal(t, want, w.cluster.ended)
}

func TestARequestForWhatIsHeldForATimeExtendsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]string{"catalogue.yaml": "items:\n" +
		"  aurora: {name: Project Aurora, group: Project Aurora, limit: {default: 30d, most: 90d, notice: 2d}}\n" +
		"  forever: {name: Project Aurora for good, group: Project Aurora}\n"})
	first := w.grantPlan("aurora")
	change := first.Changes[0]
	assert.Equal(t, 30*24*time.Hour, change.Limit)
	assert.Equal(t, 48*time.Hour, change.Notice)
	assert.True(t, change.Claim)
	w.carry(first)

	request := func(catalogue string) contract.Unit {
		return w.plan(casework.Request{
			Ticket: casework.Ticket{Number: 13}, UseCase: casework.AccessRequest,
			Items: []casework.Item{{Key: "1", Name: catalogue, Catalogue: catalogue, Beneficiary: acme.Clara}},
		}).Units[0]
	}
	assert.Equal(t, casework.EndAlready, request("aurora").End, "no grant stands: it is held for good")

	w.cluster.grants = map[string]contract.GrantState{contract.GrantWorkflowID(first.Person.OktaUserID, change.Object): {
		Claims: []contract.Claim{{Ticket: 12, Item: "1", Until: time.Now().Add(time.Hour)}},
	}}
	again := request("aurora")
	require.Empty(t, again.End, again.Why)
	assert.Equal(t, first.Digest, again.Plan.Digest)
	done := w.carry(again.Plan)
	assert.Equal(t, contract.OutcomeAlready, done[0].Outcome)
	assert.Equal(t, 1, w.events(acme.Clara)["group.user_membership.add"], "an extension writes nothing to Okta")

	forGood := request("forever")
	require.Empty(t, forGood.End, forGood.Why)
	assert.True(t, forGood.Plan.Changes[0].Claim)
	assert.Zero(t, forGood.Plan.Changes[0].Limit)
}

func TestAPlanWaitsForAClusterThatCannotSayWhatStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.carry(w.grantPlan("aurora"))
	w.cluster.broken = true
	_, err := run[contract.PlanResult](w, contract.ActPlan, contract.PlanInput{Request: casework.Request{
		Ticket: casework.Ticket{Number: 13}, UseCase: casework.AccessRequest,
		Items: []casework.Item{{Key: "1", Name: "aurora", Catalogue: "aurora", Beneficiary: acme.Clara}},
	}})
	require.Error(t, err)
	assert.True(t, kind(err).Retried(), "%s", kind(err))
}

func TestAClaimNeedsAPersonAnObjectAndATicket(t *testing.T) {
	t.Parallel()
	cluster := newFakeCluster()
	e := &activities.Engine{Cluster: cluster, Records: evidence.NewStore(memblob.OpenBucket(nil))}
	good := contract.ClaimGrantInput{
		Person: identity.Person{OktaUserID: "00u1"}, Object: identity.Entitlement{Kind: identity.KindGroup, ID: "00g1"},
		Signal: contract.ClaimSignal{Claim: contract.Claim{Ticket: 12, Item: "1"}},
	}
	_, err := engine[struct{}](t, e, contract.ActClaimGrant, good)
	require.NoError(t, err)
	assert.Len(t, cluster.claims, 1)
	for name, spoil := range map[string]func(*contract.ClaimGrantInput){
		"person": func(in *contract.ClaimGrantInput) { in.Person.OktaUserID = "" },
		"object": func(in *contract.ClaimGrantInput) { in.Object.ID = "" },
		"ticket": func(in *contract.ClaimGrantInput) { in.Signal.Claim.Ticket = 0 },
	} {
		bad := good
		spoil(&bad)
		_, err := engine[struct{}](t, e, contract.ActClaimGrant, bad)
		assert.Equal(t, casework.Invalid, kind(err), name)
	}
}

func TestTheEvidenceOfAGrantIsAChainOfItsOwn(t *testing.T) {
	t.Parallel()
	store := evidence.NewStore(memblob.OpenBucket(nil))
	e := &activities.Engine{Cluster: newFakeCluster(), Records: store}
	object := identity.Entitlement{Kind: identity.KindGroup, ID: "00g1", Name: "Aurora"}
	person := identity.Person{OktaUserID: "00u1", FirstName: "Ada"}
	plan := revokeOf(person, object)
	input := func(since time.Time) contract.EvidenceInput {
		return contract.EvidenceInput{
			Case: contract.Case{
				Request: casework.Request{UseCase: casework.AccessRequest, Ticket: casework.Ticket{Number: 12}}, Plan: &plan, StartedAt: since,
				Units: []contract.Unit{{Key: contract.UnitGrant, Plan: plan}},
			},
			End: casework.EndDone, Grant: &contract.GrantState{Person: person, Object: object, Since: since},
		}
	}
	began := time.Now().UTC()
	first, err := engine[contract.RecordRef](t, e, contract.ActStoreEvidence, input(began))
	require.NoError(t, err)
	assert.Equal(t, "grants/00u1/group-00g1/records/FS-12/000000.json", first.Key)
	again, err := engine[contract.RecordRef](t, e, contract.ActStoreEvidence, input(began))
	require.NoError(t, err)
	assert.Equal(t, first, again, "asked twice is stored once")
	second, err := engine[contract.RecordRef](t, e, contract.ActStoreEvidence, input(began.Add(time.Hour)))
	require.NoError(t, err)
	assert.NotEqual(t, first.Key, second.Key, "the same ticket may hold and lose it twice")

	raw, err := store.Under("grants/00u1/group-00g1").Raw(t.Context(), 12)
	require.NoError(t, err)
	require.Len(t, raw, 2)
	require.NoError(t, evidence.Check(raw))
	record, err := store.Get(t.Context(), first.Key)
	require.NoError(t, err)
	assert.Equal(t, contract.WorkflowGrant, record.UseCase)
	_, found, err := store.Latest(t.Context(), 12)
	require.NoError(t, err)
	assert.False(t, found, "the ticket's own chain, by which its case knows its earlier runs, is left alone")
}
