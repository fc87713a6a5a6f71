package okta

// Kind says what may be done about a failure. It is an error itself, so that errors.Is(err, okta.NotFound) works.
type Kind int //nolint:errname // a kind is a property of an Error first

// The kinds of failure. The first three may be tried again; the others need a person or another plan.
//
//nolint:errname // errors.Is(err, okta.NotFound) reads as it is meant
const (
	// RateLimited: the budget is used up, or Config.Admit refused the call. Nothing happened. Try again at ResetAt.
	RateLimited Kind = iota + 1
	// Unavailable: Okta could not answer, or the object is busy (being activated, rules being set up). For a write:
	// it was not applied. It heals by itself.
	Unavailable
	// Ambiguous: a write was sent and its answer was lost. It may have been applied: read before trying again.
	Ambiguous
	// NotFound: the object named in the path does not exist.
	NotFound
	// Conflict: the object's present state forbids it: already exists, wrong lifecycle status, a group grants the app.
	Conflict
	// Invalid: Okta understood and refused the values, or we asked for something that cannot be asked.
	Invalid
	// Denied: our admin role does not allow it, the object belongs to another system, or the org lacks the feature.
	Denied
	// Unauthorized: our own credential or its scopes are refused. It concerns every call, not just this one.
	Unauthorized
)

// String is the kind's name.
func (k Kind) String() string {
	switch k {
	case RateLimited:
		return "RateLimited"
	case Unavailable:
		return "Unavailable"
	case Ambiguous:
		return "Ambiguous"
	case NotFound:
		return "NotFound"
	case Conflict:
		return "Conflict"
	case Invalid:
		return "Invalid"
	case Denied:
		return "Denied"
	case Unauthorized:
		return "Unauthorized"
	}
	return "Unknown"
}

// Error implements error.
func (k Kind) Error() string { return k.String() }
