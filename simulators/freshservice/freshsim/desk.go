package freshsim

import (
	"embed"
	"errors"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed pages
var pageFiles embed.FS

// deskCookie remembers who a browser acts as. It is a demo's convenience, not a login.
const deskCookie = "desk_person"

func parsePages() (*template.Template, error) {
	return template.New("desk").Funcs(template.FuncMap{
		"safe":     func(s string) template.HTML { return template.HTML(sanitise(s)) }, //nolint:gosec // sanitise is the whitelist
		"day":      func(t time.Time) string { return t.UTC().Format("2 Jan 2006, 15:04") },
		"initials": initials,
		"slug":     func(s string) string { return strings.ReplaceAll(strings.ToLower(s), " ", "-") },
	}).ParseFS(pageFiles, "pages/*.html")
}

// initials are the letters of an avatar.
func initials(name string) string {
	out := ""
	for word := range strings.FieldsSeq(name) {
		if r := []rune(word); len(out) < 2 {
			out += strings.ToUpper(string(r[:1]))
		}
	}
	return out
}

// mountDesk serves the pages for people under /desk.
func (s *Server) mountDesk() {
	for pattern, h := range map[string]deskHandler{
		"GET /desk/tickets":                       s.deskTickets,
		"GET /desk/tickets/{id}":                  s.deskTicket,
		"POST /desk/tickets/{id}/approvals/{aid}": s.deskVote,
		"POST /desk/tickets/{id}/fields":          s.deskFields,
		"POST /desk/tickets/{id}/note":            s.deskNote,
		"POST /desk/tickets/{id}/requested/{rid}": s.deskStage,
		"POST /desk/tickets/{id}/state":           s.deskState,
		"GET /desk/approvals":                     s.deskApprovals,
		"GET /desk/catalog":                       s.deskCatalog,
		"GET /desk/catalog/{id}":                  s.deskItem,
		"POST /desk/catalog/{id}":                 s.deskPlace,
		"GET /desk/offboarding":                   s.deskLifecycle(true),
		"POST /desk/offboarding":                  s.deskOpenLifecycle(true),
		"GET /desk/onboarding":                    s.deskLifecycle(false),
		"POST /desk/onboarding":                   s.deskOpenLifecycle(false),
		"GET /desk/new":                           s.deskNew,
		"POST /desk/new":                          s.deskReport,
		"POST /desk/person":                       s.deskPerson,
	} {
		s.mux.Handle(pattern, s.deskPage(h))
	}
	s.mux.HandleFunc("GET /desk/style.css", func(w http.ResponseWriter, r *http.Request) {
		http.ServeFileFS(w, r, pageFiles, "pages/style.css")
	})
	// The vendor's deep link (reference §11.26).
	s.mux.HandleFunc("GET /a/tickets/{id}", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/desk/tickets/"+url.PathEscape(r.PathValue("id")), http.StatusFound)
	})
	for _, root := range []string{"GET /desk", "GET /desk/{$}", "GET /{$}"} {
		s.mux.Handle(root, http.RedirectHandler("/desk/tickets", http.StatusFound))
	}
}

// deskHandler runs with the server's mutex held and gives a page or an address to go to.
type deskHandler func(v *visit) (*deskAnswer, error)

// visit is one request of a person.
type visit struct {
	*call
	form url.Values
}

// deskAnswer is a page to render or, when location is set, where to go after a post.
type deskAnswer struct {
	page     string
	data     any
	status   int
	location string
	person   string // sets the cookie
}

// frame is what every page's layout shows.
type frame struct {
	Title   string
	Section string
	Person  string
	Name    string
	People  []personOption
	Done    string
	Data    any
}

type personOption struct{ Email, Name string }

// maxPeopleOptions bounds the list of names that a page offers; any address can still be typed.
const maxPeopleOptions = 400

// pageError is an error that a person can act on.
type pageError struct {
	status int
	text   string
}

func (p *pageError) Error() string { return p.text }

// deskPage reads the form, runs h under the mutex, renders and answers.
func (s *Server) deskPage(h deskHandler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxJSONBody)
		if err := r.ParseForm(); err != nil {
			http.Error(w, "The form could not be read.", http.StatusBadRequest)
			return
		}
		page, a := s.visit(r, h)
		header := w.Header()
		header.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Referrer-Policy", "same-origin")
		header.Set("Cache-Control", "no-store")
		if a.person != "" {
			//nolint:gosec // Secure follows the scheme: the simulator usually speaks plain HTTP
			http.SetCookie(w, &http.Cookie{Name: deskCookie, Value: url.QueryEscape(a.person), Path: "/desk", HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: r.TLS != nil})
		}
		if a.location != "" {
			http.Redirect(w, r, a.location, http.StatusSeeOther)
			return
		}
		header.Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(a.status)
		//nolint:gosec // html/template made it
		if _, err := w.Write([]byte(page)); err != nil {
			s.opts.Logger.Debug("page not written", "path", r.URL.Path, "error", err)
		}
	})
}

// visit runs h and renders its page while the mutex is held, so that a page shows one moment.
func (s *Server) visit(r *http.Request, h deskHandler) (string, *deskAnswer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &visit{call: s.view(r), form: r.PostForm}
	v.actor = s.deskActor(r)
	a, err := h(v)
	s.automator.settle()
	if err != nil {
		a = refusedPage(err)
	}
	if a.status == 0 {
		a.status = http.StatusOK
	}
	if a.location != "" {
		return "", a
	}
	f := frame{Title: a.page, Section: strings.Split(strings.TrimPrefix(r.URL.Path, "/desk/"), "/")[0], Person: v.actor.email, Name: v.actor.name(), Done: doneMessage(r.URL.Query().Get("done")), Data: a.data}
	for _, id := range s.db.sortedPeople()[:min(s.db.people.len(), maxPeopleOptions)] {
		if p := s.db.people.get(id); p.active && p.email != "" {
			f.People = append(f.People, personOption{p.email, p.name()})
		}
	}
	var b strings.Builder
	if err := s.pages.ExecuteTemplate(&b, a.page+".html", f); err != nil {
		s.opts.Logger.Error("desk page", "page", a.page, "error", err)
		a.status = http.StatusInternalServerError
		return "This page could not be made.", a
	}
	return b.String(), a
}

func refusedPage(err error) *deskAnswer {
	var p *pageError
	var api *apiError
	a := &deskAnswer{page: "problem", status: http.StatusBadRequest, data: err.Error()}
	switch {
	case errors.As(err, &p):
		a.status, a.data = p.status, p.text
	case errors.As(err, &api) && api.status == http.StatusNotFound:
		a.status, a.data = http.StatusNotFound, "There is no such record."
	case errors.As(err, &api):
		a.status, a.data = api.status, strings.Join(api.words(), " ")
	}
	return a
}

// words are a refusal's complaints for people.
func (e *apiError) words() []string {
	var out []string
	for _, f := range e.fields {
		out = append(out, fieldTitle(f.Field)+": "+f.Message+".")
	}
	if len(out) == 0 {
		out = append(out, e.message)
	}
	return out
}

// deskActor is whom the browser acts as: the cookie's person, or an admin agent, rather somebody else than the key's
// owner, who is a program.
func (s *Server) deskActor(r *http.Request) *person {
	if c, err := r.Cookie(deskCookie); err == nil {
		if email, err := url.QueryUnescape(c.Value); err == nil {
			if p := s.db.personByEmail(email); p != nil {
				return p
			}
		}
	}
	owner := s.db.people.get(s.db.keys[s.opts.APIKey])
	for p := range s.db.people.all() {
		if p.agent && p.active && p != owner && s.db.admin(p) {
			return p
		}
	}
	return owner
}

// deskPerson changes whom the browser acts as.
func (s *Server) deskPerson(v *visit) (*deskAnswer, error) {
	p := s.db.personByEmail(v.form.Get("person"))
	if p == nil {
		return nil, &pageError{http.StatusBadRequest, "Nobody with this address has an account here."}
	}
	back := v.form.Get("back")
	if !strings.HasPrefix(back, "/desk/") {
		back = "/desk/tickets"
	}
	return &deskAnswer{location: back, person: p.email}, nil
}

// doneMessage is what a page says after a post.
func doneMessage(code string) string {
	return map[string]string{
		"voted": "Your decision was recorded.", "saved": "Changes saved.", "noted": "Note added.", "placed": "Request placed.",
		"opened": "Request opened. Its ticket appears in a moment.", "reported": "Ticket created.", "stage": "Item updated.",
	}[code]
}
