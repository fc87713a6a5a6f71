package activities

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"

	"latchkey/casework"
	"latchkey/contract"
)

// jitterMost spreads the activities that a vendor itself refused: each comes back at the reset plus up to this much. What
// our own gate refused is spread already.
const jitterMost = 5 * time.Second

// leastWait is the shortest wait before a try.
const leastWait = 100 * time.Millisecond

// defaultWait is how long a rate-limited activity waits where the vendor named no time.
const defaultWait = 30 * time.Second

// fault is a client's error in words both vendors share. It holds nothing personal and no secret.
type fault struct {
	vendor    string // "Okta", "Freshservice"
	kind      casework.ErrKind
	call      string // what was called, such as "Suspend"
	status    int    // HTTP status, 0 when no answer came
	code      string // the vendor's own error code
	text      string // the vendor's own words, scrubbed
	requestID string
	retryAt   time.Time     // RateLimited: when to come back; zero when unknown
	wait      time.Duration // the same as a distance, where the vendor says it so
}

// problemError is a failure that an activity found by itself rather than a vendor.
type problemError struct {
	kind casework.ErrKind
	text string
}

// Error implements error.
func (p *problemError) Error() string { return p.text }

// problemf makes an error of a kind; its text says what to do.
func problemf(kind casework.ErrKind, format string, args ...any) error {
	return &problemError{kind: kind, text: fmt.Sprintf(format, args...)}
}

// kindOf is the kind of an error from either vendor or from this room. Anything unknown is Unavailable: it is retried
// rather than parked, because we cannot say that trying again is wrong.
func kindOf(err error) casework.ErrKind {
	if p, ok := errors.AsType[*problemError](err); ok {
		return p.kind
	}
	if f, ok := faultOf(err); ok {
		return f.kind
	}
	return casework.Unavailable
}

// failure is what an activity returns to Temporal for an error: an ApplicationError, outermost, whose type is the kind.
// doing completes "while …". A nil error stays nil, and a failure that was made before is passed on unchanged.
func failure(now time.Time, doing string, err error) error {
	if err == nil {
		return nil
	}
	if made, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return made
	}
	if canceled, ok := errors.AsType[*temporal.CanceledError](err); ok {
		return canceled
	}
	kind := kindOf(err)
	options := temporal.ApplicationErrorOptions{NonRetryable: !kind.Retried()}
	text := "while " + doing + ": "
	f, known := faultOf(err)
	p, ours := errors.AsType[*problemError](err)
	switch {
	case ours:
		text += p.text
	case known:
		text += f.words()
	case errors.Is(err, context.DeadlineExceeded):
		text += "no answer in time"
	case errors.Is(err, context.Canceled):
		text += "the worker was told to stop"
	default:
		text += "something outside failed (" + fmt.Sprintf("%T", errorRoot(err)) + ")"
	}
	if kind == casework.RateLimited {
		if f.retryAt.IsZero() && f.wait > 0 {
			f.retryAt = now.Add(f.wait)
		}
		options.NextRetryDelay = f.delay(now)
		options.Category = temporal.ApplicationErrorCategoryBenign
	}
	return temporal.NewApplicationErrorWithOptions(text+". "+advice(kind, f.vendor), string(kind), options)
}

// report is failure, and tells the controls workflow when a vendor refuses our own credential: that is everybody's
// problem and raises one alarm.
func report(ctx context.Context, c Cluster, log *slog.Logger, now time.Time, doing string, err error) error {
	failed := failure(now, doing, err)
	if failed == nil || kindOf(err) != casework.Unauthorized {
		return failed
	}
	vendor := "a vendor"
	if f, ok := faultOf(err); ok {
		vendor = f.vendor
	}
	if alarmed := c.Alarm(context.WithoutCancel(ctx), contract.AlarmSignal{Vendor: vendor, Text: failed.Error()}); alarmed != nil {
		logger(log).WarnContext(ctx, "the alarm about a refused credential could not be raised", "vendor", vendor)
	}
	return failed
}

// delay is the wait of a rate-limited activity.
func (f fault) delay(now time.Time) time.Duration {
	switch {
	case f.retryAt.IsZero():
		return defaultWait + upTo(jitterMost)
	case f.ownGate():
		return max(f.retryAt.Sub(now), leastWait)
	}
	wait := max(f.retryAt.Sub(now), time.Second)
	return wait + upTo(max(min(jitterMost, wait), time.Second))
}

// ownGate says whether our own gate refused the call, so that the vendor was not asked.
func (f fault) ownGate() bool { return f.kind == casework.RateLimited && f.status == 0 }

// words is the fault for a log, a note or an operator: vendor, status, code and request.
func (f fault) words() string {
	var b strings.Builder
	b.WriteString(f.vendor)
	switch {
	case f.ownGate():
		b.WriteString("'s rate budget is used up, so it was not asked")
	case f.status != 0:
		fmt.Fprintf(&b, " answered %d", f.status)
	default:
		b.WriteString(" gave no answer")
	}
	if f.call != "" {
		b.WriteString(" to " + f.call)
	}
	if f.code != "" {
		b.WriteString(" " + f.code)
	}
	if f.text != "" {
		b.WriteString(" (" + strings.TrimRight(f.text, ".") + ")")
	}
	if f.requestID != "" {
		b.WriteString(", request " + f.requestID)
	}
	return b.String()
}

// advice is what to do about a kind.
func advice(kind casework.ErrKind, vendor string) string {
	if vendor == "" {
		vendor = "the vendor"
	}
	switch kind {
	case casework.RateLimited:
		return "It goes on by itself when the budget is back"
	case casework.Unavailable:
		return "It is tried again by itself"
	case casework.Ambiguous:
		return "Whether it took effect is not known; the next try reads first"
	case casework.NotFound:
		return "Look whether it was deleted or renamed, then retry, skip or abort the case"
	case casework.Conflict:
		return "Look what changed meanwhile, then retry, skip or abort the case"
	case casework.Invalid:
		return "Correct the ticket or the policy, then retry, skip or abort the case"
	case casework.Denied:
		return "Do it by hand or give Latchkey's account in " + vendor + " the permission, then retry or skip"
	case casework.Unauthorized:
		return "Renew Latchkey's credential or its scopes in " + vendor + " (starter doctor says which); cases go on by themselves"
	}
	return "Ask an operator to look"
}

// errorRoot is the innermost error of a chain: its type is a hint that holds no data.
func errorRoot(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
