package stories_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

func TestASyncThatWritesAccessCountsInTheMassChangeGuard(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{
			"sync.yaml":   {{Old: "  attributes: [department]\n", New: "  access: write\n"}},
			"guards.yaml": {{Old: "mass_change: {people: 20, percent: 15,", New: "mass_change: {people: 2, percent: 15,"}},
		}
	})
	ctx := testkit.Soon(t)
	marketing, err := p.Department(ctx, "Marketing")
	require.NoError(t, err)
	people := []string{acme.Ben, acme.Clara, acme.Jonas, acme.Hannah}
	for _, who := range people { // a feed gone mad, or a department that moved
		_, err := p.SetDeskPerson(ctx, who, freshservice.PersonInput{DepartmentIDs: &[]int64{marketing}})
		require.NoError(t, err)
	}
	before := map[string]any{}
	for _, who := range people {
		before[who] = profile(t, p, who, "department")
	}
	for i, who := range people {
		result, err := p.Sync(ctx, who)
		require.NoError(t, err)
		if i < 2 {
			assert.Equal(t, contract.SyncWritten, result.End, "%+v", result)
			assert.Equal(t, "Marketing", profile(t, p, who, "department"))
			continue
		}
		assert.Equal(t, contract.SyncLeft, result.End, "%+v", result)
		require.NotEmpty(t, result.Lines)
		assert.Contains(t, result.Lines[0].Why, "the limit is 2; a person was asked to look")
		assert.Equal(t, before[who], profile(t, p, who, "department"), "nothing is written beyond the limit")
	}
	asked := 0
	for n := int64(1); n < 8; n++ {
		if got, err := p.Ticket(ctx, n); err == nil && strings.Contains(strings.ToLower(got.Subject), "mass") {
			asked++
		}
	}
	assert.Equal(t, 1, asked, "one person is asked once")

	// An attribute that gives and takes nothing is not held by it.
	phone := "+1 212 555 0196"
	_, err = p.SetDeskPerson(ctx, acme.Priya, freshservice.PersonInput{MobilePhone: &phone})
	require.NoError(t, err)
	result, err := p.Sync(ctx, acme.Priya)
	require.NoError(t, err)
	assert.Equal(t, contract.SyncWritten, result.End, "%+v", result)

	require.NoError(t, p.Release(ctx, time.Now().Add(time.Hour), "the department moved"))
	for _, who := range people[2:] {
		result, err := p.Sync(ctx, who)
		require.NoError(t, err)
		assert.Equal(t, contract.SyncWritten, result.End, "%+v", result)
		assert.Equal(t, "Marketing", profile(t, p, who, "department"))
	}
}
