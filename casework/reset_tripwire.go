package casework

import "time"

// SignKind is something in the System Log that speaks against doing a reset now.
type SignKind string

// The signs.
const (
	SignReported SignKind = "the person reported suspicious activity"
	SignFactor   SignKind = "a new authenticator was enrolled"
	SignPlace    SignKind = "a sign-in came from an unusual place"
)

// Sign is one of them, and when.
type Sign struct {
	Kind SignKind
	At   time.Time
}

// JudgeSigns is the tripwire: why a reset is held for a person, from what happened within a span before now. A report of
// the person's own is enough; a new authenticator and an unusual place together are what a stolen account looks like, and
// the reset that is asked for would be its next step. Empty is that nothing speaks against it.
func JudgeSigns(signs []Sign, now time.Time, within time.Duration) string {
	last := map[SignKind]time.Time{}
	for _, s := range signs {
		if now.Sub(s.At) <= within && !s.At.After(now) && s.At.After(last[s.Kind]) {
			last[s.Kind] = s.At
		}
	}
	factor, enrolled := last[SignFactor]
	place, unusual := last[SignPlace]
	switch reported, is := last[SignReported]; {
	case within <= 0:
		return ""
	case is:
		return string(SignReported) + " at " + moment(reported)
	case enrolled && unusual:
		return string(SignFactor) + " at " + moment(factor) + " and " + string(SignPlace) + " at " + moment(place)
	}
	return ""
}
