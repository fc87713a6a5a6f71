package freshservice

import (
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Kind says what an error means for the caller; it alone decides about retrying. A Kind is itself an error, so
// errors.Is(err, freshservice.NotFound) works on everything this package returns.
//
//nolint:errname // a kind first, an error only so that errors.Is takes it
type Kind int

// The kinds.
//
//nolint:errname // they read freshservice.NotFound where they are used
const (
	// RateLimited: the vendor answered 429 or Config.Admit refused. Nothing was done. Wait for Error.RetryAfter.
	RateLimited Kind = iota + 1
	// Unavailable: no connection, a 5xx, an edge page in HTML, a redirect. Try again later; a write that ended in a
	// 5xx may still have been applied, see Error.MayHaveApplied.
	Unavailable
	// Ambiguous: a write was sent and its answer was lost. Read before writing again: the vendor has no idempotency
	// key (reference §4.8).
	Ambiguous
	// NotFound: the record, or the path, does not exist for this key.
	NotFound
	// Conflict: the record's state forbids it, or a unique value is taken (409, or 400 with code duplicate_value).
	Conflict
	// Invalid: the vendor refuses the request as it stands; Error.Fields says which fields and what is allowed.
	Invalid
	// Denied: the key's agent lacks the privilege, or the account's plan lacks the feature (403).
	Denied
	// Unauthorized: the key itself is refused (401).
	Unauthorized
)

// String names the kind in lower-case words.
func (k Kind) String() string {
	switch k {
	case RateLimited:
		return "rate limited"
	case Unavailable:
		return "unavailable"
	case Ambiguous:
		return "ambiguous"
	case NotFound:
		return "not found"
	case Conflict:
		return "conflict"
	case Invalid:
		return "invalid"
	case Denied:
		return "denied"
	case Unauthorized:
		return "unauthorized"
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Error makes a Kind a target for errors.Is.
func (k Kind) Error() string { return "freshservice: " + k.String() }

// advice is the way out that an error of this kind offers.
func (k Kind) advice() string {
	switch k {
	case Ambiguous:
		return "the write may have been applied: read before writing again"
	case Denied:
		return "the agent who owns the API key lacks the role for this, or the plan lacks the feature"
	case Unauthorized:
		return "check the API key and that its agent is active"
	case RateLimited, Unavailable, NotFound, Conflict, Invalid:
	}
	return ""
}

// FieldError is one entry of the vendor's validation answer (reference §2).
type FieldError struct {
	Field   string // the attribute's name
	Message string // the vendor's words, usually with what is allowed; e-mail addresses are struck out
	Code    string // such as missing_field, invalid_value, duplicate_value
}

// Error is every error of this package's methods. Its text names the call, the fields and what is allowed, and holds
// neither the key nor an e-mail address.
type Error struct {
	Kind       Kind
	Op         string // what was attempted, in words: "update ticket"
	Method     string
	Path       string // the template, such as /api/v2/tickets/{id}
	Status     int    // 0 where no answer came
	Code       string // the vendor's code outside field errors, such as access_denied
	Message    string // the vendor's words or the transport's, cleaned
	Fields     []FieldError
	RequestID  string        // x-request-id, for the vendor's support
	RetryAfter time.Duration // how long to wait; at least a second on RateLimited, 0 elsewhere unless the vendor said

	cause error
}

// Error tells what was attempted, what came back and what to do.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "freshservice: %s: %s", e.Op, e.Kind.String())
	if e.Status != 0 {
		fmt.Fprintf(&b, ": %s %s answered %d", e.Method, e.Path, e.Status)
	} else {
		fmt.Fprintf(&b, ": %s %s", e.Method, e.Path)
	}
	if e.Code != "" {
		fmt.Fprintf(&b, ": %s", e.Code)
	}
	if e.Message != "" {
		fmt.Fprintf(&b, ": %s", e.Message)
	}
	for i, f := range e.Fields {
		sep := "; "
		if i == 0 {
			sep = ": "
		}
		fmt.Fprintf(&b, "%s%s: %s", sep, firstText(f.Field, "a field"), f.Message)
		if f.Code != "" {
			fmt.Fprintf(&b, " (%s)", f.Code)
		}
	}
	if e.RetryAfter > 0 {
		fmt.Fprintf(&b, "; retry after %s", e.RetryAfter)
	}
	if advice := e.Kind.advice(); advice != "" {
		fmt.Fprintf(&b, "; %s", advice)
	}
	if e.RequestID != "" {
		fmt.Fprintf(&b, " (request %s)", e.RequestID)
	}
	return b.String()
}

// Unwrap yields the kind and, where there is one, the cause: a context's error, a [BudgetError], a transport error.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.cause}
}

// MayHaveApplied reports whether a write could have taken effect in spite of the error: its answer was lost, or the
// vendor failed while it worked on it.
func (e *Error) MayHaveApplied() bool {
	if e.Kind == Ambiguous {
		return true
	}
	return e.Kind == Unavailable && e.Method != http.MethodGet && e.Status >= 500
}

// Field gives the field error for name, if the vendor complained about it.
func (e *Error) Field(name string) (FieldError, bool) {
	for _, f := range e.Fields {
		if f.Field == name {
			return f, true
		}
	}
	return FieldError{}, false
}
