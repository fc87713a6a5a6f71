package activities

import (
	"bytes"
	"container/heap"
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"
)

// sortMost is how many bytes of lines a sorter holds before it writes a run.
const sortMost = 8 << 20

// A line that is sorted is a key, whose parts are divided by keyCut, and a value behind valueCut. JSON holds neither.
const (
	keyCut   = "\x00"
	valueCut = "\x01"
)

// sorter sorts more lines than fit into memory: runs in the blob store, merged while they are read. Its runs are written
// over when the same work is done again, and hold the same then.
type sorter struct {
	bucket *blob.Bucket
	folder string
	runs   int
	arena  []byte
	ends   []int
}

// add takes a line in.
func (s *sorter) add(ctx context.Context, key string, value []byte) error {
	if len(s.arena)+len(key)+len(value) > sortMost {
		if err := s.flush(ctx); err != nil {
			return err
		}
	}
	s.arena = append(s.arena, key...)
	s.arena = append(s.arena, valueCut...)
	s.arena = append(s.arena, value...)
	s.ends = append(s.ends, len(s.arena))
	return nil
}

func (s *sorter) run(n int) string { return fmt.Sprintf("%s%05d.gz", s.folder, n) }

// flush writes what is held as one sorted run.
func (s *sorter) flush(ctx context.Context) error {
	if len(s.ends) == 0 {
		return nil
	}
	lines := make([][]byte, 0, len(s.ends))
	from := 0
	for _, to := range s.ends {
		lines = append(lines, s.arena[from:to])
		from = to
	}
	slices.SortFunc(lines, bytes.Compare)
	w, err := writeLines(ctx, s.bucket, s.run(s.runs))
	if err != nil {
		return err
	}
	for _, line := range lines {
		if err := w.line(line); err != nil {
			w.drop()
			return fmt.Errorf("write %s: %w", s.run(s.runs), err)
		}
	}
	s.runs++
	s.arena, s.ends = s.arena[:0], s.ends[:0]
	return w.close()
}

// sorted walks all lines in order; it may be walked again. A key and a value are only good until the next.
func (s *sorter) sorted(ctx context.Context) iter.Seq2[sortedLine, error] {
	return func(yield func(sortedLine, error) bool) {
		if err := s.flush(ctx); err != nil {
			yield(sortedLine{}, err)
			return
		}
		s.arena, s.ends = nil, nil
		var h runHeap
		defer func() {
			for _, r := range h {
				r.stop()
			}
		}()
		for i := range s.runs {
			next, stop := iter.Pull2(readLines(ctx, s.bucket, s.run(i)))
			r := &openRun{next: next, stop: stop}
			switch more, err := r.advance(); {
			case err != nil:
				stop()
				yield(sortedLine{}, err)
				return
			case more:
				h = append(h, r)
			}
		}
		heap.Init(&h)
		for len(h) > 0 {
			key, value, _ := bytes.Cut(h[0].line, []byte(valueCut))
			if !yield(sortedLine{key: key, value: value}, nil) {
				return
			}
			more, err := h[0].advance()
			if err != nil {
				yield(sortedLine{}, err)
				return
			}
			if more {
				heap.Fix(&h, 0)
			} else {
				heap.Pop(&h)
			}
		}
	}
}

// remove takes the runs away. What cannot be removed goes with the campaign's files.
func (s *sorter) remove(ctx context.Context) error {
	for i := range s.runs {
		if err := s.bucket.Delete(ctx, s.run(i)); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return fmt.Errorf("remove %s: %w", s.run(i), err)
		}
	}
	return nil
}

type sortedLine struct{ key, value []byte }

// parts are the parts of the key.
func (l sortedLine) part(n int) string {
	parts := bytes.SplitN(l.key, []byte(keyCut), n+2)
	if n >= len(parts) {
		return ""
	}
	return string(parts[n])
}

// openRun is one run at its next line.
type openRun struct {
	next func() ([]byte, error, bool)
	stop func()
	line []byte
}

func (r *openRun) advance() (more bool, err error) {
	line, err, more := r.next()
	if err != nil {
		return false, err
	}
	if !more {
		r.stop()
		return false, nil
	}
	r.line = line
	return true, nil
}

type runHeap []*openRun

func (h *runHeap) Len() int           { return len(*h) }
func (h *runHeap) Less(i, j int) bool { return bytes.Compare((*h)[i].line, (*h)[j].line) < 0 }
func (h *runHeap) Swap(i, j int)      { (*h)[i], (*h)[j] = (*h)[j], (*h)[i] }

// Push is part of heap.Interface.
func (h *runHeap) Push(x any) {
	if r, ok := x.(*openRun); ok {
		*h = append(*h, r)
	}
}

// Pop is part of heap.Interface.
func (h *runHeap) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}

// sortKey joins parts into a key; control characters of names go, so that no name can pass for another part.
func sortKey(parts ...string) string {
	for i, p := range parts {
		if strings.ContainsFunc(p, unicode.IsControl) {
			parts[i] = strings.Map(func(r rune) rune {
				if unicode.IsControl(r) {
					return -1
				}
				return r
			}, p)
		}
	}
	return strings.Join(parts, keyCut)
}
