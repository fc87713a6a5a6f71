package policy_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/policy"
)

func TestStoreTakesUpEditsAndKeepsTheLastGoodPolicy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := folder(t, nil)
		guards := filepath.Join(dir, "guards.yaml")
		write := func(text string) {
			require.NoError(t, os.WriteFile(guards, []byte(text), 0o600))
		}
		var said bytes.Buffer
		s, err := policy.Open(dir, slog.New(slog.NewTextHandler(&said, nil)))
		require.NoError(t, err)
		first := s.Current()
		assert.Equal(t, 2, first.LastAdmins())

		write("last_admins: 5\n")
		assert.Same(t, first, s.Current(), "it does not look at the folder for every question")
		time.Sleep(10 * time.Second)
		assert.Equal(t, 5, s.Current().LastAdmins())
		assert.Equal(t, 2, first.LastAdmins(), "a policy does not change under whoever holds it")
		require.NoError(t, s.Problem())

		write("last_admin: 6\n")
		time.Sleep(10 * time.Second)
		assert.Equal(t, 5, s.Current().LastAdmins(), "a broken edit changes nothing")
		require.ErrorContains(t, s.Problem(), `guards.yaml:1:1: unknown key "last_admin"`)
		time.Sleep(10 * time.Second)
		s.Current()
		assert.Equal(t, 1, bytes.Count(said.Bytes(), []byte("level=ERROR")), "said once, not at every look")

		require.NoError(t, os.Remove(guards))
		p, err := s.Reload()
		require.ErrorContains(t, err, "guards.yaml: is missing")
		assert.Equal(t, 5, p.LastAdmins())

		write("last_admins: 5\n")
		p, err = s.Reload()
		require.NoError(t, err)
		assert.Equal(t, 5, p.LastAdmins())
		require.NoError(t, s.Problem(), "put back as it was, it is in force again")
	})
}

func TestStoreNeedsAPolicyToBeginWith(t *testing.T) {
	t.Parallel()
	_, err := policy.Open(folder(t, map[string]string{"guards.yaml": "x: 1\n"}), slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "guards.yaml:1:1: unknown key")
}

func TestPolicyTestsThatPass(t *testing.T) {
	t.Parallel()
	r, err := policy.RunTests(filepath.Join("testdata", "good"))
	require.NoError(t, err)
	assert.Empty(t, r.Failed())
	assert.True(t, r.OK())
	kinds := map[string]int{}
	for _, c := range r.Cases {
		kinds[c.Kind]++
	}
	assert.Equal(t, map[string]int{"intake": 7, "route": 6, "guard": 6, "birthright": 2, "duties": 2, "profile": 3}, kinds)
}

func TestPolicyTestsThatFailSayWhatCame(t *testing.T) {
	t.Parallel()
	dir := folder(t, map[string]string{"tests/wrong.yaml": `
intake:
  - name: wrong about a leaver
    ticket:
      source: 18
      offboarding: {cf_employee_email: ada@acme.example, cf_date_of_leaving: 2026-12-04}
    expect:
      use_case: none
      effective: 2026-12-05T18:00
      missing: [effective]
      emergency: true
      fields: {kind: Resignation}
routes:
  - name: wrong about a route
    use_case: access_request
    item: production
    expect: {route: standard, levels: [], error: true}
guards:
  - name: wrong about a guard
    person: {login: breakglass@acme.example}
    why: no reason
    expect: {protected_account: true, legal_hold: true}
`})
	r, err := policy.RunTests(dir)
	require.NoError(t, err)
	assert.False(t, r.OK())
	failed := r.Failed()
	require.Len(t, failed, 3)
	assert.Equal(t, policy.CaseReport{File: "tests/wrong.yaml", Line: 3, Kind: "intake", Name: "wrong about a leaver", Problems: []string{
		"line 8: use_case: want none, got offboarding",
		"line 9: effective: want 2026-12-05T18:00, got 2026-12-04T18:00",
		"line 10: missing: want [effective], got []",
		"line 11: emergency: want true, got false",
		"line 12: field kind: want Resignation, got nothing (the fields are [])",
	}}, failed[0])
	assert.Equal(t, []string{
		"line 17: route: want standard, got high-risk",
		"line 17: levels: want [], got [Manager: manager = everyone of manager Owner and security: owner = everyone of owner or person ciso@acme.example; " +
			"security = quorum 2 of agent_group Security or person ciso@acme.example]",
		"line 17: error: want true, got false",
	}, failed[1].Problems)
	assert.Equal(t, []string{
		"line 22: legal_hold: want true, got false",
		`line 21: why: want a text with "no reason", got "break-glass administrator"`,
	}, failed[2].Problems)
}

func TestPolicyTestsAreStrictToo(t *testing.T) {
	t.Parallel()
	_, err := policy.RunTests(folder(t, map[string]string{"tests/odd.yaml": `
intake:
  - {name: expects nothing, ticket: {}, expect: {}}
  - {name: misspelt, ticket: {sauce: 18}, expect: {use_case: none}}
routes:
  - {name: unknown item, use_case: access_request, item: holodeck, expect: {error: true}}
`}))
	require.ErrorContains(t, err, `tests/odd.yaml:3:5: the case "expects nothing" expects nothing`)
	require.ErrorContains(t, err, `tests/odd.yaml:4:31: unknown key "sauce" in ticket; allowed: approval, category,`)
	require.ErrorContains(t, err, `tests/odd.yaml:6:58: catalogue.yaml has no item "holodeck"`)

	_, err = policy.RunTests(folder(t, map[string]string{"desk.yaml": "x: 1\n"}))
	require.ErrorContains(t, err, "desk.yaml:1:1", "a policy that does not load is not tested")
}
