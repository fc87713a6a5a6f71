package review

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// batchPurpose begins what is signed, so that a signature over something else is never one over a batch.
const batchPurpose = "latchkey review batch v1\n"

// ErrSignature is returned for a batch that none of the known keys has signed as it is.
var ErrSignature = errors.New("no known key has signed this batch as it is")

// Signer signs batches with the bridge's private key. It is safe for concurrent use, and prints as its public half.
type Signer struct{ key ed25519.PrivateKey }

// NewSigner reads a private key: 32 random bytes in base64, as `openssl rand -base64 32` prints them. Its errors hold
// nothing of the text.
func NewSigner(text string) (*Signer, error) {
	seed, err := decodeKey(text)
	if err != nil {
		return nil, fmt.Errorf("review: a signing key %w; make one with `openssl rand -base64 32`", err)
	}
	return &Signer{key: ed25519.NewKeyFromSeed(seed)}, nil
}

// Public is the public half in base64, as NewVerifier reads it: no secret.
func (s *Signer) Public() string {
	public, _ := s.key.Public().(ed25519.PublicKey) // it always is one
	return base64.StdEncoding.EncodeToString(public)
}

// String is the public half, whatever formats a Signer.
func (s *Signer) String() string { return "signer of " + s.Public() }

// GoString implements fmt.GoStringer.
func (s *Signer) GoString() string { return s.String() }

// Derive makes a secret of 32 bytes for another purpose: it tells nothing about the key, and cannot sign.
func (s *Signer) Derive(purpose string) []byte {
	sum := sha256.Sum256(append([]byte("latchkey derive "+purpose+"\n"), s.key.Seed()...))
	return sum[:]
}

// Sign gives the batch a signature over everything else in it. The batch comes back as it will be read from a file:
// bytes that are no text are replaced.
func (s *Signer) Sign(b Batch) (Batch, error) {
	raw, err := json.Marshal(b)
	if err != nil {
		return Batch{}, fmt.Errorf("review: a batch cannot be written as JSON: %w", err)
	}
	b = Batch{}
	if err := json.Unmarshal(raw, &b); err != nil {
		return Batch{}, fmt.Errorf("review: a batch cannot be read as JSON: %w", err)
	}
	text, err := canonical(b)
	if err != nil {
		return Batch{}, err
	}
	b.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(s.key, text))
	return b, nil
}

// Verifier knows the public keys whose signatures count: several at once, so that a key can be replaced. The zero value
// knows none and accepts nothing.
type Verifier struct{ keys []ed25519.PublicKey }

// NewVerifier reads public keys in base64, as Signer.Public prints them.
func NewVerifier(texts ...string) (*Verifier, error) {
	v := &Verifier{}
	for i, text := range texts {
		key, err := decodeKey(text)
		if err != nil {
			return nil, fmt.Errorf("review: public key %d %w; the bridge logs its own at the start", i+1, err)
		}
		v.keys = append(v.keys, key)
	}
	return v, nil
}

// Empty says that no key is known.
func (v *Verifier) Empty() bool { return v == nil || len(v.keys) == 0 }

// Verify returns ErrSignature unless one of the keys has signed everything in the batch.
func (v *Verifier) Verify(b Batch) error {
	if v.Empty() {
		return ErrSignature
	}
	signature, err := base64.StdEncoding.DecodeString(b.Signature)
	if err != nil {
		return ErrSignature
	}
	text, err := canonical(b)
	if err != nil {
		return err
	}
	for _, key := range v.keys {
		if ed25519.Verify(key, text, signature) {
			return nil
		}
	}
	return ErrSignature
}

// canonical is what is signed: the batch without its signature as JSON. Fields come in the order of the struct and times
// in UTC, so who has decoded a batch gets the same bytes as who made it; a file with further fields does not decode.
func canonical(b Batch) ([]byte, error) {
	b.Signature = ""
	b.At = b.At.UTC()
	list := make([]Decision, len(b.Decisions))
	for i, d := range b.Decisions {
		d.At = d.At.UTC()
		list[i] = d
	}
	b.Decisions = list
	raw, err := json.Marshal(b)
	if err != nil {
		return nil, fmt.Errorf("review: a batch cannot be written as JSON: %w", err)
	}
	return append([]byte(batchPurpose), raw...), nil
}

func decodeKey(text string) ([]byte, error) {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return nil, errors.New("is not base64")
	}
	if len(raw) != ed25519.SeedSize { // a public key has the same length
		return nil, fmt.Errorf("has %d bytes: it takes %d", len(raw), ed25519.SeedSize)
	}
	return raw, nil
}

// digestOf names a content.
func digestOf(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
