package policy_test

import (
	"maps"
	"os"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/identity"
	"latchkey/policy"
)

// edited is the good policy with other files in it.
func edited(t *testing.T, changed map[string]string) *policy.Policy {
	t.Helper()
	p, err := policy.Load(folder(t, changed))
	require.NoError(t, err)
	return p
}

func employee(name, department, title string) policy.PersonFacts {
	return policy.PersonFacts{Person: identity.Person{
		FirstName: name, Login: name + "@acme.example", Department: department, Title: title,
		Attributes: map[string]any{"userType": "Employee"},
	}}
}

func TestDiffNamesWhoGainsAndWhoLoses(t *testing.T) {
	t.Parallel()
	before := edited(t, map[string]string{"birthright.yaml": `
rules:
  - {name: sales, when: person.department == "Sales", groups: [Sales, Market News], apps: [Salesforce], reason: Sales works with it}
`})
	after := edited(t, map[string]string{"birthright.yaml": `
rules:
  - {name: selling, when: person.department == "Sales", groups: [sales], apps: [Salesforce], reason: Sales works with it}
  - {name: managers, when: person.title.contains("Manager"), groups: [Managers], reason: leads people}
  - {name: news, when: person.department == "Marketing", groups: [Market News], reason: Marketing watches}
`})
	d := policy.NewDiff(before, after, 2)
	for _, p := range []policy.PersonFacts{
		employee("ada", "Sales", "Sales Manager"), employee("ben", "Sales", "Account Executive"), employee("cem", "Sales", "Sales Manager"),
		employee("dora", "Sales", "Area Manager"), employee("eve", "Marketing", "Writer"), employee("finn", "IT", "Engineer"),
	} {
		d.Add(p)
	}
	r := d.Report()
	assert.True(t, r.Differs())
	assert.Equal(t, 6, r.People)
	assert.Equal(t, 5, r.Affected, "each person once; a rule of another name and a group in other letters are no change")
	named := func(names ...string) (list []policy.Somebody) {
		for _, n := range names {
			list = append(list, policy.Somebody{Name: n, Login: n + "@acme.example"})
		}
		return list
	}
	assert.Equal(t, []policy.AccessChange{
		{Effect: policy.EffectGain, Kind: "group", Name: "Managers", Rule: "managers", Reason: "leads people", People: 3, First: named("ada", "cem")},
		{Effect: policy.EffectGain, Kind: "group", Name: "Market News", Rule: "news", Reason: "Marketing watches", People: 1, First: named("eve")},
		{Effect: policy.EffectLose, Kind: "group", Name: "Market News", Rule: "sales", Reason: "Sales works with it", People: 4, First: named("ada", "ben")},
	}, r.Access)
	assert.Equal(t, before.Digest(), r.Before)
	assert.Equal(t, after.Digest(), r.After)
}

// A rule that fails might give what the other policy gives: nobody may read that as a loss.
func TestDiffDoesNotGuessWhereARuleFails(t *testing.T) {
	t.Parallel()
	before := edited(t, map[string]string{"birthright.yaml": `
rules:
  - {name: all, when: 'true', groups: [Staff, Desk], reason: everybody}
`})
	after := edited(t, map[string]string{"birthright.yaml": `
rules:
  - {name: tall, when: person.attributes.height > 180, groups: [Staff], reason: high shelves}
`})
	d := policy.NewDiff(before, after, 1)
	d.Add(policy.PersonFacts{Person: identity.Person{FirstName: "ada", Attributes: map[string]any{"height": "tall"}}})
	d.Add(policy.PersonFacts{Person: identity.Person{FirstName: "ben", Attributes: map[string]any{"height": 150}}})
	r := d.Report()
	var effects []string
	for _, c := range r.Access {
		effects = append(effects, string(c.Effect)+" "+c.Name+" "+c.First[0].Name)
	}
	assert.Equal(t, []string{"lose Desk ada", "lose Staff ben", "unclear Staff ada"}, effects)
	require.Len(t, r.Unevaluated, 1)
	assert.Equal(t, "after", r.Unevaluated[0].Policy)
	assert.Equal(t, "tall", r.Unevaluated[0].Rule)
	assert.Equal(t, 1, r.Unevaluated[0].People)
	assert.Contains(t, r.Unevaluated[0].Why, "no such overload")
}

func TestDiffOfModesAndParts(t *testing.T) {
	t.Parallel()
	base := map[string]string{
		"intake.yaml": "use_cases: {offboarding: {mode: observe}}\nrules: []\n",
		"approvals.yaml": `
routes:
  - {name: first, when: emergency, mode: desk}
  - {name: second, when: protected, mode: desk}
  - {name: third, mode: none, reason: nobody asks}
`,
		"catalogue.yaml": "items:\n  wiki: {name: Wiki, group: Wiki Users}\n  crm: {name: CRM, app: Salesforce, risk: low}\n",
		"profile.yaml":   "{}", "onboarding.yaml": "{}", "tests/leavers.yaml": "", "tests/access.yaml": "", "tests/people.yaml": "",
	}
	before := edited(t, base)
	tests := map[string]struct {
		file, text string
		modes      []policy.ModeChange
		parts      []policy.PartChange
	}{
		"nothing": {file: "catalogue.yaml", text: base["catalogue.yaml"]},
		"a comment and the order of keys": {
			file: "catalogue.yaml",
			text: "# ours\nitems:\n  crm: {risk: low, app: Salesforce, name: CRM}\n  wiki: {name: Wiki, group: Wiki Users}\n",
		},
		"a mode": {
			file: "intake.yaml", text: "use_cases: {offboarding: {mode: act}}\nrules: []\n",
			modes: []policy.ModeChange{{UseCase: casework.Offboarding, Before: casework.ModeObserve, After: casework.ModeAct}},
		},
		"a mode that is written out as its default": {
			file: "intake.yaml", text: "use_cases: {offboarding: {mode: observe}, onboarding: {mode: observe}}\nrules: []\n",
		},
		"routes": {
			file: "approvals.yaml",
			text: "routes:\n  - {name: second, when: protected, mode: desk}\n  - {name: first, when: emergency && protected, mode: desk}\n  - {name: fourth, mode: desk}\n",
			parts: []policy.PartChange{
				{File: "approvals.yaml", Part: "routes", Name: "first", Change: policy.PartChanged, Keys: []policy.KeyChange{{Key: "when", Before: "emergency", After: "emergency && protected"}}},
				{File: "approvals.yaml", Part: "routes", Name: "fourth", Change: policy.PartAdded},
				{File: "approvals.yaml", Part: "routes", Name: "third", Change: policy.PartRemoved},
				{File: "approvals.yaml", Part: "routes", Change: policy.PartReordered},
			},
		},
		"items of the catalogue": {
			file: "catalogue.yaml", text: "items:\n  crm: {name: CRM, app: Salesforce, risk: high, tags: [money]}\n  lab: {name: Lab, group: Lab}\n",
			parts: []policy.PartChange{
				{File: "catalogue.yaml", Part: "items", Name: "crm", Change: policy.PartChanged, Keys: []policy.KeyChange{
					{Key: "risk", Before: "low", After: "high"}, {Key: "tags", After: []any{"money"}},
				}},
				{File: "catalogue.yaml", Part: "items", Name: "lab", Change: policy.PartAdded},
				{File: "catalogue.yaml", Part: "items", Name: "wiki", Change: policy.PartRemoved},
			},
		},
		"a setting": {
			file: "mover.yaml", text: "{overlap: 1d, default_time: \"06:00\", default_zone: Europe/Berlin}",
			parts: []policy.PartChange{{File: "mover.yaml", Part: "overlap", Change: policy.PartChanged, Keys: []policy.KeyChange{{Before: "7d", After: "1d"}}}},
		},
		"a text": {
			file: "texts/expired.html.tmpl", text: "Done.",
			parts: []policy.PartChange{{File: "texts/expired.html.tmpl", Change: policy.PartAdded}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := maps.Clone(base)
			changed[tt.file] = tt.text
			r := policy.NewDiff(before, edited(t, changed), 0).Report()
			assert.Equal(t, tt.modes, r.Modes)
			assert.Equal(t, tt.parts, r.Parts)
			assert.Equal(t, len(tt.modes)+len(tt.parts) > 0, r.Differs())
		})
	}
}

func TestAnEarlierPolicyMayLackFiles(t *testing.T) {
	t.Parallel()
	folder := fstest.MapFS{}
	for file, text := range map[string]string{"intake.yaml": "rules: []", "catalogue.yaml": "items: {}", "approvals.yaml": "routes: []", "tests/a.yaml": "?"} {
		folder[file] = &fstest.MapFile{Data: []byte(text)}
	}
	p, missing, err := policy.LoadEarlier(folder)
	require.NoError(t, err)
	assert.Equal(t, []string{
		"offboarding.yaml", "onboarding.yaml", "mover.yaml", "profile.yaml", "birthright.yaml", "duties.yaml", "guards.yaml", "credentials.yaml", "sync.yaml", "alerts.yaml", "review.yaml", "desk.yaml",
	}, missing)
	assert.Equal(t, casework.ModeObserve, p.Modes()[casework.Onboarding])

	folder["guardz.yaml"] = &fstest.MapFile{Data: []byte("{}")}
	_, _, err = policy.LoadEarlier(folder)
	require.ErrorContains(t, err, "guardz.yaml: is no policy file", "a misspelt name is no file that did not exist yet")
	_, _, err = policy.LoadEarlier(fstest.MapFS{})
	require.ErrorContains(t, err, "holds no policy")

	whole := edited(t, nil)
	same, missing, err := policy.LoadEarlier(os.DirFS("testdata/good"))
	require.NoError(t, err)
	assert.Empty(t, missing)
	assert.Equal(t, whole.Digest(), same.Digest())
}
