package activities

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"iter"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"latchkey/casework"
)

// lineMost is the longest line of a file of lines, in bytes: one person's profile is the longest.
const lineMost = 8 << 20

// packLines makes a file of JSON lines, and the digest of its content. The content alone decides the digest, not how it
// was packed.
func packLines[T any](items []T) (packed []byte, digest string, err error) {
	sum := sha256.New()
	var out bytes.Buffer
	zip, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		return nil, "", fmt.Errorf("pack lines: %w", err)
	}
	e := json.NewEncoder(io.MultiWriter(sum, zip))
	e.SetEscapeHTML(false)
	for _, item := range items {
		if err := e.Encode(item); err != nil {
			return nil, "", fmt.Errorf("pack lines: %w", err)
		}
	}
	if err := zip.Close(); err != nil {
		return nil, "", fmt.Errorf("pack lines: %w", err)
	}
	return out.Bytes(), hex.EncodeToString(sum.Sum(nil)), nil
}

// lineWriter streams lines into one packed file of the blob store; nothing is visible before close.
type lineWriter struct {
	out   *blob.Writer
	zip   *gzip.Writer
	buf   *bufio.Writer
	cut   context.CancelFunc
	lines int
	done  bool
}

func writeLines(ctx context.Context, bucket *blob.Bucket, key string) (*lineWriter, error) {
	ctx, cut := context.WithCancel(ctx)
	out, err := bucket.NewWriter(ctx, key, &blob.WriterOptions{ContentType: "application/gzip", DisableContentTypeDetection: true})
	if err != nil {
		cut()
		return nil, fmt.Errorf("write %s: %w", key, err)
	}
	zip, err := gzip.NewWriterLevel(out, gzip.BestSpeed)
	if err != nil {
		cut()
		return nil, fmt.Errorf("write %s: %w", key, err)
	}
	return &lineWriter{out: out, zip: zip, buf: bufio.NewWriterSize(zip, 64<<10), cut: cut}, nil
}

// line writes one line; it holds no line break.
func (w *lineWriter) line(text []byte) error {
	w.lines++
	if _, err := w.buf.Write(text); err != nil {
		return err
	}
	return w.buf.WriteByte('\n')
}

func (w *lineWriter) json(value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return w.line(raw)
}

// close makes the file visible.
func (w *lineWriter) close() error {
	defer w.cut()
	w.done = true
	for _, err := range []error{w.buf.Flush(), w.zip.Close(), w.out.Close()} {
		if err != nil {
			return fmt.Errorf("write lines: %w", err)
		}
	}
	return nil
}

// drop leaves nothing behind, unless the file was closed.
func (w *lineWriter) drop() {
	if w.done {
		return
	}
	w.done = true
	w.cut()
	_ = w.out.Close()
}

// readLines walks a packed file line by line. A line is only good until the next one. A file that is not there is said
// as what it is: it was there.
func readLines(ctx context.Context, bucket *blob.Bucket, key string) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in, err := bucket.NewReader(ctx, key, nil)
		if gcerrors.Code(err) == gcerrors.NotFound {
			err = problemf(casework.Invalid, "%s is not in the blob store any more: somebody removed a file of a campaign that runs. Abort the campaign and start it again", key)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		defer in.Close()
		zip, err := gzip.NewReader(in)
		if err != nil {
			yield(nil, fmt.Errorf("unpack %s: %w", key, err))
			return
		}
		lines := bufio.NewScanner(zip)
		lines.Buffer(make([]byte, 0, 16<<10), lineMost)
		for lines.Scan() {
			if !yield(lines.Bytes(), nil) {
				return
			}
		}
		if err := lines.Err(); err != nil {
			yield(nil, fmt.Errorf("unpack %s: %w", key, err))
		}
	}
}

// readItems is readLines, decoded.
func readItems[T any](ctx context.Context, bucket *blob.Bucket, key string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for line, err := range readLines(ctx, bucket, key) {
			var item T
			if err == nil {
				err = json.Unmarshal(line, &item)
			}
			if !yield(item, err) || err != nil {
				return
			}
		}
	}
}
