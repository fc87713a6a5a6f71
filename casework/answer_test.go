package casework_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/casework"
	"latchkey/identity"
)

func TestOnlyALineThatIsAnAnswerFromEndToEndIsOne(t *testing.T) {
	t.Parallel()
	const code = "#0a1b2c3d "
	tests := map[string]struct {
		text  string
		want  casework.PersonAnswer
		meant bool
		wrong bool
	}{
		"same":                  {code + "same as 00uABC123", casework.PersonAnswer{Code: "0a1b2c3d", Same: "00uABC123"}, true, false},
		"new":                   {code + "new person, not 00uABC123 00uDEF456", casework.PersonAnswer{Code: "0a1b2c3d", Not: []string{"00uABC123", "00uDEF456"}}, true, false},
		"beside other words":    {"I asked her.\n\n  #0A1B2C3D  Same  as 00uABC123. \nRegards, Piotr", casework.PersonAnswer{Code: "0a1b2c3d", Same: "00uABC123"}, true, false},
		"commas":                {code + "new person, not 00uABC123, 00uDEF456", casework.PersonAnswer{Code: "0a1b2c3d", Not: []string{"00uABC123", "00uDEF456"}}, true, false},
		"something else":        {"the laptop is #12 on the list", casework.PersonAnswer{}, false, false},
		"a question":            {"what is " + code + "same as 00uABC123?", casework.PersonAnswer{}, false, false},
		"new without accounts":  {code + "new person", casework.PersonAnswer{}, true, true},
		"a login":               {code + "same as ada@acme.example", casework.PersonAnswer{}, true, true},
		"more after it":         {code + "same as 00uABC123 I think", casework.PersonAnswer{}, true, true},
		"an expression":         {code + `same as {{.Person}} or 1 eq 1`, casework.PersonAnswer{}, true, true},
		"two answers":           {code + "same as 00uABC123\n" + code + "same as 00uDEF456", casework.PersonAnswer{}, true, true},
		"the question, quoted":  {"> " + code + "same as 00uABC123", casework.PersonAnswer{}, false, false},
		"with quotation marks":  {"“" + code + "same as 00uABC123”", casework.PersonAnswer{}, false, false},
		"a longer code":         {"#0a1b2c3d4 same as 00uABC123", casework.PersonAnswer{}, false, false},
		"nothing that is white": {" \n\t", casework.PersonAnswer{}, false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, meant, wrong := casework.ParsePersonAnswer(test.text)
			assert.Equal(t, test.meant, meant)
			assert.Equal(t, test.wrong, wrong != "")
			assert.Equal(t, test.want, got)
		})
	}
}

func TestNoTextMakesAnAnswerOfAnythingButAccountIDs(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.SampledFrom([]rune("#0af1 \nsame asnewperson,not{}.@\"'<>;"))).Draw(t, "text")
		for _, text := range []string{text, "#0a1b2c3d " + text, "#0a1b2c3d same as " + text, "#0a1b2c3d new person, not " + text} {
			a, meant, wrong := casework.ParsePersonAnswer(text)
			if !meant || wrong != "" {
				require.Equal(t, casework.PersonAnswer{}, a)
				continue
			}
			require.Regexp(t, `^[0-9a-f]{8}$`, a.Code)
			for _, id := range append(a.Not, a.Same) {
				require.Regexp(t, `^[0-9A-Za-z]*$`, id)
			}
			require.NotEqual(t, a.Same == "", len(a.Not) == 0, "one or the other")
		}
	})
}

// said is an answer to the question about a newcomer.
func said(want casework.Identifiers, same string, not ...string) casework.PersonAnswer {
	return casework.PersonAnswer{Code: casework.QuestionCode(want), Same: same, Not: not, By: "Piotr Zalewski", At: firstDay.Add(-time.Hour)}
}

func TestAnAnswerDecidesWhereTheAccountsDoNot(t *testing.T) {
	t.Parallel()
	const away, active, staged = identity.StatusDeprovisioned, identity.StatusActive, identity.StatusStaged
	want := newcomer()
	other := want
	other.EmployeeNumber = "4712"
	namesake := account("00uOLD1", away, number("99"))
	ours := account("00uOURS", staged)
	later := said(want, "00uOLD1")
	later.At = later.At.Add(time.Minute)
	forged := said(want, "")
	forged.Refused = "policy does not let them"
	tests := map[string]struct {
		found   []identity.Person
		answers []casework.PersonAnswer
		ask     bool
		kind    casework.MatchKind
		id, why string
	}{
		"no answer":                      {[]identity.Person{namesake}, nil, false, casework.MatchUnsure, "", "another one"},
		"new":                            {[]identity.Person{namesake}, []casework.PersonAnswer{said(want, "", "00uOLD1")}, false, casework.MatchNew, "", "Piotr Zalewski said on the ticket that it is not 00uOLD1"},
		"new, and the account is made":   {[]identity.Person{namesake, ours}, []casework.PersonAnswer{said(want, "", "00uOLD1")}, false, casework.MatchStaged, "00uOURS", "Piotr"},
		"new, and another one turns up":  {[]identity.Person{namesake, account("00uTWO2", away, number("98"))}, []casework.PersonAnswer{said(want, "", "00uOLD1")}, false, casework.MatchUnsure, "", "00uTWO2"},
		"the same":                       {[]identity.Person{namesake}, []casework.PersonAnswer{said(want, "00uOLD1")}, false, casework.MatchRehire, "00uOLD1", "Piotr"},
		"the newest counts":              {[]identity.Person{namesake}, []casework.PersonAnswer{later, said(want, "", "00uOLD1")}, false, casework.MatchRehire, "00uOLD1", "Piotr"},
		"about another person":           {[]identity.Person{namesake}, []casework.PersonAnswer{said(other, "00uOLD1")}, false, casework.MatchUnsure, "", "another one"},
		"an account that does not match": {[]identity.Person{namesake}, []casework.PersonAnswer{said(want, "00uBOSS")}, false, casework.MatchUnsure, "", "is not among them"},
		"refused":                        {[]identity.Person{namesake}, []casework.PersonAnswer{forged}, false, casework.MatchUnsure, "", "another one"},
		"suspended stays shut":           {[]identity.Person{account("00uOLD1", identity.StatusSuspended, number("99"))}, []casework.PersonAnswer{said(want, "00uOLD1")}, false, casework.MatchUnsure, "", "whoever suspended it"},
		"sure needs no answer":           {[]identity.Person{account("00uOLD1", active)}, []casework.PersonAnswer{said(want, "", "00uOLD1")}, false, casework.MatchActive, "00uOLD1", ""},
		"a rehire that is asked about":   {[]identity.Person{account("00uOLD1", away)}, nil, true, casework.MatchUnsure, "", "lets a person decide"},
		"and allowed":                    {[]identity.Person{account("00uOLD1", away)}, []casework.PersonAnswer{said(want, "00uOLD1")}, true, casework.MatchRehire, "00uOLD1", "Piotr"},
		"and denied":                     {[]identity.Person{account("00uOLD1", away)}, []casework.PersonAnswer{said(want, "", "00uOLD1")}, true, casework.MatchNew, "", "not 00uOLD1"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := casework.AskedMatch(want, test.found, nil, test.ask, test.answers)
			assert.Equal(t, test.kind, m.Kind, m.Why)
			assert.Equal(t, test.id, m.Person.OktaUserID)
			assert.Contains(t, m.Why, test.why)
			assert.NotContains(t, m.Why, "@")
		})
	}
}

func TestTheQuestionShowsTheLinesThatAnswerIt(t *testing.T) {
	t.Parallel()
	want := newcomer()
	m := casework.MatchPerson(want, []identity.Person{account("00uOLD1", identity.StatusDeprovisioned, number("99"))}, nil)
	assert.Empty(t, m.HowToAnswer(want, ""), "policy lets nobody answer")
	how := m.HowToAnswer(want, "somebody of the group HR")
	assert.Contains(t, how, "“#"+casework.QuestionCode(want)+" same as 00uOLD1”")
	assert.Contains(t, how, "“#"+casework.QuestionCode(want)+" new person, not 00uOLD1”")
	d := casework.PlanJoiner(casework.JoinerFacts{Match: m, Profile: wantedProfile(), HowToAnswer: how, Request: casework.Request{
		Answers: []casework.PersonAnswer{{By: "Farah Nasser", At: firstDay, Refused: "policy does not let whoever filed the ticket say it"}},
	}})
	assert.Contains(t, d.Ask, how)
	assert.Contains(t, d.Ask, "The answer of Farah Nasser on 2026-12-01 07:00 UTC does not count: policy does not let whoever filed the ticket say it.")
}
