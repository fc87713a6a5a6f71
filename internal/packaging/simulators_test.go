package packaging_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/internal/cli"
	"latchkey/internal/playground"
)

// startWithin bounds how long a program that was just built may take until it listens.
const startWithin = 2 * time.Minute

// listening finds the address in a simulator's first line.
var listening = regexp.MustCompile(`https?://127\.0\.0\.1:\d+`)

// start builds the program that the image holds under the service's entry point and starts it with the service's own
// arguments and environment, on a free port of this machine. It gives the address.
func start(t *testing.T, s types.ServiceConfig) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "program")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, sourceOf(t, s.Entrypoint[0]))
	build.Dir = filepath.FromSlash(root)
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))

	args := append([]string(nil), s.Command...)
	for i := range args {
		if i > 0 && args[i-1] == "--listen" {
			args[i] = "127.0.0.1:0"
		}
	}
	ctx, stop := context.WithTimeout(t.Context(), startWithin)
	cmd := exec.CommandContext(ctx, program, args...)
	for name, value := range values(s) {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	said, err := cmd.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		stop()
		_ = cmd.Wait() // it was killed
	})
	var all []string
	for lines := bufio.NewScanner(said); lines.Scan(); {
		all = append(all, lines.Text())
		if address := listening.FindString(lines.Text()); address != "" {
			return address
		}
	}
	require.Fail(t, "the program did not start", strings.Join(all, "\n"))
	return ""
}

// sourceOf is the package that the Dockerfile builds a program of the image from.
func sourceOf(t *testing.T, program string) string {
	t.Helper()
	for _, s := range theDockerfile(t).stages {
		for _, run := range s.runs {
			for _, m := range built.FindAllStringSubmatch(run, -1) {
				if filepath.Base(m[1]) == filepath.Base(program) {
					return m[2]
				}
			}
		}
	}
	require.Fail(t, "the Dockerfile does not build "+program)
	return ""
}

// TestTheSimulatorsStart starts both with what the compose file tells them, asks for their health as it does, and gives
// the desk its webhook rule.
func TestTheSimulatorsStart(t *testing.T) {
	t.Parallel()
	project := load(t, filledIn(t))
	for _, name := range []string{"okta-simulator", "freshservice-simulator"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := project.Services[name]
			address := start(t, s)
			check, err := url.Parse(s.HealthCheck.Test[len(s.HealthCheck.Test)-1])
			require.NoError(t, err)
			var words bytes.Buffer
			code := cli.Starter(t.Context(), []string{"health", "--url", address + check.Path}, cli.Streams{In: &bytes.Buffer{}, Out: &words, Err: &words})
			assert.Equal(t, cli.OK, code, words.String())
			if name == "freshservice-simulator" {
				takesTheRule(t, address)
			}
		})
	}
}

func rule(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile(path("deploy", "simulator-webhook-rule.json"))
	require.NoError(t, err)
	return string(raw)
}

func takesTheRule(t *testing.T, address string) {
	t.Helper()
	const place = "/admin/automator/rules"
	job := load(t, filledIn(t)).Services["simulator-webhooks"]
	require.Contains(t, strings.Join(job.Command, " "), "http://freshservice-simulator:7003"+place)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address+place, strings.NewReader(rule(t)))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	var shown struct {
		Rules []struct {
			Name string `json:"name"`
		} `json:"rules"`
	}
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&shown))
	assert.Equal(t, http.StatusOK, answer.StatusCode)
	require.Len(t, shown.Rules, 1)
	assert.Equal(t, "Nudge Latchkey", shown.Rules[0].Name)
}

// The rule of the small cluster is the one that the demo and the stories use, with the bridge's name as its address.
func TestTheWebhookRuleIsTheDemos(t *testing.T) {
	t.Parallel()
	bridge := load(t, filledIn(t)).Services["bridge"]
	wanted := playground.WebhookRule("http://bridge:"+portOf(t, bridge.Command[1]), "SECRET")
	assert.Equal(t, wanted, decodeLike(t, rule(t), wanted))
}

// decodeLike decodes JSON strictly into a value of another one's type.
func decodeLike[T any](t *testing.T, raw string, _ T) T {
	t.Helper()
	var into T
	d := json.NewDecoder(strings.NewReader(raw))
	d.DisallowUnknownFields()
	require.NoError(t, d.Decode(&into))
	return into
}
