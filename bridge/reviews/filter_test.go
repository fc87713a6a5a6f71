package reviews_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func rows(p page) int { return strings.Count(p.body, "data-item=") }

func TestALongListComesInPages(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seat(ownersPacket(2000))
	v := o.linked(owner)
	p := v.get(deskPath)
	assert.Equal(t, 50, rows(p))
	assert.Contains(t, p.body, "2,000 items")
	assert.Contains(t, p.body, `aria-label="Page 40"`)
	last := v.get(deskPath + "?page=40")
	assert.Contains(t, last.body, "Person 1999")
	assert.Equal(t, http.StatusOK, v.get(deskPath+"?page=4000").status, "beyond the end is the end")
	for _, odd := range []string{"0", "-1", "x", "99999999999999999999"} {
		assert.Equal(t, 50, rows(v.get(deskPath+"?page="+odd)))
	}
	assert.Equal(t, 50, rows(v.get(deskPath+"?mark=dormant")))
	assert.Contains(t, v.get(deskPath+"?mark=dormant").body, "200 items of 2,000")
	assert.Equal(t, 1, rows(v.get(deskPath+"?q=person+1234")))
	assert.Contains(t, v.get(deskPath+"?q=<script>").body, "Nothing fits this filter.")

	p = v.post(decidePath, last.form("d."+item("00uP1999", group("00gSALES", "Sales EMEA")), "revoke", "r."+item("00uP1999", group("00gSALES", "Sales EMEA")), "x"))
	require.Contains(t, p.body, "1 answer saved.")
	assert.Equal(t, "40", p.at.Query().Get("page"), "back on the same page")
}

func TestOnlyUndecidedItemsCanBeShown(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	p := v.get(deskPath + "?todo=1&q=ada")
	require.Equal(t, 5, rows(p))
	p = v.post(decidePath, p.form("d."+adaEngineering, "certify"))
	assert.Equal(t, 4, rows(p))
	assert.Equal(t, "ada", p.at.Query().Get("q"))
	assert.Contains(t, v.get(deskPath+"?q=vpn").body, "VPN users")
	assert.Contains(t, v.get(deskPath).body, "1 of 5")
}

func TestAfterAnAnswerThePageGoesOnAtTheNextUndecidedItem(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	p := v.get(deskPath)
	p = v.post(decidePath, p.form("d."+adaEngineering, "certify"))
	next := item("00uADA", group("00gVPN", "VPN users"))
	assert.Equal(t, deskPath+"#i-"+next, p.header.Get("Location"))
}
