package okta

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func FuzzNextLink(f *testing.F) {
	for _, line := range []string{
		`<https://a.okta.com/api/v1/users?after=1>; rel="next"`,
		`<https://a/api/v1/users>; rel="self", <https://a/t/api/v1/users?after=x,y;z>; rel=next`,
		`<>;rel="next"`, `<https://a/api/v1/users`, `rel="next"`, `<https://a/../api/v1/../x>; rel="next"`,
		`<x>; title="a, <b>; rel=\"next\""; rel="prev next"`, `,,;;<<>>`, "<https://a/api/v1/\x00>; rel=next", `<%zz>; rel=next`,
	} {
		f.Add(line, line)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		next := nextLink([]string{first, second})
		if next == "" {
			return
		}
		assert.True(t, strings.HasPrefix(next, apiPrefix), "a page is always of the management API: %q", next)
		assert.NotContains(t, next, "/../")
		assert.False(t, strings.ContainsAny(next, " \r\n"), "it must be fit for a request line: %q", next)
		// Whatever was joined or quoted around it, the link itself is found again alone.
		assert.Equal(t, next, nextLink([]string{"<https://elsewhere.example/base" + next + `>; rel="next"`}))
	})
}

func FuzzQuote(f *testing.F) {
	for _, value := range []string{"jane@example.com", `" or status pr or id eq "`, `\`, `\"`, "a\x00b\n", "日本", "\xff"} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		quoted := Quote(value)
		if !strings.HasPrefix(quoted, `"`) || !strings.HasSuffix(quoted, `"`) || len(quoted) < 2 {
			t.Fatalf("not a string: %q", quoted)
		}
		// Read it as the vendor's lexer does: the string must end at the last character and nowhere before.
		var back strings.Builder
		escaped := false
		for i, r := range quoted[1:] {
			switch {
			case escaped:
				back.WriteRune(r)
				escaped = false
			case r == '\\':
				escaped = true
			case r == '"':
				assert.Equal(t, len(quoted)-1, i+1, "the string ends early: %q", quoted)
			default:
				back.WriteRune(r)
			}
		}
		assert.False(t, escaped)
		want := strings.Map(func(r rune) rune {
			if r < ' ' || r == 0x7f {
				return ' '
			}
			return r
		}, value)
		assert.Equal(t, want, back.String())
	})
}

func FuzzSegment(f *testing.F) {
	for _, value := range []string{"00u1", "a/b", "..", "?", "%2f", "o'neil#1@x", "ü", ""} {
		f.Add(value)
	}
	f.Fuzz(func(t *testing.T, value string) {
		call := newCall("Fuzz", "GET", "/api/v1/users/{id}/groups", value)
		if call.err != nil {
			return
		}
		assert.Len(t, strings.Split(call.path, "/"), 6, "one value is one segment: %q", call.path)
		assert.False(t, strings.ContainsAny(call.path, "?# \r\n"))
	})
}
