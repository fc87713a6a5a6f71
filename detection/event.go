package detection

import (
	"encoding/json"
	"strings"
	"time"
)

// Event is one event of an Okta System Log, read once, with what rules ask for most in fields of its own
// (alert-rules §1). What is absent is empty; an absent flag is Unknown and not false.
type Event struct {
	UUID      string
	Published time.Time // event time, UTC, in milliseconds
	Type      string    // case-sensitive
	Severity  string    // Okta's view: DEBUG, INFO, WARN or ERROR
	Outcome   string    // an open set: SUCCESS, FAILURE, DENY, UNANSWERED…
	Reason    string

	Actor   Party
	Targets []Party // their order means nothing

	IP        string
	Zone      string // empty where Okta writes the text "null"
	City      string
	State     string
	Country   string // a full name; Okta gives no codes
	Lat, Lon  float64
	HasPlace  bool // Lat and Lon were given
	ASN       int64
	ASOrg     string
	ISP       string
	Domain    string
	Proxy     Flag
	UserAgent string
	OS        string
	Browser   string
	Kind      string // of the client: Computer, Mobile, Unknown
	ClientID  string // OAuth client of the caller
	TokenID   string // of the API token (SSWS) that made the request

	Device DeviceInfo

	Session     string // null on failed sign-ins
	RootSession string
	Transaction string

	Debug      map[string]string // debugContext.debugData; a value that was no text is its JSON
	Risk       Risk
	Behaviours map[string]string // by name: POSITIVE, NEGATIVE, UNKNOWN, BAD_REQUEST
	// LogOnlyRisk and LogOnlyBehaviours are what Okta computed and no policy used.
	LogOnlyRisk       Risk
	LogOnlyBehaviours map[string]string

	raw     json.RawMessage
	decoded map[string]any
	failed  bool
}

// Flag is true, false or not said.
type Flag int

// The flags.
const (
	Unknown Flag = iota
	Yes
	No
)

// Party is an actor or a target.
type Party struct {
	ID      string
	Type    string // User, AppInstance, UserGroup…: data, not an enumeration
	Login   string // alternateId. On a failed sign-in of an actor it may be a password typed into the wrong box.
	Name    string
	Detail  map[string]any // detailEntry
	Changes Changes
}

// Changes are the changed attributes of a target, before and after.
type Changes struct{ From, To map[string]any }

// DeviceInfo is the registered device of a request; empty when there is none.
type DeviceInfo struct {
	ID, Name, Platform  string
	Managed, Registered Flag
}

// subject is whom an event is about: the user it targets, else the user who acted.
func (e *Event) subject() (Party, bool) {
	for _, t := range e.Targets {
		if t.Type == "User" && t.ID != "" {
			return t, true
		}
	}
	if e.Actor.Type == "User" && e.Actor.ID != "" {
		return e.Actor, true
	}
	return Party{}, false
}

// Subject is the ID of whom an event is about: the user it targets, else the user who acted, else "".
func (e *Event) Subject() string {
	p, _ := e.subject()
	return p.ID
}

// Target is the first target of a type.
func (e *Event) Target(kind string) (Party, bool) {
	for _, t := range e.Targets {
		if t.Type == kind {
			return t, true
		}
	}
	return Party{}, false
}

// Lookup finds a value by its path in the event as Okta wrote it, such as "debugContext.debugData.factor". Numbers are
// float64. A path through a list, and one that ends in null, finds nothing.
func (e *Event) Lookup(path string) (any, bool) {
	if e.decoded == nil && !e.failed && len(e.raw) > 0 {
		if json.Unmarshal(e.raw, &e.decoded) != nil {
			e.failed = true // ParseEvent read it before, so this takes a caller who changed the bytes
		}
	}
	var at any = e.decoded
	for part := range strings.SplitSeq(path, ".") {
		m, is := at.(map[string]any)
		if !is {
			return nil, false
		}
		if at, is = m[part]; !is {
			return nil, false
		}
	}
	return at, at != nil
}
