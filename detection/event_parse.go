package detection

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

type wireParty struct {
	ID            string         `json:"id"`
	Type          string         `json:"type"`
	AlternateID   string         `json:"alternateId"`
	DisplayName   string         `json:"displayName"`
	DetailEntry   map[string]any `json:"detailEntry"`
	ChangeDetails *struct {
		From map[string]any `json:"from"`
		To   map[string]any `json:"to"`
	} `json:"changeDetails"`
}

// wireEvent names what is read of an event; everything but uuid, published and eventType may be null (alert-rules §1.1).
type wireEvent struct {
	UUID      string      `json:"uuid"`
	Published string      `json:"published"`
	EventType string      `json:"eventType"`
	Severity  string      `json:"severity"`
	Actor     wireParty   `json:"actor"`
	Target    []wireParty `json:"target"`
	Outcome   struct {
		Result string `json:"result"`
		Reason string `json:"reason"`
	} `json:"outcome"`
	Client struct {
		ID        string `json:"id"`
		IPAddress string `json:"ipAddress"`
		Device    string `json:"device"`
		Zone      string `json:"zone"`
		UserAgent struct {
			Raw     string `json:"rawUserAgent"`
			OS      string `json:"os"`
			Browser string `json:"browser"`
		} `json:"userAgent"`
		Place struct {
			City        string `json:"city"`
			State       string `json:"state"`
			Country     string `json:"country"`
			Geolocation *struct {
				Lat float64 `json:"lat"`
				Lon float64 `json:"lon"`
			} `json:"geolocation"`
		} `json:"geographicalContext"`
	} `json:"client"`
	Device struct {
		ID         string `json:"id"`
		Name       string `json:"name"`
		Platform   string `json:"os_platform"`
		Managed    *bool  `json:"managed"`
		Registered *bool  `json:"registered"`
	} `json:"device"`
	Authentication struct {
		Session string `json:"externalSessionId"`
		Root    string `json:"rootSessionId"`
	} `json:"authenticationContext"`
	Security struct {
		ASNumber int64  `json:"asNumber"`
		ASOrg    string `json:"asOrg"`
		ISP      string `json:"isp"`
		Domain   string `json:"domain"`
		IsProxy  *bool  `json:"isProxy"`
	} `json:"securityContext"`
	Transaction struct {
		ID     string `json:"id"`
		Detail struct {
			TokenID string `json:"requestApiTokenId"`
		} `json:"detail"`
	} `json:"transaction"`
	Debug struct {
		Data map[string]json.RawMessage `json:"debugData"`
	} `json:"debugContext"`
}

var errNoEvent = errors.New("it has no uuid, published or eventType")

// ParseEvent reads one event as Okta's /logs and event hooks write it. It keeps raw for Lookup: leave it unchanged.
func ParseEvent(raw []byte) (*Event, error) {
	var w wireEvent
	if err := json.Unmarshal(raw, &w); err != nil {
		return nil, fmt.Errorf("read a System Log event: %w", err)
	}
	if w.UUID == "" || w.Published == "" || w.EventType == "" {
		return nil, fmt.Errorf("read a System Log event: %w", errNoEvent)
	}
	published, err := time.Parse(time.RFC3339, w.Published)
	if err != nil {
		return nil, fmt.Errorf("read the time of a System Log event: %w", err)
	}
	e := &Event{
		UUID: w.UUID, Published: published.UTC().Truncate(time.Millisecond), Type: w.EventType, Severity: w.Severity,
		Outcome: w.Outcome.Result, Reason: w.Outcome.Reason, Actor: w.Actor.party(),
		IP: w.Client.IPAddress, Zone: w.Client.Zone, City: w.Client.Place.City, State: w.Client.Place.State,
		Country: w.Client.Place.Country, ASN: w.Security.ASNumber, ASOrg: w.Security.ASOrg, ISP: w.Security.ISP,
		Domain: w.Security.Domain, Proxy: flagOf(w.Security.IsProxy), UserAgent: w.Client.UserAgent.Raw,
		OS: w.Client.UserAgent.OS, Browser: w.Client.UserAgent.Browser, Kind: w.Client.Device, ClientID: w.Client.ID,
		TokenID: w.Transaction.Detail.TokenID,
		Device: DeviceInfo{
			ID: w.Device.ID, Name: w.Device.Name, Platform: w.Device.Platform,
			Managed: flagOf(w.Device.Managed), Registered: flagOf(w.Device.Registered),
		},
		Session: w.Authentication.Session, RootSession: w.Authentication.Root, Transaction: w.Transaction.ID,
		Debug: debugTexts(w.Debug.Data), raw: raw,
	}
	if e.Zone == "null" {
		e.Zone = ""
	}
	if g := w.Client.Place.Geolocation; g != nil {
		e.Lat, e.Lon, e.HasPlace = g.Lat, g.Lon, true
	}
	for _, t := range w.Target {
		e.Targets = append(e.Targets, t.party())
	}
	e.readRisk()
	return e, nil
}

func (w wireParty) party() Party {
	p := Party{ID: w.ID, Type: w.Type, Login: w.AlternateID, Name: w.DisplayName, Detail: w.DetailEntry}
	if w.ChangeDetails != nil {
		p.Changes = Changes{From: w.ChangeDetails.From, To: w.ChangeDetails.To}
	}
	return p
}

func flagOf(b *bool) Flag {
	switch {
	case b == nil:
		return Unknown
	case *b:
		return Yes
	default:
		return No
	}
}

// debugTexts reads a map that is text to text, mostly: one known value is an object (alert-rules §1.2).
func debugTexts(data map[string]json.RawMessage) map[string]string {
	if len(data) == 0 {
		return nil
	}
	texts := make(map[string]string, len(data))
	for key, value := range data {
		var text string
		switch {
		case string(value) == "null": // absent
		case json.Unmarshal(value, &text) == nil:
			texts[key] = text
		default:
			texts[key] = string(value)
		}
	}
	return texts
}
