package freshservice

import (
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// HTMLToText gives the words of the vendor's HTML: a line per block, list items with "- ", table cells parted by a tab,
// entities resolved, scripts and styles left out. Plain text passes unchanged but for its white space. The result is
// untrusted text, to be escaped again wherever it goes.
func HTMLToText(source string) string { return htmlToText(source, hidden) }

// UnquotedText is HTMLToText without block quotes: mail programs put the message that is answered into one.
func UnquotedText(source string) string {
	return htmlToText(source, func(tag atom.Atom) bool { return hidden(tag) || tag == atom.Blockquote })
}

func htmlToText(source string, hidden func(atom.Atom) bool) string {
	var out strings.Builder
	skip := 0
	tok := html.NewTokenizer(strings.NewReader(source))
	for {
		switch tok.Next() {
		case html.ErrorToken:
			return tidy(out.String())
		case html.TextToken:
			if skip == 0 {
				out.WriteString(strings.NewReplacer("\n", " ", "\r", " ", "\t", " ").Replace(string(tok.Text())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			name, _ := tok.TagName()
			tag := atom.Lookup(name)
			if hidden(tag) {
				skip++
				continue
			}
			out.WriteString(opens(tag))
		case html.EndTagToken:
			name, _ := tok.TagName()
			tag := atom.Lookup(name)
			if hidden(tag) {
				skip = max(skip-1, 0)
				continue
			}
			out.WriteString(closes(tag))
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

func hidden(tag atom.Atom) bool { return tag == atom.Script || tag == atom.Style }

func opens(tag atom.Atom) string {
	switch {
	case tag == atom.Br, block(tag):
		return "\n"
	case tag == atom.Li:
		return "\n- "
	}
	return ""
}

func closes(tag atom.Atom) string {
	switch {
	case block(tag), tag == atom.Li:
		return "\n"
	case tag == atom.Td, tag == atom.Th:
		return "\t"
	}
	return ""
}

// blocks are the elements that stand on lines of their own.
var blocks = [...]atom.Atom{
	atom.P, atom.Div, atom.Ul, atom.Ol, atom.Table, atom.Tr, atom.Blockquote, atom.Pre, atom.Hr, atom.H1, atom.H2, atom.H3,
	atom.H4, atom.H5, atom.H6, atom.Section, atom.Article, atom.Header, atom.Footer,
}

func block(tag atom.Atom) bool { return slices.Contains(blocks[:], tag) }

// tidy trims every line, folds runs of spaces and drops empty lines.
func tidy(text string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\u00a0", " "), "\n") {
		var cells []string
		for cell := range strings.SplitSeq(line, "\t") {
			if words := strings.Join(strings.Fields(cell), " "); words != "" {
				cells = append(cells, words)
			}
		}
		if len(cells) > 0 {
			lines = append(lines, strings.Join(cells, "\t"))
		}
	}
	return strings.Join(lines, "\n")
}
