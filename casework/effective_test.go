package casework_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
)

func TestEffective(t *testing.T) {
	t.Parallel()
	exact := time.Date(2026, 12, 4, 18, 0, 0, 0, time.FixedZone("", 3600))
	tests := map[string]struct {
		request casework.Request
		zones   []string
		want    time.Time
		notes   int
	}{
		"an emergency begins at once":             {casework.Request{Emergency: true, LocalEffective: "2026-12-04T18:00"}, nil, time.Time{}, 0},
		"an exact instant is taken as it is":      {casework.Request{EffectiveAt: exact}, []string{"Asia/Tokyo"}, exact, 0},
		"no date begins at once and says so":      {casework.Request{}, nil, time.Time{}, 1},
		"the person's zone wins":                  {casework.Request{LocalEffective: "2026-12-04T18:00"}, []string{"Asia/Tokyo", "Europe/Berlin"}, time.Date(2026, 12, 4, 9, 0, 0, 0, time.UTC), 1},
		"an unknown zone falls to policy's":       {casework.Request{LocalEffective: "2026-07-04T18:00"}, []string{"Mars/Base", "Europe/Berlin"}, time.Date(2026, 7, 4, 16, 0, 0, 0, time.UTC), 2},
		"an empty zone is passed over":            {casework.Request{LocalEffective: "2026-07-04T18:00"}, []string{"", ""}, time.Date(2026, 7, 4, 18, 0, 0, 0, time.UTC), 1},
		"a skipped hour lands after the change":   {casework.Request{LocalEffective: "2026-03-29T02:30"}, []string{"Europe/Berlin"}, time.Date(2026, 3, 29, 1, 30, 0, 0, time.UTC), 1},
		"half an hour that happens twice too":     {casework.Request{LocalEffective: "2026-04-05T01:45"}, []string{"Australia/Lord_Howe"}, time.Date(2026, 4, 4, 15, 15, 0, 0, time.UTC), 1},
		"an hour that happens twice is the later": {casework.Request{LocalEffective: "2026-10-25T02:30"}, []string{"Europe/Berlin"}, time.Date(2026, 10, 25, 1, 30, 0, 0, time.UTC), 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			at, notes, err := casework.Effective(tt.request, tt.zones...)
			require.NoError(t, err)
			assert.True(t, tt.want.Equal(at), "got %s", at)
			assert.Len(t, notes, tt.notes)
		})
	}
	_, _, err := casework.Effective(casework.Request{LocalEffective: "4 December"})
	assert.ErrorContains(t, err, "not of the form")
}
