package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/examples/acme"
	"latchkey/internal/cli"
	"latchkey/policy"
	"latchkey/simulators/okta/oktasim"
)

const (
	acmePolicies = "../../examples/acme/policies"
	acmePeople   = "../../examples/acme/company/people.csv"
)

// acmeOrg is Acme's Okta. seen is asked about each call to the API before it is answered.
func acmeOrg(t *testing.T, seen func(*http.Request)) {
	t.Helper()
	company, err := acme.Load()
	require.NoError(t, err)
	sim, err := oktasim.New(oktasim.Options{Token: "the-token-of-okta", Seed: &company})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen(r)
		sim.Handler().ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	t.Setenv("OKTA_ORG_URL", server.URL)
	t.Setenv("OKTA_API_TOKEN", "the-token-of-okta")
	t.Setenv("OKTA_ALLOW_HTTP", "true")
}

// remote is Acme's policy with another idea of who gets the VPN, and a few more edits. The original is beside it.
func remote(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "policies")
	require.NoError(t, os.CopyFS(dir, os.DirFS(acmePolicies)))
	edit(t, dir, "birthright.yaml", "groups: [Security Department, VPN Users]", "groups: [Security Department]")
	edit(t, dir, "birthright.yaml", "\nbeyond:", `
  - {name: far-away, when: person.location == "Sydney", groups: [VPN Users], reason: nobody in Sydney has an office}

beyond:`)
	edit(t, dir, "intake.yaml", "onboarding: {mode: act}", "onboarding: {mode: observe}")
	edit(t, dir, "approvals.yaml", "name: desk-decides", "name: desk-knows")
	edit(t, dir, "catalogue.yaml", "miro: {name: Miro, app: Miro, owner: elodie.marchand@acme.example, cost: 16}", "miro: {name: Miro, app: Miro, owner: elodie.marchand@acme.example, cost: 18}")
	return dir
}

func edit(t *testing.T, dir, file, was, is string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(text), was), "%s: %s", file, was)
	require.NoError(t, os.WriteFile(filepath.Join(dir, file), []byte(strings.Replace(string(text), was, is, 1)), 0o600))
}

func report(t *testing.T, out string) policy.DiffReport {
	t.Helper()
	var r policy.DiffReport
	require.NoError(t, json.Unmarshal([]byte(out), &r))
	return r
}

func TestPolicyDiffOverOkta(t *testing.T) {
	var calls, writes atomic.Int64
	acmeOrg(t, func(r *http.Request) {
		calls.Add(1)
		if r.Method != http.MethodGet {
			writes.Add(1)
		}
	})
	dir := remote(t)
	code, out, words := starter(t, nil, "policy", "diff", dir, "--against", acmePolicies, "--names", "2")
	require.Equal(t, cli.Differs, code, words)
	assert.Zero(t, writes.Load(), "it only reads")
	assert.Positive(t, calls.Load())
	for _, line := range []string{
		`(?m)^gain +group VPN Users +\d+ people +rule far-away: nobody in Sydney has an office +\S.*, and \d+ more$`,
		`(?m)^lose +group VPN Users +\d+ people +rule security: Security watches`,
		`(?m)^mode +Onboarding +act → observe$`,
		`(?m)^added +approvals.yaml routes +desk-knows$`,
		`(?m)^removed +approvals.yaml routes +desk-decides$`,
		`(?m)^changed +catalogue.yaml items +miro +cost 16 → 18$`,
		`(?m)^changed +birthright.yaml rules +security +groups`,
	} {
		assert.Regexp(t, line, out)
	}

	// The same people from the file that the org was seeded with.
	_, fromOkta, _ := starter(t, nil, "policy", "diff", dir, "--against", acmePolicies, "--json")
	_, fromFile, _ := starter(t, nil, "policy", "diff", dir, "--against", acmePolicies, "--json", "--population", acmePeople)
	okta, file := report(t, fromOkta), report(t, fromFile)
	count := func(r policy.DiffReport) (list []string) {
		for _, c := range r.Access {
			list = append(list, string(c.Effect)+" "+c.Name+" "+c.Rule+" "+people(c.People))
		}
		return list
	}
	assert.Equal(t, count(file), count(okta))
	assert.Equal(t, file.Affected, okta.Affected)
	assert.Len(t, okta.Access, 2)
	assert.Len(t, okta.Access[0].First, 5)

	code, out, words = starter(t, nil, "policy", "diff", acmePolicies, "--against", acmePolicies)
	assert.Equal(t, cli.OK, code, words)
	assert.Empty(t, out)
	assert.Contains(t, words, "the birthright of 0 would be another")
}

func people(n int) string { return strings.Repeat("+", n) }

func TestPolicyDiffAgainstARevision(t *testing.T) {
	dir := remote(t)
	git := func(args ...string) {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{
			"-C", dir, "-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "commit.gpgsign=false",
		}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_DIR", filepath.Join(filepath.Dir(dir), ".git"))
	t.Setenv("GIT_WORK_TREE", filepath.Dir(dir))
	git("init", "-q", "-b", "main", filepath.Dir(dir))
	git("add", ".")
	git("commit", "-q", "-m", "policies")
	edit(t, dir, "birthright.yaml", `person.location == "Sydney"`, `person.location == "Nowhere"`)

	code, out, words := starter(t, nil, "policy", "diff", dir, "--against", "main", "--population", acmePeople, "--json")
	require.Equal(t, cli.Differs, code, words)
	r := report(t, out)
	require.Len(t, r.Access, 1)
	assert.Equal(t, policy.EffectLose, r.Access[0].Effect)
	assert.Equal(t, "VPN Users", r.Access[0].Name)
	assert.Equal(t, r.Access[0].People, r.Affected)
	require.Len(t, r.Parts, 1, "only what was not committed: %v", r.Parts)

	for revision, says := range map[string]string{"yesterday-or-so": "git has no revision of that name", "-x": "neither a folder nor a revision"} {
		code, _, words = starter(t, nil, "policy", "diff", dir, "--against="+revision, "--population", acmePeople)
		assert.NotEqual(t, cli.OK, code)
		assert.NotEqual(t, cli.Differs, code)
		assert.Contains(t, words, says)
	}
}

func TestPolicyDiffReadsPeopleFromFiles(t *testing.T) {
	t.Parallel()
	dir := remote(t)
	tests := map[string]struct {
		name, text string
		code       cli.Exit
		people     int
		says       string
	}{
		"policy's words": {"p.csv", "email,first_name,last_name,location\na@acme.example,Ada,Byron,Sydney\nb@acme.example,Ben,Whit,London\n", cli.Differs, 2, ""},
		"Okta's words":   {"p.CSV", "\ufefflogin,firstName,lastName,city\na@acme.example,Ada,Byron,Sydney\n", cli.Differs, 1, ""},
		"flat objects":   {"p.jsonl", `{"login":"a@acme.example","firstName":"Ada","lastName":"Byron","city":"Sydney"}` + "\n" + `{"email":"b@acme.example","title":null}`, cli.Differs, 2, ""},
		"accounts": {
			"p.json",
			`{"id":"00u1","status":"ACTIVE","profile":{"login":"a@acme.example","firstName":"Ada","lastName":"Byron","city":"Sydney"}}
			 {"id":"00u2","status":"DEPROVISIONED","profile":{"login":"b@acme.example","city":"Sydney"}}
			 {"id":"00u3","status":"LOCKED_OUT","profile":{"login":"c@acme.example","city":"Berlin"}}`,
			cli.Differs, 2, "",
		},
		"nobody":            {"p.jsonl", "", cli.Differs, 0, ""}, // the other parts differ all the same
		"no address":        {"p.csv", "name\nAda\n", cli.Failed, 0, "person 1 has neither login nor email"},
		"a row cut short":   {"p.csv", "email,location\na@acme.example\n", cli.Failed, 0, "wrong number of fields"},
		"no JSON":           {"p.jsonl", `{"login":"a@acme.example"} {"login`, cli.Failed, 0, "object 2"},
		"an empty table":    {"p.csv", "", cli.Failed, 0, "header"},
		"no file":           {"", "", cli.Failed, 0, "no such file"},
		"a text, no object": {"p.jsonl", `"ada"`, cli.Failed, 0, "object 1"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "missing")
			if tt.name != "" {
				file = filepath.Join(t.TempDir(), tt.name)
				require.NoError(t, os.WriteFile(file, []byte(tt.text), 0o600))
			}
			code, out, words := starter(t, nil, "policy", "diff", dir, "--against", acmePolicies, "--population", file, "--json")
			require.Equal(t, tt.code, code, words)
			if code == cli.Failed {
				assert.Contains(t, words, tt.says)
				assert.Empty(t, out, "half a population is no answer")
				return
			}
			r := report(t, out)
			assert.Equal(t, tt.people, r.People)
			if tt.people > 0 {
				require.Len(t, r.Access, 1)
				assert.Equal(t, []policy.Somebody{{Name: "Ada Byron", Login: "a@acme.example"}}, r.Access[0].First)
			}
		})
	}
}

func TestPolicyDiffStopsWhenTold(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	acmeOrg(t, func(*http.Request) { cancel() })
	var out, words bytes.Buffer
	code := cli.Run(ctx, []string{"policy", "diff", remote(t), "--against", acmePolicies}, cli.Factory{
		Streams: cli.Streams{In: strings.NewReader(""), Out: &out, Err: &words}, Now: noon,
	})
	assert.Equal(t, cli.Failed, code)
	assert.Empty(t, out.String(), "half a population is no answer")
	assert.Contains(t, words.String(), "stopped after 0 people; nothing was changed anywhere")
}

func TestPolicyDiffSaysWhatItNeeds(t *testing.T) {
	t.Setenv("OKTA_ORG_URL", "")
	empty, broken := t.TempDir(), t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(broken, "intake.yaml"), []byte("rulez: []\n"), 0o600))
	for name, tt := range map[string]struct {
		args []string
		code cli.Exit
		says string
	}{
		"nothing to compare with": {[]string{acmePolicies}, cli.Usage, "--against main"},
		"no people":               {[]string{acmePolicies, "--against", acmePolicies}, cli.Failed, "--population"},
		"names below zero":        {[]string{acmePolicies, "--against", acmePolicies, "--names=-1"}, cli.Usage, "--names"},
		"a folder without policy": {[]string{acmePolicies, "--against", empty, "--population", acmePeople}, cli.Failed, "holds no policy"},
		"a folder that is broken": {[]string{acmePolicies, "--against", broken, "--population", acmePeople}, cli.Failed, "does not load the policy at " + broken},
		"ours is broken":          {[]string{broken, "--against", acmePolicies, "--population", acmePeople}, cli.Failed, "the policy in " + broken + " does not load"},
	} {
		code, out, words := starter(t, nil, append([]string{"policy", "diff"}, tt.args...)...)
		assert.Equal(t, tt.code, code, name)
		assert.Contains(t, words, tt.says, name)
		assert.Empty(t, out, name)
	}
}

func TestPolicyDiffTellsARefusedCredential(t *testing.T) {
	acmeOrg(t, func(*http.Request) {})
	t.Setenv("OKTA_API_TOKEN", "the-token-of-somebody-else")
	code, out, words := starter(t, nil, "policy", "diff", acmePolicies, "--against", acmePolicies)
	assert.Equal(t, cli.Unauthorised, code, words)
	assert.Empty(t, out)
	assert.NotContains(t, words, "somebody-else")
}
