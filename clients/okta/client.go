package okta

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	sdk "github.com/okta/okta-sdk-golang/v2/okta"
)

// Client calls one Okta org. It is safe for concurrent use and holds no state but connections and the access token.
type Client struct {
	cfg Config
	sdk *sdk.Client
}

// New checks the settings and makes a client. It makes no call: use Me or GetUserSchema to try the credential.
func New(cfg Config) (*Client, error) {
	cfg, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	t := &transport{cfg: cfg, base: cfg.Transport}
	mode, credential := "SSWS", cfg.Token
	if cfg.OAuth != nil {
		t.tokens, err = newTokenSource(cfg)
		if err != nil {
			return nil, err
		}
		mode, credential = "Bearer", "set-by-transport" // the transport overwrites the header with the real token
	}
	_, client, err := sdk.NewClient(context.Background(), settings(cfg, mode, credential, t)...)
	if err != nil { // its text may quote settings
		return nil, errors.New("okta: the SDK refused the settings: check OrgURL and the credential")
	}
	return &Client{cfg: cfg, sdk: client}, nil
}

// settings sets every option the SDK has, because it reads each unset one from ~/.okta/okta.yaml and from the
// environment (okta-api.md §6.3).
func settings(cfg Config, mode, credential string, t http.RoundTripper) []sdk.ConfigSetter {
	noTime := int64(0) // the context bounds each call
	return []sdk.ConfigSetter{
		sdk.WithOrgUrl(cfg.OrgURL),
		sdk.WithAuthorizationMode(mode),
		sdk.WithToken(credential),
		sdk.WithClientId(""),
		sdk.WithClientAssertion(""),
		sdk.WithScopes(nil),
		sdk.WithPrivateKey(""),
		sdk.WithPrivateKeyId(""),
		sdk.WithPrivateKeySigner(nil),
		sdk.WithCache(false),
		sdk.WithCacheManager(nil),
		sdk.WithCacheTtl(0),
		sdk.WithCacheTti(0),
		sdk.WithRateLimitMaxRetries(0),
		sdk.WithRateLimitMaxBackOff(0),
		sdk.WithConnectionTimeout(noTime),
		sdk.WithRequestTimeout(noTime),
		sdk.WithProxyHost(""),
		sdk.WithProxyPort(0),
		sdk.WithProxyUsername(""),
		sdk.WithProxyPassword(""),
		sdk.WithUserAgentExtra(cfg.UserAgent),
		sdk.WithTestingDisableHttpsCheck(cfg.AllowPlainHTTP),
		sdk.WithHttpClientPtr(&http.Client{Transport: t}),
	}
}

// run makes one call: within it, the SDK must send exactly one request. The error is always an *Error.
func (c *Client) run(ctx context.Context, call *call, send func(ctx context.Context) error) error {
	if call.err != nil {
		return call.fail(Invalid, call.err.Error())
	}
	ctx, cancel := context.WithTimeout(ctx, c.cfg.Timeout)
	defer cancel()
	err := send(context.WithValue(ctx, callKey{}, call))
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	// What is left comes from the SDK itself: it could not encode our body, or decode an answer that was a success.
	// Its text may quote values, so it is not passed on.
	switch {
	case !call.sent.Load():
		return call.fail(Invalid, fmt.Sprintf("the request could not be built (%T)", err))
	case call.write():
		return call.fail(Ambiguous, fmt.Sprintf("Okta took the change, but its answer could not be read (%T)", err))
	}
	return call.fail(Invalid, fmt.Sprintf("Okta's answer has another shape than expected (%T)", err))
}

// exchange sends one request through the SDK's executor and decodes the answer into out, which may be nil. It serves
// where the SDK's own methods lose fields, take too few parameters or would follow their own idea of paging.
func (c *Client) exchange(ctx context.Context, call *call, body, out any) error {
	return c.run(ctx, call, func(ctx context.Context) error {
		executor := c.sdk.CloneRequestExecutor()
		request, err := executor.NewRequest(call.method, call.target(), body)
		if err != nil {
			return err
		}
		call.wantsBody = out != nil
		_, err = executor.Do(ctx, request, out)
		return err
	})
}

// ClientID is the ID of our own OAuth client; empty where an API token is used.
func (c *Client) ClientID() string {
	if c.cfg.OAuth == nil {
		return ""
	}
	return c.cfg.OAuth.ClientID
}
