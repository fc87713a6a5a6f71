package acme_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"latchkey/detection"
	"latchkey/policy"
)

// BenchmarkDefaultPack runs 100,000 events of 5,000 people, in pages of 1,000 from JSON with a checkpoint after each,
// through the default pack with its compiled conditions.
func BenchmarkDefaultPack(b *testing.B) {
	const events, people, page = 100_000, 5_000, 1_000
	alerts, err := policy.LoadAlerts("policies/alerts")
	require.NoError(b, err)
	r := rand.New(rand.NewPCG(3, 4))
	raw := make([][]byte, 0, events)
	for i := range events {
		kind, result, debug := "user.authentication.sso", "SUCCESS", ""
		switch n := r.IntN(100); {
		case n < 30:
			kind, debug = "user.session.start", `"behaviors":"{New Device=NEGATIVE, New IP=NEGATIVE, Velocity=NEGATIVE}","risk":"{level=LOW}"`
		case n < 36:
			kind, result = "user.session.start", "FAILURE"
		case n < 50:
			kind, debug = "user.authentication.auth_via_mfa", `"factor":"OKTA_VERIFY_PUSH"`
		case n < 70:
			kind, result = "policy.evaluate_sign_on", "ALLOW"
		case n < 80:
			kind = "system.agent.ad.read_ldap"
		}
		at := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC).Add(time.Duration(i) * 24 * time.Hour / events)
		who := r.IntN(people)
		raw = append(raw, fmt.Appendf(nil, `{"uuid":"%08x-0000-4000-8000-%012x","published":%q,"eventType":%q,"actor":{"id":"00u%017d","type":"User","alternateId":"p%d@acme.example"},`+
			`"client":{"ipAddress":"203.0.113.%d","userAgent":{"os":"Windows 10","browser":"CHROME"},"geographicalContext":{"city":"Porto","country":"Portugal"}},`+
			`"outcome":{"result":%q,"reason":"INVALID_CREDENTIALS"},"debugContext":{"debugData":{%s}},"transaction":{"id":"t%d"},"target":[{"id":"0oa%d","type":"AppInstance"}]}`,
			i, i, at.Format("2006-01-02T15:04:05.000Z07:00"), kind, who, who, r.IntN(250), result, debug, i, r.IntN(40)))
	}
	size := 0
	for b.Loop() {
		s := detection.NewState()
		for at := 0; at < events; at += page {
			p := detection.Page{More: true}
			for _, one := range raw[at : at+page] {
				e, err := detection.ParseEvent(one)
				if err != nil {
					b.Fatal(err)
				}
				p.Events = append(p.Events, e)
			}
			if res := alerts.Engine().Step(s, p); len(res.Errors) > 0 {
				b.Fatal(res.Errors)
			}
			size = len(s.Encode())
		}
	}
	b.ReportMetric(float64(events*b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(size)/1024, "KiB/checkpoint")
}
