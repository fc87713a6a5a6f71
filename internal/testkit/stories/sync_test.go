package stories_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/simulators/okta/oktasim"
)

// profile is one attribute of somebody in Okta now.
func profile(t *testing.T, p *playground.Playground, login, attribute string) any {
	t.Helper()
	user, ok := p.Okta.User(login)
	require.True(t, ok)
	return user.Profile[attribute]
}

// deskWrites counts the writes of people on the desk, whoever made them.
func deskWrites(p *playground.Playground) int {
	n := 0
	for _, r := range p.Desk.Requests() {
		if !strings.HasPrefix(r.Route, "GET ") && (strings.Contains(r.Route, "/requesters") || strings.Contains(r.Route, "/agents")) {
			n += r.Count
		}
	}
	return n
}

// requesterChanged tells the bridge what an app of the tenant would: somebody changed on the desk.
func requesterChanged(t *testing.T, p *playground.Playground, id int64) {
	t.Helper()
	body := `{"event":"requester_updated","requester_id":` + strconv.FormatInt(id, 10) + `}`
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.BridgeURL+"/webhooks/freshservice", strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Latchkey-Secret", p.Secrets.Webhook)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusAccepted, answer.StatusCode)
}

func TestProfilesAreKeptAlikeInBothDirectionsAndOurEchoMakesNoLoop(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	require.NoError(t, p.ConnectOkta(ctx))

	require.NoError(t, p.SetProfile(ctx, acme.Ben, map[string]any{"title": "Senior Account Executive"}))
	result, err := p.WaitSync(ctx, acme.Ben, time.Time{}) // Okta's own event began it
	require.NoError(t, err)
	require.Equal(t, contract.SyncWritten, result.End, "%+v", result)
	ben, err := p.DeskPerson(ctx, acme.Ben)
	require.NoError(t, err)
	assert.Equal(t, "Senior Account Executive", ben.JobTitle)

	phone := "+1 212 555 0199"
	ben, err = p.SetDeskPerson(ctx, acme.Ben, freshservice.PersonInput{MobilePhone: &phone})
	require.NoError(t, err)
	mark := p.Mark()
	requesterChanged(t, p, ben.ID)
	result, err = p.WaitSync(ctx, acme.Ben, result.At)
	require.NoError(t, err)
	require.Equal(t, contract.SyncWritten, result.End, "%+v", result)
	assert.Equal(t, phone, profile(t, p, acme.Ben, "mobilePhone"))
	assert.Equal(t, []string{"user.account.update_profile"}, changes(t, p, acme.Ben, mark))
	for _, line := range result.Lines {
		assert.NotContains(t, line.Wanted+line.Has, "555", "private contact data is not in what people read")
	}

	okta, desk := p.Okta.Writes(), deskWrites(p)
	for range 3 {
		result, err = p.Sync(ctx, acme.Ben)
		require.NoError(t, err)
		assert.Equal(t, contract.SyncAlike, result.End, "%+v", result)
	}
	assert.Equal(t, okta, p.Okta.Writes(), "nothing more is written to Okta")
	assert.Equal(t, desk, deskWrites(p), "nor to the desk")
}

func TestASyncThatObservesWritesNothing(t *testing.T) {
	p := server.Playground(t, func(o *playground.Options) {
		o.Edits = map[string][]playground.Edit{"sync.yaml": {{Old: "mode: act", New: "mode: observe"}}}
	})
	ctx := testkit.Soon(t)
	require.NoError(t, p.SetProfile(ctx, acme.Ben, map[string]any{"title": "Another"}))
	phone := "+1 212 555 0198"
	_, err := p.SetDeskPerson(ctx, acme.Clara, freshservice.PersonInput{MobilePhone: &phone})
	require.NoError(t, err)
	okta, desk := p.Okta.Writes(), deskWrites(p)
	for _, who := range []string{acme.Ben, acme.Clara} {
		result, err := p.Sync(ctx, who)
		require.NoError(t, err)
		assert.Equal(t, contract.SyncObserved, result.End, "%+v", result)
	}
	walk, err := p.SyncEverybody(ctx, false)
	require.NoError(t, err)
	assert.Equal(t, 2, walk.Counts.Differ, "%+v", walk)
	assert.Empty(t, walk.Ends)
	assert.Equal(t, okta, p.Okta.Writes())
	assert.Equal(t, desk, deskWrites(p))
}

func TestAnAttributeThatAnotherSystemMastersIsReportedOnceAndNotTriedAgain(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	phone := "+1 212 555 0197"
	_, err := p.SetDeskPerson(ctx, acme.Ben, freshservice.PersonInput{MobilePhone: &phone})
	require.NoError(t, err)
	fault, err := p.Okta.SetFault(oktasim.Fault{Kind: oktasim.FaultStatus, Status: http.StatusForbidden, Code: "E0000023", Method: http.MethodPost, Path: "/users/*"})
	require.NoError(t, err)
	result, err := p.Sync(ctx, acme.Ben)
	require.NoError(t, err)
	require.Equal(t, contract.SyncLeft, result.End, "%+v", result)
	require.Len(t, result.Lines, 1)
	assert.Contains(t, result.Lines[0].Why, "another system masters")
	for range 2 {
		result, err = p.Sync(ctx, acme.Ben)
		require.NoError(t, err)
		assert.Equal(t, contract.SyncAlike, result.End, "there is no work in it any more: %+v", result)
		require.Len(t, result.Lines, 1)
		assert.Equal(t, casework.DriftMastered, result.Lines[0].Kind)
	}
	assert.Equal(t, 1, p.Okta.FaultHits()[fault], "it was tried once")
}

func TestADepartmentThatChangesOnTheDeskBecomesARoleChange(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	marketing, err := p.Department(ctx, "Marketing")
	require.NoError(t, err)
	_, err = p.SetDeskPerson(ctx, acme.Ben, freshservice.PersonInput{DepartmentIDs: &[]int64{marketing}})
	require.NoError(t, err)
	mark := p.Mark()
	var asked []string
	for range 2 {
		result, err := p.Sync(ctx, acme.Ben)
		require.NoError(t, err)
		require.Equal(t, contract.SyncLeft, result.End, "%+v", result)
		require.Len(t, result.Lines, 1)
		assert.Equal(t, casework.DriftRoleChange, result.Lines[0].Kind)
		asked = append(asked, result.Lines[0].Why)
	}
	_, label, found := strings.Cut(asked[0], "asked for in FS-")
	require.True(t, found, asked[0])
	assert.Equal(t, asked[0], asked[1], "one ticket")
	assert.Empty(t, changes(t, p, acme.Ben, mark), "nothing is written until it is approved")
	ticket, err := strconv.ParseInt(label, 10, 64)
	require.NoError(t, err)
	approveAll(t, p, ticket)
	ends(t, p, ticket, casework.EndDone, casework.EndResiduals)
	assert.Equal(t, "Marketing", profile(t, p, acme.Ben, "department"))
	result, err := p.Sync(ctx, acme.Ben)
	require.NoError(t, err)
	assert.Equal(t, contract.SyncAlike, result.End, "%+v", result)
}

func TestAWalkWritesForThoseWhoDifferAndASecondOneFindsNothing(t *testing.T) {
	p := server.Playground(t, nil)
	ctx := testkit.Soon(t)
	look, err := p.SyncEverybody(ctx, true)
	require.NoError(t, err)
	require.Zero(t, look.Counts.Differ, "Acme begins alike: %+v", look)
	require.NotZero(t, look.Counts.People)
	assert.Equal(t, 1, look.Counts.Unsure, "two accounts share an address: neither overwrites the other")
	for _, who := range []string{acme.Ben, acme.Clara, acme.Ada} {
		require.NoError(t, p.SetProfile(ctx, who, map[string]any{"employeeNumber": "X" + who[:3]}))
	}
	walk, err := p.SyncEverybody(ctx, false)
	require.NoError(t, err)
	assert.Equal(t, 3, walk.Counts.Differ)
	assert.Equal(t, map[contract.SyncEnd]int{contract.SyncWritten: 3}, walk.Ends)
	for _, who := range []string{acme.Ben, acme.Clara, acme.Ada} {
		person, err := p.DeskPerson(ctx, who)
		require.NoError(t, err)
		assert.Equal(t, "X"+who[:3], person.CustomFields["employee_number"])
	}
	walk, err = p.SyncEverybody(ctx, false)
	require.NoError(t, err)
	assert.Zero(t, walk.Counts.Differ, "%+v", walk)
	assert.Empty(t, walk.Ends)
}
