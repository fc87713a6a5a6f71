package reviews_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"

	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/review"
)

// TestScreenshots writes pictures of the pages into the folder that LATCHKEY_SCREENSHOTS names: those of docs/images are
// made so.
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("LATCHKEY_SCREENSHOTS")
	if dir == "" {
		t.Skip("LATCHKEY_SCREENSHOTS names no folder for the pictures")
	}
	chrome := browser(t)
	keep := func(name string, take chromedp.Action[[]byte], b *tab) {
		png, err := chromedp.Run(b.ctx, take)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600))
	}
	wide, dark := look{1100, 1120, "light", true}, look{1100, 860, "dark", true}
	small := look{390, 844, "light", true}
	o := newOffice(t)
	link := o.link(boss, "l1", 24*time.Hour)
	b := chrome.tab(t, wide)
	b.goTo(link)
	for _, name := range []string{"Engineering", "VPN users"} {
		id := map[string]string{"Engineering": adaEngineering, "VPN users": item("00uADA", group("00gVPN", "VPN users"))}[name]
		b.click(rowOf(id) + ` label.certify`)
		b.savedSays(id)
	}
	b.click(rowOf(adaNetSuite) + ` label.revoke`)
	b.press("not used since March")
	b.press("\r")
	b.savedSays(adaNetSuite)
	b.goTo(o.url + deskPath)
	keep("review", chromedp.CaptureScreenshot(), b)
	keep("review-whole", chromedp.FullScreenshot(100), b)
	for name, l := range map[string]look{"review-dark": dark, "review-phone": small, "review-phone-dark": {390, 844, "dark", true}} {
		v := chrome.tab(t, l)
		v.goTo(link)
		keep(name, chromedp.CaptureScreenshot(), v)
		keep(name+"-whole", chromedp.FullScreenshot(100), v)
	}
	b.goTo(o.url + deskPath + "?mark=outside_birthright&todo=1")
	keep("review-filtered", chromedp.CaptureScreenshot(), b)
	o.seat(ownersPacket(2000))
	v := chrome.tab(t, wide)
	v.goTo(o.link(owner, "l2", 24*time.Hour))
	keep("review-owner", chromedp.CaptureScreenshot(), v)
	v.goTo(o.url + bulkPath("group:00gSALES", "certify"))
	keep("bulk", chromedp.CaptureScreenshot(), v)
	off := chrome.tab(t, look{1100, 860, "light", false})
	off.goTo(link)
	off.click(rowOf(adaEngineering) + ` label.revoke`)
	off.do(chromedp.SendKeys(rowOf(adaEngineering)+` .reason input`, "moved to another team", chromedp.NodeVisible))
	o.engine.trouble(errors.New("away"), nil)
	off.click(`[data-save]`)
	off.do(chromedp.WaitVisible(`main.keep`))
	keep("keep", chromedp.CaptureScreenshot(), off)
	o.engine.trouble(nil, nil)
	off.goTo(link)
	off.click(rowOf(benPayment) + ` label.certify`)
	off.click(`[data-save]`)
	off.do(chromedp.WaitVisible(`.problem`))
	keep("problem", chromedp.FullScreenshot(100), off)
	o.engine.change(boss, func(s *contract.ReviewerState) { s.Open = false })
	off.goTo(o.url + deskPath)
	keep("closed", chromedp.CaptureScreenshot(), off)

	s := newSignInOffice(t)
	s.engine.reviews[campaign] = contract.ReviewState{
		Campaign: campaign, Title: "Quarterly access review, 2026 Q4", Phase: contract.ReviewOpen, Mode: "act", Due: noon.Add(72 * time.Hour), StartedAt: noon.AddDate(0, 0, -11),
		Watchers: []string{s.id(acme.Clara)}, Counts: contract.ReviewCounts{Items: 4812, Certified: 3377, Revoked: 214, Open: 1221},
		Snapshot: contract.SnapshotRef{Users: 1204, Groups: 212, Apps: 48, Grants: 21734, Begun: noon.AddDate(0, 0, -11), Ended: noon.AddDate(0, 0, -11).Add(9 * time.Minute), Complete: true},
		Reviewers: []contract.ReviewerCounts{
			{Reviewer: review.Reviewer{ID: "1", Name: "Mira Holm", Why: "manager of 9 people"}, Items: 214, Certified: 168, Revoked: 22, Ticket: 4711},
			{Reviewer: review.Reviewer{ID: "2", Name: "Sam Ito", Why: "owner of Salesforce"}, Items: 1420, Certified: 1420, Ticket: 4712, Stamped: true},
			{Reviewer: review.Reviewer{ID: "3", Name: "Rosa Díaz", Why: "head of Engineering"}, Items: 96, Certified: 88, Revoked: 8, Ticket: 4713, Ended: true},
			{Reviewer: review.Reviewer{ID: "4", Name: "Dmitri Volkov", Why: "fallback: the manager is inactive"}, Items: 37, Ticket: 4714},
		},
	}
	v = chrome.tab(t, wide)
	v.goTo(s.url + deskPath + "/progress")
	keep("sign-in", chromedp.CaptureScreenshot(), v)
	v.click(`a.button`)
	v.do(chromedp.WaitVisible(`#login`))
	keep("okta-sign-in", chromedp.CaptureScreenshot(), v)
	v.do(chromedp.SendKeys(`#login`, acme.Clara+"\r"))
	v.do(chromedp.WaitVisible(`main.campaign`))
	keep("campaign", chromedp.CaptureScreenshot(), v)
	v.do(chromedp.EmulateViewport(390, 844), chromedp.Reload(), chromedp.WaitVisible(`main.campaign`))
	keep("campaign-phone", chromedp.FullScreenshot(100), v)
}
