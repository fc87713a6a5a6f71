package detection

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"
)

// memory holds the uuids of the past in the order of arrival: the latest few thousand, those of a span of event time
// beyond them, and never more than a number. So what it takes follows how much a log holds, within bounds.
type memory struct {
	ids     [][16]byte // from head on, the oldest first
	head    int
	set     map[[16]byte]struct{}
	minutes []minute // when they came, the oldest first
}

// minute says how many came while the clock stood in a minute.
type minute struct {
	at int64
	n  int
}

func newMemory() memory { return memory{set: map[[16]byte]struct{}{}} }

// add remembers a uuid that came at a moment of the clock. It says whether it was known, and whether one was forgotten
// that is younger than since, because there are too many.
func (m *memory) add(uuid string, most int, clock, since int64) (known, forgot bool) {
	id := uuidBytes(uuid)
	if _, known = m.set[id]; known {
		return true, false
	}
	for len(m.minutes) > 0 && m.minutes[0].at+minuteLong <= since && len(m.set)-m.minutes[0].n >= rememberedLeast {
		m.forget(m.minutes[0].n)
	}
	for len(m.set) >= most {
		m.forget(1)
		forgot = true
	}
	at := clock - clock%minuteLong
	if n := len(m.minutes); n > 0 && m.minutes[n-1].at == at {
		m.minutes[n-1].n++
	} else {
		m.minutes = append(m.minutes, minute{at: at, n: 1})
	}
	m.set[id] = struct{}{}
	m.ids = append(m.ids, id)
	return false, forgot
}

// rememberedLeast is how many are remembered whatever their age, unless the bound is lower: some of the largest pages.
const rememberedLeast = 8_000

const minuteLong = int64(time.Minute / time.Millisecond)

// forget lets go of the oldest, no more than came in their minute.
func (m *memory) forget(n int) {
	for _, id := range m.ids[m.head : m.head+n] {
		delete(m.set, id)
	}
	m.head += n
	if m.minutes[0].n -= n; m.minutes[0].n == 0 {
		m.minutes = m.minutes[1:]
	}
	if m.head >= 1024 && m.head*2 >= len(m.ids) { // the room in front is used again
		m.ids = append(m.ids[:0], m.ids[m.head:]...)
		m.head = 0
	}
}

// ordered lists the uuids, the oldest first.
func (m *memory) ordered() [][16]byte { return m.ids[m.head:] }

func uuidBytes(uuid string) (id [16]byte) {
	if digits := strings.ReplaceAll(uuid, "-", ""); len(digits) == hex.EncodedLen(len(id)) {
		if _, err := hex.Decode(id[:], []byte(digits)); err == nil {
			return id
		}
	}
	sum := sha256.Sum256([]byte(uuid))
	copy(id[:], sum[:])
	return id
}
