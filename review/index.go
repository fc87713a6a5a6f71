package review

import "time"

// PacketRef is one packet of a campaign without its items.
type PacketRef struct {
	Reviewer Reviewer    `json:"reviewer"`
	Key      string      `json:"key"`
	Digest   string      `json:"digest"` // SHA-256 of the packet's bytes, lower-case hex
	Grouping Grouping    `json:"grouping"`
	Items    int         `json:"items"`
	People   int         `json:"people"`  // different people in it
	Objects  int         `json:"objects"` // different groups and applications in it
	Marks    []MarkCount `json:"marks,omitempty"`
	// Escalate is who is let in when the reviewer does not answer; nil: policy names nobody who can.
	Escalate *Reviewer `json:"escalate,omitempty"`
}

// MarkCount is how many items wear a mark, in the order of Marks.
type MarkCount struct {
	Mark  Mark `json:"mark"`
	Items int  `json:"items"`
}

// Index is a campaign's packets and what goes with them: IndexKey. It is written once, after the last packet.
type Index struct {
	Campaign   string      `json:"campaign"`
	Title      string      `json:"title"`
	Policy     string      `json:"policy"`   // digest of the policy that assigned
	Previous   string      `json:"previous"` // the campaign compared with; empty: none
	AssignedAt time.Time   `json:"assigned_at"`
	ReadBegun  time.Time   `json:"read_begun"`
	ReadEnded  time.Time   `json:"read_ended"`
	Due        time.Time   `json:"due"`
	Scope      string      `json:"scope,omitempty"`   // the expression, where one was given
	Partial    []string    `json:"partial,omitempty"` // what could not be read, and why
	Changed    []string    `json:"changed,omitempty"` // what changed while it was read
	Items      int         `json:"items"`
	OutOfScope int         `json:"out_of_scope"`
	Unassigned int         `json:"unassigned"` // in scope, and nobody may review it: UnassignedKey
	People     int         `json:"people"`     // accounts in the snapshot
	Orphans    int         `json:"orphans"`    // of these, without an active employee
	Marks      []MarkCount `json:"marks,omitempty"`
	Packets    []PacketRef `json:"packets"` // ordered by the reviewer's name, then ID
}

// CountMarks brings counts of marks into the order in which marks are shown; marks that nothing wears are left out.
func CountMarks(counts map[Mark]int) []MarkCount {
	var list []MarkCount
	for _, m := range Marks() {
		if counts[m] > 0 {
			list = append(list, MarkCount{Mark: m, Items: counts[m]})
		}
	}
	return list
}
