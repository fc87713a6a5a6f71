package evidence_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"maps"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob/memblob"

	"latchkey/evidence"
	"latchkey/identity"
	"latchkey/review"
)

var update = flag.Bool("update-campaign", false, "write the golden evidence pack anew")

// campaignItems are one item of every kind, with names that a spreadsheet or a browser would like to run.
func campaignItems() []evidence.ReviewItem {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	item := func(user, name string, object identity.Entitlement, marks ...review.Mark) review.Item {
		return review.Item{
			ID: review.ItemID(user, object), Object: object, Origin: identity.OriginDirect, Peers: 0.25, Marks: marks, Reviewer: "00uR", Since: at.AddDate(0, -3, 0),
			Person: review.Person{OktaUserID: user, Name: name, Login: user + "@acme.example", Department: "Sales", Status: identity.StatusActive, Employee: true},
		}
	}
	sales := identity.Entitlement{Kind: identity.KindApp, ID: "0oa1", Name: "Salesforce"}
	books := identity.Entitlement{Kind: identity.KindGroup, ID: "00g1", Name: "<b>Books</b>"}
	said := func(i review.Item, answer review.Answer, reason string) evidence.ReviewItem {
		return evidence.ReviewItem{
			Item: i, ReviewerName: "Rita Reviewer", Answer: answer, Reason: reason, By: "00uR", ByName: "Rita Reviewer",
			AnsweredVia: review.ViaSignIn, AnsweredAt: at, Bulk: 1,
		}
	}
	gone := said(item("00u2", "=cmd|' /C calc'!A0", sales, review.MarkNew), review.Revoke, "@SUM(1+1)*cmd")
	gone.Outcome = review.Outcome{Item: gone.ID, State: review.OutcomeGone, ProvedAt: at.Add(time.Hour)}
	left := said(item("00u3", "+49 30 123", books, review.MarkConflict), review.Revoke, "\tnot needed")
	left.Origin, left.Via = identity.OriginGroupRule, []identity.Ref{{ID: "0pr1", Name: "-Rule"}}
	left.Outcome = review.Outcome{Item: left.ID, State: review.OutcomeLeft, Owner: "owner of the rule", Why: "a rule keeps it"}
	silent := evidence.ReviewItem{Item: item("00u4", "Ada <script>alert(1)</script>", sales), ReviewerName: "Rita Reviewer"}
	nobody := evidence.ReviewItem{Item: item("00u5", "Bo", books, review.MarkOrphan), Unassigned: true}
	nobody.Reviewer, nobody.Why = "", "nobody may review it: no manager is known"
	return []evidence.ReviewItem{said(item("00u1", "Cy", sales, review.MarkDormant), review.Certify, "needs it"), gone, left, silent, nobody}
}

func campaignRecord() evidence.ReviewRecord {
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	return evidence.ReviewRecord{
		Campaign: "2026-Q4", Title: "Access review 2026-Q4", Policy: "p0", ReadBegun: at, ReadEnded: at.Add(time.Minute), Assigned: at.Add(2 * time.Minute),
		Due: at.AddDate(0, 0, 21), Written: at.AddDate(0, 0, 22), Snapshot: "s0", Employees: "e0", Source: "csv", Partial: []string{"the application <X> could not be read"},
		Changed: []string{"the group Y was deleted"}, People: 5, Marks: []review.MarkCount{{Mark: review.MarkNew, Items: 1}},
		Reviewers: []evidence.ReviewerResult{{Reviewer: review.Reviewer{ID: "00uR", Name: "Rita Reviewer", Email: "rita@acme.example", Why: "as manager (4 items)"}}},
		Orphans:   []review.Person{{OktaUserID: "00u5", Name: "Bo", Login: "00u5@acme.example", Status: identity.StatusActive}},
	}
}

// writtenPack writes a pack and gives its files by name.
func writtenPack(t *testing.T, record evidence.ReviewRecord, items []evidence.ReviewItem) (evidence.ReviewManifest, fstest.MapFS) {
	t.Helper()
	bucket := memblob.OpenBucket(nil)
	p, err := evidence.NewReviewPack(t.Context(), bucket, record)
	require.NoError(t, err)
	defer p.Drop()
	for _, i := range items {
		require.NoError(t, p.Add(i))
	}
	m, err := p.End()
	require.NoError(t, err)
	files := fstest.MapFS{}
	for _, name := range []string{"items.json", "items.csv", "orphans.csv", "campaign.json", "report.html", "manifest.json"} {
		raw, err := bucket.ReadAll(t.Context(), path.Join("reviews/2026-Q4/evidence", name))
		require.NoError(t, err)
		files[name] = &fstest.MapFile{Data: raw}
	}
	return m, files
}

func TestThePackOfACampaignIsAsItWasAgreed(t *testing.T) {
	t.Parallel()
	m, files := writtenPack(t, campaignRecord(), campaignItems())
	assert.Equal(t, evidence.ReviewCount{Items: 5, Certified: 1, Revoked: 2, Silent: 2, Gone: 1, Left: 1, Unassigned: 1}, m.Counts)
	for name, file := range files {
		golden := filepath.Join("testdata", "campaign", name)
		if *update {
			require.NoError(t, os.MkdirAll(filepath.Dir(golden), 0o750))
			require.NoError(t, os.WriteFile(golden, file.Data, 0o600))
		}
		want, err := os.ReadFile(golden)
		require.NoError(t, err)
		assert.Equal(t, string(want), string(file.Data), name)
	}
}

func TestNoCellOfACampaignRunsAndNoNameIsMarkup(t *testing.T) {
	t.Parallel()
	_, files := writtenPack(t, campaignRecord(), campaignItems())
	for _, name := range []string{"items.csv", "orphans.csv"} {
		rows, err := csv.NewReader(bytes.NewReader(files[name].Data)).ReadAll()
		require.NoError(t, err)
		for _, row := range rows {
			for _, cell := range row {
				assert.NotContains(t, "=+-@|\t\r\n", first(cell), "%s: %q", name, cell)
			}
		}
	}
	page := string(files["report.html"].Data)
	for _, bad := range []string{"<script", "<b>Books", "http://", "https://", "src="} {
		assert.NotContains(t, page, bad)
	}
	assert.Contains(t, page, "&lt;b&gt;Books&lt;/b&gt;")
	assert.Equal(t, strings.Count(page, "<table>"), strings.Count(page, "<caption>"), "every table says what it is")
}

func first(cell string) string {
	if cell == "" {
		return "none"
	}
	return cell[:1]
}

func TestAPackThatWasTamperedWithIsFoundOut(t *testing.T) {
	t.Parallel()
	m, files := writtenPack(t, campaignRecord(), campaignItems())
	got, err := evidence.VerifyReviewPack(files, m.Digest)
	require.NoError(t, err)
	assert.Equal(t, m, got)
	with := func(name, old, now string) fstest.MapFS {
		changed := fstest.MapFS{}
		maps.Copy(changed, files)
		text := string(files[name].Data)
		require.Contains(t, text, old)
		changed[name] = &fstest.MapFile{Data: []byte(strings.Replace(text, old, now, 1))}
		return changed
	}
	without := func(name string) fstest.MapFS {
		changed := with(name, "", "")
		delete(changed, name)
		return changed
	}
	more := with("items.csv", "", "")
	more["extra.csv"] = &fstest.MapFile{}
	sum := m.Files[2].SHA256
	for name, tt := range map[string]struct {
		files fstest.MapFS
		says  string
	}{
		"an answer in the list":  {with("items.json", `"answer":"revoke"`, `"answer":"certify"`), "items.json was changed"},
		"an answer in the sheet": {with("items.csv", "revoke", "certify"), "items.csv was changed"},
		"an orphan forgotten":    {with("campaign.json", "00u5@acme.example", "00u6@acme.example"), "its items give the digest"},
		"a page":                 {with("report.html", "Rita", "Rosa"), "report.html was changed"},
		"a file too few":         {without("orphans.csv"), "orphans.csv is missing"},
		"a file too many":        {more, "extra.csv is no part of it"},
		"no manifest":            {without("manifest.json"), "it has no manifest.json"},
		"another digest":         {with("manifest.json", m.Digest, strings.Repeat("0", 64)), "its items give the digest"},
		"another version":        {with("manifest.json", `"version": 1`, `"version": 2`), "of a version"},
		"another campaign":       {with("manifest.json", `"campaign": "2026-Q4"`, `"campaign": "2026-Q3"`), "its items give the digest"},
		"a file's sum":           {with("manifest.json", sum, strings.Repeat("0", 64)), "was changed"},
		"a file elsewhere":       {with("manifest.json", `"name": "items.csv"`, `"name": "../items.csv"`), "which is no file of a pack"},
		"cut short":              {with("items.json", "\n]\n", ""), "ends early"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := evidence.VerifyReviewPack(tt.files, "")
			require.Error(t, err)
			assert.Contains(t, err.Error(), tt.says)
		})
	}
	_, err = evidence.VerifyReviewPack(files, strings.Repeat("a", 64))
	require.ErrorIs(t, err, evidence.ErrReviewPack)
	assert.Contains(t, err.Error(), "was expected", "a pack written anew as a whole is told by the digest kept elsewhere")
}

func TestTheDigestIsOverWhatWasDecidedAndNotOverWhen(t *testing.T) {
	t.Parallel()
	base, _ := writtenPack(t, campaignRecord(), campaignItems())
	record, items := campaignRecord(), campaignItems()
	record.ReadEnded, record.Written, record.Snapshot = record.ReadEnded.Add(time.Hour), record.Written.Add(time.Hour), "s1"
	for i := range items {
		items[i].AnsweredAt, items[i].Person.LastLogin, items[i].Outcome.ProvedAt = time.Now(), time.Now(), time.Now()
		items[i].Bulk, items[i].Outcome.Why = 3, "after a second attempt"
	}
	later, _ := writtenPack(t, record, items)
	assert.Equal(t, base.Digest, later.Digest)
	for name, edit := range map[string]func([]evidence.ReviewItem){
		"an answer":  func(l []evidence.ReviewItem) { l[0].Answer = review.Revoke },
		"a reason":   func(l []evidence.ReviewItem) { l[0].Reason = "needs it badly" },
		"by whom":    func(l []evidence.ReviewItem) { l[0].By = "00uX" },
		"by link":    func(l []evidence.ReviewItem) { l[0].AnsweredVia = review.ViaLink },
		"of whom":    func(l []evidence.ReviewItem) { l[0].Reviewer = "00uX" },
		"an outcome": func(l []evidence.ReviewItem) { l[1].Outcome.State = review.OutcomeLeft },
		"an owner":   func(l []evidence.ReviewItem) { l[2].Outcome.Owner = "nobody" },
		"a mark":     func(l []evidence.ReviewItem) { l[0].Marks = nil },
		"an origin":  func(l []evidence.ReviewItem) { l[0].Origin = identity.OriginGroup },
		"the order":  func(l []evidence.ReviewItem) { l[0], l[1] = l[1], l[0] },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := campaignItems()
			edit(changed)
			m, _ := writtenPack(t, campaignRecord(), changed)
			assert.NotEqual(t, base.Digest, m.Digest)
		})
	}
}

func TestACampaignOfNothingHasAPackToo(t *testing.T) {
	t.Parallel()
	m, files := writtenPack(t, campaignRecord(), nil)
	assert.Equal(t, "[]\n", string(files["items.json"].Data))
	_, err := evidence.VerifyReviewPack(files, m.Digest)
	require.NoError(t, err)
}
