package okta

import (
	"regexp"
	"strings"
)

// challenge is what WWW-Authenticate says. Okta answers a missing OAuth scope with nothing else: 403 and an empty body
// (okta-api.md §1.2).
type challenge struct {
	scheme      string // "Bearer", "SSWS", "DPoP"
	code        string // "insufficient_scope", "invalid_token"
	description string
	scope       string // the scope that was missing
}

var challengeParam = regexp.MustCompile(`([A-Za-z_]+)="((?:[^"\\]|\\.)*)"`)

func parseChallenge(lines []string) challenge {
	var c challenge
	for _, line := range lines {
		scheme, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if c.scheme == "" {
			c.scheme = scheme
		}
		for _, m := range challengeParam.FindAllStringSubmatch(rest, -1) {
			switch m[1] {
			case "error":
				c.code = m[2]
			case "error_description":
				c.description = m[2]
			case "scope":
				c.scope = m[2]
			}
		}
	}
	return c
}
