package activities_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/simulators/okta/oktasim"
)

// TestAProofWaitsForReadsThatTrailBehindOurOwnWrites reads everything back while Okta still shows the time before.
func TestAProofWaitsForReadsThatTrailBehindOurOwnWrites(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	plan := w.plan(leaverRequest(acme.Ada)).Units[0].Plan
	older := oktasim.Fault{ID: "older", Kind: oktasim.FaultStale, Method: http.MethodGet, Path: "nothing", Delay: oktasim.Duration(3 * time.Second)}
	w.fault(older) // from now on Okta remembers
	list := w.carry(plan)
	w.sim.Settle()
	older.Path = "users/**"
	w.fault(older)

	check := w.verify(plan, list)

	assert.Empty(t, unproved(check))
	assert.Empty(t, check.Residuals)
	assert.Empty(t, check.Sweep)
	assert.Equal(t, identity.StatusDeprovisioned, check.Status)
}
