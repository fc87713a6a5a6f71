package reviews

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// errSeal is returned for a cookie that is not ours, was altered, or is over.
var errSeal = errors.New("not a cookie of ours")

// sealer encrypts and authenticates what cookies carry, each for one purpose and until a time.
type sealer struct{ aead cipher.AEAD }

func newSealer(key []byte) (*sealer, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("reviews: a key for cookies: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("reviews: a key for cookies: %w", err)
	}
	return &sealer{aead: aead}, nil
}

// sealed is what a cookie holds.
type sealed struct {
	Until time.Time       `json:"until"`
	Value json.RawMessage `json:"value"`
}

func (s *sealer) seal(purpose string, value any, until time.Time) (string, error) {
	raw, err := json.Marshal(value)
	if err != nil {
		return "", fmt.Errorf("reviews: sealing a cookie: %w", err)
	}
	plain, err := json.Marshal(sealed{Until: until, Value: raw})
	if err != nil {
		return "", fmt.Errorf("reviews: sealing a cookie: %w", err)
	}
	nonce := make([]byte, s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(s.aead.Seal(nonce, nonce, plain, []byte(purpose))), nil
}

func (s *sealer) open(purpose, text string, now time.Time, into any) error {
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return errSeal
	}
	n := s.aead.NonceSize()
	plain, err := s.aead.Open(nil, raw[:n], raw[n:], []byte(purpose))
	if err != nil {
		return errSeal
	}
	var v sealed
	if err := json.Unmarshal(plain, &v); err != nil || !now.Before(v.Until) {
		return errSeal
	}
	if err := json.Unmarshal(v.Value, into); err != nil {
		return errSeal
	}
	return nil
}

// setCookie sets a sealed cookie. A name with "__Host-" keeps other hosts of the domain from setting it.
func (p *Pages) setCookie(w http.ResponseWriter, name string, value any, life time.Duration) error {
	until := p.now().Add(life)
	text, err := p.cookies.seal(name, value, until)
	if err != nil {
		return err
	}
	http.SetCookie(w, p.cookie(name, text, int(life.Seconds())))
	return nil
}

func (p *Pages) readCookie(r *http.Request, name string, into any) error {
	c, err := r.Cookie(p.cookieName(name))
	if err != nil {
		return errSeal
	}
	return p.cookies.open(name, c.Value, p.now(), into)
}

func (p *Pages) dropCookie(w http.ResponseWriter, name string) {
	http.SetCookie(w, p.cookie(name, "", -1))
}

func (p *Pages) cookie(name, value string, maxAge int) *http.Cookie {
	return &http.Cookie{ //nolint:gosec // Secure follows the address: plain http is for this machine only
		Name: p.cookieName(name), Value: value, Path: "/", MaxAge: maxAge, HttpOnly: true, Secure: p.https, SameSite: http.SameSiteLaxMode,
	}
}

func (p *Pages) cookieName(name string) string {
	if p.https {
		return "__Host-latchkey-" + name
	}
	return "latchkey-" + name
}
