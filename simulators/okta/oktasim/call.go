package oktasim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxBody caps request bodies.
const maxBody = 4 << 20

// call is one request on its way through the simulator.
type call struct {
	s      *Server
	st     *state // the org as this call sees it; an older snapshot under a stale-read fault
	req    *http.Request
	base   string // scheme and host, for links
	path   string // escaped path as sent
	params []string
	query  url.Values
	body   []byte
	who    *principal
	route  *route
	id     string // X-Okta-Request-Id
	now    time.Time
}

func baseURL(r *http.Request) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	if p := r.Header.Get("X-Forwarded-Proto"); p == "https" || p == "http" {
		scheme = p
	}
	return scheme + "://" + r.Host
}

// readBody takes the whole body and checks its type (§2.2 E0000019).
func (c *call) readBody(w http.ResponseWriter) error {
	body, err := io.ReadAll(http.MaxBytesReader(w, c.req.Body, maxBody))
	if err != nil {
		if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return fail(http.StatusRequestEntityTooLarge, "E0000003", "The request body is too large.")
		}
		return badJSON()
	}
	c.body = body
	if len(body) == 0 {
		return nil
	}
	switch kind := c.req.Header.Get("Content-Type"); {
	case kind == "":
		return fail(http.StatusBadRequest, "E0000018", "Bad request. Accept and/or Content-Type headers are likely not set.")
	case !strings.HasPrefix(strings.ToLower(kind), jsonType):
		return fail(http.StatusBadRequest, "E0000019", "Bad request. Accept and/or Content-Type headers likely do not match supported values.")
	}
	return nil
}

// decode reads the body into v. A missing or malformed body is E0000003.
func (c *call) decode(v any) error {
	dec := json.NewDecoder(bytes.NewReader(c.body))
	if err := dec.Decode(v); err != nil {
		return badJSON()
	}
	if dec.More() {
		return badJSON()
	}
	return nil
}

// flag reads a boolean query parameter.
func (c *call) flag(name string, byDefault bool) bool {
	switch strings.ToLower(c.query.Get(name)) {
	case "true":
		return true
	case "false":
		return false
	}
	return byDefault
}

func (c *call) href(path string) string { return c.base + "/api/v1" + path }

// user resolves the first path parameter to a user: id, login, short login, or "me" for the token's owner (§3.6).
func (c *call) user() (*user, error) {
	ref := c.params[0]
	if ref == "me" && c.who.userID != "" {
		ref = c.who.userID
	}
	u, found := c.st.findUser(ref)
	if !found {
		return nil, notFound(c.params[0], typeUser)
	}
	return u, nil
}

func (c *call) group() (*group, error) { return c.st.groupByID(c.params[0]) }

func (c *call) app() (*app, error) {
	a, found := c.st.apps[c.params[0]]
	if !found {
		return nil, notFound(c.params[0], typeApp)
	}
	return a, nil
}
