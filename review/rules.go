package review

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// The bounds of a batch.
const (
	// BatchAge is how old a batch may be when it is handed in: later it is refused, so that one which was never taken in
	// does not come to life again.
	BatchAge = 15 * time.Minute
	// BatchAhead is how far the bridge's clock may be ahead of Temporal's.
	BatchAhead = 2 * time.Minute
	// ReasonMost bounds a reason, in bytes.
	ReasonMost = 1000
	// DecisionsMost bounds the decisions of a batch.
	DecisionsMost = 5000
)

// Serious says whether a mark asks for a reason even when the access stays, as policy wants it.
func (p Packet) Serious(m Mark) bool { return slices.Contains(p.ReasonFor, m) }

// NeedsReason says whether an answer about an item counts only with a reason: to revoke, and to keep what wears a
// serious mark.
func (p Packet) NeedsReason(i Item, a Answer) bool {
	return a == Revoke || slices.ContainsFunc(i.Marks, p.Serious)
}

// BulkCertifiable says whether an item may be certified together with others in one click: only what wears no mark.
func BulkCertifiable(i Item) bool { return len(i.Marks) == 0 }

// CheckDecision says why a decision does not count, whoever signed it; nil when it does. by is the Okta user ID of who
// decides.
func CheckDecision(p Packet, d Decision, by string) error {
	item, ok := p.Find(d.Item)
	return p.check(item, ok, d, by)
}

func (p Packet) check(item Item, ok bool, d Decision, by string) error {
	switch {
	case !ok:
		return errors.New("an item is not in this reviewer's packet")
	case d.Answer != Certify && d.Answer != Revoke:
		return fmt.Errorf("an answer is neither %q nor %q", Certify, Revoke)
	case item.Person.OktaUserID == by:
		return errors.New("nobody decides about their own access: it needs somebody else")
	case p.NeedsReason(item, d.Answer) && strings.TrimSpace(d.Reason) == "":
		return errors.New("a reason is missing: revoking needs one, and so does keeping what wears a serious mark")
	case len(d.Reason) > ReasonMost:
		return fmt.Errorf("a reason is longer than %d bytes", ReasonMost)
	case d.Answer == Certify && d.Bulk > 1 && !BulkCertifiable(item):
		return errors.New("what wears a mark is certified one by one, not together with others")
	}
	return nil
}

// CheckDecisions says why the decisions of a batch do not count: all of them or none. Each item may stand in it once.
func CheckDecisions(p Packet, b Batch) error {
	switch {
	case len(b.Decisions) == 0:
		return errors.New("the batch decides nothing")
	case len(b.Decisions) > DecisionsMost:
		return fmt.Errorf("the batch has more than %d decisions", DecisionsMost)
	}
	items := make(map[string]Item, len(p.Items))
	for _, i := range p.Items {
		items[i.ID] = i
	}
	seen := make(map[string]bool, len(b.Decisions))
	for _, d := range b.Decisions {
		if seen[d.Item] {
			return errors.New("an item stands in the batch twice")
		}
		seen[d.Item] = true
		item, ok := items[d.Item]
		if err := p.check(item, ok, d, b.By); err != nil {
			return err
		}
	}
	return nil
}
