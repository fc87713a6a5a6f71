package detection_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/detection"
)

// pack is a set of eighteen rules of every kind, of the size of the default pack.
func pack() detection.Set {
	key, hour := []string{"subject"}, time.Hour
	failed := func(types ...string) detection.Selector {
		return detection.Selector{Types: types, When: outcome("FAILURE")}
	}
	passed := func(types ...string) detection.Selector {
		return detection.Selector{Types: types, When: outcome("SUCCESS")}
	}
	velocity := func(e *detection.Event) (bool, error) { return e.Behaviour("Velocity") == "POSITIVE", nil }
	deny := func(e *detection.Event) (bool, error) {
		return e.Debug["pushOnlyResponseType"] == "OV_RESPONSE_DENY", nil
	}
	set := detection.Set{Rules: []detection.Rule{
		{ID: "brute", Kind: detection.KindCount, On: failed("user.session.start"), AtLeast: 10, Window: 10 * time.Minute},
		{ID: "spray", Kind: detection.KindDistinct, On: failed("user.session.start"), Key: []string{"ip"}, Of: "login", AtLeast: 10, Window: hour},
		{ID: "guess", Kind: detection.KindSequence, Window: 30 * time.Minute, Steps: []detection.Step{{On: failed("user.session.start"), Count: 5}, {On: passed("user.session.start")}}},
		{ID: "travel", Kind: detection.KindMatch, On: detection.Selector{Types: []string{"user.session.start"}, When: velocity}},
		{ID: "place", Kind: detection.KindFirstSeen, On: passed("user.session.start"), Of: "country", Window: 30 * 24 * hour, Learning: 14 * 24 * hour},
		{ID: "mfa", Kind: detection.KindCount, On: failed("user.authentication.auth_via_mfa"), AtLeast: 5, Window: 10 * time.Minute},
		{ID: "fatigue", Kind: detection.KindCount, On: detection.Selector{Types: []string{"user.authentication.auth_via_mfa"}, When: deny}, AtLeast: 2, Window: hour},
		{ID: "removed", Kind: detection.KindAbsence, On: detection.Selector{Types: []string{"user.mfa.factor.deactivate"}}, Cancel: detection.Selector{Types: []string{"user.mfa.factor.activate"}}, Window: 24 * hour},
		{ID: "denied", Kind: detection.KindCount, On: detection.Selector{Types: []string{"policy.evaluate_sign_on"}, When: outcome("DENY")}, AtLeast: 5, Window: 15 * time.Minute},
		{ID: "apps", Kind: detection.KindDistinct, On: passed("user.authentication.sso"), Of: "app", AtLeast: 10, Window: time.Minute},
		{ID: "sum", Kind: detection.KindScore, AtLeast: 100, Window: 24 * hour, Blocks: []detection.Block{
			{Name: "deny", On: detection.Selector{Types: []string{"user.authentication.auth_via_mfa"}, When: deny}, Points: 25},
			{Name: "lock", On: detection.Selector{Types: []string{"user.account.lock"}}, Points: 10},
			{Name: "fail", On: failed("user.session.start"), Points: 10},
			{Name: "travel", On: detection.Selector{Types: []string{"user.session.start"}, When: velocity}, Points: 60},
		}},
		{ID: "locks", Kind: detection.KindDistinct, On: detection.Selector{Types: []string{"user.account.lock"}}, Key: []string{"org"}, Of: "subject", AtLeast: 50, Window: 15 * time.Minute},
	}}
	for _, kind := range []string{
		"user.account.report_suspicious_activity_by_enduser", "system.api_token.create", "user.account.privilege.grant",
		"policy.rule.update", "security.threat.detected", "user.risk.detect",
	} {
		set.Rules = append(set.Rules, detection.Rule{ID: kind, Kind: detection.KindMatch, On: on(kind)})
	}
	for i := range set.Rules {
		set.Rules[i].Severity = detection.S3
		if set.Rules[i].Key == nil {
			set.Rules[i].Key = key
		}
	}
	set.Inhibit = []detection.Inhibition{{Source: "fatigue", Target: "mfa", Equal: key}}
	return set
}

// traffic makes the JSON of a day's events of some people: mostly sign-ins that work.
func traffic(events, people int) [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	list := make([][]byte, 0, events)
	for i := range events {
		who := r.IntN(people)
		kind, result, debug := "user.authentication.sso", "SUCCESS", `"requestId":"r"`
		switch n := r.IntN(100); {
		case n < 30:
			kind, debug = "user.session.start", `"behaviors":"{New Device=NEGATIVE, Velocity=NEGATIVE}","risk":"{level=LOW}"`
		case n < 36:
			kind, result = "user.session.start", "FAILURE"
			who = r.IntN(people / 5)
		case n < 50:
			kind, debug = "user.authentication.auth_via_mfa", `"factor":"OKTA_VERIFY_PUSH"`
		case n < 52:
			kind, result, debug = "user.authentication.auth_via_mfa", "FAILURE", `"pushOnlyResponseType":"OV_RESPONSE_DENY"`
		case n < 70:
			kind, result = "policy.evaluate_sign_on", "ALLOW"
		case n < 80:
			kind = "system.agent.ad.read_ldap"
		case n == 80:
			kind = []string{"user.mfa.factor.deactivate", "user.mfa.factor.activate", "user.account.lock", "security.threat.detected"}[r.IntN(4)]
		}
		at := start().Add(time.Duration(i) * 24 * time.Hour / time.Duration(events))
		list = append(list, fmt.Appendf(nil, `{"uuid":"%08x-0000-4000-8000-%012x","published":%q,"eventType":%q,"severity":"INFO","displayMessage":"x",`+
			`"actor":{"id":"00u%017d","type":"User","alternateId":"p%d@acme.example","displayName":"P"},`+
			`"client":{"userAgent":{"rawUserAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64)","os":"Windows 10","browser":"CHROME"},"zone":"null","device":"Computer","ipAddress":"203.0.113.%d",`+
			`"geographicalContext":{"city":"Porto","state":"Porto","country":"Portugal","geolocation":{"lat":41.15,"lon":-8.61}}},`+
			`"outcome":{"result":%q,"reason":null},"securityContext":{"asNumber":64501,"asOrg":"o","isp":"i","domain":"d","isProxy":false},`+
			`"debugContext":{"debugData":{%s}},"transaction":{"type":"WEB","id":"t%d","detail":{}},"target":[{"id":"0oa%d","type":"AppInstance","displayName":"App"}]}`,
			i, i, at.Format("2006-01-02T15:04:05.000Z07:00"), kind, who, who, r.IntN(250), result, debug, i, r.IntN(40)))
	}
	return list
}

// BenchmarkPages runs 100,000 events of 5,000 people in pages of 1,000, with a checkpoint after each.
func BenchmarkPages(b *testing.B) {
	const events, people, page = 100_000, 5_000, 1_000
	raw := traffic(events, people)
	e := engine(b, pack())
	for _, parse := range []bool{true, false} {
		name := map[bool]string{true: "json+checkpoints", false: "engine"}[parse]
		b.Run(name, func(b *testing.B) {
			var parsed []*detection.Event
			if !parse {
				for _, one := range raw {
					ev, err := detection.ParseEvent(one)
					require.NoError(b, err)
					parsed = append(parsed, ev)
				}
			}
			opened, size := 0, 0
			for b.Loop() {
				s := detection.NewState()
				opened = 0
				for at := 0; at < events; at += page {
					p := detection.Page{More: true}
					if parse {
						for _, one := range raw[at : at+page] {
							ev, err := detection.ParseEvent(one)
							if err != nil {
								b.Fatal(err)
							}
							p.Events = append(p.Events, ev)
						}
					} else {
						p.Events = parsed[at : at+page]
					}
					opened += len(e.Step(s, p).Crossings)
					if parse {
						size = len(s.Encode())
					}
				}
			}
			b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
			b.ReportMetric(float64(opened), "crossings")
			b.ReportMetric(float64(size)/1024, "KiB/checkpoint")
		})
	}
}

func TestTheBenchmarkHasEventsAsOktaWritesThem(t *testing.T) {
	t.Parallel()
	for _, raw := range traffic(200, 50) {
		require.True(t, json.Valid(raw), string(raw))
	}
}
