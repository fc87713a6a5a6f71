package reviews_test

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"

	"latchkey/contract"
	"latchkey/review"
)

const (
	deskPath   = "/review/" + campaign
	decidePath = deskPath + "/decide"
)

var (
	adaEngineering = item("00uADA", group("00gENG", "Engineering"))
	adaNetSuite    = item("00uADA", application("0oaNET", "NetSuite"))
	benPayment     = item("00uBEN", group("00gPAY", "Payment approvers"))
	benProduction  = item("00uBEN", group("00gPROD", "Production access"))
	bossManagers   = item(boss, group("00gMGR", "People managers"))
)

func TestAnswersAreSavedWithoutAScript(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	p := v.get(deskPath)
	require.Contains(t, p.body, "Ada Byron")
	require.Contains(t, p.body, "<b data-done>0</b> of <b data-items>11</b> answered")

	p = v.post(decidePath, p.form("d."+adaEngineering, "certify", "d."+adaNetSuite, "revoke", "r."+adaNetSuite, " not used since March "))
	require.Equal(t, http.StatusOK, p.status)
	assert.Equal(t, deskPath, p.at.Path, "a reload does not send the form again")
	assert.Contains(t, p.body, "2 answers saved.")
	assert.Contains(t, p.body, "<b data-done>2</b>")
	a := o.answers(boss)
	assert.Equal(t, review.Decision{Item: adaNetSuite, Answer: review.Revoke, Reason: "not used since March", At: noon, Bulk: 1}, a.Decisions[adaNetSuite])
	assert.Equal(t, review.Certify, a.Decisions[adaEngineering].Answer)
	assert.Equal(t, boss, a.By[adaNetSuite])
	assert.Equal(t, review.ViaLink, a.Via[adaNetSuite])

	p = v.get(deskPath)
	assert.NotContains(t, p.body, "answers saved", "it is said once")
	p = v.post(decidePath, p.form("d."+adaEngineering, "certify", "d."+adaNetSuite, "certify"))
	assert.Contains(t, p.body, "1 answer saved.", "only what changed is a new answer")
	assert.Equal(t, review.Certify, o.answers(boss).Decisions[adaNetSuite].Answer)
	p = v.post(decidePath, p.form("d."+adaEngineering, "certify"))
	assert.Contains(t, p.body, "Nothing had changed.")
}

func TestWhatIsWrongStaysInTheFormAndTheRestIsSaved(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	p := v.get(deskPath)
	p = v.post(decidePath, p.form("d."+adaEngineering, "certify", "d."+adaNetSuite, "revoke", "d."+benPayment, "certify", "r."+benProduction, "kept while typing"))
	require.Equal(t, http.StatusUnprocessableEntity, p.status)
	assert.Contains(t, p.body, "1 answer saved. 2 answers not saved")
	assert.Equal(t, 2, strings.Count(p.body, "<b class=\"bad\">Not saved:</b> a reason is missing"))
	assert.Regexp(t, `name="d\.`+adaNetSuite+`" value="revoke" checked`, p.body, "the choice is still there")
	assert.Len(t, o.answers(boss).Decisions, 1)
	p = v.post(decidePath, p.form("d."+adaNetSuite, "revoke", "r."+adaNetSuite, "unused", "d."+benPayment, "certify", "r."+benPayment, "until the new year"))
	assert.Equal(t, http.StatusOK, p.status)
	assert.Contains(t, p.body, "2 answers saved.")
}

func TestADoubleSubmitCountsOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	form := v.get(deskPath).form("d."+adaEngineering, "certify")
	before := o.engine.handed
	first, second := v.post(decidePath, form), v.post(decidePath, form)
	assert.Equal(t, http.StatusOK, first.status)
	assert.Equal(t, http.StatusOK, second.status)
	assert.Equal(t, before+1, o.engine.handed, "the second finds that nothing changed")
	assert.Len(t, o.batches(boss), 1)
}

// An answer changed back and forth from the same form, as the browser's back button allows, is what was sent last.
func TestTheSameFormSentAgainAfterAChangeIsANewAnswer(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	p := v.get(deskPath)
	for _, answer := range []string{"certify", "revoke", "certify"} {
		back := v.post(decidePath, p.form("d."+adaEngineering, answer, "r."+adaEngineering, "a reason"))
		require.Contains(t, back.body, "1 answer saved.")
		require.Equal(t, review.Answer(answer), o.answers(boss).Decisions[adaEngineering].Answer)
	}
	assert.Len(t, o.batches(boss), 3)
}

func TestAnAnswerThatWasLostOnItsWayBackCountsOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	form := v.get(deskPath).form("d."+adaEngineering, "certify")
	o.engine.trouble(nil, errors.New("the answer is lost"))
	p := v.post(decidePath, form)
	require.Equal(t, http.StatusServiceUnavailable, p.status, "it is not known, so it is not called saved")
	o.engine.trouble(nil, nil)
	p = v.post(decidePath, p.form("d."+adaEngineering, "certify"))
	require.Equal(t, http.StatusOK, p.status)
	assert.Contains(t, p.body, "Nothing had changed.")
	assert.Len(t, o.answers(boss).Decisions, 1)
}

func TestWhileTemporalIsAwayNothingIsCalledSavedAndNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	form := v.get(deskPath).form("d."+adaEngineering, "certify", "d."+adaNetSuite, "revoke", "r."+adaNetSuite, `not "needed" & <gone>`)
	o.engine.trouble(errors.New("connection refused at 10.0.0.1"), nil)
	p := v.post(decidePath, form)
	require.Equal(t, http.StatusServiceUnavailable, p.status)
	assert.NotEmpty(t, p.header.Get("Retry-After"))
	assert.Contains(t, p.body, "Your answers were not saved")
	assert.NotContains(t, p.body, "10.0.0.1")
	assert.Contains(t, p.body, "<h3>NetSuite</h3>")
	assert.Contains(t, p.body, `value="not &#34;needed&#34; &amp; &lt;gone&gt;"`)
	assert.Regexp(t, `name="d\.`+adaNetSuite+`" value="revoke" checked`, p.body)
	o.engine.trouble(nil, nil)
	require.Empty(t, o.answers(boss).Decisions)
	p = v.post(decidePath, p.form("d."+adaEngineering, "certify", "d."+adaNetSuite, "revoke", "r."+adaNetSuite, `not "needed" & <gone>`))
	require.Equal(t, http.StatusOK, p.status)
	assert.Contains(t, p.body, "2 answers saved.")

	o.engine.trouble(errors.New("away"), nil)
	assert.Equal(t, http.StatusServiceUnavailable, v.get(deskPath).status)
}

func TestWhileTheBlobStoreIsAwayNothingIsCalledSaved(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	form := v.get(deskPath).form("d."+adaEngineering, "certify")
	require.NoError(t, o.blobs.Close())
	p := v.post(decidePath, form)
	require.Equal(t, http.StatusServiceUnavailable, p.status)
	assert.Contains(t, p.body, "were not saved")
	assert.Zero(t, o.engine.handed)
	p = v.post(decidePath, form, "Accept", "application/json")
	require.Equal(t, http.StatusServiceUnavailable, p.status)
	assert.Contains(t, p.body, `"saved":[]`)
}

func TestAClosedReviewIsReadOnly(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	form := v.get(deskPath).form("d."+adaEngineering, "certify")
	require.Equal(t, http.StatusOK, v.post(decidePath, form).status)
	o.engine.change(boss, func(s *contract.ReviewerState) { s.Open = false })
	p := v.get(deskPath)
	assert.Equal(t, http.StatusOK, p.status)
	assert.Contains(t, p.body, "This review is closed.")
	assert.NotContains(t, p.body, `type="radio"`)
	assert.Contains(t, p.body, "<b>Certified</b>")
	p = v.post(decidePath, form2(form, "d."+adaEngineering, "revoke", "r."+adaEngineering, "too late"))
	assert.Equal(t, http.StatusUnprocessableEntity, p.status)
	assert.Contains(t, p.body, "closed")
	assert.Equal(t, review.Certify, o.answers(boss).Decisions[adaEngineering].Answer)
}

func TestNobodyDecidesAboutTheirOwnAccess(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	p := v.get(deskPath)
	assert.Contains(t, p.body, "Your own access: somebody else has to decide about it.")
	assert.NotContains(t, p.body, `name="d.`+bossManagers+`"`)
	p = v.post(decidePath, p.form("d."+bossManagers, "certify"))
	assert.Equal(t, http.StatusUnprocessableEntity, p.status)
	assert.Empty(t, o.answers(boss).Decisions)
}

func TestWhatIsNotInThePacketIsNotDecided(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seat(ownersPacket(8))
	v := o.linked(boss)
	p := v.get(deskPath)
	foreign := item("00uP0001", application("0oaSALES", "Salesforce"))
	p = v.post(decidePath, p.form("d."+foreign, "certify"), "Accept", "application/json")
	assert.Equal(t, http.StatusUnprocessableEntity, p.status)
	assert.Contains(t, p.body, "not in this reviewer")
	assert.Empty(t, o.answers(boss).Decisions)
	assert.Empty(t, o.answers(owner).Decisions)
}

func TestTextFromOutsideIsEscaped(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.linked(boss).get(deskPath)
	assert.Contains(t, p.body, "Zoë &lt;b&gt;Winter&lt;/b&gt;")
	assert.NotContains(t, p.body, "<b>Winter</b>")
}

func form2(form url.Values, chosen ...string) url.Values {
	out := url.Values{}
	maps.Copy(out, form)
	for i := 0; i+1 < len(chosen); i += 2 {
		out.Set(chosen[i], chosen[i+1])
	}
	return out
}

// batches lists what lies in the blob store of a reviewer's batches.
func (o *office) batches(reviewer string) []string {
	o.t.Helper()
	var keys []string
	list := o.blobs.List(&blob.ListOptions{Prefix: review.BatchKey(campaign, reviewer, "")[:len(review.BatchKey(campaign, reviewer, ""))-len(".json")]})
	for {
		found, err := list.Next(o.t.Context())
		if err != nil {
			return keys
		}
		keys = append(keys, found.Key)
	}
}

func TestTheTimeOfABatchIsTheServers(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	p := v.get(deskPath)
	o.advance(time.Minute)
	v.post(decidePath, p.form("d."+adaEngineering, "certify"))
	assert.Equal(t, noon.Add(time.Minute), o.answers(boss).Decisions[adaEngineering].At)
}
