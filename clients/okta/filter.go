package okta

import "strings"

// Quote writes a value as a string of Okta's filter and search language, quotes included, so that no value can end the
// string or add to the expression: backslash and double quote are escaped, and control characters, which the language
// cannot express, become spaces.
func Quote(value string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range value {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r < ' ' || r == 0x7f:
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// Eq is the expression that attribute equals value. The attribute is ours, never a person's text.
func Eq(attribute, value string) string { return attribute + " eq " + Quote(value) }
