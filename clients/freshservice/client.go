package freshservice

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
)

const (
	apiPrefix      = "/api/v2"
	defaultTimeout = 30 * time.Second
	// maxBody bounds one answer in bytes. A page of a hundred tickets with long descriptions stays far below it.
	maxBody = 32 << 20
	// idleConnections are kept for the next calls; Go's default of 2 would make busy workers dial anew all the time.
	idleConnections = 16
)

// Config says where the desk is and who calls.
type Config struct {
	// BaseURL is the account's own address, https://<account>.freshservice.com. A vanity domain does not serve the API
	// (reference §1). A path is kept; a trailing "/api/v2" is dropped.
	BaseURL string
	// APIKey is the key of one agent, whose roles and workspaces bound what this client can do. It never appears in an
	// error.
	APIKey string
	// WorkspaceID narrows lists, filters and creations to one workspace; 0 leaves the choice to the vendor, which
	// takes the primary workspace (reference §1).
	WorkspaceID int64
	// Timeout bounds one HTTP exchange, default 30 s.
	Timeout time.Duration
	// HTTPTransport carries the exchanges, default a clone of [http.DefaultTransport].
	HTTPTransport http.RoundTripper
	// AllowPlainHTTP lets BaseURL begin with http://, for a simulator on the same machine. The key would travel in
	// clear text.
	AllowPlainHTTP bool
	// OnRate receives the rate facts of every answer, also where the vendor sent no figures (Total is 0 then). It is
	// called from the goroutine of the call, concurrently with others. An exchange without an answer has no facts.
	OnRate func(RateFacts)
	// Admit is asked before every HTTP exchange, pages of a list included, with the bucket that the exchange draws
	// from. Its error stops the call and comes back wrapped in an [Error] of kind [RateLimited]; a [BudgetError] sets
	// how long to wait.
	Admit func(ctx context.Context, bucket string) error
	// OnLost is told of each admitted exchange that got no answer; sent says whether it may have reached the vendor, and so
	// have been counted there. Every admitted exchange ends in exactly one of OnRate and OnLost.
	OnLost func(bucket string, sent bool)
	// Now is the clock, default [time.Now].
	Now func() time.Time
}

// Client calls one Freshservice account. It is safe for concurrent use.
type Client struct {
	rest      *resty.Client
	base      string
	key       string
	workspace int64
	onRate    func(RateFacts)
	onLost    func(bucket string, sent bool)
	admit     func(ctx context.Context, bucket string) error
	now       func() time.Time
}

// New checks cfg and makes a Client. It does not call the vendor; see [Client.Me] for that.
func New(cfg Config) (*Client, error) {
	base, err := checkBaseURL(cfg.BaseURL, cfg.AllowPlainHTTP)
	if err != nil {
		return nil, err
	}
	key := strings.TrimSpace(cfg.APIKey)
	if key == "" {
		return nil, errors.New("freshservice: the API key is empty; copy it from the agent's profile settings")
	}
	timeout := cfg.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	c := &Client{
		base:      base,
		key:       key,
		workspace: cfg.WorkspaceID,
		onRate:    cfg.OnRate,
		onLost:    cfg.OnLost,
		admit:     cfg.Admit,
		now:       cfg.Now,
	}
	if c.now == nil {
		c.now = time.Now
	}
	// A client of our own keeps resty's cookie jar out: the key is the only credential.
	c.rest = resty.NewWithClient(&http.Client{Transport: transport(cfg.HTTPTransport), Timeout: timeout}).
		SetBaseURL(base+apiPrefix).
		SetBasicAuth(key, "X"). // the password is a dummy: reference §1
		SetHeader("Accept", "application/json").
		SetHeader("User-Agent", "latchkey").
		SetRetryCount(0).
		SetDebug(false).
		SetDisableWarn(true).
		SetLogger(silence{}).
		SetResponseBodyLimit(maxBody).
		SetRedirectPolicy(resty.RedirectPolicyFunc(func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // a redirect is an answer to judge, never a place to send the key to
		}))
	return c, nil
}

// TicketURL is the page of ticket id for an agent's browser (reference §11.26).
func (c *Client) TicketURL(id int64) string {
	return c.base + "/a/tickets/" + strconv.FormatInt(id, 10)
}

func checkBaseURL(raw string, plain bool) (string, error) {
	u, err := url.Parse(strings.TrimSpace(raw))
	if err != nil || u.Host == "" {
		return "", errors.New("freshservice: the base URL must look like https://<account>.freshservice.com")
	}
	switch {
	case u.Scheme == "https", u.Scheme == "http" && plain:
	case u.Scheme == "http":
		return "", errors.New("freshservice: the base URL is plain http, which would show the API key to the network; use https, or allow plain HTTP for a simulator")
	default:
		return "", fmt.Errorf("freshservice: the base URL has the scheme %q; allowed is https", u.Scheme)
	}
	if u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return "", errors.New("freshservice: the base URL must hold no user, query or fragment; the API key is a setting of its own")
	}
	path := strings.TrimSuffix(strings.TrimRight(u.Path, "/"), apiPrefix)
	return u.Scheme + "://" + u.Host + strings.TrimRight(path, "/"), nil
}

func transport(given http.RoundTripper) http.RoundTripper {
	if given != nil {
		return given
	}
	if t, ok := http.DefaultTransport.(*http.Transport); ok {
		own := t.Clone()
		own.MaxIdleConnsPerHost = idleConnections
		return own
	}
	return http.DefaultTransport
}

// silence is resty's logger here: what went wrong is in the error, and a log line could carry an address or a name.
type silence struct{}

func (silence) Errorf(string, ...any) {}
func (silence) Warnf(string, ...any)  {}
func (silence) Debugf(string, ...any) {}
