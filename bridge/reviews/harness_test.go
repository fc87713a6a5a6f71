package reviews_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"

	"latchkey/bridge/reviews"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/review"
)

const (
	campaign = "2026-Q4"
	boss     = "00uBOSS"
	owner    = "00uOWNER"
	deputy   = "00uDEPUTY"
	secret   = "a-secret-for-links-of-32-characters-or-more"
)

// noon is when the tests begin; the clock stands still but for advance.
var noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)

// engine is a Temporal that verifies and takes batches in as the reviewer's workflow does.
type engine struct {
	mu      sync.Mutex
	blobs   *blob.Bucket
	keys    *review.Verifier
	states  map[string]*contract.ReviewerState
	reviews map[string]contract.ReviewState
	taken   map[string]int
	handed  int
	// away is what every call answers, lost what a batch answers after it was taken in.
	away, lost error
}

func (e *engine) Reviewer(_ context.Context, campaign, reviewer string) (contract.ReviewerState, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.away != nil {
		return contract.ReviewerState{}, e.away
	}
	s, ok := e.states[campaign+"/"+reviewer]
	if !ok {
		return contract.ReviewerState{}, reviews.ErrNotFound
	}
	return *s, nil
}

func (e *engine) Review(_ context.Context, campaign string) (contract.ReviewState, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.away != nil {
		return contract.ReviewState{}, e.away
	}
	s, ok := e.reviews[campaign]
	if !ok {
		return s, reviews.ErrNotFound
	}
	return s, nil
}

func (e *engine) Decide(ctx context.Context, campaign, reviewer, id string) (contract.DecideResult, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.handed++
	if e.away != nil {
		return contract.DecideResult{}, e.away
	}
	s := e.states[campaign+"/"+reviewer]
	if n, again := e.taken[id]; again {
		return contract.DecideResult{Taken: n, State: *s}, nil
	}
	if !s.Open {
		return contract.DecideResult{}, reviews.ErrClosed
	}
	b, err := review.ReadBatch(ctx, e.blobs, campaign, reviewer, id)
	if err != nil {
		return contract.DecideResult{}, err
	}
	packet, err := review.ReadPacket(ctx, e.blobs, campaign, reviewer)
	if err != nil {
		return contract.DecideResult{}, err
	}
	if err := errors.Join(e.keys.Verify(b), review.CheckDecisions(packet, b)); err != nil {
		return contract.DecideResult{Refused: err.Error(), State: *s}, nil
	}
	answers, err := review.ReadAnswers(ctx, e.blobs, campaign, reviewer, s.Answers)
	if err != nil {
		return contract.DecideResult{}, err
	}
	answers.Take(b)
	if s.Answers, err = review.WriteAnswers(ctx, e.blobs, answers); err != nil {
		return contract.DecideResult{}, err
	}
	s.Certified, s.Revoked = answers.Count()
	e.taken[id] = len(b.Decisions)
	return contract.DecideResult{Taken: len(b.Decisions), State: *s}, e.lost
}

func (e *engine) change(reviewer string, f func(*contract.ReviewerState)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	f(e.states[campaign+"/"+reviewer])
}

func (e *engine) trouble(away, lost error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.away, e.lost = away, lost
}

// office is the pages behind a real HTTP server, with a campaign.
type office struct {
	t      *testing.T
	engine *engine
	blobs  *blob.Bucket
	links  *review.Links
	url    string
	*wall
}

// wall is a clock that stands still but for advance.
type wall struct {
	mu sync.Mutex
	at time.Time
}

func (w *wall) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *wall) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

func newOffice(t *testing.T, change ...func(*reviews.Options)) *office {
	t.Helper()
	return newOfficeBy(t, &wall{at: noon}, change...)
}

func newOfficeBy(t *testing.T, clock *wall, change ...func(*reviews.Options)) *office {
	t.Helper()
	signer, err := review.NewSigner(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	require.NoError(t, err)
	keys, err := review.NewVerifier(signer.Public())
	require.NoError(t, err)
	links, err := review.NewLinks(secret)
	require.NoError(t, err)
	o := &office{t: t, blobs: memblob.OpenBucket(nil), links: links, wall: clock}
	o.engine = &engine{blobs: o.blobs, keys: keys, states: map[string]*contract.ReviewerState{}, reviews: map[string]contract.ReviewState{}, taken: map[string]int{}}
	web := httptest.NewUnstartedServer(nil)
	o.url = "http://" + web.Listener.Addr().String()
	options := reviews.Options{Engine: o.engine, Blobs: o.blobs, Signer: signer, Links: links, URL: o.url, Now: o.now}
	for _, f := range change {
		f(&options)
	}
	pages, err := reviews.New(options)
	require.NoError(t, err)
	web.Config.Handler = pages.Handler()
	web.Start()
	t.Cleanup(web.Close)
	o.seat(managersPacket(), deputy)
	return o
}

// seat puts a packet before its reviewer.
func (o *office) seat(p review.Packet, deputies ...string) {
	o.t.Helper()
	require.NoError(o.t, review.WriteOnce(o.t.Context(), o.blobs, review.PacketKey(p.Campaign, p.Reviewer.ID), p))
	o.engine.mu.Lock()
	defer o.engine.mu.Unlock()
	o.engine.states[p.Campaign+"/"+p.Reviewer.ID] = &contract.ReviewerState{
		Campaign: p.Campaign, Reviewer: p.Reviewer, Items: len(p.Items), Open: true, Due: p.Due, Deputies: deputies,
	}
}

func person(id, name, role, department string) review.Person {
	return review.Person{
		OktaUserID: id, Name: name, Login: strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@acme.example", Title: role,
		Department: department, Status: identity.StatusActive, LastLogin: noon.Add(-30 * time.Hour), Employee: true,
	}
}

func group(id, name string) identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindGroup, ID: id, Name: name}
}

func application(id, name string) identity.Entitlement {
	return identity.Entitlement{Kind: identity.KindApp, ID: id, Name: name}
}

// managersPacket is a manager's: three people, of whom one has left, and the manager's own access.
func managersPacket() review.Packet {
	ada := person("00uADA", "Ada Byron", "Senior Engineer", "Engineering")
	ben := person("00uBEN", "Ben Okafor", "Site Reliability Engineer", "Engineering")
	zoe := person("00uZOE", "Zoë <b>Winter</b>", "Contractor", "Engineering")
	zoe.Employee, zoe.LastLogin = false, time.Time{}
	self := person(boss, "Mira Holm", "Engineering Manager", "Engineering")
	var items []review.Item
	add := func(p review.Person, object identity.Entitlement, origin identity.Origin, via string, peers float64, birthright bool, why string, marks ...review.Mark) {
		i := review.Item{
			ID: review.ItemID(p.OktaUserID, object), Person: p, Object: object, Origin: origin, Peers: peers, Birthright: birthright, Why: why,
			Marks: marks, Reviewer: boss, Since: noon.AddDate(0, -7, -3),
		}
		if via != "" {
			i.Via = []identity.Ref{{ID: "x", Name: via}}
		}
		if object.Kind == identity.KindApp {
			i.LastUsed = noon.AddDate(0, 0, -2)
		}
		if i.Has(review.MarkUnused) {
			i.LastUsed = noon.AddDate(0, -8, 0)
		}
		items = append(items, i)
	}
	add(ada, group("00gENG", "Engineering"), identity.OriginGroupRule, "Engineers by department", 1, true, "the rule “engineers”")
	add(ada, group("00gVPN", "VPN users"), identity.OriginGroupRule, "Everybody remote", .94, true, "the rule “remote staff”")
	add(ada, application("0oaGIT", "GitHub Enterprise"), identity.OriginGroup, "Engineering", .97, true, "by the group Engineering")
	add(ada, application("0oaJIRA", "Jira"), identity.OriginGroup, "Engineering", .91, true, "by the group Engineering")
	add(ada, application("0oaNET", "NetSuite"), identity.OriginDirect, "", .02, false, "", review.MarkUnused, review.MarkOutside)
	add(ben, group("00gENG", "Engineering"), identity.OriginGroupRule, "Engineers by department", 1, true, "the rule “engineers”")
	add(ben, group("00gPROD", "Production access"), identity.OriginDirect, "", .4, false, "", review.MarkOutside, review.MarkNew)
	add(ben, group("00gPAY", "Payment approvers"), identity.OriginDirect, "", .01, false, "conflicts with Payment creators: whoever creates payments may not approve them", review.MarkConflict, review.MarkOutside)
	add(zoe, group("00gENG", "Engineering"), identity.OriginDirect, "", 1, true, "the rule “engineers”", review.MarkOrphan, review.MarkDormant)
	add(zoe, application("0oaGIT", "GitHub Enterprise"), identity.OriginGroup, "Engineering", .97, true, "by the group Engineering", review.MarkOrphan, review.MarkDormant)
	add(self, group("00gMGR", "People managers"), identity.OriginDirect, "", -1, false, "", review.MarkOutside)
	return review.Packet{
		Campaign: campaign, Title: "Quarterly access review, 2026 Q4", Reviewer: review.Reviewer{ID: boss, Name: "Mira Holm", Email: "mira.holm@acme.example", Why: "manager"},
		Grouping: review.ByPerson, Due: noon.Add(13 * 24 * time.Hour), ReadAt: noon.Add(-26 * time.Hour), Items: items,
		ReasonFor: []review.Mark{review.MarkOrphan, review.MarkConflict},
	}
}

// ownersPacket is an application owner's: one application with many people.
func ownersPacket(people int) review.Packet {
	p := review.Packet{
		Campaign: campaign, Title: "Quarterly access review, 2026 Q4", Reviewer: review.Reviewer{ID: owner, Name: "Sam Ito"}, Grouping: review.ByObject,
		Due: noon.Add(13 * 24 * time.Hour), ReadAt: noon.Add(-26 * time.Hour),
	}
	for n := range people {
		object := application("0oaSALES", "Salesforce")
		if n >= people*3/4 {
			object = group("00gSALES", "Sales EMEA")
		}
		who := person(fmt.Sprintf("00uP%04d", n), fmt.Sprintf("Person %04d", n), "Account Executive", "Sales")
		i := review.Item{ID: review.ItemID(who.OktaUserID, object), Person: who, Object: object, Origin: identity.OriginDirect, Peers: .8, Reviewer: owner, Birthright: true, Why: "sales"}
		if n%10 == 9 {
			i.Marks, i.Birthright = []review.Mark{review.MarkDormant}, false
		}
		p.Items = append(p.Items, i)
	}
	return p
}

// item is the ID of somebody's access in the manager's packet.
func item(person string, object identity.Entitlement) string { return review.ItemID(person, object) }

// link makes a link and lists it, as `starter review link` does.
func (o *office) link(reviewer, id string, life time.Duration) string {
	o.t.Helper()
	expires := o.now().Add(life)
	text, err := o.links.Sign(review.Link{Campaign: campaign, Reviewer: reviewer, ID: id, Expires: expires})
	require.NoError(o.t, err)
	o.engine.change(reviewer, func(s *contract.ReviewerState) {
		s.Links = append(s.Links, contract.ReviewLink{ID: id, Expires: expires, By: "an operator"})
	})
	return o.url + "/review/-/open/" + text
}

// visitor is a browser without a script.
type visitor struct {
	o      *office
	client *http.Client
}

func (o *office) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	require.NoError(o.t, err)
	return &visitor{o: o, client: &http.Client{Jar: jar}}
}

// linked is a visitor who came by a link.
func (o *office) linked(reviewer string) *visitor {
	o.t.Helper()
	v := o.visitor()
	p := v.get(o.link(reviewer, "link-"+review.NewID(), 24*time.Hour))
	require.Equal(o.t, http.StatusOK, p.status, p.body)
	return v
}

// page is what came back.
type page struct {
	status int
	body   string
	header http.Header
	at     *url.URL
}

func (v *visitor) do(r *http.Request) page {
	v.o.t.Helper()
	answer, err := v.client.Do(r)
	require.NoError(v.o.t, err)
	raw, err := io.ReadAll(answer.Body)
	require.NoError(v.o.t, err)
	require.NoError(v.o.t, answer.Body.Close())
	return page{status: answer.StatusCode, body: string(raw), header: answer.Header, at: answer.Request.URL}
}

func (v *visitor) get(path string) page {
	v.o.t.Helper()
	if strings.HasPrefix(path, "/") {
		path = v.o.url + path
	}
	r, err := http.NewRequestWithContext(v.o.t.Context(), http.MethodGet, path, nil)
	require.NoError(v.o.t, err)
	return v.do(r)
}

func (v *visitor) post(path string, form url.Values, headers ...string) page {
	v.o.t.Helper()
	r, err := http.NewRequestWithContext(v.o.t.Context(), http.MethodPost, v.o.url+path, strings.NewReader(form.Encode()))
	require.NoError(v.o.t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return v.do(r)
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

// form is the hidden fields of the last form of a page, as a browser would send them, with what is chosen added.
func (p page) form(chosen ...string) url.Values {
	body := p.body[strings.LastIndex(p.body, "<form"):]
	form := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(body, -1) {
		form.Add(m[1], html.UnescapeString(m[2]))
	}
	for i := 0; i+1 < len(chosen); i += 2 {
		form.Set(chosen[i], chosen[i+1])
	}
	return form
}

// answers reads what counts.
func (o *office) answers(reviewer string) review.Answers {
	o.t.Helper()
	state, err := o.engine.Reviewer(o.t.Context(), campaign, reviewer)
	require.NoError(o.t, err)
	a, err := review.ReadAnswers(o.t.Context(), o.blobs, campaign, reviewer, state.Answers)
	require.NoError(o.t, err)
	return a
}
