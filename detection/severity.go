package detection

import "fmt"

// Severity is ours, not Okta's: S1 is the worst. The zero value is none.
type Severity int

// The severities, worst first.
const (
	S1 Severity = iota + 1 // at once, whatever the hour
	S2                     // today
	S3                     // in working hours
	S4                     // recorded
)

// String is "S1" to "S4", or "" for none.
func (s Severity) String() string {
	if s < S1 || s > S4 {
		return ""
	}
	return fmt.Sprintf("S%d", int(s))
}

// ParseSeverity reads what String writes.
func ParseSeverity(text string) (Severity, error) {
	for s := S1; s <= S4; s++ {
		if s.String() == text {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%q is no severity: use S1, S2, S3 or S4", text)
}

// worse is the more urgent of two; none is the least.
func worse(a, b Severity) Severity {
	if a == 0 || (b != 0 && b < a) {
		return b
	}
	return a
}
