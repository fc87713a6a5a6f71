package reviews_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/contract"
	"latchkey/review"
)

// row selects an item on the page.
func rowOf(id string) string { return `[data-item="` + id + `"]` }

func (b *tab) savedSays(id string) {
	b.t.Helper()
	b.until(fmt.Sprintf(`document.querySelector('%s [data-state]').textContent.startsWith("Saved")`, rowOf(id)))
}

// key presses one letter as a keyboard does: a page that takes it as a command keeps it from being typed.
func (b *tab) key(letter string) {
	b.t.Helper()
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: kind, Key: letter, Code: "Key" + strings.ToUpper(letter), WindowsVirtualKeyCode: int64(strings.ToUpper(letter)[0])}
		if kind == input.DispatchKeyEventTypeKeyDown {
			p.Text = letter
		}
		_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p)
		require.NoError(b.t, err)
	}
}

// press types keys where the focus is.
func (b *tab) press(keys string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent(keys))
}

func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.Click(selector, chromedp.NodeVisible))
}

func TestPages(t *testing.T) {
	t.Parallel()
	chrome := browser(t)
	for name, l := range map[string]look{"desktop": desktop, "phone": phone} {
		t.Run(name, func(t *testing.T) {
			t.Run("an answer is saved as it is given", func(t *testing.T) { savedAsGiven(chrome.tab(t, l)) })
			t.Run("what is not saved says so and can be tried again", func(t *testing.T) { notSaved(chrome.tab(t, l)) })
			t.Run("without a script", func(t *testing.T) { l := l; l.scripts = false; withoutScript(chrome.tab(t, l)) })
			t.Run("many at once are confirmed first", func(t *testing.T) { manyAtOnce(chrome.tab(t, l)) })
			t.Run("nothing is wider than the screen", func(t *testing.T) { fits(chrome.tab(t, l)) })
		})
	}
	t.Run("the keyboard is enough", func(t *testing.T) { byKeyboard(chrome.tab(t, desktop)) })
	for _, scheme := range []string{"light", "dark"} {
		t.Run("readable in "+scheme, func(t *testing.T) {
			readable(chrome.tab(t, look{width: 1200, height: 900, scheme: scheme, scripts: true}))
		})
	}
	t.Run("every control has a name", func(t *testing.T) { named(chrome.tab(t, desktop)) })
	t.Run("the last answer closes the list", func(t *testing.T) { lastAnswer(chrome.tab(t, desktop)) })
}

func savedAsGiven(b *tab) {
	t := b.t
	o := newOffice(t)
	complaints := b.listen()
	b.goTo(o.link(boss, "l1", time.Hour))
	b.click(rowOf(adaEngineering) + ` label.certify`)
	b.savedSays(adaEngineering)
	assert.Equal(t, review.Certify, o.answers(boss).Decisions[adaEngineering].Answer)
	assert.Equal(t, "1", eval[string](b, `document.querySelector("[data-done]").textContent`))
	assert.Equal(t, "1 of 5", eval[string](b, `document.querySelector('[data-tally="00uADA"]').textContent`))

	b.click(rowOf(adaNetSuite) + ` label.revoke`)
	b.until(fmt.Sprintf(`document.activeElement === document.querySelector('%s .reason input')`, rowOf(adaNetSuite)))
	assert.NotContains(t, o.answers(boss).Decisions, adaNetSuite, "a reason is missing")
	b.press("unused\r")
	b.savedSays(adaNetSuite)
	assert.Equal(t, "unused", o.answers(boss).Decisions[adaNetSuite].Reason)
	assert.Equal(t, deskPath, eval[string](b, `location.pathname + location.search`), "the page stayed")
	b.do(chromedp.Reload(), chromedp.WaitVisible("main"))
	assert.True(t, eval[bool](b, fmt.Sprintf(`document.querySelector('%s input[value=revoke]').checked`, rowOf(adaNetSuite))))
	assert.Empty(t, complaints(), "the content security policy was violated, or the script failed")
}

func notSaved(b *tab) {
	t := b.t
	o := newOffice(t)
	b.goTo(o.link(boss, "l1", time.Hour))
	o.engine.trouble(errors.New("away"), nil)
	b.click(rowOf(adaEngineering) + ` label.certify`)
	b.until(fmt.Sprintf(`document.querySelector('%s [data-state]').textContent.startsWith("Not saved")`, rowOf(adaEngineering)))
	assert.False(t, eval[bool](b, `document.querySelector("[data-alert]").hidden`))
	assert.False(t, eval[bool](b, fmt.Sprintf(`document.querySelector('%s').classList.contains("saved")`, rowOf(adaEngineering))))
	o.engine.trouble(nil, nil)
	require.Empty(t, o.answers(boss).Decisions)
	b.click(`[data-save]`)
	b.do(chromedp.WaitVisible(`[data-flash]:not([hidden])`))
	assert.Len(t, o.answers(boss).Decisions, 1)
}

func withoutScript(b *tab) {
	t := b.t
	o := newOffice(t)
	b.goTo(o.link(boss, "l1", time.Hour))
	b.click(rowOf(adaEngineering) + ` label.certify`)
	b.click(rowOf(adaNetSuite) + ` label.revoke`)
	b.do(chromedp.SendKeys(rowOf(adaNetSuite)+` .reason input`, "unused", chromedp.NodeVisible))
	b.click(`[data-save]`)
	b.do(chromedp.WaitVisible(`[data-flash]:not([hidden])`))
	assert.Len(t, o.answers(boss).Decisions, 2)
	assert.Equal(t, "unused", o.answers(boss).Decisions[adaNetSuite].Reason)
}

func manyAtOnce(b *tab) {
	t := b.t
	o := newOffice(t)
	o.seat(ownersPacket(12))
	b.goTo(o.link(owner, "l1", time.Hour))
	b.click(`.bulk a`)
	b.do(chromedp.WaitVisible(`.bulkpage button.primary`))
	require.Empty(t, o.answers(owner).Decisions)
	b.click(`.bulkpage button.primary`)
	b.do(chromedp.WaitVisible(`[data-flash]:not([hidden])`))
	assert.Len(t, o.answers(owner).Decisions, 9)
}

func fits(b *tab) {
	t := b.t
	o := newOffice(t)
	o.seat(ownersPacket(120))
	for _, path := range []string{o.link(boss, "l1", time.Hour), o.url + bulkPath("00uZOE", "revoke"), o.link(owner, "l2", time.Hour), o.url + deskPath + "?page=2"} {
		b.goTo(path)
		assert.LessOrEqual(t, eval[int](b, `document.documentElement.scrollWidth`), eval[int](b, `window.innerWidth`), path)
		small := eval[[]string](b, `[...document.querySelectorAll("button:not(.link), .choice label, .pages a, select, input[type=text], input[type=search]")]
			.filter(e => { const r = e.getBoundingClientRect(); return r.height > 0 && r.height < 43; }).map(e => e.outerHTML.slice(0, 80))`)
		assert.Empty(t, small, "what a finger has to hit is at least 44 pixels high")
	}
}

func byKeyboard(b *tab) {
	t := b.t
	o := newOffice(t)
	b.goTo(o.link(boss, "l1", time.Hour))
	focused := func() string { return eval[string](b, `document.activeElement.dataset.item ?? ""`) }
	b.do(chromedp.Focus(rowOf(adaEngineering)))
	b.key("c")
	b.savedSays(adaEngineering)
	b.key("j")
	vpn := item("00uADA", group("00gVPN", "VPN users"))
	require.Equal(t, vpn, focused())
	b.key("k")
	require.Equal(t, adaEngineering, focused())
	b.key("u")
	require.Equal(t, vpn, focused(), "the next undecided one")
	b.key("r")
	b.press("not remote any more\r")
	b.savedSays(vpn)
	assert.Equal(t, "not remote any more", o.answers(boss).Decisions[vpn].Reason, "letters in a reason are letters")
	assert.Equal(t, item("00uADA", application("0oaGIT", "GitHub Enterprise")), focused(), "Enter goes on")

	assert.True(t, eval[bool](b, `!document.querySelector("[data-keys]").hidden`), "the keys are explained on the page")
	b.click(`[data-keys] summary`)
	b.click(`[data-keys-on]`)
	b.do(chromedp.Focus(rowOf(adaNetSuite)))
	b.key("c")
	assert.NotContains(t, o.answers(boss).Decisions, adaNetSuite, "single keys can be switched off")
	assert.False(t, eval[bool](b, fmt.Sprintf(`document.querySelector('%s input[value=certify]').checked`, rowOf(adaNetSuite))))
}

// contrast finds text that stands out too little against what is behind it (WCAG 2.2, 1.4.3).
const contrast = `(() => {
	const parse = c => { const m = c.match(/[\d.]+/g).map(Number); return c.startsWith("color(srgb") ? [m[0]*255, m[1]*255, m[2]*255, m[3] ?? 1] : [m[0], m[1], m[2], m[3] ?? 1]; };
	const lum = ([r, g, b]) => { const f = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; return .2126 * f(r) + .7152 * f(g) + .0722 * f(b); };
	const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3]));
	const behind = e => { let layers = []; for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0) layers.push(c); if (c[3] === 1) break; }
		return layers.reverse().reduce((below, top) => [...over(top, below), 1], [255, 255, 255, 1]); };
	const bad = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let n; n = walker.nextNode();) {
		const e = n.parentElement;
		if (!n.textContent.trim() || e.closest("script, style, .sr, .skip, [hidden], option") || !e.checkVisibility()) continue;
		const s = getComputedStyle(e), back = behind(e), fore = over(parse(s.color), back);
		const [a, b] = [lum(fore), lum(back)].sort((x, y) => y - x), ratio = (a + .05) / (b + .05);
		const large = parseFloat(s.fontSize) >= 24 || parseFloat(s.fontSize) >= 18.66 && s.fontWeight >= 700;
		if (ratio < (large ? 3 : 4.5)) bad.push(ratio.toFixed(2) + " " + s.color + " on " + back.map(Math.round).join() + " " + n.textContent.trim().slice(0, 40));
	}
	return bad;
})()`

func readable(b *tab) {
	t := b.t
	o := newOffice(t)
	b.goTo(o.link(boss, "l1", time.Hour))
	b.click(rowOf(adaEngineering) + ` label.certify`)
	b.savedSays(adaEngineering)
	b.do(chromedp.Focus(rowOf(adaNetSuite)))
	b.key("r")
	b.press("unused\r")
	b.savedSays(adaNetSuite)
	eval[bool](b, `document.querySelectorAll("details").forEach(d => d.open = true), true`)
	assert.Empty(t, eval[[]string](b, contrast))
	o.engine.trouble(errors.New("away"), nil)
	b.do(chromedp.Focus(rowOf(benProduction)))
	b.key("c")
	b.until(fmt.Sprintf(`document.querySelector('%s [data-state]').textContent.startsWith("Not saved")`, rowOf(benProduction)))
	assert.Empty(t, eval[[]string](b, contrast), "while something is wrong")
	o.engine.trouble(nil, nil)
	b.click(`[data-save]`) // the page does not let go of what is not saved
	b.do(chromedp.WaitVisible(`[data-flash]:not([hidden])`))
	assert.Empty(t, eval[[]string](b, contrast), "when all is well again")
	b.goTo(o.url + bulkPath("00uZOE", "revoke"))
	assert.Empty(t, eval[[]string](b, contrast))
	o.engine.change(boss, func(s *contract.ReviewerState) { s.Open = false })
	b.goTo(o.url + deskPath)
	assert.Empty(t, eval[[]string](b, contrast), "when it is closed")
}

func named(b *tab) {
	t := b.t
	o := newOffice(t)
	o.seat(ownersPacket(120))
	for _, path := range []string{o.link(boss, "l1", time.Hour), o.url + bulkPath("00uZOE", "revoke"), o.link(owner, "l2", time.Hour), o.url + "/review/none.such/x"} {
		b.goTo(path)
		assert.Empty(t, eval[[]string](b, `[...document.querySelectorAll("a, button, input:not([type=hidden]), select, svg[role=img], [role=region]")].filter(e => {
			const by = (e.getAttribute("aria-labelledby") ?? "").split(" ").map(id => document.getElementById(id)?.textContent ?? "").join("");
			const name = e.getAttribute("aria-label") || by || [...(e.labels ?? [])].map(l => l.textContent).join("") || e.textContent;
			return !name.trim();
		}).map(e => e.outerHTML.slice(0, 100))`), "controls without a name")
		assert.Empty(t, eval[[]string](b, `(() => { const ids = [...document.querySelectorAll("[id]")].map(e => e.id); return ids.filter((id, n) => ids.indexOf(id) !== n); })()`), "IDs that are there twice")
		assert.Equal(t, 1, eval[int](b, `document.querySelectorAll("h1").length`))
		assert.True(t, eval[bool](b, `(() => { let last = 0; return [...document.querySelectorAll("h1,h2,h3,h4")].every(h => { const n = +h.tagName[1], fine = n <= last + 1; last = n; return fine; }); })()`), "headings skip no level")
		assert.Equal(t, "en", eval[string](b, `document.documentElement.lang`))
		assert.True(t, eval[bool](b, `document.querySelectorAll("fieldset:not(:has(> legend))").length === 0`))
	}
}

func lastAnswer(b *tab) {
	t := b.t
	o := newOffice(t)
	packet := managersPacket()
	packet.Reviewer.ID, packet.Items = owner, packet.Items[:1]
	o.seat(packet)
	o.engine.change(owner, func(s *contract.ReviewerState) { s.Until = noon.Add(15 * time.Minute) })
	b.goTo(o.link(owner, "l1", time.Hour))
	b.click(rowOf(adaEngineering) + ` label.certify`)
	b.do(chromedp.WaitVisible(`.item.saved .state time`)) // the page was read again
	assert.Contains(t, eval[string](b, `document.querySelector("#status").textContent`), "Everything is answered. Thank you.")
}
