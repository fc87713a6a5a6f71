package freshservice

import (
	"bytes"
	"encoding/json"
	"math/big"
	"reflect"
	"strings"
	"time"
)

var (
	unmarshaler = reflect.TypeFor[json.Unmarshaler]()
	timeType    = reflect.TypeFor[time.Time]()
)

// loosen rewrites raw so that its scalars fit the types of v: numbers in strings become numbers and the reverse, flags
// in strings become flags, times in the vendor's other layouts become RFC 3339, a lone value becomes a list of one,
// an empty string where a number, flag or time belongs becomes null. What fits nothing stays, for json to complain of.
func loosen(raw []byte, v any) ([]byte, error) {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber() // ids have eleven digits and more
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	return json.Marshal(bend(tree, reflect.TypeOf(v)))
}

func bend(v any, t reflect.Type) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if v == nil {
		return nil
	}
	if t == timeType {
		return bendTime(v)
	}
	if reflect.PointerTo(t).Implements(unmarshaler) {
		return v // the type knows its own shapes
	}
	switch t.Kind() { //nolint:exhaustive // the kinds that our types hold; others stay as they are
	case reflect.Struct:
		if m, ok := v.(map[string]any); ok {
			bendStruct(m, t)
		}
	case reflect.Map:
		if m, ok := v.(map[string]any); ok {
			for k := range m {
				m[k] = bend(m[k], t.Elem())
			}
		}
	case reflect.Slice:
		return bendSlice(v, t)
	case reflect.String:
		return bendString(v)
	case reflect.Bool:
		return bendBool(v)
	case reflect.Int, reflect.Int64:
		return bendInt(v)
	}
	return v
}

func bendSlice(v any, t reflect.Type) any {
	list, ok := v.([]any)
	if !ok {
		if v == "" {
			return nil
		}
		list = []any{v}
	}
	for i := range list {
		list[i] = bend(list[i], t.Elem())
	}
	return list
}

func bendStruct(m map[string]any, t reflect.Type) {
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			bendStruct(m, f.Type)
		case name != "" && name != "-":
			if v, ok := m[name]; ok {
				m[name] = bend(v, f.Type)
			}
		}
	}
}

func bendString(v any) any {
	switch x := v.(type) {
	case json.Number:
		return x.String()
	case bool:
		if x {
			return "true"
		}
		return "false"
	}
	return v
}

func bendInt(v any) any {
	var text string
	switch x := v.(type) {
	case json.Number:
		text = x.String()
	case string:
		text = strings.TrimSpace(x)
		if text == "" {
			return nil
		}
	default:
		return v
	}
	if len(text) > 40 {
		return v
	}
	f, ok := new(big.Float).SetString(text) // 2.0 and 1e3 are whole numbers too
	if !ok || !f.IsInt() {
		return v
	}
	if n, accuracy := f.Int64(); accuracy == big.Exact {
		return n
	}
	return v
}

func bendBool(v any) any {
	text, ok := bendString(v).(string)
	if !ok {
		return v
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "1":
		return true
	case "false", "0":
		return false
	case "":
		return nil
	}
	return v
}

func bendTime(v any) any {
	text, ok := v.(string)
	if !ok {
		return v
	}
	if strings.TrimSpace(text) == "" {
		return nil
	}
	if at, err := ParseTime(text); err == nil {
		return at.Format(time.RFC3339Nano)
	}
	return v
}
