package config_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/internal/config"
)

func TestTheAdminConsoleIsFoundFromTheOrg(t *testing.T) {
	t.Parallel()
	for org, want := range map[string]string{
		"https://acme.okta.com": "https://acme-admin.okta.com", "https://acme.oktapreview.com/": "https://acme-admin.oktapreview.com",
		"https://login.acme.example": "", "http://127.0.0.1:8080": "", "": "", "https://okta.com": "",
	} {
		assert.Equal(t, want, config.Incidents{}.Admin(org), org)
	}
	assert.Equal(t, "https://sso-admin.acme.example", config.Incidents{OktaAdmin: "https://sso-admin.acme.example/"}.Admin("https://login.acme.example"))
}

func TestChannelsAreSecretsByName(t *testing.T) {
	t.Parallel()
	var s config.Secrets
	require.NoError(t, s.Decode("soc=https://hooks.slack.example/services/T0/B0/verysecret, noc = https://x.example/a?sig=b=c\n"))
	i := config.Incidents{Chat: s}
	assert.Equal(t, map[string]string{"soc": "https://hooks.slack.example/services/T0/B0/verysecret", "noc": "https://x.example/a?sig=b=c"}, i.Channels())
	assert.NotContains(t, fmt.Sprintf("%v %+v %#v", i, i, i), "verysecret")
}
