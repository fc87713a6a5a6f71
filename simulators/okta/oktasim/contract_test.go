package oktasim_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

// exception is a place where Okta's description and the real service differ. The recording wins.
type exception struct {
	operation string // regular expression over "METHOD /pattern" of the description
	pointer   string // regular expression over the JSON pointer; array positions are written as #
	source    string // where the real behaviour is recorded, keys as in reference/okta-api.md; or its section where it cites none
	why       string
}

// exceptions is the one list of them. An entry that no answer needs fails the test.
var exceptions = []exception{
	{
		`GET /api/v1/logs`, `/#/(client/(id|device|ipAddress|userAgent|geographicalContext)|outcome/reason|legacyEventType)`, "[J #29]",
		"unknown parts of an event are sent as null",
	},
	{
		`GET /api/v1/logs`, `/#/securityContext/(asNumber|asOrg|isp|domain|isProxy)`, "[J #29]",
		"unknown parts of an event are sent as null",
	},
	{
		`GET /api/v1/logs`, `/#/authenticationContext/(authenticationProvider|credentialProvider|credentialType|issuer|interface|externalSessionId)`, "[J #29]",
		"unknown parts of an event are sent as null",
	},
	{
		`GET /api/v1/logs`, `/#/(target/#/detailEntry|request/ipChain/#/(source|geographicalContext))`, "[J #29]",
		"unknown parts of an event are sent as null",
	},
	{
		`GET /api/v1/logs`, `/#/(transaction/detail/requestApiTokenId|debugContext/debugData/(requestId|requestUri|url))`, "[J #29], okta-api.md §7",
		"these maps hold text; the description says objects",
	},
	{
		`(GET|POST|PUT) /api/v1/(apps|apps/\{appId\}|groups/\{groupId\}/apps)`, `(/#)?/accessibility/(errorRedirectUrl|loginRedirectUrl)`,
		"[T TestAccDataSourceOktaAppUserAssignments_read/oie-00.yaml#1,18]", "unset addresses are sent as null",
	},
	{
		`(GET|POST|PUT) /api/v1/(apps|apps/\{appId\}|groups/\{groupId\}/apps)`, `(/#)?/settings/(notifications/vpn/(message|helpUrl)|notes/(admin|enduser))`,
		"[T TestAccDataSourceOktaAppUserAssignments_read/oie-00.yaml#1,18]", "unset texts are sent as null",
	},
	{
		`(GET|POST) /api/v1/apps/\{appId\}/users(/\{userId\})?`, `(/#)?/(externalId|passwordChanged)`,
		"[T TestAccDataSourceOktaAppUserAssignments_read/oie-00.yaml#19,20]", "unset values are sent as null",
	},
	{
		`POST /api/v1/apps/\{appId\}/users/\{userId\}`, `/profile/nick`,
		"[T TestAccDataSourceOktaAppUserAssignments_read/oie-00.yaml#19]", "app profiles hold text; the description says objects",
	},
	{
		`(GET|POST) /api/v1/groups(/\{groupId\})?`, `(/#)?/profile/description`, "okta-api.md §4 (object shape)",
		"a group without description has null",
	},
}

// undescribed are endpoints that the description of 2023 does not have.
var undescribed = map[string]string{
	"GET /iam/assignees/users":                         "newer than the description [S6 listUsersWithRoleAssignments]",
	"GET /apps/{app}/group-push/mappings":              "newer than the description [T TestAccResourceOktaPushGroup_crud/classic-00.yaml]",
	"POST /apps/{app}/group-push/mappings":             "newer than the description [T TestAccResourceOktaPushGroup_crud/classic-00.yaml]",
	"GET /apps/{app}/group-push/mappings/{mapping}":    "newer than the description [T TestAccResourceOktaPushGroup_crud/classic-00.yaml]",
	"PATCH /apps/{app}/group-push/mappings/{mapping}":  "newer than the description [T TestAccResourceOktaPushGroup_crud/classic-00.yaml]",
	"DELETE /apps/{app}/group-push/mappings/{mapping}": "newer than the description [T TestAccResourceOktaPushGroup_crud/classic-00.yaml]",
}

// description loads Okta's published OpenAPI description out of the SDK's module.
func description(t *testing.T) routers.Router {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "github.com/okta/okta-sdk-golang/v2").Output()
	require.NoError(t, err, "go list finds the SDK's module: run go mod download if it is not there")
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), ".generator", "okta-management-APIs-oasv3-noEnums-inheritance.yaml"))
	require.NoError(t, err)
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	require.NoError(t, err)
	doc.Servers = openapi3.Servers{{URL: "/"}}
	router, err := gorillamux.NewRouter(doc)
	require.NoError(t, err)
	return router
}

// exchange is one request with its answer.
type exchange struct {
	req    *http.Request
	status int
	header http.Header
	body   []byte
}

// recorder keeps everything that passes through.
type recorder struct {
	next http.Handler
	mu   sync.Mutex
	all  []exchange
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	body, _ := io.ReadAll(req.Body)
	req.Body = io.NopCloser(bytes.NewReader(body))
	rec := httptest.NewRecorder()
	r.next.ServeHTTP(rec, req)
	kept := req.Clone(req.Context())
	kept.Body = io.NopCloser(bytes.NewReader(body))
	r.mu.Lock()
	r.all = append(r.all, exchange{kept, rec.Code, rec.Header(), rec.Body.Bytes()})
	r.mu.Unlock()
	maps.Copy(w.Header(), rec.Header())
	w.WriteHeader(rec.Code)
	_, _ = w.Write(rec.Body.Bytes())
}

func TestAnswersMatchOktasDescription(t *testing.T) {
	t.Parallel()
	router := description(t)
	o := newOrg(t, acmeSeed(t))
	rec := &recorder{next: o.sim.Handler()}
	web := httptest.NewServer(rec)
	t.Cleanup(web.Close)
	o.url = web.URL
	exercise(t, o)

	used := make([]bool, len(exceptions))
	for _, x := range rec.all {
		for _, p := range x.problems(t, router) {
			i := slices.IndexFunc(exceptions, func(e exception) bool {
				return whole(e.operation, p.operation) && whole(e.pointer, p.pointer)
			})
			if i >= 0 {
				used[i] = true
				continue
			}
			t.Errorf("%s -> %d at %s: %s", p.operation, x.status, p.pointer, p.text)
		}
	}
	for i, e := range exceptions {
		assert.True(t, used[i], "no answer needs the exception %s %s: remove it", e.operation, e.pointer)
	}

	called := map[string]bool{}
	for _, c := range o.sim.Counters() {
		called[c.Method+" "+c.Path] = true
	}
	for _, endpoint := range oktasim.Endpoints() {
		assert.True(t, called[endpoint], "%s was not exercised", endpoint)
	}
}

// whole says whether the expression matches all of the text.
func whole(expression, text string) bool {
	return regexp.MustCompile("^(?:" + expression + ")$").MatchString(text)
}

type problem struct{ operation, pointer, text string }

var position = regexp.MustCompile(`/\d+(/|$)`)

// problems validates one answer. Errors have a description of their own only by example, so they are checked by shape in
// the other tests; here every 2xx is.
func (x exchange) problems(t *testing.T, router routers.Router) []problem {
	t.Helper()
	if x.status >= 300 || !strings.HasPrefix(x.req.URL.Path, "/api/v1/") {
		return nil
	}
	route, params, err := router.FindRoute(x.req)
	if err != nil {
		for pattern := range undescribed {
			method, path, _ := strings.Cut(pattern, " ")
			form := "^/api/v1" + regexp.MustCompile(`\{[a-z]+\}`).ReplaceAllString(path, `[^/]+`) + "$"
			if method == x.req.Method && regexp.MustCompile(form).MatchString(x.req.URL.Path) {
				return nil
			}
		}
		return []problem{{x.req.Method + " " + x.req.URL.Path, "", "not in the description: " + err.Error()}}
	}
	operation := route.Method + " " + route.Path
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: x.req, PathParams: params, Route: route},
		Status:                 x.status, Header: x.header, Body: io.NopCloser(bytes.NewReader(x.body)),
		Options: &openapi3filter.Options{MultiError: true, IncludeResponseStatus: true},
	}
	err = openapi3filter.ValidateResponse(t.Context(), input)
	if err == nil {
		return nil
	}
	var out []problem
	flatten(err, func(e error) {
		if schema, ok := errors.AsType[*openapi3.SchemaError](e); ok {
			pointer := "/" + strings.Join(schema.JSONPointer(), "/")
			for position.MatchString(pointer) {
				pointer = position.ReplaceAllString(pointer, "/#$1")
			}
			out = append(out, problem{operation, pointer, schema.Reason})
			return
		}
		out = append(out, problem{operation, "", e.Error()})
	})
	return out
}

// flatten calls f for each single error inside err.
func flatten(err error, f func(error)) {
	var many openapi3.MultiError
	if errors.As(err, &many) {
		for _, e := range many {
			flatten(e, f)
		}
		return
	}
	var schema *openapi3.SchemaError
	if errors.As(err, &schema) && schema.Origin != nil {
		if errors.As(schema.Origin, &many) || errors.As(schema.Origin, new(*openapi3.SchemaError)) {
			flatten(schema.Origin, f)
			return
		}
	}
	f(err)
}
