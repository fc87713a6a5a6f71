package policy

import (
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

//go:embed texts/*.html.tmpl
var defaultTexts embed.FS

// texts are the notes, replies and mails, as compiled templates by name.
type texts struct {
	set   *template.Template
	names []string
	from  map[string]string // the file a text comes from: "texts/x.html.tmpl", or "(built in)"
}

// DigestFacts is what the text "digest" says.
type DigestFacts struct {
	Day      string
	Sections []DigestSection
}

// DigestSection is one heading of the digest: parked, blocked, overdue, due tomorrow.
type DigestSection struct {
	Title string
	Lines []DigestLine
}

// DigestLine is one case of a section.
type DigestLine struct {
	Ticket int64
	Text   string
}

var templatePlace = regexp.MustCompile(`^template: ([^:]+):(\d+)(?::(\d+))?: (.*)$`)

// loadTexts compiles the built-in texts and the folder's own in their place. A file whose name is no text's is a
// problem, and so is a template that does not parse.
func loadTexts(f files, found *problems) *texts {
	t := &texts{set: template.New("").Funcs(words()).Option("missingkey=error"), from: map[string]string{}}
	add := func(name, file, source string) {
		if _, err := t.set.New(name).Parse(source); err != nil {
			line, column, message := 1, 1, err.Error()
			if m := templatePlace.FindStringSubmatch(message); m != nil {
				line, _ = strconv.Atoi(m[2])
				if m[3] != "" {
					column, _ = strconv.Atoi(m[3])
				}
				message = m[4]
			}
			found.add(file, line, column, "bad template: %s", message)
		}
		t.from[name] = file
	}
	built, err := fs.Glob(defaultTexts, "texts/*"+textSuffix)
	if err != nil {
		found.add(dirTexts, 0, 0, "built-in texts: %v", err)
		return t
	}
	slices.Sort(built) // _parts first
	for _, file := range built {
		source, err := defaultTexts.ReadFile(file)
		if err != nil {
			found.add(file, 0, 0, "built-in text: %v", err)
			continue
		}
		name := strings.TrimSuffix(path.Base(file), textSuffix)
		add(name, "(built in) "+file, string(source))
		if !strings.HasPrefix(name, "_") {
			t.names = append(t.names, name)
		}
	}
	var own []string
	for file := range f {
		if strings.HasPrefix(file, dirTexts+"/") {
			own = append(own, file)
		}
	}
	slices.Sort(own)
	for _, file := range own {
		name, fits := strings.CutSuffix(path.Base(file), textSuffix)
		if !fits || name != "_parts" && !slices.Contains(t.names, name) {
			found.add(file, 0, 0, "is no text; allowed: NAME%s with NAME one of %s, _parts", textSuffix, strings.Join(t.names, ", "))
			continue
		}
		if strings.TrimSpace(string(f[file])) == "" {
			found.add(file, 1, 1, "the text is empty; remove the file to use the built-in one")
			continue
		}
		add(name, file, string(f[file]))
	}
	return t
}

// TextNames lists the texts that Text knows.
func (p *Policy) TextNames() []string { return slices.Clone(p.texts.names) }

// Text renders a text as HTML. Facts are data: whatever they hold is escaped. The result carries no marker; whoever
// posts it adds one.
func (p *Policy) Text(name string, facts any) (html string, err error) {
	if !slices.Contains(p.texts.names, name) {
		return "", fmt.Errorf("no text is called %q; there are %s", name, strings.Join(p.texts.names, ", "))
	}
	var out strings.Builder
	if err := p.texts.set.ExecuteTemplate(&out, name, facts); err != nil {
		return "", fmt.Errorf("%s: %w", p.texts.from[name], err)
	}
	return strings.TrimSpace(blankLines.ReplaceAllString(out.String(), "\n")), nil
}

var blankLines = regexp.MustCompile(`\n\s*\n+`)

// CheckTexts renders every text with its sample and joins what goes wrong, so that a misspelt field in a tenant's text
// is found before a ticket needs it. The sample under "" serves every text that has none of its own; a text with
// neither is a failure.
func (p *Policy) CheckTexts(samples map[string]any) error {
	var failed []error
	for _, name := range p.texts.names {
		sample, ok := samples[name]
		if !ok {
			sample, ok = samples[""]
		}
		if !ok {
			failed = append(failed, fmt.Errorf("text %q has no sample to check it with", name))
			continue
		}
		if html, err := p.Text(name, sample); err != nil {
			failed = append(failed, err)
		} else if html == "" {
			failed = append(failed, fmt.Errorf("%s: says nothing for its sample", p.texts.from[name]))
		}
	}
	return errors.Join(failed...)
}
