package okta

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
)

const apiPrefix = "/api/v1/"

// Names of methods that other files ask for.
const (
	opSuspend   = "Suspend"
	opUnsuspend = "Unsuspend"
)

// call is one request on its way: what it is, for errors, and what became of it. It rides in the context from our
// method through the SDK to our transport.
type call struct {
	op        string
	method    string
	template  string   // "/api/v1/users/{id}"
	path      string   // the template with its escaped values
	args      []string // the escaped values, in order
	query     url.Values
	link      string   // path and query of a next link; replaces path and query
	personal  []string // values that must not appear in an error
	poll      bool     // a next link may be the page itself
	wantsBody bool     // an empty success is no answer
	err       error    // why the call cannot be made

	next string      // the answer's next link
	sent atomic.Bool // it may have reached Okta, so a write may have been taken
	told bool        // its rate facts were passed on
}

type callKey struct{}

var errForeignLink = errors.New("the place to go on from belongs to another list: pass back Next of a page of this one")

// newCall fills the template's {…} with the values, escaped. A value that is empty or would name another path makes
// the call fail as Invalid when it is run.
func newCall(op, method, template string, values ...string) *call {
	c := &call{op: op, method: method, template: template, query: url.Values{}}
	rest := template
	var path strings.Builder
	for _, value := range values {
		before, after, _ := strings.Cut(rest, "{")
		_, rest, _ = strings.Cut(after, "}")
		escaped, err := segment(value)
		if err != nil && c.err == nil {
			c.err = err
		}
		path.WriteString(before)
		path.WriteString(escaped)
		c.args = append(c.args, escaped)
		if !isID(value) {
			c.personal = append(c.personal, value)
		}
	}
	path.WriteString(rest)
	c.path = path.String()
	return c
}

// segment escapes one value for a path. Okta finds a login with a slash or a question mark only by id (okta-api.md
// §3.6), and an empty or dotted one would name another resource.
func segment(value string) (string, error) {
	switch {
	case value == "":
		return "", errors.New("an identifier is empty")
	case value == "." || value == "..":
		return "", errors.New("an identifier is only dots")
	case strings.ContainsAny(value, "/?"):
		return "", errors.New("a login with / or ? is found only by user id: search for the person and use the id")
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return "", errors.New("an identifier contains a control character")
	}
	return url.PathEscape(value), nil
}

// isID reports whether a value looks like one of Okta's own identifiers, which are not personal: 20 letters and digits,
// or the base32 of an admin role (okta-api.md §0).
func isID(value string) bool {
	if value == "me" || value == "default" {
		return true
	}
	digits, lower := 0, 0
	for _, r := range value {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r >= 'a' && r <= 'z':
			lower++
		case r >= 'A' && r <= 'Z':
		default:
			return false
		}
	}
	return len(value) == 20 && digits > 0 || len(value) >= 12 && lower == 0
}

// with adds a query parameter.
func (c *call) with(key, value string) *call {
	c.query.Set(key, value)
	return c
}

// hiding adds values that must not appear in an error.
func (c *call) hiding(values ...string) *call {
	c.personal = append(c.personal, values...)
	return c
}

// target is what follows the org's address: path and query.
func (c *call) target() string {
	switch {
	case c.link != "":
		return c.link
	case len(c.query) > 0:
		return c.path + "?" + c.query.Encode()
	}
	return c.path
}

// write reports whether the call changes something.
func (c *call) write() bool { return c.method != http.MethodGet }

func (c *call) bucket() Bucket { return BucketOf(c.method, c.template) }

// fail makes an error of this call.
func (c *call) fail(kind Kind, summary string) *Error {
	return &Error{
		Kind: kind, Op: c.op, Method: c.method, Path: c.template, Bucket: c.bucket(), Summary: c.scrub(summary),
	}
}
