package freshsim

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestSanitiserKeepsOnlyTheWhitelist(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`<p>Hi <b>there</b></p>`:                           `<p>Hi <b>there</b></p>`,
		`<script>alert(1)</script>after`:                   `after`,
		`<SCRIPT>alert(1)</SCRIPT >after`:                  `after`,
		`<style>p{}</style><p>x</p>`:                       `<p>x</p>`,
		`<p onclick="x()" style="y">z</p>`:                 `<p>z</p>`,
		`<img src=x onerror=alert(1)>`:                     ``,
		`<iframe src="//evil"></iframe>x`:                  `x`,
		`<svg><script>alert(1)</script></svg>x`:            `x`,
		`<a href="https://ok.example/?a=1&amp;b=2">l</a>`:  `<a href="https://ok.example/?a=1&amp;b=2" rel="noopener noreferrer nofollow">l</a>`,
		`<a href="javascript:alert(1)">l</a>`:              `<a>l</a>`,
		`<a href="JaVaScRiPt:alert(1)">l</a>`:              `<a>l</a>`,
		`<a href="&#106;avascript:alert(1)">l</a>`:         `<a>l</a>`,
		`<a href=" java` + "\t" + `script:alert(1)">l</a>`: `<a>l</a>`,
		`<a href="data:text/html,x">l</a>`:                 `<a>l</a>`,
		`<a data-href="https://x">l</a>`:                   `<a>l</a>`,
		`<a href='mailto:a@b.c'>l</a>`:                     `<a href="mailto:a@b.c" rel="noopener noreferrer nofollow">l</a>`,
		`<form action=x><input name=a></form>y`:            `y`,
		`<b>open`:                                          `<b>open</b>`,
		`<b><i>x</b>y`:                                     `<b><i>x</i></b>y`,
		`</div></b>x`:                                      `x`,
		`a < b & c > d`:                                    `a &lt; b &amp; c &gt; d`,
		`<`:                                                `&lt;`,
		`<b`:                                               `&lt;b`,
		`<!-- <script>x</script> -->y`:                     `y`,
		`<!doctype html>z`:                                 `z`,
		`<a href="https://x" title='">'>q</a>`:             `<a href="https://x" rel="noopener noreferrer nofollow">q</a>`,
		`&lt;script&gt;`:                                   `&lt;script&gt;`,
		`<p title="</p><script>alert(1)</script>">t</p>`:   `<p>t</p>`,
		`<br><hr/><br />`:                                  `<br><hr><br>`,
		`<table><tr><td colspan="9">1</td></tr></table>`:   `<table><tr><td>1</td></tr></table>`,
		`<a href="https://x"onclick=alert(1)>l</a>`:        `<a href="https://x" rel="noopener noreferrer nofollow">l</a>`,
		`<scr<script>x</script>ipt>alert(1)</script>`:      ``,
		`<textarea><script>x</script></textarea><i>k</i>`:  `<i>k</i>`,
	} {
		got := sanitise(in)
		if strings.Contains(in, "<scr<script>") {
			assert.NotContains(t, strings.ToLower(got), "<script", in)
			continue
		}
		assert.Equal(t, want, got, in)
		assert.Equal(t, got, sanitise(got), "sanitising twice changes nothing: %s", in)
	}
}

func TestPlainText(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		`<div>a &amp; b</div>`:          "a & b",
		`<p>one</p><p>two</p>`:          "one\ntwo",
		`x<br>y`:                        "x\ny",
		`<script>no</script>yes`:        "yes",
		`1 < 2`:                         "1 < 2",
		``:                              "",
		`<ul><li>a</li><li>b</li></ul>`: "a\nb",
	} {
		assert.Equal(t, want, plainText(in), in)
	}
	assert.Equal(t, "<div>a &lt; b</div>", htmlBody("a < b"))
	assert.Equal(t, "<p>x</p>", htmlBody("<p>x</p>"))
	assert.Empty(t, htmlBody(""))
}

// shape is what a sanitised fragment may consist of, and nothing else.
var shape = regexp.MustCompile(`^(?:[^<>]|<(?:br|hr)>|</?(?:a|b|strong|i|em|u|s|p|div|span|ul|ol|li|code|pre|blockquote|h[1-4]|table|thead|tbody|tr|th|td)>|<a href="(?:https?|mailto):[^"<>]*" rel="noopener noreferrer nofollow">)*$`)

func FuzzSanitise(f *testing.F) {
	for _, seed := range []string{`<p>x</p>`, `<a href="javascript:x">`, `<scr<script>ipt>`, `<a href=https://x/"onerror=y>`, "<\x00b>", `<!--`, `<a href='"><script>'>`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, in string) {
		if out := sanitise(in); !shape.MatchString(out) {
			t.Fatalf("%q became %q", in, out)
		}
		plainText(in)
	})
}
