package packaging_test

import (
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	healthy   = types.ServiceConditionHealthy
	completed = types.ServiceConditionCompletedSuccessfully
)

// waitsFor is what each service waits for: nothing begins before what it needs is there.
func waitsFor() map[string]map[string]string {
	return map[string]map[string]string{
		"postgresql":             {},
		"temporal-schema":        {"postgresql": healthy},
		"temporal":               {"temporal-schema": completed},
		"temporal-namespace":     {"temporal": healthy},
		"latchkey-setup":         {"temporal-namespace": completed},
		"temporal-ui":            {"temporal": healthy},
		"worker-1":               {"latchkey-setup": completed},
		"worker-2":               {"latchkey-setup": completed},
		"bridge":                 {"latchkey-setup": completed},
		"okta-simulator":         {},
		"freshservice-simulator": {},
		"simulator-webhooks":     {"freshservice-simulator": healthy},
	}
}

func TestServicesAndTheirOrder(t *testing.T) {
	t.Parallel()
	project := load(t, filledIn(t))
	assert.ElementsMatch(t, slices.Collect(maps.Keys(waitsFor())), project.ServiceNames())
	for name, wanted := range waitsFor() {
		got := map[string]string{}
		for on, how := range project.Services[name].DependsOn {
			got[on] = how.Condition
		}
		assert.Equal(t, wanted, got, name)
	}
}

func TestOnlyTheProfileStartsTheSimulators(t *testing.T) {
	t.Parallel()
	project := load(t, filledIn(t))
	for name, s := range project.Services {
		if strings.Contains(name, "simulator") {
			assert.Equal(t, []string{"simulators"}, s.Profiles, name)
		} else {
			assert.Empty(t, s.Profiles, name)
		}
	}
}

// A service that others wait for until it is healthy has a health check; one that others wait for until it is done is
// not started again once it is; everything else comes up again by itself.
func TestWaitingCanEnd(t *testing.T) {
	t.Parallel()
	project := load(t, filledIn(t))
	oneShot := map[string]bool{"simulator-webhooks": true}
	for name, s := range project.Services {
		for on, how := range s.DependsOn {
			target := project.Services[on]
			if how.Condition == healthy {
				assert.NotNil(t, target.HealthCheck, "%s waits for %s, which has no health check", name, on)
			}
			if how.Condition == completed {
				oneShot[on] = true
			}
		}
	}
	for name, s := range project.Services {
		switch {
		case oneShot[name]:
			assert.True(t, strings.HasPrefix(s.Restart, "on-failure"), "%s runs once: restart is %q", name, s.Restart)
			assert.Nil(t, s.HealthCheck, name)
		case len(s.Profiles) == 0:
			assert.Equal(t, "unless-stopped", s.Restart, name)
		}
	}
	for _, name := range []string{"postgresql", "temporal", "worker-1", "worker-2", "bridge", "okta-simulator", "freshservice-simulator"} {
		check := project.Services[name].HealthCheck
		if assert.NotNil(t, check, "%s has no health check", name) {
			assert.NotNil(t, check.Timeout, name)
			assert.NotNil(t, check.Interval, name)
		}
	}
}

// version is a tag that names at least major and minor: "1.32.2", "16.10-alpine".
var version = regexp.MustCompile(`^[^:@]+:v?[0-9]+\.[0-9]+[0-9A-Za-z.-]*$`)

func TestImagesArePinned(t *testing.T) {
	t.Parallel()
	project := load(t, filledIn(t))
	temporal := map[string]bool{}
	for name, s := range project.Services {
		if s.Build == nil {
			assert.Regexp(t, version, s.Image, name)
		}
		for _, image := range []string{"temporalio/server", "temporalio/admin-tools"} {
			if tag, ok := strings.CutPrefix(s.Image, image+":"); ok {
				temporal[tag] = true
				assert.True(t, strings.HasPrefix(tag, "1.32."), "%s: the product is built for server 1.32, this is %s", name, tag)
			}
		}
	}
	assert.Len(t, temporal, 1, "the server and its schema tool are of one version")
}

// secretName matches variables that hold a secret.
var secretName = regexp.MustCompile(`(PASSWORD|PWD|TOKEN|KEY|SECRETS|SECRET)$`)

func TestNoSecretIsInTheFile(t *testing.T) {
	t.Parallel()
	env := filledIn(t)
	const mark = "taken-from-the-environment"
	for name := range asked(t) {
		if secretName.MatchString(name) {
			env[name] = mark + "-" + strings.ToLower(name)
		}
	}
	project := load(t, env)
	seen := 0
	for name, s := range project.Services {
		for variable, value := range values(s) {
			if secretName.MatchString(variable) {
				seen++
				assert.Contains(t, value, mark, "%s: the value of %s is written in the file", name, variable)
			}
		}
		words := slices.Concat(s.Entrypoint, s.Command)
		if s.HealthCheck != nil {
			words = append(words, s.HealthCheck.Test...)
		}
		assert.NotContains(t, strings.Join(words, " "), mark, "%s: a secret on a command line shows in every list of processes", name)
		if s.Build != nil {
			assert.Empty(t, s.Build.Args, "%s: what is given to a build stays in the image", name)
		}
	}
	assert.Greater(t, seen, 5)
	for name, value := range offered(t) {
		if secretName.MatchString(name) {
			assert.Empty(t, value, "%s is a secret and has a value in .env.example", name)
		}
	}
}

func TestWhatHasToBeFilledInIsDemanded(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"POSTGRES_PASSWORD", "LATCHKEY_WEBHOOK_SECRETS", "OKTA_ORG_URL", "FRESHSERVICE_URL", "FRESHSERVICE_API_KEY"} {
		env := filledIn(t)
		env[name] = ""
		_, err := try(t, env)
		require.Error(t, err, name)
		assert.Contains(t, err.Error(), name)
	}
}

func TestPortsAreOpenToThisMachineOnly(t *testing.T) {
	t.Parallel()
	published := map[string]string{}
	for name, s := range load(t, filledIn(t)).Services {
		for _, port := range s.Ports {
			assert.Equal(t, "127.0.0.1", port.HostIP, "%s shows port %s to the network", name, port.Published)
			assert.Empty(t, published[port.Published], "%s and %s both want port %s", name, published[port.Published], port.Published)
			published[port.Published] = name
		}
	}
	assert.NotEmpty(t, published)
}

func TestMountedFilesAreThere(t *testing.T) {
	t.Parallel()
	base, err := filepath.Abs(filepath.FromSlash(root))
	require.NoError(t, err)
	seen := 0
	for name, s := range load(t, filledIn(t)).Services {
		for _, v := range s.Volumes {
			if v.Type != types.VolumeTypeBind {
				continue
			}
			seen++
			inside, err := filepath.Rel(base, v.Source)
			require.NoError(t, err)
			assert.False(t, strings.HasPrefix(inside, ".."), "%s mounts %s, which lies outside the checkout", name, v.Source)
			assert.True(t, v.ReadOnly, "%s can write %s", name, inside)
			assert.True(t, exists(v.Source), "%s mounts %s, which is not there: docker would make an empty folder of it", name, inside)
		}
	}
	assert.Greater(t, seen, 3)
}
