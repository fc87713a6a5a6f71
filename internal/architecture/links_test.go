package architecture_test

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	// linkText is an inline Markdown link or picture: [text](target "title").
	linkText = regexp.MustCompile(`\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)`)
	// codeSpan is text between backticks on one line, in which nothing is a link.
	codeSpan = regexp.MustCompile("`[^`]*`")
	heading  = regexp.MustCompile(`^#{1,6}\s+(.*?)\s*#*$`)
	// docPath is a document named in prose or in a comment: docs/policy.md, docs/runbooks/intake.md#states.
	docPath = regexp.MustCompile(`\bdocs/[a-z0-9/-]+\.md\b`)
)

// document is one Markdown file, without its code blocks.
type document struct {
	path    string // from the module's root
	links   []string
	anchors map[string]bool
}

func documents(t *testing.T) map[string]document {
	t.Helper()
	all := map[string]document{}
	err := filepath.WalkDir(filepath.FromSlash(moduleDir), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && name != ".." && name != "." && (strings.HasPrefix(name, ".") || name == "bin" || name == "testdata" || name == "node_modules") {
			return fs.SkipDir
		}
		if d.IsDir() || filepath.Ext(name) != ".md" {
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(filepath.FromSlash(moduleDir), path)
		if err != nil {
			return err
		}
		doc := parse(string(raw))
		doc.path = filepath.ToSlash(inside)
		all[doc.path] = doc
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, len(all), 5, "hardly any document was found: the test looks at nothing")
	return all
}

func parse(text string) document {
	doc := document{anchors: map[string]bool{}}
	fenced := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		trimmed := strings.TrimSpace(line)
		switch {
		case fenced != "":
			if strings.HasPrefix(trimmed, fenced) {
				fenced = ""
			}
			continue
		case strings.HasPrefix(trimmed, "```"), strings.HasPrefix(trimmed, "~~~"):
			fenced = trimmed[:3]
			continue
		}
		if m := heading.FindStringSubmatch(line); m != nil {
			doc.anchors[slug(m[1])] = true
		}
		for _, m := range linkText.FindAllStringSubmatch(codeSpan.ReplaceAllString(line, "code"), -1) {
			doc.links = append(doc.links, m[1])
		}
	}
	return doc
}

// exists says whether there is a file or a folder at a path from the module's root.
func exists(inside string) bool {
	_, err := os.Stat(filepath.Join(filepath.FromSlash(moduleDir), filepath.FromSlash(inside)))
	return err == nil
}

// slug is the anchor that GitHub makes of a heading.
func slug(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), r == '-', r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	return b.String()
}

func TestLinksLeadSomewhere(t *testing.T) {
	t.Parallel()
	all := documents(t)
	for _, doc := range all {
		for _, link := range doc.links {
			u, err := url.Parse(link)
			if err != nil {
				assert.Fail(t, "no address", "%s: %s", doc.path, link)
				continue
			}
			if u.Scheme != "" || u.Host != "" {
				continue // other people's pages are not looked at
			}
			target := doc.path
			if u.Path != "" {
				assert.False(t, strings.HasPrefix(u.Path, "/"), "%s: %s: write it relative to the document", doc.path, link)
				target = filepath.ToSlash(filepath.Join(filepath.Dir(doc.path), filepath.FromSlash(u.Path)))
			}
			if !assert.True(t, exists(target), "%s links to %s, which is not there", doc.path, link) || u.Fragment == "" {
				continue
			}
			if other, isDocument := all[target]; isDocument {
				assert.True(t, other.anchors[u.Fragment], "%s links to %s; %s has no such heading", doc.path, link, target)
			}
		}
	}
}

// Every document under docs/ can be reached from docs/README.md by following links.
func TestEveryDocumentCanBeFound(t *testing.T) {
	t.Parallel()
	all := documents(t)
	const index = "docs/README.md"
	require.Contains(t, all, index)
	reached := map[string]bool{}
	for todo := []string{index}; len(todo) > 0; todo = todo[1:] {
		if reached[todo[0]] {
			continue
		}
		reached[todo[0]] = true
		for _, link := range all[todo[0]].links {
			u, err := url.Parse(link)
			if err != nil || u.Scheme != "" || u.Path == "" {
				continue
			}
			target := filepath.ToSlash(filepath.Join(filepath.Dir(todo[0]), filepath.FromSlash(u.Path)))
			if _, isDocument := all[target]; isDocument {
				todo = append(todo, target)
			}
		}
	}
	for path := range all {
		if strings.HasPrefix(path, "docs/") {
			assert.True(t, reached[path], "%s cannot be reached from %s: link it", path, index)
		}
	}
}

// A comment, a message or a setting that names a document names one that is there.
func TestDocumentsThatTheCodeNamesAreThere(t *testing.T) {
	t.Parallel()
	found := 0
	err := filepath.WalkDir(filepath.FromSlash(moduleDir), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && name != ".." && (strings.HasPrefix(name, ".git") || name == "bin" || name == "testdata" || name == "architecture") {
			return fs.SkipDir
		}
		switch filepath.Ext(name) {
		case ".go", ".yaml", ".yml", ".md", ".tmpl", ".example":
		default:
			return nil
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, doc := range docPath.FindAllString(string(raw), -1) {
			found++
			assert.True(t, exists(doc), "%s names %s, which is not there", path, doc)
		}
		return nil
	})
	require.NoError(t, err)
	assert.Greater(t, found, 10, "hardly any document is named: the test looks at nothing")
}
