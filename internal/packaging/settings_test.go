package packaging_test

import (
	"net/url"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/internal/config"
)

// readBy are the variables that structs of settings read, and those that name a secret's file.
func readBy(settings ...any) map[string]bool {
	names := map[string]bool{}
	for _, s := range settings {
		collect(reflect.TypeOf(s), names)
	}
	return names
}

func collect(of reflect.Type, into map[string]bool) {
	for field := range of.Fields() {
		if name := field.Tag.Get("envconfig"); name != "" {
			into[name] = true
			if field.Type == reflect.TypeFor[config.Secret]() || field.Type == reflect.TypeFor[config.Secrets]() {
				into[name+"_FILE"] = true
			}
			continue
		}
		if field.Type.Kind() == reflect.Struct && field.IsExported() {
			collect(field.Type, into)
		}
	}
}

// isOurs says whether a variable is one that our programs would have to read.
func isOurs(name string) bool {
	for _, prefix := range []string{"LATCHKEY_", "OKTA_", "FRESHSERVICE_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// settingsOf are the settings that each of our services reads.
func settingsOf() map[string]map[string]bool {
	worker := readBy(config.Worker{})
	return map[string]map[string]bool{
		"worker-1":               worker,
		"worker-2":               worker,
		"bridge":                 readBy(config.Bridge{}),
		"latchkey-setup":         readBy(config.Schedules{}, config.Policy{}),
		"okta-simulator":         {"OKTA_SIM_TOKEN": true},       // the flag's default: simulators/okta/settings.go
		"freshservice-simulator": {"FRESHSERVICE_API_KEY": true}, // the flag's default: simulators/freshservice/main.go
		"simulator-webhooks":     {"LATCHKEY_WEBHOOK_SECRETS": true},
	}
}

func TestEveryVariableIsReadByTheProgramThatGetsIt(t *testing.T) {
	t.Parallel()
	require.True(t, readBy(config.Worker{})["OKTA_PRIVATE_KEY_FILE"], "the test no longer finds the settings' names")
	for name, s := range load(t, filledIn(t)).Services {
		for variable := range s.Environment {
			if isOurs(variable) {
				assert.True(t, settingsOf()[name][variable], "%s is given %s, which its program does not read", name, variable)
			}
		}
	}
	image := theDockerfile(t).stage(t, "latchkey").env
	require.NotEmpty(t, image)
	for variable := range image {
		assert.True(t, settingsOf()["worker-1"][variable], "the image sets %s, which no program reads", variable)
	}
}

func TestTheExampleOffersWhatComposeAsksFor(t *testing.T) {
	t.Parallel()
	variables, offers := asked(t), offered(t)
	all := readBy(config.Worker{}, config.Bridge{}, config.Schedules{})
	for name := range offers {
		assert.Contains(t, variables, name, ".env.example offers %s, which docker-compose.yml does not take", name)
		if isOurs(name) {
			assert.True(t, all[name], ".env.example offers %s, which no program reads", name)
		}
	}
	for name, v := range variables {
		if isOurs(name) {
			assert.True(t, all[name], "docker-compose.yml takes %s, which no program reads", name)
		}
		if v.Required || v.PresenceValue != "" {
			assert.Contains(t, offers, name, "docker-compose.yml demands %s, which .env.example does not show", name)
		}
	}
}

// inService sets exactly the variables that a service's container would have.
func inService(t *testing.T, set ...map[string]string) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); isOurs(name) {
			t.Setenv(name, "") // so that it comes back
			require.NoError(t, os.Unsetenv(name))
		}
	}
	for _, variables := range set {
		for name, value := range variables {
			if isOurs(name) {
				t.Setenv(name, value)
			}
		}
	}
}

// portOf is the port of a listening address or of a URL.
func portOf(t *testing.T, address string) string {
	t.Helper()
	if !strings.Contains(address, "://") {
		address = "tcp://" + address
	}
	u, err := url.Parse(address)
	require.NoError(t, err)
	require.NotEmpty(t, u.Port(), address)
	return u.Port()
}

func TestWorkersStartWithTheExample(t *testing.T) {
	project := load(t, filledIn(t))
	image := theDockerfile(t).stage(t, "latchkey").env
	workers := 0
	for name, s := range project.Services {
		if !strings.HasPrefix(name, "worker-") {
			continue
		}
		workers++
		inService(t, image, values(s))
		w, err := config.LoadWorker(nil)
		require.NoError(t, err, name)
		_, err = okta.New(w.Okta.Client())
		require.NoError(t, err, name)
		_, err = freshservice.New(w.Freshservice.Client())
		require.NoError(t, err, name)

		require.NotNil(t, s.StopGracePeriod, name)
		assert.GreaterOrEqual(t, time.Duration(*s.StopGracePeriod), w.Process.StopWait+10*time.Second, "%s is killed while it drains", name)
		assert.Equal(t, portOf(t, w.Process.Listen), portOf(t, s.HealthCheck.Test[len(s.HealthCheck.Test)-1]), "%s is asked for its health at another port", name)

		mounts := map[string]string{}
		for _, v := range s.Volumes {
			mounts[v.Target] = v.Source
		}
		assert.Contains(t, mounts, w.Policy.Dir, "%s reads no policy of ours", name)
		assert.Equal(t, "blobs", mounts[strings.TrimPrefix(w.Storage.BlobURL, "file://")], "%s keeps its blobs where no other worker sees them", name)
		file, offers := offered(t)["OKTA_PRIVATE_KEY_FILE"]
		require.True(t, offers)
		assert.Contains(t, mounts, "/"+strings.Split(strings.TrimPrefix(file, "/"), "/")[0]+"/secrets", "the key's file of .env.example lies in no mounted folder")
	}
	for name, s := range project.Services {
		if strings.HasPrefix(name, "worker-") {
			assert.Equal(t, strconv.Itoa(workers), values(s)["LATCHKEY_WORKERS"], "%s: LATCHKEY_WORKERS is not how many there are", name)
		}
	}
}

func TestTheServiceAppCanTakeTheTokensPlace(t *testing.T) {
	env := filledIn(t)
	env["OKTA_API_TOKEN"] = ""
	env["OKTA_CLIENT_ID"], env["OKTA_PRIVATE_KEY"] = "0oa1", "key"
	env["OKTA_SCOPES"] = "okta.users.manage,okta.logs.read"
	inService(t, theDockerfile(t).stage(t, "latchkey").env, values(load(t, env).Services["worker-1"]))
	w, err := config.LoadWorker(nil)
	require.NoError(t, err)
	require.NotNil(t, w.Okta.Client().OAuth)
	assert.Equal(t, "0oa1", w.Okta.Client().OAuth.ClientID)
	assert.Equal(t, []string{"okta.users.manage", "okta.logs.read"}, w.Okta.Client().OAuth.Scopes)
}

func TestTheBridgeAndTheSetupStartWithTheExample(t *testing.T) {
	project := load(t, filledIn(t))
	bridge := project.Services["bridge"]
	inService(t, theDockerfile(t).stage(t, "latchkey").env, values(bridge))
	b, err := config.LoadBridge()
	require.NoError(t, err)
	assert.Len(t, b.Webhooks.Secrets, 1)
	assert.Contains(t, bridge.Command, b.Webhooks.Listen)
	assert.Equal(t, portOf(t, b.Webhooks.Listen), portOf(t, bridge.HealthCheck.Test[len(bridge.HealthCheck.Test)-1]))

	inService(t, theDockerfile(t).stage(t, "latchkey").env, values(project.Services["latchkey-setup"]))
	_, err = config.LoadSchedules()
	require.NoError(t, err)
	_, err = config.LoadPolicy()
	require.NoError(t, err)
}

// An address within the cluster names a service, and the port that it listens on.
func TestServicesFindEachOther(t *testing.T) {
	t.Parallel()
	project := load(t, filledIn(t))
	listens := map[string]string{"temporal": "7233", "postgresql": "5432"}
	for _, name := range []string{"okta-simulator", "freshservice-simulator", "bridge"} {
		command := project.Services[name].Command
		for i, word := range command {
			if word == "--listen" && i+1 < len(command) {
				listens[name] = portOf(t, command[i+1])
			}
		}
		require.Contains(t, listens, name, "%s has no --listen", name)
	}
	addresses := 0
	for name, s := range project.Services {
		for variable, value := range values(s) {
			switch variable {
			case "TEMPORAL_ADDRESS", "OKTA_ORG_URL", "FRESHSERVICE_URL":
			default:
				continue
			}
			addresses++
			if !strings.Contains(value, "://") {
				value = "tcp://" + value
			}
			u, err := url.Parse(value)
			require.NoError(t, err)
			assert.Equal(t, listens[u.Hostname()], u.Port(), "%s: %s is %s", name, variable, value)
			assert.NotEmpty(t, u.Port(), "%s: %s is %s, where nothing listens", name, variable, value)
		}
	}
	assert.Greater(t, addresses, 8)
	namespaces := map[string]bool{}
	for name, s := range project.Services {
		set := values(s)
		if namespace := set["TEMPORAL_NAMESPACE"] + set["TEMPORAL_DEFAULT_NAMESPACE"]; namespace != "" {
			namespaces[namespace] = true
		} else {
			assert.Empty(t, set["TEMPORAL_ADDRESS"], "%s reaches Temporal and names no namespace", name)
		}
	}
	assert.Len(t, namespaces, 1, "everybody works in one namespace")
}
