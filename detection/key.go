package detection

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// Storm is the rule of the incident that carries on the list when too many open at once.
const Storm = "storm"

// KeyPart is one field of a key.
type KeyPart struct{ Name, Value string }

// Key says which incident something belongs to.
type Key struct {
	Rule  string
	Parts []KeyPart
	Hash  string // 32 hex digits over rule, context and parts; it holds no name and no address
}

// String is "rule/hash", the end of the incident's workflow ID.
func (k Key) String() string { return k.Rule + "/" + k.Hash }

// Value is the value of a part of a key.
func (k Key) Value(name string) (string, bool) {
	for _, p := range k.Parts {
		if p.Name == name {
			return p.Value, true
		}
	}
	return "", false
}

// newKey makes a key. Every text is written with its length before it, so that no two keys look alike.
func newKey(context, rule string, parts []KeyPart) Key {
	var b []byte
	write := func(s string) {
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	write(context)
	write(rule)
	for _, p := range parts {
		write(p.Name)
		write(p.Value)
	}
	sum := sha256.Sum256(b)
	return Key{Rule: rule, Parts: parts, Hash: hex.EncodeToString(sum[:16])}
}

// plainKey is what a rule's state is kept under: the values of its key, each with its length before it where there are
// several. A key by the fallback begins with a zero byte.
func plainKey(values []string, fallback bool) string {
	if len(values) == 1 && !fallback {
		return values[0]
	}
	var b []byte
	if fallback {
		b = append(b, 0)
	}
	for _, v := range values {
		b = binary.AppendVarint(b, int64(len(v)))
		b = append(b, v...)
	}
	return string(b)
}

// parts takes a plain key apart.
func (r *compiled) parts(plain string) []KeyPart {
	names := r.Key
	rest, fallback := strings.CutPrefix(plain, "\x00")
	if fallback {
		names = r.Fallback
	} else if len(names) == 1 {
		return []KeyPart{{names[0], plain}}
	}
	parts := make([]KeyPart, 0, len(names))
	for _, name := range names {
		n, size := binary.Varint([]byte(rest))
		if size <= 0 || n < 0 || n > int64(len(rest)-size) {
			break // a state of other keys: prepare begins those anew
		}
		parts = append(parts, KeyPart{name, rest[size : size+int(n)]})
		rest = rest[size+int(n):]
	}
	return parts
}

// values reads fields of an event; false when one is absent.
func values(get []getter, e *Event) ([]string, bool) {
	list := make([]string, len(get))
	for i, g := range get {
		v, there := g(e)
		if !there {
			return nil, false
		}
		list[i] = v
	}
	return list, true
}
