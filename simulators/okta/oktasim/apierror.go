package oktasim

import (
	"fmt"
	"net/http"
	"strings"
)

// apiError is an answer in the vendor's error shape (§2.1).
type apiError struct {
	status  int
	code    string
	summary string
	causes  []string
	header  http.Header // extra headers, such as WWW-Authenticate
	empty   bool        // send no body at all (a missing OAuth scope, §1.2)
	logs    bool        // the variant of /logs: no errorLink, a UUID as errorId (§2.1)
	raw     []byte      // send this body instead, for answers that are not Okta-shaped
	rawType string
}

func (e *apiError) Error() string {
	return fmt.Sprintf("%d %s %s %s", e.status, e.code, e.summary, strings.Join(e.causes, "; "))
}

type errorCause struct {
	Summary string `json:"errorSummary"`
}

type errorWire struct {
	Code    string       `json:"errorCode"`
	Summary string       `json:"errorSummary"`
	Link    string       `json:"errorLink,omitempty"`
	ID      string       `json:"errorId"`
	Causes  []errorCause `json:"errorCauses"`
}

func (e *apiError) wire() errorWire {
	w := errorWire{Code: e.code, Summary: e.summary, Link: e.code, ID: "oae" + randomText(22), Causes: []errorCause{}}
	if e.logs {
		w.Link, w.ID = "", newUUID()
	}
	for _, c := range e.causes {
		w.Causes = append(w.Causes, errorCause{Summary: c})
	}
	return w
}

func fail(status int, code, summary string, causes ...string) *apiError {
	return &apiError{status: status, code: code, summary: summary, causes: causes}
}

// invalid is E0000001; where is the failing object or field that ends the summary.
func invalid(where string, causes ...string) *apiError {
	return fail(http.StatusBadRequest, "E0000001", "Api validation failed: "+where, causes...)
}

// Resource types as they appear in "not found" summaries (§2.1).
const (
	typeUser      = "User"
	typeGroup     = "UserGroup"
	typeApp       = "AppInstance"
	typeRule      = "PolicyRule"
	typeHook      = "Webhook"
	typeFactor    = "UserFactor"
	typeRole      = "RoleAssignment"
	typeUserType  = "CVDType"
	typeSession   = "AppSession"
	typePrincipal = "PrincipalRateLimit"
	typeAppUser   = "AppUser"
	typeMapping   = "GroupPushMapping"
	typeSchema    = "UserSchema"
)

// notFound is E0000007, which repeats the id as it was sent.
func notFound(id, resource string) *apiError {
	return fail(http.StatusNotFound, "E0000007", fmt.Sprintf("Not found: Resource not found: %s (%s)", id, resource))
}

func denied() *apiError {
	return fail(http.StatusForbidden, "E0000006", "You do not have permission to perform the requested action")
}

func stillActivating() *apiError {
	return fail(http.StatusConflict, "E0000112", "Cannot update this user because they are still being activated. Please try again in a few minutes.")
}

// notLicensed is a 401 that is not about the token (§1.1).
func notLicensed() *apiError {
	return fail(http.StatusUnauthorized, "E0000015", "You do not have permission to access the feature you are requesting")
}

func wrongStatus() *apiError {
	return fail(http.StatusForbidden, "E0000038", "This operation is not allowed in the user's current status.")
}

func badJSON() *apiError {
	return fail(http.StatusBadRequest, "E0000003", "The request body was not well-formed.")
}

func invalidToken() *apiError {
	e := fail(http.StatusUnauthorized, "E0000011", "Invalid token provided")
	e.header = http.Header{"Www-Authenticate": {"SSWS"}}
	return e
}

func badCursor() *apiError {
	return fail(http.StatusBadRequest, "E0000029", "Invalid paging request.", "Invalid cursor.")
}

func badSearch(causes ...string) *apiError {
	return fail(http.StatusBadRequest, "E0000031", "Invalid search criteria.", causes...)
}

func wrongMethod() *apiError {
	return fail(http.StatusMethodNotAllowed, "E0000022", "The endpoint does not support the provided HTTP method")
}

// foreignNotFound is the 404 of paths that reach no API handler: it is not Okta-shaped (§0).
func foreignNotFound() *apiError {
	return &apiError{
		status: http.StatusNotFound, code: "404",
		raw: []byte(`{"status":404,"message":"Resource not found"}`), rawType: jsonType,
	}
}

func pathNotFound() *apiError {
	return fail(http.StatusNotFound, "E0000008", "The requested path was not found")
}

// serverError is what the vendor answers with this 5xx status (§2.2).
func serverError(status int) *apiError {
	if status == http.StatusServiceUnavailable {
		return fail(status, "E0000010", "Service is in read only mode")
	}
	return fail(status, "E0000009", "Internal Server Error")
}
