package detection

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A field names a text of an event, for keys, distinct counts and silences: a word of Fields, "target.<Type>" (the ID of
// the first target of that type), "debug.<key>" (debugData), "path.<path>" (Lookup), or "org", which is the same for
// every event.

// fieldOrg is the field of rules that have one incident for the whole organisation.
const fieldOrg = "org"

type getter func(*Event) (string, bool)

var errNoField = errors.New("no field of an event")

func given(s string) (string, bool) { return s, s != "" }

// plainFields are the fields that are one word.
func plainFields() map[string]getter {
	return map[string]getter{
		fieldOrg:       func(*Event) (string, bool) { return fieldOrg, true },
		"subject":      func(e *Event) (string, bool) { return given(e.Subject()) },
		"actor":        func(e *Event) (string, bool) { return given(e.Actor.ID) },
		"actor_type":   func(e *Event) (string, bool) { return given(e.Actor.Type) },
		"login":        func(e *Event) (string, bool) { return given(e.Actor.Login) },
		"user":         target("User"),
		"app":          target("AppInstance"),
		"group":        target("UserGroup"),
		"type":         func(e *Event) (string, bool) { return given(e.Type) },
		"outcome":      func(e *Event) (string, bool) { return given(e.Outcome) },
		"reason":       func(e *Event) (string, bool) { return given(e.Reason) },
		"ip":           func(e *Event) (string, bool) { return given(e.IP) },
		"zone":         func(e *Event) (string, bool) { return given(e.Zone) },
		"city":         func(e *Event) (string, bool) { return given(e.City) },
		"country":      func(e *Event) (string, bool) { return given(e.Country) },
		"asn":          func(e *Event) (string, bool) { return strconv.FormatInt(e.ASN, 10), e.ASN != 0 },
		"isp":          func(e *Event) (string, bool) { return given(e.ISP) },
		"os":           func(e *Event) (string, bool) { return given(e.OS) },
		"browser":      func(e *Event) (string, bool) { return given(e.Browser) },
		"user_agent":   func(e *Event) (string, bool) { return given(e.UserAgent) },
		"device":       func(e *Event) (string, bool) { return given(e.Device.ID) },
		"client":       func(e *Event) (string, bool) { return given(e.ClientID) },
		"token":        func(e *Event) (string, bool) { return given(e.TokenID) },
		"session":      func(e *Event) (string, bool) { return given(e.Session) },
		"root_session": func(e *Event) (string, bool) { return given(e.RootSession) },
		"transaction":  func(e *Event) (string, bool) { return given(e.Transaction) },
		"uuid":         func(e *Event) (string, bool) { return given(e.UUID) },
	}
}

func target(kind string) getter {
	return func(e *Event) (string, bool) {
		t, found := e.Target(kind)
		return t.ID, found && t.ID != ""
	}
}

// Fields lists the fields that are one word.
func Fields() []string {
	var names []string
	for name := range plainFields() {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// fieldOf finds the reader of a field.
func fieldOf(name string) (getter, error) {
	if get, is := plainFields()[name]; is {
		return get, nil
	}
	prefix, rest, _ := strings.Cut(name, ".")
	if rest != "" {
		switch prefix {
		case "target":
			return target(rest), nil
		case "debug":
			return func(e *Event) (string, bool) { return given(e.Debug[rest]) }, nil
		case "path":
			return func(e *Event) (string, bool) { return e.text(rest) }, nil
		}
	}
	return nil, fmt.Errorf("%q is %w: use one of %s, or target.<Type>, debug.<key>, path.<path>", name, errNoField, strings.Join(Fields(), ", "))
}

// CheckField says what is wrong with the name of a field; nil when nothing is.
func CheckField(name string) error {
	_, err := fieldOf(name)
	return err
}

// text is the value at a path as a text; lists and objects have none.
func (e *Event) text(path string) (string, bool) {
	v, found := e.Lookup(path)
	if !found {
		return "", false
	}
	switch x := v.(type) {
	case string:
		return given(x)
	case bool:
		return strconv.FormatBool(x), true
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), true
	default:
		return "", false
	}
}
