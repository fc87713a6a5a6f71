package activities

import (
	"fmt"
	"regexp"
	"strings"

	"latchkey/identity"
)

// ruleAnswer is what we can say of a rule's condition without Okta.
type ruleAnswer int

const (
	ruleUnknown ruleAnswer = iota // the condition says more than we read
	ruleYes
	ruleNo
)

// comparison is the one form of condition read here: user.attribute == "value" or !=.
var comparison = regexp.MustCompile(`^user\.([A-Za-z_][A-Za-z0-9_]*)\s*(==|!=)\s*"([^"\\]*)"$`)

// ruleAttribute finds the attributes that a condition mentions.
var ruleAttribute = regexp.MustCompile(`user\.([A-Za-z_][A-Za-z0-9_]*)`)

// ruleHolds evaluates the plain part of Okta's expression language: comparisons of a profile attribute with a text,
// joined by AND, OR, && and ||. Everything else (functions, parentheses, groups) is unknown, which never counts as no
// where it could decide. Okta compares texts exactly, upper and lower case alike being its own functions' business; a
// value that differs only in case is therefore unknown too.
func ruleHolds(expression string, person identity.Person) ruleAnswer {
	if strings.ContainsAny(expression, "()") {
		return ruleUnknown
	}
	answer := ruleNo
	for _, either := range split(expression, "||", "OR") {
		all := ruleYes
		for _, both := range split(either, "&&", "AND") {
			switch compare(strings.TrimSpace(both), person) {
			case ruleNo:
				all = ruleNo
			case ruleUnknown:
				if all == ruleYes {
					all = ruleUnknown
				}
			case ruleYes:
			}
		}
		switch all {
		case ruleYes:
			return ruleYes
		case ruleUnknown:
			answer = ruleUnknown
		case ruleNo:
		}
	}
	return answer
}

// split cuts at operators outside quoted texts.
func split(expression, sign, word string) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(expression); i++ {
		switch rest := expression[i:]; {
		case expression[i] == '"':
			quoted = !quoted
		case quoted:
		case strings.HasPrefix(rest, sign):
			parts = append(parts, expression[start:i])
			i += len(sign) - 1
			start = i + 1
		case len(rest) > len(word)+1 && rest[0] == ' ' && strings.EqualFold(rest[1:1+len(word)], word) && rest[1+len(word)] == ' ':
			parts = append(parts, expression[start:i])
			i += len(word)
			start = i + 1
		}
	}
	return append(parts, expression[start:])
}

func compare(term string, person identity.Person) ruleAnswer {
	m := comparison.FindStringSubmatch(term)
	if m == nil {
		return ruleUnknown
	}
	if m[1] == "status" || m[1] == "id" { // not among the attributes
		return ruleUnknown
	}
	have := ""
	if v, ok := person.Attributes[m[1]]; ok {
		have = fmt.Sprint(v)
	}
	equal := have == m[3]
	if !equal && strings.EqualFold(have, m[3]) {
		return ruleUnknown
	}
	if equal == (m[2] == "==") {
		return ruleYes
	}
	return ruleNo
}
