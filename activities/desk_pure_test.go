package activities

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

func TestGroupNamesAreReadBack(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("a very long name of a group ", 20)
	for _, unit := range []string{"plan", "21000018005", "two words / and a slash", strings.Repeat("k", 300), "u~", ""} {
		for _, name := range []string{"manager", "Owners (2)", "A/1.2 trick (7) ", long, "", "naïve 名前"} {
			for _, attempt := range []int{1, 2, 9} {
				id := openedGroup{levelKey: keyOf(12, 3, contract.Unit{Key: unit, Round: 4, Level: 1}), group: 2, attempt: attempt}
				text := id.groupName(name)
				require.LessOrEqual(t, utf8.RuneCountInString(text), groupNameLimit, text)
				got, ok := parseGroupName(text)
				require.True(t, ok, text)
				if name == "Owners (2)" || strings.HasSuffix(name, "(7) ") {
					got.attempt = attempt // a name may end as an attempt does; identity is in the rest
				}
				require.Equal(t, id, got, text)
			}
		}
	}
}

func TestGroupNamesOfOthersAreNotOurs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"", "Managers", "LK-", "LK-12", "LK-12.0.0 plan", "LK-12.0.0 plan/1", "lk-12.0.0 plan/1.1 x", "LK-12.0.0 a b/1.1 x",
		"LK-99999999999999999999.0.0 plan/1.1 x", "xLK-12.0.0 plan/1.1 x", "LK-12.0.0 plan/1.1x y",
	} {
		_, ok := parseGroupName(name)
		require.False(t, ok, name)
	}
}

func TestUnitsWithDifferentKeysHaveDifferentNames(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, key := range []string{"a b", "a_b", "a-b", "A-B", "ab", strings.Repeat("a", 20), strings.Repeat("a", 21), strings.Repeat("a", 22)} {
		short := unitShort(key)
		require.Empty(t, seen[short], "%q and %q", key, seen[short])
		seen[short] = key
	}
}

func TestMarkersAreFoundOnlyAtTheEndOfOurOwnNotes(t *testing.T) {
	t.Parallel()
	const me = 7
	key := markerKey(1, `result "x" <y>`)
	require.Equal(t, "1/result--x---y-", key)
	ours := freshservice.Conversation{UserID: me, Body: "<p>Done.</p>" + markerHTML(key)}
	require.True(t, hasMarker(ours, key, me))
	require.True(t, hasMarker(ours, key, 0), "an account that does not tell who we are")
	text := ours
	text.Body, text.BodyText = "", freshservice.HTMLToText(ours.Body)
	require.True(t, hasMarker(text, key, me))

	reply, colleague, quoting, longer := ours, ours, ours, ours
	reply.Incoming = true
	require.False(t, hasMarker(reply, key, me))
	require.False(t, hasMarker(reply, key, 0))
	colleague.UserID = 8
	require.False(t, hasMarker(colleague, key, me))
	quoting.Body += markerHTML("1/other")
	require.False(t, hasMarker(quoting, key, me))
	longer.Body = markerHTML(key + "-2")
	require.False(t, hasMarker(longer, key, me))
}

func TestBodiesAreCutToFit(t *testing.T) {
	t.Parallel()
	small := "<p>Hello &amp; welcome</p>"
	body, whole := fitBody(small, 100)
	require.True(t, whole)
	require.Equal(t, small, body)

	table := "<table><tr><td>" + strings.Repeat("x", 5000) + "</td></tr></table>"
	body, whole = fitBody("<p>before</p><table><tr><td>short</td></tr></table>"+table+"<p>after</p>", 1000)
	require.False(t, whole)
	require.Equal(t, "<p>before</p><table><tr><td>short</td></tr></table>"+cutNotice+"<p>after</p>", body)

	for limit := 60; limit < 400; limit += 7 {
		body, whole = fitBody(strings.Repeat("<p>Ünïcode &lt;b&gt; &amp; more</p>", 200), limit)
		require.False(t, whole)
		require.LessOrEqual(t, len(body), max(limit, len("<p></p>")+len(endNotice)))
		require.True(t, utf8.ValidString(body))
		require.NotContains(t, body, "<b>")
		require.Contains(t, freshservice.HTMLToText(body), endNotice)
	}
}

func TestBoardingAnswersBecomeReadable(t *testing.T) {
	t.Parallel()
	var b freshservice.BoardingContext
	require.NoError(t, json.Unmarshal([]byte(`{
		"fields": {"cf_department": 21, "actor_2": 22, "cf_last_working_date_date": "04-12-2026", "cf_note": "31-13-2026", "msf_apps": [1, 2]},
		"lookup_values": {
			"cf_department": {"id": 21, "name": "Sales"},
			"actor_2": {"id": 22, "first_name": "Mara", "last_name": "Delacroix", "email": "mara@acme.example"},
			"msf_apps": [{"id": 1, "name": "Miro"}, {"id": 2, "name": "Figma"}]
		}}`), &b))
	require.Equal(t, map[string]any{
		"cf_department": "Sales", "actor_2": "mara@acme.example", "cf_last_working_date_date": "2026-12-04", "cf_note": "31-13-2026",
		"msf_apps": []any{"Miro", "Figma"},
	}, boardingFacts(b))
}

func TestSweepStateForgetsWhatNoSweepCanMeetAgain(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	require.Equal(t, now.Add(-firstLookBack), sweepState{}.since(now))
	s := sweepState{Completed: now.Add(-time.Hour), Seen: map[int64]time.Time{1: now.Add(-48 * time.Hour), 2: now.Add(-time.Minute), 3: now}}
	next := s.after(now, map[int64]time.Time{2: now, 3: now.Add(-time.Hour)}, map[int64]string{9: "1:x"})
	require.Equal(t, sweepState{Completed: now, Seen: map[int64]time.Time{2: now, 3: now}, Open: map[int64]string{9: "1:x"}}, next)
	require.Equal(t, now.Add(-sweepOverlap), next.since(now.AddDate(1, 0, 0)))
}

func TestOpenPrintsTellSetsOfOneSizeApart(t *testing.T) {
	t.Parallel()
	require.Equal(t, openPrint([]int64{1, 2}), openPrint([]int64{2, 1}))
	require.NotEqual(t, openPrint([]int64{1, 2}), openPrint([]int64{1, 3}))
	require.NotEqual(t, openPrint([]int64{12}), openPrint([]int64{1, 2}))
}

func TestClosingFieldsFillOnlyWhatIsEmpty(t *testing.T) {
	t.Parallel()
	ticket := freshservice.Ticket{Category: "Chosen by hand", CustomFields: freshservice.Fields{"kept": "yes"}}
	var update freshservice.TicketUpdate
	require.NoError(t, closing(&update, ticket, map[string]any{
		"category": "Access", "sub_category": "Application", "group_id": 21, "custom_fields.kept": "no", "custom_fields.code": "Done",
	}))
	require.Nil(t, update.Category)
	require.Equal(t, "Application", *update.SubCategory)
	require.Equal(t, int64(21), *update.GroupID)
	require.Equal(t, freshservice.Fields{"code": "Done"}, update.CustomFields)

	require.ErrorContains(t, closing(&update, ticket, map[string]any{"group_id": "Identity Team"}), "number of a record")
	err := closing(&update, ticket, map[string]any{"closure": "Done"})
	require.Equal(t, casework.Invalid, kindOf(err))
	require.ErrorContains(t, err, "custom_fields.<name>")
}

func TestWithdrawalNeverReachesALaterLevel(t *testing.T) {
	t.Parallel()
	unit := contract.Unit{Key: "plan", Round: 1, Level: 1}
	in := contract.WithdrawInput{Ticket: 12, Run: 2, Unit: &unit}
	for _, test := range []struct {
		key  levelKey
		want bool
	}{
		{levelKey{12, 2, 1, "plan", 2}, true},
		{levelKey{12, 2, 1, "plan", 1}, true},
		{levelKey{12, 2, 0, "plan", 3}, true},
		{levelKey{12, 2, 1, "plan", 3}, false},
		{levelKey{12, 2, 2, "plan", 1}, false},
		{levelKey{12, 2, 1, "other", 1}, false},
		{levelKey{12, 1, 1, "plan", 1}, false},
	} {
		require.Equal(t, test.want, withdrawn(in, test.key), "%+v", test.key)
	}
	in.Unit = nil
	require.True(t, withdrawn(in, levelKey{12, 2, 9, "other", 9}))
	require.False(t, withdrawn(in, levelKey{12, 3, 0, "plan", 1}))
}

// FuzzTicketFacts feeds whatever the vendor might send through the mapping and through policy: nothing may panic, every
// time is UTC, and text stays data.
func FuzzTicketFacts(f *testing.F) {
	for _, seed := range []string{
		`{"id":1,"subject":"Access to Salesforce","description":"<p>please</p>","type":"Incident","custom_fields":{"a":null,"b":[1,"x",{"id":3}]}}`,
		`{"id":"7","type":"Service Request","status":"3","tags":null,"created_at":"2026-01-02T03:04:05+05:30","approval_status":4}`,
		`{"source":18,"offboarding_context":{"fields":{"cf_employee_email":"a@b.c","cf_d":"04-12-2026"},"lookup_values":{"cf_x":[{"name":"y"}]}}}`,
		`{"subject":"{{.Env}} ${x} '; drop \u0000 \ud800","description_text":"` + strings.Repeat("é", 50) + `"}`,
		`{"custom_fields":[],"onboarding_context":{"fields":null,"lookup_values":[]}}`,
	} {
		f.Add(seed)
	}
	p, err := policy.Load("testdata/desk")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, raw string) {
		var ticket freshservice.Ticket
		if json.Unmarshal([]byte(raw), &ticket) != nil {
			return
		}
		facts := ticketFacts(ticket, "Open", "")
		require.Equal(t, time.UTC, facts.CreatedAt.Location())
		require.LessOrEqual(t, len(facts.Text), 4*textLimit)
		require.True(t, !utf8.ValidString(ticket.Subject) || utf8.ValidString(facts.Text))
		kept := caseTicket(ticket, "Open", "", p.Desk())
		require.Equal(t, ticket.Deleted || ticket.Spam, kept.Gone)
		wanted := p.MaybeWanted(facts)
		c, err := p.Classify(policy.IntakeFacts{Ticket: facts, Now: time.Unix(0, 0)})
		require.NoError(t, err)
		require.False(t, c.UseCase != "" && !wanted, "classified as %s by %s, although no rule could want it", c.UseCase, c.Rule)
		for _, item := range c.Items {
			require.Contains(t, []string{"", "salesforce"}, item.Catalogue)
		}
		_, err = json.Marshal(casework.Request{Ticket: kept, Fields: c.Fields, Items: c.Items})
		require.NoError(t, err)
	})
}
