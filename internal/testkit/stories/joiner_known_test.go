package stories_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
)

const piotr = "piotr.zalewski@acme.example" // of HR Operations, whom policy lets say who a joiner is

// leaves lets Ada leave and gives what Okta has of her then.
func leaves(t *testing.T, p *playground.Playground) oktasim.UserView {
	t.Helper()
	leaver, err := p.Leaver(testkit.Soon(t), acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	require.NoError(t, p.Approve(testkit.Soon(t), leaver, managerOf(t, p, acme.Ada), "good luck"))
	ends(t, p, leaver, casework.EndDone)
	ada, ok := p.Okta.User(acme.Ada)
	require.True(t, ok)
	return ada
}

// namesake files somebody of Ada's name and address with another number, and gives the lines that answer the question.
func namesake(t *testing.T, p *playground.Playground) (ticket int64, same, other string) {
	t.Helper()
	ctx := testkit.Soon(t)
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Ada", "Okonkwo", map[string]any{
		"employee_number": "E-9001", "personal_email": acme.Ada,
	}))
	require.NoError(t, err)
	_, err = p.WaitState(ctx, ticket, casework.StateNeedsInformation)
	require.NoError(t, err)
	notes, err := p.Notes(ctx, ticket)
	require.NoError(t, err)
	for _, note := range notes {
		for _, line := range regexp.MustCompile(`#[0-9a-f]{8} [^”]+`).FindAllString(note.BodyText, -1) {
			if strings.Contains(line, "same as") {
				same = line
			} else {
				other = line
			}
		}
	}
	require.NotEmpty(t, same)
	require.NotEmpty(t, other)
	return ticket, same, other
}

func TestANamesakeIsTakenForSomebodyNewOnceThoseWhoMaySaySo(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	old := leaves(t, p)
	ticket, same, other := namesake(t, p)
	assert.Contains(t, same, old.ID)

	require.NoError(t, p.Say(ctx, ticket, acme.Farah, same), "whoever filed the ticket")
	require.Eventually(t, func() bool { return notesWith(t, p, ticket, ".missing.") == 2 }, soon, tick, "it is said that this does not count")
	require.NoError(t, p.Say(ctx, ticket, acme.Omar, same), "an agent of another group")
	require.Eventually(t, func() bool { return notesWith(t, p, ticket, ".missing.") == 3 }, soon, tick)
	s, err := p.WaitState(ctx, ticket, casework.StateNeedsInformation)
	require.NoError(t, err)
	assert.Empty(t, s.Case.Units, "nothing is planned on their word")

	require.NoError(t, p.Say(ctx, ticket, piotr, other))
	approveAll(t, p, ticket)
	ends(t, p, ticket, casework.EndDone)
	made, ok := p.Okta.User("ada.okonkwo2@acme.example")
	require.True(t, ok, "an account of their own")
	assert.NotEqual(t, old.ID, made.ID)
	still, ok := p.Okta.User(acme.Ada)
	require.True(t, ok)
	assert.Equal(t, "DEPROVISIONED", still.Status, "the namesake's stays shut")
}

func TestAFormerColleagueComesBackOnceSomebodySaysThatItIsTheSame(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	old := leaves(t, p)
	ticket, same, _ := namesake(t, p)
	require.NoError(t, p.Say(ctx, ticket, piotr, same))
	approveAll(t, p, ticket)
	ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	back, ok := p.Okta.User(acme.Ada)
	require.True(t, ok)
	assert.Equal(t, old.ID, back.ID)
	assert.Equal(t, "PROVISIONED", back.Status)
	assert.Equal(t, "E-9001", back.Profile["employeeNumber"])
	_, second := p.Okta.User("ada.okonkwo2@acme.example")
	assert.False(t, second)
}

func TestARehiresActivationIsMailedOnceToTheAddressOfTheTicket(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	old := leaves(t, p)
	number, _ := old.Profile["employeeNumber"].(string)
	ticket, err := p.Ask(ctx, "Employee onboarding", acme.Farah, "", newcomer("Ada", "Okonkwo", map[string]any{
		"employee_number": number, "personal_email": "ada.now@home.example",
	}))
	require.NoError(t, err)
	approveAll(t, p, ticket)
	res := ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	var to []string
	for _, m := range p.Okta.Mails() {
		if m.UserID == old.ID && m.Kind == oktasim.MailActivation {
			to = append(to, m.Second)
		}
	}
	assert.Equal(t, []string{"ada.now@home.example"}, to, "%s", res.Summary)
	notes, err := p.Notes(ctx, ticket)
	require.NoError(t, err)
	for _, note := range notes {
		assert.NotContains(t, note.Body, "/welcome/", "no activation link in a note")
	}
}
