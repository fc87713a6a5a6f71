package casework

// ErrKind is what went wrong, seen from the outside world. The kind alone decides what happens next: it is the type
// of every Temporal failure an activity returns.
type ErrKind string

// The kinds. RateLimited, Unavailable and Ambiguous are retried by Temporal; Unauthorized blocks every case until our
// own credential is mended; the rest park the case for a person.
const (
	RateLimited  ErrKind = "RateLimited"  // out of budget or told so by the vendor; retried at the reset
	Unavailable  ErrKind = "Unavailable"  // the vendor is down or unreachable, nothing was sent or nothing was done
	Ambiguous    ErrKind = "Ambiguous"    // sent, and the answer was lost; the next attempt reads before it writes
	NotFound     ErrKind = "NotFound"     // the thing named is not there
	Conflict     ErrKind = "Conflict"     // somebody else changed it, or it exists already in another form
	Invalid      ErrKind = "Invalid"      // the vendor does not accept what we sent
	Denied       ErrKind = "Denied"       // the vendor will not let us do this one thing
	Unauthorized ErrKind = "Unauthorized" // our credential or its scope is refused: everybody's problem
)

// Retried says whether Temporal retries an activity that failed with this kind.
func (k ErrKind) Retried() bool {
	switch k {
	case RateLimited, Unavailable, Ambiguous:
		return true
	case NotFound, Conflict, Invalid, Denied, Unauthorized:
		return false
	}
	return false
}
