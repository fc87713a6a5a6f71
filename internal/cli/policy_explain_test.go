package cli_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/internal/cli"
)

// ben is an Okta in which Ben sells: a rule put him into the department's group, and Tableau was given by name.
func ben(t *testing.T) {
	t.Helper()
	const account = `{"id":"00u1","status":"ACTIVE","profile":{"login":"ben@acme.example","email":"ben@acme.example",` +
		`"firstName":"Ben","lastName":"Whitaker","department":"Sales","title":"Account Executive","city":"London","userType":"Employee"}}`
	answers := map[string]string{
		"/api/v1/users/00u1": account,
		"/api/v1/users/00u1/groups": `[{"id":"00g1","type":"OKTA_GROUP","profile":{"name":"Sales Department"}},` +
			`{"id":"00g2","type":"OKTA_GROUP","profile":{"name":"Finance Approvers"}}]`,
		"/api/v1/users/00u1/roles":   `[]`,
		"/api/v1/users/00u1/factors": `[]`,
		"/api/v1/groups/rules": `[{"id":"0pr1","type":"group_rule","name":"Department Sales","status":"ACTIVE","conditions":{"expression":` +
			`{"value":"user.department==\"Sales\"","type":"urn:okta:expression:1.0"}},"actions":{"assignUserToGroups":{"groupIds":["00g1"]}}}]`,
		"/api/v1/apps": `[{"id":"0oa1","label":"Tableau","status":"ACTIVE","_embedded":{"user":{"id":"00u1","scope":"USER","status":"ACTIVE"}}}]`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, known := answers[r.URL.Path]
		switch {
		case r.URL.Path == "/api/v1/users":
			if body = `[]`; strings.Contains(r.URL.Query().Get("search"), `"ben@acme.example"`) {
				body = "[" + account + "]"
			}
		case !known:
			w.WriteHeader(http.StatusNotFound)
			body = `{"errorCode":"E0000007","errorSummary":"Not found"}`
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	t.Setenv("OKTA_ORG_URL", server.URL)
	t.Setenv("OKTA_API_TOKEN", "the-token-of-okta")
	t.Setenv("OKTA_ALLOW_HTTP", "true")
	t.Setenv("LATCHKEY_POLICY_DIR", "../../examples/acme/policies")
}

func TestPolicyExplainNamesRulesAndOrigins(t *testing.T) {
	ben(t)
	tests := map[string]struct {
		entitlement string
		says        []string
	}{
		"by a rule": {"group:Sales Department", []string{
			"Ben Whitaker  group Sales Department",
			"held          yes, by a group rule of Okta: Department Sales",
			`birthright    rule sales (person.department == "Sales") gives it: Sales works in Salesforce and Gong`,
		}},
		"withheld": {"Engineering Department", []string{
			"held          no",
			`birthright    rule engineering (person.department == "Engineering") does not give it`,
		}},
		"by name, by a word of the catalogue": {"tableau", []string{
			"Ben Whitaker  app Tableau", "held          yes, given by name", "birthright    no rule names it",
			"catalogue     tableau, risk medium", "when moving   its removal would be planned and marked for the approvers: a seat that costs money",
		}},
		"with duties": {"Finance approver", []string{
			"held          yes, given by name", "duties        payments and production: group Finance Approvers and group AWS Production Administrators, block",
			"when moving   it would be revoked: it was approved for the old role",
		}},
		"protected": {"group:Okta Help Desk Administrators", []string{"held          no", "protected     administrators are made by hand (Grace Achterberg)"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			code, out, words := starter(t, nil, "policy", "explain", "--person", "ben@acme.example", "--entitlement", tt.entitlement)
			require.Equal(t, cli.OK, code, words)
			for _, line := range tt.says {
				assert.Contains(t, out, line)
			}
		})
	}
	code, out, _ := starter(t, nil, "policy", "explain", "--json", "--person", "ben@acme.example", "--entitlement", "group:Sales Department")
	require.Equal(t, cli.OK, code)
	assert.JSONEq(t, `[{"person":"Ben Whitaker","okta_user_id":"00u1","entitlement":"group Sales Department","held":true,
		"origin":"group_rule","via":["Department Sales"],"birthright":true,"rules":[{"rule":"sales","gives":true,
		"when":"person.department == \"Sales\"","reason":"Sales works in Salesforce and Gong"}]}]`, out)
}

func TestPolicyExplainSaysWhatItDoesNotKnow(t *testing.T) {
	ben(t)
	for name, tt := range map[string]struct {
		args []string
		code cli.Exit
		says string
	}{
		"nobody":    {[]string{"--person", "nobody@acme.example", "--entitlement", "Tableau"}, cli.NotFound, "nobody in Okta has the address nobody@acme.example"},
		"nothing":   {[]string{"--person", "ben@acme.example", "--entitlement", "Holodeck"}, cli.NotFound, "say group:Holodeck or app:Holodeck if Okta calls it so"},
		"no person": {[]string{"--entitlement", "Tableau"}, cli.Usage, "say about whom and what"},
	} {
		t.Run(name, func(t *testing.T) {
			code, _, words := starter(t, nil, append([]string{"policy", "explain"}, tt.args...)...)
			assert.Equal(t, tt.code, code)
			assert.Contains(t, words, tt.says)
		})
	}
}

func TestPolicyTestListsWhatPassesWhenAsked(t *testing.T) {
	t.Parallel()
	code, out, words := starter(t, nil, "policy", "test", "-v", "../../examples/acme/policies")
	require.Equal(t, cli.OK, code, words)
	assert.Contains(t, out, "profile from the form to the profile, the login, the tasks and the access\n")
	assert.Contains(t, out, "duties production and customers' records stop the plan\n")
	code, out, _ = starter(t, nil, "policy", "test", "../../examples/acme/policies")
	require.Equal(t, cli.OK, code)
	assert.Empty(t, out)
}
