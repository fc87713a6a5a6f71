package packaging_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/dotenv"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// root is the module's folder seen from this package.
const root = "../.."

func path(parts ...string) string {
	return filepath.Join(append([]string{filepath.FromSlash(root)}, parts...)...)
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// example reads .env.example as docker compose reads .env.
func example(t *testing.T) map[string]string {
	t.Helper()
	set, err := dotenv.Read(path(".env.example"))
	require.NoError(t, err)
	require.NotEmpty(t, set)
	return set
}

// filledIn is .env.example with a value for everything that a person has to fill in for the simulators.
func filledIn(t *testing.T) map[string]string {
	t.Helper()
	set := example(t)
	for _, name := range []string{"POSTGRES_PASSWORD", "LATCHKEY_WEBHOOK_SECRETS", "OKTA_API_TOKEN", "FRESHSERVICE_API_KEY"} {
		value, there := set[name]
		require.True(t, there, ".env.example does not name %s", name)
		require.Empty(t, value, "%s is a secret and has a value in .env.example", name)
		set[name] = strings.ToLower(name) + "-0123456789abcdef"
	}
	return set
}

// load loads docker-compose.yml with the simulators, as `docker compose --profile simulators` does.
func load(t *testing.T, env map[string]string) *types.Project {
	t.Helper()
	project, err := try(t, env)
	require.NoError(t, err)
	return project
}

func try(t *testing.T, env map[string]string) (*types.Project, error) {
	t.Helper()
	list := make([]string, 0, len(env))
	for name, value := range env {
		list = append(list, name+"="+value)
	}
	options, err := cli.NewProjectOptions([]string{path("docker-compose.yml")},
		cli.WithName("latchkey"), cli.WithEnv(list), cli.WithProfiles([]string{"simulators"}))
	require.NoError(t, err)
	return options.LoadProject(t.Context())
}

// asked lists the variables that docker-compose.yml takes from its environment.
func asked(t *testing.T) map[string]template.Variable {
	t.Helper()
	options, err := cli.NewProjectOptions([]string{path("docker-compose.yml")},
		cli.WithName("latchkey"), cli.WithProfiles([]string{"simulators"}), cli.WithInterpolation(false))
	require.NoError(t, err)
	model, err := options.LoadModel(t.Context())
	require.NoError(t, err)
	variables := template.ExtractVariables(model, nil)
	require.NotEmpty(t, variables)
	return variables
}

// commented finds variables in lines such as "# OKTA_CLIENT_ID=0oa..." of .env.example.
var commented = regexp.MustCompile(`(?m)^# ([A-Z][A-Z0-9_]+)=(.*)$`)

// offered is every variable of .env.example, those in comments too.
func offered(t *testing.T) map[string]string {
	t.Helper()
	raw, err := os.ReadFile(path(".env.example"))
	require.NoError(t, err)
	all := example(t)
	for _, m := range commented.FindAllStringSubmatch(string(raw), -1) {
		all[m[1]] = strings.TrimSpace(m[2])
	}
	return all
}

// values are the variables of a service that have a value.
func values(s types.ServiceConfig) map[string]string {
	set := map[string]string{}
	for name, value := range s.Environment {
		if value != nil {
			set[name] = *value
		}
	}
	return set
}
