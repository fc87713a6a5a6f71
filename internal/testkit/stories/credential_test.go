package stories_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

// forgot asks for a new password by the form.
func forgot(t *testing.T, p *playground.Playground, by, whose, reason string) int64 {
	t.Helper()
	answers := map[string]any{"reason": reason}
	if whose != "" {
		answers["account_email"] = whose
	}
	ticket, err := p.Ask(testkit.Soon(t), "Password reset", by, "", answers)
	require.NoError(t, err)
	return ticket
}

func TestAForgottenPasswordByTheForm(t *testing.T) {
	p := server.Playground(t, nil)
	mark := p.Mark()
	ticket := forgot(t, p, acme.Ben, "", "I forgot it")
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"user.account.reset_password"}, changes(t, p, acme.Ben, mark))
	assert.Equal(t, []string{"password-reset"}, p.Mailed(acme.Ben), "Okta mails the link, and nobody else sees it")
	user, _ := p.Okta.User(acme.Ben)
	assert.Equal(t, "RECOVERY", user.Status)
	resolved(t, p, ticket)
	assert.Equal(t, 1, notesWith(t, p, ticket, ".owner."), "the manager hears of it")
	groups, err := p.Approvals(testkit.Soon(t), ticket)
	require.NoError(t, err)
	assert.Empty(t, groups)
}

func TestAForgottenPasswordInPlainWords(t *testing.T) {
	p := server.Playground(t, nil)
	mark := p.Mark()
	ticket, err := p.Write(testkit.Soon(t), acme.Clara, "Cannot sign in", "Hello, I forgot my password. Please help. Clara")
	require.NoError(t, err)
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"user.account.reset_password"}, changes(t, p, acme.Clara, mark))
	resolved(t, p, ticket)
}

func TestWordsThatAskForNothingAreLeftAlone(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket, err := p.Write(ctx, acme.Clara, "Laptop", "Please do not reset my password, it is the screen.")
	require.NoError(t, err)
	unsure, err := p.Write(ctx, acme.Clara, "Question", "How do I reset my password?")
	require.NoError(t, err)
	ends(t, p, unsure, casework.EndHandedOver)
	assert.Empty(t, changes(t, p, acme.Clara, mark))
	notes, err := p.Notes(ctx, ticket)
	require.NoError(t, err)
	assert.Empty(t, notes, "nothing is written on a ticket that asks for nothing")
	got, err := p.Ticket(ctx, unsure)
	require.NoError(t, err)
	assert.Equal(t, 2, got.Status, "a person has to look")
	assert.Equal(t, 1, notesWith(t, p, unsure, ".result."))
	assert.Zero(t, notesWith(t, p, unsure, ".reply."))
}

func TestALockedAccountIsUnlockedAndTheRestByStatus(t *testing.T) {
	p := server.Playground(t, nil)
	for login, want := range map[string]string{
		acme.Luca: "user.account.unlock_by_admin", acme.Camila: "user.lifecycle.reactivate", acme.Pavel: "user.account.reset_password",
		acme.Ruth: "user.account.reset_password",
	} {
		mark := p.Mark()
		ticket := forgot(t, p, login, "", "I am locked out")
		ends(t, p, ticket, casework.EndDone)
		assert.Equal(t, []string{want}, changes(t, p, login, mark), login)
	}
	for _, login := range []string{acme.Stella, acme.Sofia} {
		mark := p.Mark()
		ticket := forgot(t, p, login, "", "I forgot it")
		ends(t, p, ticket, casework.EndHandedOver)
		assert.Empty(t, changes(t, p, login, mark), login)
	}
}

func TestTheCoolDownRefusesASecondReset(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	ends(t, p, forgot(t, p, acme.Ben, "", "I forgot it"), casework.EndDone)
	mark := p.Mark()
	again, err := p.Write(ctx, acme.Ben, "Password reset", "I need a new password again")
	require.NoError(t, err)
	res := ends(t, p, again, casework.EndRefused)
	assert.Contains(t, res.Summary, "try again after")
	assert.Empty(t, changes(t, p, acme.Ben, mark))
	resolved(t, p, again)
}

func TestAnAuthenticatorIsResetOnlyWithTheManager(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket, err := p.Ask(ctx, "MFA reset", acme.Ben, "", map[string]any{"factor": "All of them", "reason": "Lost or stolen"})
	require.NoError(t, err)
	_, err = p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	assert.Empty(t, changes(t, p, acme.Ben, mark))
	require.NoError(t, p.Approve(ctx, ticket, acme.Mara, "he called me"))
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"user.mfa.factor.reset_all", "user.session.clear"}, changes(t, p, acme.Ben, mark))
	user, _ := p.Okta.User(acme.Ben)
	assert.Empty(t, user.Factors)
	resolved(t, p, ticket)

	denied, err := p.Ask(ctx, "MFA reset", acme.Clara, "", map[string]any{"factor": "All of them", "reason": "New phone"})
	require.NoError(t, err)
	require.NoError(t, p.Reject(ctx, denied, acme.Mara, "she has her phone here"))
	ends(t, p, denied, casework.EndRejected)
	assert.Empty(t, changes(t, p, acme.Clara, mark))
}

func TestSomebodyElsesPasswordNeedsThatPersonsManager(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := forgot(t, p, acme.Hannah, acme.Ben, "I forgot it")
	_, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval)
	require.NoError(t, err)
	assert.Empty(t, changes(t, p, acme.Ben, mark))
	require.NoError(t, p.Approve(ctx, ticket, acme.Mara, "yes"))
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"user.account.reset_password"}, changes(t, p, acme.Ben, mark))
}

func TestAPrivilegedAccountNeedsTwoPeople(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	mark := p.Mark()
	ticket := forgot(t, p, acme.Tariq, "", "I forgot it")
	require.NoError(t, p.Approve(ctx, ticket, acme.Grace, "yes"))
	assert.Empty(t, changes(t, p, acme.Tariq, mark), "one is not enough")
	require.NoError(t, p.Approve(ctx, ticket, acme.Hiro, "yes"))
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"user.account.reset_password"}, changes(t, p, acme.Tariq, mark))
}

func TestAMailboxBehindOktaIsHandedToAPerson(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"credentials.yaml": {{Old: "[contractors.acme.example]", New: "[acme.example]"}}}
	})
	mark := p.Mark()
	res := ends(t, p, forgot(t, p, acme.Ben, "", "I forgot it"), casework.EndHandedOver)
	assert.Contains(t, res.Summary, "mailbox is behind Okta")
	assert.Empty(t, changes(t, p, acme.Ben, mark))
	require.NoError(t, p.SetProfile(testkit.Soon(t), acme.Clara, map[string]any{"secondEmail": "clara@home.example"}))
	ends(t, p, forgot(t, p, acme.Clara, "", "I forgot it"), casework.EndDone)
}

func TestAProtectedAccountIsNeverReset(t *testing.T) {
	p := server.Playground(t, nil)
	mark := p.Mark()
	ends(t, p, forgot(t, p, acme.Ben, acme.Viktor, "I forgot it"), casework.EndProtected)
	assert.Empty(t, changes(t, p, acme.Viktor, mark))
}

func TestALostAnswerMailsNobodyTwice(t *testing.T) {
	p := server.Playground(t, nil)
	require.NoError(t, p.LoseAnswers())
	mark := p.Mark()
	ticket := forgot(t, p, acme.Ben, "", "I think somebody knows it")
	ends(t, p, ticket, casework.EndDone)
	assert.Equal(t, []string{"user.account.reset_password", "user.session.clear"}, changes(t, p, acme.Ben, mark))
	assert.Len(t, p.Mailed(acme.Ben), 1)
	oneOfEverything(t, p, ticket, 0)
}

func TestAResetThatLooksLikeAStolenAccountsNextStepIsHeld(t *testing.T) {
	p := server.Playground(t, nil)
	user, ok := p.Okta.User(acme.Ben)
	require.True(t, ok)
	for _, event := range []string{
		`{"eventType":"user.mfa.factor.activate","actor":{"id":"` + user.ID + `","type":"User"}}`,
		`{"eventType":"user.session.start","actor":{"id":"` + user.ID + `","type":"User"},"debugContext":{"debugData":{"behaviors":"{New Country=POSITIVE}"}}}`,
	} {
		_, err := p.Okta.Inject(json.RawMessage(event))
		require.NoError(t, err)
	}
	mark := p.Mark()
	ticket := forgot(t, p, acme.Ben, "", "I forgot it")
	res := ends(t, p, ticket, casework.EndHandedOver)
	assert.Contains(t, res.Summary, "unusual place")
	assert.Empty(t, changes(t, p, acme.Ben, mark))
	asked, err := p.Ticket(testkit.Soon(t), ticket+1)
	require.NoError(t, err, "security has a ticket of its own")
	assert.Contains(t, asked.Subject, "a reset of sign-in data is held")
}
