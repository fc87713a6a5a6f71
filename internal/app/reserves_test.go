package app_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/internal/app"
	"latchkey/internal/config"
)

func TestTheSettingsOfTheLanesReachTheGates(t *testing.T) {
	t.Parallel()
	o := app.FromConfig(config.Worker{Reserves: config.Reserves{People: 5, Bulk: 12.5, Reviews: 60}}, nil)
	assert.Equal(t, activities.Reserves{
		casework.PriorityEmergency: 0, casework.PriorityPeople: 0.05, casework.PriorityBulk: 0.125, casework.PriorityReviews: 0.6,
	}, o.Reserves)
	assert.Equal(t, activities.DefaultReserves(), app.FromConfig(config.Worker{Reserves: config.Reserves{People: 10, Bulk: 25, Reviews: 40}}, nil).Reserves,
		"the defaults of the variables are those of the gates")
}
