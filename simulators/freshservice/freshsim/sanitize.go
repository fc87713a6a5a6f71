package freshsim

import (
	"html"
	"net/url"
	"slices"
	"strings"
)

// htmlBody wraps text-only input as the vendor does: "Details" becomes "<div>Details</div>" (reference §4.1).
func htmlBody(s string) string {
	if s == "" || strings.Contains(s, "<") && strings.Contains(s, ">") {
		return s
	}
	return "<div>" + html.EscapeString(s) + "</div>"
}

// typedBody is what a person typed into a plain text box: never HTML, lines kept.
func typedBody(s string) string {
	s = html.EscapeString(strings.ReplaceAll(s, "\r\n", "\n"))
	return "<div>" + strings.ReplaceAll(s, "\n", "<br>") + "</div>"
}

// tagEnd finds the end of the tag that starts at s[0] == '<', quotes respected; -1 when it never ends.
func tagEnd(s string) int {
	var quote byte
	for i := 1; i < len(s); i++ {
		switch {
		case quote != 0:
			if s[i] == quote {
				quote = 0
			}
		case s[i] == '"' || s[i] == '\'':
			quote = s[i]
		case s[i] == '>':
			return i
		}
	}
	return -1
}

// tagName is the lower-case name of a tag's inside, and whether it closes.
func tagName(inside string) (name string, closing bool) {
	inside, closing = strings.CutPrefix(inside, "/")
	end := strings.IndexFunc(inside, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9')
	})
	if end >= 0 {
		inside = inside[:end]
	}
	return strings.ToLower(inside), closing
}

// walkHTML cuts a fragment into text and tags; script and style contents and comments are dropped. A lone < is text.
func walkHTML(s string, onText func(string), onTag func(name, inside string, closing bool)) {
	for s != "" {
		i := strings.IndexByte(s, '<')
		if i < 0 {
			onText(s)
			return
		}
		if i > 0 {
			onText(s[:i])
			s = s[i:]
		}
		if strings.HasPrefix(s, "<!--") {
			_, after, ok := strings.Cut(s[4:], "-->")
			if !ok {
				return
			}
			s = after
			continue
		}
		end := tagEnd(s)
		name, closing := "", false
		if end > 0 {
			name, closing = tagName(s[1:end])
		}
		if name == "" && (end < 0 || !strings.HasPrefix(s, "<!")) {
			onText("<")
			s = s[1:]
			continue
		}
		inside := s[1:end]
		s = s[end+1:]
		if !closing && slices.Contains([]string{"script", "style", "iframe", "object", "noscript", "template", "svg", "math", "textarea", "title"}, name) {
			s = skipElement(s, name)
			continue
		}
		onTag(name, inside, closing)
	}
}

// skipElement drops everything up to the end tag of an element whose content is never shown.
func skipElement(s, name string) string {
	low := asciiLower(s)
	i := strings.Index(low, "</"+name)
	if i < 0 {
		return ""
	}
	if end := strings.IndexByte(s[i:], '>'); end >= 0 {
		return s[i+end+1:]
	}
	return ""
}

// asciiLower keeps byte offsets, which strings.ToLower does not.
func asciiLower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c >= 'A' && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// plainText is description_text and body_text: tags gone, entities read, blocks on their own lines.
func plainText(s string) string {
	var b strings.Builder
	walkHTML(s,
		func(t string) { b.WriteString(html.UnescapeString(t)) },
		func(name, _ string, closing bool) {
			block := slices.Contains([]string{"p", "div", "li", "tr", "h1", "h2", "h3", "h4", "table", "ul", "ol", "blockquote", "pre"}, name)
			if name == "br" || block && closing {
				b.WriteString("\n")
			} else if (name == "td" || name == "th") && closing {
				b.WriteString(" ")
			}
		})
	return strings.TrimSpace(b.String())
}

// shownTags is the whitelist of the desk: structure and emphasis, nothing that loads, scripts, styles or posts.
func shownTags() []string {
	return []string{
		"a", "b", "strong", "i", "em", "u", "s", "p", "div", "span", "br", "hr", "ul", "ol", "li", "code", "pre", "blockquote",
		"h1", "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td",
	}
}

// sanitise gives HTML that is safe to show: whitelisted tags without attributes, links to http, https or mailto only,
// balanced, everything else as text or gone. Ticket text is untrusted.
func sanitise(s string) string {
	var b strings.Builder
	var open []string
	allowed := shownTags()
	walkHTML(s,
		func(t string) { b.WriteString(html.EscapeString(html.UnescapeString(t))) },
		func(name, inside string, closing bool) {
			switch {
			case !slices.Contains(allowed, name):
			case name == "br" || name == "hr":
				if !closing {
					b.WriteString("<" + name + ">")
				}
			case closing:
				i := len(open) - 1
				for i >= 0 && open[i] != name {
					i--
				}
				if i < 0 {
					return
				}
				for len(open) > i {
					b.WriteString("</" + open[len(open)-1] + ">")
					open = open[:len(open)-1]
				}
			default:
				open = append(open, name)
				if href := safeLink(inside); name == "a" && href != "" {
					b.WriteString(`<a href="` + html.EscapeString(href) + `" rel="noopener noreferrer nofollow">`)
				} else {
					b.WriteString("<" + name + ">")
				}
			}
		})
	for _, name := range slices.Backward(open) {
		b.WriteString("</" + name + ">")
	}
	return b.String()
}

// safeLink reads the href of an a tag; empty unless it is an absolute http, https or mailto address.
func safeLink(inside string) string {
	low := asciiLower(inside)
	i := strings.Index(low, "href")
	if i < 1 || !strings.ContainsAny(low[i-1:i], " \t\r\n\"'/") {
		return ""
	}
	rest, ok := strings.CutPrefix(strings.TrimLeft(inside[i+4:], " \t\r\n"), "=")
	if !ok {
		return ""
	}
	rest = strings.TrimLeft(rest, " \t\r\n")
	value := rest
	if rest != "" && (rest[0] == '"' || rest[0] == '\'') {
		value, _, ok = strings.Cut(rest[1:], rest[:1])
		if !ok {
			return ""
		}
	} else if end := strings.IndexAny(rest, " \t\r\n"); end >= 0 {
		value = rest[:end]
	}
	u, err := url.Parse(strings.TrimSpace(html.UnescapeString(value)))
	if err != nil || !slices.Contains([]string{"http", "https", "mailto"}, strings.ToLower(u.Scheme)) {
		return ""
	}
	return u.String()
}
