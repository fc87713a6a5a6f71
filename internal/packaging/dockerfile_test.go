package packaging_test

import (
	"go/build"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dockerfile is as much of the Dockerfile as the tests look at.
type dockerfile struct {
	stages []stage
}

// stage is one FROM and what follows it.
type stage struct {
	name, base string
	user       string            // the last USER
	env        map[string]string // what ENV sets
	copies     []copied
	runs       []string
	entrypoint string
}

// copied is one COPY --from.
type copied struct {
	from    string
	sources []string
	to      string
}

// theDockerfile reads the Dockerfile: one instruction a line, after joining lines that end in a backslash.
func theDockerfile(t *testing.T) dockerfile {
	t.Helper()
	raw, err := os.ReadFile(path("Dockerfile"))
	require.NoError(t, err)
	var d dockerfile
	text := regexp.MustCompile(`(?m)^\s*#.*\n`).ReplaceAllString(string(raw), "")
	for line := range strings.Lines(strings.ReplaceAll(text, "\\\n", " ")) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		rest = strings.TrimSpace(rest)
		if word == "FROM" {
			parts := strings.Fields(rest)
			require.Len(t, parts, 3, "name every stage: FROM image AS name")
			d.stages = append(d.stages, stage{base: parts[0], name: parts[2], env: map[string]string{}})
			continue
		}
		if word == "" {
			continue
		}
		require.NotEmpty(t, d.stages, "%s before the first FROM", word)
		d.stages[len(d.stages)-1].take(word, rest)
	}
	require.NotEmpty(t, d.stages)
	return d
}

func (s *stage) take(word, rest string) {
	switch word {
	case "USER":
		s.user = rest
	case "RUN":
		s.runs = append(s.runs, rest)
	case "ENTRYPOINT":
		s.entrypoint = strings.Trim(rest, `[]" `)
	case "ENV":
		for pair := range strings.FieldsSeq(rest) {
			name, value, _ := strings.Cut(pair, "=")
			s.env[name] = value
		}
	case "COPY":
		var c copied
		var names []string
		for word := range strings.FieldsSeq(rest) {
			if from, ok := strings.CutPrefix(word, "--from="); ok {
				c.from = from
			} else if !strings.HasPrefix(word, "--") {
				names = append(names, word)
			}
		}
		c.sources, c.to = names[:len(names)-1], names[len(names)-1]
		s.copies = append(s.copies, c)
	}
}

func (d dockerfile) stage(t *testing.T, name string) *stage {
	t.Helper()
	for i := range d.stages {
		if d.stages[i].name == name {
			return &d.stages[i]
		}
	}
	require.Fail(t, "the Dockerfile has no stage "+name)
	return nil
}

// programs are the files that a stage's image holds under the folder it copies them to.
func (s *stage) programs() []string {
	var list []string
	for _, c := range s.copies {
		for _, source := range c.sources {
			if strings.HasSuffix(c.to, "/") {
				list = append(list, c.to+filepath.Base(source))
			}
		}
	}
	return list
}

// built finds "go build … -o /out/latchkey ./starter".
var built = regexp.MustCompile(`go build [^&]*-o (\S+) (\./\S+)`)

func TestTheImageBuildsProgramsThatExist(t *testing.T) {
	t.Parallel()
	d := theDockerfile(t)
	made := map[string]bool{}
	for _, s := range d.stages {
		for _, run := range s.runs {
			for _, m := range built.FindAllStringSubmatch(run, -1) {
				made[m[1]] = true
				p, err := build.ImportDir(path(filepath.FromSlash(m[2])), 0)
				if assert.NoError(t, err, "the Dockerfile builds %s", m[2]) {
					assert.Equal(t, "main", p.Name, "%s is no program", m[2])
				}
			}
			for _, m := range regexp.MustCompile(`mkdir -p (\S+)`).FindAllStringSubmatch(run, -1) {
				made[m[1]] = true
			}
		}
	}
	assert.GreaterOrEqual(t, len(made), 4)
	ignored, err := os.ReadFile(path(".dockerignore"))
	require.NoError(t, err)
	for _, s := range d.stages {
		for _, c := range s.copies {
			for _, source := range c.sources {
				inside, fromCheckout := strings.CutPrefix(source, "/src/")
				switch {
				case c.from == "":
				case fromCheckout:
					assert.True(t, exists(path(filepath.FromSlash(inside))), "stage %s copies %s", s.name, source)
					for line := range strings.Lines(string(ignored)) {
						line = strings.TrimSpace(line)
						assert.False(t, inside == line || strings.HasPrefix(inside, line+"/"), "%s is copied, and .dockerignore hides it", inside)
					}
				default:
					assert.True(t, made[source], "stage %s copies %s, which nothing makes", s.name, source)
				}
			}
		}
	}
}

func TestImagesRunAsNobodySpecial(t *testing.T) {
	t.Parallel()
	d := theDockerfile(t)
	for _, name := range []string{"latchkey", "simulators"} {
		s := d.stage(t, name)
		assert.NotContains(t, []string{"", "root", "0", "0:0"}, s.user, "stage %s runs as root", name)
		assert.Empty(t, s.runs, "stage %s is built from finished files only", name)
	}
	assert.Equal(t, "latchkey", d.stages[len(d.stages)-1].name, "the last stage is what `docker build .` gives")
}

func TestTheCompilerIsTheModules(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(path("go.mod"))
	require.NoError(t, err)
	m := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(string(raw))
	require.NotNil(t, m)
	s := theDockerfile(t).stages[0]
	assert.Regexp(t, `^golang:`+regexp.QuoteMeta(m[1])+`[.-]`, s.base)
	assert.Equal(t, "0", s.env["CGO_ENABLED"], "the image has no C library")
	for _, s := range theDockerfile(t).stages {
		assert.Regexp(t, `^[^:]+:[^:]+$`, s.base, "the base of stage %s has no tag", s.name)
		assert.NotRegexp(t, `:latest`, s.base)
	}
}

func TestSecretsStayOutOfTheBuild(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile(path(".dockerignore"))
	require.NoError(t, err)
	lines := strings.Fields(string(raw))
	for _, name := range []string{".git", ".env", "deploy/secrets"} {
		assert.Contains(t, lines, name, ".dockerignore lets %s into the build", name)
	}
}
