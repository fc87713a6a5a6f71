package freshservice_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestHTMLBecomesReadableText(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		``:                                  "",
		`plain  text`:                       "plain text",
		`<div>Details</div>`:                "Details",
		`<p>One<br>two</p><p>three</p>`:     "One\ntwo\nthree",
		`<ul><li>a</li><li>b <b>c</b></ul>`: "- a\n- b c",
		`a &lt;b&gt; &amp; &nbsp;c`:         "a <b> & c",
		`<style>p{}</style>x<script>y</script><script>z`:                                "x",
		"<table><tr><td>k</td><td>v\n w</td></tr><tr><td>k2</td><td></td></tr></table>": "k\tv w\nk2",
		`<p>unclosed <b>tag`: "unclosed tag",
		`</script>after`:     "after",
		`5 < 6 and 7 > 2`:    "5 < 6 and 7 > 2",
	} {
		assert.Equal(t, want, freshservice.HTMLToText(source), source)
	}
}

func TestTimesAreReadInEveryLayout(t *testing.T) {
	t.Parallel()
	want := time.Date(2026, 4, 3, 10, 30, 0, 0, time.UTC)
	for _, text := range []string{
		"2026-04-03T10:30:00Z", "2026-04-03T10:30:00.000Z", "2026-04-03T16:00:00+05:30", "2026-04-03T16:00:00+0530", "2026-04-03T12:30:00+02",
		"2026-04-03T10:30:00", "2026-04-03T10:30Z", "2026-04-03 10:30:00", "2026-04-03 12:30:00 +0200", "2026-04-03 10:30:00 UTC", "03-04-2026 10:30", " 2026-04-03T10:30:00Z ",
	} {
		got, err := freshservice.ParseTime(text)
		require.NoError(t, err, text)
		assert.True(t, want.Equal(got), "%s gives %s", text, got)
	}
	for _, text := range []string{"", "soon", "2026-04-03 10:30:00 EST", "04/03/2026", "2026-02-30", "1767225600"} {
		_, err := freshservice.ParseTime(text)
		require.Error(t, err, text)
	}
	for text, day := range map[string]string{"03-04-2026": "2026-04-03", "2026-04-03": "2026-04-03", "2026-04-03T23:30:00-07:00": "2026-04-03"} {
		got, err := freshservice.ParseDate(text)
		require.NoError(t, err)
		assert.Equal(t, day+"T00:00:00Z", got.Format(time.RFC3339), text)
	}
}

func TestRailsZonesMeanIANAZones(t *testing.T) {
	t.Parallel()
	for rails, iana := range map[string]string{
		"Eastern Time (US & Canada)": "America/New_York", "pacific time (us & canada)": "America/Los_Angeles", "New Delhi": "Asia/Kolkata",
		"London": "Europe/London", "UTC": "Etc/UTC", "Kyiv": "Europe/Kyiv", "Nuku'alofa": "Pacific/Tongatapu", " Tokyo ": "Asia/Tokyo",
		"America/Toronto": "America/Toronto", "Europe/Paris": "Europe/Paris",
	} {
		got, ok := freshservice.IANAZone(rails)
		assert.True(t, ok, rails)
		assert.Equal(t, iana, got, rails)
		_, err := time.LoadLocation(got)
		require.NoError(t, err, rails)
	}
	for _, name := range []string{"", "Somewhere", "Local", "EST", "../etc/passwd", "Mars/Base"} {
		_, ok := freshservice.IANAZone(name)
		assert.False(t, ok, name)
	}
	for iana, rails := range map[string]string{
		"America/New_York": "Eastern Time (US & Canada)", "Asia/Calcutta": "Chennai", "Asia/Kolkata": "Chennai", "Europe/Kiev": "Kyiv", "UTC": "UTC",
		"Europe/London": "London", "America/Toronto": "Eastern Time (US & Canada)",
	} {
		got, ok := freshservice.RailsZone(iana)
		assert.True(t, ok, iana)
		assert.Equal(t, rails, got, iana)
	}
	_, ok := freshservice.RailsZone("Mars/Base")
	assert.False(t, ok)
}

func TestUnquotedTextLeavesOutBlockQuotes(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]string{
		"<p>Thanks</p><blockquote><p>old <b>words</b></p></blockquote><p>Ada</p>": "Thanks\nAda",
		"<blockquote>one<blockquote>two</blockquote>three</blockquote>four":       "four",
		"<blockquote>never closed <p>and more":                                    "",
		"</blockquote>mine":                                                       "mine",
		"plain text":                                                              "plain text",
	} {
		assert.Equal(t, want, freshservice.UnquotedText(source), source)
	}
}
