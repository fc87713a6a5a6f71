package reviews_test

import (
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/bridge/reviews"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/review"
	"latchkey/simulators/okta/oktasim"
)

const clientID, clientSecret = "0oaREVIEWS", "client-secret"

// signInOffice is an office where people sign in through a simulated Okta.
type signInOffice struct {
	*office
	okta   *oktasim.Server
	issuer *httptest.Server
}

func newSignInOffice(t *testing.T) *signInOffice {
	t.Helper()
	company, err := acme.Load()
	require.NoError(t, err)
	s, clock := &signInOffice{}, &wall{at: noon}
	s.okta, err = oktasim.New(oktasim.Options{Token: "t", Seed: &company, Now: clock.now})
	require.NoError(t, err)
	t.Cleanup(s.okta.Close)
	s.issuer = httptest.NewServer(s.okta.Handler())
	t.Cleanup(s.issuer.Close)
	s.office = newOfficeBy(t, clock, func(o *reviews.Options) {
		o.OIDC = &reviews.OIDC{Issuer: s.issuer.URL, ClientID: clientID, ClientSecret: clientSecret}
	})
	require.NoError(t, s.okta.RegisterWebApp(oktasim.WebApp{ID: clientID, Name: "Reviews", Secret: clientSecret, RedirectURIs: []string{s.url + "/review/-/callback"}}))
	return s
}

func (s *signInOffice) id(login string) string {
	s.t.Helper()
	u, ok := s.okta.User(login)
	require.True(s.t, ok)
	return u.ID
}

// signsIn opens a page and goes through Okta's sign-in.
func (v *visitor) signsIn(s *signInOffice, path, login string) page {
	v.o.t.Helper()
	p := v.get(path)
	require.Equal(v.o.t, http.StatusUnauthorized, p.status)
	at := strings.Index(p.body, `href="/review/-/sign-in`)
	require.Positive(v.o.t, at)
	href, _, _ := strings.Cut(p.body[at+len(`href="`):], `"`)
	p = v.get(html.UnescapeString(href))
	require.Equal(v.o.t, http.StatusOK, p.status, p.body)
	return v.sends(s, p, login)
}

func (v *visitor) sends(s *signInOffice, p page, login string) page {
	v.o.t.Helper()
	r, err := http.NewRequestWithContext(v.o.t.Context(), http.MethodPost, s.issuer.URL+"/desk/sign-in", strings.NewReader(p.form("login", login).Encode()))
	require.NoError(v.o.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(r)
}

func TestAReviewerSignsIn(t *testing.T) {
	t.Parallel()
	s := newSignInOffice(t)
	packet := ownersPacket(8)
	packet.Reviewer.ID = s.id(acme.Ada)
	s.seat(packet, s.id(acme.Ben))
	first := packet.Items[0].ID

	v := s.visitor()
	p := v.signsIn(s, deskPath+"?todo=1", acme.Ada)
	require.Equal(t, http.StatusOK, p.status, p.body)
	assert.Equal(t, deskPath+"?todo=1", p.at.RequestURI(), "back where it began")
	assert.Contains(t, p.body, "<b>Ada Okonkwo</b>")
	p = v.post(decidePath, p.form("d."+first, "certify"))
	require.Contains(t, p.body, "1 answer saved.")
	assert.Equal(t, review.ViaSignIn, s.answers(packet.Reviewer.ID).Via[first])

	v = s.visitor()
	p = v.signsIn(s, deskPath+"?for="+packet.Reviewer.ID, acme.Ben)
	require.Equal(t, http.StatusOK, p.status, p.body)
	assert.Contains(t, p.body, "You decide in place of <b>Sam Ito</b>")
	p = v.post(decidePath+"?for="+packet.Reviewer.ID, p.form("d."+first, "revoke", "r."+first, "left sales"))
	require.Contains(t, p.body, "1 answer saved.")
	assert.Equal(t, packet.Reviewer.ID, p.at.Query().Get("for"), "and back at the same desk")
	assert.Equal(t, s.id(acme.Ben), s.answers(packet.Reviewer.ID).By[first])

	v = s.visitor()
	assert.Equal(t, http.StatusNotFound, v.signsIn(s, deskPath+"?for="+packet.Reviewer.ID, acme.Clara).status, "neither the reviewer nor a deputy")
	assert.Equal(t, http.StatusNotFound, v.get(deskPath).status)
}

func TestWhoIsLetInFindsTheWay(t *testing.T) {
	t.Parallel()
	s := newSignInOffice(t)
	ben := s.id(acme.Ben)
	packet := ownersPacket(8)
	packet.Reviewer = review.Reviewer{ID: s.id(acme.Ada), Name: "Ada"}
	s.seat(packet)
	index := review.Index{Campaign: campaign, Packets: []review.PacketRef{
		{Reviewer: packet.Reviewer, Escalate: &review.Reviewer{ID: ben}},
		{Reviewer: review.Reviewer{ID: boss, Name: "Mira Holm"}, Escalate: &review.Reviewer{ID: ben}},
		{Reviewer: review.Reviewer{ID: "00uNOBODY", Name: "Not begun"}, Escalate: &review.Reviewer{ID: ben}},
	}}
	require.NoError(t, review.WriteOnce(t.Context(), s.blobs, review.IndexKey(campaign), index))
	v := s.visitor()
	assert.Equal(t, http.StatusNotFound, v.signsIn(s, deskPath, acme.Ben).status, "not let in yet")
	let := func(reviewer string) {
		s.engine.change(reviewer, func(x *contract.ReviewerState) { x.Deputies = append(x.Deputies, ben) })
	}
	let(packet.Reviewer.ID)
	p := v.get(deskPath)
	assert.Equal(t, http.StatusOK, p.status)
	assert.Equal(t, packet.Reviewer.ID, p.at.Query().Get("for"), "the only one")
	let(boss)
	p = v.get(deskPath)
	assert.Contains(t, p.body, "In whose place")
	assert.Contains(t, p.body, "Mira Holm")
	assert.NotContains(t, p.body, "Not begun")
	own := managersPacket()
	own.Reviewer = review.Reviewer{ID: ben, Name: "Ben"}
	s.seat(own)
	p = v.get(deskPath)
	assert.Contains(t, p.body, "You may also answer in place of")
	assert.Contains(t, p.body, "Payment approvers")
}

func TestWhoMayNotSignIn(t *testing.T) {
	t.Parallel()
	s := newSignInOffice(t)
	require.NoError(t, s.okta.SetStatus(acme.Ada, "SUSPENDED"))
	v := s.visitor()
	assert.Equal(t, http.StatusUnauthorized, v.signsIn(s, deskPath, acme.Ada).status)
	assert.Equal(t, http.StatusUnauthorized, v.get(deskPath).status)

	require.NoError(t, s.okta.RegisterWebApp(oktasim.WebApp{
		ID: clientID, Secret: clientSecret, RedirectURIs: []string{s.url + "/review/-/callback"}, Users: []string{acme.Clara},
	}))
	p := s.visitor().signsIn(s, deskPath, acme.Ben)
	assert.Equal(t, http.StatusForbidden, p.status)
	assert.Contains(t, p.body, "Ask your IT team to assign it to you")
}

func TestASignInHoldsInTheBrowserThatBeganItAndOnce(t *testing.T) {
	t.Parallel()
	s := newSignInOffice(t)
	packet := ownersPacket(8)
	packet.Reviewer.ID = s.id(acme.Ada)
	s.seat(packet)
	// answer is where Okta sends a browser back to, which does not go there.
	answer := func(v *visitor) string {
		p := v.get("/review/-/sign-in?to=" + url.QueryEscape(deskPath))
		v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		defer func() { v.client.CheckRedirect = nil }()
		return v.sends(s, p, acme.Ada).header.Get("Location")
	}
	refused := func(what string, p page) {
		t.Helper()
		assert.Equal(t, http.StatusForbidden, p.status, what)
		assert.NotContains(t, p.body, "Salesforce", what)
	}
	v := s.visitor()
	back := answer(v)
	stranger := s.visitor()
	refused("in another browser", stranger.get(back))
	refused("with another state", v.get(strings.Replace(back, "state=", "state=x", 1)))
	refused("after it failed once", v.get(back))
	assert.Equal(t, http.StatusUnauthorized, v.get(deskPath).status)

	one, two := s.visitor(), s.visitor()
	first, second := answer(one), answer(two)
	code, err := url.Parse(second)
	require.NoError(t, err)
	mixed, err := url.Parse(first)
	require.NoError(t, err)
	q := mixed.Query()
	q.Set("code", code.Query().Get("code"))
	mixed.RawQuery = q.Encode()
	refused("with the code of another sign-in", one.get(mixed.String()))

	late := s.visitor()
	back = answer(late)
	s.advance(11 * time.Minute)
	refused("too late", late.get(back))

	good := s.visitor()
	back = answer(good)
	require.Equal(t, http.StatusOK, good.get(back).status)
	refused("a second time", good.get(back))
	assert.Equal(t, http.StatusOK, good.get(deskPath).status, "which does not end the session")
}

func TestSigningInGoesBackToOurPagesOnly(t *testing.T) {
	t.Parallel()
	s := newSignInOffice(t)
	for _, to := range []string{
		"https://evil.example.com/review/2026-Q4", "//evil.example.com/", "/review//evil.example.com", "/other", "/review/-/sign-out", "/review/\\evil", "/review/", "",
		"/review/2026-Q4/../../x?y=//", "/review/2026-Q4\r\nSet-Cookie: x=y",
	} {
		assert.Equal(t, http.StatusNotFound, s.visitor().get("/review/-/sign-in?to="+url.QueryEscape(to)).status, to)
	}
}

func TestWhileOktaIsAwaySigningInSaysSo(t *testing.T) {
	t.Parallel()
	s := newSignInOffice(t)
	s.issuer.Close()
	p := s.visitor().get("/review/-/sign-in?to=" + url.QueryEscape(deskPath))
	assert.Equal(t, http.StatusServiceUnavailable, p.status)
	assert.NotContains(t, p.body, "refused")
}

func TestWithoutSignInThePageSaysHowToGetALink(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	p := o.visitor().get(deskPath)
	assert.Equal(t, http.StatusUnauthorized, p.status)
	assert.Contains(t, p.body, "starter review link")
	assert.Equal(t, http.StatusNotFound, o.visitor().get("/review/-/sign-in?to="+deskPath).status)
	assert.Equal(t, http.StatusNotFound, o.visitor().get("/review/-/callback?code=x&state=y").status)
}

func TestTheCampaignPageIsForThoseWhomPolicyNames(t *testing.T) {
	t.Parallel()
	s := newSignInOffice(t)
	state := contract.ReviewState{
		Campaign: campaign, Title: "Quarterly access review, 2026 Q4", Phase: contract.ReviewOpen, Due: noon.Add(72 * time.Hour), StartedAt: noon,
		Watchers: []string{s.id(acme.Clara)}, Counts: contract.ReviewCounts{Items: 30, Certified: 21, Revoked: 2, Open: 7},
		Reviewers: []contract.ReviewerCounts{
			{Reviewer: review.Reviewer{ID: boss, Name: "Mira <Holm>"}, Items: 10, Certified: 3, Revoked: 2, Ticket: 4711},
			{Reviewer: review.Reviewer{ID: owner, Name: "Sam Ito"}, Items: 18, Certified: 18, Stamped: true},
			{Reviewer: review.Reviewer{ID: deputy, Name: "Nobody Yet"}, Items: 2},
		},
	}
	s.engine.reviews[campaign] = state
	path := deskPath + "/progress"
	v := s.visitor()
	p := v.signsIn(s, path, acme.Clara)
	require.Equal(t, http.StatusOK, p.status, p.body)
	for _, text := range []string{
		"Mira &lt;Holm&gt;", "FS-4711", "Rubber-stamped?", "<b>23</b><span>of 30 items answered</span>", "<b>1</b><span>of 3 reviewers done</span>",
		"<b>1</b><span>without any answer</span>", "3 days left", `aria-label="21 certified (70 %), 2 revoked (6 %), 7 open (23 %)"`, `aria-label="50 % answered"`,
	} {
		assert.Contains(t, p.body, text)
	}
	assert.Equal(t, 1, strings.Count(p.body, "Rubber-stamped?"))
	assert.Equal(t, http.StatusNotFound, s.visitor().signsIn(s, path, acme.Ben).status, "somebody else")
	assert.Equal(t, http.StatusNotFound, v.get("/review/2026-Q3/progress").status, "no such campaign")
	assert.Equal(t, http.StatusUnauthorized, s.visitor().get(path).status)
}
