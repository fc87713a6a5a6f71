package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// sweepStateKey is where the sweep's place in time is kept.
const sweepStateKey = "sweep/state.json"

const (
	// sweepOverlap is how far a sweep reads back before the start of the last completed one: the vendor's clock is not
	// ours, and a change may become visible late.
	sweepOverlap = 10 * time.Minute
	// firstLookBack is how far the very first sweep reads back. Tickets older than that are named by a person.
	firstLookBack = 24 * time.Hour
	// freshFor is how long a change counts as fresh: what a nudged case reads may still show an older state, and a
	// second change may bear the same time.
	freshFor = 30 * time.Second
	// seenFor is how long a nudged ticket is remembered beyond the overlap.
	seenFor = time.Hour
)

// sweepState is what one completed sweep leaves to the next. It is written only when a sweep completed, so a sweep that
// broke off is repeated from where the last whole one began, however long ago that was.
type sweepState struct {
	// Completed is when the last completed sweep started.
	Completed time.Time `json:"completed"`
	// Seen is, by ticket, the change that was last nudged.
	Seen map[int64]time.Time `json:"seen,omitempty"`
	// Open is, by ticket whose case awaits an approval, which approvals were open when it was last looked at.
	// What has just changed carries freshPrint in front, so that the next sweep nudges the case once more.
	Open map[int64]string `json:"open,omitempty"`
	// Absences is a digest of policy's absences when the open levels were last looked at for them, with freshPrint in
	// front where that was only once: the worker that looked may not have had the new policy yet.
	Absences string `json:"absences,omitempty"`
}

// freshPrint marks a print that was new to the sweep which wrote it.
const freshPrint = "fresh "

// since is where a sweep starts to read.
func (s sweepState) since(now time.Time) time.Time {
	if s.Completed.IsZero() {
		return now.Add(-firstLookBack)
	}
	return s.Completed.Add(-sweepOverlap)
}

// after is the state a completed sweep leaves, without what no later sweep can meet again.
func (s sweepState) after(started time.Time, nudged map[int64]time.Time, open map[int64]string) sweepState {
	next := sweepState{Completed: started, Seen: map[int64]time.Time{}, Open: open}
	oldest := started.Add(-sweepOverlap - seenFor)
	for _, seen := range []map[int64]time.Time{s.Seen, nudged} {
		for ticket, at := range seen {
			if at.After(oldest) && at.After(next.Seen[ticket]) {
				next.Seen[ticket] = at
			}
		}
	}
	return next
}

// readSweepState reads the state; a bucket without one gives the zero state.
func readSweepState(ctx context.Context, bucket *blob.Bucket) (sweepState, error) {
	var s sweepState
	raw, err := bucket.ReadAll(ctx, sweepStateKey)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read %s: %w", sweepStateKey, err)
	}
	if err := json.Unmarshal(raw, &s); err != nil {
		// A state nobody can read must not stop the sweep for good: it begins again as a new installation does.
		return sweepState{}, nil //nolint:nilerr // a spoilt state is the same as none
	}
	return s, nil
}

// write keeps the state.
func (s sweepState) write(ctx context.Context, bucket *blob.Bucket) error {
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("encode the sweep's state: %w", err)
	}
	if err := bucket.WriteAll(ctx, sweepStateKey, raw, &blob.WriterOptions{ContentType: "application/json"}); err != nil {
		return fmt.Errorf("write %s: %w", sweepStateKey, err)
	}
	return nil
}

// openPrint tells one set of open approvals from another: their number and a checksum of their IDs. Two sets of the same
// size differ, so an answer is seen although another request was opened meanwhile.
func openPrint(approvals []int64) string {
	sorted := slices.Clone(approvals)
	slices.Sort(sorted)
	h := fnv.New32a()
	for _, id := range sorted {
		fmt.Fprintf(h, "%d,", id)
	}
	return fmt.Sprintf("%d:%08x", len(sorted), h.Sum32())
}
