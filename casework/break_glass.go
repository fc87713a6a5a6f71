package casework

import (
	"fmt"
	"time"
)

// BreakGlass is policy's answer that one item is granted at once, with nobody's approval, for a short time, and reviewed
// after. It is found when the ticket is read, and frozen with the case.
type BreakGlass struct {
	For      time.Duration `json:"for"`       // how long at most, from the grant on
	ReviewBy time.Duration `json:"review_by"` // when its review is late, from the grant on
	Why      string        `json:"why"`       // which entry of policy lets the requester: "agent group Security Operations"
}

// Words say what policy does with the item, for plans and evidence.
func (b BreakGlass) Words() string {
	return fmt.Sprintf("granted at once by policy as break-glass (%s), for at most %s, with no approver; it is reviewed after", b.Why, Span(b.For))
}

// glassOf is the break-glass that a plan is made by; nil where the item goes by the ordinary approval. note says why an
// item that could break glass does not.
func glassOf(f GrantFacts, held bool) (glass *BreakGlass, note string) {
	if f.Item.BreakGlass == nil {
		return nil, ""
	}
	if held {
		return nil, "It is held already, so this is an extension, and an extension is not break-glass: it needs the ordinary approval."
	}
	return f.Item.BreakGlass, ""
}
