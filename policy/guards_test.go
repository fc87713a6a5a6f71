package policy_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
)

func TestGuardsNameWhoAndWhy(t *testing.T) {
	t.Parallel()
	p := good(t)
	got, is := p.ProtectedAccount(identity.Person{OktaUserID: "00u1", Login: "BreakGlass@acme.example"})
	assert.True(t, is)
	assert.Equal(t, policy.Protection{Why: "break-glass administrator", Who: "CISO"}, got)
	_, is = p.ProtectedAccount(identity.Person{Login: "svc@acme.example", Attributes: map[string]any{"userType": "service"}})
	assert.True(t, is)
	_, is = p.ProtectedAccount(identity.Person{Login: "ada@acme.example", Email: "ada@acme.example"})
	assert.False(t, is, "somebody without the attribute")
	_, is = p.ProtectedAccount(identity.Person{})
	assert.False(t, is)

	for name, want := range map[string]bool{
		"Okta Administrators": true, "OKTA ADMINISTRATORS EMEA": true, " administrators ": true, "Admins": false, "": false,
	} {
		_, is := p.ProtectedGroup(name)
		assert.Equal(t, want, is, name)
	}

	held, is := p.LegalHold(identity.Person{OktaUserID: "00u7", FirstName: "Henry", LastName: "Held", Login: "henry", SecondEmail: "henry.held@ACME.example"}, now)
	require.True(t, is)
	assert.Equal(t, casework.Kept{
		Object: identity.Entitlement{Kind: identity.KindAccount, ID: "00u7", Name: "Henry Held"}, Why: "case 2026-17", Who: "Legal",
		Until: time.Date(2027, 3, 31, 23, 59, 59, 0, time.UTC),
	}, held)
	_, is = p.LegalHold(identity.Person{Email: "henry.held@acme.example"}, held.Until.Add(time.Second))
	assert.False(t, is, "its end has come")

	alumni := identity.Grant{Entitlement: identity.Entitlement{Kind: identity.KindGroup, ID: "00g9", Name: "alumni"}}
	kept, is := p.Keep(identity.Person{}, alumni, now)
	require.True(t, is)
	assert.Equal(t, casework.Kept{Object: alumni.Entitlement, Why: "leavers stay alumni", Who: "HR"}, kept)
	alumni.Entitlement.Kind = identity.KindApp
	_, is = p.Keep(identity.Person{}, alumni, now)
	assert.False(t, is, "an app of that name is another thing")

	people, need := p.ProtectedApprovers()
	assert.Len(t, people, 3)
	assert.Equal(t, 2, need)
}

func TestGuardThatCannotBeEvaluatedGuards(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"guards.yaml": `
protected: {accounts: [{when: 'person.attributes.level.startsWith("x")', why: level x, who: CISO}]}
legal_hold: [{when: 'person.attributes.level.startsWith("x")', why: case 1, who: Legal}]
keep: [{when: 'person.attributes.level.startsWith("x")', why: kept, who: HR}, {app: {name: Named, id: 0oa1}, why: by ID, who: HR}]
`}))
	require.NoError(t, err)
	odd := identity.Person{Attributes: map[string]any{"level": 5}}
	got, is := p.ProtectedAccount(odd)
	assert.True(t, is)
	assert.Equal(t, "level x (the expression of this entry could not be evaluated for this person, so it applies)", got.Why)
	held, is := p.LegalHold(odd, now)
	assert.True(t, is)
	assert.Contains(t, held.Why, "could not be evaluated")
	_, is = p.Keep(odd, identity.Grant{}, now)
	assert.True(t, is)

	plain := identity.Person{Attributes: map[string]any{"level": "a"}}
	_, is = p.ProtectedAccount(plain)
	assert.False(t, is)
	_, is = p.Keep(plain, identity.Grant{Entitlement: identity.Entitlement{Kind: identity.KindApp, ID: "0oa1", Name: "Renamed"}}, now)
	assert.True(t, is, "an ID survives a new name")
	_, is = p.Keep(plain, identity.Grant{Entitlement: identity.Entitlement{Kind: identity.KindApp, ID: "0oa2", Name: "Named"}}, now)
	assert.False(t, is, "and is not another app of the old name")
}

func TestRouteCarriesTheWholeChain(t *testing.T) {
	t.Parallel()
	r, err := good(t).Route(policy.RouteFacts{UseCase: casework.Offboarding})
	require.NoError(t, err)
	assert.Equal(t, policy.Route{
		Name: "leaver", Mode: approval.ModeLevels, BanExtra: []string{"robot@acme.example"},
		Levels: []policy.RouteLevel{{
			Name: "Manager", RemindAfter: 24 * time.Hour, RemindMax: 3, EscalateAfter: 72 * time.Hour, ExpireAfter: 14 * 24 * time.Hour,
			EscalateTo: []policy.Approvers{{Kind: policy.ApproverDepartmentHead}},
			ReassignTo: []policy.Approvers{{Kind: policy.ApproverAgentGroup, Value: "HR Leads"}},
			Groups: []policy.RouteGroup{{
				Name: "manager", Rule: approval.RuleEveryone,
				Who: []policy.Approvers{{Kind: policy.ApproverManager, Fallback: []policy.Approvers{
					{Kind: policy.ApproverDepartmentHead}, {Kind: policy.ApproverAgentGroup, Value: "HR Leads"},
				}}},
			}},
		}},
	}, r)

	stage, err := good(t).Route(policy.RouteFacts{UseCase: casework.AccessRequest, Ticket: policy.TicketFacts{Category: "Change board", StatusName: "Approved"}})
	require.NoError(t, err)
	assert.True(t, stage.StageReached)
	none, err := good(t).Route(policy.RouteFacts{UseCase: casework.AccessRequest, Item: &policy.CatalogueItem{Key: "wiki"}})
	require.NoError(t, err)
	assert.Equal(t, "everybody may read the wiki", none.Reason)
}

func TestRouteThatIsNotThereSaysWhatToAdd(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"approvals.yaml": `
routes:
  - {name: strict, when: 'use_case == "access_request" && subject.attributes.grade > 3', mode: desk}
  - {name: lax, when: 'use_case == "access_request" && item.risk == "low"', mode: none, reason: low risk}
  - {name: named, when: use_case == "offboarding", levels: [{name: a, groups: [{name: g, who: [{expression: subject.attributes.boss}]}]}]}
`}))
	require.NoError(t, err)
	grade := func(v any) policy.PersonFacts {
		return policy.PersonFacts{Person: identity.Person{Attributes: map[string]any{"grade": v, "boss": "boss@acme.example"}}}
	}
	low := &policy.CatalogueItem{Key: "wiki", Risk: "low"}

	r, err := p.Route(policy.RouteFacts{UseCase: casework.AccessRequest, Subject: grade(2), Item: low})
	require.NoError(t, err)
	assert.Equal(t, "lax", r.Name)

	_, err = p.Route(policy.RouteFacts{UseCase: casework.AccessRequest, Subject: grade(2), Item: &policy.CatalogueItem{Key: "db", Risk: "high"}})
	require.EqualError(t, err, `no route in approvals.yaml applies to use_case == "access_request" with item.key == "db" and item.risk == "high": add one, or a last route without when`)

	_, err = p.Route(policy.RouteFacts{UseCase: casework.AccessRequest, Subject: grade("high"), Item: low})
	require.ErrorContains(t, err, `approvals.yaml, route "strict": evaluate`, "the strict route is not passed over for the lax one")

	r, err = p.Route(policy.RouteFacts{UseCase: casework.Offboarding, Subject: grade(2)})
	require.NoError(t, err)
	assert.Equal(t, []policy.Approvers{{Kind: policy.ApproverPerson, Value: "boss@acme.example"}}, r.Levels[0].Groups[0].Who)
	_, err = p.Route(policy.RouteFacts{UseCase: casework.Offboarding})
	require.ErrorContains(t, err, `route "named", level "a", group "g": the expression "subject.attributes.boss" gives ""`)
}

func TestCatalogueByKeyNameAndWord(t *testing.T) {
	t.Parallel()
	p := good(t)
	i, ok := p.Item("production")
	require.True(t, ok)
	assert.Equal(t, policy.CatalogueItem{
		Key: "production", Name: "Production database", Risk: "high", OwnerEmail: "dora.data@acme.example", Tags: []string{"production"}, Requestable: true,
		Entitlement: identity.Entitlement{Kind: identity.KindGroup, ID: "00g1production", Name: "Production Readers"},
	}, i)
	_, ok = p.Item("Production database")
	assert.False(t, ok, "Item takes the key")
	legacy, ok := p.Item("legacy")
	require.True(t, ok)
	assert.False(t, legacy.Requestable)
	assert.Len(t, p.Items(), 5)
}
