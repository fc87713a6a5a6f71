package detection

import (
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// Evidence is what is kept of an event for the story of an incident.
type Evidence struct {
	UUID    string
	At      time.Time // UTC, milliseconds
	Type    string
	Outcome string
	Reason  string
	Subject string
	Login   string // of the subject; empty for an unknown user, whose login may be a password in the wrong box
	IP      string
	City    string
	Country string
	App     string // the name of the app
	Agent   string // browser and system
	Device  string
	Risk    string // the level
}

// EvidenceOf takes what is kept of an event.
func EvidenceOf(e *Event) Evidence {
	ev := Evidence{
		UUID: e.UUID, At: e.Published, Type: e.Type, Outcome: e.Outcome, Reason: e.Reason, IP: e.IP, City: e.City,
		Country: e.Country, Agent: e.Browser, Device: e.Device.Name, Risk: e.Risk.Level,
	}
	if e.OS != "" {
		ev.Agent = e.Browser + " on " + e.OS
	}
	if who, is := e.subject(); is && e.Reason != "UNKNOWN_USER" {
		ev.Subject, ev.Login = who.ID, who.Login
	}
	if app, is := e.Target("AppInstance"); is {
		ev.App = app.Name
	}
	return ev
}

// digest stands for a value that is only told apart: values may be passwords typed into the wrong box, and a state is
// written to disk.
func digest(value string) uint64 {
	sum := sha256.Sum256([]byte(value))
	return binary.BigEndian.Uint64(sum[:8])
}
