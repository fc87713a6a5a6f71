package stories_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
)

// afterTheClocks is a day some days after the clocks of a zone change next, and the offset they have then.
func afterTheClocks(t *testing.T, zone *time.Location) (day time.Time, offset int) {
	t.Helper()
	noon := time.Now().In(zone)
	noon = time.Date(noon.Year(), noon.Month(), noon.Day(), 12, 0, 0, 0, zone)
	_, now := noon.Zone()
	for n := 1; n < 300; n++ {
		day = noon.AddDate(0, 0, n)
		if _, then := day.Zone(); then != now {
			day = day.AddDate(0, 0, 5)
			_, offset = day.Zone()
			return day, offset
		}
	}
	t.Fatal("the clocks of " + zone.String() + " do not change any more")
	return day, 0
}

// A last day of the form is a day of the person's wall clock, as it will be then; a number of days is so many times 24
// hours, whatever the clocks do meanwhile. Both end at an instant that is fixed when the access was read back.
func TestATimeBoundGrantAcrossAClockChangeEndsWhenItWasPromised(t *testing.T) {
	newYork, err := time.LoadLocation("America/New_York") // where Ben works
	require.NoError(t, err)
	day, offset := afterTheClocks(t, newYork)
	_, today := time.Now().In(newYork).Zone()
	require.NotEqual(t, today, offset)
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"catalogue.yaml": {
			{Old: "default: 15s", New: "default: 320d"}, {Old: "most: 180d", New: "most: 330d"},
		}}
	})
	ctx := testkit.Soon(t)
	granted := func(answers map[string]any) int64 {
		answers["business_justification"] = "the audit"
		ticket, err := p.Ask(ctx, "Customer data access", acme.Ben, "", answers)
		require.NoError(t, err)
		for _, who := range []string{acme.Mara, thiago, acme.Rosa} {
			require.NoError(t, p.Approve(ctx, ticket, who, "yes"))
		}
		ends(t, p, ticket, casework.EndDone)
		return ticket
	}
	granted(map[string]any{"access_until": day.Format(time.DateOnly)})
	state := grantOf(t, p, 1)
	midnight := time.Date(day.Year(), day.Month(), day.Day()+1, 0, 0, 0, 0, newYork)
	assert.Equal(t, midnight.UTC(), state.Standing().UTC(), "the day is included, by the clock of that day")
	assert.Equal(t, -offset, int(state.Standing().UTC().Sub(midnight.Truncate(24*time.Hour)).Seconds()), "and not by today's offset")

	granted(map[string]any{}) // the catalogue's own limit, past the change as well
	state = grantOf(t, p, 2)
	claim := state.Claims[1]
	assert.Equal(t, 320*24*time.Hour, claim.Until.Sub(claim.From), "an hour more or less by the wall clock is no hour more or less")
	assert.Equal(t, claim.Until, state.Standing(), "the later end counts")
}
