package detection

import (
	"encoding/binary"
	"errors"
	"time"
)

// writer writes a checkpoint: numbers as varints, a text or piece of evidence that came before as its number.
type writer struct {
	b        []byte
	texts    map[string]uint64
	evidence map[*Evidence]uint64
}

// newWriter makes room for about as much as was written the last time.
func newWriter(bytes, texts int) *writer {
	return &writer{b: make([]byte, 0, bytes+bytes/8), texts: make(map[string]uint64, texts), evidence: map[*Evidence]uint64{}}
}

func (w *writer) uint(n uint64)      { w.b = binary.AppendUvarint(w.b, n) }
func (w *writer) int(n int64)        { w.b = binary.AppendVarint(w.b, n) }
func (w *writer) len(n int)          { w.uint(uint64(max(n, 0))) }
func (w *writer) fixed(n uint64)     { w.b = binary.BigEndian.AppendUint64(w.b, n) }
func (w *writer) time(at time.Time)  { w.int(at.UnixMilli()) }
func (w *writer) moment(t time.Time) { w.int(t.Unix()); w.len(t.Nanosecond()) }

// text writes 0, length and bytes of a new text, or the number of one that was written.
func (w *writer) text(s string) {
	if n, known := w.texts[s]; known {
		w.uint(n)
		return
	}
	w.texts[s] = uint64(len(w.texts)) + 1
	w.uint(0)
	w.len(len(s))
	w.b = append(w.b, s...)
}

func (w *writer) proof(ev *Evidence) {
	if n, known := w.evidence[ev]; known {
		w.uint(n)
		return
	}
	w.evidence[ev] = uint64(len(w.evidence)) + 1
	w.uint(0)
	w.time(ev.At)
	w.len(len(ev.UUID))
	w.b = append(w.b, ev.UUID...)
	for _, s := range ev.texts() {
		w.text(*s)
	}
}

// texts are the texts of a piece of evidence that come again in others.
func (ev *Evidence) texts() []*string {
	return []*string{
		&ev.Type, &ev.Outcome, &ev.Reason, &ev.Subject, &ev.Login, &ev.IP, &ev.City, &ev.Country, &ev.App, &ev.Agent,
		&ev.Device, &ev.Risk,
	}
}

func (w *writer) key(k Key) {
	w.text(k.Rule)
	w.text(k.Hash)
	w.len(len(k.Parts))
	for _, p := range k.Parts {
		w.text(p.Name)
		w.text(p.Value)
	}
}

var errCheckpoint = errors.New("these are not the bytes of a checkpoint, or they are cut short")

// reader reads what writer writes. The first mistake sticks, and everything after it is zero.
type reader struct {
	b        []byte
	texts    []string
	evidence []*Evidence
	err      error
}

func (r *reader) uint() uint64 {
	n, size := binary.Uvarint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

func (r *reader) int() int64 {
	n, size := binary.Varint(r.b)
	if size <= 0 {
		r.fail()
		return 0
	}
	r.b = r.b[size:]
	return n
}

// len is a length: every element takes a byte at least, so a greater one is a mistake.
func (r *reader) len() int {
	n := r.uint()
	if n > uint64(len(r.b)) {
		r.fail()
		return 0
	}
	return int(min(n, mostCount-1))
}

// mostCount bounds a number that is read, so that it is an int on every machine.
const mostCount = 1 << 31

func (r *reader) count() int { return int(min(r.uint(), mostCount-1)) }

func (r *reader) fixed() uint64 {
	if len(r.b) < 8 {
		r.fail()
		return 0
	}
	n := binary.BigEndian.Uint64(r.b)
	r.b = r.b[8:]
	return n
}

func (r *reader) time() time.Time { return utc(r.int()) }

func (r *reader) moment() time.Time {
	seconds := r.int()
	return time.Unix(seconds, int64(r.count())).UTC()
}

func (r *reader) bytes() string {
	n := r.len()
	s := string(r.b[:n])
	r.b = r.b[n:]
	return s
}

func (r *reader) text() string {
	n := r.uint()
	if n == 0 {
		s := r.bytes()
		r.texts = append(r.texts, s)
		return s
	}
	if n > uint64(len(r.texts)) {
		r.fail()
		return ""
	}
	return r.texts[n-1]
}

func (r *reader) proof() *Evidence {
	n := r.uint()
	if n == 0 {
		ev := &Evidence{At: r.time(), UUID: r.bytes()}
		for _, s := range ev.texts() {
			*s = r.text()
		}
		r.evidence = append(r.evidence, ev)
		return ev
	}
	if n > uint64(len(r.evidence)) {
		r.fail()
		return &Evidence{}
	}
	return r.evidence[n-1]
}

func (r *reader) key() Key {
	k := Key{Rule: r.text(), Hash: r.text()}
	for range r.len() {
		k.Parts = append(k.Parts, KeyPart{r.text(), r.text()})
	}
	return k
}

func (r *reader) fail() {
	r.err = errCheckpoint
	r.b = nil
}
