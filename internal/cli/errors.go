package cli

import (
	"context"
	"errors"
	"fmt"

	"go.temporal.io/api/serviceerror"
	sdktemporal "go.temporal.io/sdk/temporal"

	"latchkey/contract"
	"latchkey/internal/temporal"
)

// about puts Temporal's errors about one ticket's case into words that say what to do, with the exit code they mean.
func about(ctx context.Context, ticket int64, err error) error {
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return exit(NotFound, "no case of %s is running; start one with `starter start %d`", contract.TicketLabel(ticket), ticket)
	}
	return explain(ctx, err)
}

// explain does the same for errors that are about no ticket.
func explain(ctx context.Context, err error) error {
	var coded *exitError
	var refused *sdktemporal.ApplicationError
	var queried *serviceerror.QueryFailed
	switch {
	case err == nil:
		return nil
	case errors.As(err, &coded):
		return err
	case errors.As(err, &refused):
		return exit(Refused, "refused: %s", refused.Message())
	case temporal.IsDenied(err):
		return exit(Unauthorised, "Temporal does not allow it: %w; check TEMPORAL_API_KEY or the certificate, and that it may act in the namespace", err)
	case errors.As(err, &queried):
		return fmt.Errorf("the workflow could not answer: %w", err)
	case temporal.IsUnreachable(err):
		return err
	case timedOut(ctx, err):
		return fmt.Errorf("no worker answered in time: is one running that serves workflows? (starter doctor looks): %w", err)
	}
	return err
}

// timedOut says whether nobody answered within the time a command has.
func timedOut(ctx context.Context, err error) bool {
	var late *serviceerror.DeadlineExceeded
	return errors.As(err, &late) || errors.Is(err, context.DeadlineExceeded) || errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}
