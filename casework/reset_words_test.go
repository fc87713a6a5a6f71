package casework_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"latchkey/casework"
)

const writer = "ada@acme.example"

func TestTheWordsOfATicket(t *testing.T) {
	t.Parallel()
	password, unlock, activation, factors := casework.ResetPassword, casework.ResetUnlock, casework.ResetActivation, casework.ResetAllFactors
	tests := map[string]struct {
		subject, text string
		kinds         []casework.ResetKind
		unsure        string
	}{
		"a plain wish":                         {"Password reset", "Hello,\nI forgot my password.\nThanks, Ada", []casework.ResetKind{password}, ""},
		"words between":                        {"Help", "Please reset my old Okta password today.", []casework.ResetKind{password}, ""},
		"a typographic apostrophe":             {"Help", "I don’t remember my password", []casework.ResetKind{password}, ""},
		"what somebody cannot do":              {"Cannot sign in", "I can not sign in and forgot my password", []casework.ResetKind{password}, ""},
		"locked out":                           {"Help!", "my account has been locked", []casework.ResetKind{unlock}, ""},
		"locked out in capitals":               {"LOCKED OUT", "HELP", []casework.ResetKind{unlock}, ""},
		"two wishes":                           {"Sign-in", "I am locked out. Please reset my password and my MFA.", []casework.ResetKind{password, unlock}, ""},
		"authenticators":                       {"New phone", "I have a new phone, please reset my MFA", []casework.ResetKind{factors}, ""},
		"the activation mail":                  {"Start", "I never got the activation mail", []casework.ResetKind{activation}, ""},
		"the activation mail again":            {"Start", "please resend the activation e-mail", []casework.ResetKind{activation}, ""},
		"negated":                              {"Laptop", "Please do not reset my password, the screen is broken.", nil, ""},
		"negated, shortened":                   {"Laptop", "don't reset my password", nil, ""},
		"no need":                              {"Thanks", "no need to reset the password", nil, ""},
		"negated between the words":            {"x", "password must not be reset", nil, ""},
		"no longer needed":                     {"x", "The password reset is no longer needed.", nil, ""},
		"one negated, another wanted":          {"x", "Do not reset my password, just unlock my account.", []casework.ResetKind{unlock}, ""},
		"for and against":                      {"Password reset", "Please do not reset my password.", nil, "for it and against it"},
		"something else":                       {"Printer", "The printer on floor 3 is out of paper.", nil, ""},
		"only the word":                        {"Question", "My password manager is slow.", nil, ""},
		"a question":                           {"Question", "How do I reset my password?", nil, "plainly"},
		"a report":                             {"x", "my password was reset yesterday and now mail is slow", nil, "plainly"},
		"another system":                       {"x", "please reset my vpn password", nil, "plainly"},
		"somebody else":                        {"x", "please reset the password of my colleague", nil, "plainly"},
		"somebody else by address":             {"x", "please reset the password for ben@acme.example", nil, "another e-mail address"},
		"their own address":                    {"x", "please reset my password (Ada@Acme.example)", []casework.ResetKind{password}, ""},
		"a quoted line":                        {"Re: your ticket", "It works, thank you.\n> please reset my password", nil, ""},
		"below the line of who wrote":          {"Re: Password reset", "It works.\nOn Monday, Ada wrote:\nplease reset my password", nil, ""},
		"an Outlook header":                    {"AW: x", "Danke.\nVon: Ada\nGesendet: Montag\nplease reset my password", nil, ""},
		"forwarded":                            {"Fwd: Password reset", "for your information\n-----Original Message-----\nreset my password", nil, ""},
		"in the signature":                     {"Hello", "Bye\n-- \nAda, Password Reset Team", nil, ""},
		"the subject of a reply":               {"RE: Password reset", "Thank you!", nil, ""},
		"a reply that asks in its own words":   {"RE: Password reset", "I forgot my password again.\n> it was reset", []casework.ResetKind{password}, ""},
		"a phishing report":                    {"Phishing?", "I received a mail that says password reset", nil, "plainly"},
		"the second clause of a long sentence": {"x", "I am not able to sign in, so please unlock my account", []casework.ResetKind{unlock}, ""},
		"nothing":                              {"", "", nil, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := casework.ReadResetWords(casework.DefaultResetWords(), writer, tt.subject, tt.text)
			if tt.unsure != "" {
				assert.Contains(t, got.Unsure, tt.unsure)
				return
			}
			assert.Equal(t, tt.kinds, got.Kinds)
			assert.Empty(t, got.Unsure)
			assert.Equal(t, len(tt.kinds) == 0, got.Nothing())
		})
	}
}

// plainPhrases are the asks that hold no negation of their own.
func plainPhrases() []string {
	w := casework.DefaultResetWords()
	var list []string
	for _, kind := range casework.ResetKinds() {
		for _, phrase := range w.Asks[kind] {
			negated := slices.ContainsFunc(strings.Fields(phrase), func(word string) bool {
				return slices.Contains([]string{"not", "never", "don't", "didn't", "can't", "cannot"}, word)
			})
			if !negated {
				list = append(list, phrase)
			}
		}
	}
	return list
}

func TestANegatedPhraseIsNeverDone(t *testing.T) {
	t.Parallel()
	w := casework.DefaultResetWords()
	rapid.Check(t, func(t *rapid.T) {
		phrase := rapid.SampledFrom(plainPhrases()).Draw(t, "phrase")
		negation := rapid.SampledFrom([]string{"do not", "don't", "please don't", "no need to", "never", "you must not"}).Draw(t, "negation")
		between := rapid.SliceOfN(rapid.SampledFrom([]string{"ever", "my", "now", "today", "okta", "please"}), 0, 3).Draw(t, "between")
		text := negation + " " + strings.Join(between, " ") + " " + strings.Join(strings.Fields(phrase), " my ")
		got := casework.ReadResetWords(w, writer, "x", text)
		require.True(t, len(got.Kinds) == 0 || got.Unsure != "", "%q is read as %v", text, got.Kinds)
	})
}

func TestWhatIsQuotedChangesNothing(t *testing.T) {
	t.Parallel()
	w := casework.DefaultResetWords()
	rapid.Check(t, func(t *rapid.T) {
		own := rapid.SampledFrom([]string{"thank you", "please unlock my account", "I forgot my password", "do not reset my password"}).Draw(t, "own")
		quoted := rapid.SampledFrom(plainPhrases()).Draw(t, "quoted")
		sep := rapid.SampledFrom([]string{"\n> ", "\nOn Monday, Ben <ben@acme.example> wrote:\n", "\n-----Original Message-----\n", "\n-- \n", "\nFrom: Ben\n"}).Draw(t, "sep")
		require.Equal(t, casework.ReadResetWords(w, writer, "x", own), casework.ReadResetWords(w, writer, "x", own+sep+quoted))
	})
}

func FuzzTheWordsOfATicket(f *testing.F) {
	f.Add("Password reset", "please reset my password")
	f.Add("Re: x", "> reset password\nOn Monday wrote:")
	f.Add("", "do not\xff reset’ my\u00a0password?!")
	w := casework.DefaultResetWords()
	f.Fuzz(func(t *testing.T, subject, text string) {
		r := casework.ReadResetWords(w, writer, subject, text)
		if r.Nothing() && len(r.Found) > 0 {
			t.Fatal("nothing was found, and something was")
		}
		if !r.Nothing() && len(r.Found) == 0 {
			t.Fatal("something is asked for that was not found")
		}
		if again := casework.ReadResetWords(w, writer, subject, text+"\n> reset my password"); again.Unsure != r.Unsure || !slices.Equal(again.Kinds, r.Kinds) {
			t.Fatal("a quoted line changed the reading")
		}
	})
}
