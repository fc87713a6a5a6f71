package reviews

import (
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"gocloud.dev/blob"

	"latchkey/review"
)

const (
	// askWithin bounds a question to Temporal, decideWithin a batch with its verification.
	askWithin    = 5 * time.Second
	decideWithin = 12 * time.Second
	// maxForm bounds a form's body: a page of answers with their reasons, or a bulk of thousands of items.
	maxForm = 512 << 10
)

// Options is everything the pages need. All fields are required except OIDC (then there are only links), Log and Now.
type Options struct {
	Engine Engine
	Blobs  *blob.Bucket
	Signer *review.Signer
	Links  *review.Links // may know no secret: then no link opens
	// URL is the bridge as reviewers reach it, such as https://latchkey.acme.com. Over https cookies are Secure.
	URL  string
	OIDC *OIDC
	Log  *slog.Logger // nil discards
	Now  func() time.Time
}

// Pages serves /review/. It is safe for concurrent use.
type Pages struct {
	engine    Engine
	blobs     *blob.Bucket
	signer    *review.Signer
	links     *review.Links
	signIn    *signIn // nil: only links
	cookies   *sealer
	formKey   []byte
	https     bool
	origin    string
	crossing  *http.CrossOriginProtection
	packets   packets
	templates *template.Template
	assets    assets
	log       *slog.Logger
	clock     func() time.Time
}

// New checks the options and makes the pages.
func New(o Options) (*Pages, error) {
	if o.Engine == nil || o.Blobs == nil || o.Signer == nil || o.Links == nil {
		return nil, errors.New("reviews: an Engine, a blob store, a Signer and Links are needed")
	}
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, errors.New("reviews: LATCHKEY_REVIEW_URL is no address such as https://latchkey.acme.com")
	}
	p := &Pages{
		engine: o.Engine, blobs: o.Blobs, signer: o.Signer, links: o.Links, https: u.Scheme == "https",
		origin: u.Scheme + "://" + u.Host, formKey: o.Signer.Derive("review forms"), log: o.Log, clock: o.Now,
		crossing: http.NewCrossOriginProtection(),
	}
	if p.log == nil {
		p.log = slog.New(slog.DiscardHandler)
	}
	if p.clock == nil {
		p.clock = time.Now
	}
	if err := p.crossing.AddTrustedOrigin(p.origin); err != nil {
		return nil, fmt.Errorf("reviews: %w", err)
	}
	if p.cookies, err = newSealer(o.Signer.Derive("review cookies")); err != nil {
		return nil, err
	}
	if p.assets, err = loadAssets(); err != nil {
		return nil, err
	}
	if p.templates, err = parseTemplates(p.assets); err != nil {
		return nil, err
	}
	if o.OIDC != nil {
		p.signIn = newSignIn(*o.OIDC, p.origin+prefix+"-/callback")
	}
	return p, nil
}

// prefix is under which everything is served. What is no campaign is under prefix + "-/": no campaign begins so.
const prefix = "/review/"

func (p *Pages) now() time.Time { return p.clock().UTC() }

// Handler serves every path under /review/.
func (p *Pages) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /review/-/assets/{name}", p.asset)
	mux.HandleFunc("GET /review/-/open/{token}", p.openLink)
	mux.HandleFunc("GET /review/-/sign-in", p.beginSignIn)
	mux.HandleFunc("GET /review/-/callback", p.endSignIn)
	mux.HandleFunc("POST /review/-/sign-out", p.signOut)
	mux.HandleFunc("GET /review/{campaign}", p.show)
	mux.HandleFunc("POST /review/{campaign}/decide", p.decide)
	mux.HandleFunc("GET /review/{campaign}/bulk", p.bulk)
	mux.HandleFunc("GET /review/{campaign}/progress", p.progress)
	mux.HandleFunc("/review/", p.sayNoPage)
	return p.guarded(mux)
}

// guarded puts the headers on every answer, refuses what comes from another site, and bounds bodies.
func (p *Pages) guarded(next http.Handler) http.Handler {
	policy := strings.Join([]string{
		"default-src 'none'", "style-src 'self'", "script-src 'self'", "img-src 'self'", "connect-src 'self'",
		"form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
	}, "; ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if p.https {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if err := p.crossing.Check(r); err != nil {
			p.say(w, r, http.StatusForbidden, notice{Title: "Nothing was saved", Text: "This came from another site. Open the page by the link in your ticket."})
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		next.ServeHTTP(w, r)
	})
}
