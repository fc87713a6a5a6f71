package activities

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"latchkey/clients/freshservice"
)

// markerWord begins every marker. A marker is the last thing in a note, in small grey print, and tells a later attempt
// that the note is there: Freshservice has no idempotency key (reference/freshservice-api.md §4.8). It is text, because
// comments, classes and invisible elements do not survive the vendor's HTML sanitising.
const markerWord = "latchkey:"

// markerText matches a marker in plain text.
var markerText = regexp.MustCompile(markerWord + `(\S+)`)

// markerKey is the key of a note within its ticket: the run and the step. Characters that HTML or a mail client could
// change become dashes.
func markerKey(run int, key string) string {
	return fmt.Sprintf("%d/%s", run, strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-_./", r):
			return r
		}
		return '-'
	}, key))
}

// markerHTML is the marker as the last paragraph of a body.
func markerHTML(key string) string {
	return `<p style="color:#9a9a9a;font-size:10px">` + html.EscapeString(markerWord+key) + `</p>`
}

// hasMarker says whether a conversation is the note with this marker. Only what our own account wrote counts, and only
// the last marker of it: a requester's reply that quotes a note, or a ticket subject with a marker in it, proves
// nothing. me is our own agent; zero when the vendor does not tell, and then anything that did not come in from outside
// is taken as ours.
func hasMarker(c freshservice.Conversation, key string, me int64) bool {
	if c.Incoming || me != 0 && c.UserID != me {
		return false
	}
	text := c.BodyText
	if strings.TrimSpace(text) == "" {
		text = freshservice.HTMLToText(c.Body)
	}
	found := markerText.FindAllStringSubmatch(text, -1)
	return len(found) > 0 && found[len(found)-1][1] == key
}
