package okta

import (
	"encoding/json"
	"net/http"
	"regexp"
)

// errorBody is Okta's error shape, and that of its OAuth endpoints (okta-api.md §2.1, §1.3).
type errorBody struct {
	Code    string `json:"errorCode"`
	Summary string `json:"errorSummary"`
	Causes  []struct {
		Summary string `json:"errorSummary"`
	} `json:"errorCauses"`
	OAuthCode    string `json:"error"`
	OAuthSummary string `json:"error_description"`
}

var codePattern = regexp.MustCompile(`^[A-Za-z0-9_.-]{1,64}$`)

// explain turns an answer that is no success into an error.
func (t *transport) explain(call *call, a *answer) *Error {
	e := call.fail(0, "")
	e.Status, e.RequestID = a.status, requestID(a.header)
	var body errorBody
	if json.Unmarshal(a.body, &body) != nil { // HTML of a proxy, plain text, nothing at all
		body = errorBody{}
	}
	e.Code, e.Summary = body.Code, call.scrub(body.Summary)
	if e.Code == "" {
		e.Code, e.Summary = body.OAuthCode, call.scrub(body.OAuthSummary)
	}
	if !codePattern.MatchString(e.Code) {
		e.Code = ""
	}
	for _, cause := range body.Causes {
		e.Causes = append(e.Causes, call.scrub(cause.Summary))
	}
	challenge := parseChallenge(a.header.Values("WWW-Authenticate"))
	if e.Code == "" && challenge.code != "" {
		e.Code, e.Summary = challenge.code, call.scrub(challenge.description)
		if challenge.scope != "" {
			e.Summary = "grant the service app the scope " + call.scrub(challenge.scope)
		}
	}
	e.Kind = kindOf(call, e, challenge)
	if e.Summary == "" {
		e.Summary = ownWords(e, a)
	}
	if e.Kind == RateLimited {
		t.dueAgain(e, a)
	}
	return e
}

// dueAgain says when a rate-limited call may be tried again.
func (t *transport) dueAgain(e *Error, a *answer) {
	now := t.cfg.Now()
	facts, ok := rateFacts(e.Bucket, a.status, a.header, now)
	if !ok {
		return
	}
	e.Concurrency = facts.Concurrency
	e.ResetAt = facts.ResetAt()
	e.RetryAfter = e.ResetAt.Sub(now)
}

// kindOf maps status and code to a kind. The codes are those of okta-api.md §2.2.
func kindOf(call *call, e *Error, c challenge) Kind {
	switch e.Code {
	case "E0000015": // a 401 about the org's features: no reason to doubt our credential (okta-api.md §10.13)
		return Denied
	case "E0000005", "E0000011": // our bearer or API token is not accepted
		return Unauthorized
	case "E0000112", "E0000145", "E0000239", "E0000249", "E0000268": // busy: heals by itself
		return Unavailable
	case "E0000010": // read-only mode: the write was not applied
		return Unavailable
	case "E0000016", "E0000032", "E0000038", "E0000046", "E0000055", "E0000056", "E0000062", "E0000090", "E0000117", "E0000263":
		return Conflict
	case "insufficient_scope", "invalid_token", "invalid_client", "invalid_scope", "invalid_dpop_proof", "use_dpop_nonce":
		return Unauthorized
	}
	switch status := e.Status; {
	case status == http.StatusTooManyRequests:
		return RateLimited
	case status == http.StatusBadGateway, status == http.StatusGatewayTimeout, status == http.StatusRequestTimeout:
		if call.write() { // a gateway lost the answer, not the request
			return Ambiguous
		}
		return Unavailable
	case status >= 500, status == http.StatusLocked, status < 400: // a redirect serves nobody: maintenance, or a wrong host
		return Unavailable
	case status == http.StatusUnauthorized:
		return Unauthorized
	case status == http.StatusForbidden:
		if c.scheme != "" && e.Code == "" {
			return Unauthorized
		}
		return Denied
	case status == http.StatusNotFound:
		// Without Okta's code for a missing resource it is the path that is unknown, and taking that for a missing
		// person would be a dangerous answer (okta-api.md §0).
		if e.Code == "" || e.Code == "E0000008" {
			return Invalid
		}
		return NotFound
	case status == http.StatusConflict, status == http.StatusPreconditionFailed:
		return Conflict
	}
	if e.statusRefused() || IsAlreadyExists(e) {
		return Conflict
	}
	return Invalid
}

// ownWords describe an answer in which Okta said nothing.
func ownWords(e *Error, a *answer) string {
	switch {
	case e.Status < 400:
		return "Okta redirects elsewhere: check that OrgURL is the org's own address"
	case e.Status == http.StatusNotFound:
		return "this org does not know the path: check OrgURL and whether the feature is enabled"
	case len(a.body) == 0:
		return "the answer has no body"
	case !json.Valid(a.body):
		return "the answer is not Okta's JSON (" + mediaType(a.header) + ")"
	}
	return "the answer says no more"
}
