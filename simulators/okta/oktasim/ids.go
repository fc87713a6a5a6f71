package oktasim

import (
	"crypto/rand"
	"encoding/hex"
)

// Id prefixes of the vendor (§0).
const (
	prefixUser       = "00u"
	prefixGroup      = "00g"
	prefixApp        = "0oa"
	prefixRule       = "0pr"
	prefixHook       = "who"
	prefixType       = "oty"
	prefixSchema     = "osc"
	prefixOrg        = "00o"
	prefixToken      = "00T"
	prefixRole       = "ra1"
	prefixSession    = "102"
	prefixMapping    = "gPm"
	prefixPrincipal  = "prl"
	prefixAssignment = "0ua"
)

// idAlphabet is in ASCII order, so ids made later sort later, as the vendor's cursors assume.
const idAlphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// idStart keeps the counter part of an id ten digits wide and away from zero.
const idStart = 62 * 62 * 62 * 62 * 62 * 62 * 62 * 62 * 11

// orgSuffix ends every id of one org, as recorded ids do.
const orgSuffix = "Lk9sim5"

// newID returns the next 20-character id with the given prefix. Ids are the same in every run with the same seed.
func (st *state) newID(prefix string) string {
	st.nextID++
	n := uint64(idStart) + st.nextID
	var digits [10]byte
	for i := len(digits) - 1; i >= 0; i-- {
		digits[i] = idAlphabet[n%62]
		n /= 62
	}
	return prefix + string(digits[:]) + orgSuffix
}

// isID says whether text has the form of an id with this prefix; it need not exist.
func isID(text, prefix string) bool {
	return len(text) == 20 && text[:len(prefix)] == prefix
}

// requestID returns 16 random bytes in hexadecimal, the form of X-Okta-Request-Id. crypto/rand.Read never fails (Go 1.24).
func requestID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// randomText returns n random letters and digits.
func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	for i := range b {
		b[i] = idAlphabet[int(b[i])%len(idAlphabet)]
	}
	return string(b)
}

// newUUID returns a random version 4 UUID, the form of System Log event ids.
func newUUID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
