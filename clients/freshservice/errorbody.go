package freshservice

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessage = 600 // bytes of one message kept in an error
	maxFields  = 50  // field errors kept

	// fallbackRetryAfter is used when a 429 carries no usable Retry-After: limits are per minute (reference §3).
	fallbackRetryAfter = time.Minute
	maxRetryAfter      = 3600 // seconds
)

// errorBody is the union of the vendor's two error shapes (reference §2).
type errorBody struct {
	Description string          `json:"description"`
	Code        string          `json:"code"`
	Message     json.RawMessage `json:"message"`
	Errors      json.RawMessage `json:"errors"`
}

type errorItem struct {
	Field   string          `json:"field"`
	Message json.RawMessage `json:"message"`
	Code    string          `json:"code"`
}

// refuse turns an answer outside 2xx into an Error.
func (c *Client) refuse(k *call, a *answer) *Error {
	e := c.newError(k, kindOf(a.status, k.method), nil)
	e.Status = a.status
	e.RequestID = clip(a.header.Get("X-Request-Id"), 80)
	c.readErrorBody(e, a)
	e.Kind = refine(e)
	if e.Kind == RateLimited || a.header.Get("Retry-After") != "" {
		e.RetryAfter = retryAfter(a.header, e.Kind)
	}
	return e
}

func (c *Client) newError(k *call, kind Kind, cause error) *Error {
	return &Error{Kind: kind, Op: k.op, Method: k.method, Path: apiPrefix + k.path, cause: cause}
}

func kindOf(status int, method string) Kind {
	switch status {
	case http.StatusUnauthorized:
		return Unauthorized
	case http.StatusForbidden:
		return Denied
	case http.StatusNotFound, http.StatusGone:
		return NotFound
	case http.StatusConflict:
		return Conflict
	case http.StatusTooManyRequests:
		return RateLimited
	case http.StatusBadGateway, http.StatusGatewayTimeout, http.StatusRequestTimeout:
		// The edge gave up on the application behind it, which may go on and commit.
		if method != http.MethodGet {
			return Ambiguous
		}
		return Unavailable
	}
	if status >= 400 && status < 500 {
		return Invalid
	}
	return Unavailable
}

// refine corrects the kind where the vendor's code says more than the status.
func refine(e *Error) Kind {
	codes := []string{e.Code}
	for _, f := range e.Fields {
		codes = append(codes, f.Code)
	}
	for _, code := range codes {
		switch code {
		case "duplicate_value":
			if e.Kind == Invalid {
				return Conflict
			}
		case "invalid_credentials", "unsupported_authentication_type", "access_token_expired", "access_token_invalid",
			"password_lockout", "password_expired", "account_suspended":
			return Unauthorized
		}
	}
	return e.Kind
}

func (c *Client) readErrorBody(e *Error, a *answer) {
	if a.status >= 300 && a.status < 400 {
		e.Message = "the vendor redirects; set the base URL to the account's own freshservice.com address"
		return
	}
	var body errorBody
	if len(a.body) == 0 {
		return
	}
	if err := json.Unmarshal(a.body, &body); err != nil {
		e.Message = "the answer is not JSON" // an edge page; its HTML helps nobody
		return
	}
	e.Code = c.clean(body.Code)
	e.Message = c.clean(firstText(words(body.Message), body.Description))
	var items []errorItem
	if json.Unmarshal(body.Errors, &items) != nil {
		var single errorItem
		if json.Unmarshal(body.Errors, &single) != nil {
			return
		}
		items = []errorItem{single}
	}
	for _, item := range items[:min(len(items), maxFields)] {
		e.Fields = append(e.Fields, FieldError{
			Field:   c.clean(item.Field),
			Message: c.clean(words(item.Message)),
			Code:    c.clean(item.Code),
		})
	}
	if len(e.Fields) > 0 && e.Message == "Validation failed" {
		e.Message = "" // the fields say it better
	}
}

// words reads a message that is a string, a list of strings, or a list written into a string (reference §2).
func words(raw json.RawMessage) string {
	var list []string
	if json.Unmarshal(raw, &list) == nil {
		return strings.Join(list, "; ")
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	if strings.HasPrefix(text, "[") && json.Unmarshal([]byte(text), &list) == nil {
		return strings.Join(list, "; ")
	}
	return text
}

func firstText(options ...string) string {
	for _, o := range options {
		if o != "" {
			return o
		}
	}
	return ""
}

// retryAfter reads Retry-After, which counts whole seconds (reference §3).
func retryAfter(h http.Header, kind Kind) time.Duration {
	seconds, ok := headerInt(h, "Retry-After")
	switch {
	case !ok && kind == RateLimited:
		return fallbackRetryAfter
	case !ok:
		return 0
	}
	return time.Duration(min(max(seconds, 1), maxRetryAfter)) * time.Second
}

// mailAddress matches an address as people write it and as a query string carries it.
var mailAddress = regexp.MustCompile(`[^\s"'<>()\[\]{}=&?:;,/\\]+(?:@|%40)[\p{L}\p{N}._-]+`)

// clean makes vendor text fit for an error: no key, no e-mail address, no control characters, bounded.
func (c *Client) clean(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "?"))
	text = strings.ReplaceAll(text, c.key, "[API key]")
	text = mailAddress.ReplaceAllString(text, "[e-mail]")
	return clip(strings.TrimSpace(text), maxMessage)
}

func clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	for limit > 0 && !utf8.RuneStart(text[limit]) {
		limit--
	}
	return text[:limit] + "…"
}

// withoutURL drops the address from a transport error: its query can hold an e-mail address.
func withoutURL(err error) error {
	if u, ok := errors.AsType[*url.Error](err); ok {
		return u.Err
	}
	return err
}
