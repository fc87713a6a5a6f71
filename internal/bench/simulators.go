package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"time"

	"latchkey/internal/testkit/crowd"
)

const (
	crowdSize = 20_000
	pageReads = 101 // odd: the median is one of them
)

// measureSimulators reads pages over HTTP among 20,000 people. The simulators carry every other figure, so what they
// cost has to be known.
func measureSimulators(ctx context.Context, b *bench) (err error) {
	b.step("%d people in both simulators", crowdSize)
	memory := newPeak()
	began := time.Now()
	c, err := crowd.Start(crowdSize)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	b.report.add("sim_fill_s", time.Since(began).Seconds(), "s", "%d people with groups and apps in both simulators", crowdSize)
	middle, err := c.Find(crowdSize / 2)
	if err != nil {
		return err
	}
	staff, _ := c.Okta.GroupID(crowd.StaffGroup)
	app, _ := c.Okta.AppID(crowd.StaffApp)
	for _, page := range []struct {
		name, path, note string
		skip             int // pages, so that one from the middle is read
		get              func(string) (*http.Request, error)
	}{
		{"sim_okta_user_p50_ms", "/users/" + middle, "one user", 0, c.OktaGet},
		{"sim_okta_users_p50_ms", "/users?limit=200", "200 users from the middle", 50, c.OktaGet},
		{"sim_okta_search_p50_ms", "/users?search=" + url.QueryEscape(`profile.login eq "`+crowd.Email(15_000)+`"`), "a search that finds one", 0, c.OktaGet},
		{"sim_okta_user_groups_p50_ms", "/users/" + middle + "/groups", "a user's groups", 0, c.OktaGet},
		{"sim_okta_members_p50_ms", "/groups/" + staff + "/users?limit=1000", "1,000 members from the middle", 10, c.OktaGet},
		{"sim_okta_app_users_p50_ms", "/apps/" + app + "/users?limit=500", "500 app users from the middle", 20, c.OktaGet},
		{"sim_desk_requesters_p50_ms", "/requesters?per_page=100&page=100", "100 requesters from the middle", 0, c.DeskGet},
		{"sim_desk_by_email_p50_ms", "/requesters?email=" + url.QueryEscape(crowd.Email(777)), "a requester by address", 0, c.DeskGet},
	} {
		b.step("%s", page.name)
		r, err := page.get(page.path)
		if err != nil {
			return err
		}
		r = r.WithContext(ctx)
		for range page.skip {
			if err := turn(r); err != nil {
				return fmt.Errorf("%s: %w", page.name, err)
			}
		}
		median, size, err := medianRead(r)
		if err != nil {
			return fmt.Errorf("%s: %w", page.name, err)
		}
		b.report.add(page.name, milliseconds(median), "ms", "%s, %.1f KiB, over HTTP", page.note, float64(size)/1024)
	}
	memory.add(b.report, "sim_peak_rss_mib", "both simulators with their people, while they were filled and read")
	return nil
}

// nextPage finds the address of the next page in a Link header.
var nextPage = regexp.MustCompile(`<([^>]+)>;\s*rel="next"`)

// turn points a request at the page after its own.
func turn(r *http.Request) error {
	header, _, err := read(r)
	if err != nil {
		return err
	}
	for _, line := range header.Values("Link") {
		if m := nextPage.FindStringSubmatch(line); m != nil {
			r.URL, err = url.Parse(m[1])
			return err
		}
	}
	return fmt.Errorf("%s has no next page", r.URL.Path)
}

// read sends a request, reads the whole answer and returns its header and how long it is.
func read(r *http.Request) (http.Header, int64, error) {
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, 0, err
	}
	size, err := io.Copy(io.Discard, answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answered %s", r.URL.Path, answer.Status)
	}
	return answer.Header, size, err
}

// medianRead sends the same request many times and returns the middle of how long they took, and how long the answer is.
func medianRead(r *http.Request) (time.Duration, int64, error) {
	var size int64
	took := make([]time.Duration, 0, pageReads)
	for range pageReads {
		began := time.Now()
		var err error
		if _, size, err = read(r); err != nil {
			return 0, 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2], size, nil
}
