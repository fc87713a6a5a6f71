package config

import (
	"strings"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
)

// Okta is how to reach the Okta org. Either an API token or a service app's key is set.
type Okta struct {
	OrgURL     string   `envconfig:"OKTA_ORG_URL"`                    // https://acme.okta.com, without "-admin"
	Token      Secret   `envconfig:"OKTA_API_TOKEN"`                  // an SSWS token
	ClientID   string   `envconfig:"OKTA_CLIENT_ID"`                  // of an API services app, the better choice
	KeyID      string   `envconfig:"OKTA_KEY_ID"`                     // its key's "kid"; may be left out while it has one key
	PrivateKey Secret   `envconfig:"OKTA_PRIVATE_KEY"`                // RSA in PEM; line ends may be written as \n
	Scopes     []string `envconfig:"OKTA_SCOPES"`                     // comma-separated; empty means DefaultScopes
	AllowHTTP  bool     `envconfig:"OKTA_ALLOW_HTTP" default:"false"` // for a simulator: the credential travels in the open
}

// DefaultScopes are the scopes that the use cases need (docs/go-live.md lists which needs what).
func DefaultScopes() []string {
	return []string{
		"okta.users.read", "okta.users.manage", "okta.groups.read", "okta.groups.manage", "okta.apps.read", "okta.apps.manage",
		"okta.roles.read", "okta.roles.manage", "okta.logs.read",
	}
}

// Client is the configuration of the client, without gate.
func (o Okta) Client() okta.Config {
	c := okta.Config{OrgURL: o.OrgURL, Token: o.Token.Reveal(), AllowPlainHTTP: o.AllowHTTP}
	if o.ClientID != "" {
		scopes := o.Scopes
		if len(scopes) == 0 {
			scopes = DefaultScopes()
		}
		c.OAuth = &okta.OAuth{ClientID: o.ClientID, KeyID: o.KeyID, PrivateKey: o.PrivateKey.Reveal(), Scopes: scopes}
	}
	return c
}

func (o Okta) check(found *problems) {
	if o.OrgURL == "" {
		found.add("OKTA_ORG_URL", "is not set: the org's address, such as https://acme.okta.com")
	}
	switch {
	case o.Token.Set() && o.ClientID != "":
		found.add("OKTA_API_TOKEN", "is set, and OKTA_CLIENT_ID too: set one of them; the service app is the better choice")
	case !o.Token.Set() && o.ClientID == "":
		found.add("OKTA_CLIENT_ID", "is not set: the client ID of an API services app, with OKTA_PRIVATE_KEY or OKTA_PRIVATE_KEY_FILE; or set OKTA_API_TOKEN")
	case o.ClientID != "" && !o.PrivateKey.Set():
		found.add("OKTA_PRIVATE_KEY", "is not set: the service app's RSA key in PEM, or OKTA_PRIVATE_KEY_FILE with the path of it")
	}
	if strings.HasPrefix(o.OrgURL, "http://") && !o.AllowHTTP {
		found.add("OKTA_ORG_URL", "begins with http://, which shows the credential to the network: use https:// (OKTA_ALLOW_HTTP=true is for a simulator)")
	}
}

// Freshservice is how to reach the desk.
type Freshservice struct {
	URL       string `envconfig:"FRESHSERVICE_URL"`       // https://acme.freshservice.com, not a vanity domain
	APIKey    Secret `envconfig:"FRESHSERVICE_API_KEY"`   // of an agent made for Latchkey
	Workspace int64  `envconfig:"FRESHSERVICE_WORKSPACE"` // 0 leaves it to Freshservice: the primary one
	AllowHTTP bool   `envconfig:"FRESHSERVICE_ALLOW_HTTP" default:"false"`
}

// Client is the configuration of the client, without gate.
func (f Freshservice) Client() freshservice.Config {
	return freshservice.Config{BaseURL: f.URL, APIKey: f.APIKey.Reveal(), WorkspaceID: f.Workspace, AllowPlainHTTP: f.AllowHTTP}
}

func (f Freshservice) check(found *problems) {
	switch {
	case f.URL == "":
		found.add("FRESHSERVICE_URL", "is not set: the account's address, such as https://acme.freshservice.com")
	case strings.HasPrefix(f.URL, "http://") && !f.AllowHTTP:
		found.add("FRESHSERVICE_URL", "begins with http://, which shows the key to the network: use https:// (FRESHSERVICE_ALLOW_HTTP=true is for a simulator)")
	}
	if !f.APIKey.Set() {
		found.add("FRESHSERVICE_API_KEY", "is not set: the API key of the agent made for Latchkey, or FRESHSERVICE_API_KEY_FILE with the path of it")
	}
	if f.Workspace < 0 {
		found.add("FRESHSERVICE_WORKSPACE", "is negative: the number of a workspace, or 0")
	}
}
