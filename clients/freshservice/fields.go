package freshservice

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Fields holds custom fields and form answers by the field's name: snake_case without a prefix on tickets, items and
// people, with cf_ or msf_ in onboarding (reference §11.9). Values are nil, string, bool, int64, float64, []any and
// map[string]any; whole numbers are always int64, because ids do not fit into a float's printed form.
type Fields map[string]any

// UnmarshalJSON reads an object, or null as no fields.
func (f *Fields) UnmarshalJSON(raw []byte) error {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return err
	}
	switch m := plain(tree).(type) {
	case nil:
		*f = nil
	case map[string]any:
		*f = m
	case []any:
		if len(m) > 0 { // an empty object is sometimes written as an empty list
			return fmt.Errorf("custom fields are a list of %d, expected an object", len(m))
		}
		*f = nil
	default:
		return fmt.Errorf("custom fields are a %T, expected an object", m)
	}
	return nil
}

func plain(v any) any {
	switch x := v.(type) {
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return n
		}
		if n, err := x.Float64(); err == nil {
			return n
		}
		return x.String()
	case []any:
		for i := range x {
			x[i] = plain(x[i])
		}
	case map[string]any:
		for k := range x {
			x[k] = plain(x[k])
		}
	}
	return v
}

// Text gives the value of name as text: numbers in digits, flags as true or false, a list joined by ", ", an object by
// its name or value. Missing and null give "".
func (f Fields) Text(name string) string { return textOf(f[name]) }

func textOf(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(x)
	case bool:
		return strconv.FormatBool(x)
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64)
	case []any:
		parts := make([]string, 0, len(x))
		for _, e := range x {
			parts = append(parts, textOf(e))
		}
		return strings.Join(parts, ", ")
	case map[string]any:
		for _, key := range []string{"value", "name", "id"} {
			if t := textOf(x[key]); t != "" {
				return t
			}
		}
		return ""
	}
	return fmt.Sprint(v)
}

// Texts gives the value of name as a list; a single value is a list of one. Empty parts are left out.
func (f Fields) Texts(name string) []string {
	list, ok := f[name].([]any)
	if !ok {
		list = []any{f[name]}
	}
	var out []string
	for _, e := range list {
		if t := textOf(e); t != "" {
			out = append(out, t)
		}
	}
	return out
}

// Int gives the value of name as a whole number, from a number, digits in a string, or an object's id.
func (f Fields) Int(name string) (int64, bool) {
	switch x := f[name].(type) {
	case int64:
		return x, true
	case float64:
		return int64(x), x == float64(int64(x))
	case string:
		n, err := strconv.ParseInt(strings.TrimSpace(x), 10, 64)
		return n, err == nil
	case map[string]any:
		n, ok := x["id"].(int64)
		return n, ok
	}
	return 0, false
}

// Bool gives the value of name as a flag; "true", "yes" and "1" are true.
func (f Fields) Bool(name string) bool {
	return slices.Contains([]string{"true", "yes", "1"}, strings.ToLower(f.Text(name)))
}

// Date gives the value of name as a calendar date at midnight UTC, see [ParseDate].
func (f Fields) Date(name string) (time.Time, bool) {
	at, err := ParseDate(f.Text(name))
	return at, err == nil
}
