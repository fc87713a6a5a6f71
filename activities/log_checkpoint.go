package activities

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"latchkey/contract"
	"latchkey/detection"
)

// logHead is the part of a checkpoint beside the engine's state. Cursor and state are one blob, so neither can be
// without the other.
type logHead struct {
	Number    uint64         `json:"number"`
	Cursor    string         `json:"cursor,omitempty"` // the next link; empty: begin at Begin
	Begin     time.Time      `json:"begin,omitzero"`
	LastEvent time.Time      `json:"last_event,omitzero"` // the greatest published
	ReadAt    time.Time      `json:"read_at,omitzero"`
	Unwanted  map[string]int `json:"unwanted,omitempty"` // events that no rule wants, by type, since the first start
	Dropped   map[string]int `json:"dropped,omitempty"`  // what bounds made the engine forget
	Hour      hourCounts     `json:"hour,omitzero"`      // that is running
	New       logNews        `json:"new,omitzero"`
}

// logNews is what came since the checkpoint that the workflow knew when the reading began: a reading of many pages
// carries it along, so that its last checkpoint has it all.
type logNews struct {
	Signals   []contract.AlertSignal `json:"signals,omitempty"`
	Closed    []hourCounts           `json:"closed,omitempty"` // hours that are over
	Gaps      []contract.LogGap      `json:"gaps,omitempty"`
	Pages     int                    `json:"pages,omitempty"`
	Events    int                    `json:"events,omitempty"`
	Repeated  int                    `json:"repeated,omitempty"`
	Malformed int                    `json:"malformed,omitempty"`
	Own       int                    `json:"own,omitempty"`
}

// hourCounts counts hits by rule and outcome. It is also what a monitoring endpoint gets.
type hourCounts struct {
	From   time.Time                            `json:"from,omitzero"`
	Until  time.Time                            `json:"until,omitzero"` // set when it is over
	Events int                                  `json:"events"`
	Hits   map[string]map[detection.Outcome]int `json:"hits,omitempty"`
}

var (
	logMagic = []byte("latchkey log 1\n")
	// errLostCheckpoint is a checkpoint that cannot be used, now or ever.
	errLostCheckpoint = errors.New("the checkpoint is not usable")
)

// writeCheckpoint stores head and state as one blob and says how to refer to it. What it is called says what is in it,
// so attempts side by side never write over one another.
func writeCheckpoint(ctx context.Context, bucket *blob.Bucket, head logHead, state []byte) (contract.CheckpointRef, error) {
	raw, err := json.Marshal(head) //nolint:musttag // the engine's types go under their Go names
	if err != nil {
		return contract.CheckpointRef{}, fmt.Errorf("encode a checkpoint: %w", err)
	}
	all := make([]byte, 0, len(logMagic)+4+len(raw)+len(state))
	all = append(all, logMagic...)
	all = binary.BigEndian.AppendUint32(all, uint32(len(raw))) //nolint:gosec // a head is some kilobytes
	all = append(append(all, raw...), state...)
	sum := sha256.Sum256(all)
	ref := contract.CheckpointRef{Number: head.Number, Digest: hex.EncodeToString(sum[:])}
	if err := bucket.WriteAll(ctx, ref.Key(), all, &blob.WriterOptions{ContentType: "application/octet-stream"}); err != nil {
		return ref, fmt.Errorf("write %s: %w", ref.Key(), err)
	}
	return ref, nil
}

// readCheckpoint reads what writeCheckpoint stored. errLostCheckpoint says that it is not there, or is not what it was.
func readCheckpoint(ctx context.Context, bucket *blob.Bucket, ref contract.CheckpointRef) (logHead, []byte, error) {
	var head logHead
	all, err := bucket.ReadAll(ctx, ref.Key())
	if gcerrors.Code(err) == gcerrors.NotFound {
		return head, nil, fmt.Errorf("%w: %s is not in the store", errLostCheckpoint, ref.Key())
	}
	if err != nil {
		return head, nil, fmt.Errorf("read %s: %w", ref.Key(), err)
	}
	if sum := sha256.Sum256(all); hex.EncodeToString(sum[:]) != ref.Digest {
		return head, nil, fmt.Errorf("%w: %s was changed", errLostCheckpoint, ref.Key())
	}
	rest, ok := bytes.CutPrefix(all, logMagic)
	if !ok || len(rest) < 4 {
		return head, nil, fmt.Errorf("%w: %s has another form", errLostCheckpoint, ref.Key())
	}
	size, rest := int(binary.BigEndian.Uint32(rest)), rest[4:]
	if size > len(rest) {
		return head, nil, fmt.Errorf("%w: %s has another form", errLostCheckpoint, ref.Key())
	}
	if err := json.Unmarshal(rest[:size], &head); err != nil { //nolint:musttag // as written
		return head, nil, fmt.Errorf("%w: %s has another form", errLostCheckpoint, ref.Key())
	}
	return head, rest[size:], nil
}

// latestKey points at the newest checkpoint that the workflow is known to have referred to. It is needed only when the
// workflow itself is gone.
const latestKey = "alerts/latest.json"

const (
	// checkpointsKept are how many numbers below the workflow's checkpoint are kept, to look back at.
	checkpointsKept = 20
	// pruneEvery is how many numbers pass between two prunings.
	pruneEvery = 50
	// recoveredAhead is how far the numbers jump when a log begins again from the store: no number that may have been
	// used is used twice.
	recoveredAhead = 1_000_000
)

// settle notes that the workflow refers to a checkpoint: now and then it forgets those that nobody can need any more.
func settle(ctx context.Context, bucket *blob.Bucket, ref contract.CheckpointRef, now time.Time) error {
	var latest contract.CheckpointRef
	if _, err := readBlob(ctx, bucket, latestKey, &latest); err != nil {
		return err
	}
	if ref.Number <= latest.Number {
		return nil // an attempt that comes late, or nothing new
	}
	if err := writeBlob(ctx, bucket, latestKey, ref); err != nil {
		return err
	}
	if ref.Number/pruneEvery == latest.Number/pruneEvery || ref.Number <= checkpointsKept {
		return nil
	}
	if err := prune(ctx, bucket, ref.Number-checkpointsKept); err != nil {
		return err
	}
	return pruneJournal(ctx, bucket, now)
}

// prune deletes checkpoints below a number. One that is gone already is as wanted.
func prune(ctx context.Context, bucket *blob.Bucket, below uint64) error {
	most := contract.CheckpointRef{Number: below}.Key()
	list := bucket.List(&blob.ListOptions{Prefix: contract.CheckpointFolder})
	for {
		one, err := list.Next(ctx)
		if err != nil {
			return pruned(err)
		}
		if one.Key >= most {
			return nil // keys sort by number
		}
		if err := bucket.Delete(ctx, one.Key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return fmt.Errorf("delete %s: %w", one.Key, err)
		}
		if err := beat(ctx); err != nil {
			return err
		}
	}
}

// pruned is the end of a listing, which is no error; a file that vanished under it ends it early, until the next time.
func pruned(err error) error {
	if errors.Is(err, io.EOF) || gcerrors.Code(err) == gcerrors.NotFound {
		return nil
	}
	return fmt.Errorf("list checkpoints: %w", err)
}
