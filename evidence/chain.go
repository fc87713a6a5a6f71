package evidence

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Canonical is the one byte form of a JSON value: object keys sorted, no insignificant space, numbers as written, no
// HTML escaping. Two records that say the same have the same form, whatever program wrote them.
func Canonical(raw []byte) ([]byte, error) {
	value, err := decode(raw)
	if err != nil {
		return nil, err
	}
	return encode(value)
}

func decode(raw []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	var value any
	if err := d.Decode(&value); err != nil {
		return nil, fmt.Errorf("evidence: not JSON: %w", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("evidence: something follows the JSON value")
	}
	return value, nil
}

func encode(value any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, fmt.Errorf("evidence: %w", err)
	}
	return bytes.TrimRight(b.Bytes(), "\n"), nil
}

// DigestOf is the digest of a record in JSON, as lower-case hex: SHA-256 over the canonical form of everything but the
// digest itself. It works on records with fields this program does not know.
func DigestOf(raw []byte) (string, error) {
	value, err := decode(raw)
	if err != nil {
		return "", err
	}
	object, ok := value.(map[string]any)
	if !ok {
		return "", errors.New("evidence: a record is a JSON object")
	}
	delete(object, "digest")
	canonical, err := encode(object)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(canonical)
	return hex.EncodeToString(sum[:]), nil
}

// Seal puts the record behind the former one of its ticket and sets its digest. Former is the digest of that record,
// empty for the first. It returns the record and its canonical bytes, which are what is stored.
func Seal(r Record, former string) (Record, []byte, error) {
	r.Schema, r.Former, r.Digest = Schema, former, ""
	raw, err := json.Marshal(r)
	if err != nil {
		return Record{}, nil, fmt.Errorf("evidence: %w", err)
	}
	if r.Digest, err = DigestOf(raw); err != nil {
		return Record{}, nil, err
	}
	if raw, err = json.Marshal(r); err != nil {
		return Record{}, nil, fmt.Errorf("evidence: %w", err)
	}
	sealed, err := Canonical(raw)
	return r, sealed, err
}

// BrokenError says which record of a chain does not hold, and why.
type BrokenError struct {
	Place  int // of the record in the chain, from 0
	Run    int
	Reason string
}

// Error implements error.
func (e *BrokenError) Error() string {
	return fmt.Sprintf("evidence: record %d (run %d) does not hold: %s", e.Place, e.Run, e.Reason)
}

// Check verifies the records of one ticket in order, as stored: each digest, each link to the record before, and that
// runs count upwards within one ticket. It needs nothing but the bytes. The first fault is returned as *BrokenError.
// A chain cut at its end looks whole; compare the last digest with the one on the ticket.
func Check(chain [][]byte) error {
	var former Record
	for i, raw := range chain {
		var r Record
		if err := json.Unmarshal(raw, &r); err != nil {
			return &BrokenError{Place: i, Reason: "it is not a record: " + err.Error()}
		}
		broken := func(format string, args ...any) error {
			return &BrokenError{Place: i, Run: r.Run, Reason: fmt.Sprintf(format, args...)}
		}
		digest, err := DigestOf(raw)
		if err != nil {
			return broken("%v", err)
		}
		switch {
		case r.Schema != Schema:
			return broken("its schema is %q, not %q", r.Schema, Schema)
		case digest != r.Digest:
			return broken("its digest is %s but its content has %s: it was altered", r.Digest, digest)
		case i == 0 && r.Former != "":
			return broken("it follows a record that is missing")
		case i > 0 && r.Former != former.Digest:
			return broken("it follows %s, but the record before is %s: one was altered, dropped or slipped in", r.Former, former.Digest)
		case i > 0 && r.Ticket != former.Ticket:
			return broken("it is of another ticket (%s after %s)", r.TicketLabel(), former.TicketLabel())
		case i > 0 && r.Run <= former.Run:
			return broken("run %d does not follow run %d", r.Run, former.Run)
		}
		former = r
	}
	return nil
}
