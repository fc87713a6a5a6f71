package review

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Link lets one reviewer into one campaign until it expires. It opens nothing unless the reviewer's workflow lists it:
// so it can be revoked, and nobody makes one without a trace.
type Link struct {
	Campaign string    `json:"c"`
	Reviewer string    `json:"r"`
	ID       string    `json:"l"`
	Expires  time.Time `json:"e"`
}

// LinkLeast is the shortest secret that signs links, in bytes.
const LinkLeast = 32

// linkMost bounds a link's text; a real one has about 300 characters.
const linkMost = 1024

// The ways in which a link does not open.
var (
	ErrLink        = errors.New("this link is not one of ours, or it was altered or cut")
	ErrLinkExpired = errors.New("this link has expired")
)

// Links signs and opens links. Who operates Latchkey makes them with the same secret with which the bridge opens them;
// it signs nothing but links. Several secrets at once let one be replaced: the first signs, all open.
type Links struct{ secrets [][]byte }

// NewLinks takes the secrets, of at least LinkLeast bytes each. No secret is no error: such Links open nothing.
func NewLinks(secrets ...string) (*Links, error) {
	l := &Links{}
	for i, s := range secrets {
		if len(s) < LinkLeast {
			return nil, fmt.Errorf("review: link secret %d has %d characters: at least %d are needed", i+1, len(s), LinkLeast)
		}
		l.secrets = append(l.secrets, []byte(s))
	}
	return l, nil
}

// Empty says that there is no secret: no link can be made or opened.
func (l *Links) Empty() bool { return l == nil || len(l.secrets) == 0 }

// String hides the secrets, whatever formats Links.
func (l *Links) String() string { return "link secrets" }

// GoString implements fmt.GoStringer.
func (l *Links) GoString() string { return l.String() }

// Sign makes a link's text, which is a secret: whoever has it is taken for the reviewer.
func (l *Links) Sign(link Link) (string, error) {
	if l.Empty() {
		return "", errors.New("review: there is no secret to sign links with: set LATCHKEY_REVIEW_LINK_SECRETS")
	}
	if err := errors.Join(CheckCampaign(link.Campaign), CheckID(link.Reviewer), CheckID(link.ID)); err != nil {
		return "", err
	}
	link.Expires = link.Expires.UTC().Truncate(time.Second)
	raw, err := json.Marshal(link)
	if err != nil {
		return "", fmt.Errorf("review: a link cannot be written as JSON: %w", err)
	}
	return base64.RawURLEncoding.EncodeToString(raw) + "." + base64.RawURLEncoding.EncodeToString(seal(l.secrets[0], raw)), nil
}

// Open reads a link's text at a moment. It returns ErrLink or ErrLinkExpired; the latter with the link.
func (l *Links) Open(text string, now time.Time) (Link, error) {
	if l.Empty() || len(text) > linkMost {
		return Link{}, ErrLink
	}
	body, signature, _ := strings.Cut(text, ".")
	raw, err := base64.RawURLEncoding.Strict().DecodeString(body)
	if err != nil {
		return Link{}, ErrLink
	}
	signed, err := base64.RawURLEncoding.Strict().DecodeString(signature)
	if err != nil {
		return Link{}, ErrLink
	}
	right := false
	for _, secret := range l.secrets { // every one, whatever the others said
		right = hmac.Equal(signed, seal(secret, raw)) || right
	}
	var link Link
	if !right || json.Unmarshal(raw, &link) != nil {
		return Link{}, ErrLink
	}
	if !now.Before(link.Expires) {
		return link, ErrLinkExpired
	}
	return link, nil
}

func seal(secret, raw []byte) []byte {
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte("latchkey review link v1\n"))
	mac.Write(raw)
	return mac.Sum(nil)
}
