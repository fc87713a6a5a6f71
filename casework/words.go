package casework

import (
	"fmt"
	"strings"
	"time"

	"latchkey/identity"
)

// names lists refs for people.
func names(refs []identity.Ref) string {
	list := make([]string, 0, len(refs))
	for _, r := range refs {
		if r.Name != "" {
			list = append(list, r.Name)
		} else {
			list = append(list, r.ID)
		}
	}
	if len(list) == 0 {
		return "something Okta does not name"
	}
	return strings.Join(list, ", ")
}

// Span is a duration for people: "30 days", "36h0m0s".
func Span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == day:
		return "1 day"
	case d >= day && d%day == 0:
		return fmt.Sprintf("%d days", d/day)
	default:
		return d.String()
	}
}
