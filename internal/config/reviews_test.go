package config_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/internal/config"
	"latchkey/review"
)

func TestReviewSettings(t *testing.T) {
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	base := map[string]string{
		"LATCHKEY_WEBHOOK_SECRETS": long, "LATCHKEY_REVIEW_SIGNING_KEY": key, "LATCHKEY_REVIEW_URL": "https://latchkey.acme.com",
		"LATCHKEY_REVIEW_LINK_SECRETS": long + "," + long + "2",
	}
	tests := []struct {
		name   string
		change map[string]string
		wrong  []string
	}{
		{"links only", nil, nil},
		{"sign-in only", map[string]string{"LATCHKEY_REVIEW_LINK_SECRETS": "", "LATCHKEY_OIDC_ISSUER": "https://acme.okta.com", "LATCHKEY_OIDC_CLIENT_ID": "0oa1", "LATCHKEY_OIDC_CLIENT_SECRET": "s"}, nil},
		{"neither", map[string]string{"LATCHKEY_REVIEW_LINK_SECRETS": ""}, []string{"LATCHKEY_OIDC_ISSUER"}},
		{"off", map[string]string{"LATCHKEY_REVIEW_SIGNING_KEY": "", "LATCHKEY_REVIEW_URL": "", "LATCHKEY_REVIEW_LINK_SECRETS": ""}, nil},
		{"on this machine", map[string]string{"LATCHKEY_REVIEW_URL": "http://127.0.0.1:8080"}, nil},
		{"in the open", map[string]string{"LATCHKEY_REVIEW_URL": "http://latchkey.acme.com"}, []string{"LATCHKEY_REVIEW_URL"}},
		{"a path in the address", map[string]string{"LATCHKEY_REVIEW_URL": "https://acme.com/latchkey"}, []string{"LATCHKEY_REVIEW_URL"}},
		{"no address", map[string]string{"LATCHKEY_REVIEW_URL": ""}, []string{"LATCHKEY_REVIEW_URL"}},
		{"a key that is none", map[string]string{"LATCHKEY_REVIEW_SIGNING_KEY": "hunter2"}, []string{"LATCHKEY_REVIEW_SIGNING_KEY"}},
		{"a short link secret", map[string]string{"LATCHKEY_REVIEW_LINK_SECRETS": long + ",short"}, []string{"LATCHKEY_REVIEW_LINK_SECRETS"}},
		{"half a sign-in", map[string]string{"LATCHKEY_OIDC_ISSUER": "https://acme.okta.com"}, []string{"LATCHKEY_OIDC_ISSUER"}},
		{"an issuer in the open", map[string]string{"LATCHKEY_OIDC_ISSUER": "http://acme.okta.com", "LATCHKEY_OIDC_CLIENT_ID": "0oa1", "LATCHKEY_OIDC_CLIENT_SECRET": "s"}, []string{"LATCHKEY_OIDC_ISSUER"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			set := map[string]string{}
			for _, from := range []map[string]string{base, test.change} {
				for name, value := range from {
					if set[name] = value; value == "" {
						delete(set, name)
					}
				}
			}
			environment(t, set)
			b, err := config.LoadBridge()
			require.Equal(t, test.wrong, names(err))
			if err != nil {
				assert.NotContains(t, err.Error(), "hunter2")
				return
			}
			assert.Equal(t, test.name != "off", b.Reviews.On())
			assert.Equal(t, test.name == "sign-in only", b.Reviews.SignIn())
		})
	}
}

func TestAWorkerKnowsTheKeysOfTheBridge(t *testing.T) {
	signer, err := review.NewSigner(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	require.NoError(t, err)
	environment(t, map[string]string{"LATCHKEY_POLICY_DIR": "x", "LATCHKEY_REVIEW_VERIFY_KEYS": signer.Public() + "," + signer.Public()})
	w, err := config.LoadWorker([]string{config.RoleWorkflows})
	require.NoError(t, err)
	keys, err := w.Reviews.Verifier()
	require.NoError(t, err)
	assert.False(t, keys.Empty())
	environment(t, map[string]string{"LATCHKEY_POLICY_DIR": "x", "LATCHKEY_REVIEW_VERIFY_KEYS": "nonsense"})
	_, err = config.LoadWorker([]string{config.RoleWorkflows})
	require.Equal(t, []string{"LATCHKEY_REVIEW_VERIFY_KEYS"}, names(err))
}
