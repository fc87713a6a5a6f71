package activities_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/simulators/okta/oktasim"
)

const deskKeyOf = "sync/desk/test.json"

// onDesk is one person as SyncReadDesk leaves them in the store.
type onDesk struct {
	ID     int64             `json:"id"`
	Active bool              `json:"active"`
	Emails []string          `json:"emails"`
	Values map[string]string `json:"values"`
}

func putDesk(t *testing.T, bucket *blob.Bucket, people ...onDesk) {
	t.Helper()
	raw, err := json.Marshal(map[string]any{"people": people})
	require.NoError(t, err)
	require.NoError(t, bucket.WriteAll(context.Background(), deskKeyOf, raw, nil))
}

// syncWorld is an Okta whose sync maps two attributes that the desk owns and one of Okta's.
func syncWorld(t *testing.T, more string) *world {
	t.Helper()
	return newWorld(t, map[string]string{"sync.yaml": "mode: act\nmatch: [email, employee_number]\nattributes:\n" +
		"  - {name: title, owner: desk, okta: title, desk: job_title}\n" +
		"  - {name: mobile, owner: desk, okta: mobilePhone, desk: mobile_phone_number}\n" +
		"  - {name: department, owner: desk, okta: department, desk: department}\n" +
		"  - {name: number, owner: okta, okta: employeeNumber, desk: custom.employee_number}\n" + more})
}

func (w *world) compareBen(wrote map[string]string) contract.SyncCompareResult {
	w.t.Helper()
	result, err := run[contract.SyncCompareResult](w, contract.ActSyncCompare, contract.SyncCompareInput{
		OktaUserID: w.user(acme.Ben).ID, Desk: deskKeyOf, Wrote: wrote,
	})
	require.NoError(w.t, err)
	return result
}

// likeBen is Ben on the desk, who says what Okta says, but for some values.
func (w *world) likeBen(but map[string]string) onDesk {
	w.t.Helper()
	user := w.user(acme.Ben)
	values := map[string]string{}
	for okta, desk := range map[string]string{
		"title": "job_title", "mobilePhone": "mobile_phone_number", "department": "department", "employeeNumber": "custom.employee_number",
	} {
		if v, is := user.Profile[okta].(string); is {
			values[desk] = v
		}
	}
	maps.Copy(values, but)
	return onDesk{ID: 7, Active: true, Emails: []string{acme.Ben}, Values: values}
}

func driftOf(t *testing.T, drifts []casework.Drift, name string) casework.Drift {
	t.Helper()
	for _, d := range drifts {
		if d.Attribute.Name == name {
			return d
		}
	}
	require.Fail(t, "no drift of "+name)
	return casework.Drift{}
}

func TestWhatAGroupRuleLooksAtIsARoleChangeAndNotABareWrite(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		more    string
		kind    casework.DriftKind
		shrinks bool
	}{
		"by default":                {"", casework.DriftRoleChange, false},
		"where policy has it so":    {"role_change: {access: write}\n", casework.DriftWrite, true},
		"where policy lists it too": {"role_change: {access: write, attributes: [department]}\n", casework.DriftRoleChange, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := syncWorld(t, test.more)
			putDesk(t, w.blobs, w.likeBen(map[string]string{"department": "Marketing", "mobile_phone_number": "+1 212 555 0100"}))
			drifts := w.compareBen(nil).Drifts
			d := driftOf(t, drifts, "department")
			assert.Equal(t, test.kind, d.Kind, d.Why)
			assert.Equal(t, test.shrinks, d.Shrinks)
			assert.Equal(t, casework.DriftWrite, driftOf(t, drifts, "mobile").Kind, "a phone changes nobody's access")
			assert.Len(t, drifts, 2)
		})
	}
}

func TestTwoAccountsNeverWriteOneRecord(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, "")
	ben := w.likeBen(map[string]string{"mobile_phone_number": "1"})
	ben.Emails = append(ben.Emails, acme.Clara) // the desk has merged two people
	putDesk(t, w.blobs, ben)
	_, err := run[contract.SyncCompareResult](w, contract.ActSyncCompare, contract.SyncCompareInput{OktaUserID: w.user(acme.Ben).ID, Desk: deskKeyOf})
	assert.Equal(t, casework.Conflict, kind(err))

	one, two := w.likeBen(nil), w.likeBen(nil)
	two.ID = 8
	putDesk(t, w.blobs, one, two)
	_, err = run[contract.SyncCompareResult](w, contract.ActSyncCompare, contract.SyncCompareInput{OktaUserID: w.user(acme.Ben).ID, Desk: deskKeyOf})
	assert.Equal(t, casework.Conflict, kind(err), "and nobody guesses which of two is meant")
}

func TestSomebodyIsFoundByTheEmployeeNumber(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, "")
	ben := w.likeBen(nil)
	ben.Emails = []string{"ben@elsewhere.example"}
	putDesk(t, w.blobs, ben)
	result := w.compareBen(nil)
	assert.Equal(t, int64(7), result.DeskID)
	assert.Empty(t, result.Drifts)
}

func TestSomebodyWhoIsNotOnTheDesk(t *testing.T) {
	t.Parallel()
	shut := onDesk{ID: 7, Emails: []string{acme.Ben}}
	for name, test := range map[string]struct {
		more   string
		desk   []onDesk
		create bool
		report bool
	}{
		"is reported":                 {"", nil, false, true},
		"is made where policy has it": {"missing: {on_desk: create}\n", nil, true, true},
		"is left alone":               {"missing: {on_desk: ignore}\n", nil, false, false},
		"was shut there and stays so": {"missing: {on_desk: create}\n", []onDesk{shut}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := syncWorld(t, test.more)
			putDesk(t, w.blobs, test.desk...)
			result := w.compareBen(nil)
			assert.Zero(t, result.DeskID)
			assert.Equal(t, test.create, result.Create)
			assert.Equal(t, test.report, result.Report)
			if test.create {
				assert.Equal(t, map[string]string{"custom.employee_number": w.user(acme.Ben).Profile["employeeNumber"].(string)}, result.Values) //nolint:errcheck,forcetypeassert // Acme's are texts
			}
		})
	}
}

func TestWhatDoesNotStayAsItIsWrittenIsWrittenOnce(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, "")
	putDesk(t, w.blobs, w.likeBen(map[string]string{"custom.employee_number": "[A1]"}))
	first := driftOf(t, w.compareBen(nil).Drifts, "number")
	require.Equal(t, casework.DriftWrite, first.Kind)
	again := driftOf(t, w.compareBen(map[string]string{"number": "[A1]"}).Drifts, "number")
	assert.Equal(t, casework.DriftWrite, again.Kind, "the desk shows an older state: that says nothing")

	putDesk(t, w.blobs, w.likeBen(map[string]string{"custom.employee_number": "<cut>"}))
	w.compareBen(map[string]string{"number": "[A1]"})
	assert.Equal(t, casework.DriftStuck, driftOf(t, w.compareBen(nil).Drifts, "number").Kind)

	putDesk(t, w.blobs, w.likeBen(map[string]string{"custom.employee_number": "by hand"}))
	assert.Equal(t, casework.DriftWrite, driftOf(t, w.compareBen(nil).Drifts, "number").Kind, "somebody changed it since")
}

// syncChangeOf is what the workflow asks for.
func syncChangeOf(w *world, login, attribute string, value any) contract.ApplyInput {
	return contract.ApplyInput{
		UseCase: casework.ProfileSync, Unit: "sync", Named: true, Person: identity.Person{OktaUserID: w.user(login).ID},
		Change: casework.Change{ID: "update_profile " + attribute, Verb: casework.VerbUpdateProfile, Values: map[string]any{attribute: value}},
	}
}

func TestASyncComesBackWhenACaseAboutThePersonIsUnderWay(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, "")
	in := syncChangeOf(w, acme.Ben, "mobilePhone", "1")
	w.cluster.turns[in.Person.OktaUserID] = contract.Turns{Holder: &contract.Turn{Ticket: 12}}
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeHeld, result.Outcome)
	assert.Equal(t, contract.GuardTurn, result.Guard)
	w.cluster.turns[in.Person.OktaUserID] = contract.Turns{Leaver: 12}
	result, err = run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(t, err)
	assert.Equal(t, contract.GuardLeaver, result.Guard, "and never to somebody who leaves")
	delete(w.cluster.turns, in.Person.OktaUserID)
	result, err = run[contract.ApplyResult](w, contract.ActApplyChange, in)
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeDone, result.Outcome, result.Detail)
	assert.Equal(t, "1", w.user(acme.Ben).Profile["mobilePhone"])
}

func TestASyncInObserveChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil) // sync.yaml is {}
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, syncChangeOf(w, acme.Ben, "mobilePhone", "1"))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeHeld, result.Outcome)
	assert.Equal(t, contract.GuardMode, result.Guard)
}

func TestWhatAnotherSystemMastersIsRemembered(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, "")
	_, err := w.sim.SetFault(oktasim.Fault{Kind: oktasim.FaultStatus, Status: http.StatusForbidden, Code: "E0000023", Method: http.MethodPost, Path: "/users/*"})
	require.NoError(t, err)
	result, err := run[contract.ApplyResult](w, contract.ActApplyChange, syncChangeOf(w, acme.Ben, "mobilePhone", "1"))
	require.NoError(t, err)
	assert.Equal(t, contract.OutcomeLeft, result.Outcome)
	putDesk(t, w.blobs, w.likeBen(map[string]string{"mobile_phone_number": "1"}))
	assert.Equal(t, casework.DriftMastered, driftOf(t, w.compareBen(nil).Drifts, "mobile").Kind)
	w.okta.Now = func() time.Time { return time.Now().AddDate(0, 2, 0) }
	assert.Equal(t, casework.DriftWrite, driftOf(t, w.compareBen(nil).Drifts, "mobile").Kind, "after some weeks it is tried once more")
}

func TestAWalkComparesEverybodyAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, "people: person.attributes.userType == \"Employee\"\n")
	putDesk(t, w.blobs, w.likeBen(map[string]string{"mobile_phone_number": "+1 1"}),
		onDesk{ID: 9, Active: true, Emails: []string{"stranger@acme.example"}}, onDesk{ID: 10, Emails: []string{"shut@acme.example"}})
	before := w.sim.Writes()
	result, err := run[contract.SyncWalkResult](w, contract.ActSyncWalk, contract.SyncWalkInput{Desk: deskKeyOf, Started: time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	assert.Empty(t, result.Next)
	assert.Equal(t, []string{w.user(acme.Ben).ID}, result.Work)
	assert.Equal(t, 1, result.Counts.Differ)
	assert.Equal(t, 1, result.Counts.NotOkta, "who is shut on the desk is nobody's loss")
	assert.Equal(t, result.Counts.People-1, result.Counts.NotDesk)
	assert.Equal(t, "sync/reports/20261124T120000Z", result.Report)
	assert.Equal(t, before, w.sim.Writes())
	raw, err := w.blobs.ReadAll(t.Context(), result.Report+"/0000-0001.json")
	require.NoError(t, err)
	var lines []contract.SyncLine
	require.NoError(t, json.Unmarshal(raw, &lines))
	assert.NotEmpty(t, lines)
	assert.NotContains(t, string(raw), "+1", "a report holds no phone number")
}

func TestAWalkRemovesReportsThatPolicyKeepsNoLonger(t *testing.T) {
	t.Parallel()
	w := syncWorld(t, "keep_reports: 30d\npeople: person.attributes.userType == \"Employee\"\n")
	putDesk(t, w.blobs)
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	w.okta.Now = func() time.Time { return now }
	put := func(key string) string {
		require.NoError(t, w.blobs.WriteAll(t.Context(), key, []byte("[]"), nil))
		return key
	}
	gone := []string{put("sync/reports/20261024T110000Z/0000-0001.json"), put("sync/reports/20261024T110000Z/seen.json"), put("sync/reports/20250101T000000Z/0000-0001.json")}
	kept := []string{put("sync/reports/20261026T110000Z/0000-0001.json"), put("sync/reports/of-our-own/old.json"), put("sync/memory/00u1.json")}
	there := func(key string) bool {
		found, err := w.blobs.Exists(t.Context(), key)
		require.NoError(t, err)
		return found
	}
	result, err := run[contract.SyncWalkResult](w, contract.ActSyncWalk, contract.SyncWalkInput{Desk: deskKeyOf, Started: now})
	require.NoError(t, err)
	for _, key := range gone {
		assert.False(t, there(key), key)
	}
	for _, key := range append(kept, result.Report+"/0000-0001.json") {
		assert.True(t, there(key), key)
	}

	now = now.AddDate(0, 0, 40) // a walk that began before the time it keeps does not remove its own
	begun := now.AddDate(0, 0, -31)
	long, err := run[contract.SyncWalkResult](w, contract.ActSyncWalk, contract.SyncWalkInput{Desk: deskKeyOf, Started: begun})
	require.NoError(t, err)
	assert.True(t, there(long.Report+"/0000-0001.json"))
	assert.False(t, there(result.Report+"/0000-0001.json"))
}
