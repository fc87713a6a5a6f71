package okta

import (
	"encoding/json"
	"errors"
	"time"
)

// LogEvent is one event of the System Log. It is read leniently: a field of an unexpected type stays empty rather than
// losing the event, and Raw always holds the whole.
type LogEvent struct {
	UUID        string // dedupe on it
	Published   time.Time
	Type        string // eventType: "user.session.start"
	Severity    string // "DEBUG", "INFO", "WARN", "ERROR"
	Message     string // displayMessage
	Actor       LogParty
	Targets     []LogParty // may be none; their order says nothing: select by Type
	Outcome     LogOutcome
	Client      LogClient
	Transaction LogTransaction
	// ExternalSessionID ties the events of one session together.
	ExternalSessionID string
	// DebugData has no contract: mostly strings, booleans among them written as text (okta-api.md §10.25).
	DebugData map[string]json.RawMessage
	Raw       json.RawMessage // the event as sent
}

// LogParty is somebody or something in an event: "User", "UserGroup", "AppInstance", "PublicClientApp", …
type LogParty struct {
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	AlternateID string          `json:"alternateId"` // a login, mostly
	DisplayName string          `json:"displayName"`
	Detail      json.RawMessage `json:"detailEntry"`
}

// LogOutcome is how it ended.
type LogOutcome struct {
	Result string `json:"result"` // "SUCCESS", "FAILURE", "DENY", "CHALLENGE", …
	Reason string `json:"reason"`
}

// LogClient is where the request came from.
type LogClient struct {
	ID        string `json:"id"` // OAuth client, if any
	IP        string `json:"ipAddress"`
	Device    string `json:"device"`
	Zone      string `json:"zone"` // the text "null" when none
	UserAgent struct {
		Raw     string `json:"rawUserAgent"`
		OS      string `json:"os"`
		Browser string `json:"browser"`
	} `json:"userAgent"`
	Place struct {
		City    string `json:"city"`
		State   string `json:"state"`
		Country string `json:"country"`
	} `json:"geographicalContext"`
}

// LogTransaction ties the events of one request or job together.
type LogTransaction struct {
	Type   string `json:"type"` // "WEB" or "JOB"
	ID     string `json:"id"`
	Detail struct {
		// RequestAPITokenID is the API token that asked, by which we know our own changes.
		RequestAPITokenID string `json:"requestApiTokenId"`
	} `json:"detail"`
}

// Debug is an entry of DebugData as text: "" when absent, other types than strings as their JSON.
func (e *LogEvent) Debug(key string) string {
	raw, ok := e.DebugData[key]
	if !ok {
		return ""
	}
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return string(raw)
}

// Target is the first target of a type, or false.
func (e *LogEvent) Target(kind string) (LogParty, bool) {
	for _, t := range e.Targets {
		if t.Type == kind {
			return t, true
		}
	}
	return LogParty{}, false
}

// eventWire is a LogEvent as Okta sends it.
type eventWire struct{ event LogEvent }

func (w eventWire) plain() LogEvent { return w.event }

// UnmarshalJSON reads what it understands.
func (w *eventWire) UnmarshalJSON(data []byte) error {
	var wire struct {
		UUID           string         `json:"uuid"`
		Published      string         `json:"published"`
		EventType      string         `json:"eventType"`
		Severity       string         `json:"severity"`
		DisplayMessage string         `json:"displayMessage"`
		Actor          LogParty       `json:"actor"`
		Target         []LogParty     `json:"target"`
		Outcome        LogOutcome     `json:"outcome"`
		Client         LogClient      `json:"client"`
		Transaction    LogTransaction `json:"transaction"`
		Authentication struct {
			ExternalSessionID string `json:"externalSessionId"`
		} `json:"authenticationContext"`
		Debug struct {
			Data map[string]json.RawMessage `json:"debugData"`
		} `json:"debugContext"`
	}
	// A field of another type is skipped and the rest still read; anything worse is not an event.
	var mismatch *json.UnmarshalTypeError
	if err := json.Unmarshal(data, &wire); err != nil && !errors.As(err, &mismatch) {
		return err
	}
	published, err := time.Parse(time.RFC3339, wire.Published)
	if err != nil {
		published = time.Time{}
	}
	w.event = LogEvent{
		UUID: wire.UUID, Published: published, Type: wire.EventType, Severity: wire.Severity, Message: wire.DisplayMessage,
		Actor: wire.Actor, Targets: wire.Target, Outcome: wire.Outcome, Client: wire.Client, Transaction: wire.Transaction,
		ExternalSessionID: wire.Authentication.ExternalSessionID, DebugData: wire.Debug.Data,
		Raw: append(json.RawMessage(nil), data...),
	}
	return nil
}
