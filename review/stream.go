package review

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
)

// ErrPacket is returned for what is no packet.
var ErrPacket = errors.New("not a packet")

// Items walks the items of a packet as it is read, without holding it whole: a packet may have a hundred thousand. A
// packet that ends early is an error, never a short list.
func Items(packet io.Reader) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		d := json.NewDecoder(packet)
		if err := toItems(d); err != nil {
			yield(Item{}, err)
			return
		}
		for d.More() {
			var i Item
			err := d.Decode(&i)
			if err != nil {
				err = fmt.Errorf("%w: %w", ErrPacket, err)
			}
			if !yield(i, err) || err != nil {
				return
			}
		}
		for _, want := range []json.Delim{']', '}'} {
			if t, err := d.Token(); err != nil || t != want {
				yield(Item{}, fmt.Errorf("%w: it ends early", ErrPacket))
				return
			}
		}
	}
}

// toItems goes to the first item.
func toItems(d *json.Decoder) error {
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return ErrPacket
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPacket, err)
		}
		if key == "items" {
			if t, err := d.Token(); err != nil || t != json.Delim('[') {
				return fmt.Errorf("%w: its items are no list", ErrPacket)
			}
			return nil
		}
		var skipped json.RawMessage
		if err := d.Decode(&skipped); err != nil {
			return fmt.Errorf("%w: %w", ErrPacket, err)
		}
	}
	return fmt.Errorf("%w: it has no items", ErrPacket)
}
