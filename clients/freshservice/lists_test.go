package freshservice_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestAListGoesOnAsLongAsALinkSaysSo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		links []string
		want  bool
	}{
		"no header":             {nil, false},
		"next":                  {[]string{`<https://a.test/tickets?page=2>; rel="next"`}, true},
		"unquoted":              {[]string{`<https://a.test/tickets?page=2>;rel=next`}, true},
		"only prev":             {[]string{`<https://a.test/tickets?page=1>; rel="prev"`}, false},
		"two in one line":       {[]string{`<https://a.test/tickets?page=1>; rel="prev", <https://a.test/tickets?page=3>; rel="next"`}, true},
		"two lines":             {[]string{`<https://a.test/tickets?page=1>; rel="prev"`, `<https://a.test/tickets?page=3>; rel="next"`}, true},
		"a comma in the target": {[]string{`<https://a.test/tickets?include=a,b&page=3>; title="x"; REL="next"`}, true},
		"next in the target":    {[]string{`<https://a.test/tickets?rel="next">; rel="last"`}, false},
		"broken":                {[]string{`<https://a.test/tickets?page=2; rel="next"`, `rel="next"`}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var headers []string
			for _, l := range tt.links {
				headers = append(headers, "link", l)
			}
			d := newDesk(t).on("GET /tickets", answer(200, `{"tickets":[{"id":1}]}`, headers...))
			page, err := d.client().ListTickets(t.Context(), freshservice.TicketList{})
			require.NoError(t, err)
			assert.Equal(t, tt.want, page.HasNext)
			assert.Equal(t, -1, page.Total)
		})
	}
}

func TestTicketListsAskExactly(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /tickets", answer(200, `{"tickets":[]}`))
	c := d.client(func(cfg *freshservice.Config) { cfg.WorkspaceID = 3 })
	_, err := c.ListTickets(t.Context(), freshservice.TicketList{
		UpdatedSince: time.Date(2026, 1, 2, 3, 4, 5, 999, time.FixedZone("", 3600)),
		Type:         freshservice.TypeServiceRequest, Email: "Jane+x@Acme.test", OrderBy: "updated_at", OrderType: "asc",
		Includes: []string{"stats", "requester"}, Page: 2, PerPage: 100,
	})
	require.NoError(t, err)
	got := map[string]string{}
	for k, v := range d.last().query {
		got[k] = v[0]
	}
	assert.Equal(t, map[string]string{
		"updated_since": "2026-01-02T02:04:05Z", "type": "Service Request", "email": "jane+x@acme.test",
		"order_by": "updated_at", "order_type": "asc", "include": "stats,requester", "page": "2", "per_page": "100", "workspace_id": "3",
	}, got)

	_, err = c.ListTickets(t.Context(), freshservice.TicketList{PerPage: 101})
	require.ErrorIs(t, err, freshservice.Invalid, "the vendor refuses more than 100")
	assert.Len(t, d.requests(), 1)
}

func TestAWalkReadsEveryPageOnce(t *testing.T) {
	t.Parallel()
	next := `<https://a.test/x?page=2>; rel="next"`
	d := newDesk(t).on("GET /tickets/7/conversations",
		answer(200, `{"conversations":[{"id":1},{"id":2}],"meta":{"count":3}}`, "link", next),
		answer(200, `{"conversations":[{"id":3,"body":"<div>x</div>","private":true,"to_emails":null}]}`))
	got, err := d.client().ListConversations(t.Context(), 7)
	require.NoError(t, err)
	require.Len(t, got, 3)
	assert.True(t, got[2].Private)
	assert.Equal(t, "2", d.last().query.Get("page"))
	assert.Equal(t, "100", d.last().query.Get("per_page"))
}

func TestAWalkWithoutEndStops(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /roles", answer(200, `{"roles":[{"id":1}]}`, "link", `<https://a.test/x?page=2>; rel="next"`))
	_, err := d.client().ListRoles(t.Context())
	require.ErrorIs(t, err, freshservice.Invalid)
	assert.Len(t, d.requests(), 500)
}

func TestAWalkThatFailsHalfwayGivesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /tickets/7/approvals",
		answer(200, `{"approvals":[{"id":1}]}`, "link", `<https://a.test/x?page=2>; rel="next"`), answer(429, ``, "Retry-After", "3"))
	got, err := d.client().ListApprovals(t.Context(), 7)
	require.ErrorIs(t, err, freshservice.RateLimited)
	assert.Nil(t, got, "half a list must not pass for a whole one")
}

func TestAFilterIsQuotedAndCounted(t *testing.T) {
	t.Parallel()
	thirty := strings.Repeat(`{"id":1},`, 29) + `{"id":2}`
	d := newDesk(t).on("GET /tickets/filter",
		answer(200, `{"tickets":[`+thirty+`],"total":31}`), answer(200, `{"tickets":[{"id":3}],"total":31}`))
	c := d.client()
	first, err := c.FilterTickets(t.Context(), `status:2 AND tag:'a+b & c'`, 1)
	require.NoError(t, err)
	assert.Equal(t, `"status:2 AND tag:'a+b & c'"`, d.last().query.Get("query"))
	assert.NotContains(t, d.last().query, "page")
	assert.Equal(t, 31, first.Total)
	assert.True(t, first.HasNext)
	second, err := c.FilterTickets(t.Context(), `status:2`, 2)
	require.NoError(t, err)
	assert.False(t, second.HasNext)
	assert.Equal(t, "2", d.last().query.Get("page"))
}

func TestAFilterTheVendorWouldRefuseNeverLeaves(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for query, page := range map[string]int{
		"": 1, `status:2" OR "x`: 1, "tag:'" + strings.Repeat("é", 505) + "'": 1, "status:3": 41,
	} {
		_, err := d.client().FilterTickets(t.Context(), query, page)
		require.ErrorIs(t, err, freshservice.Invalid, query)
	}
	assert.Empty(t, d.requests())
}

func TestFilterTermsKeepPeoplesTextInsideItsQuotes(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		field, op string
		value     any
		want      string
	}{
		{"status", ":", 2, "status:2"},
		{"requester_id", ":", int64(21000418005), "requester_id:21000418005"},
		{"agent_id", ":", nil, "agent_id:null"},
		{"vip", ":", true, "vip:true"},
		{"tag", ":", "okta-evt 1", "tag:'okta-evt 1'"},
		{"updated_at", ":>", time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "updated_at:>'2026-01-02T03:04:05Z'"},
	} {
		got, err := freshservice.FilterTerm(tt.field, tt.op, tt.value)
		require.NoError(t, err)
		assert.Equal(t, tt.want, got)
	}
	for _, bad := range []struct {
		field, op string
		value     any
	}{
		{"tag", ":", "x' OR status:2 OR tag:'"},
		{"tag", ":", `x"`},
		{"tag", ":", `x\`},
		{"tag", ":", "x\ny"},
		{"tag:'a' OR x", ":", "y"},
		{"tag", "::", "y"},
		{"tag", ":", 1.5},
	} {
		_, err := freshservice.FilterTerm(bad.field, bad.op, bad.value)
		require.Error(t, err, "%v", bad)
	}
}

func TestTheTicketLogFollowsOnlyTheToken(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /tickets/7/activities",
		answer(200, `{"activities":[{"actor":{"id":0,"name":"Ticket Workflow"},"content":" set status","sub_contents":["Open"],"created_at":"2026-01-02T03:04:05Z"}],
			"next_page_url":"https://evil.test/api/v2/tickets/7/activities?start_token=abc%3D"}`),
		answer(200, `{"activities":[{"actor":{"id":4,"name":"Bo"},"content":"x","sub_contents":[],"created_at":"2026-01-01T03:04:05Z"}]}`))
	got, err := d.client().ListTicketActivities(t.Context(), 7)
	require.NoError(t, err)
	require.Len(t, got, 2)
	assert.Equal(t, freshservice.NamedRef{Name: "Ticket Workflow"}, got[0].Actor)
	assert.Equal(t, "abc=", d.last().query.Get("start_token"))
}
