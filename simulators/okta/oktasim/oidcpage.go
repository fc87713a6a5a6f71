package oktasim

import (
	"bytes"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// signInPath is our own page in place of Okta's sign-in page: whoever a browser says it is gets in, if the account may.
const signInPath = "/desk/sign-in"

// signInView is what the page shows.
type signInView struct {
	App     string
	Request string // the authorization request, as it came
	Login   string
	Problem string
	People  []signInPerson
}

type signInPerson struct{ Login, Name string }

// peopleMost bounds whom the page offers; any login can be typed.
const peopleMost = 200

var signInTemplate = template.Must(template.New("sign-in").Parse(`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign in (Okta simulator)</title>
<style>
body{margin:0;background:#f4f4f7;color:#1d1d21;font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:100vh}
main{background:#fff;border:1px solid #d7d7dc;border-radius:6px;padding:2rem;width:min(23rem,90vw)}
h1{font-size:1.25rem;margin:0 0 .25rem}p{margin:.25rem 0 1rem;color:#5b5b66}.bad{color:#a21b12}
label{display:block;font-weight:600}input{font:inherit;width:100%;box-sizing:border-box;padding:.6rem;margin:.35rem 0 1rem;border:1px solid #8c8c96;border-radius:4px}
button{font:inherit;width:100%;padding:.65rem;border:0;border-radius:4px;background:#1662dd;color:#fff;font-weight:600;cursor:pointer}
@media(prefers-color-scheme:dark){body{background:#15151a;color:#eee}main{background:#1f1f26;border-color:#3a3a44}p{color:#aaa}.bad{color:#ff9a91}input{background:#15151a;color:#eee}}
</style></head><body><main>
<h1>Sign in</h1>{{if .App}}<p>to {{.App}}, with the Okta simulator. There are no passwords here.</p>{{end}}
{{if .Problem}}<p class="bad" role="alert">{{.Problem}}</p>{{end}}
{{if .App}}<form method="post" action="/desk/sign-in"><input type="hidden" name="request" value="{{.Request}}">
<label for="login">Username</label><input id="login" name="login" list="people" value="{{.Login}}" autocomplete="username" autofocus required>
<datalist id="people">{{range .People}}<option value="{{.Login}}">{{.Name}}</option>{{end}}</datalist>
<button>Sign in</button></form>{{end}}
</main></body></html>
`))

func (s *Server) signInPage(w http.ResponseWriter, status int, v signInView) {
	var b bytes.Buffer
	if err := signInTemplate.Execute(&b, v); err != nil {
		writeRaw(w, http.StatusInternalServerError, "text/plain; charset=utf-8", []byte("the page could not be made"))
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	writeRaw(w, status, "text/html;charset=utf-8", b.Bytes())
}

// serveSignIn shows the page, and lets in whom it names.
func (s *Server) serveSignIn(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	raw := r.URL.RawQuery
	if r.Method == http.MethodPost {
		raw = r.PostFormValue("request")
	}
	q, err := url.ParseQuery(raw)
	if err != nil {
		q = url.Values{}
	}
	request, err := s.readAuthRequest(q)
	if s.authorizeFailed(w, r, request, err) {
		return
	}
	view := signInView{App: request.app.Name, Request: raw, Login: q.Get("login_hint"), People: s.signInPeople()}
	if r.Method != http.MethodPost {
		s.signInPage(w, http.StatusOK, view)
		return
	}
	view.Login = strings.TrimSpace(r.PostFormValue("login"))
	if _, err := s.SignIn(view.Login); err != nil {
		view.Problem = "Unable to sign in" // Okta's words, whatever the reason
		s.signInPage(w, http.StatusUnauthorized, view)
		return
	}
	http.Redirect(w, r, request.back(s.grantCode(request, view.Login)), http.StatusSeeOther) //nolint:gosec // one of the application's redirect URIs
}

// grantCode hands out a code for whoever just signed in, or says that the application is not theirs.
func (s *Server) grantCode(request authRequest, login string) url.Values {
	s.mu.Lock()
	defer s.mu.Unlock()
	u, found := s.st.findUser(login)
	assigned := found && (len(request.app.Users) == 0 || slices.ContainsFunc(request.app.Users, func(who string) bool {
		return who == u.id || strings.EqualFold(who, u.login())
	}))
	if !assigned {
		return url.Values{"error": {"access_denied"}, "error_description": {"User is not assigned to the client application."}}
	}
	now := s.now()
	code := randomText(43)
	if s.web.codes == nil {
		s.web.codes = map[string]*authCode{}
	}
	for old, c := range s.web.codes { // what nobody came for
		if now.After(c.expires) {
			delete(s.web.codes, old)
		}
	}
	s.web.codes[code] = &authCode{
		app: request.app.ID, redirect: request.redirect, user: u.id, nonce: request.nonce, challenge: request.challenge, scope: request.scope,
		authTime: now, expires: now.Add(codeLife),
	}
	by := act{actor: logActor{ID: u.id, Type: "User", AlternateID: u.login(), DisplayName: u.displayName()}, txType: "WEB", txID: requestID(), now: now}
	target := logTarget{ID: request.app.ID, Type: "AppInstance", AlternateID: request.app.Name, DisplayName: request.app.Name}
	s.emit(by, "user.authentication.sso", target)
	s.emit(by, "app.oauth2.authorize.code", target)
	return url.Values{"code": {code}}
}

// signInPeople are those who may sign in, for the page's list.
func (s *Server) signInPeople() []signInPerson {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []signInPerson
	for _, u := range s.st.users {
		if u.status == statusActive {
			list = append(list, signInPerson{Login: u.login(), Name: u.displayName()})
		}
	}
	slices.SortFunc(list, func(a, b signInPerson) int { return strings.Compare(a.Login, b.Login) })
	return list[:min(len(list), peopleMost)]
}
