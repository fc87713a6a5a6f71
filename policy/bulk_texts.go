package policy

import "time"

// BulkFacts is what the texts about a batch say: bulk_ticket, bulk_progress and bulk_result.
type BulkFacts struct {
	Batch     string
	Offboards bool // it is about leavers
	File      string
	Rows      int // people
	Digest    string

	// Of one that runs, and of one that has ended.
	Done, Residuals, Failed, Open int
	FailedRows                    []int // the first of them
	ETA                           time.Time
	PausedBy, PausedWhy           string
	Ended                         string // why it ended early; empty: it did not
}

// Well says whether nothing is left for a person to do.
func (f BulkFacts) Well() bool { return f.Failed+f.Open+f.Residuals == 0 && f.Ended == "" }
