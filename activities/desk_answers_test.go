package activities_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/policy"
)

const (
	piotr = "piotr.zalewski@acme.example" // of HR Operations, whom policy lets answer
	code  = "#0a1b2c3d "
)

// joinerTicket is a joiner that Farah of HR filed, at a desk under Acme's own policies.
func joinerTicket(t *testing.T) (*deskWorld, int64) {
	t.Helper()
	w := newDeskWorld(t)
	p, err := policy.Load(filepath.Join("..", "examples", "acme", "policies"))
	require.NoError(t, err)
	w.desk.Policy = fixedPolicy{p}
	ticket := w.request(t, "Employee onboarding", acme.Farah, freshservice.Fields{
		"first_name": "Noa", "last_name": "Lindqvist", "personal_email": "noa@home.example", "job_title": "Account Executive",
		"department": "Sales", "employment_type": "Employee", "location": "Berlin", "manager_email": acme.Mara, "start_date": "2027-01-11",
	})
	return w, ticket.ID
}

// says writes a note in somebody's name.
func (w *deskWorld) says(t *testing.T, ticket int64, who, body string, private bool) freshservice.Conversation {
	t.Helper()
	note, err := w.client.AddNote(t.Context(), ticket, freshservice.Note{BodyHTML: body, Private: private, UserID: w.person(t, who).ID})
	require.NoError(t, err)
	return note
}

func (w *deskWorld) readAnswers(t *testing.T, ticket int64) []casework.PersonAnswer {
	t.Helper()
	out, _, err := do[contract.ReadRequestResult](t, w, w.desk.ReadRequest, contract.ReadRequestInput{
		Ticket: ticket, UseCase: casework.Onboarding, Rule: "onboarding-form", Answers: true,
	})
	require.NoError(t, err)
	return out.Request.Answers
}

func TestAnAnswerOfWhoeverPolicyNamesCounts(t *testing.T) {
	t.Parallel()
	w, ticket := joinerTicket(t)
	w.says(t, ticket, piotr, "<p>I called her.</p><p>"+code+"new person, not 00uOLD1</p>", true)
	answers := w.readAnswers(t, ticket)
	require.Len(t, answers, 1)
	assert.Equal(t, "Piotr Zalewski", answers[0].By)
	assert.Equal(t, []string{"00uOLD1"}, answers[0].Not)
	assert.Empty(t, answers[0].Refused)
	assert.False(t, answers[0].At.IsZero())
}

func TestAnAnswerThatAnybodyCouldHaveWrittenDoesNotCount(t *testing.T) {
	t.Parallel()
	const line = "<p>" + code + "same as 00uOLD1</p>"
	tests := map[string]struct {
		say     func(t *testing.T, w *deskWorld, ticket int64)
		refused string // empty: it is not taken for an answer at all
	}{
		"whoever filed the ticket": {func(t *testing.T, w *deskWorld, ticket int64) {
			t.Helper()
			w.says(t, ticket, acme.Farah, line, true)
		}, "whoever filed the ticket"},
		"an agent of another group": {func(t *testing.T, w *deskWorld, ticket int64) {
			t.Helper()
			w.says(t, ticket, acme.Tariq, line, true)
		}, "policy does not let them"},
		"a public note": {func(t *testing.T, w *deskWorld, ticket int64) {
			t.Helper()
			w.says(t, ticket, piotr, line, false)
		}, ""},
		"the key's own account": {func(t *testing.T, w *deskWorld, ticket int64) {
			t.Helper()
			_, err := w.client.AddNote(t.Context(), ticket, freshservice.Note{BodyHTML: line, Private: true})
			require.NoError(t, err)
		}, ""},
		"a note of ours, quoted": {func(t *testing.T, w *deskWorld, ticket int64) {
			t.Helper()
			w.says(t, ticket, piotr, line+"<p>latchkey:1/missing</p>", true)
		}, ""},
		"an edited note": {func(t *testing.T, w *deskWorld, ticket int64) {
			t.Helper()
			note := w.says(t, ticket, piotr, "<p>hello</p>", true)
			w.sim.Advance(5e9)
			_, err := w.client.UpdateNote(t.Context(), note.ID, line)
			require.NoError(t, err)
		}, "edited"},
		"not one of the lines": {func(t *testing.T, w *deskWorld, ticket int64) {
			t.Helper()
			w.says(t, ticket, piotr, "<p>"+code+"it is {{.Person}}</p>", true)
		}, "not written as"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, ticket := joinerTicket(t)
			test.say(t, w, ticket)
			answers := w.readAnswers(t, ticket)
			if test.refused == "" {
				assert.Empty(t, answers)
				return
			}
			require.Len(t, answers, 1)
			assert.Contains(t, answers[0].Refused, test.refused)
			assert.Empty(t, answers[0].Code+answers[0].Same)
			assert.Empty(t, answers[0].Not)
		})
	}
}
