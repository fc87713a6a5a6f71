package evidence

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// Store keeps records in a bucket: a folder, a shared volume or an S3-compatible service. Records are never changed or
// deleted by it. It is safe for concurrent use.
type Store struct {
	bucket *blob.Bucket
	folder string // "" for the tickets' own chains, else with a slash at its end
}

// NewStore keeps records in the bucket, under "records/".
func NewStore(bucket *blob.Bucket) *Store { return &Store{bucket: bucket} }

func label(ticket int64) string { return fmt.Sprintf("FS-%d", ticket) }

func prefix(ticket int64) string { return "records/" + label(ticket) + "/" }

// Key is where the record of one run of a ticket lies. Keys of one ticket sort by run.
func Key(ticket int64, run int) string { return fmt.Sprintf("%s%06d.json", prefix(ticket), run) }

// Put seals the record behind the newest earlier run of its ticket and stores it. It is idempotent by ticket and run: a
// record that is there already wins and is returned, so an answer that was lost cannot make a second one.
func (s *Store) Put(ctx context.Context, r Record) (Record, error) {
	if r.Ticket <= 0 || r.Run < 0 {
		return Record{}, fmt.Errorf("evidence: a record needs a ticket above 0 and a run of at least 0, not %d and %d", r.Ticket, r.Run)
	}
	key := s.Key(r.Ticket, r.Run)
	if there, err := s.read(ctx, key); err == nil || !missing(err) {
		return there, err
	}
	former, err := s.before(ctx, r.Ticket, key)
	if err != nil {
		return Record{}, err
	}
	sealed, raw, err := Seal(r, former)
	if err != nil {
		return Record{}, err
	}
	err = s.bucket.WriteAll(ctx, key, raw, &blob.WriterOptions{ContentType: "application/json", IfNotExist: true})
	switch {
	case err == nil:
		return sealed, nil
	case gcerrors.Code(err) == gcerrors.FailedPrecondition: // somebody was quicker
		return s.read(ctx, key)
	default:
		return Record{}, fmt.Errorf("evidence: storing %s: %w", key, err)
	}
}

// Get reads the record at a key. It returns an error that NotFound recognises where there is none.
func (s *Store) Get(ctx context.Context, key string) (Record, error) { return s.read(ctx, key) }

// NotFound says whether an error of this package means that there is no such record.
func NotFound(err error) bool { return missing(err) }

// Latest is the newest record of a ticket; false when it has none.
func (s *Store) Latest(ctx context.Context, ticket int64) (Record, bool, error) {
	keys, err := s.keys(ctx, ticket)
	if err != nil || len(keys) == 0 {
		return Record{}, false, err
	}
	r, err := s.read(ctx, keys[len(keys)-1])
	return r, err == nil, err
}

// List reads all records of a ticket, oldest run first.
func (s *Store) List(ctx context.Context, ticket int64) ([]Record, error) {
	keys, err := s.keys(ctx, ticket)
	if err != nil {
		return nil, err
	}
	records := make([]Record, 0, len(keys))
	for _, key := range keys {
		r, err := s.read(ctx, key)
		if err != nil {
			return nil, err
		}
		records = append(records, r)
	}
	return records, nil
}

// Raw reads the stored bytes of a ticket's records, oldest run first: what Check verifies.
func (s *Store) Raw(ctx context.Context, ticket int64) ([][]byte, error) {
	keys, err := s.keys(ctx, ticket)
	if err != nil {
		return nil, err
	}
	raws := make([][]byte, 0, len(keys))
	for _, key := range keys {
		raw, err := s.bucket.ReadAll(ctx, key)
		if err != nil {
			return nil, fmt.Errorf("evidence: reading %s: %w", key, err)
		}
		raws = append(raws, raw)
	}
	return raws, nil
}

// relist is how often a listing is begun again because a file vanished under it: a folder shows the temporary files of
// writers for a moment.
const relist = 20

func (s *Store) keys(ctx context.Context, ticket int64) ([]string, error) {
	for try := 1; ; try++ {
		keys, err := s.keysOnce(ctx, ticket)
		if err == nil || !missing(err) || try == relist {
			return keys, err
		}
	}
}

func (s *Store) keysOnce(ctx context.Context, ticket int64) ([]string, error) {
	var keys []string
	list := s.bucket.List(&blob.ListOptions{Prefix: s.folder + prefix(ticket)})
	for {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			slices.Sort(keys)
			return keys, nil
		}
		if err != nil {
			return nil, fmt.Errorf("evidence: listing %s: %w", label(ticket), err)
		}
		if !o.IsDir && strings.HasSuffix(o.Key, ".json") {
			keys = append(keys, o.Key)
		}
	}
}

// before is the digest of the newest record whose run is lower; empty when there is none.
func (s *Store) before(ctx context.Context, ticket int64, key string) (string, error) {
	keys, err := s.keys(ctx, ticket)
	if err != nil {
		return "", err
	}
	keys = slices.DeleteFunc(keys, func(k string) bool { return k >= key })
	if len(keys) == 0 {
		return "", nil
	}
	r, err := s.read(ctx, keys[len(keys)-1])
	return r.Digest, err
}

func (s *Store) read(ctx context.Context, key string) (Record, error) {
	raw, err := s.bucket.ReadAll(ctx, key)
	if err != nil {
		return Record{}, fmt.Errorf("evidence: reading %s: %w", key, err)
	}
	var r Record
	if err := json.Unmarshal(raw, &r); err != nil {
		return Record{}, fmt.Errorf("evidence: %s is not a record: %w", key, err)
	}
	return r, nil
}

func missing(err error) bool { return gcerrors.Code(err) == gcerrors.NotFound }
