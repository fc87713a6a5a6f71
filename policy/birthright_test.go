package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
)

func worker(department, title, userType string) policy.PersonFacts {
	return policy.PersonFacts{Person: identity.Person{
		Department: department, Title: title, Attributes: map[string]any{"userType": userType},
	}}
}

func groupOf(name string) identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindGroup, Name: name}
}

func appOf(name string) identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindApp, Name: name}
}

func TestBirthrightInTheOrderOfTheFileAndEachOnce(t *testing.T) {
	t.Parallel()
	p := good(t)
	tests := map[string]struct {
		person policy.PersonFacts
		want   []string // kind name by rule
	}{
		"an employee of no department": {worker("", "", "Employee"), []string{"group Staff by everybody", "app Payslips Online by everybody"}},
		"a contractor has nothing":     {worker("", "", "Contractor"), nil},
		"sales": {worker("Sales", "Account Executive", "Employee"), []string{
			"group Staff by everybody", "app Payslips Online by everybody", "group Sales by sales", "group Production Readers by sales", "app Salesforce by sales",
		}},
		"a sales manager has Sales from the first rule": {worker("Sales", "Sales Manager", "Contractor"), []string{
			"group Sales by sales", "group Production Readers by sales", "app Salesforce by sales", "group People Managers by managers",
		}},
		"a manager elsewhere has Sales too": {worker("HR", "HR Manager", "Contractor"), []string{"group People Managers by managers", "group Sales by managers"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rights, err := p.Birthright(tt.person)
			require.NoError(t, err)
			var got []string
			for _, r := range rights {
				got = append(got, r.Entitlement.Label()+" by "+r.Rule)
				assert.NotEmpty(t, r.Reason)
			}
			assert.Equal(t, tt.want, got)
		})
	}
	rights, err := p.Birthright(worker("Sales", "", ""))
	require.NoError(t, err)
	assert.Equal(t, "00g1abc", rights[3].Entitlement.ID, "an ID in the file is kept")
}

func TestABirthrightRuleThatFailsIsNamedAndGivesNothing(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"birthright.yaml": `
rules:
  - {name: level, when: person.attributes.level > 3, groups: [Leads], reason: leads}
  - {name: all, when: 'true == true', groups: [Staff], reason: everybody}
`}))
	require.NoError(t, err)
	rights, err := p.Birthright(policy.PersonFacts{Person: identity.Person{Attributes: map[string]any{"level": "four"}}})
	require.ErrorContains(t, err, `birthright.yaml, rule "level": evaluate "person.attributes.level > 3"`)
	require.Len(t, rights, 1)
	assert.Equal(t, groupOf("Staff"), rights[0].Entitlement)
}

func TestBeyondBirthright(t *testing.T) {
	t.Parallel()
	p := good(t)
	grant := func(e identity.Entitlement) identity.Grant { return identity.Grant{Entitlement: e} }
	tests := map[string]struct {
		person policy.PersonFacts
		grant  identity.Grant
		want   casework.Disposition
		why    string
	}{
		"the first rule that holds decides": {worker("HR", "", ""), grant(groupOf("Production Readers")), casework.DispositionRevoke, "production goes with the role"},
		"only for groups":                   {worker("HR", "", ""), grant(appOf("Production Console")), casework.DispositionKeep, "no rule of policy names it, and what is not named is kept"},
		"a project is asked about":          {worker("HR", "", ""), grant(groupOf("Project Aurora")), casework.DispositionAsk, "a project may go on in the new role"},
		"but not in sales":                  {worker("Sales", "", ""), grant(groupOf("Project Aurora")), casework.DispositionKeep, "no rule of policy names it, and what is not named is kept"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, why := p.Beyond(tt.person, tt.grant)
			assert.Equal(t, tt.want, got)
			assert.Equal(t, tt.why, why)
		})
	}
}

func TestBeyondAsksWhereARuleFailsAndSaysTheDefault(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"birthright.yaml": `
beyond:
  default: revoke
  rules:
    - {name: level, when: person.attributes.level > 3, then: keep, reason: leads keep it}
`}))
	require.NoError(t, err)
	facts := func(level any) policy.PersonFacts {
		return policy.PersonFacts{Person: identity.Person{Attributes: map[string]any{"level": level}}}
	}
	got, why := p.Beyond(facts(int64(4)), identity.Grant{})
	assert.Equal(t, casework.DispositionKeep, got)
	assert.Equal(t, "leads keep it", why)
	got, why = p.Beyond(facts(int64(1)), identity.Grant{})
	assert.Equal(t, casework.DispositionRevoke, got)
	assert.Contains(t, why, "what is not named is revoked")
	got, why = p.Beyond(facts(nil), identity.Grant{})
	assert.Equal(t, casework.DispositionAsk, got)
	assert.Contains(t, why, "could not be evaluated")
}

func TestDutyConflictsNeedBothHalves(t *testing.T) {
	t.Parallel()
	p := good(t)
	pay := identity.Entitlement{Kind: identity.KindGroup, ID: "00gpay", Name: "PAYMENT approvers"}
	buy := identity.Entitlement{Kind: identity.KindApp, ID: "0oabuy", Name: "Procurement"}
	tests := map[string]struct {
		held []identity.Entitlement
		want []string
	}{
		"nothing held":                 {nil, nil},
		"one half":                     {[]identity.Entitlement{pay}, nil},
		"both, whatever the case":      {[]identity.Entitlement{buy, pay}, []string{"pays and orders"}},
		"a group is no app":            {[]identity.Entitlement{pay, groupOf("Procurement")}, nil},
		"an ID decides over the name":  {[]identity.Entitlement{{Kind: identity.KindGroup, ID: "00gother", Name: "Ledger Writers"}, groupOf("Auditors")}, nil},
		"found by ID under a new name": {[]identity.Entitlement{{Kind: identity.KindGroup, ID: "00gledger", Name: "Ledger"}, groupOf("auditors")}, []string{"writes and audits"}},
		"in the order of the file": {[]identity.Entitlement{
			groupOf("Auditors"), groupOf("Ledger Writers"), pay, buy,
		}, []string{"pays and orders", "writes and audits"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, c := range p.DutyConflicts(tt.held) {
				got = append(got, c.Name)
			}
			assert.Equal(t, tt.want, got)
		})
	}
	assert.Equal(t, []casework.DutyConflict{{
		Name: "pays and orders", One: pay, Other: buy, Effect: casework.ConflictBlock, Why: "whoever orders does not release the payment",
	}}, p.DutyConflicts([]identity.Entitlement{buy, pay}))
}
