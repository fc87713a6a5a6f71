package policy

import (
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"time"

	"latchkey/approval"
	"latchkey/casework"
)

// words are the functions of the texts (docs/policy.md, "Texts"). A tenant's text may use them or write its own words.
func words() template.FuncMap {
	return template.FuncMap{
		"todo":     todo,
		"term":     casework.TermWords,
		"did":      did,
		"ended":    endWords,
		"rule":     ruleWords,
		"moment":   func(t time.Time) string { return orNever(t, "2 January 2006, 15:04 MST") },
		"day":      func(t time.Time) string { return orNever(t, "2 January 2006") },
		"span":     spanWords,
		"short":    casework.ShortDigest,
		"plural":   plural,
		"people":   peopleWords,
		"clip":     clipText,
		"sentence": sentence,
		"lines":    lines,
		"field":    fieldOf,
	}
}

// todo says what a change will do.
func todo(c casework.Change) string { return changeWords(c, false) + termWords(c) }

// termWords is how long a change's access stands, behind a space.
func termWords(c casework.Change) string {
	if words := casework.TermWords(c); words != "" {
		return " " + words
	}
	return ""
}

// did says what a carried-out change did. It takes whatever has a Change and an Outcome.
func did(done any) (string, error) {
	v := reflect.Indirect(reflect.ValueOf(done))
	if v.Kind() != reflect.Struct {
		return "", fmt.Errorf("did takes one of .Case.Done, got %T", done)
	}
	field := v.FieldByName("Change")
	outcome := v.FieldByName("Outcome")
	if !field.IsValid() || !outcome.IsValid() {
		return "", fmt.Errorf("did takes one of .Case.Done, got %T", done)
	}
	change, ok := reflect.TypeAssert[casework.Change](field)
	if !ok {
		return "", fmt.Errorf("did takes one of .Case.Done, got %T", done)
	}
	switch word := outcome.String(); word {
	case "done":
		return changeWords(change, true) + termWords(change), nil
	case "already":
		return changeWords(change, false) + ": it was so already", nil
	case "gone":
		return changeWords(change, false) + ": it is not there any more", nil
	case "refused":
		return changeWords(change, false) + ": refused by a guard", nil
	case "held":
		return changeWords(change, false) + ": held by a guard", nil
	case "skipped":
		return changeWords(change, false) + ": skipped by an operator", nil
	case "stale":
		return changeWords(change, false) + ": left as it is, since Okta has moved on", nil
	case "residual":
		return changeWords(change, false) + ": left to its owner", nil
	default:
		return changeWords(change, false) + ": " + word, nil
	}
}

func changeWords(c casework.Change, past bool) string {
	say := func(now, then string) string {
		if past {
			return then
		}
		return now
	}
	name := c.Object.Label()
	switch c.Verb {
	case casework.VerbSuspend:
		return say("suspend the account", "suspended the account")
	case casework.VerbUnsuspend:
		return say("lift the suspension", "lifted the suspension")
	case casework.VerbDeactivate:
		return say("deactivate the account", "deactivated the account")
	case casework.VerbEndSessions:
		return say("end all sessions and tokens", "ended all sessions and tokens")
	case casework.VerbResetFactors:
		return say("reset all authenticators", "reset all authenticators")
	case casework.VerbRevokeRole:
		return say("revoke ", "revoked ") + name
	case casework.VerbClearAttributes:
		return say("clear ", "cleared ") + strings.ReplaceAll(c.Object.Name, ",", ", ") + " in the profile"
	case casework.VerbRemoveMember:
		return say("remove from ", "removed from ") + name
	case casework.VerbAddMember:
		return say("add to ", "added to ") + name
	case casework.VerbUnassignApp:
		return say("take away ", "took away ") + name
	case casework.VerbAssignApp:
		return say("assign ", "assigned ") + name
	case casework.VerbCreateAccount:
		groups := make([]string, 0, len(c.With))
		for _, g := range c.With {
			groups = append(groups, g.Name)
		}
		with := ""
		if len(groups) > 0 {
			with = ", in the groups " + strings.Join(groups, ", ")
		}
		return say("create the account, not yet active", "created the account, not yet active") + with
	case casework.VerbActivate:
		if c.Silent {
			return say("activate the account, without a mail yet", "activated the account, without a mail yet")
		}
		return say("activate the account; Okta mails the person", "activated the account; Okta mailed the person")
	case casework.VerbMailActivation:
		return say("have Okta mail the activation to the new address", "had Okta mail the activation to the new address")
	case casework.VerbResetPassword:
		return say("reset the password; Okta mails the person a link for a new one", "reset the password; Okta mailed the person a link for a new one")
	case casework.VerbUnlock:
		return say("unlock the account", "unlocked the account")
	case casework.VerbReactivate:
		return say("have Okta mail the activation link again", "had Okta mail the activation link again")
	case casework.VerbResetFactor:
		return say("remove the authenticator ", "removed the authenticator ") + c.Object.Name
	case casework.VerbUpdateProfile:
		return say("set ", "set ") + strings.ReplaceAll(c.Object.Name, ",", ", ") + " in the profile"
	default:
		return string(c.Verb) + " " + name
	}
}

func endWords(end casework.End) string {
	switch end {
	case casework.EndDone:
		return "done, and read back from Okta"
	case casework.EndAlready:
		return "it was so already"
	case casework.EndResiduals:
		return "done, except for what is named below"
	case casework.EndRejected:
		return "rejected"
	case casework.EndExpired:
		return "nobody answered in time"
	case casework.EndCancelled:
		return "cancelled"
	case casework.EndAborted:
		return "ended by an operator"
	case casework.EndNotWanted:
		return "not for Latchkey"
	case casework.EndObserved:
		return "observed only, nothing was changed"
	case casework.EndUnknownPerson:
		return "nobody in Okta has that address"
	case casework.EndSeveralPeople:
		return "several accounts in Okta have that address"
	case casework.EndUnknownItem:
		return "the catalogue does not know this item"
	case casework.EndInactive:
		return "the account is not active and cannot hold access"
	case casework.EndProtected:
		return "protected by policy"
	case casework.EndConflict:
		return "separation of duties forbids it"
	case casework.EndLeaver:
		return "not granted, because an offboarding of the same person has begun"
	case casework.EndEarlier:
		return "ended earlier; nothing has changed since"
	case casework.EndIncomplete:
		return "more has to be said before it can be planned"
	case casework.EndSkipped:
		return "skipped by an operator"
	case casework.EndRefused:
		return "refused"
	case casework.EndHandedOver:
		return "left to a person of the desk"
	default:
		return string(end)
	}
}

func ruleWords(rule approval.Rule, need int) string {
	switch rule {
	case approval.RuleEveryone:
		return "everyone of"
	case approval.RuleAnyone:
		return "any one of"
	case approval.RuleMajority:
		return "the majority of"
	case approval.RuleFirst:
		return "the first answer of"
	case approval.RuleQuorum:
		return fmt.Sprintf("at least %d of", need)
	default:
		return string(rule)
	}
}

func orNever(t time.Time, layout string) string {
	if t.IsZero() {
		return "no date"
	}
	return t.Format(layout)
}

func spanWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day && d%day == 0:
		return plural(int(d/day), "day")
	case d >= time.Hour && d%time.Hour == 0:
		return plural(int(d/time.Hour), "hour")
	case d >= time.Minute && d%time.Minute == 0:
		return plural(int(d/time.Minute), "minute")
	default:
		return d.String()
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func peopleWords(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

func clipText(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

// sentence ends a text with a full stop, and begins it with a capital.
func sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	r := []rune(s)
	s = strings.ToUpper(string(r[0])) + string(r[1:])
	if strings.ContainsAny(s[len(s)-1:], ".!?:") {
		return s
	}
	return s + "."
}

// lines keeps the line breaks of a plain text. Each line is escaped before it becomes HTML.
func lines(s string) template.HTML {
	parts := strings.Split(strings.TrimSpace(s), "\n")
	for i, part := range parts {
		parts[i] = template.HTMLEscapeString(strings.TrimSpace(part))
	}
	return template.HTML(strings.Join(parts, "<br>")) //nolint:gosec // every part was escaped in the loop above
}

// fieldOf gives a field by name, or nil where the facts have none of that name: for texts that serve several facts.
func fieldOf(facts any, name string) any {
	v := reflect.Indirect(reflect.ValueOf(facts))
	var f reflect.Value
	if v.Kind() == reflect.Struct {
		f = v.FieldByName(name)
	} else if v.Kind() == reflect.Map && v.Type().Key().Kind() == reflect.String {
		f = v.MapIndex(reflect.ValueOf(name).Convert(v.Type().Key()))
	}
	if !f.IsValid() || !f.CanInterface() || f.IsZero() {
		return nil
	}
	return f.Interface()
}
