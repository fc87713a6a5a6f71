package review

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// ErrOther is returned where a file that is written once holds something else already.
var ErrOther = errors.New("the file is there with another content")

// ErrUnreadable is returned for a file that is there and is not what it should be: reading it again does not help.
var ErrUnreadable = errors.New("the file is not what it should be")

// NotFound says whether an error of this package means that there is no such file.
func NotFound(err error) bool { return gcerrors.Code(err) == gcerrors.NotFound }

// WriteOnce stores a value as JSON where nothing is yet. The same value again is fine, another one is ErrOther: what was
// read once never changes.
func WriteOnce(ctx context.Context, bucket *blob.Bucket, key string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("review: encoding %s: %w", key, err)
	}
	return writeOnce(ctx, bucket, key, raw)
}

func writeOnce(ctx context.Context, bucket *blob.Bucket, key string, raw []byte) error {
	err := bucket.WriteAll(ctx, key, raw, &blob.WriterOptions{ContentType: "application/json", IfNotExist: true})
	if gcerrors.Code(err) != gcerrors.FailedPrecondition {
		if err != nil {
			return fmt.Errorf("review: writing %s: %w", key, err)
		}
		return nil
	}
	there, err := bucket.ReadAll(ctx, key)
	if err != nil {
		return fmt.Errorf("review: reading %s: %w", key, err)
	}
	if !bytes.Equal(there, raw) {
		return fmt.Errorf("review: writing %s: %w", key, ErrOther)
	}
	return nil
}

// Read reads a JSON file. One with unknown fields, or with something behind it, is ErrUnreadable.
func Read(ctx context.Context, bucket *blob.Bucket, key string, into any) error {
	raw, err := bucket.ReadAll(ctx, key)
	if err != nil {
		return fmt.Errorf("review: reading %s: %w", key, err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("review: %s: %w", key, ErrUnreadable)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("review: %s: %w", key, ErrUnreadable)
	}
	return nil
}

// ReadPacket reads what a reviewer is asked.
func ReadPacket(ctx context.Context, bucket *blob.Bucket, campaign, reviewer string) (Packet, error) {
	var p Packet
	if err := errors.Join(CheckCampaign(campaign), CheckID(reviewer)); err != nil {
		return p, err
	}
	return p, Read(ctx, bucket, PacketKey(campaign, reviewer), &p)
}

// ReadBatch reads a batch as it was handed in: nothing in it is believed before a Verifier has said so.
func ReadBatch(ctx context.Context, bucket *blob.Bucket, campaign, reviewer, id string) (Batch, error) {
	var b Batch
	if err := errors.Join(CheckCampaign(campaign), CheckID(reviewer), CheckID(id)); err != nil {
		return b, err
	}
	return b, Read(ctx, bucket, BatchKey(campaign, reviewer, id), &b)
}

// WriteBatch stores a signed batch. One that is there under its ID stays: handed in twice, the first one counts.
func WriteBatch(ctx context.Context, bucket *blob.Bucket, b Batch) error {
	if err := errors.Join(CheckCampaign(b.Campaign), CheckID(b.Reviewer), CheckID(b.ID)); err != nil {
		return err
	}
	err := WriteOnce(ctx, bucket, BatchKey(b.Campaign, b.Reviewer, b.ID), b)
	if errors.Is(err, ErrOther) {
		return nil
	}
	return err
}

// ReadAnswers reads the answers at a key; an empty key is none yet.
func ReadAnswers(ctx context.Context, bucket *blob.Bucket, campaign, reviewer, key string) (Answers, error) {
	a := Answers{
		Campaign: campaign, Reviewer: reviewer,
		Decisions: map[string]Decision{}, By: map[string]string{}, Via: map[string]Via{},
	}
	if key == "" {
		return a, nil
	}
	return a, Read(ctx, bucket, key, &a)
}

// WriteAnswers stores answers under the digest of their content, and returns the key.
func WriteAnswers(ctx context.Context, bucket *blob.Bucket, a Answers) (string, error) {
	raw, err := json.Marshal(a) // maps are written in the order of their keys
	if err != nil {
		return "", fmt.Errorf("review: encoding answers: %w", err)
	}
	key := AnswersKey(a.Campaign, a.Reviewer, digestOf(raw)[:32])
	return key, writeOnce(ctx, bucket, key, raw)
}
