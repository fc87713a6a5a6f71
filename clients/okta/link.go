package okta

import (
	"net/url"
	"strings"
)

// nextLink finds the next page among an answer's Link lines, as path and query below the org's address; "" when there
// is none. Okta sends one line a link (okta-api.md §0); a proxy that joins lines with commas is understood too.
//
// The link's host is not used: a page is always asked of the org the client was made for, so no link can carry the
// credential elsewhere. A link outside the management API is ignored.
func nextLink(lines []string) string {
	for _, line := range lines {
		for rest := line; rest != ""; {
			var target string
			var next bool
			target, next, rest = cutLink(rest)
			if !next {
				continue
			}
			if found := localTarget(target); found != "" {
				return found
			}
		}
	}
	return ""
}

// cutLink reads one link off the front of a line: its target, whether its rel says "next", and what follows.
// The target stands in angle brackets and may contain commas and semicolons.
func cutLink(line string) (target string, next bool, rest string) {
	_, line, found := strings.Cut(line, "<")
	if !found {
		return "", false, ""
	}
	target, line, found = strings.Cut(line, ">")
	if !found {
		return "", false, ""
	}
	params, rest := cutUnquoted(line, ',')
	for params != "" {
		var param string
		param, params = cutUnquoted(params, ';')
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "rel") {
			continue
		}
		for rel := range strings.FieldsSeq(strings.Trim(strings.TrimSpace(value), `"`)) {
			next = next || strings.EqualFold(rel, "next")
		}
	}
	return target, next, rest
}

// cutUnquoted cuts s around the first separator outside double quotes.
func cutUnquoted(s string, separator byte) (before, after string) {
	quoted := false
	for i := range len(s) {
		switch {
		case s[i] == '"':
			quoted = !quoted
		case s[i] == separator && !quoted:
			return s[:i], s[i+1:]
		}
	}
	return s, ""
}

// localTarget is a link's path from /api/v1/ on, with its query untouched.
func localTarget(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	path := u.EscapedPath()
	at := strings.Index(path, apiPrefix)
	if at < 0 {
		return ""
	}
	path = path[at:]
	if strings.Contains(path, "/../") || strings.Contains(path, "/./") || strings.HasSuffix(path, "/..") {
		return ""
	}
	if u.RawQuery == "" {
		return path
	}
	return path + "?" + u.RawQuery
}
