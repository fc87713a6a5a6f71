package detection_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/detection"
)

const denied = `{"uuid":"5b0c7d1e-9f43-11f0-8a35-6d1f0c2b7a90","published":"2026-03-04T02:17:41.386Z","eventType":"user.authentication.auth_via_mfa",
 "severity":"INFO","actor":{"id":"00u1","type":"User","alternateId":"mira.holt@acme.example","displayName":"Mira Holt","detailEntry":null},
 "client":{"userAgent":{"rawUserAgent":"Mozilla/5.0","os":"Windows 10","browser":"CHROME"},"zone":"null","device":"Computer","id":null,"ipAddress":"203.0.113.77",
  "geographicalContext":{"city":"Porto","state":"Porto","country":"Portugal","postalCode":"4000","geolocation":{"lat":41.15,"lon":-8.61}}},
 "device":null,"authenticationContext":{"externalSessionId":"idx1","rootSessionId":"idx0","authenticationStep":0},
 "outcome":{"result":"FAILURE","reason":"INVALID_CREDENTIALS"},
 "securityContext":{"asNumber":64501,"asOrg":"example hosting","isp":"example hosting","domain":"hosting.example","isProxy":true},
 "debugContext":{"debugData":{"factor":"OKTA_VERIFY_PUSH","pushOnlyResponseType":"OV_RESPONSE_DENY","absent":null,"threatSuspected":true,
  "originalPrincipal":{"id":"00u2","type":"User"},
  "risk":"{reasons=Anomalous Location, New Device, level=HIGH}",
  "behaviors":"{New Geo-Location=POSITIVE, Anomalous Location: Country=X=UNKNOWN, Velocity=NEGATIVE}",
  "logOnlySecurityData":"{\"risk\":{\"reasons\":\"Anomalous Device, Other\",\"level\":\"MEDIUM\"},\"behaviors\":{\"New Device\":\"POSITIVE\",\"Velocity\":\"POSITIVE\"}}",
  "tunnels":"[{\"operator\":null,\"type\":\"VPN\",\"anonymous\":true}]","privilegeGranted":"Super administrator, Read-only Administrator, Application administrator (all)"}},
 "transaction":{"type":"WEB","id":"t1","detail":{"requestApiTokenId":"00T1"}},
 "target":[{"id":"pfd","type":"AuthenticatorEnrollment","displayName":"Okta Verify","detailEntry":{"methodTypeUsed":"Get a push notification"}},
  {"id":"0oa","type":"AppInstance","displayName":"Okta Dashboard","changeDetails":{"from":{"a":1},"to":{"a":2}}}]}`

func TestAnEventAsOktaWritesIt(t *testing.T) {
	t.Parallel()
	e, err := detection.ParseEvent([]byte(denied))
	require.NoError(t, err)
	assert.Equal(t, time.Date(2026, 3, 4, 2, 17, 41, 386e6, time.UTC), e.Published)
	assert.Equal(t, "user.authentication.auth_via_mfa", e.Type)
	assert.Equal(t, "00u1", e.Subject(), "no user is a target, so it is about who acted")
	assert.Empty(t, e.Zone, "the text null is no zone")
	assert.Equal(t, detection.Yes, e.Proxy)
	assert.Equal(t, detection.Unknown, e.Device.Managed)
	assert.Equal(t, detection.Risk{Level: "HIGH", Reasons: []string{"Anomalous Location", "New Device"}}, e.Risk)
	assert.Equal(t, detection.Risk{Level: "MEDIUM", Reasons: []string{"Anomalous Device", "Other"}}, e.LogOnlyRisk)
	assert.Equal(t, "UNKNOWN", e.Behaviours["Anomalous Location: Country=X"], "cut at the last sign")
	assert.Equal(t, "NEGATIVE", e.Behaviour("Velocity"), "what policies used comes first")
	assert.Equal(t, "POSITIVE", e.Behaviour("New Device"))
	assert.Equal(t, []detection.Tunnel{{Type: "VPN", Anonymous: true}}, e.Tunnels())
	assert.Equal(t, []string{"super administrator", "read only administrator", "application administrator"}, e.Roles())
	assert.Equal(t, "true", e.Debug["threatSuspected"], "a flag that is no text")
	assert.NotContains(t, e.Debug, "absent")
	assert.JSONEq(t, `{"id":"00u2","type":"User"}`, e.Debug["originalPrincipal"])
	app, found := e.Target("AppInstance")
	require.True(t, found)
	assert.InDelta(t, 2, app.Changes.To["a"], 0)
	assert.True(t, e.HasPlace)
	assert.InDelta(t, 41.15, e.Lat, 0)
	for path, want := range map[string]any{
		"debugContext.debugData.factor": "OKTA_VERIFY_PUSH", "securityContext.asNumber": 64501.0, "client.id": nil, "device": nil, "target.id": nil, "nothing": nil,
	} {
		got, found := e.Lookup(path)
		assert.Equal(t, want, got, path)
		assert.Equal(t, want != nil, found, path)
	}
	ev := detection.EvidenceOf(e)
	assert.Equal(t, "mira.holt@acme.example", ev.Login)
	assert.Equal(t, "CHROME on Windows 10", ev.Agent)
}

func TestAPasswordInTheWrongBoxIsNotKept(t *testing.T) {
	t.Parallel()
	e := at(0, "user.session.start", "unknown", func(e *detection.Event) { e.Reason, e.Actor.Login = "UNKNOWN_USER", "hunter2" })
	assert.NotContains(t, detection.EvidenceOf(e).Login, "hunter2")
	rule := detection.Rule{ID: "spray", Kind: detection.KindDistinct, Severity: detection.S3, On: on(e.Type), Key: []string{"ip"}, Of: "login", AtLeast: 3, Window: time.Hour}
	eng, s := engine(t, detection.Set{Rules: []detection.Rule{rule}}), detection.NewState()
	e.IP = "203.0.113.9"
	eng.Step(s, detection.Page{Events: []*detection.Event{e}})
	assert.Contains(t, string(s.Encode()), "203.0.113.9")
	assert.NotContains(t, string(s.Encode()), "hunter2")
}

func TestNoEvent(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "[]", "{}", `{"uuid":"x","published":"yesterday","eventType":"y"}`, `{"uuid":"x","published":"2026-03-04T02:17:41Z"}`} {
		_, err := detection.ParseEvent([]byte(text))
		require.Error(t, err, text)
	}
}

func TestRisk(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]detection.Risk{
		"{level=LOW}":                              {Level: "LOW"},
		"Risk{level=LOW}":                          {Level: "LOW"},
		"{level=HIGH, reasons=A, B}":               {Level: "HIGH", Reasons: []string{"A", "B"}},
		"{previousLevel=HIGH, level=LOW}":          {Level: "LOW", Previous: "HIGH"},
		"{reasons=A=1, level=HIGH}":                {Level: "HIGH", Reasons: []string{"A=1"}},
		"{detectionName=X Y, issuer=OKTA, level=}": {Detection: "X Y", Issuer: "OKTA"},
		"nothing": {},
		"":        {},
	} {
		assert.Equal(t, want, detection.ParseRisk(text), text)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	for _, name := range append(detection.Fields(), "target.Policy", "debug.dtHash", "path.client.zone") {
		require.NoError(t, detection.CheckField(name), name)
	}
	for _, name := range []string{"", "sauce", "target.", "debug", "path", "raw.x"} {
		require.ErrorContains(t, detection.CheckField(name), "no field of an event", name)
	}
}
