package reviews_test

import (
	"context"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// tab is a page in a real browser.
type tab struct {
	t   *testing.T
	ctx context.Context //nolint:containedctx // chromedp's browser is its context
}

// chromium is a browser that runs.
type chromium struct {
	ctx context.Context //nolint:containedctx // chromedp's browser is its context
}

// browser starts headless Chromium, or skips where there is none: CI installs it (.ci/run).
func browser(t *testing.T) *chromium {
	t.Helper()
	if testing.Short() {
		t.Skip("page tests need a browser, and -short leaves it out")
	}
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		const how = "there is no Chromium on PATH: install it (apt-get install chromium) to run the page tests"
		require.Empty(t, os.Getenv("CI"), how) // CI skips nothing
		t.Skip(how)
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:len(chromedp.DefaultExecAllocatorOptions):len(chromedp.DefaultExecAllocatorOptions)],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true))
	allocator, cancel := chromedp.NewExecAllocator(t.Context(), options...)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewContext(allocator)
	t.Cleanup(stop)
	require.NoError(t, chromedp.Do(ctx), "starting %s", path)
	return &chromium{ctx: ctx}
}

// look is how a tab shows pages.
type look struct {
	width, height int64
	scheme        string
	scripts       bool
}

var (
	desktop = look{width: 1200, height: 900, scheme: "light", scripts: true}
	phone   = look{width: 390, height: 844, scheme: "light", scripts: true}
)

// tab opens a tab with cookies of its own.
func (c *chromium) tab(t *testing.T, l look) *tab {
	t.Helper()
	ctx, cancel := chromedp.NewContext(c.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	ctx, stop := context.WithTimeout(ctx, time.Minute)
	t.Cleanup(stop)
	b := &tab{t: t, ctx: ctx}
	b.do(chromedp.EmulateViewport(l.width, l.height))
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: l.scheme},
			{Name: "prefers-reduced-motion", Value: "reduce"}, // colours are looked at once they are there
		},
	})
	require.NoError(t, err)
	if !l.scripts {
		_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		require.NoError(t, err)
	}
	return b
}

func (b *tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	require.NoError(b.t, chromedp.Do(b.ctx, steps...))
}

func (b *tab) goTo(url string) {
	b.t.Helper()
	b.do(chromedp.Navigate(url), chromedp.WaitVisible("main"))
}

// eval runs a script in the page and returns what it gives.
func eval[T any](b *tab, script string) T {
	b.t.Helper()
	value, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](script))
	require.NoError(b.t, err, script)
	return value
}

// until waits until a script says true.
func (b *tab) until(script string) {
	b.t.Helper()
	_, err := chromedp.Run(b.ctx, chromedp.Poll[bool](script, chromedp.WithPollingTimeout(20*time.Second)))
	require.NoError(b.t, err, script)
}

// listen gathers what the browser's console complains about, and returns what it has so far.
func (b *tab) listen() func() []string {
	b.t.Helper()
	var mu sync.Mutex
	var heard []string
	messages := chromedp.Console(b.ctx) // it listens from now on
	go func() {
		for m, err := range messages {
			if err != nil {
				return // the tab is closed
			}
			if m.Type == chromedp.ConsoleException || m.Type == "error" {
				mu.Lock()
				heard = append(heard, m.Text)
				mu.Unlock()
			}
		}
	}()
	return func() []string {
		mu.Lock()
		defer mu.Unlock()
		return slices.Clone(heard)
	}
}
