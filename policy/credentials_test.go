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

func TestCredentialsDefaults(t *testing.T) {
	t.Parallel()
	p, err := policy.Load(folder(t, map[string]string{"credentials.yaml": "{}\n"}))
	require.NoError(t, err)
	day := 24 * time.Hour
	assert.Equal(t, policy.CredentialsPolicy{
		Target: casework.ResetLimits{CoolDown: day, Most: 3, Window: 7 * day}, Requester: casework.ResetLimits{Most: 5, Window: day}, NotifyManager: true,
	}, p.Credentials())
	assert.True(t, p.PrivilegedRole("HELP_DESK_ADMIN"), "any administrator role")
	assert.False(t, p.PrivilegedGroups())
	people, need := p.PrivilegedApprovers()
	assert.Empty(t, people)
	assert.Equal(t, 2, need)
	assert.Empty(t, p.MailLocked(identity.Person{Email: "ada@acme.example"}))
}

func TestCredentialsAsWritten(t *testing.T) {
	t.Parallel()
	p := good(t)
	c := p.Credentials()
	assert.Equal(t, 12*time.Hour, c.Target.CoolDown)
	assert.True(t, c.LeaveRefused)
	assert.False(t, c.NotifyManager)
	assert.True(t, p.PrivilegedRole("super_admin"))
	assert.False(t, p.PrivilegedRole("CUSTOM"))
	assert.True(t, p.PrivilegedGroup("production readers"))
	for name, locked := range map[string]struct {
		person identity.Person
		is     bool
	}{
		"no second address":      {identity.Person{Email: "ada@acme.example"}, true},
		"a subdomain":            {identity.Person{Email: "ada@mail.acme.example"}, true},
		"a second one behind it": {identity.Person{Email: "ada@acme.example", SecondEmail: "ada2@acme.example"}, true},
		"a second one outside":   {identity.Person{Email: "ada@acme.example", SecondEmail: "ada@home.example"}, false},
		"another domain":         {identity.Person{Email: "ada@notacme.example"}, false},
		"an address without at":  {identity.Person{Email: "acme.example"}, false},
	} {
		assert.Equal(t, locked.is, p.MailLocked(locked.person) != "", name)
	}
}

func TestWhatAResetNeedsNoRouteTakesAway(t *testing.T) {
	t.Parallel()
	p := good(t)
	levels, err := p.ResetLevels(casework.ResetTerms{Manager: "asked for by somebody else", Privileged: "an administrator"}, policy.RouteFacts{UseCase: casework.CredentialReset})
	require.NoError(t, err)
	require.Len(t, levels, 2)
	assert.Equal(t, policy.ApproverManager, levels[0].Groups[0].Who[0].Kind)
	assert.Len(t, levels[0].Groups[0].Who[0].Fallback, 2)
	assert.Equal(t, approval.RuleQuorum, levels[1].Groups[0].Rule)
	assert.Equal(t, 2, levels[1].Groups[0].Need)
	assert.Len(t, levels[1].Groups[0].Who, 2)
	assert.Equal(t, 24*time.Hour, levels[0].ExpireAfter)
	levels, err = p.ResetLevels(casework.ResetTerms{}, policy.RouteFacts{})
	require.NoError(t, err)
	assert.Empty(t, levels)
}

func TestCredentialsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ file, text, says string }{
		"too few approvers":        {"credentials.yaml", "privileged: {approvers: {people: [a@b.example], need: 2}}", "names 1 people and needs 2"},
		"one approver":             {"credentials.yaml", "privileged: {approvers: {people: [a@b.example], need: 1}}", "whole number from 2"},
		"an address for a domain":  {"credentials.yaml", "mail_behind_okta: [ada@acme.example]", "mail domain such as"},
		"half a velocity":          {"credentials.yaml", "velocity: {target: {most: 3}}", `lacks "within"`},
		"all beside others":        {"credentials.yaml", "authenticators: {Phone: [all, sms]}", "stands alone"},
		"another end of a refusal": {"credentials.yaml", "refused: delete", "allowed: resolve, leave"},
		"a rule without a reset":   {"intake.yaml", "rules: [{name: r, use_case: credential_reset, when: 'true', subject: ticket.subject}]", "needs reset"},
		"a rule without a subject": {"intake.yaml", "rules: [{name: r, use_case: credential_reset, when: 'true', reset: {wish: '\"password\"'}}]", "needs subject"},
		"words about somebody":     {"intake.yaml", "rules: [{name: r, use_case: credential_reset, when: 'true', subject: ticket.subject, reset: {keywords: true}}]", "is about its requester"},
		"words and a wish":         {"intake.yaml", "rules: [{name: r, use_case: credential_reset, when: 'true', reset: {keywords: true, wish: '\"password\"'}}]", "not both"},
		"words and a form":         {"intake.yaml", "rules: [{name: r, use_case: credential_reset, when: 'true', reset: {keywords: true, form: Lost phone}}]", "name no form"},
		"neither":                  {"intake.yaml", "rules: [{name: r, use_case: credential_reset, when: 'true', subject: ticket.subject, reset: {form: Lost phone}}]", "reset needs wish"},
		"a date":                   {"intake.yaml", "rules: [{name: r, use_case: credential_reset, when: 'true', reset: {keywords: true}, effective: {now: true}}]", "none to credential_reset"},
		"a reset elsewhere":        {"intake.yaml", "rules: [{name: r, use_case: onboarding, when: 'true', effective: {now: true}, reset: {keywords: true}}]", "reset belongs to credential_reset"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := policy.Load(folder(t, map[string]string{test.file: test.text + "\n"}))
			require.ErrorContains(t, err, test.says)
		})
	}
}

const resetRules = `
use_cases: {credential_reset: {mode: act}}
rules:
  - name: form
    use_case: credential_reset
    when: has_item("Lost phone")
    subject: 'first_of([item("Lost phone").fields.who, requester.email])'
    reset: {form: Lost phone, wish: text(item("Lost phone").fields.wish), factor: item("Lost phone").fields.factor, end_sessions: item("Lost phone").fields.stolen == true}
  - {name: words, use_case: credential_reset, when: 'true', reset: {keywords: true}}
`

func resetPolicy(t *testing.T) *policy.Policy {
	t.Helper()
	p, err := policy.Load(folder(t, map[string]string{"intake.yaml": resetRules}))
	require.NoError(t, err)
	return p
}

func lostPhone(fields map[string]any, set func(*policy.TicketFacts)) policy.IntakeFacts {
	f := policy.IntakeFacts{
		Ticket:    policy.TicketFacts{Type: "Service Request", Source: 2, Items: []policy.ItemFacts{{Name: "Lost phone", Fields: fields}}},
		Requester: policy.PersonFacts{Person: identity.Person{Email: "Ada@acme.example"}},
	}
	if set != nil {
		set(&f.Ticket)
	}
	return f
}

func TestAFormSaysWhatIsToBeReset(t *testing.T) {
	t.Parallel()
	p := resetPolicy(t)
	c, err := p.Classify(lostPhone(map[string]any{"wish": "factors", "factor": "Phone app", "stolen": true}, nil))
	require.NoError(t, err)
	assert.Equal(t, &casework.ResetAsk{
		Kinds: []casework.ResetKind{casework.ResetOneFactor}, Factor: "Phone app", Types: []string{"push", "signed_nonce"}, Sessions: true,
		Form: "Lost phone", Attested: true, LeaveRefused: true,
	}, c.Reset)
	assert.Equal(t, "ada@acme.example", c.Subject)

	c, err = p.Classify(lostPhone(map[string]any{"wish": "factors", "factor": "everything"}, nil))
	require.NoError(t, err)
	assert.Equal(t, []casework.ResetKind{casework.ResetAllFactors}, c.Reset.Kinds)

	for answer, says := range map[string]string{"tea": "none of the things", "": "none of the things"} {
		c, err = p.Classify(lostPhone(map[string]any{"wish": answer}, nil))
		require.NoError(t, err)
		assert.Contains(t, c.Reset.Unsure, says)
	}
	c, err = p.Classify(lostPhone(map[string]any{"wish": "factor", "factor": "pigeon"}, nil))
	require.NoError(t, err)
	assert.Contains(t, c.Reset.Unsure, "no authenticator called")
}

// A form vouches only for a service request with that very item and nothing against it.
func TestWhatAttests(t *testing.T) {
	t.Parallel()
	p := resetPolicy(t)
	for name, test := range map[string]struct {
		set  func(*policy.TicketFacts)
		want bool
	}{
		"the form":      {nil, true},
		"an incident":   {func(f *policy.TicketFacts) { f.Type = "Incident" }, false},
		"by e-mail":     {func(f *policy.TicketFacts) { f.Source = 1 }, false},
		"by phone":      {func(f *policy.TicketFacts) { f.Source = 3 }, false},
		"by chat":       {func(f *policy.TicketFacts) { f.Source = 4 }, false},
		"source nought": {func(f *policy.TicketFacts) { f.Source = 0 }, false},
	} {
		c, err := p.Classify(lostPhone(map[string]any{"wish": "factors"}, test.set))
		require.NoError(t, err)
		assert.Equal(t, test.want, c.Reset.Attested, name)
	}
	other, err := policy.Load(folder(t, map[string]string{"intake.yaml": resetRules, "credentials.yaml": "attested_forms: [Another form]"}))
	require.NoError(t, err)
	c, err := other.Classify(lostPhone(map[string]any{"wish": "factors"}, nil))
	require.NoError(t, err)
	assert.False(t, c.Reset.Attested)
}

func TestWordsTakeATicketOrLeaveIt(t *testing.T) {
	t.Parallel()
	p := resetPolicy(t)
	words := func(subject, text, own string) policy.IntakeFacts {
		return policy.IntakeFacts{
			Ticket:    policy.TicketFacts{Type: "Incident", Subject: subject, Text: text, Own: own},
			Requester: policy.PersonFacts{Person: identity.Person{Email: "Ada@acme.example"}},
		}
	}
	c, err := p.Classify(words("Help", "help\nplease reset my password", ""))
	require.NoError(t, err)
	assert.Equal(t, []casework.ResetKind{casework.ResetPassword}, c.Reset.Kinds)
	assert.Equal(t, "ada@acme.example", c.Subject)
	assert.NotEmpty(t, c.Reset.Found)

	for name, f := range map[string]policy.IntakeFacts{
		"nothing":            words("Printer", "printer\nno paper", ""),
		"negated":            words("Help", "help\ndo not reset my password", ""),
		"quoted in the HTML": words("Help", "help\nthanks\nplease reset my password", "thanks"),
	} {
		c, err := p.Classify(f)
		require.NoError(t, err)
		assert.Empty(t, c.UseCase, name)
		assert.False(t, p.MaybeWanted(f.Ticket), name)
	}
	assert.True(t, p.MaybeWanted(policy.TicketFacts{Type: "Incident", Subject: "Help", Text: "help\n"}), "a list that shows no description proves nothing")

	again, err := p.ReadAs(words("Help", "help\nall is well", ""), casework.CredentialReset, "words")
	require.NoError(t, err)
	assert.Empty(t, again.Reset.Kinds, "a case that runs is read again, and finds that nothing is asked any more")
}
