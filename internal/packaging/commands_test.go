package packaging_test

import (
	"bytes"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/internal/cli"
)

const (
	starter = "/usr/local/bin/latchkey"
	worker  = "/usr/local/bin/latchkey-worker"
)

// line is one command line of the compose file.
type line struct {
	service string
	words   []string
}

// commandLines are the programs that services of our images run, and how their health is asked for.
func commandLines(t *testing.T) []line {
	t.Helper()
	var lines []line
	for name, s := range load(t, filledIn(t)).Services {
		if s.Build == nil {
			continue
		}
		lines = append(lines, line{name, words(t, s)})
		if s.HealthCheck != nil {
			require.Equal(t, "CMD", s.HealthCheck.Test[0], "%s: the image has no shell", name)
			lines = append(lines, line{name + " (health)", s.HealthCheck.Test[1:]})
		}
	}
	require.NotEmpty(t, lines)
	return lines
}

// words is the command line of a service, with the image's own entry point where it names none.
func words(t *testing.T, s types.ServiceConfig) []string {
	t.Helper()
	entry := []string(s.Entrypoint)
	if len(entry) == 0 {
		entry = []string{theDockerfile(t).stage(t, s.Build.Target).entrypoint}
	}
	return slices.Concat(entry, s.Command)
}

func TestEveryProgramIsInItsImage(t *testing.T) {
	t.Parallel()
	for name, s := range load(t, filledIn(t)).Services {
		if s.Build == nil {
			continue
		}
		programs := theDockerfile(t).stage(t, s.Build.Target).programs()
		assert.Contains(t, programs, words(t, s)[0], name)
		if s.HealthCheck != nil {
			assert.Contains(t, programs, s.HealthCheck.Test[1], "%s: how its health is asked for", name)
		}
	}
}

// help runs a command line with --help after it: what the command does not know is refused before the help is shown.
func help(t *testing.T, program string, args []string) (said string, code cli.Exit) {
	t.Helper()
	var out, errs bytes.Buffer
	streams := cli.Streams{In: &bytes.Buffer{}, Out: &out, Err: &errs}
	args = append(slices.Clone(args), "--help")
	if program == worker {
		code = cli.Worker(t.Context(), args, streams)
	} else {
		code = cli.Starter(t.Context(), args, streams)
	}
	return out.String() + errs.String(), code
}

func TestCommandsAndFlagsExist(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, l := range commandLines(t) {
		if l.words[0] != starter && l.words[0] != worker {
			continue // the simulators are started: TestTheSimulatorsStart
		}
		checked++
		said, code := help(t, l.words[0], l.words[1:])
		assert.Equal(t, cli.OK, code, "%s: %v: %s", l.service, l.words, said)
		usage := "worker"
		if l.words[0] == starter {
			require.Greater(t, len(l.words), 1, "%s runs the operator's command without saying what", l.service)
			usage = "starter " + l.words[1]
		}
		assert.Contains(t, said, "Usage:\n  "+usage, "%s: there is no command %v", l.service, l.words)
	}
	assert.GreaterOrEqual(t, checked, 7)
}

func TestAWrongFlagIsFound(t *testing.T) {
	t.Parallel()
	_, code := help(t, starter, []string{"serve", "--no-such-flag"})
	assert.Equal(t, cli.Usage, code, "this test could not see a wrong flag")
	said, _ := help(t, starter, []string{"no-such-command"})
	assert.NotContains(t, said, "Usage:\n  starter no-such-command")
}

func TestHealthIsAskedOfTheProcessItself(t *testing.T) {
	t.Parallel()
	for name, s := range load(t, filledIn(t)).Services {
		if s.Build == nil || s.HealthCheck == nil {
			continue
		}
		test := s.HealthCheck.Test
		require.Equal(t, []string{"CMD", starter, "health", "--url"}, []string(test[:4]), name)
		u, err := url.Parse(test[4])
		require.NoError(t, err, name)
		assert.Equal(t, "127.0.0.1", u.Hostname(), name)
		if !strings.HasSuffix(name, "-simulator") {
			assert.Equal(t, "/readyz", u.Path, name)
		}
	}
}
