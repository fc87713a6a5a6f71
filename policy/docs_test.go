package policy_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/policy"
)

// The manual's examples are a policy: they load, and its tests pass.
func TestExamplesOfTheManual(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile(filepath.Join("..", "docs", "policy.md"))
	require.NoError(t, err)
	changed := map[string]string{"tests/leavers.yaml": "", "tests/access.yaml": "", "tests/people.yaml": ""}
	for _, section := range strings.Split(string(manual), "\n## ")[1:] {
		name := strings.TrimSpace(strings.SplitN(section, "\n", 2)[0])
		block := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindStringSubmatch(section)
		switch {
		case strings.HasSuffix(name, ".yaml") && block != nil:
			changed[name] = block[1]
		case name == "Tests":
			require.NotNil(t, block)
			changed["tests/manual.yaml"] = block[1]
		}
	}
	for _, name := range []string{
		"intake.yaml", "offboarding.yaml", "catalogue.yaml", "approvals.yaml", "guards.yaml", "onboarding.yaml", "mover.yaml", "profile.yaml",
		"birthright.yaml", "duties.yaml", "sync.yaml", "credentials.yaml", "alerts.yaml", "tests/manual.yaml",
	} {
		require.Contains(t, changed, name)
	}
	r, err := policy.RunTests(folder(t, changed))
	require.NoError(t, err)
	assert.Len(t, r.Cases, 12)
	assert.Empty(t, r.Failed())
}

// Every key that a load error offers, every function, text and variable is in the manual.
func TestManualNamesEverything(t *testing.T) {
	t.Parallel()
	manual, err := os.ReadFile(filepath.Join("..", "docs", "policy.md"))
	require.NoError(t, err)
	for _, name := range good(t).TextNames() {
		assert.Contains(t, string(manual), "`"+name+"`", "text")
	}
	for _, probe := range []struct{ file, text string }{
		{"intake.yaml", "use_cases: {x: {}}\nx: {}\nrules: [{x: {}, effective: {x: 1}, emergency: {x: 1}, items: {x: 1}, reset: {x: 1}, fields: {f: {x: 1}}}]\n"},
		{"offboarding.yaml", "{x: 1, residual_owner: {x: 1}}\n"},
		{"catalogue.yaml", "items: {i: {x: 1, limit: {x: 1}, break_glass: {x: 1, who: [{x: 1}]}}}\n"},
		{"approvals.yaml", "x: 1\ncalendars: {c: {x: 1, hours: {x: 1}, holidays: [{x: 1}]}}\nabsences: [{x: 1}]\n" +
			"routes: [{x: 1, levels: [{x: 1, groups: [{x: 1, who: [{x: 1}]}]}]}]\n"},
		{"guards.yaml", "x: 1\nprotected: {x: 1, accounts: [{x: 1}], groups: [{x: 1}], approvers: {x: 1}}\nlegal_hold: [{x: 1}]\nkeep: [{x: 1}]\nmass_change: {x: 1}\n"},
		{"birthright.yaml", "x: 1\nrules: [{x: 1}]\nbeyond: {x: 1, rules: [{x: 1}]}\n"},
		{"duties.yaml", "x: 1\npairs: [{x: 1, one: {x: 1}}]\n"},
		{"profile.yaml", "x: 1\nattributes: [{x: 1}]\n"},
		{"onboarding.yaml", "x: 1\ntasks: [{x: 1}]\n"},
		{"mover.yaml", "x: 1\n"},
		{"credentials.yaml", "x: 1\nvelocity: {x: 1, target: {x: 1}}\napproval: {x: 1}\nprivileged: {x: 1, approvers: {x: 1}}\nnotify: {x: 1}\ntripwire: {x: 1}\nwords: {x: 1}\n"},
		{"sync.yaml", "x: 1\nattributes: [{x: 1}]\nmissing: {x: 1}\nrole_change: {x: 1, request: {x: 1}}\n"},
		{"alerts.yaml", "x: 1\ncommon: {x: 1}\nroutes: [{x: 1}]\n"},
		{"desk.yaml", "x: 1\nstatuses: {x: 1}\nparked: {x: 1}\ndigest: {x: 1}\ntimes: {x: 1}\n"},
	} {
		_, err := policy.Load(folder(t, map[string]string{probe.file: probe.text}))
		offered := regexp.MustCompile(`unknown key "x" in .*; allowed: (.*)`).FindAllStringSubmatch(err.Error(), -1)
		require.NotEmpty(t, offered, probe.file)
		for _, list := range offered {
			for key := range strings.SplitSeq(list[1], ", ") {
				assert.Regexp(t, `[.`+"`"+` {]`+key+"[.`:\\[ ,]", string(manual), "%s: %s", probe.file, key)
			}
		}
	}
}

func TestKeywordsAreWholeWords(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"intake.yaml": `
rules:
  - {name: r, use_case: offboarding, when: 'keyword(ticket.text, ["Leaver", "last day", "fête"])', subject: ticket.subject, effective: {now: true}}
`}))
	require.NoError(t, err)
	for text, want := range map[string]bool{
		"a leaver.": true, "leaver": true, "LEAVER!": true, "cleaver and leavers": false, "cleavers, leaver": true,
		"his last day is": true, "his last  day": false, "last days": false, "la fête": true, "fêtes": false, "": false, "leaver_x": false,
	} {
		c, err := p.Classify(policy.IntakeFacts{Ticket: policy.TicketFacts{Text: text}})
		require.NoError(t, err)
		assert.Equal(t, want, c.UseCase == casework.Offboarding, text)
	}
	long := strings.Repeat("ü", 64<<10) + " leaver"
	c, err := p.Classify(policy.IntakeFacts{Ticket: policy.TicketFacts{Text: long}})
	require.NoError(t, err)
	assert.Empty(t, c.UseCase, "only the first 64 KiB are looked at")
}

func TestOnePolicyServesManyAtOnce(t *testing.T) {
	t.Parallel()
	p := good(t)
	facts := samples("")
	var all sync.WaitGroup
	failed := make(chan error, 8*(len(p.TextNames())+2))
	for range cap(failed) / (len(p.TextNames()) + 2) {
		all.Go(func() {
			for _, name := range p.TextNames() {
				one, special := facts[name]
				if !special {
					one = facts[""]
				}
				_, err := p.Text(name, one)
				failed <- err
			}
			c, err := p.Classify(policy.IntakeFacts{Ticket: policy.TicketFacts{Source: 18, Offboarding: map[string]any{"cf_employee_email": "a@b.example"}}})
			failed <- err
			assert.Equal(t, casework.Offboarding, c.UseCase)
			assert.True(t, p.MaybeWanted(policy.TicketFacts{Source: 18}))
			_, err = p.Route(policy.RouteFacts{UseCase: casework.Offboarding})
			failed <- err
		})
	}
	all.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
}
