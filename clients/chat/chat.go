// Package chat posts one message to a channel of Slack or Microsoft Teams by its incoming webhook. It knows no domain,
// makes one attempt, and keeps the webhook's address, which is a secret, out of every error.
package chat

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Kind is the vendor of a webhook.
type Kind string

// The vendors.
const (
	Slack Kind = "slack" // an incoming webhook of a Slack app (docs.slack.dev, "Sending messages using incoming webhooks")
	Teams Kind = "teams" // a Teams workflow, "When a Teams webhook request is received" (learn.microsoft.com)
)

// Message is what a channel is told. All texts are plain: whatever they hold is shown as it is.
type Message struct {
	Title string
	Text  string
	Facts []Fact
	Links []Link
}

// Fact is one line, "Label: Value".
type Fact struct{ Label, Value string }

// Link is a page to open.
type Link struct{ Title, URL string }

// Outcome is how a post that failed stands.
type Outcome string

// The outcomes.
const (
	NotSent Outcome = "not_sent" // certainly not in the channel: it may be tried again, after RetryAfter
	Refused Outcome = "refused"  // the vendor will not take it, however often it is tried
	Unclear Outcome = "unclear"  // it may be in the channel
)

// Error is a post that failed. It holds no address.
type Error struct {
	Kind       Kind
	Outcome    Outcome
	Status     int           // of HTTP; 0 when no answer came
	RetryAfter time.Duration // NotSent: zero when the vendor named none
	Why        string
}

// Error implements error.
func (e *Error) Error() string {
	text := "chat: " + string(e.Kind)
	if e.Status != 0 {
		text += " answered " + strconv.Itoa(e.Status)
	}
	return text + ": " + e.Why
}

// Client posts. The zero value uses http.DefaultTransport with a timeout of ten seconds.
type Client struct {
	HTTP *http.Client
	// AllowPlainHTTP lets an address begin with http://, for tests.
	AllowPlainHTTP bool
}

const (
	within     = 10 * time.Second
	mostAnswer = 4 << 10
)

// CheckAddress says what is wrong with a webhook's address, without showing it.
func CheckAddress(address string, plain bool) error {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "":
		return errors.New("is no address: want https://…, as the vendor shows it")
	case u.Scheme != "https" && (!plain || u.Scheme != "http"):
		return errors.New("has to begin with https://")
	case u.User != nil:
		return errors.New("holds a user name; the vendors' webhooks have none")
	}
	return nil
}

// Post says one message in the channel behind a webhook. An error is an *Error.
func (c *Client) Post(ctx context.Context, kind Kind, address string, m Message) error {
	if err := CheckAddress(address, c.AllowPlainHTTP); err != nil {
		return &Error{Kind: kind, Outcome: Refused, Why: "the webhook's address " + err.Error()}
	}
	var payload any
	switch kind {
	case Slack:
		payload = slackPayload(m)
	case Teams:
		payload = teamsPayload(m)
	default:
		return &Error{Kind: kind, Outcome: Refused, Why: "no such vendor: there are slack and teams"}
	}
	raw, err := json.Marshal(payload)
	if err != nil {
		return &Error{Kind: kind, Outcome: Refused, Why: "the message cannot be encoded"}
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(raw))
	if err != nil {
		return &Error{Kind: kind, Outcome: Refused, Why: "the webhook's address cannot be used"}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := c.client().Do(req)
	if err != nil {
		return lost(kind, err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, mostAnswer)) // only a help for people
	return judge(kind, resp, string(answer))
}

func (c *Client) client() *http.Client {
	h := http.Client{Timeout: within}
	if c.HTTP != nil {
		h = *c.HTTP
	}
	// A redirect would carry the message to an address that nobody named.
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &h
}

// lost judges a post without an answer: only where no connection was made is it certain that nothing arrived. The error
// of net/http holds the address, so none of it is passed on.
func lost(kind Kind, err error) error {
	var op *net.OpError
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) || errors.As(err, &op) && op.Op == "dial" {
		return &Error{Kind: kind, Outcome: NotSent, Why: "it cannot be reached"}
	}
	return &Error{Kind: kind, Outcome: Unclear, Why: "no answer came; it may have arrived"}
}

// judge reads the vendor's answer. Slack answers 200 with "ok", and 4xx with a word such as invalid_payload or
// no_service; a Teams workflow answers 202 with nothing.
func judge(kind Kind, resp *http.Response, answer string) error {
	e := &Error{Kind: kind, Status: resp.StatusCode, Why: reason(answer)}
	switch s := resp.StatusCode; {
	case s >= 200 && s < 300:
		return nil
	case s == http.StatusTooManyRequests:
		e.Outcome = NotSent
		if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil && n > 0 {
			e.RetryAfter = time.Duration(n) * time.Second
		}
	case s >= 500:
		e.Outcome = Unclear
	default:
		e.Outcome = Refused
	}
	return e
}

// reason is the vendor's word for a refusal, where it is one.
func reason(answer string) string {
	answer = strings.TrimSpace(answer)
	for _, r := range answer {
		if !(r == '_' || r >= 'a' && r <= 'z') {
			return "it does not take the message"
		}
	}
	if answer == "" || len(answer) > 64 {
		return "it does not take the message"
	}
	return fmt.Sprintf("it does not take the message (%s)", answer)
}
