package casework

import (
	"slices"
	"strings"
	"unicode"
)

// ResetWords are the phrases by which a ticket in plain words is read, lower case. The words of a phrase have to stand
// in their order within one clause, with at most three others between two of them.
type ResetWords struct {
	Asks map[ResetKind][]string `json:"asks"`
	// Negations turn a phrase that follows them in the clause into its opposite; Denials one that went before.
	Negations []string `json:"negations"`
	Denials   []string `json:"denials"`
	// Doubts are words in whose clause a phrase is no plain wish of the writer: questions, reports of what was done,
	// other people, things that are not Okta's.
	Doubts []string `json:"doubts"`
}

// DefaultResetWords are English. Policy may replace each list.
func DefaultResetWords() ResetWords {
	return ResetWords{
		Asks: map[ResetKind][]string{
			ResetPassword: {
				"reset password", "password reset", "new password", "forgot password", "forgotten password", "change password",
				"lost password", "password expired", "don't remember password", "not remember password", "can't remember password",
				"cannot remember password",
			},
			ResetUnlock: {
				"unlock account", "account locked", "locked out", "account unlock", "account blocked", "locked account", "unlock me",
			},
			ResetActivation: {
				"resend activation", "new activation", "send activation again", "activation again", "activation link expired",
				"activation mail expired", "activation email expired", "not receive activation", "not received activation",
				"never received activation", "never got activation", "didn't receive activation", "didn't get activation",
			},
			ResetAllFactors: {
				"reset mfa", "mfa reset", "reset 2fa", "2fa reset", "reset authenticator", "reset authenticators", "reset okta verify",
				"okta verify reset", "reset two-factor", "reset multi-factor", "reset multifactor", "new phone okta verify",
				"lost phone okta verify", "okta verify new phone", "mfa new phone", "new phone mfa", "lost phone mfa",
			},
		},
		Negations: []string{
			"do not", "don't", "dont", "does not", "doesn't", "did not", "didn't", "no need", "not need", "never", "without", "not",
			"instead of", "rather than", "must not", "should not", "shouldn't", "please no", "no longer need", "avoid", "stop", "no reset",
			"isn't", "wasn't", "won't", "wouldn't", "needn't",
		},
		Denials: []string{
			"not needed", "no longer needed", "not necessary", "not required", "works again", "is solved", "is resolved", "was solved",
			"no longer locked", "nothing to do", "never mind", "can be closed", "cancel",
		},
		Doubts: []string{
			"how do i", "how can i", "how to", "how does", "where can i", "where do i", "is it possible", "what happens", "why",
			"i have reset", "i reset", "i've reset", "has been reset", "have been reset", "was reset", "were reset", "got reset",
			"already reset", "already done", "after resetting", "after i reset", "after the reset", "if i", "if you", "when i reset",
			"policy", "phishing", "suspicious", "received", "got a mail", "got an email", "asked me", "asks me",
			"his", "her", "their", "he", "she", "they", "colleague", "colleague's", "employee", "employee's", "user", "user's", "users",
			"customer", "customer's", "customers", "somebody", "someone", "on behalf", "for him", "everybody", "everyone", "all accounts",
			"wifi", "wi-fi", "wlan", "printer", "bitlocker", "zip", "pdf", "excel", "sim", "voicemail", "vpn", "sap", "router",
			"database", "service account", "bank", "windows pin",
		},
	}
}

// ResetReading is what the words of a ticket ask for.
type ResetReading struct {
	Kinds  []ResetKind
	Found  []string // the clauses in which it was found
	Unsure string   // why a person has to look; empty is sure
}

// Nothing says that the words ask for no reset.
func (r ResetReading) Nothing() bool { return len(r.Kinds) == 0 && r.Unsure == "" }

// ReadResetWords reads the subject and the text of a ticket in plain words, written by requester. Only the writer's own
// words count: quoted replies, forwarded mail, signatures and the subject of a reply do not. Whatever speaks for a reset
// and against it at once is unsure, and so is what may be about somebody else.
func ReadResetWords(w ResetWords, requester, subject, text string) ResetReading {
	own := ownWords(text)
	if !isReply(subject) {
		own = subject + "\n" + own
	}
	own = plainWords(own)
	r := ResetReading{}
	var wanted, denied, doubted []ResetKind
	why := ""
	for _, clause := range clauses(own) {
		for _, kind := range ResetKinds() {
			at, end, found := first(clause, w.Asks[kind])
			if !found {
				continue
			}
			r.Found = append(r.Found, strings.Join(clause, " "))
			switch doubt, is := mentioned(clause, w.Doubts); {
			case holds(clause[:at], w.Negations) || holdsEnd(clause[at:end], w.Negations) || holds(clause[at:], w.Denials):
				denied = append(denied, kind)
			case is:
				doubted = append(doubted, kind)
				why = "its words do not say plainly that the writer wants it for themselves (" + doubt + ")"
			default:
				wanted = append(wanted, kind)
			}
		}
	}
	for _, kind := range ResetKinds() {
		if slices.Contains(wanted, kind) {
			r.Kinds = append(r.Kinds, kind)
		}
	}
	r.Found = slices.Compact(r.Found)
	switch {
	case len(wanted)+len(doubted) == 0:
		return ResetReading{} // nothing, or only what is not wanted
	case len(doubted) > 0:
		r.Unsure = why
	case slices.ContainsFunc(wanted, func(k ResetKind) bool { return slices.Contains(denied, k) }):
		r.Unsure = "its words speak for it and against it"
	default:
		if other := otherAddress(own, requester); other != "" {
			r.Unsure = "it names another e-mail address than the requester's; the form of the catalogue says whose account it is about"
		}
	}
	if r.Unsure != "" {
		r.Unsure = "the ticket looks like a reset of sign-in data, and " + r.Unsure
	}
	return r
}

// isReply says whether a subject is that of a reply or of forwarded mail: it quotes.
func isReply(subject string) bool {
	s := strings.ToLower(strings.TrimSpace(subject))
	for _, prefix := range []string{"re:", "fw:", "fwd:", "aw:", "wg:", "re :", "tr:", "rv:", "sv:", "vs:"} {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return false
}

// ownWords are the lines above the first quoted or forwarded mail and the signature, without quoted lines.
func ownWords(text string) string {
	var own []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		lower := strings.ToLower(trimmed)
		if strings.HasPrefix(trimmed, ">") || strings.HasPrefix(trimmed, "|") {
			continue
		}
		if endsOwn(lower, line) {
			break
		}
		own = append(own, trimmed)
	}
	return strings.Join(own, "\n")
}

// endsOwn says whether a line begins what somebody else wrote, or a signature.
func endsOwn(lower, line string) bool {
	switch {
	case line == "-- " || lower == "--":
		return true
	case strings.HasPrefix(lower, "on ") && strings.HasSuffix(lower, "wrote:"),
		strings.HasPrefix(lower, "am ") && strings.HasSuffix(lower, "schrieb:"),
		strings.HasPrefix(lower, "le ") && strings.HasSuffix(lower, "écrit :"):
		return true
	case strings.HasPrefix(lower, "-----") && (strings.Contains(lower, "original") || strings.Contains(lower, "forwarded") || strings.Contains(lower, "weitergeleitet")):
		return true
	case strings.HasPrefix(lower, "begin forwarded message"), strings.HasPrefix(lower, "________"):
		return true
	case strings.HasPrefix(lower, "from:") || strings.HasPrefix(lower, "von:") || strings.HasPrefix(lower, "sent:") || strings.HasPrefix(lower, "gesendet:"):
		return true
	case strings.HasSuffix(lower, "wrote:") || strings.HasSuffix(lower, "writes:"):
		return true
	}
	return false
}

// plainWords is lower case with plain apostrophes and hyphens.
func plainWords(text string) string {
	text = strings.NewReplacer("’", "'", "‘", "'", "`", "'", "´", "'", "‐", "-", "‑", "-", "–", " - ", "—", " - ", "\u00a0", " ").Replace(strings.ToLower(text))
	// What somebody cannot do is no negation of what they ask for.
	return strings.NewReplacer("can not", "cannot", "not able", "unable", "not working", "broken", "not work", "fail").Replace(text)
}

// clauses splits a text where a wish ends and another thought begins.
func clauses(text string) [][]string {
	for _, joint := range []string{" but ", " however ", " though ", " and then ", " - "} {
		text = strings.ReplaceAll(text, joint, "\n")
	}
	var list [][]string
	for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(".!;:,\n()\"", r) }) {
		words := strings.FieldsFunc(part, func(r rune) bool {
			return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("'-@+_?", r)
		})
		var clean []string
		for _, w := range words {
			question := strings.HasSuffix(w, "?")
			if w = strings.Trim(w, "'-?"); w != "" {
				clean = append(clean, w)
			}
			if question && len(clean) > 0 {
				list, clean = append(list, clean), nil
			}
		}
		if len(clean) > 0 {
			list = append(list, clean)
		}
	}
	return list
}

// between is how many other words may stand between two of a phrase.
const between = 3

// first finds the first of the phrases in a clause.
func first(clause, phrases []string) (at, end int, found bool) {
	for _, phrase := range phrases {
		words := strings.Fields(phrase)
		for from := range clause {
			if to, ok := follows(clause, from, words); ok && (!found || from < at) {
				at, end, found = from, to, true
				break
			}
		}
	}
	return at, end, found
}

// follows says whether the words stand in the clause from a place on, and where they end.
func follows(clause []string, from int, words []string) (end int, ok bool) {
	if len(words) == 0 || clause[from] != words[0] {
		return 0, false
	}
	at := from
	for _, w := range words[1:] {
		next := -1
		for i := at + 1; i < len(clause) && i <= at+1+between; i++ {
			if clause[i] == w {
				next = i
				break
			}
		}
		if next < 0 {
			return 0, false
		}
		at = next
	}
	return at + 1, true
}

// holds says whether any of the phrases stands in the clause, word for word.
func holds(clause, phrases []string) bool {
	_, is := mentioned(clause, phrases)
	return is
}

// holdsEnd looks for a negation between the words of a phrase.
func holdsEnd(clause, phrases []string) bool {
	return len(clause) > 2 && holds(clause[1:len(clause)-1], phrases)
}

// mentioned finds the first of the phrases that stands in the clause, word for word.
func mentioned(clause, phrases []string) (string, bool) {
	for _, phrase := range phrases {
		words := strings.Fields(phrase)
		for from := 0; len(words) > 0 && from+len(words) <= len(clause); from++ {
			if slices.Equal(clause[from:from+len(words)], words) {
				return phrase, true
			}
		}
	}
	return "", false
}

// otherAddress finds an e-mail address that is not the requester's.
func otherAddress(text, requester string) string {
	for word := range strings.FieldsFuncSeq(text, func(r rune) bool { return unicode.IsSpace(r) || strings.ContainsRune("<>(),;:\"'[]", r) }) {
		word = strings.Trim(word, ".!?")
		if name, domain, ok := strings.Cut(word, "@"); ok && name != "" && strings.Contains(domain, ".") && !strings.EqualFold(word, strings.TrimSpace(requester)) {
			return word
		}
	}
	return ""
}
