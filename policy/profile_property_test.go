package policy_test

import (
	"net/mail"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Whatever a form holds, what goes to Okta fits, and no name makes a login that is no address.
func TestAnyFormGivesAProfileThatFitsOrAsks(t *testing.T) {
	t.Parallel()
	p := good(t)
	rapid.Check(t, func(t *rapid.T) {
		first, last := rapid.String().Draw(t, "first"), rapid.String().Draw(t, "last")
		values, missing := p.Profile(joiner(map[string]any{"first_name": first, "last_name": last}))
		asked := map[string]bool{}
		for _, m := range missing {
			asked[m.Field] = true
		}
		for _, name := range []string{"firstName", "lastName"} {
			v, given := values[name]
			require.NotEqual(t, given, asked[name], "%s is either given or asked for", name)
			if s, is := v.(string); is {
				require.Equal(t, strings.TrimSpace(s), s)
				require.Positive(t, utf8.RuneCountInString(s))
				require.LessOrEqual(t, utf8.RuneCountInString(s), 50)
				require.False(t, strings.ContainsFunc(s, unicode.IsControl), "%q", s)
			}
		}
		logins := p.Logins(values)
		require.LessOrEqual(t, len(logins), 20)
		seen := map[string]bool{}
		for _, login := range logins {
			parsed, err := mail.ParseAddress(login)
			require.NoError(t, err)
			require.Equal(t, login, parsed.Address)
			require.Equal(t, strings.ToLower(login), login)
			require.True(t, strings.HasSuffix(login, "@acme.example"))
			require.False(t, seen[login])
			seen[login] = true
		}
	})
}
