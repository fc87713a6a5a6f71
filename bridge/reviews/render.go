package reviews

import (
	"bytes"
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// assets are the style and the script, under names that hold their digest: a browser may keep them for good.
type assets map[string][]byte

func loadAssets() (assets, error) {
	entries, err := assetFiles.ReadDir("assets")
	if err != nil {
		return nil, fmt.Errorf("reviews: %w", err)
	}
	all := assets{}
	for _, e := range entries {
		raw, err := assetFiles.ReadFile("assets/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("reviews: %w", err)
		}
		sum := sha256.Sum256(raw)
		base, ext, _ := strings.Cut(e.Name(), ".")
		all[base+"."+hex.EncodeToString(sum[:6])+"."+ext] = raw
	}
	return all, nil
}

// path is where an asset is served.
func (a assets) path(name string) (string, error) {
	base, ext, _ := strings.Cut(name, ".")
	for full := range a {
		if strings.HasPrefix(full, base+".") && strings.HasSuffix(full, "."+ext) {
			return prefix + "-/assets/" + full, nil
		}
	}
	return "", fmt.Errorf("reviews: no asset %s", name)
}

func (p *Pages) asset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	raw, ok := p.assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	kind := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}[path.Ext(name)]
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(raw)
}

func parseTemplates(a assets) (*template.Template, error) {
	t, err := template.New("").Funcs(template.FuncMap{
		"asset": a.path,
		"day":   func(t time.Time) string { return t.UTC().Format("2 January 2006") },
		"stamp": func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 MST") },
		"clock": func(t time.Time) string { return t.UTC().Format("15:04 MST") },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"many":  many,
		"num":   thousands,
		"pair":  func(page deskPage, one row) map[string]any { return map[string]any{"Page": page, "Row": one} },
	}).ParseFS(templateFiles, "templates/*.html")
	if err != nil {
		return nil, fmt.Errorf("reviews: %w", err)
	}
	return t, nil
}

// many is a number with its noun.
func many(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%s %ss", thousands(n), noun)
}

// thousands writes a number with its groups apart.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// render writes a page whole or not at all: half a page with status 200 would be a lie.
func (p *Pages) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	var b bytes.Buffer
	if err := p.templates.ExecuteTemplate(&b, name, data); err != nil {
		p.log.ErrorContext(r.Context(), "a page could not be made", "page", name, "error", err)
		http.Error(w, "This page could not be made. Tell your IT team.", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // a caller that hung up is nobody's error
}

// notice is a page that only says something.
type notice struct {
	Title string `json:"title"`
	Text  string `json:"text"`
	// SignIn is where to sign in, Again what to open again; empty for none.
	SignIn string `json:"-"`
	Again  string `json:"-"`
	// Frame is what every page shows.
	Frame frame `json:"-"`
}

// say answers with a notice, as JSON where the script asks.
func (p *Pages) say(w http.ResponseWriter, r *http.Request, status int, n notice) {
	if wantsJSON(r) {
		p.json(w, status, map[string]string{"error": n.Title + ". " + n.Text})
		return
	}
	n.Frame = frame{Title: n.Title}
	p.render(w, r, status, "notice.html", n)
}

func (p *Pages) json(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func wantsJSON(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }

// sayUnreadable answers a form that did not arrive as one.
func (p *Pages) sayUnreadable(w http.ResponseWriter, r *http.Request, err error) {
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		p.say(w, r, http.StatusRequestEntityTooLarge, notice{Title: "Nothing was saved", Text: "The form is too large. Shorten the reasons, or save fewer answers at once."})
		return
	}
	p.say(w, r, http.StatusBadRequest, notice{Title: "Nothing was saved", Text: "The form did not arrive whole. Go back and send it again."})
}

// askWho asks a visitor to sign in, or says how to get a link.
func (p *Pages) askWho(w http.ResponseWriter, r *http.Request) {
	n := notice{
		Title: "Open your review by its link",
		Text:  "This page needs a personal link. Ask your IT team for one: they make it with “starter review link” and hand it to you outside the ticket.",
	}
	if p.signIn != nil {
		n.Title, n.Text = "Sign in to review access", "Your name decides what you are asked. Whoever reads the ticket cannot answer for you."
		to := r.URL.RequestURI()
		if r.Method != http.MethodGet || ourPath(to) == "" {
			to = prefix + r.PathValue("campaign")
		}
		n.SignIn = prefix + "-/sign-in?" + "to=" + template.URLQueryEscaper(to)
	}
	if r.Method != http.MethodGet {
		n.Text += " Nothing was saved: when you are back in, use your browser's Back button and send the form again; what you typed is still in it."
	}
	p.say(w, r, http.StatusUnauthorized, n)
}

func (p *Pages) sayNoPage(w http.ResponseWriter, r *http.Request) {
	p.say(w, r, http.StatusNotFound, notice{Title: "There is no such page", Text: "The address is not one of ours. Use the link in your ticket."})
}

func (p *Pages) sayNothingHere(w http.ResponseWriter, r *http.Request) {
	p.say(w, r, http.StatusNotFound, notice{
		Title: "Nothing to review for you here",
		Text:  "This campaign asks you nothing, or it has not begun. If you expected something, look whether you signed in with the right account.",
	})
}

func (p *Pages) sayForeign(w http.ResponseWriter, r *http.Request) {
	p.say(w, r, http.StatusForbidden, notice{Title: "Nothing was saved", Text: "The form belongs to another session: perhaps you signed in again in between. Open the page again and repeat it."})
}

// sayAway says that something behind the page does not answer.
func (p *Pages) sayAway(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // the caller hung up
	}
	p.log.ErrorContext(r.Context(), "a review page could not be shown", "page", r.Pattern, "error", err) // a path may hold a link's secret
	w.Header().Set("Retry-After", "30")
	p.say(w, r, http.StatusServiceUnavailable, notice{Title: "The review is out of reach just now", Text: "Something behind this page does not answer. What you saved is kept. Try again in a moment."})
}

// frame is what every page shows around its content.
type frame struct {
	Title string // of the document
	Who   string // who sits here; empty for nobody
	Via   string // how they came, in words
	Token string // for forms
}
