package cli

import (
	"bytes"
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/okta"
)

// In a synctest bubble time passes at once, so the waits are real and the tests are not.

func TestAReadWaitsForItsBudget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin, tries := time.Now(), 0
		var said bytes.Buffer
		got, err := patiently(t.Context(), &said, time.Now, func() (string, error) {
			if tries++; tries == 1 {
				return "", &okta.Error{Kind: okta.RateLimited, ResetAt: time.Now().Add(40 * time.Second)}
			}
			return "a page", nil
		})
		require.NoError(t, err)
		assert.Equal(t, "a page", got)
		assert.Equal(t, 41*time.Second, time.Since(begin))
		assert.Equal(t, "Okta's rate budget is used up; going on in 41s\n", said.String())
	})
}

func TestAReadDoesNotTryForEver(t *testing.T) {
	t.Parallel()
	for kind, want := range map[okta.Kind]int{okta.RateLimited: 21, okta.Unavailable: 4, okta.Unauthorized: 1, okta.Denied: 1, okta.Invalid: 1} {
		synctest.Test(t, func(t *testing.T) {
			tries := 0
			_, err := patiently(t.Context(), &bytes.Buffer{}, time.Now, func() (string, error) {
				tries++
				return "", &okta.Error{Kind: kind}
			})
			require.ErrorIs(t, err, kind)
			assert.Equal(t, want, tries, kind)
		})
	}
}

func TestAWaitEndsWhenTold(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(3*time.Second, cancel)
		begin := time.Now()
		_, err := patiently(ctx, &bytes.Buffer{}, time.Now, func() (string, error) {
			return "", &okta.Error{Kind: okta.RateLimited, ResetAt: time.Now().Add(time.Hour)}
		})
		require.ErrorIs(t, err, context.Canceled)
		assert.Equal(t, 3*time.Second, time.Since(begin))
	})
}
