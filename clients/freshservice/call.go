package freshservice

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"

	"github.com/go-resty/resty/v2"
)

// call is one HTTP exchange to be made.
type call struct {
	op     string // in words, for errors
	method string
	path   string // template below /api/v2, such as /tickets/{id}
	params map[string]string
	query  url.Values
	body   any    // sent as JSON
	form   *form  // sent as multipart/form-data instead of body
	bad    string // the path parameter that is no id
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func get(op, path string) *call  { return &call{op: op, method: http.MethodGet, path: path} }
func drop(op, path string) *call { return &call{op: op, method: http.MethodDelete, path: path} }

func post(op, path string, body any) *call {
	return &call{op: op, method: http.MethodPost, path: path, body: body}
}

func put(op, path string, body any) *call {
	return &call{op: op, method: http.MethodPut, path: path, body: body}
}

// at fills a numeric path parameter.
func (k *call) at(name string, id int64) *call {
	if k.params == nil {
		k.params = map[string]string{}
	}
	k.params[name] = strconv.FormatInt(id, 10)
	if id <= 0 {
		k.bad = name
	}
	return k
}

// with adds a query parameter; an empty value adds nothing, for the vendor refuses parameters it does not expect.
func (k *call) with(name, value string) *call {
	if value == "" {
		return k
	}
	if k.query == nil {
		k.query = url.Values{}
	}
	k.query.Set(name, value)
	return k
}

func (k *call) withInt(name string, value int64) *call {
	if value == 0 {
		return k
	}
	return k.with(name, strconv.FormatInt(value, 10))
}

// copyOf lets a walk over pages change the query without touching the first call.
func (k *call) copyOf() *call {
	n := *k
	n.query = maps.Clone(k.query)
	return &n
}

// writes reports whether the call changes something at the vendor.
func (k *call) writes() bool { return k.method != http.MethodGet }

// send makes the exchange. Every error is an *Error.
func (c *Client) send(ctx context.Context, k *call) (*answer, error) {
	if k.bad != "" {
		return nil, c.invalid(k, k.bad, fmt.Sprintf("%s is no id; ids are positive", k.params[k.bad]))
	}
	var body []byte
	if k.body != nil {
		var err error
		if body, err = json.Marshal(k.body); err != nil {
			return nil, c.invalid(k, "body", "it cannot be written as JSON: "+c.clean(err.Error()))
		}
	}
	bucket := bucketOf(k.method, k.path)
	if c.admit != nil {
		if err := c.admit(ctx, bucket); err != nil {
			return nil, c.refusedAdmission(k, bucket, err)
		}
	}
	var sent atomic.Bool
	traced := httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { sent.Store(true) },
	})
	req := c.rest.R().SetContext(traced).SetPathParams(k.params).SetQueryParamsFromValues(k.query)
	switch {
	case k.form != nil:
		k.form.fill(req)
	case k.body != nil:
		req.SetHeader("Content-Type", "application/json").SetBody(body)
	}
	resp, err := req.Execute(k.method, k.path)
	if err != nil {
		if c.onLost != nil {
			c.onLost(bucket, sent.Load())
		}
		return nil, c.lost(ctx, k, sent.Load(), err)
	}
	a := &answer{status: resp.StatusCode(), header: resp.Header(), body: resp.Body()}
	c.observe(bucket, a)
	if a.status < 200 || a.status > 299 {
		return nil, c.refuse(k, a)
	}
	return a, nil
}

// do makes an exchange whose answer carries nothing that is needed.
func (c *Client) do(ctx context.Context, k *call) error {
	_, err := c.send(ctx, k)
	return err
}

func (c *Client) refusedAdmission(k *call, bucket string, err error) *Error {
	e := c.newError(k, RateLimited, err)
	e.RetryAfter = fallbackRetryAfter
	e.Message = fmt.Sprintf("no budget left in bucket %s", bucket)
	if budget, ok := errors.AsType[*BudgetError](err); ok {
		e.RetryAfter = budget.RetryAfter
	}
	return e
}

// lost judges an exchange without a usable answer. A write whose headers went out may have been applied.
func (c *Client) lost(ctx context.Context, k *call, sent bool, err error) *Error {
	kind := Unavailable
	switch {
	case k.writes() && sent:
		kind = Ambiguous
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		kind = Invalid // asking again would bring the same
	}
	cause := withoutURL(err)
	if ctx.Err() != nil {
		cause = context.Cause(ctx)
		if !errors.Is(cause, ctx.Err()) {
			cause = errors.Join(ctx.Err(), cause)
		}
	}
	e := c.newError(k, kind, cause)
	e.Message = c.clean(cause.Error())
	if errors.Is(err, resty.ErrResponseBodyTooLarge) {
		e.Message = fmt.Sprintf("the answer is larger than %d MiB; ask for smaller pages", maxBody>>20)
	}
	return e
}
