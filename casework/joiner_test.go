package casework_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
)

var firstDay = time.Date(2026, 12, 1, 8, 0, 0, 0, time.FixedZone("CET", 3600))

func wantedProfile() map[string]any {
	return map[string]any{
		"login": "ada.byron@acme.example", "email": "ada.byron@acme.example", "secondEmail": "ada@home.example", "firstName": "Ada", "lastName": "Byron",
		"employeeNumber": "4711", "department": "Finance", "title": "Clerk", "city": "Berlin", "timezone": "Europe/Berlin", "manager": "grace@acme.example",
	}
}

// joiner is Ada, new in Finance: two groups by name, one by rule, an app by group and one by name.
func joiner() casework.JoinerFacts {
	return casework.JoinerFacts{
		Match:   casework.Match{Kind: casework.MatchNew, Why: "nobody in Okta answers to the employee number"},
		Profile: wantedProfile(),
		Rights: []casework.Right{
			right("app:books", "finance"), right("app:erp", "finance"), right("group:staff", "all"), right("group:ledger", "finance"),
			right("group:finance", "finance"), right("group:staff", "clerks"),
		},
		RuleGives:  []casework.RuleGrant{ruleGrant("finance", "rule2", "department is Finance")},
		AppGroups:  map[string][]identity.Entitlement{"app:erp": {entitlement("group:ledger")}},
		ActivateAt: firstDay, PolicyDigest: "p1", Owner: "Identity Team",
	}
}

// rehire is Ada coming back to an account that an earlier time left with memberships.
func rehire(groups ...identity.Grant) casework.JoinerFacts {
	f := joiner()
	old := account("00u1", identity.StatusDeprovisioned)
	old.Attributes = map[string]any{"login": old.Login, "email": old.Email, "firstName": "Ada", "lastName": "Byron", "employeeNumber": "4711", "department": "Sales"}
	f.Match = casework.MatchPerson(newcomer(), []identity.Person{old}, nil)
	f.Access = identity.Access{Person: old, Groups: append([]identity.Grant{group("everyone", identity.OriginBuiltIn)}, groups...)}
	return f
}

func TestPlanJoinerMakesAnAccountInTwoWrites(t *testing.T) {
	t.Parallel()
	f := joiner()
	f.Rights = f.Rights[1:] // no app by name
	d := casework.PlanJoiner(f)
	require.Empty(t, d.End)
	require.Empty(t, d.Ask)
	assert.Equal(t, []string{"create_account account:new", "activate account:new"}, ids(d.Plan))
	create := d.Plan.Changes[0]
	assert.Equal(t, wantedProfile(), create.Values)
	assert.Equal(t, []identity.Entitlement{entitlement("group:ledger"), entitlement("group:staff")}, create.With, "not what a rule gives")
	assert.Equal(t, "Ada Byron", create.Object.Name)
	assert.Equal(t, []casework.Effect{
		{Object: entitlement("group:finance"), Gives: true, Because: "group rule Name of rule2 gives it: department is Finance"},
		{Object: entitlement("app:erp"), Gives: true, Because: "a group of this plan grants it; birthright by policy's rule finance: everybody there uses it"},
	}, d.Plan.Effects)
	assert.Contains(t, d.Plan.Notes, "The account begins in group Name of staff: birthright by policy's rule all, clerks: everybody there uses it.")
	assert.Equal(t, firstDay.UTC(), d.Plan.EffectiveAt)
	p := d.Plan.Person
	assert.Equal(t, []string{"", "ada.byron@acme.example", "ada.byron@acme.example", "Ada Byron", "Finance", "Clerk", "Berlin", "Europe/Berlin", "grace@acme.example", "4711"},
		[]string{p.OktaUserID, p.Login, p.Email, p.DisplayName(), p.Department, p.Title, p.Location, p.TimeZone, p.ManagerEmail, p.EmployeeNumber})
	assert.Equal(t, casework.DigestOf(d.Plan), d.Plan.Digest)
}

func TestPlanJoinerAssignsAppsThatNoGroupGrants(t *testing.T) {
	t.Parallel()
	assert.Equal(t, []string{"create_account account:new", "assign_app app:books", "activate account:new"}, ids(casework.PlanJoiner(joiner()).Plan))
}

func TestPlanJoinerFinishesWhatAnEarlierCreateLeft(t *testing.T) {
	t.Parallel()
	f := joiner()
	first := casework.PlanJoiner(f).Plan
	staged := account("00u9", identity.StatusStaged)
	staged.Attributes = wantedProfile()
	f.Match = casework.MatchPerson(newcomer(), []identity.Person{staged}, nil)
	f.Access = identity.Access{Person: staged, Groups: []identity.Grant{group("ledger", identity.OriginDirect)}}
	d := casework.PlanJoiner(f)
	assert.Equal(t, []string{"add_member group:staff", "assign_app app:books", "activate account:new"}, ids(d.Plan))
	assert.Equal(t, "00u9", d.Plan.Person.OktaUserID)
	difference := casework.Compare(first, d.Plan)
	assert.Empty(t, difference.Added, "it was all approved")
	assert.False(t, difference.Reopens(casework.Onboarding))
}

func TestPlanJoinerCorrectsAStagedAccountWhenTheTicketChanged(t *testing.T) {
	t.Parallel()
	f := joiner()
	staged := account("00u9", identity.StatusStaged)
	staged.Attributes = wantedProfile()
	staged.Attributes["department"] = "Sales"
	f.Match = casework.MatchPerson(newcomer(), []identity.Person{staged}, nil)
	f.Old = []casework.Right{right("group:forecast", "sales"), right("group:staff", "all"), right("app:quotes", "sales")}
	f.Access = identity.Access{
		Person: staged,
		Groups: []identity.Grant{group("staff", identity.OriginDirect), group("forecast", identity.OriginDirect), group("choir", identity.OriginDirect), group("sales", identity.OriginGroupRule, "rule1")},
		Apps:   []identity.Grant{app("quotes", identity.OriginDirect)},
	}
	plan := casework.PlanJoiner(f).Plan
	assert.Equal(t, []string{
		"update_profile profile:department", "add_member group:ledger", "assign_app app:books",
		"remove_member group:forecast", "unassign_app app:quotes", "activate account:new",
	}, ids(plan), "what somebody else gave meanwhile stays")
}

func TestPlanJoinerCleansARehireBeforeOpeningTheAccount(t *testing.T) {
	t.Parallel()
	f := rehire(group("staff", identity.OriginDirect), group("apollo", identity.OriginDirect), group("github", identity.OriginGroupPush, "gh"),
		group("sales", identity.OriginGroupRule, "rule1"), group("finance", identity.OriginDirect))
	f.Access.Apps = []identity.Grant{app("paused", identity.OriginDirect), app("books", identity.OriginDirect), app("crm", identity.OriginGroup, "sales"), app("mail", identity.OriginGroup, "staff")}
	f.Access.Roles = []identity.Grant{grantOf(identity.KindRole, "ra1", identity.OriginDirect), grantOf(identity.KindRole, "ra2", identity.OriginGroup, "apollo")}
	f.Excluded = []casework.RuleGrant{ruleGrant("ledger", "rule5", ""), ruleGrant("reports", "rule6", "")}
	d := casework.PlanJoiner(f)
	require.Empty(t, d.Ask)
	assert.Equal(t, []string{
		"revoke_role role:ra1", "remove_member group:apollo", "remove_member group:github", "remove_member group:sales", "unassign_app app:paused",
		"activate account:00u1",
		"update_profile profile:city,department,manager,secondEmail,timezone,title",
		"mail_activation account:00u1",
		"add_member group:ledger", "add_member group:staff",
	}, ids(d.Plan))
	assert.Equal(t, "a member of an earlier time", d.Plan.Changes[9].Before, "made sure of, should a rule have given it")
	assert.Contains(t, d.Plan.Changes[8].Reason, "by name because Name of rule5 passes this person over since an earlier leave")
	left := map[string]string{}
	for _, r := range d.Plan.Residuals {
		left[r.Object.Key()] = r.Why
		assert.Equal(t, "Identity Team", r.Owner)
		assert.True(t, r.Expected)
	}
	sameKeys(t, map[string]string{
		"group:sales":   "group rule Name of rule1 may pass this person over from now on",
		"group:reports": "group rule Name of rule6 passes this person over since an earlier leave and will not give it",
	}, left)
	assert.Equal(t, []string{"role:ra2 false", "app:crm false", "group:finance true", "app:erp true"}, effects(d.Plan))
}

func effects(plan casework.Plan) []string {
	var list []string
	for _, e := range plan.Effects {
		gives := " false"
		if e.Gives {
			gives = " true"
		}
		list = append(list, e.Object.Key()+gives)
	}
	return list
}

func TestPlanJoinerKeepsTheLoginOfARehire(t *testing.T) {
	t.Parallel()
	f := rehire()
	f.Profile["login"] = "ada.byron2@acme.example"
	plan := casework.PlanJoiner(f).Plan
	assert.Equal(t, "ada.byron@acme.example", plan.Person.Login)
	assert.Contains(t, plan.Notes, "The account keeps its login.")
	for _, c := range plan.Changes {
		assert.NotContains(t, c.Values, "login")
	}
}

func TestARehireIsMailedOnceTheAccountBearsTheAddressOfTheTicket(t *testing.T) {
	t.Parallel()
	verbs := func(f casework.JoinerFacts) (list []casework.Verb, silent bool, mail casework.Change) {
		for _, c := range casework.PlanJoiner(f).Plan.Changes {
			if c.Verb == casework.VerbActivate {
				silent = c.Silent
			}
			if c.Verb == casework.VerbMailActivation {
				mail = c
			}
			if c.Verb == casework.VerbActivate || c.Verb == casework.VerbMailActivation || c.Verb == casework.VerbUpdateProfile {
				list = append(list, c.Verb)
			}
		}
		return list, silent, mail
	}
	f := rehire()
	list, silent, mail := verbs(f)
	assert.Equal(t, []casework.Verb{casework.VerbActivate, casework.VerbUpdateProfile, casework.VerbMailActivation}, list)
	assert.True(t, silent, "the old address may be a stranger's")
	assert.Equal(t, map[string]any{"secondEmail": "ada@home.example"}, mail.Values)
	plan := casework.PlanJoiner(f).Plan
	without := plan
	without.Changes = slices.DeleteFunc(slices.Clone(plan.Changes), func(c casework.Change) bool { return c.Verb == casework.VerbMailActivation })
	assert.True(t, casework.Compare(without, plan).Empty(), "a case that was approved before there was this verb is not asked about again")

	f.Access.Person.Attributes["secondEmail"] = "ada@home.example"
	list, silent, _ = verbs(f)
	assert.Equal(t, []casework.Verb{casework.VerbActivate, casework.VerbUpdateProfile}, list)
	assert.False(t, silent, "Okta mails at the activation")
}

func TestPlanJoinerNeverOpensAnAccountThatGetsOldAccessBack(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change func(*casework.JoinerFacts)
		ask    string
	}{
		"an imported membership": {func(f *casework.JoinerFacts) {
			f.Access.Groups = append(f.Access.Groups, group("dir", identity.OriginImported))
		}, "group Name of dir (mastered outside Okta): remove it at its source"},
		"a protected group": {func(f *casework.JoinerFacts) {
			f.Access.Groups = append(f.Access.Groups, group("council", identity.OriginDirect))
			f.ProtectedGroups = map[string]string{"group:council": "the council decides"}
		}, "policy protects it: the council decides"},
		"a rule that acts on the old profile": {func(f *casework.JoinerFacts) {
			f.Returns = []casework.RuleGrant{ruleGrant("sales", "rule1", "department is Sales")}
		}, "group rule Name of rule1 gives it to the account's old profile: department is Sales"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := rehire()
			tt.change(&f)
			d := casework.PlanJoiner(f)
			assert.Contains(t, d.Ask, tt.ask)
			assert.Empty(t, d.End)
			assert.Empty(t, d.Plan.Changes)
			assert.Empty(t, d.Plan.Effects)
		})
	}
	f := rehire(group("dir", identity.OriginImported))
	f.Rights = append(f.Rights, right("group:dir", "all"))
	f.Returns = []casework.RuleGrant{ruleGrant("finance", "rule2", ""), ruleGrant("staff", "rule7", "")}
	d := casework.PlanJoiner(f)
	assert.Empty(t, d.Ask, "what is birthright may come back")
	assert.NotContains(t, ids(d.Plan), "add_member group:dir", "it is there, and nobody could be put into it")
}

func TestPlanJoinerEndsClearly(t *testing.T) {
	t.Parallel()
	block := casework.DutyConflict{Name: "pay", One: entitlement("group:ledger"), Other: entitlement("group:staff"), Effect: casework.ConflictBlock}
	tests := map[string]struct {
		change func(*casework.JoinerFacts)
		end    casework.End
		words  string
	}{
		"for a usable account": {func(f *casework.JoinerFacts) {
			f.Match = casework.MatchPerson(newcomer(), []identity.Person{account("00u1", identity.StatusActive)}, nil)
		}, casework.EndAlready, "the account exists and is usable: the employee number"},
		"for an unclear person": {func(f *casework.JoinerFacts) {
			f.Match = casework.MatchPerson(newcomer(), []identity.Person{account("00u1", identity.StatusActive, number("99"))}, nil)
		}, "", "the employee number there is another one. Correct the employee number"},
		"for a protected account": {func(f *casework.JoinerFacts) { f.Protected = "break-glass" }, casework.EndProtected, "break-glass"},
		"for duties kept apart":   {func(f *casework.JoinerFacts) { f.Conflicts = []casework.DutyConflict{block} }, casework.EndConflict, "may not be in one hand (policy's pay)"},
		"for a rehire whose access was not read": {func(f *casework.JoinerFacts) {
			f.Match = casework.MatchPerson(newcomer(), []identity.Person{account("00u1", identity.StatusDeprovisioned)}, nil)
		}, "", "could not be read"},
		"for nobody looked up":       {func(f *casework.JoinerFacts) { f.Match = casework.Match{} }, "", "was not looked up"},
		"without a login and a name": {func(f *casework.JoinerFacts) { delete(f.Profile, "login"); f.Profile["lastName"] = "" }, "", "without login and lastName"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := joiner()
			tt.change(&f)
			d := casework.PlanJoiner(f)
			assert.Equal(t, tt.end, d.End)
			assert.Contains(t, d.Why+d.Ask, tt.words)
			assert.Equal(t, tt.end == "", d.Ask != "", "no end is a question")
			assert.Empty(t, d.Plan.Changes)
		})
	}
}

func TestPlanJoinerLeavesOutWhatCannotBeGiven(t *testing.T) {
	t.Parallel()
	f := joiner()
	f.ProtectedGroups = map[string]string{"group:staff": "the works council decides", "group:ledger": "auditors only"}
	f.Rights = append(f.Rights, casework.Right{Entitlement: identity.Entitlement{Kind: identity.KindApp, Name: "Boks"}, Rule: "finance"})
	plan := casework.PlanJoiner(f).Plan
	assert.Empty(t, plan.Changes[0].With)
	assert.Contains(t, ids(plan), "assign_app app:erp", "its group is not given, so it does not come by itself")
	left := map[string]string{}
	for _, r := range plan.Residuals {
		left[r.Object.Key()] = r.Why
	}
	sameKeys(t, map[string]string{
		"group:staff": "policy gives it to nobody: the works council decides", "group:ledger": "auditors only", "app:": `Okta has nothing called "Boks"`,
	}, left)
}
