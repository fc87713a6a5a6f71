package config_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/internal/config"
)

const long = "0123456789abcdef0123456789abcdef"

// environment sets exactly these variables of ours.
func environment(t *testing.T, set map[string]string) {
	t.Helper()
	for _, entry := range os.Environ() {
		for _, prefix := range []string{"OKTA_", "FRESHSERVICE_", "LATCHKEY_"} {
			if name, _, ok := bytes.Cut([]byte(entry), []byte("=")); ok && bytes.HasPrefix(name, []byte(prefix)) {
				t.Setenv(string(name), "")
				require.NoError(t, os.Unsetenv(string(name)))
			}
		}
	}
	for name, value := range set {
		t.Setenv(name, value)
	}
}

func names(err error) []string {
	var list []string
	for _, p := range config.Problems(err) {
		list = append(list, p.Name)
	}
	return list
}

func TestWorkerSettings(t *testing.T) {
	environment(t, map[string]string{
		"OKTA_ORG_URL": "https://acme.okta.com", "OKTA_CLIENT_ID": "0oa1", "OKTA_PRIVATE_KEY": "key", "OKTA_SCOPES": "okta.users.manage,okta.logs.read",
		"FRESHSERVICE_URL": "https://acme.freshservice.com", "FRESHSERVICE_API_KEY": "fs-key", "FRESHSERVICE_WORKSPACE": "3",
		"LATCHKEY_POLICY_DIR": "/etc/latchkey", "LATCHKEY_OKTA_PER_SECOND": "2.5", "LATCHKEY_STOP_WAIT": "40s", "LATCHKEY_RESERVE_BULK": "12.5",
	})
	w, err := config.LoadWorker(nil)
	require.NoError(t, err)
	require.Equal(t, config.Roles(), w.Process.Roles)
	require.Equal(t, []string{"okta.users.manage", "okta.logs.read"}, w.Okta.Client().OAuth.Scopes)
	require.Equal(t, "key", w.Okta.Client().OAuth.PrivateKey)
	require.Equal(t, "fs-key", w.Freshservice.Client().APIKey)
	require.EqualValues(t, 3, w.Freshservice.Client().WorkspaceID)
	require.InDelta(t, 2.5, w.Queues.OktaPerSecond, 0)
	require.InDelta(t, 5, w.Queues.FreshservicePerSecond, 0)
	require.Equal(t, config.Reserves{People: 10, Bulk: 12.5, Reviews: 40}, w.Reserves)
	require.Equal(t, 40*time.Second, w.Process.StopWait)
	require.Equal(t, ":9090", w.Process.Listen)
}

func TestEverythingThatIsWrongIsSaidAtOnce(t *testing.T) {
	environment(t, map[string]string{
		"OKTA_API_TOKEN": "t", "OKTA_CLIENT_ID": "0oa1", "FRESHSERVICE_URL": "http://desk.example.com", "FRESHSERVICE_WORKSPACE": "first",
		"LATCHKEY_OKTA_PER_SECOND": "fast", "LATCHKEY_STOP_WAIT": "25", "LATCHKEY_LOG_LEVEL": "loud", "LATCHKEY_WORKERS": "0",
		"LATCHKEY_WORKFLOW_CONCURRENCY": "1", "LATCHKEY_RESERVE_BULK": "-1", "LATCHKEY_RESERVE_REVIEWS": "NaN",
	})
	_, err := config.LoadWorker([]string{"okta", "freshservice"})
	require.Equal(t, []string{
		"FRESHSERVICE_API_KEY", "FRESHSERVICE_URL", "FRESHSERVICE_WORKSPACE", "LATCHKEY_LOG_LEVEL", "LATCHKEY_OKTA_PER_SECOND",
		"LATCHKEY_OKTA_PER_SECOND", "LATCHKEY_POLICY_DIR", "LATCHKEY_RESERVE_BULK", "LATCHKEY_RESERVE_REVIEWS", "LATCHKEY_STOP_WAIT", "LATCHKEY_WORKERS",
		"LATCHKEY_WORKFLOW_CONCURRENCY",
		"OKTA_API_TOKEN", "OKTA_ORG_URL",
	}, names(err))
	require.ErrorContains(t, err, `"25" is not a duration such as "30s" or "5m"`)
	require.ErrorContains(t, err, `"first" is not a whole number`)
}

func TestOnlyWhatTheRolesNeedIsDemanded(t *testing.T) {
	tests := []struct {
		role string
		want []string
	}{
		{"workflows", []string{"LATCHKEY_POLICY_DIR"}},
		{"okta", []string{"LATCHKEY_POLICY_DIR", "OKTA_CLIENT_ID", "OKTA_ORG_URL"}},
		{"freshservice", []string{"FRESHSERVICE_API_KEY", "FRESHSERVICE_URL", "LATCHKEY_POLICY_DIR"}},
		{"cook", []string{"LATCHKEY_POLICY_DIR", "LATCHKEY_ROLES"}},
	}
	for _, test := range tests {
		t.Run(test.role, func(t *testing.T) {
			environment(t, nil)
			_, err := config.LoadWorker([]string{test.role})
			require.Equal(t, test.want, names(err))
		})
	}
}

func TestASecretMayComeFromAFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	t.Run("with a line end", func(t *testing.T) {
		environment(t, map[string]string{"FRESHSERVICE_URL": "https://a.freshservice.com", "FRESHSERVICE_API_KEY_FILE": write("key", "from-a-file\n")})
		f, err := config.LoadFreshservice()
		require.NoError(t, err)
		require.Equal(t, "from-a-file", f.APIKey.Reveal())
	})
	t.Run("a list, one a line", func(t *testing.T) {
		environment(t, map[string]string{"LATCHKEY_WEBHOOK_SECRETS_FILE": write("list", long+"\n"+long+"2\n\n")})
		w, err := config.LoadWebhooks()
		require.NoError(t, err)
		require.Equal(t, []string{long, long + "2"}, w.Secrets.Reveal())
	})
	t.Run("both ways at once", func(t *testing.T) {
		environment(t, map[string]string{"LATCHKEY_WEBHOOK_SECRETS": long, "LATCHKEY_WEBHOOK_SECRETS_FILE": write("both", long)})
		_, err := config.LoadWebhooks()
		require.Equal(t, []string{"LATCHKEY_WEBHOOK_SECRETS"}, names(err))
	})
	t.Run("a file that is not there", func(t *testing.T) {
		environment(t, map[string]string{"LATCHKEY_WEBHOOK_SECRETS_FILE": filepath.Join(dir, "none")})
		_, err := config.LoadWebhooks()
		require.Equal(t, []string{"LATCHKEY_WEBHOOK_SECRETS", "LATCHKEY_WEBHOOK_SECRETS_FILE"}, names(err))
	})
	t.Run("an empty file", func(t *testing.T) {
		environment(t, map[string]string{"LATCHKEY_WEBHOOK_SECRETS_FILE": write("empty", "")})
		_, err := config.LoadWebhooks()
		require.Contains(t, names(err), "LATCHKEY_WEBHOOK_SECRETS_FILE")
	})
}

func TestWebhookSecrets(t *testing.T) {
	tests := []struct {
		name, value string
		wrong       bool
	}{
		{"one", long, false},
		{"two", long + "," + long + "2", false},
		{"spaces and an empty place", " " + long + " ,, " + long, false},
		{"none", "", true},
		{"short", "changeme", true},
		{"one of two is short", long + ",short", true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			environment(t, map[string]string{"LATCHKEY_WEBHOOK_SECRETS": test.value})
			_, err := config.LoadBridge()
			if test.wrong {
				require.Equal(t, []string{"LATCHKEY_WEBHOOK_SECRETS"}, names(err))
				require.NotContains(t, err.Error(), "changeme")
				return
			}
			require.NoError(t, err)
		})
	}
}

func TestASecretPrintsAsNothingElse(t *testing.T) {
	t.Parallel()
	s := config.NewSecret("hunter2")
	list := config.Secrets{s}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("secret", "one", s, "list", list)
	encoded, err := json.Marshal(map[string]any{"one": s, "list": list, "okta": config.Okta{Token: s}})
	require.NoError(t, err)
	for _, text := range []string{
		log.String(), string(encoded), s.String(), fmt.Sprint(s, list, &s), fmt.Sprintf("%v %+v %#v %s %q %x %d", s, s, s, s, s, s, s),
		fmt.Sprintf("%+v %#v", config.Okta{Token: s}, config.Bridge{Webhooks: config.Webhooks{Secrets: list}}),
	} {
		require.NotContains(t, text, "hunter2")
		require.NotContains(t, text, fmt.Sprintf("%x", "hunter2"))
	}
	require.Equal(t, "hunter2", s.Reveal())
	require.Empty(t, config.NewSecret("").String())
}

func TestSweepIntervalIsBounded(t *testing.T) {
	environment(t, map[string]string{"LATCHKEY_SWEEP_EVERY": "1s"})
	_, err := config.LoadSchedules()
	require.Equal(t, []string{"LATCHKEY_SWEEP_EVERY"}, names(err))
	environment(t, nil)
	s, err := config.LoadSchedules()
	require.NoError(t, err)
	require.Equal(t, time.Minute, s.SweepEvery)
}

func TestDefaultQueuesAreThoseOfTheEnvironment(t *testing.T) {
	environment(t, map[string]string{"LATCHKEY_POLICY_DIR": "x"})
	w, err := config.LoadWorker([]string{config.RoleWorkflows})
	require.NoError(t, err)
	require.Equal(t, w.Queues, config.DefaultQueues())
}
