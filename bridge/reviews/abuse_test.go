package reviews_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/bridge/reviews"
	"latchkey/contract"
	"latchkey/review"
)

func TestALinkLeavesTheAddressBar(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	link := o.link(boss, "l1", time.Hour)
	v := o.visitor()
	p := v.get(link)
	assert.Equal(t, http.StatusOK, p.status)
	assert.Equal(t, deskPath, p.at.RequestURI())
	token := link[strings.LastIndex(link, "/")+1:]
	assert.NotContains(t, p.body, token)
	assert.Contains(t, p.body, "by a personal link")
	assert.Equal(t, http.StatusOK, v.get(link).status, "it may be opened again")
}

func TestLinksThatDoNotOpen(t *testing.T) {
	t.Parallel()
	sign := func(o *office, l review.Link) string {
		text, err := o.links.Sign(l)
		require.NoError(o.t, err)
		return "/review/-/open/" + text
	}
	tests := map[string]func(o *office) string{
		"altered": func(o *office) string {
			link := o.link(boss, "l1", time.Hour)
			at := strings.Index(link, "/open/") + len("/open/") + 20
			other := map[bool]string{true: "B", false: "A"}[link[at] == 'A']
			return link[:at] + other + link[at+1:]
		},
		"cut":     func(o *office) string { link := o.link(boss, "l1", time.Hour); return link[:len(link)-3] },
		"made up": func(*office) string { return "/review/-/open/abc.def" },
		"not listed": func(o *office) string {
			return sign(o, review.Link{Campaign: campaign, Reviewer: boss, ID: "nobodys", Expires: noon.Add(time.Hour)})
		},
		"another reviewer's ID in it": func(o *office) string {
			o.seat(ownersPacket(4))
			o.link(boss, "l1", time.Hour)
			return sign(o, review.Link{Campaign: campaign, Reviewer: owner, ID: "l1", Expires: noon.Add(time.Hour)})
		},
		"expired": func(o *office) string { link := o.link(boss, "l1", time.Hour); o.advance(time.Hour); return link },
		"listed with an earlier end": func(o *office) string {
			o.link(boss, "l1", time.Minute)
			o.advance(2 * time.Minute)
			return sign(o, review.Link{Campaign: campaign, Reviewer: boss, ID: "l1", Expires: noon.Add(time.Hour)})
		},
		"revoked": func(o *office) string {
			link := o.link(boss, "l1", time.Hour)
			o.engine.change(boss, func(s *contract.ReviewerState) { s.Links[0].Revoked = true })
			return link
		},
		"of a campaign that asks nothing": func(o *office) string {
			return sign(o, review.Link{Campaign: "2026-Q3", Reviewer: boss, ID: "l1", Expires: noon.Add(time.Hour)})
		},
	}
	for name, link := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			v := o.visitor()
			p := v.get(link(o))
			assert.Contains(t, []int{http.StatusForbidden, http.StatusNotFound}, p.status)
			assert.NotContains(t, p.body, "Ada Byron")
			assert.Equal(t, http.StatusUnauthorized, v.get(deskPath).status, "no session was opened")
		})
	}
}

func TestASessionOfALinkStaysInItsBounds(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seat(ownersPacket(8))
	other := managersPacket()
	other.Campaign = "2026-Q3"
	o.seat(other)
	v := o.visitor()
	require.Equal(t, http.StatusOK, v.get(o.link(boss, "l1", time.Hour)).status)
	assert.Equal(t, http.StatusForbidden, v.get("/review/2026-Q3").status, "another campaign")
	assert.Equal(t, http.StatusNotFound, v.get(deskPath+"?for="+owner).status, "another reviewer")
	form := v.get(deskPath).form("d."+adaEngineering, "certify")
	assert.Equal(t, http.StatusNotFound, v.post(decidePath+"?for="+owner, form).status)
	assert.Equal(t, http.StatusForbidden, v.post("/review/2026-Q3/decide", form).status)
	assert.Equal(t, http.StatusNotFound, v.get(deskPath+"/progress").status)

	o.engine.change(boss, func(s *contract.ReviewerState) { s.Links[0].Revoked = true })
	p := v.post(decidePath, form)
	assert.Equal(t, http.StatusForbidden, p.status, "replayed after it was revoked")
	assert.Contains(t, p.body, "no longer opens")
	assert.Equal(t, http.StatusUnauthorized, v.get(deskPath).status)
	assert.Empty(t, o.answers(boss).Decisions)
}

func TestASessionEndsWithItsLink(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.visitor()
	form := v.get(o.link(boss, "l1", time.Hour)).form("d."+adaEngineering, "certify")
	o.advance(time.Hour)
	p := v.post(decidePath, form)
	assert.Equal(t, http.StatusUnauthorized, p.status)
	assert.Contains(t, p.body, "Nothing was saved")
	assert.Empty(t, o.answers(boss).Decisions)
}

func TestAFormFromAnotherSiteOrPersonIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.seat(ownersPacket(8))
	v, other := o.linked(boss), o.linked(owner)
	form := v.get(deskPath).form("d."+adaEngineering, "certify")
	foreign := other.get(deskPath).form("d."+adaEngineering, "certify")
	without := form2(form)
	without.Del("csrf")
	for name, p := range map[string]page{
		"no token":                 v.post(decidePath, without),
		"another person's token":   v.post(decidePath, form2(form, "csrf", foreign.Get("csrf"))),
		"from another site":        v.post(decidePath, form, "Origin", "https://evil.example.com"),
		"as a browser says it":     v.post(decidePath, form, "Sec-Fetch-Site", "cross-site"),
		"from a sister of ours":    v.post(decidePath, form, "Sec-Fetch-Site", "same-site"),
		"a frame with no origin":   v.post(decidePath, form, "Origin", "null"),
		"signed out by a stranger": v.post("/review/-/sign-out", url.Values{}),
	} {
		assert.Equal(t, http.StatusForbidden, p.status, name)
	}
	assert.Empty(t, o.answers(boss).Decisions)
	assert.Equal(t, http.StatusOK, v.post(decidePath, form, "Origin", o.url, "Sec-Fetch-Site", "same-origin").status)
	assert.Len(t, o.answers(boss).Decisions, 1)
	assert.Equal(t, http.StatusOK, v.post("/review/-/sign-out", form).status)
	assert.Equal(t, http.StatusUnauthorized, v.get(deskPath).status)
}

func TestAnAlteredCookieIsNobody(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	at, err := url.Parse(o.url)
	require.NoError(t, err)
	cookies := v.client.Jar.Cookies(at)
	require.NotEmpty(t, cookies)
	for _, c := range cookies {
		if c.Name != "latchkey-session" {
			continue
		}
		for _, value := range []string{c.Value[:len(c.Value)-2] + "AA", "", "AAAA", strings.ToUpper(c.Value)} {
			w := o.visitor()
			w.client.Jar.SetCookies(at, []*http.Cookie{{Name: c.Name, Value: value, Path: "/"}})
			assert.Equal(t, http.StatusUnauthorized, w.get(deskPath).status)
		}
		w := o.visitor() // a sealed cookie of another purpose
		w.client.Jar.SetCookies(at, []*http.Cookie{{Name: "latchkey-flash", Value: c.Value, Path: "/"}, {Name: "latchkey-signin", Value: c.Value, Path: "/"}})
		assert.Equal(t, http.StatusUnauthorized, w.get(deskPath).status)
	}
}

func TestEveryAnswerCarriesTheHeadersThatKeepItSafe(t *testing.T) {
	t.Parallel()
	o := newOffice(t, func(o *reviews.Options) { o.URL = "https://latchkey.acme.example" })
	v := o.visitor()
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	opened := v.get(o.link(boss, "l1", time.Hour))
	require.Equal(t, http.StatusSeeOther, opened.status)
	cookie := opened.header.Get("Set-Cookie")
	for _, part := range []string{"__Host-latchkey-session=", "HttpOnly", "Secure", "SameSite=Lax", "Path=/"} {
		assert.Contains(t, cookie, part)
	}
	for _, p := range []page{opened, v.get(deskPath), v.get("/review/nothing/here/at/all"), v.get("/review/-/open/x")} {
		policy := p.header.Get("Content-Security-Policy")
		assert.Contains(t, policy, "default-src 'none'")
		assert.NotContains(t, policy, "unsafe")
		assert.Contains(t, policy, "frame-ancestors 'none'")
		assert.Equal(t, "no-store", p.header.Get("Cache-Control"))
		assert.Equal(t, "no-referrer", p.header.Get("Referrer-Policy"))
		assert.Equal(t, "nosniff", p.header.Get("X-Content-Type-Options"))
		assert.NotEmpty(t, p.header.Get("Strict-Transport-Security"))
	}
}

func TestPagesHoldNoInlineScriptOrStyle(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.linked(boss).get(deskPath)
	assert.NotContains(t, p.body, "<style")
	assert.NotContains(t, p.body, " style=")
	assert.NotContains(t, p.body, " onclick=")
	assert.NotRegexp(t, `<script[^>]*>[^<]`, p.body)
	assert.NotRegexp(t, `(src|href)="(https?:)?//`, p.body, "nothing comes from elsewhere")
}

func TestAFormThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	v := o.linked(boss)
	form := v.get(deskPath).form("d."+adaEngineering, "certify", "r."+adaEngineering, strings.Repeat("x", 600<<10))
	p := v.post(decidePath, form)
	assert.Equal(t, http.StatusRequestEntityTooLarge, p.status)
	assert.Empty(t, o.answers(boss).Decisions)
}
