package detection

import (
	"encoding/json"
	"slices"
	"strings"
)

// Risk is what debugData.risk says, taken apart; empty where it says nothing.
type Risk struct {
	Level     string // LOW, MEDIUM, HIGH
	Previous  string
	Detection string // the name of the detection (Identity Threat Protection)
	Issuer    string
	Reasons   []string
}

// riskKeys are the only words before which the text of a risk may be cut: its reasons hold commas (alert-rules §1.2).
func riskKeys() []string {
	return []string{"reasons", "level", "previousLevel", "detectionName", "issuer"}
}

// ParseRisk reads `{reasons=Anomalous Location, New Device, level=HIGH}`, whatever the order of its keys, and the older
// `Risk{level=LOW}`.
func ParseRisk(text string) Risk {
	_, body, found := strings.Cut(text, "{")
	if !found {
		return Risk{}
	}
	body, _, _ = strings.Cut(body, "}")
	values := map[string]string{}
	key := ""
	for part := range strings.SplitSeq(body, ", ") {
		if name, value, is := cutKnown(part); is {
			key = name
			values[key] = value
		} else if key != "" {
			values[key] += ", " + part
		}
	}
	r := Risk{
		Level: values["level"], Previous: values["previousLevel"], Detection: values["detectionName"],
		Issuer: values["issuer"],
	}
	if reasons := values["reasons"]; reasons != "" {
		r.Reasons = strings.Split(reasons, ", ")
	}
	return r
}

func cutKnown(part string) (key, value string, known bool) {
	key, value, found := strings.Cut(strings.TrimSpace(part), "=")
	if !found {
		return "", "", false
	}
	if !slices.Contains(riskKeys(), key) {
		return "", "", false
	}
	return key, strings.TrimSpace(value), true
}

// ParseBehaviours reads `{New Device=POSITIVE, Velocity=NEGATIVE}`. A name may hold "=", so each part is cut at its last.
func ParseBehaviours(text string) map[string]string {
	text = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(text), "{"), "}")
	found := map[string]string{}
	for part := range strings.SplitSeq(text, ", ") {
		if at := strings.LastIndexByte(part, '='); at > 0 {
			found[strings.TrimSpace(part[:at])] = strings.TrimSpace(part[at+1:])
		}
	}
	return found
}

func (e *Event) readRisk() {
	if text := e.Debug["risk"]; text != "" {
		e.Risk = ParseRisk(text)
	}
	if text := e.Debug["behaviors"]; text != "" {
		e.Behaviours = ParseBehaviours(text)
	}
	text := e.Debug["logOnlySecurityData"]
	if text == "" {
		return
	}
	var only struct { // a second JSON inside the text (alert-rules §1.2)
		Risk struct {
			Level   string `json:"level"`
			Reasons string `json:"reasons"`
		} `json:"risk"`
		Behaviours map[string]string `json:"behaviors"`
	}
	if json.Unmarshal([]byte(text), &only) != nil {
		return // debugData has no contract: what cannot be read is absent
	}
	e.LogOnlyRisk.Level, e.LogOnlyBehaviours = only.Risk.Level, only.Behaviours
	if only.Risk.Reasons != "" {
		e.LogOnlyRisk.Reasons = strings.Split(only.Risk.Reasons, ", ")
	}
}

// Behaviour is what Okta says of a behaviour by name: what policies used, else what it only logged; "" when neither.
func (e *Event) Behaviour(name string) string {
	if v := e.Behaviours[name]; v != "" {
		return v
	}
	return e.LogOnlyBehaviours[name]
}

// Tunnel is a VPN or proxy that the request came through.
type Tunnel struct {
	Operator  string `json:"operator"`
	Type      string `json:"type"`
	Anonymous bool   `json:"anonymous"`
}

// Tunnels reads debugData.tunnels; none when it is absent or cannot be read.
func (e *Event) Tunnels() []Tunnel {
	text := e.Debug["tunnels"]
	if text == "" {
		return nil
	}
	var list []Tunnel
	if json.Unmarshal([]byte(text), &list) != nil {
		return nil
	}
	return list
}

// Roles are the administrator roles of debugData.privilegeGranted or privilegeRevoked: all that are held now, not what
// was added. They are compared in lower case, without hyphens and "(all)" (alert-rules §2.2, OKTA-14).
func (e *Event) Roles() []string {
	text := e.Debug["privilegeGranted"]
	if text == "" {
		text = e.Debug["privilegeRevoked"]
	}
	var roles []string
	for part := range strings.SplitSeq(text, ",") {
		role := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(part, "-", " "), "(all)", ""))
		if role = strings.Join(strings.Fields(role), " "); role != "" {
			roles = append(roles, role)
		}
	}
	return roles
}
