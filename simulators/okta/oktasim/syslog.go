package oktasim

import (
	"maps"
	"slices"
	"time"
)

// The wire types of the System Log hold exactly the recorded key set (§7).
type (
	logActor struct {
		ID          string `json:"id"`
		Type        string `json:"type"`
		AlternateID string `json:"alternateId"`
		DisplayName string `json:"displayName"`
		DetailEntry object `json:"detailEntry"`
	}

	logTarget struct {
		ID          string `json:"id"`
		Type        string `json:"type"`
		AlternateID string `json:"alternateId"`
		DisplayName string `json:"displayName"`
		DetailEntry object `json:"detailEntry"`
	}

	logGeoPoint struct {
		Lat float64 `json:"lat"`
		Lon float64 `json:"lon"`
	}

	logGeo struct {
		City        *string      `json:"city"`
		State       *string      `json:"state"`
		Country     *string      `json:"country"`
		PostalCode  *string      `json:"postalCode"`
		Geolocation *logGeoPoint `json:"geolocation"`
	}

	logUserAgent struct {
		Raw     string `json:"rawUserAgent"`
		OS      string `json:"os"`
		Browser string `json:"browser"`
	}

	logClient struct {
		UserAgent *logUserAgent `json:"userAgent"`
		Zone      string        `json:"zone"` // the string "null" when none (§7)
		Device    *string       `json:"device"`
		ID        *string       `json:"id"`
		IPAddress *string       `json:"ipAddress"`
		Geo       *logGeo       `json:"geographicalContext"`
	}

	logAuthentication struct {
		AuthenticationProvider *string `json:"authenticationProvider"`
		CredentialProvider     *string `json:"credentialProvider"`
		CredentialType         *string `json:"credentialType"`
		Issuer                 *object `json:"issuer"`
		Interface              *string `json:"interface"`
		AuthenticationStep     int     `json:"authenticationStep"`
		ExternalSessionID      *string `json:"externalSessionId"`
	}

	logOutcome struct {
		Result string  `json:"result"`
		Reason *string `json:"reason"`
	}

	logSecurity struct {
		ASNumber *int    `json:"asNumber"`
		ASOrg    *string `json:"asOrg"`
		ISP      *string `json:"isp"`
		Domain   *string `json:"domain"`
		IsProxy  *bool   `json:"isProxy"`
	}

	logDebug struct {
		Data map[string]any `json:"debugData"`
	}

	logTransaction struct {
		Type   string            `json:"type"`
		ID     string            `json:"id"`
		Detail map[string]string `json:"detail"`
	}

	logIP struct {
		IP      string  `json:"ip"`
		Geo     *logGeo `json:"geographicalContext"`
		Version string  `json:"version"`
		Source  *string `json:"source"`
	}

	logRequest struct {
		Chain []logIP `json:"ipChain"`
	}

	logEvent struct {
		Actor          logActor          `json:"actor"`
		Client         logClient         `json:"client"`
		Device         *object           `json:"device"`
		Authentication logAuthentication `json:"authenticationContext"`
		DisplayMessage string            `json:"displayMessage"`
		EventType      string            `json:"eventType"`
		Outcome        logOutcome        `json:"outcome"`
		Published      string            `json:"published"`
		Security       logSecurity       `json:"securityContext"`
		Severity       string            `json:"severity"`
		Debug          logDebug          `json:"debugContext"`
		Legacy         *string           `json:"legacyEventType"`
		Transaction    logTransaction    `json:"transaction"`
		UUID           string            `json:"uuid"`
		Version        string            `json:"version"`
		Request        logRequest        `json:"request"`
		Target         []logTarget       `json:"target"` // null when empty

		at time.Time // Published as a time
	}
)

// act is who does something, for the System Log.
type act struct {
	actor     logActor
	tokenID   string // transaction.detail.requestApiTokenId, for SSWS
	clientID  string // client.id, for OAuth
	ip        string
	userAgent string
	uri       string
	txType    string // WEB or JOB
	txID      string
	now       time.Time
}

// systemAct is the vendor acting by itself: rules, fan-out, clean-up.
func systemAct(now time.Time) act {
	return act{
		actor:  logActor{ID: "SystemPrincipal", Type: "SystemPrincipal", AlternateID: "system@okta.com", DisplayName: "Okta System"},
		txType: "JOB", txID: "ps" + randomText(20), now: now,
	}
}

func clientActor(id, name string) logActor {
	return logActor{ID: id, Type: "PublicClientApp", AlternateID: id, DisplayName: name}
}

// by is the caller of this request as the System Log shows it.
func (c *call) by() act {
	a := act{txType: "WEB", txID: c.id, now: c.now, userAgent: c.req.UserAgent(), uri: c.req.URL.Path, ip: clientIP(c.req)}
	if c.who.kind == kindClient {
		a.clientID = c.who.id
		a.actor = clientActor(c.who.id, c.who.display)
		return a
	}
	a.tokenID = c.who.id
	if u, found := c.s.st.users[c.who.userID]; found {
		a.actor = logActor{ID: u.id, Type: "User", AlternateID: u.login(), DisplayName: u.displayName()}
	}
	return a
}

// emit writes a SUCCESS event.
func (s *Server) emit(by act, eventType string, targets ...logTarget) {
	s.emitOutcome(by, eventType, "SUCCESS", "", targets...)
}

func (s *Server) emitOutcome(by act, eventType, result, reason string, targets ...logTarget) {
	text := eventTexts[eventType]
	ev := &logEvent{
		Actor: by.actor, EventType: eventType, DisplayMessage: text.message, Severity: text.severity,
		Outcome: logOutcome{Result: result, Reason: optional(reason)}, Legacy: optional(text.legacy),
		Client: logClient{Zone: "null", ID: optional(by.clientID), IPAddress: optional(by.ip)},
		Debug:  logDebug{Data: map[string]any{}}, Transaction: logTransaction{Type: by.txType, ID: by.txID, Detail: map[string]string{}},
		UUID: newUUID(), Version: "0", Request: logRequest{Chain: []logIP{}}, Target: targets, at: by.now,
	}
	if ev.Severity == "" {
		ev.Severity = "INFO"
	}
	if by.tokenID != "" {
		ev.Transaction.Detail["requestApiTokenId"] = by.tokenID
	}
	if by.userAgent != "" {
		ev.Client.UserAgent = &logUserAgent{Raw: by.userAgent, OS: "Unknown", Browser: "UNKNOWN"}
	}
	if by.uri != "" {
		ev.Debug.Data["requestId"], ev.Debug.Data["requestUri"], ev.Debug.Data["url"] = by.txID, by.uri, by.uri+"?"
	}
	if by.ip != "" {
		ev.Request.Chain = append(ev.Request.Chain, logIP{IP: by.ip, Version: ipVersion(by.ip)})
	}
	s.record(ev)
}

// record stores an event and offers it to the event hooks.
func (s *Server) record(ev *logEvent) {
	ev.Published = formatTime(ev.at)
	s.log.add(ev, s.now().Add(s.opts.LogLag))
	s.offerToHooks(ev)
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// eventLog is the log in the order the vendor stored it. That order, not published, is what polling follows (§7).
type eventLog struct {
	events  []*logEvent
	visible []time.Time // when each becomes readable through /logs
}

func (l *eventLog) add(ev *logEvent, visible time.Time) {
	l.events, l.visible = append(l.events, ev), append(l.visible, visible)
}

func (l *eventLog) revealAll() {
	for i := range l.visible {
		l.visible[i] = time.Time{}
	}
}

// readable is how many events, from the first, may be read at now.
func (l *eventLog) readable(now time.Time) int {
	n := len(l.events)
	for n > 0 && l.visible[n-1].After(now) {
		n--
	}
	return n
}

// Event is one System Log entry as the admin surface and tests see it.
type Event struct {
	UUID        string            `json:"uuid"`
	Published   time.Time         `json:"published"`
	EventType   string            `json:"eventType"`
	ActorID     string            `json:"actorId"`
	ActorType   string            `json:"actorType"`
	Outcome     string            `json:"outcome"`
	TokenID     string            `json:"requestApiTokenId,omitempty"` // set when an SSWS token acted
	ClientID    string            `json:"clientId,omitempty"`          // set when an OAuth client acted
	RequestURI  string            `json:"requestUri,omitempty"`
	TargetIDs   []string          `json:"targetIds"`
	TargetNames map[string]string `json:"targetNames"` // target type to display name; the last of a type wins
}

// Log returns the whole System Log, oldest first, including what /logs does not show yet.
func (s *Server) Log() []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Event, 0, len(s.log.events))
	for _, ev := range s.log.events {
		e := Event{
			UUID: ev.UUID, Published: ev.at, EventType: ev.EventType, ActorID: ev.Actor.ID, ActorType: ev.Actor.Type,
			Outcome: ev.Outcome.Result, TokenID: ev.Transaction.Detail["requestApiTokenId"], TargetIDs: []string{}, TargetNames: map[string]string{},
		}
		if ev.Client.ID != nil {
			e.ClientID = *ev.Client.ID
		}
		if uri, isText := ev.Debug.Data["requestUri"].(string); isText {
			e.RequestURI = uri
		}
		for _, t := range ev.Target {
			e.TargetIDs = append(e.TargetIDs, t.ID)
			e.TargetNames[t.Type] = t.DisplayName
		}
		out = append(out, e)
	}
	return out
}

// clone is a copy that later changes of the original do not show in.
func (ev *logEvent) clone() *logEvent {
	c := *ev
	c.Debug.Data, c.Target = maps.Clone(ev.Debug.Data), slices.Clone(ev.Target)
	return &c
}
