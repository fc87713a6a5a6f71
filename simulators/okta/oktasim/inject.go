package oktasim

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Inject writes events into the System Log as if the vendor had seen them: the way to play sign-ins, threats and other
// things no API call does. raw is one event in the vendor's form; what it leaves out is filled in. A published time in the
// past makes a late event. The event type must be in the vendor's catalogue.
func (s *Server) Inject(raw json.RawMessage) (uuid string, err error) {
	var ev logEvent
	if err := json.Unmarshal(raw, &ev); err != nil {
		return "", fmt.Errorf("not a System Log event: %w", err)
	}
	if ev.EventType == "" {
		return "", errors.New("not a System Log event: eventType is required")
	}
	if _, known := hookEligible(ev.EventType); !known {
		return "", fmt.Errorf("event type %q is not in Okta's catalogue", ev.EventType)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	ev.at = s.now()
	if ev.Published != "" {
		at, err := time.Parse(time.RFC3339Nano, ev.Published)
		if err != nil {
			return "", fmt.Errorf("published %q: want RFC 3339, such as 2026-01-02T15:04:05.000Z", ev.Published)
		}
		ev.at = at.UTC()
	}
	ev.complete()
	s.record(&ev)
	return ev.UUID, nil
}

func (ev *logEvent) complete() {
	text := eventTexts[ev.EventType]
	fill := func(field *string, byDefault string) {
		if *field == "" {
			*field = byDefault
		}
	}
	fill(&ev.DisplayMessage, text.message)
	fill(&ev.Severity, text.severity)
	fill(&ev.Severity, "INFO")
	fill(&ev.Outcome.Result, "SUCCESS")
	fill(&ev.UUID, newUUID())
	fill(&ev.Version, "0")
	fill(&ev.Client.Zone, "null")
	fill(&ev.Transaction.Type, "WEB")
	fill(&ev.Transaction.ID, requestID())
	fill(&ev.Actor.Type, "User")
	fill(&ev.Actor.ID, "unknown")
	fill(&ev.Actor.AlternateID, "unknown")
	if ev.Debug.Data == nil {
		ev.Debug.Data = map[string]any{}
	}
	if ev.Transaction.Detail == nil {
		ev.Transaction.Detail = map[string]string{}
	}
	if ev.Request.Chain == nil {
		ev.Request.Chain = []logIP{}
	}
}
