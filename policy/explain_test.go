package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
)

func TestExplainNamesEveryRule(t *testing.T) {
	t.Parallel()
	p := good(t)
	sales := p.Explain(worker("HR", "HR Manager", "Employee"), identity.Grant{Entitlement: groupOf("sales")})
	assert.Equal(t, []policy.ExplainedRule{
		{Name: "sales", Reason: "Sales works with it", When: `person.department == "Sales"`},
		{Name: "managers", Reason: "leads people", When: `person.title.contains("Manager")`, Gives: true},
	}, sales.Birthright)
	assert.True(t, sales.Given())
	assert.Equal(t, casework.DispositionKeep, sales.Beyond)

	crm := p.Explain(worker("HR", "", ""), identity.Grant{Entitlement: appOf("Salesforce")})
	assert.False(t, crm.Given())
	require.Len(t, crm.Items, 1)
	assert.Equal(t, "salesforce", crm.Items[0].Key)

	pay := p.Explain(policy.PersonFacts{}, identity.Grant{Entitlement: groupOf("Payment Approvers")})
	require.Len(t, pay.Duties, 1)
	assert.Equal(t, "pays and orders", pay.Duties[0].Name)
	assert.Empty(t, pay.Birthright)

	admins := p.Explain(policy.PersonFacts{}, identity.Grant{Entitlement: groupOf("Okta Administrators")})
	assert.NotEmpty(t, admins.Protected.Why)
	production := p.Explain(policy.PersonFacts{}, identity.Grant{Entitlement: groupOf("Production Readers")})
	assert.Equal(t, casework.DispositionRevoke, production.Beyond)
	assert.Equal(t, "production goes with the role", production.BeyondWhy)
	assert.Empty(t, production.Protected.Why)
}

func TestExplainSaysWhichRuleCannotBeEvaluated(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{
		"birthright.yaml": "rules:\n  - {name: level, when: person.attributes.level > 3, groups: [Leads], reason: leads}\n",
	}))
	require.NoError(t, err)
	e := p.Explain(policy.PersonFacts{}, identity.Grant{Entitlement: groupOf("Leads")})
	require.Len(t, e.Birthright, 1)
	assert.Contains(t, e.Birthright[0].Problem, "person.attributes.level > 3")
	assert.False(t, e.Given())
}

func TestKnownByName(t *testing.T) {
	t.Parallel()
	p := good(t)
	for name, want := range map[string][]string{
		"sfdc": {"app Salesforce"}, "staff": {"group Staff"}, "procurement": {"app Procurement"}, "Auditors": {"group Auditors"},
		"production": {"group Production Readers"}, "holodeck": nil,
	} {
		var got []string
		for _, e := range p.Known(name) {
			got = append(got, e.Label())
		}
		assert.Equal(t, want, got, name)
	}
}
