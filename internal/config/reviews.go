package config

import (
	"net"
	"net/url"
	"strings"

	"latchkey/review"
)

// ReviewKeys is whose review decisions a worker believes.
type ReviewKeys struct {
	// VerifyKeys are public keys of bridges, as a bridge logs its own: no secrets. Two at once while one is replaced.
	VerifyKeys []string `envconfig:"LATCHKEY_REVIEW_VERIFY_KEYS"`
	URL        string   `envconfig:"LATCHKEY_REVIEW_URL"` // the bridge as reviewers reach it; tickets name no link without it
}

func (r ReviewKeys) check(found *problems) {
	if _, err := r.Verifier(); err != nil {
		found.add("LATCHKEY_REVIEW_VERIFY_KEYS", "%v", err)
	}
	checkReviewURL(r.URL, found)
}

// Verifier knows the keys. Without one no decision counts.
func (r ReviewKeys) Verifier() (*review.Verifier, error) { return review.NewVerifier(r.VerifyKeys...) }

// ReviewLinks is what is needed to make a link to the review page.
type ReviewLinks struct {
	URL         string  `envconfig:"LATCHKEY_REVIEW_URL"`          // the bridge as reviewers reach it: https://latchkey.acme.com
	LinkSecrets Secrets `envconfig:"LATCHKEY_REVIEW_LINK_SECRETS"` // what signs links: the same at the bridge; the first signs, all open
}

func (r ReviewLinks) check(found *problems) {
	checkReviewURL(r.URL, found)
	for i, s := range r.LinkSecrets {
		if len(s.value) < review.LinkLeast {
			found.add("LATCHKEY_REVIEW_LINK_SECRETS", "secret %d has %d characters: at least %d are needed, such as the output of `openssl rand -hex 32`", i+1, len(s.value), review.LinkLeast)
		}
	}
}

// checkReviewURL looks at the address by which reviewers reach the bridge; empty is fine.
func checkReviewURL(text string, found *problems) {
	if text == "" {
		return
	}
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		found.add("LATCHKEY_REVIEW_URL", "is no address such as https://latchkey.acme.com, without a path")
	case u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())):
		found.add("LATCHKEY_REVIEW_URL", "has to begin with https://: sessions travel with every call (http:// is for this machine only)")
	}
}

// Links signs and opens links.
func (r ReviewLinks) Links() (*review.Links, error) {
	return review.NewLinks(r.LinkSecrets.Reveal()...)
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Reviews is how the bridge serves the review pages. Without a signing key it serves none.
type Reviews struct {
	// SigningKey is the private key with which this bridge signs batches of decisions; several bridges share one.
	SigningKey Secret `envconfig:"LATCHKEY_REVIEW_SIGNING_KEY"` // the output of `openssl rand -base64 32`
	// The web application in Okta through which reviewers sign in. Without it there are only links.
	Issuer       string `envconfig:"LATCHKEY_OIDC_ISSUER"` // https://acme.okta.com
	ClientID     string `envconfig:"LATCHKEY_OIDC_CLIENT_ID"`
	ClientSecret Secret `envconfig:"LATCHKEY_OIDC_CLIENT_SECRET"`
}

// On says whether pages are served.
func (r Reviews) On() bool { return r.SigningKey.Set() }

// SignIn says whether reviewers can sign in through Okta.
func (r Reviews) SignIn() bool { return r.Issuer != "" }

func (r Reviews) check(found *problems) {
	if r.SigningKey.Set() {
		if _, err := review.NewSigner(r.SigningKey.value); err != nil {
			found.add("LATCHKEY_REVIEW_SIGNING_KEY", "%v", err)
		}
	}
	if set := []bool{r.Issuer != "", r.ClientID != "", r.ClientSecret.Set()}; set[0] != set[1] || set[1] != set[2] {
		found.add("LATCHKEY_OIDC_ISSUER", "and LATCHKEY_OIDC_CLIENT_ID and LATCHKEY_OIDC_CLIENT_SECRET go together: set all three, or none for links only")
	}
	if u, err := url.Parse(r.Issuer); r.Issuer != "" && (err != nil || u.Host == "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname()))) {
		found.add("LATCHKEY_OIDC_ISSUER", "is no address such as https://acme.okta.com (http:// is for this machine only)")
	}
}

// checkReviews looks at what the parts of a bridge's settings say together.
func (b Bridge) checkReviews(found *problems) {
	b.Reviews.check(found)
	b.Links.check(found)
	switch {
	case b.Reviews.On() && b.Links.URL == "":
		found.add("LATCHKEY_REVIEW_URL", "is not set: the bridge's address as reviewers reach it, such as https://latchkey.acme.com")
	case b.Reviews.On() && !b.Reviews.SignIn() && len(b.Links.LinkSecrets) == 0:
		found.add("LATCHKEY_OIDC_ISSUER", "is not set, and LATCHKEY_REVIEW_LINK_SECRETS neither: nobody could reach the review pages")
	case !b.Reviews.On() && b.Reviews.SignIn():
		found.add("LATCHKEY_REVIEW_SIGNING_KEY", "is not set: the key with which decisions are signed, such as the output of `openssl rand -base64 32`")
	}
}

// LoadReviewLinks reads what is needed to make a link.
func LoadReviewLinks() (ReviewLinks, error) { return load[ReviewLinks]() }
