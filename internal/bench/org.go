package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"latchkey/clients/okta"
)

// oktaOrg is a simulated Okta in a process of its own.
type oktaOrg struct {
	*child
	address, token string
	groups         []string
}

// startOrg starts one with Acme and the limits of a new token in a workforce org.
func startOrg(ctx context.Context, p *programs) (*oktaOrg, error) {
	o := &oktaOrg{token: "00" + randomText()}
	var err error
	o.child, err = p.start("okta", []string{"OKTA_SIM_TOKEN=" + o.token}, "--listen", "127.0.0.1:0", "--seed", "acme",
		"--limits", "workforce", "--token-share", "50")
	if err != nil {
		return nil, err
	}
	if o.address, err = o.url(ctx); err != nil {
		return nil, errors.Join(err, o.stop())
	}
	return o, nil
}

// findGroups looks up the two groups that joiners get, which costs no call of the buckets that count.
func (o *oktaOrg) findGroups(ctx context.Context) error {
	c, err := okta.New(okta.Config{OrgURL: o.address, Token: o.token, AllowPlainHTTP: true})
	if err != nil {
		return err
	}
	page, err := c.ListGroups(ctx, okta.PageRequest{})
	if err != nil {
		return err
	}
	for _, g := range page.Items {
		if g.Type == okta.OktaGroup && len(o.groups) < 2 {
			o.groups = append(o.groups, g.ID)
		}
	}
	if len(o.groups) < 2 {
		return errors.New("there are no two groups in Acme any more")
	}
	return nil
}

// counted is what the org counted itself.
type counted struct{ calls, refused, users int }

// countOkta asks the org at that address.
func countOkta(ctx context.Context, address string) (counted, error) {
	var list []struct {
		Method   string
		Path     string
		Calls    int
		Statuses map[int]int
	}
	if err := adminCall(ctx, http.MethodGet, address+"/admin/counters", nil, &list); err != nil {
		return counted{}, err
	}
	var sum counted
	for _, c := range list {
		sum.calls += c.Calls
		sum.refused += c.Statuses[http.StatusTooManyRequests]
		if okta.BucketOf(c.Method, "/api/v1"+c.Path) == okta.BucketUsers {
			sum.users += c.Calls
		}
	}
	return sum, nil
}

// adminCall speaks to the surface of a simulator that no vendor has.
func adminCall(ctx context.Context, method, url string, in, out any) error {
	var body io.Reader = http.NoBody
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			return err
		}
		body = bytes.NewReader(raw)
	}
	r, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return fmt.Errorf("%s %s: %s: %s", method, url, answer.Status, raw)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(raw, out)
}
