package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"gocloud.dev/blob"

	"latchkey/contract"
	"latchkey/review"
)

// snapStage is what a snapshot reads at the moment.
type snapStage string

// The stages, in order. Rules and pushes say where memberships come from; they are few calls.
const (
	stageUsers    snapStage = "users"
	stageRules    snapStage = "rules"
	stageGroups   snapStage = "groups"
	stageMembers  snapStage = "members" // of one group after the other
	stageApps     snapStage = "apps"
	stagePushes   snapStage = "pushes"    // of one application after the other that pushes groups
	stageAppUsers snapStage = "app_users" // of one application after the other
	stageManifest snapStage = "manifest"
)

// snapPart is one page of a list, as it lies in the blob store. Its key holds its digest: a key is never written with
// something else, whoever reads the same page at the same time.
type snapPart struct {
	Key    string `json:"key"`
	Digest string `json:"digest"`
	Lines  int    `json:"lines"`
}

// snapSection is one list, such as the members of one group.
type snapSection struct {
	Name  string     `json:"name"`
	Parts []snapPart `json:"parts"`
	// Missing says why the list could not be read; what was read of it before does not count.
	Missing string `json:"missing,omitempty"`
}

// snapPlace is how far a snapshot is. It lies in the blob store and is the truth about it: whoever goes on, goes on from
// here, after a kill as after a wait for the budget.
type snapPlace struct {
	Campaign string      `json:"campaign"`
	Begun    time.Time   `json:"begun"`
	Stage    snapStage   `json:"stage"`
	At       int         `json:"at"`     // of the groups or applications: the one that is read
	Cursor   string      `json:"cursor"` // the next page; empty: the first
	Section  snapSection `json:"section"`
	Restarts int         `json:"restarts,omitempty"` // of this list: its cursor was refused
	Sections int         `json:"sections"`           // lists that are read: sectionKey
	Calls    int         `json:"calls"`
	Users    int         `json:"users"`
	Groups   int         `json:"groups"`
	Apps     int         `json:"apps"`
	Grants   int         `json:"grants"`
	Partial  []string    `json:"partial,omitempty"`
	Changed  []string    `json:"changed,omitempty"`
}

// snapContent is what a snapshot holds. Its digest does not know when it was read, nor in how many attempts.
type snapContent struct {
	Campaign string        `json:"campaign"`
	Sections []snapSection `json:"sections"`
	Users    int           `json:"users"`
	Groups   int           `json:"groups"`
	Apps     int           `json:"apps"`
	Grants   int           `json:"grants"`
	Partial  []string      `json:"partial,omitempty"`
	Changed  []string      `json:"changed,omitempty"`
}

// snapManifest is the whole of it.
type snapManifest struct {
	Content snapContent `json:"content"`
	Digest  string      `json:"digest"`
	Begun   time.Time   `json:"begun"`
	Ended   time.Time   `json:"ended"`
	Calls   int         `json:"calls"`
}

func placeKey(campaign string) string    { return review.SnapshotFolder(campaign) + "place.json" }
func manifestKey(campaign string) string { return review.SnapshotFolder(campaign) + "manifest.json" }

func sectionKey(campaign string, n int) string {
	return fmt.Sprintf("%ssections/%06d.json", review.SnapshotFolder(campaign), n)
}

// contentDigest is the SHA-256 of a value as JSON. Its maps are ordered by encoding/json.
func contentDigest(value any) (string, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("digest: %w", err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}

// add keeps one page of the list that is read.
func (p *snapPlace) add(ctx context.Context, bucket *blob.Bucket, packed []byte, digest string, lines int) error {
	key := fmt.Sprintf("%sparts/%s/%05d-%s.gz", review.SnapshotFolder(p.Campaign), p.Section.Name, len(p.Section.Parts), digest[:16])
	if err := bucket.WriteAll(ctx, key, packed, &blob.WriterOptions{ContentType: "application/gzip"}); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	p.Section.Parts = append(p.Section.Parts, snapPart{Key: key, Digest: digest, Lines: lines})
	return nil
}

// lines counts what was read of the list so far.
func (s snapSection) lines() int {
	n := 0
	for _, p := range s.Parts {
		n += p.Lines
	}
	return n
}

// close ends the list that is read.
func (p *snapPlace) close(ctx context.Context, bucket *blob.Bucket) error {
	if err := writeBlob(ctx, bucket, sectionKey(p.Campaign, p.Sections), p.Section); err != nil {
		return err
	}
	p.Sections++
	p.Section, p.Cursor, p.Restarts = snapSection{}, "", 0
	return nil
}

// ref is the place as workflows know it.
func (p *snapPlace) ref() contract.SnapshotRef {
	return contract.SnapshotRef{
		Begun: p.Begun, Users: p.Users, Groups: p.Groups, Apps: p.Apps, Grants: p.Grants, Calls: p.Calls,
		Partial: p.Partial, Changed: p.Changed,
	}
}

func (m snapManifest) ref() contract.SnapshotRef {
	c := m.Content
	return contract.SnapshotRef{
		Key: manifestKey(c.Campaign), Digest: m.Digest, Begun: m.Begun, Ended: m.Ended, Users: c.Users, Groups: c.Groups, Apps: c.Apps,
		Grants: c.Grants, Calls: m.Calls, Partial: c.Partial, Changed: c.Changed, Done: true, Complete: len(c.Partial) == 0,
	}
}
