package policy_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/policy"
)

// folder copies testdata/good and changes it: a name with a text replaces that file, an empty text removes it. With
// another intake.yaml, the files that name its fields are empty unless they are changed too.
func folder(t *testing.T, changed map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "good"))))
	if changed["intake.yaml"] != "" {
		for name, text := range map[string]string{"profile.yaml": "{}\n", "onboarding.yaml": "{}\n", "approvals.yaml": "routes: []\n"} {
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		}
	}
	for name, text := range changed {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if text == "" {
			require.NoError(t, os.Remove(file))
			continue
		}
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	return dir
}

func good(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Load(filepath.Join("testdata", "good"))
	require.NoError(t, err)
	return p
}

const intakeHead = "rules:\n  - name: r\n    use_case: offboarding\n    subject: ticket.custom.who\n    effective: {now: true}\n"

func TestRefusedWithPlaceAndWayOut(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		file, text string
		want       []string
	}{
		"no YAML":         {"guards.yaml", "last_admins: [1\n", []string{"guards.yaml:1:14: not valid YAML: sequence end token ']' not found"}},
		"a colon":         {"guards.yaml", "keep: a: b\n", []string{"guards.yaml:1:7: not valid YAML: mapping value is not allowed in this context; a text or expression that holds a colon and a blank goes in quotes, or below a >-"}},
		"empty":           {"guards.yaml", "# nothing\n", []string{"guards.yaml:1:1: the file is empty; write {} to leave everything at its default"}},
		"two documents":   {"guards.yaml", "last_admins: 2\n---\nlast_admins: 3\n", []string{"guards.yaml:1:1: the file holds 2 YAML documents; it has to be one"}},
		"missing":         {"guards.yaml", "", []string{"guards.yaml: is missing; write {} into it to leave everything at its default"}},
		"misspelt file":   {"guard.yaml", "{}\n", []string{"guard.yaml: is no policy file; allowed: intake.yaml, offboarding.yaml, onboarding.yaml, mover.yaml, profile.yaml, birthright.yaml, duties.yaml, catalogue.yaml, approvals.yaml, guards.yaml, credentials.yaml, sync.yaml, alerts.yaml, review.yaml, desk.yaml"}},
		"a list for all":  {"guards.yaml", "- one\n", []string{"guards.yaml:1:1: guards.yaml has to be a mapping (key: value), found a list"}},
		"unknown key":     {"guards.yaml", "last_admins: 2\nlast_admin: 3\n", []string{`guards.yaml:2:1: unknown key "last_admin" in guards.yaml; allowed: keep, last_admins, legal_hold, mass_change, protected`}},
		"key twice":       {"guards.yaml", "last_admins: 2\nlast_admins: 3\n", []string{`guards.yaml:2:1: not valid YAML: mapping key "last_admins" already defined at [1:1]`}},
		"no value":        {"guards.yaml", "last_admins:\n", []string{`guards.yaml:1:1: "last_admins" has no value; give it one or remove the key`}},
		"wrong type":      {"guards.yaml", "last_admins: two\n", []string{`guards.yaml:1:14: has to be a whole number of 1 or more, found the text "two"`}},
		"out of bounds":   {"guards.yaml", "last_admins: 0\n", []string{`guards.yaml:1:14: has to be a whole number of 1 or more, found the number 0`}},
		"anchors":         {"guards.yaml", "last_admins: &n 2\n", []string{`guards.yaml:1:14: has to be a whole number of 1 or more, found an anchor or alias, which policies do not use`}},
		"several at once": {"guards.yaml", "last_admins: x\nmass_change: {people: y, window: z}\n", []string{`guards.yaml:1:14: has to be a whole number of 1 or more, found the text "x"`, `guards.yaml:2:23: has to be a whole number of 1 or more, found the text "y"`, `guards.yaml:2:34: has to be a duration of 1m or more, such as 1h, found the text "z"`}},
		"nobody named":    {"guards.yaml", "protected:\n  accounts:\n    - {why: x, who: y}\n", []string{`guards.yaml:3:7: an entry names whom it is about: login, email, okta_id or when (an expression over person)`}},
		"no reason":       {"guards.yaml", "legal_hold:\n  - email: a@b.example\n", []string{`guards.yaml:2:5: a legal hold lacks "why"; it takes: email, login, okta_id, until, when, who, why`, `guards.yaml:2:5: a legal hold lacks "who"; it takes: email, login, okta_id, until, when, who, why`}},
		"no address":      {"guards.yaml", "legal_hold:\n  - {email: ada, why: x, who: y}\n", []string{`guards.yaml:2:13: has to be an e-mail address, found the text "ada"`}},
		"no date":         {"guards.yaml", "legal_hold:\n  - {email: a@b.example, why: x, who: y, until: soon}\n", []string{`guards.yaml:2:49: has to be a date such as 2027-03-31 or 2027-03-31T18:00:00Z, found the text "soon"`}},
		"too few of two":  {"guards.yaml", "protected: {approvers: {people: [a@b.example]}}\n", []string{`guards.yaml:1:24: approvers names 1 people and needs 2: a protected leaver waits for that many different ones`}},
		"one is not two":  {"guards.yaml", "protected: {approvers: {people: [a@b.example, c@b.example], need: 1}}\n", []string{`guards.yaml:1:67: has to be a whole number of 2 or more, found the number 1`}},
		"twice the same":  {"guards.yaml", "protected: {approvers: {people: [a@b.example, A@B.example, c@b.example]}}\n", []string{`guards.yaml:1:47: A@B.example is named twice`}},
		"keeps nothing":   {"guards.yaml", "keep:\n  - {why: x, who: y}\n", []string{`guards.yaml:2:5: an entry of keep names one of group, app and role, or has when: which grants are kept`}},

		"unknown mode":       {"intake.yaml", "use_cases: {offboarding: {mode: on}}\nrules: []\n", []string{`intake.yaml:1:33: unknown value "on"; allowed: off, observe, act`}},
		"unknown use case":   {"intake.yaml", "use_cases: {review: {mode: act}}\nrules: []\n", []string{`intake.yaml:1:13: unknown key "review" in use_cases; allowed: access_request, credential_reset, offboarding, onboarding, role_change`}},
		"bad syntax":         {"intake.yaml", intakeHead + "    when: ticket.source ==\n", []string{"intake.yaml:6:27: bad expression: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"}},
		"misspelt field":     {"intake.yaml", intakeHead + "    when: ticket.sauce == 18\n", []string{"intake.yaml:6:17: bad expression: undefined field 'sauce'; ticket has: approval, category, created_at, custom, group, id, items, offboarding, onboarding, priority, source, status, status_name, subject, tags, text, type, updated_at"}},
		"misspelt in quotes": {"intake.yaml", intakeHead + "    when: \"ticket.sauce == 18\"\n", []string{"intake.yaml:6:18: bad expression: undefined field 'sauce'; ticket has: approval, category, created_at, custom, group, id, items, offboarding, onboarding, priority, source, status, status_name, subject, tags, text, type, updated_at"}},
		"in a block":         {"intake.yaml", intakeHead + "    when: |\n      ticket.source == 18 &&\n        ticket.statuz == 2\n", []string{"intake.yaml:8:15: bad expression: undefined field 'statuz'; ticket has: approval, category, created_at, custom, group, id, items, offboarding, onboarding, priority, source, status, status_name, subject, tags, text, type, updated_at"}},
		"in a folded block":  {"intake.yaml", intakeHead + "    when: >-\n      ticket.source == 18 &&\n      ticket.statuz == 2\n", []string{"intake.yaml:8:13: bad expression: undefined field 'statuz'"}},
		"unknown variable":   {"intake.yaml", intakeHead + "    when: subject.email == \"x\"\n", []string{"intake.yaml:6:11: bad expression: undeclared reference to 'subject' (in container ''); known here: now, requester, ticket and the functions of docs/policy.md"}},
		"no has":             {"intake.yaml", intakeHead + "    when: has(ticket.custom.x)\n", []string{"intake.yaml:6:14: bad expression: undeclared reference to 'has' (in container ''); has() is not needed: every field is there, and an answer that was not given is null"}},
		"text for a flag":    {"intake.yaml", intakeHead + "    when: ticket.subject\n", []string{"intake.yaml:6:11: the expression gives a text where true or false is needed"}},
		"answer for a flag":  {"intake.yaml", intakeHead + "    when: ticket.custom.leaver\n", []string{`intake.yaml:6:11: the expression gives an answer of unknown type where true or false is needed; compare it, such as == true or == "Yes"`}},
		"list for a value":   {"intake.yaml", strings.Replace(intakeHead, "ticket.custom.who", "ticket.tags", 1) + "    when: ticket.source == 18\n", []string{"intake.yaml:4:14: the expression gives a list where a text, number, boolean or time is needed"}},
		"too long":           {"intake.yaml", intakeHead + "    when: ticket.subject == \"" + strings.Repeat("x", 2000) + "\"\n", []string{"intake.yaml:6:11: the expression has 2020 characters; the most is 2000"}},
		"too dear":           {"intake.yaml", intakeHead + "    when: ticket.items.all(a, ticket.items.all(b, ticket.items.all(c, ticket.text.contains(a.name + b.name + c.name))))\n", []string{"intake.yaml:6:11: the expression could cost too much ("}},
		"not a text":         {"intake.yaml", intakeHead + "    when: 5\n", []string{"intake.yaml:6:11: has to be a text, found the number 5; put it in quotes if it is one"}},
		"source authorises":  {"intake.yaml", intakeHead + "    when: ticket.source == 18\n    emergency: {when: ticket.priority == 4, allowed: ticket.source == 18}\n", []string{"intake.yaml:7:54: allowed has to look at the requester (groups, roles, e-mail address); what a ticket says, its source included, never authorises an emergency"}},
		"same name":          {"intake.yaml", intakeHead + "    when: ticket.source == 18\n" + strings.TrimPrefix(intakeHead, "rules:\n") + "    when: ticket.source == 2\n", []string{`intake.yaml:7:5: a second rule is called "r"; give each rule a name of its own`}},
		"leaver of no one":   {"intake.yaml", "rules:\n  - {name: r, use_case: offboarding, when: true}\n", []string{"intake.yaml:2:25: an offboarding rule needs subject: the e-mail address of the leaver", "intake.yaml:2:25: an offboarding rule needs effective: where the last working day is found, or {now: true}", "intake.yaml:2:44: has to be a text, found the word true (a boolean); put it in quotes if it is one"}},
		"nothing asked for":  {"intake.yaml", "rules:\n  - {name: r, use_case: access_request, when: ticket.id > 0, subject: ticket.subject}\n", []string{"intake.yaml:2:25: an access_request rule needs items: what is asked for, and for whom", "intake.yaml:2:25: subject, effective and emergency belong to offboarding; an access_request rule has items"}},
		"choice of nothing":  {"intake.yaml", intakeHead + "    when: ticket.id > 0\n    fields: {kind: {value: ticket.subject, type: choice}}\n", []string{`intake.yaml:7:14: field "kind": allowed lists the answers of type choice, and only of that type`}},

		"end of something": {"offboarding.yaml", "end: delete\n", []string{`offboarding.yaml:1:6: unknown value "delete"; allowed: deactivate, suspend`}},
		"suspend for ever": {"offboarding.yaml", "end: suspend\ndeactivate_after: 30d\n", []string{`offboarding.yaml:2:19: deactivate_after belongs to end: deactivate; with end: suspend the account stays suspended`}},
		"an hour":          {"offboarding.yaml", "default_time: 18:00\n", nil},
		"no hour":          {"offboarding.yaml", "default_time: 6 PM\n", []string{`offboarding.yaml:1:15: has to be a time of day in quotes such as "18:00", found the text "6 PM"`}},
		"no zone":          {"offboarding.yaml", "default_zone: Middle-earth/Shire\n", []string{`offboarding.yaml:1:15: unknown time zone "Middle-earth/Shire"; allowed: IANA names such as Europe/Berlin or UTC`}},
		"no duration":      {"offboarding.yaml", "deactivate_after: 30\n", []string{`offboarding.yaml:1:19: has to be a duration such as 30d, 36h, 1d12h, 90m or 0s, found the number 30`}},
		"no origin":        {"offboarding.yaml", "residual_owner: {pushed: me}\n", []string{`offboarding.yaml:1:18: unknown key "pushed" in residual_owner; allowed: both, built_in, default, direct, group, group_push, group_rule, imported`}},

		"grants nothing": {"catalogue.yaml", "items:\n  x: {name: X}\n", []string{`catalogue.yaml:2:3: catalogue item "x" needs one of group and app: what it grants in Okta`}},
		"grants two":     {"catalogue.yaml", "items:\n  x: {group: X, app: Y}\n", []string{`catalogue.yaml:2:3: catalogue item "x" needs one of group and app: what it grants in Okta`}},
		"means two":      {"catalogue.yaml", "items:\n  x: {group: X, asked_as: [Why]}\n  y: {group: Y, name: why}\n", []string{`catalogue.yaml:3:3: "why" already means the item "x"; each key, name and asked_as word may mean one item`}},
		"unknown risk":   {"catalogue.yaml", "items:\n  x: {group: X, risk: extreme}\n", []string{`catalogue.yaml:2:23: unknown value "extreme"; allowed: low, medium, high`}},

		"no levels":          {"approvals.yaml", "routes:\n  - {name: r}\n", []string{"approvals.yaml:2:5: a route of mode levels needs levels; a route that asks nobody says mode: none and a reason"}},
		"no reason why none": {"approvals.yaml", "routes:\n  - {name: r, mode: none}\n", []string{"approvals.yaml:2:5: a route of mode none needs a reason: why nobody has to approve"}},
		"no stage":           {"approvals.yaml", "routes:\n  - {name: r, mode: stage}\n", []string{"approvals.yaml:2:5: a route of mode stage needs stage: an expression that holds once the ticket has reached the stage"}},
		"levels for desk":    {"approvals.yaml", "routes:\n  - {name: r, mode: desk, levels: [{name: a, groups: [{name: b, who: [manager]}]}]}\n", []string{"approvals.yaml:2:5: levels belongs to mode: levels, and this route has mode: desk"}},
		"nobody approves":    {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, who: []}]}]}\n", []string{"approvals.yaml:2:58: a list of approvers names nobody"}},
		"no groups":          {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: []}]}\n", []string{"approvals.yaml:2:42: a level needs at least one group of approvers"}},
		"unknown approver":   {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, who: [boss]}]}]}\n", []string{`approvals.yaml:2:59: unknown value "boss"; allowed: manager, second_manager, owner, department_head`}},
		"unknown kind":       {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, who: [{team: x}]}]}]}\n", []string{`approvals.yaml:2:60: unknown key "team" in an approver; allowed: agent_group, department_head, expression, field, manager, owner, person, second_manager`}},
		"unknown rule":       {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, rule: most, who: [manager]}]}]}\n", []string{`approvals.yaml:2:59: unknown value "most"; allowed: everyone, anyone, majority, first, quorum`}},
		"quorum of how many": {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, rule: quorum, who: [manager]}]}]}\n", []string{`approvals.yaml:2:43: rule: quorum needs need: how many approvals approve`}},
		"need of everyone":   {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, need: 2, who: [manager]}]}]}\n", []string{`approvals.yaml:2:43: need and deny belong to rule: quorum, and this group has rule: everyone`}},
		"escalate to whom":   {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, who: [manager]}], escalate_after: 1d}]}\n", []string{`approvals.yaml:2:24: escalate_after and escalate_to belong together: when, and to whom`}},
		"escalate too late":  {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, who: [manager]}], escalate_after: 2d, escalate_to: [owner], expire_after: 1d}]}\n", []string{`approvals.yaml:2:24: escalate_after (48h0m0s) has to come before expire_after (24h0m0s)`}},
		"two in one":         {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, who: [{person: a@b.example, agent_group: X}]}]}]}\n", []string{`approvals.yaml:2:59: one entry names one kind of approver; begin a new entry (-) for the next`}},
		"fallback for ever":  {"approvals.yaml", "routes:\n  - {name: r, levels: [{name: a, groups: [{name: b, who: [{manager: {fallback: [{manager: {fallback: [{manager: {fallback: [{manager: {fallback: [owner]}}]}}]}}]}}]}]}]}\n", []string{`approvals.yaml:2:146: a fallback may have a fallback 3 times, not more`}},

		"status of a word": {"desk.yaml", "statuses: {waiting: Pending}\n", []string{`desk.yaml:1:21: has to be a whole number of 2 or more, found the text "Pending"`}},
		"no time to idle":  {"desk.yaml", "times: {idle: 0s}\n", []string{`desk.yaml:1:15: has to be 1s or more, found the text "0s"`}},

		"unknown text":   {"texts/missed.html.tmpl", "<p>x</p>", []string{"texts/missed.html.tmpl: is no text; allowed: NAME.html.tmpl with NAME one of approval_request, approvals_opened, "}},
		"broken text":    {"texts/missing.html.tmpl", "<p>\n{{range .Missing}}</p>", []string{"texts/missing.html.tmpl:2:1: bad template: unexpected EOF"}},
		"empty text":     {"texts/missing.html.tmpl", " \n", []string{"texts/missing.html.tmpl:1:1: the text is empty; remove the file to use the built-in one"}},
		"unknown helper": {"texts/missing.html.tmpl", "<p>{{shout .}}</p>", []string{`texts/missing.html.tmpl:1:1: bad template: function "shout" not defined`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Load(folder(t, map[string]string{tt.file: tt.text}))
			var got []string
			for _, p := range policy.Problems(err) {
				got = append(got, p.Error())
			}
			if len(tt.want) == 0 {
				require.NoError(t, err)
				return
			}
			require.Len(t, got, len(tt.want), "%s", strings.Join(got, "\n"))
			for i := range got {
				assert.True(t, strings.HasPrefix(got[i], tt.want[i]), "want %s\ngot  %s", tt.want[i], got[i])
			}
		})
	}
}

func TestDigestIsOfTheFilesAlone(t *testing.T) {
	t.Parallel()
	one, err := policy.Load(folder(t, nil))
	require.NoError(t, err)
	assert.Regexp(t, `^[0-9a-f]{64}$`, one.Digest())
	same, err := policy.Load(folder(t, map[string]string{"tests/more.yaml": "{}", "README.md": "read me"}))
	require.NoError(t, err)
	assert.Equal(t, one.Digest(), same.Digest(), "tests and notes are no policy")
	for _, name := range []string{"desk.yaml", "texts/missing.html.tmpl"} {
		was, err := os.ReadFile(filepath.Join("testdata", "good", filepath.FromSlash(name)))
		require.NoError(t, err)
		other, err := policy.Load(folder(t, map[string]string{name: string(was) + "\n"}))
		require.NoError(t, err)
		assert.NotEqual(t, one.Digest(), other.Digest(), name)
	}
}

func TestEmptyFilesAreDefaults(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{
		"intake.yaml": "rules: []\n", "offboarding.yaml": "{}\n", "catalogue.yaml": "items: {}\n",
		"approvals.yaml": "routes: []\n", "guards.yaml": "{}\n", "desk.yaml": "{}\n", "birthright.yaml": "{}\n",
		"duties.yaml": "{}\n", "profile.yaml": "{}\n", "onboarding.yaml": "{}\n", "mover.yaml": "{}\n",
	}))
	require.NoError(t, err)
	assert.Equal(t, "observe", string(p.Mode("Offboarding")), "a new installation only looks")
	assert.Equal(t, "observe", string(p.Mode("Onboarding")), "a new installation only looks")
	assert.Equal(t, "off", string(p.Mode("Payroll")), "a use case that there is not")
	assert.Equal(t, policy.OnboardingPolicy{
		ActivateTime: "08:00", DefaultZone: "UTC", MatchOn: policy.Matches(), Rehire: policy.RehireReactivate,
	}, p.Onboarding())
	assert.Equal(t, policy.MoverPolicy{DefaultTime: "08:00", DefaultZone: "UTC"}, p.Mover())
	assert.Empty(t, p.Tasks(policy.TaskFacts{}))
	assert.Empty(t, p.Logins(map[string]any{"firstName": "Ada", "lastName": "Byron"}))
	assert.Equal(t, 2, p.LastAdmins())
	assert.Equal(t, "18:00", p.Offboarding().DefaultTime)
	assert.Equal(t, 3, p.Offboarding().EmergencyCap)
	assert.Equal(t, 3, p.Desk().Waiting)
	assert.Equal(t, []int{4, 5}, p.Desk().ClosedSet)
	assert.Equal(t, 20, p.MassChange().People)
	assert.Equal(t, "1h0m0s", p.Times().Idle.String())
	people, need := p.ProtectedApprovers()
	assert.Empty(t, people)
	assert.Equal(t, 2, need)
}

func TestNoFolder(t *testing.T) {
	t.Parallel()
	_, err := policy.Load(filepath.Join(t.TempDir(), "nowhere"))
	require.ErrorContains(t, err, "open policy folder")
}
