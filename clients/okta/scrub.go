package okta

import (
	"regexp"
	"strings"
)

var (
	// addressPattern is generous: what only resembles an e-mail address is hidden as well.
	addressPattern = regexp.MustCompile(`[^\s"<>(),;:]+@[^\s"<>(),;:]+`)
	// echoPattern is how Okta repeats what was asked for: "Not found: Resource not found: <as sent> (<Type>)"
	// (okta-api.md §2.1).
	echoPattern = regexp.MustCompile(`(Resource not found: ).*( \(\w+\))`)
)

const maxWords = 500

// scrub takes out of Okta's words what an error must not show: e-mail addresses, the values this
// call was made with, and the credential.
func (c *call) scrub(words string) string {
	for _, value := range c.personal {
		if len(value) >= 3 { // shorter ones would tear up ordinary words
			words = strings.ReplaceAll(words, value, "…")
		}
	}
	words = echoPattern.ReplaceAllStringFunc(words, func(found string) string {
		parts := echoPattern.FindStringSubmatch(found)
		echo := strings.TrimSuffix(strings.TrimPrefix(found, parts[1]), parts[2])
		if isID(echo) {
			return found
		}
		return parts[1] + "{id}" + parts[2]
	})
	words = addressPattern.ReplaceAllString(words, "<e-mail>")
	words = strings.Join(strings.Fields(words), " ")
	if len(words) > maxWords {
		words = strings.ToValidUTF8(words[:maxWords], "") + "…"
	}
	return words
}
