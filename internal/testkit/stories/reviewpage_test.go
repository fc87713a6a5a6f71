package stories_test

import (
	"encoding/base64"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/internal/playground"
	"latchkey/internal/testkit"
	"latchkey/review"
)

const reviewCampaign = "2026-Q4"

// reviewRoom is one reviewer's part of a campaign on a real Temporal, with the real bridge in front.
type reviewRoom struct {
	*playground.Playground
	t        *testing.T
	reviewer review.Reviewer
	items    []review.Item
	due      time.Time
}

// openReview puts items about Ada and Ben before Priya, and starts her part.
func openReview(t *testing.T) *reviewRoom {
	t.Helper()
	r := &reviewRoom{Playground: server.Playground(t, nil), t: t, due: time.Now().Add(24 * time.Hour).UTC().Truncate(time.Second)}
	r.reviewer = review.Reviewer{ID: r.user(acme.Priya), Name: "Priya", Email: acme.Priya}
	for _, login := range []string{acme.Ada, acme.Ben} {
		object := identity.Entitlement{Kind: identity.KindGroup, ID: "00gENG", Name: "Engineering"}
		r.items = append(r.items, review.Item{
			ID: review.ItemID(r.user(login), object), Person: review.Person{OktaUserID: r.user(login), Name: login, Status: identity.StatusActive, Employee: true},
			Object: object, Origin: identity.OriginDirect, Peers: -1, Reviewer: r.reviewer.ID,
		})
	}
	r.start(r.reviewer, r.items)
	return r
}

func (r *reviewRoom) start(who review.Reviewer, items []review.Item) {
	r.t.Helper()
	require.NoError(r.t, review.WriteOnce(r.t.Context(), r.Blobs(), review.PacketKey(reviewCampaign, who.ID), review.Packet{
		Campaign: reviewCampaign, Title: "Review", Reviewer: who, Grouping: review.ByPerson, Due: r.due, Items: items,
	}))
	_, err := r.Temporal.ExecuteWorkflow(r.t.Context(), client.StartWorkflowOptions{
		ID: contract.ReviewerWorkflowID(reviewCampaign, who.ID), TaskQueue: contract.QueueLatchkey,
	}, contract.WorkflowReviewer, contract.ReviewerInput{State: contract.ReviewerState{
		Campaign: reviewCampaign, Reviewer: who, Items: len(items), Due: r.due,
	}})
	require.NoError(r.t, err)
}

func (r *reviewRoom) user(login string) string {
	r.t.Helper()
	u, ok := r.Okta.User(login)
	require.True(r.t, ok, login)
	return u.ID
}

// state asks the reviewer's workflow.
func (r *reviewRoom) state() contract.ReviewerState {
	r.t.Helper()
	value, err := r.Temporal.QueryWorkflow(testkit.Soon(r.t), contract.ReviewerWorkflowID(reviewCampaign, r.reviewer.ID), "", contract.QueryReviewer)
	require.NoError(r.t, err)
	var s contract.ReviewerState
	require.NoError(r.t, value.Get(&s))
	return s
}

// hands hands a batch in as whoever can reach Temporal and the blob store could.
func (r *reviewRoom) hands(b review.Batch) (contract.DecideResult, error) {
	r.t.Helper()
	require.NoError(r.t, review.WriteBatch(r.t.Context(), r.Blobs(), b))
	handle, err := r.Temporal.UpdateWorkflow(testkit.Soon(r.t), client.UpdateWorkflowOptions{
		WorkflowID: contract.ReviewerWorkflowID(reviewCampaign, r.reviewer.ID), UpdateName: contract.UpdateDecide,
		Args: []any{contract.DecideCommand{Batch: b.ID}}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	var result contract.DecideResult
	if err == nil {
		err = handle.Get(testkit.Soon(r.t), &result)
	}
	return result, err
}

// command sends the update that makes or revokes a link.
func (r *reviewRoom) command(cmd contract.LinkCommand) {
	r.t.Helper()
	cmd.Operator = contract.Operator{By: "an operator", Reason: "a test"}
	handle, err := r.Temporal.UpdateWorkflow(testkit.Soon(r.t), client.UpdateWorkflowOptions{
		WorkflowID: contract.ReviewerWorkflowID(reviewCampaign, r.reviewer.ID), UpdateName: contract.UpdateLink,
		Args: []any{cmd}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	require.NoError(r.t, err)
	require.NoError(r.t, handle.Get(testkit.Soon(r.t), nil))
}

func (r *reviewRoom) batch(id string) review.Batch {
	return review.Batch{
		ID: id, Campaign: reviewCampaign, Reviewer: r.reviewer.ID, By: r.reviewer.ID, Via: review.ViaSignIn, At: time.Now(),
		Decisions: []review.Decision{{Item: r.items[0].ID, Answer: review.Revoke, Reason: "not needed", Bulk: 1}},
	}
}

// pageVisitor is somebody's browser, without a script.
type pageVisitor struct {
	r      *reviewRoom
	client *http.Client
}

func (r *reviewRoom) visitor() *pageVisitor {
	jar, err := cookiejar.New(nil)
	require.NoError(r.t, err)
	return &pageVisitor{r: r, client: &http.Client{Jar: jar}}
}

func (v *pageVisitor) get(address string) (int, string) {
	v.r.t.Helper()
	if strings.HasPrefix(address, "/") {
		address = v.r.BridgeURL + address
	}
	request, err := http.NewRequestWithContext(v.r.t.Context(), http.MethodGet, address, nil)
	require.NoError(v.r.t, err)
	return v.send(request)
}

func (v *pageVisitor) post(address string, form url.Values) (int, string) {
	v.r.t.Helper()
	request, err := http.NewRequestWithContext(v.r.t.Context(), http.MethodPost, address, strings.NewReader(form.Encode()))
	require.NoError(v.r.t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.send(request)
}

func (v *pageVisitor) send(request *http.Request) (int, string) {
	v.r.t.Helper()
	answer, err := v.client.Do(request)
	require.NoError(v.r.t, err)
	raw, err := io.ReadAll(answer.Body)
	require.NoError(v.r.t, err)
	require.NoError(v.r.t, answer.Body.Close())
	return answer.StatusCode, string(raw)
}

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)

func hiddenOf(body string) url.Values {
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(body[strings.LastIndex(body, "<form"):], -1) {
		form.Set(m[1], html.UnescapeString(m[2]))
	}
	return form
}

// signsIn goes through Okta's sign-in page.
func (v *pageVisitor) signsIn(login string) (int, string) {
	v.r.t.Helper()
	status, body := v.get("/review/-/sign-in?to=/review/" + reviewCampaign)
	require.Equal(v.r.t, http.StatusOK, status, body)
	require.Contains(v.r.t, body, "Okta simulator")
	form := hiddenOf(body)
	form.Set("login", login)
	return v.post(v.r.OktaURL+"/desk/sign-in", form)
}

func TestAReviewerSignsInThroughOktaAndAnswersCount(t *testing.T) {
	r := openReview(t)
	v := r.visitor()
	status, body := v.get("/review/" + reviewCampaign)
	require.Equal(t, http.StatusUnauthorized, status)
	require.Contains(t, body, "Sign in with Okta")
	status, body = v.signsIn(acme.Priya)
	require.Equal(t, http.StatusOK, status, body)
	require.Contains(t, body, "0</b> of <b data-items>2</b> answered")
	form := hiddenOf(body)
	form.Set("d."+r.items[0].ID, "revoke")
	form.Set("r."+r.items[0].ID, "left the team")
	status, body = v.post(r.BridgeURL+"/review/"+reviewCampaign+"/decide", form)
	require.Equal(t, http.StatusOK, status, body)
	require.Contains(t, body, "1 answer saved.")
	s := r.state()
	assert.Equal(t, []int{0, 1}, []int{s.Certified, s.Revoked})
	answers, err := review.ReadAnswers(t.Context(), r.Blobs(), reviewCampaign, r.reviewer.ID, s.Answers)
	require.NoError(t, err)
	assert.Equal(t, "left the team", answers.Decisions[r.items[0].ID].Reason)
	assert.Equal(t, r.reviewer.ID, answers.By[r.items[0].ID])
	assert.Equal(t, review.ViaSignIn, answers.Via[r.items[0].ID])

	other := r.visitor()
	status, body = other.signsIn(acme.Ada)
	assert.Equal(t, http.StatusNotFound, status, "somebody whom the campaign asks nothing")
	assert.NotContains(t, body, "Engineering")
	status, _ = other.get("/review/" + reviewCampaign + "?for=" + r.reviewer.ID)
	assert.Equal(t, http.StatusNotFound, status)
}

func TestForgedExpiredAlteredAndForeignBatchesChangeNothing(t *testing.T) {
	r := openReview(t)
	signer, err := r.ReviewSigner()
	require.NoError(t, err)
	stranger, err := review.NewSigner(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 32))))
	require.NoError(t, err)
	sign := func(s *review.Signer, b review.Batch) review.Batch {
		b, err := s.Sign(b)
		require.NoError(t, err)
		return b
	}
	of := func(change func(*review.Batch)) func(string) review.Batch {
		return func(id string) review.Batch {
			b := r.batch(id)
			change(&b)
			return sign(signer, b)
		}
	}
	cases := map[string]func(id string) review.Batch{
		"not signed":           r.batch,
		"signed by a stranger": func(id string) review.Batch { return sign(stranger, r.batch(id)) },
		"altered after signing": func(id string) review.Batch {
			b := sign(signer, r.batch(id))
			b.Decisions[0].Answer = review.Certify
			return b
		},
		"expired":               of(func(b *review.Batch) { b.At = b.At.Add(-time.Hour) }),
		"by somebody else":      of(func(b *review.Batch) { b.By = r.user(acme.Ada) }),
		"by a link nobody made": of(func(b *review.Batch) { b.Via, b.Link = review.ViaLink, "made-up" }),
		"about a foreign item":  of(func(b *review.Batch) { b.Decisions[0].Item = "elsewhere" }),
	}
	n := 0
	for name, made := range cases {
		n++
		result, err := r.hands(made(fmt.Sprintf("bad%d", n)))
		require.NoError(t, err, name)
		assert.NotEmpty(t, result.Refused, name)
		assert.Zero(t, result.Taken, name)
	}
	foreign := sign(signer, func() review.Batch { b := r.batch("of-another"); b.Campaign = "2026-Q3"; return b }())
	foreign.Campaign = reviewCampaign // where it has to lie to be found
	result, err := r.hands(foreign)
	require.NoError(t, err)
	assert.NotEmpty(t, result.Refused)
	s := r.state()
	assert.Zero(t, s.Certified+s.Revoked)
	assert.Empty(t, s.Answers)

	result, err = r.hands(sign(signer, r.batch("good")))
	require.NoError(t, err)
	assert.Empty(t, result.Refused)
	result, err = r.hands(sign(signer, r.batch("good"))) // replayed
	require.NoError(t, err)
	assert.Equal(t, 1, result.Taken)
	assert.Equal(t, 1, r.state().Revoked)
}

func TestASignedLinkOpensOneReviewUntilItIsRevoked(t *testing.T) {
	r := openReview(t)
	links, err := r.ReviewLinks()
	require.NoError(t, err)
	text := func(l review.Link) string {
		text, err := links.Sign(l)
		require.NoError(t, err)
		return "/review/-/open/" + text
	}
	link := review.Link{Campaign: reviewCampaign, Reviewer: r.reviewer.ID, ID: "l1", Expires: time.Now().Add(time.Hour)}
	status, _ := r.visitor().get(text(link))
	require.Equal(t, http.StatusForbidden, status, "signed, but the reviewer's workflow does not list it")
	r.command(contract.LinkCommand{ID: "l1", Expires: link.Expires})
	v := r.visitor()
	status, body := v.get(text(link))
	require.Equal(t, http.StatusOK, status)
	form := hiddenOf(body)
	form.Set("d."+r.items[1].ID, "certify")
	status, body = v.post(r.BridgeURL+"/review/"+reviewCampaign+"/decide", form)
	require.Equal(t, http.StatusOK, status, body)
	require.Equal(t, 1, r.state().Certified)

	status, _ = r.visitor().get(text(review.Link{Campaign: reviewCampaign, Reviewer: r.user(acme.Ada), ID: "l1", Expires: link.Expires}))
	assert.Equal(t, http.StatusNotFound, status, "another reviewer's")
	status, _ = r.visitor().get(text(review.Link{Campaign: reviewCampaign, Reviewer: r.reviewer.ID, ID: "l1", Expires: time.Now().Add(-time.Hour)}))
	assert.Equal(t, http.StatusForbidden, status, "expired")
	r.command(contract.LinkCommand{Revoke: "l1"})
	status, _ = r.visitor().get(text(link))
	assert.Equal(t, http.StatusForbidden, status, "revoked")
	form.Set("d."+r.items[0].ID, "certify")
	status, body = v.post(r.BridgeURL+"/review/"+reviewCampaign+"/decide", form)
	assert.Equal(t, http.StatusForbidden, status, "the session of a revoked link ends with it")
	assert.Contains(t, body, "no longer opens")
	assert.Equal(t, 1, r.state().Certified)
}

func TestTheReviewPageSaysSoWhileNoWorkerAnswers(t *testing.T) {
	r := openReview(t)
	v := r.visitor()
	_, body := v.signsIn(acme.Priya)
	form := hiddenOf(body)
	form.Set("d."+r.items[0].ID, "revoke")
	form.Set("r."+r.items[0].ID, "kept while it is away")
	require.NoError(t, r.StopWorker())
	status, body := v.post(r.BridgeURL+"/review/"+reviewCampaign+"/decide", form)
	require.Equal(t, http.StatusServiceUnavailable, status)
	require.Contains(t, body, "were not saved")
	require.Contains(t, body, "kept while it is away")
	require.NoError(t, r.StartWorker(testkit.Soon(t)))
	form = hiddenOf(body)
	form.Set("d."+r.items[0].ID, "revoke")
	form.Set("r."+r.items[0].ID, "kept while it is away")
	require.Eventually(t, func() bool {
		status, body = v.post(r.BridgeURL+"/review/"+reviewCampaign+"/decide", form)
		return status == http.StatusOK
	}, 30*time.Second, time.Second)
	assert.Equal(t, 1, r.state().Revoked)
}

func TestAReviewThatCloses(t *testing.T) {
	r := openReview(t)
	v := r.visitor()
	_, body := v.signsIn(acme.Priya)
	form := hiddenOf(body)
	form.Set("d."+r.items[0].ID, "certify")
	status, body := v.post(r.BridgeURL+"/review/"+reviewCampaign+"/decide", form)
	require.Equal(t, http.StatusOK, status, body)
	id := contract.ReviewerWorkflowID(reviewCampaign, r.reviewer.ID)
	require.NoError(t, r.Temporal.SignalWorkflow(testkit.Soon(t), id, "", contract.SignalReviewClose, nil))
	var result contract.ReviewerResult
	require.NoError(t, r.Temporal.GetWorkflow(testkit.Soon(t), id, "").Get(testkit.Soon(t), &result))
	assert.Equal(t, contract.ReviewerClosed, result.End)
	assert.Equal(t, 1, result.Counts.Certified)

	form.Set("d."+r.items[1].ID, "certify")
	status, body = v.post(r.BridgeURL+"/review/"+reviewCampaign+"/decide", form)
	assert.Equal(t, http.StatusUnprocessableEntity, status)
	assert.Contains(t, body, "Not saved: the review was closed meanwhile")
	status, body = v.get("/review/" + reviewCampaign)
	assert.Equal(t, http.StatusOK, status)
	assert.Contains(t, body, "This review is closed.")
	assert.Contains(t, body, "<b>Certified</b>")
	assert.NotContains(t, body, `type="radio"`)
}
