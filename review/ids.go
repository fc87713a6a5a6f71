package review

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"regexp"
)

// ErrID is returned for a text that cannot stand in a key of the blob store.
var ErrID = errors.New("not an ID: 1 to 64 letters, digits, hyphens and underscores")

var idText = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// CheckID returns ErrID for a text that is no ID of a reviewer, a batch or a link.
func CheckID(id string) error {
	if !idText.MatchString(id) {
		return ErrID
	}
	return nil
}

// NewID is a random ID of 32 hex digits, for a batch or a link.
func NewID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails (crypto/rand)
	return hex.EncodeToString(raw[:])
}
