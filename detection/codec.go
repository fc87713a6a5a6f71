package detection

import (
	"encoding/binary"
	"errors"
	"time"
)

// writer writes a checkpoint: numbers as varints, a text or proof that came before as its number.
type writer struct {
	b      []byte
	texts  map[string]uint64
	proofs map[*proof]uint64
	last   int64 // the time of the proof before
	whats  *parts[what]
	whos   *parts[who]
	wheres *parts[where]
}

// newWriter makes room for about as much as was written the last time.
func newWriter(bytes, texts int) *writer {
	return &writer{
		b: make([]byte, 0, bytes+bytes/8), texts: make(map[string]uint64, texts), proofs: map[*proof]uint64{},
		whats: newParts[what](), whos: newParts[who](), wheres: newParts[where](),
	}
}

func (w *writer) uint(n uint64)      { w.b = binary.AppendUvarint(w.b, n) }
func (w *writer) int(n int64)        { w.b = binary.AppendVarint(w.b, n) }
func (w *writer) len(n int)          { w.uint(uint64(max(n, 0))) }
func (w *writer) fixed(n uint64)     { w.b = binary.BigEndian.AppendUint64(w.b, n) }
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

// proof writes the number of a piece that was written, or 0 and its uuid, or 1 and what stands for one, and then the rest.
func (w *writer) proof(p *proof) {
	if n, known := w.proofs[p]; known {
		w.uint(n)
		return
	}
	w.proofs[p] = uint64(len(w.proofs)) + 2
	if p.odd == nil {
		w.uint(0)
		w.b = append(w.b, p.id[:]...)
	} else {
		w.uint(1)
		w.text(*p.odd)
	}
	w.int(p.at - w.last)
	w.last = p.at
	writePart(w, w.whats, p.what, p.what.texts)
	writePart(w, w.whos, p.who, p.who.texts)
	writePart(w, w.wheres, p.where, p.where.texts)
}

// parts numbers the parts of proofs. Equal ones have one number, whether they are shared or not.
type parts[T comparable] struct {
	pointers map[*T]uint64
	values   map[T]uint64
}

func newParts[T comparable]() *parts[T] {
	return &parts[T]{pointers: map[*T]uint64{}, values: map[T]uint64{}}
}

func writePart[T comparable](w *writer, known *parts[T], p *T, texts func() []*string) {
	if n, is := known.pointers[p]; is {
		w.uint(n)
		return
	}
	n, is := known.values[*p]
	if !is {
		n = uint64(len(known.values)) + 1
		known.values[*p] = n
	}
	known.pointers[p] = n
	if is {
		w.uint(n)
		return
	}
	w.uint(0)
	for _, s := range texts() {
		w.text(*s)
	}
}

func (p *what) texts() []*string  { return []*string{&p.Type, &p.Outcome, &p.Reason, &p.App, &p.Risk} }
func (p *who) texts() []*string   { return []*string{&p.Subject, &p.Login} }
func (p *where) texts() []*string { return []*string{&p.IP, &p.City, &p.Country, &p.Agent, &p.Device} }

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
	b      []byte
	texts  []string
	proofs []*proof
	last   int64
	whats  []*what
	whos   []*who
	wheres []*where
	shared *shared
	err    error
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

func (r *reader) proof() *proof {
	n := r.uint()
	if n > uint64(len(r.proofs))+1 {
		r.fail()
	}
	if r.err != nil {
		return &proof{what: &what{}, who: &who{}, where: &where{}}
	}
	if n > 1 {
		return r.proofs[n-2]
	}
	p := &proof{}
	if n == 0 {
		if len(r.b) < len(p.id) {
			r.fail()
		}
		r.b = r.b[copy(p.id[:], r.b):]
	} else {
		odd := r.text()
		p.odd, p.id = &odd, uuidBytes(odd)
	}
	p.at = r.last + r.int()
	r.last = p.at
	p.what = readPart(r, &r.whats, r.shared.whats, (*what).texts)
	p.who = readPart(r, &r.whos, r.shared.whos, (*who).texts)
	p.where = readPart(r, &r.wheres, r.shared.wheres, (*where).texts)
	r.proofs = append(r.proofs, p)
	return p
}

func readPart[T comparable](r *reader, list *[]*T, known map[T]*T, texts func(*T) []*string) *T {
	n := r.uint()
	if n > uint64(len(*list)) {
		r.fail()
	}
	if n > 0 && r.err == nil {
		return (*list)[n-1]
	}
	var v T
	for _, s := range texts(&v) {
		*s = r.text()
	}
	p := share(known, v)
	*list = append(*list, p)
	return p
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
