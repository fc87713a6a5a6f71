package cli

import (
	"errors"

	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/casework"
)

// failedActivity finds the kind and the words that an activity failed with, where that is why a workflow did.
func failedActivity(err error) (kind casework.ErrKind, text string, ok bool) {
	var failed *sdktemporal.ApplicationError
	if !errors.As(err, &failed) {
		return "", "", false
	}
	return casework.ErrKind(failed.Type()), failed.Message(), true
}
