package activities_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"latchkey/activities"
	"latchkey/examples/acme"
	"latchkey/identity"
)

func TestAccessOfSaysWhereEachPartComesFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	access, _, err := activities.AccessOf(t.Context(), w.client, w.user(acme.Ben).ID)
	require.NoError(t, err)
	require.Equal(t, "Ben Whitaker", access.Person.DisplayName())
	origins := map[string]identity.Origin{}
	for _, g := range access.All() {
		origins[g.Entitlement.Label()] = g.Origin
	}
	require.Equal(t, identity.OriginGroupRule, origins["group Sales Department"])
	require.Equal(t, identity.OriginGroup, origins["app Salesforce"])
	require.Equal(t, identity.OriginBuiltIn, origins["group Everyone"])

	_, _, err = activities.AccessOf(t.Context(), w.client, "00unobody")
	require.Error(t, err)
}
