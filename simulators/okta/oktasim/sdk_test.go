package oktasim_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"testing"
	"time"

	"github.com/okta/okta-sdk-golang/v2/okta"
	"github.com/okta/okta-sdk-golang/v2/okta/query"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/simulators/okta/oktasim"
)

// Okta's own Go SDK works against the simulator, with a token and as a service app.
func TestOktasGoSDK(t *testing.T) {
	t.Parallel()
	key, client := rsaClient(t, "0oaSDK", "okta.users.read", "okta.users.manage", "okta.groups.manage")
	o := newOrg(t, func(opts *oktasim.Options) {
		opts.Clients, opts.Now = []oktasim.OAuthClient{client}, nil // the SDK signs with the real time
	})
	for i := range 5 {
		o.user(fmt.Sprintf("p%d@example.com", i))
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
	common := []okta.ConfigSetter{okta.WithOrgUrl(o.url), okta.WithTestingDisableHttpsCheck(true), okta.WithCache(false), okta.WithRateLimitMaxRetries(0)}
	modes := map[string][]okta.ConfigSetter{
		"token": {okta.WithToken(token)},
		"service app": {
			okta.WithAuthorizationMode("PrivateKey"), okta.WithClientId("0oaSDK"), okta.WithPrivateKey(private),
			okta.WithScopes([]string{"okta.users.read", "okta.users.manage", "okta.groups.manage"}),
		},
	}
	for name, mode := range modes {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		ctx, sdk, err := okta.NewClient(ctx, append(mode, common...)...)
		require.NoError(t, err, name)

		users, resp, err := sdk.User.ListUsers(ctx, query.NewQueryParams(query.WithLimit(2), query.WithSearch(`profile.login sw "p"`)))
		require.NoError(t, err, name)
		seen := len(users)
		for resp.HasNextPage() {
			var more []*okta.User
			resp, err = resp.Next(ctx, &more)
			require.NoError(t, err, name)
			seen += len(more)
		}
		assert.Equal(t, 5, seen, name)

		group, _, err := sdk.Group.CreateGroup(ctx, okta.Group{Profile: &okta.GroupProfile{Name: name}})
		require.NoError(t, err, name)
		_, err = sdk.Group.AddUserToGroup(ctx, group.Id, users[0].Id)
		require.NoError(t, err, name)
		assert.Contains(t, o.groupsOf(users[0].Id), name)

		_, _, err = sdk.User.GetUser(ctx, "nobody@example.com")
		var api *okta.Error
		require.ErrorAs(t, err, &api, name)
		assert.Equal(t, "E0000007", api.ErrorCode, name)
		_, err = sdk.User.UnlockUser(ctx, users[0].Id)
		require.ErrorAs(t, err, &api, name)
		assert.Equal(t, "E0000032", api.ErrorCode, name)
		cancel()
	}
}
