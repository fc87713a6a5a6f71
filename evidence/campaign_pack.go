package evidence

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"time"

	"gocloud.dev/blob"

	"latchkey/review"
)

// The files of an evidence pack.
const (
	reviewItemsJSON   = "items.json" // a JSON list, one item a line
	reviewItemsCSV    = "items.csv"
	reviewOrphansCSV  = "orphans.csv"
	reviewRecordJSON  = "campaign.json"
	reviewReportHTML  = "report.html"
	reviewManifest    = "manifest.json"
	reviewPackVersion = 1
)

// ReviewFile is one file of the pack.
type ReviewFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

// ReviewManifest names every file of a pack with its SHA-256, and the campaign's digest (see reviewDigest). It is
// written last.
type ReviewManifest struct {
	Version  int          `json:"version"`
	Campaign string       `json:"campaign"`
	Digest   string       `json:"digest"`
	Written  time.Time    `json:"written"`
	Counts   ReviewCount  `json:"counts"`
	Files    []ReviewFile `json:"files"` // by name
}

// ReviewPack writes the evidence pack of a campaign as a stream: its memory does not grow with the items. The items are
// handed in by reviewer, in the order of the reviewers' IDs, each packet in its own order; then it is ended.
type ReviewPack struct {
	ctx     context.Context //nolint:containedctx // a pack lives within one call
	cut     context.CancelFunc
	bucket  *blob.Bucket
	record  ReviewRecord
	json    *packFile
	csvFile *packFile
	csv     *reviewCSV
	digest  *reviewDigest
	report  reviewReport
	rows    int
	files   []ReviewFile
	opened  []*packFile    // and not closed yet
	at      map[string]int // reviewers by ID
}

// packFile is one file that is written as a stream.
type packFile struct {
	name  string
	out   *blob.Writer
	buf   *bufio.Writer
	sum   hash.Hash
	bytes int64
}

func (f *packFile) Write(p []byte) (int, error) {
	f.bytes += int64(len(p))
	return f.buf.Write(p)
}

// NewReviewPack begins the pack of a campaign. The record holds everything but the counts, which the pack adds up, and the
// digest.
func NewReviewPack(ctx context.Context, bucket *blob.Bucket, record ReviewRecord) (*ReviewPack, error) {
	ctx, cut := context.WithCancel(ctx)
	p := &ReviewPack{ctx: ctx, cut: cut, bucket: bucket, record: record, digest: newReviewDigest(record.Campaign), at: map[string]int{}}
	for i, r := range record.Reviewers {
		p.at[r.Reviewer.ID] = i
	}
	var err error
	if p.json, err = p.open(reviewItemsJSON, "application/json"); err == nil {
		if p.csvFile, err = p.open(reviewItemsCSV, "text/csv; charset=utf-8"); err == nil {
			p.csv, err = newReviewCSV(p.csvFile)
		}
	}
	if err != nil {
		p.Drop()
		return nil, err
	}
	return p, nil
}

func (p *ReviewPack) open(name, kind string) (*packFile, error) {
	key := review.EvidenceFolder(p.record.Campaign) + name
	out, err := p.bucket.NewWriter(p.ctx, key, &blob.WriterOptions{ContentType: kind, DisableContentTypeDetection: true})
	if err != nil {
		return nil, fmt.Errorf("evidence: write %s: %w", key, err)
	}
	f := &packFile{name: name, out: out, sum: sha256.New()}
	f.buf = bufio.NewWriterSize(io.MultiWriter(out, f.sum), 64<<10)
	p.opened = append(p.opened, f)
	return f, nil
}

func (p *ReviewPack) close(f *packFile) error {
	p.opened = slices.DeleteFunc(p.opened, func(o *packFile) bool { return o == f })
	for _, err := range []error{f.buf.Flush(), f.out.Close()} {
		if err != nil {
			return fmt.Errorf("evidence: write %s: %w", f.name, err)
		}
	}
	p.files = append(p.files, ReviewFile{Name: f.name, SHA256: hex.EncodeToString(f.sum.Sum(nil)), Bytes: f.bytes})
	return nil
}

// Add takes in one item.
func (p *ReviewPack) Add(r ReviewItem) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("evidence: write an item: %w", err)
	}
	lead := ",\n"
	if p.rows == 0 {
		lead = "[\n"
	}
	p.rows++
	if _, err := p.json.Write(append([]byte(lead), raw...)); err != nil {
		return fmt.Errorf("evidence: write %s: %w", p.json.name, err)
	}
	if err := p.csv.item(r); err != nil {
		return err
	}
	if err := p.digest.item(r); err != nil {
		return err
	}
	p.record.Counts.add(r)
	if at, ok := p.at[r.Reviewer]; ok && !r.Unassigned {
		one := &p.record.Reviewers[at]
		one.add(r)
		if r.Bulk > 1 {
			one.Bulk++
		}
	}
	p.report.add(r)
	return nil
}

// End writes what is left of the pack, the manifest last.
func (p *ReviewPack) End() (ReviewManifest, error) {
	defer p.Drop()
	tail := "\n]\n"
	if p.rows == 0 {
		tail = "[]\n"
	}
	if _, err := p.json.Write([]byte(tail)); err != nil {
		return ReviewManifest{}, fmt.Errorf("evidence: write %s: %w", p.json.name, err)
	}
	if err := p.csv.end(); err != nil {
		return ReviewManifest{}, err
	}
	for _, f := range []*packFile{p.json, p.csvFile} {
		if err := p.close(f); err != nil {
			return ReviewManifest{}, err
		}
	}
	var err error
	if p.record.Digest, err = p.digest.end(p.record.Orphans, p.record.Partial); err != nil {
		return ReviewManifest{}, err
	}
	p.report.ReviewRecord = p.record
	for _, f := range []struct {
		name, kind string
		write      func(io.Writer) error
	}{
		{reviewOrphansCSV, "text/csv; charset=utf-8", func(w io.Writer) error { return orphansCSV(w, p.record.Orphans) }},
		{reviewRecordJSON, "application/json", func(w io.Writer) error { return indented(w, p.record) }},
		{reviewReportHTML, "text/html; charset=utf-8", p.report.html},
	} {
		if err := p.file(f.name, f.kind, f.write); err != nil {
			return ReviewManifest{}, err
		}
	}
	slices.SortFunc(p.files, func(a, b ReviewFile) int { return cmp.Compare(a.Name, b.Name) })
	m := ReviewManifest{
		Version: reviewPackVersion, Campaign: p.record.Campaign, Digest: p.record.Digest, Written: p.record.Written, Counts: p.record.Counts, Files: p.files,
	}
	return m, p.file(reviewManifest, "application/json", func(w io.Writer) error { return indented(w, m) })
}

// Drop leaves the pack without a manifest, unless it was ended.
func (p *ReviewPack) Drop() {
	p.cut()
	for _, f := range p.opened {
		_ = f.out.Close()
	}
	p.opened = nil
}

func (p *ReviewPack) file(name, kind string, write func(io.Writer) error) error {
	f, err := p.open(name, kind)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		return err
	}
	return p.close(f)
}

func indented(w io.Writer, value any) error {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(value); err != nil {
		return fmt.Errorf("evidence: %w", err)
	}
	_, err := w.Write(b.Bytes())
	return err
}

var errUnknownPack = errors.New("evidence: the pack is of a version that this program does not know; use the one that wrote it, or a newer one")
