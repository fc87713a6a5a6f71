package main

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"time"
)

const (
	alertEvents  = 100_000
	alertSmall   = 20_000 // the run that the growth of memory is told against
	alertPeople  = 6_000
	alertSpan    = 12 * time.Hour // event time that the events spread over, so that no flood cap is met
	attackEvery  = 1_600          // one attack in so many events: below the caps of an hour
	attackTries  = 12
	attackSpread = 3 // events between two tries
)

// logEvents makes a day at a company of some thousand people as Okta would log it: sign-ins, app sign-ons and factor
// checks of people at their own places and devices, and now and then somebody whose password is guessed. The same number
// gives the same events.
func logEvents(n int, end time.Time) []json.RawMessage {
	r := rand.New(rand.NewPCG(7, 11)) //nolint:gosec // a sample
	step := alertSpan / alertEvents
	list := make([]json.RawMessage, 0, n)
	attacks := []attack{}
	for i := range n {
		at := end.Add(-step * time.Duration(n-i))
		if i%attackEvery == attackEvery/2 {
			attacks = append(attacks, attack{person: r.IntN(alertPeople), next: i})
		}
		if a := dueAttack(attacks, i); a != nil {
			a.next, a.done = i+attackSpread, a.done+1
			list = append(list, logEvent(r, i, at, a.person, "user.session.start", "FAILURE", "INVALID_CREDENTIALS"))
			continue
		}
		person := r.IntN(alertPeople)
		switch k := r.IntN(100); {
		case k < 25:
			list = append(list, logEvent(r, i, at, person, "user.session.start", "SUCCESS", ""))
		case k < 60:
			list = append(list, logEvent(r, i, at, person, "user.authentication.sso", "SUCCESS", ""))
		case k < 80:
			list = append(list, logEvent(r, i, at, person, "policy.evaluate_sign_on", "ALLOW", ""))
		case k < 95:
			list = append(list, logEvent(r, i, at, person, "user.authentication.auth_via_mfa", "SUCCESS", ""))
		case k < 97:
			list = append(list, logEvent(r, i, at, person, "user.session.start", "FAILURE", "INVALID_CREDENTIALS"))
		default:
			list = append(list, logEvent(r, i, at, person, "user.session.end", "SUCCESS", ""))
		}
	}
	return list
}

// attack is somebody whose password is being guessed.
type attack struct{ person, next, done int }

func dueAttack(list []attack, i int) *attack {
	if n := len(list); n > 0 && list[n-1].done < attackTries && list[n-1].next <= i {
		return &list[n-1]
	}
	return nil
}

// logEvent is one event with what Okta's have (okta-api §7): about as many bytes, too.
func logEvent(r *rand.Rand, i int, at time.Time, person int, kind, outcome, reason string) json.RawMessage {
	id, login := fmt.Sprintf("00ubench%012d", person), fmt.Sprintf("person%d@acme.example", person)
	ip := fmt.Sprintf("198.51.%d.%d", person/250, person%250+1)
	place := map[string]any{
		"city": "Utrecht", "state": "Utrecht", "country": "Netherlands", "postalCode": "3511", "geolocation": map[string]any{"lat": 52.09, "lon": 5.12},
	}
	event := map[string]any{
		"uuid":      fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), i&0xffff, i>>16&0xfff, person&0xfff, r.Uint64()&0xffffffffffff),
		"published": at.UTC().Format("2006-01-02T15:04:05.000Z"), "eventType": kind,
		"actor":   map[string]any{"id": id, "type": "User", "alternateId": login, "displayName": fmt.Sprintf("Person %d", person)},
		"outcome": map[string]any{"result": outcome, "reason": reason},
		"client": map[string]any{
			"userAgent": map[string]any{"rawUserAgent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36", "os": "Mac OS X", "browser": "CHROME"},
			"zone":      "null", "device": "Computer", "ipAddress": ip, "geographicalContext": place,
		},
		"authenticationContext": map[string]any{"authenticationStep": 0, "externalSessionId": fmt.Sprintf("102bench%018d", person)},
		"securityContext":       map[string]any{"asNumber": 1136, "asOrg": "KPN B.V.", "isp": "KPN", "domain": "kpn.net", "isProxy": false},
		"transaction":           map[string]any{"type": "WEB", "id": fmt.Sprintf("bench%020d", i), "detail": map[string]any{}},
		"debugContext": map[string]any{"debugData": map[string]any{
			"requestId": fmt.Sprintf("bench%020d", i), "requestUri": "/api/v1/authn", "url": "/api/v1/authn?", "dtHash": fmt.Sprintf("%064x", person),
			"risk": "{reasons=, level=LOW}", "behaviors": "{New Geo-Location=NEGATIVE, New Device=NEGATIVE, New IP=NEGATIVE, New State=NEGATIVE, New Country=NEGATIVE, Velocity=NEGATIVE, New City=NEGATIVE}",
		}},
		"request": map[string]any{"ipChain": []any{map[string]any{"ip": ip, "geographicalContext": place, "version": "V4", "source": nil}}},
	}
	if kind == "user.authentication.sso" {
		event["target"] = []any{map[string]any{"id": fmt.Sprintf("0oabench%012d", person%40), "type": "AppInstance", "alternateId": "App", "displayName": fmt.Sprintf("App %d", person%40)}}
	}
	raw, err := json.Marshal(event)
	if err != nil {
		return nil
	}
	return raw
}
