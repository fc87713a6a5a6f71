package reviews_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/review"
)

func bulkPath(group, answer string) string {
	return deskPath + "/bulk?group=" + url.QueryEscape(group) + "&answer=" + answer
}

func TestManyAreCertifiedTogetherOnlyWithoutMarks(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seat(ownersPacket(40))
	v := o.linked(owner)
	p := v.get(deskPath)
	require.Contains(t, p.body, "Certify the 27 without marks…")
	require.Contains(t, p.body, bulkPath("app:0oaSALES", "certify")[len(deskPath):len(deskPath)+6])

	p = v.get(bulkPath("app:0oaSALES", "certify"))
	require.Equal(t, http.StatusOK, p.status)
	assert.Contains(t, p.body, "Certify 27 items of Salesforce?")
	assert.Contains(t, p.body, "Left for you to look at one by one: 3 items")
	for _, name := range []string{"Person 0009", "Person 0019", "Person 0029"} {
		assert.Regexp(t, "<li><b>"+name+"</b>.*Dormant account", p.body, "what is marked is named")
	}
	assert.Equal(t, 27, strings.Count(p.body, `name="item"`))
	assert.Empty(t, o.answers(owner).Decisions, "looking decides nothing")

	form := p.form()
	p = v.post(decidePath, form)
	require.Equal(t, http.StatusOK, p.status)
	assert.Contains(t, p.body, "27 answers saved.")
	a := o.answers(owner)
	require.Len(t, a.Decisions, 27)
	for _, d := range a.Decisions {
		assert.Equal(t, 27, d.Bulk)
	}
	assert.Len(t, o.batches(owner), 1)

	p = v.get(bulkPath("app:0oaSALES", "certify"))
	assert.Contains(t, p.body, "There is nothing undecided")
	assert.Contains(t, p.body, "3 items")
}

func TestAMarkPutIntoABulkFormIsNotCertified(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seat(ownersPacket(40))
	v := o.linked(owner)
	form := v.get(bulkPath("app:0oaSALES", "certify")).form()
	marked := item("00uP0009", application("0oaSALES", "Salesforce"))
	form.Add("item", marked)
	p := v.post(decidePath, form)
	assert.Equal(t, http.StatusUnprocessableEntity, p.status)
	a := o.answers(owner)
	assert.NotContains(t, a.Decisions, marked)
	assert.Len(t, a.Decisions, 27)
}

func TestManyAreRevokedTogetherWithAReason(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	p := v.get(bulkPath("00uZOE", "revoke"))
	require.Contains(t, p.body, "Revoke 2 items of Zoë &lt;b&gt;Winter&lt;/b&gt;?")
	form := p.form()
	p = v.post(decidePath, form)
	assert.Equal(t, http.StatusUnprocessableEntity, p.status, "no reason")
	assert.Empty(t, o.answers(boss).Decisions)
	form.Set("why", "the contract has ended")
	p = v.post(decidePath, form)
	assert.Equal(t, http.StatusOK, p.status)
	a := o.answers(boss)
	require.Len(t, a.Decisions, 2)
	for _, d := range a.Decisions {
		assert.Equal(t, review.Revoke, d.Answer)
		assert.Equal(t, "the contract has ended", d.Reason)
		assert.Equal(t, 2, d.Bulk)
	}
}

func TestABulkThatCouldNotBeSavedIsKept(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	form := v.get(bulkPath("00uZOE", "revoke")).form("why", "the contract has ended")
	o.engine.trouble(assert.AnError, nil)
	p := v.post(decidePath, form)
	require.Equal(t, http.StatusServiceUnavailable, p.status)
	o.engine.trouble(nil, nil)
	again := p.form("why", "the contract has ended")
	require.Len(t, again["item"], 2)
	p = v.post(decidePath, again)
	require.Equal(t, http.StatusOK, p.status, p.body)
	assert.Len(t, o.answers(boss).Decisions, 2)
}

func TestABulkOfNothingIsNoPage(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	assert.Equal(t, http.StatusNotFound, v.get(bulkPath("elsewhere", "certify")).status)
	assert.Equal(t, http.StatusNotFound, v.get(bulkPath("00uZOE", "keep")).status)
	assert.Equal(t, http.StatusUnauthorized, o.visitor().get(bulkPath("00uZOE", "certify")).status)
	own := v.get(bulkPath(boss, "revoke"))
	assert.Contains(t, own.body, "your own access")
	assert.NotContains(t, own.body, `name="item"`)
}
