package bridge

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"net/http"
	"strings"
)

// secrets are digests of what may be presented. Comparing digests of one length tells nothing about the length of a
// secret, and every one is compared whatever the others said.
type secrets [][sha256.Size]byte

func newSecrets(list []string) (secrets, error) {
	digests := make(secrets, 0, len(list))
	for _, s := range list {
		if strings.TrimSpace(s) == "" {
			return nil, errors.New("bridge: a webhook secret is empty; remove it from the list")
		}
		digests = append(digests, sha256.Sum256([]byte(s)))
	}
	return digests, nil
}

// match says whether any of the presented values is one of the secrets, in time that depends on neither.
func (s secrets) match(presented ...string) bool {
	found := 0
	for _, p := range presented {
		digest := sha256.Sum256([]byte(p))
		for i := range s {
			found |= subtle.ConstantTimeCompare(digest[:], s[i][:])
		}
	}
	return found == 1
}

// presented is what a Freshservice call shows: X-Latchkey-Secret, or a bearer in Authorization.
func presented(h http.Header) []string {
	var all []string
	if s := h.Get("X-Latchkey-Secret"); s != "" {
		all = append(all, s)
	}
	if s, ok := bearer(h.Get("Authorization")); ok {
		all = append(all, s)
	}
	return all
}

// presentedByOkta is the whole value of Authorization, which is what Okta sends of an event hook's authentication
// field (okta-api.md §8), or the bearer within it.
func presentedByOkta(h http.Header) []string {
	value := h.Get("Authorization")
	if value == "" {
		return nil
	}
	if s, ok := bearer(value); ok {
		return []string{value, s}
	}
	return []string{value}
}

func bearer(authorization string) (string, bool) {
	const scheme = "bearer "
	if len(authorization) <= len(scheme) || !strings.EqualFold(authorization[:len(scheme)], scheme) {
		return "", false
	}
	return strings.TrimSpace(authorization[len(scheme):]), true
}
