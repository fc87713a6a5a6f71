package oktasim

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// publicKey is one registered key of a client.
type publicKey struct {
	id  string
	rsa *rsa.PublicKey
	ec  *ecdsa.PublicKey
}

type jwk struct {
	Kty string `json:"kty"`
	Kid string `json:"kid"`
	N   string `json:"n"`
	E   string `json:"e"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Y   string `json:"y"`
}

func parseKeys(raw json.RawMessage) ([]publicKey, error) {
	var set struct {
		Keys []jwk `json:"keys"`
		jwk
	}
	if err := json.Unmarshal(raw, &set); err != nil {
		return nil, fmt.Errorf("jwks is not a JWK or JWK Set: %w", err)
	}
	if len(set.Keys) == 0 && set.Kty != "" {
		set.Keys = []jwk{set.jwk}
	}
	if len(set.Keys) == 0 {
		return nil, errors.New("jwks holds no key")
	}
	keys := make([]publicKey, 0, len(set.Keys))
	for _, k := range set.Keys {
		key, err := k.public()
		if err != nil {
			return nil, fmt.Errorf("key %q: %w", k.Kid, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

func (k jwk) public() (publicKey, error) {
	switch {
	case k.Kty == "RSA":
		n, err1 := base64.RawURLEncoding.DecodeString(k.N)
		e, err2 := base64.RawURLEncoding.DecodeString(k.E)
		if err := errors.Join(err1, err2); err != nil {
			return publicKey{}, fmt.Errorf("n and e must be base64url: %w", err)
		}
		exponent := new(big.Int).SetBytes(e)
		if len(n) < 128 || !exponent.IsInt64() || exponent.Int64() < 3 || exponent.Int64() > 1<<31-1 {
			return publicKey{}, errors.New("want an RSA modulus of 1024 bits or more and an exponent of at least 3")
		}
		return publicKey{id: k.Kid, rsa: &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exponent.Int64())}}, nil
	case k.Kty == "EC" && k.Crv == "P-256":
		x, err1 := base64.RawURLEncoding.DecodeString(k.X)
		y, err2 := base64.RawURLEncoding.DecodeString(k.Y)
		if err := errors.Join(err1, err2); err != nil {
			return publicKey{}, fmt.Errorf("x and y must be base64url: %w", err)
		}
		if len(x) != 32 || len(y) != 32 {
			return publicKey{}, errors.New("x and y must have 32 bytes")
		}
		key, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		if err != nil {
			return publicKey{}, fmt.Errorf("not a point on P-256: %w", err)
		}
		return publicKey{id: k.Kid, ec: key}, nil
	}
	return publicKey{}, fmt.Errorf("kty %q crv %q: want RSA or EC P-256", k.Kty, k.Crv)
}

// audience is the aud claim, a string or a list.
type audience []string

// UnmarshalJSON accepts both forms of RFC 7519.
func (a *audience) UnmarshalJSON(b []byte) error {
	var one string
	if json.Unmarshal(b, &one) == nil {
		*a = audience{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(b, &many); err != nil {
		return err
	}
	*a = many
	return nil
}

type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Expires  float64  `json:"exp"`
	ID       string   `json:"jti"`
}

// verifyAssertion checks a client's JWT as §1.2 says: iss = sub = client id, aud = the token endpoint, exp at most an hour
// ahead, a jti used once, signed with RS256 or ES256 by a registered key. Callers hold the lock.
func (s *Server) verifyAssertion(jwt, endpoint string, now time.Time) (*oauthClient, error) {
	parts := strings.Split(jwt, ".")
	if len(parts) != 3 {
		return nil, errors.New("The client_assertion token is not a valid JWT.") //nolint:staticcheck,revive // the vendor's sentence
	}
	var head struct {
		Alg string `json:"alg"`
		Kid string `json:"kid"`
	}
	var body claims
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if errors.Join(err, decodePart(parts[0], &head), decodePart(parts[1], &body)) != nil {
		return nil, errors.New("The client_assertion token is not a valid JWT.") //nolint:staticcheck,revive // the vendor's sentence
	}
	client, found := s.st.clients[body.Issuer]
	if !found || body.Issuer != body.Subject {
		return nil, errors.New("The client_assertion token has an invalid subject (sub) or issuer (iss).") //nolint:staticcheck,revive // the vendor's sentence
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	signed := slices.ContainsFunc(client.keys, func(k publicKey) bool {
		return (head.Kid == "" || k.id == "" || k.id == head.Kid) && k.verify(head.Alg, digest, signature)
	})
	expires := time.Unix(int64(body.Expires), 0)
	switch {
	case !signed:
		return nil, errors.New("The client_assertion signature is invalid.") //nolint:staticcheck,revive // the vendor's sentence
	case !slices.Contains(body.Audience, endpoint):
		return nil, errors.New("The audience claim for client_assertion must be the endpoint invoked for the request.") //nolint:staticcheck,revive // the vendor's sentence
	case now.After(expires):
		return nil, errors.New("The client_assertion token is expired.") //nolint:staticcheck,revive // the vendor's sentence
	case expires.Sub(now) > assertionMaxAge:
		return nil, errors.New("The client_assertion token expires too far in the future.") //nolint:staticcheck,revive // the vendor's sentence
	case body.ID != "" && s.st.jtis[client.id+" "+body.ID]:
		return nil, errors.New("The client_assertion token has already been used.") //nolint:staticcheck,revive // the vendor's sentence
	}
	if body.ID != "" {
		s.st.jtis[client.id+" "+body.ID] = true
	}
	return client, nil
}

func decodePart(part string, v any) error {
	b, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

func (k publicKey) verify(alg string, digest [sha256.Size]byte, signature []byte) bool {
	switch {
	case alg == "RS256" && k.rsa != nil:
		return rsa.VerifyPKCS1v15(k.rsa, crypto.SHA256, digest[:], signature) == nil
	case alg == "ES256" && k.ec != nil && len(signature) == 64:
		return ecdsa.Verify(k.ec, digest[:], new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:]))
	}
	return false
}
