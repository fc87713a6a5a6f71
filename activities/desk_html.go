package activities

import (
	"html"
	"regexp"
	"strings"
	"unicode/utf8"

	"latchkey/clients/freshservice"
)

// bodyLimit is the most HTML that one note or reply carries, in bytes. The vendor documents no limit; 64 KiB is where
// integrations stay below (reference/freshservice-api.md §4.9). The rest goes into a file.
const bodyLimit = 60 << 10

// cutNotice stands where a table was.
const cutNotice = `<p><em>This table is too long for a note; the attached file has it whole.</em></p>`

// endNotice stands where even a body without tables had to be cut.
const endNotice = "… (cut; the attached file has the whole text)"

var tableHTML = regexp.MustCompile(`(?is)<table\b.*?</table\s*>`)

// fitBody makes a body fit into limit bytes: the longest tables go first; where that is not enough the beginning of its
// plain text stays. whole says whether nothing had to go.
func fitBody(body string, limit int) (fitted string, whole bool) {
	if len(body) <= limit {
		return body, true
	}
	for len(body) > limit {
		from, to := longestTable(body)
		if to-from <= len(cutNotice) {
			return textOnly(body, limit), false
		}
		body = body[:from] + cutNotice + body[to:]
	}
	return body, false
}

func longestTable(body string) (from, to int) {
	for _, at := range tableHTML.FindAllStringIndex(body, -1) {
		if at[1]-at[0] > to-from {
			from, to = at[0], at[1]
		}
	}
	return from, to
}

// textOnly is the beginning of a body's plain text as one HTML paragraph of at most limit bytes.
func textOnly(body string, limit int) string {
	const open, end = "<p>", "</p>"
	lines := html.EscapeString(freshservice.HTMLToText(body))
	room := max(limit-len(open)-len(endNotice)-len(end), 0)
	var b strings.Builder
	b.WriteString(open)
	for line := range strings.SplitSeq(lines, "\n") {
		if len(line)+len("<br>") > room {
			b.WriteString(beginning(line, room))
			break
		}
		room -= len(line) + len("<br>")
		b.WriteString(line)
		b.WriteString("<br>")
	}
	b.WriteString(endNotice)
	b.WriteString(end)
	return b.String()
}

// beginning is at most limit bytes of escaped text, cut neither within a rune nor within an entity.
func beginning(escaped string, limit int) string {
	if len(escaped) <= limit {
		return escaped
	}
	for limit > 0 && !utf8.RuneStart(escaped[limit]) {
		limit--
	}
	cut := escaped[:limit]
	if i := strings.LastIndexByte(cut, '&'); i >= 0 && !strings.Contains(cut[i:], ";") {
		cut = cut[:i]
	}
	return cut
}
