package freshservice

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestEveryZoneOfTheTableExists(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, z := range railsZones {
		_, err := time.LoadLocation(z.iana)
		require.NoError(t, err, z.rails)
		assert.False(t, seen[z.rails], "%s is listed twice", z.rails)
		seen[z.rails] = true
	}
	assert.Len(t, seen, len(railsZones))
	for old, now := range renamed {
		_, ok := RailsZone(now)
		assert.True(t, ok, "%s leads nowhere", old)
	}
}

// FuzzDecode holds the tolerant reader to two rules: it never panics, and what reads strictly reads the same loosened.
func FuzzDecode(f *testing.F) {
	for _, seed := range []string{
		`{"ticket":{"id":"12","status":2.0,"tags":"a","spam":1,"created_at":"2026-01-02 03:04:05","approval_status":"not_requested","custom_fields":[]}}`,
		`{"tickets":[{"id":1e3,"requester":{"id":null},"onboarding_context":{"lookup_values":{"a":[{}]}}}]}`,
		`[{"id":9223372036854775807}]`, `{"a":null}`, `{"ticket":[]}`, `{"ticket":{"id":1e999999999}}`, `{"id":7}`, `null`, `{"x":[[]]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		checkDecode[Ticket](t, body, "ticket", "tickets")
		checkDecode[RequestedItem](t, body, "requested_item", "requested_items")
		checkDecode[personWire](t, body, "requester", "requesters")
		checkDecode[TicketField](t, body, "ticket_fields")
		checkDecode[Approval](t, body, "approval", "approvals")
		checkDecode[BoardingRequest](t, body, "onboarding_request")
	})
}

func checkDecode[T any](t *testing.T, body []byte, keys ...string) {
	t.Helper()
	one, errOne := decodeOne[T](body, keys...)
	many, errMany := decodeMany[T](body, keys...)
	if errOne == nil && errMany == nil && len(many) > 0 && !reflect.DeepEqual(one, many[0]) {
		t.Errorf("one %+v, first of many %+v", one, many[0])
	}
	var strict T
	if json.Unmarshal(body, &strict) != nil {
		return
	}
	loose, err := loosen(body, strict)
	if err != nil {
		t.Fatalf("strict reading works, loosening fails: %v", err)
	}
	var again T
	if err := json.Unmarshal(loose, &again); err != nil {
		t.Fatalf("strict reading works, loosened reading fails: %v\n%s", err, loose)
	}
}

func FuzzLink(f *testing.F) {
	f.Add(`<https://a.test/x?page=2>; rel="next"`)
	f.Add(`<a>;rel=prev,<b>;rel=next`)
	f.Add(`<<>>;;,=`)
	f.Fuzz(func(t *testing.T, line string) {
		got := linksNext(http.Header{"Link": {line}})
		if got && !strings.Contains(strings.ToLower(line), "next") {
			t.Errorf("%q promises no next page", line)
		}
	})
}

func FuzzHTMLToText(f *testing.F) {
	f.Add(`<p>a<br>b</p><script>x</script>`)
	f.Add("&amp;&lt;script&gt;\u00a0")
	f.Fuzz(func(t *testing.T, source string) {
		text := HTMLToText(source)
		if text != strings.TrimSpace(text) || strings.Contains(text, "\n\n") || strings.Contains(text, "  ") {
			t.Errorf("%q is untidy", text)
		}
	})
}

func FuzzErrorText(f *testing.F) {
	const key = "k3y-of-the-desk"
	c := &Client{key: key}
	f.Add(`{"description":"Validation failed","errors":[{"field":"a","message":"jane@acme.test","code":"x"}]}`, 400)
	f.Add(`{"errors":{"message":["k3y-of-the-desk"]}}`, 409)
	f.Add(`<html>`, 502)
	f.Fuzz(func(t *testing.T, body string, status int) {
		e := c.refuse(&call{op: "op", method: http.MethodPost, path: "/x"}, &answer{status: status, header: http.Header{}, body: []byte(body)})
		if text := e.Error(); strings.Contains(text, key) || strings.Contains(text, "jane@acme.test") {
			t.Errorf("the error leaks: %s", text)
		}
		if e.Kind < RateLimited || e.Kind > Unauthorized {
			t.Errorf("status %d has no kind", status)
		}
	})
}
