package reviews

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"latchkey/review"
)

const (
	sessionCookie = "session"
	sessionLife   = 4 * time.Hour // Okta lets in again without asking; a link's session ends with its link, if that is sooner
)

// session is who sits before the browser. It rides in a sealed cookie, so any bridge reads it.
type session struct {
	User string     `json:"u"` // Okta user ID
	Name string     `json:"n,omitempty"`
	Via  review.Via `json:"v"`
	// Link and Campaign are set for a link: it opens one campaign, and every call looks whether it still does.
	Link     string `json:"l,omitempty"`
	Campaign string `json:"c,omitempty"`
}

// session reads who is there; nil for nobody.
func (p *Pages) session(r *http.Request) *session {
	var s session
	if p.readCookie(r, sessionCookie, &s) != nil || s.User == "" {
		return nil
	}
	return &s
}

// begin opens a session.
func (p *Pages) begin(w http.ResponseWriter, s session, life time.Duration) error {
	return p.setCookie(w, sessionCookie, s, min(life, sessionLife))
}

// token is what a form has to carry: no other site knows it. It belongs to the person and how they came, not to the
// session, so that what was typed is not lost when somebody has to sign in again.
func (p *Pages) token(s *session) string {
	mac := hmac.New(sha256.New, p.formKey)
	fmt.Fprintf(mac, "%q %q %q", s.User, s.Via, s.Link)
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// rightToken says whether a form carries the token of its session.
func (p *Pages) rightToken(r *http.Request, s *session) bool {
	return hmac.Equal([]byte(r.PostFormValue("csrf")), []byte(p.token(s)))
}
