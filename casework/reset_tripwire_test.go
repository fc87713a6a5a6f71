package casework_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"latchkey/casework"
	"latchkey/identity"
)

func TestTheTripwire(t *testing.T) {
	t.Parallel()
	at := func(kind casework.SignKind, hours int) casework.Sign {
		return casework.Sign{Kind: kind, At: nine.Add(-time.Duration(hours) * time.Hour)}
	}
	tests := map[string]struct {
		signs []casework.Sign
		trips bool
	}{
		"nothing":                              {nil, false},
		"a report":                             {[]casework.Sign{at(casework.SignReported, 1)}, true},
		"a report of long ago":                 {[]casework.Sign{at(casework.SignReported, 7)}, false},
		"a new authenticator":                  {[]casework.Sign{at(casework.SignFactor, 1)}, false},
		"an unusual place":                     {[]casework.Sign{at(casework.SignPlace, 1)}, false},
		"both":                                 {[]casework.Sign{at(casework.SignFactor, 1), at(casework.SignPlace, 5)}, true},
		"one of both is old":                   {[]casework.Sign{at(casework.SignFactor, 1), at(casework.SignPlace, 7)}, false},
		"an event from the future, by a clock": {[]casework.Sign{at(casework.SignReported, -1)}, false},
	}
	for name, tt := range tests {
		assert.Equal(t, tt.trips, casework.JudgeSigns(tt.signs, nine, 6*time.Hour) != "", name)
		assert.Empty(t, casework.JudgeSigns(tt.signs, nine, 0), "%s: switched off", name)
	}
}

func TestAResetThatTripsIsHeldForAPerson(t *testing.T) {
	t.Parallel()
	f := resetFacts(identity.StatusActive, casework.ResetPassword)
	f.Trips = "a new authenticator was enrolled"
	d := casework.PlanReset(f)
	assert.Equal(t, casework.EndHandedOver, d.End)
	assert.Contains(t, d.Why, "a new authenticator was enrolled")
	assert.Equal(t, f.Trips, d.Alarm)
}
