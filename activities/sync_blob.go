package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"latchkey/policy"
)

// deskSide is what was read of people on the desk. It holds private contact data, so it stays in the blob store and is
// overwritten by the next reading.
type deskSide struct {
	People []deskProfile `json:"people"`
}

// deskProfile is one active or deactivated person of the desk, with the values that sync.yaml maps, by the desk's names.
type deskProfile struct {
	ID     int64             `json:"id"`
	Agent  bool              `json:"agent,omitempty"`
	Active bool              `json:"active,omitempty"`
	Emails []string          `json:"emails,omitempty"`
	Values map[string]string `json:"values,omitempty"`
}

func (d deskProfile) hasEmail(email string) bool {
	return email != "" && slices.ContainsFunc(d.Emails, func(e string) bool { return strings.EqualFold(e, email) })
}

// find looks for somebody by the ways of policy, in their order. Active people come before deactivated ones; several
// that fit equally well are all returned, for nobody may guess.
func (s deskSide) find(ways []policy.SyncMatch, numberField, email, number string) (found []deskProfile, way policy.SyncMatch) {
	for _, w := range ways {
		var active, shut []deskProfile
		for _, p := range s.People {
			fits := w == policy.SyncByEmail && p.hasEmail(email) ||
				w == policy.SyncByEmployeeNumber && number != "" && numberField != "" && strings.EqualFold(p.Values[numberField], number)
			switch {
			case fits && p.Active:
				active = append(active, p)
			case fits:
				shut = append(shut, p)
			}
		}
		if len(active) > 0 {
			return active, w
		}
		if len(shut) > 0 {
			return shut, w
		}
	}
	return nil, ""
}

// numberField is the desk's name of the employee number; empty where it is not mapped.
func numberField(s policy.SyncPolicy) string {
	for _, a := range s.Attributes {
		if a.Okta == "employeeNumber" {
			return a.Desk
		}
	}
	return ""
}

// masteredKeeps is how long an attribute that another system masters is left alone, before it is tried once more.
const masteredKeeps = 30 * 24 * time.Hour

// syncMemory is what a sync remembers of one person, beside what both sides say.
type syncMemory struct {
	// Mastered are attributes of Okta that another system masters, and when Okta said so.
	Mastered map[string]time.Time `json:"mastered,omitempty"`
	// Stuck are attributes that the written side keeps in a form of its own, by name: a digest of both values.
	Stuck map[string]string `json:"stuck,omitempty"`
	// Asked are the tickets that ask for role changes, by what they ask for.
	Asked map[string]int64 `json:"asked,omitempty"`
}

func memoryKey(oktaUserID string) string { return "sync/memory/" + oktaUserID + ".json" }

func readMemory(ctx context.Context, bucket *blob.Bucket, oktaUserID string) (syncMemory, error) {
	m := syncMemory{Mastered: map[string]time.Time{}, Stuck: map[string]string{}, Asked: map[string]int64{}}
	_, err := readBlob(ctx, bucket, memoryKey(oktaUserID), &m)
	return m, err
}

func (m syncMemory) write(ctx context.Context, bucket *blob.Bucket, oktaUserID string) error {
	return writeBlob(ctx, bucket, memoryKey(oktaUserID), m)
}

// syncDigest names texts without holding them.
func syncDigest(texts ...string) string {
	sum := sha256.New()
	for _, t := range texts {
		fmt.Fprintf(sum, "%d %s\n", len(t), t)
	}
	return hex.EncodeToString(sum.Sum(nil))[:20]
}

// readBlob reads JSON; false when there is none.
func readBlob(ctx context.Context, bucket *blob.Bucket, key string, into any) (bool, error) {
	raw, err := bucket.ReadAll(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read %s: %w", key, err)
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return false, fmt.Errorf("decode %s: %w", key, err)
	}
	return true, nil
}

func writeBlob(ctx context.Context, bucket *blob.Bucket, key string, value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("encode %s: %w", key, err)
	}
	if err := bucket.WriteAll(ctx, key, raw, &blob.WriterOptions{ContentType: "application/json"}); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	return nil
}
