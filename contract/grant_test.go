package contract_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"latchkey/contract"
	"latchkey/identity"
)

func TestAGrantIsNamedByPersonAndEntitlement(t *testing.T) {
	t.Parallel()
	id := contract.GrantWorkflowID("00u1", identity.Entitlement{Kind: identity.KindApp, ID: "0oa1", Name: "a name that stays out"})
	assert.Equal(t, "grant/00u1/app:0oa1", id)
	folder, ok := contract.GrantFolder(id)
	assert.True(t, ok)
	assert.Equal(t, "grants/00u1/app-0oa1", folder)
	for _, other := range []string{"", "ticket/FS-1", "grant/00u1", "grant//app:1", "grant/00u1/app", "grant/00u1/app:", "grant/00u1/:1", "grant/00u1/app:1/x", "grant/../../app:1/.."} {
		_, ok := contract.GrantFolder(other)
		assert.False(t, ok, other)
	}
}

func TestAGrantStandsAsLongAsItsLastClaim(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	g := contract.GrantState{Claims: []contract.Claim{{Ticket: 1, Until: now}, {Ticket: 2, Until: now.Add(time.Hour)}, {Ticket: 3, Until: now.Add(time.Minute)}}}
	assert.Equal(t, now.Add(time.Hour), g.Standing())
	g.Claims = append(g.Claims, contract.Claim{Ticket: 4})
	assert.True(t, g.Standing().IsZero(), "one for good outlasts them all")
	assert.True(t, contract.GrantState{}.Standing().IsZero())
}
