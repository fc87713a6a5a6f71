package okta

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Error is every failure of this package. It holds no token, no e-mail address, no login and no URL: where a person's
// login stood in the path, Path has "{id}", and what Okta echoes of it is cut out of Summary and Causes.
type Error struct {
	Kind   Kind
	Op     string // the method of Client that failed, such as "Suspend"
	Method string // HTTP method
	Path   string // template such as "/api/v1/users/{id}/lifecycle/suspend"
	Bucket Bucket // the rate bucket of the call

	Status int    // HTTP status; 0 when no answer came
	Code   string // Okta's errorCode such as "E0000001", or OAuth's "error"; the only part of an answer to rely on (okta-api.md §0)
	// Summary is Okta's errorSummary, or our own words where Okta sent none. Causes are Okta's errorCauses.
	Summary   string
	Causes    []string
	RequestID string // X-Okta-Request-Id, for Okta's support

	// RetryAfter is how long to wait from the moment of the failure, and ResetAt that moment on this machine's clock.
	// Both are zero unless Kind is RateLimited, and also where nobody said when. No jitter is included.
	RetryAfter time.Duration
	ResetAt    time.Time
	// Concurrency: too many calls at once rather than too many a minute. Lower the parallelism.
	Concurrency bool

	cause error // a context's error or the gate's; never the network's, which may be io.EOF and make the SDK retry
}

// Error names the call by its template, what Okta said, and what to do where that is not plain.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "okta: %s", e.Op)
	if e.Path != "" {
		fmt.Fprintf(&b, " (%s %s)", e.Method, e.Path)
	}
	fmt.Fprintf(&b, ": %s", e.Kind)
	if e.Status != 0 {
		fmt.Fprintf(&b, ": status %d", e.Status)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, " %s", e.Code)
	}
	if e.Summary != "" {
		fmt.Fprintf(&b, ": %s", e.Summary)
	}
	if len(e.Causes) > 0 {
		fmt.Fprintf(&b, " [%s]", strings.Join(e.Causes, "; "))
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Unwrap gives the kind, and the context's or gate's error if that was the cause.
func (e *Error) Unwrap() []error {
	if e.cause != nil {
		return []error{e.Kind, e.cause}
	}
	return []error{e.Kind}
}

// IsAlreadyExists reports whether err says that the value is taken: a login, a group name, a unique attribute, an
// assignment, an admin role.
func IsAlreadyExists(err error) bool {
	return hasCode(err, "E0000055", "E0000062", "E0000090", "E0000263") || hasCause(err, alreadyExists)
}

// GroupsGrantAccess reports whether an app could not be unassigned because a group still grants it (E0000046). Take the
// person out of the group instead.
func GroupsGrantAccess(err error) bool { return hasCode(err, "E0000046") }

// MasteredElsewhere reports whether the object belongs to another system (AD, HR, an app) and must be changed there.
func MasteredElsewhere(err error) bool {
	return hasCode(err, "E0000023", "E0000075", "E0000076", "E0000077")
}

// NotActive reports whether the person's lifecycle status forbids the call: E0000038, E0000117, and the E0000001 that
// suspend and unsuspend answer from a wrong status (okta-api.md §3.4).
func NotActive(err error) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	return hasCode(err, "E0000038", "E0000117") || e.statusRefused()
}

// AlreadyActive reports whether a person who is already active was to be activated (E0000016).
func AlreadyActive(err error) bool { return hasCode(err, "E0000016") }

// NotLockedOut reports whether a person who is not locked out was to be unlocked (E0000032).
func NotLockedOut(err error) bool { return hasCode(err, "E0000032") }

// FeatureMissing reports whether the org lacks the feature asked for: a 401 that says nothing about our credential
// (E0000015).
func FeatureMissing(err error) bool { return hasCode(err, "E0000015") }

// statusRefused says that Okta refused a suspend or unsuspend for the person's status.
func (e *Error) statusRefused() bool {
	return e.Code == "E0000001" && (e.Op == opSuspend || e.Op == opUnsuspend)
}

const alreadyExists = "already exists"

func hasCode(err error, codes ...string) bool {
	var e *Error
	return errors.As(err, &e) && slices.Contains(codes, e.Code)
}

func hasCause(err error, text string) bool {
	var e *Error
	return errors.As(err, &e) && slices.ContainsFunc(e.Causes, func(c string) bool { return strings.Contains(c, text) })
}
