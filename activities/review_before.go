package activities

import (
	"context"
	"fmt"
	"iter"

	"latchkey/review"
)

// heldBefore is the list of what was under review in the campaign before, walked beside this one's: both are in the same
// order.
type heldBefore struct {
	there bool // there was a campaign before
	next  func() ([]byte, error, bool)
	stop  func()
	at    string
	more  bool
}

// before opens the list of the campaign before.
func (a *assigning) before(ctx context.Context) (*heldBefore, error) {
	h := &heldBefore{stop: func() {}}
	if a.in.Previous == "" {
		return h, nil
	}
	key := review.HeldKey(a.in.Previous)
	there, err := a.okta.Blobs.Exists(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("look for %s: %w", key, err)
	}
	if !there {
		a.index.Partial = append(a.index.Partial, "what is new could not be marked: the files of the campaign "+a.in.Previous+" are gone")
		return h, nil
	}
	h.there = true
	h.next, h.stop = iter.Pull2(readLines(ctx, a.okta.Blobs, key))
	return h, h.advance()
}

func (h *heldBefore) advance() error {
	line, err, more := h.next()
	if err != nil {
		return err
	}
	h.at, h.more = string(line), more
	return nil
}

// has says whether a grant was under review before. It is asked in order.
func (h *heldBefore) has(key string) (bool, error) {
	if !h.there {
		return false, nil
	}
	for h.more && h.at < key {
		if err := h.advance(); err != nil {
			return false, err
		}
	}
	return h.more && h.at == key, nil
}
