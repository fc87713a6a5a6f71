package freshsim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// checkAnswer holds a form answer to its field type and gives the value to store. The problem is empty when it fits;
// null always does. Field types are those of reference §5.1.
func checkAnswer(kind string, choices []string, v any, loose bool) (stored any, problem string) {
	if v == nil {
		return nil, ""
	}
	switch kind {
	case "custom_number", "custom_big_number", "custom_lookup_bigint", "custom_lookup":
		n, ok := toInt(v, loose)
		if !ok {
			return nil, "It should be a/an Integer"
		}
		return n, ""
	case "custom_decimal":
		f, err := strconv.ParseFloat(fmt.Sprint(v), 64)
		if err != nil {
			return nil, "It should be a/an Float"
		}
		return f, ""
	case "custom_checkbox":
		switch b := v.(type) {
		case bool:
			return b, ""
		case string:
			if loose && (b == "true" || b == "false") {
				return b == "true", ""
			}
		}
		return nil, msgBoolean
	case "custom_multi_select_dropdown", "custom_multi_lookup":
		return checkMany(kind, choices, v, loose)
	case "custom_date", "custom_date_time":
		s, ok := v.(string)
		if !ok {
			return nil, msgDate
		}
		if _, ok := parseTime(s); !ok && s != "" {
			return nil, msgDate
		}
		return s, ""
	}
	s, ok := v.(string)
	if !ok {
		return nil, msgString
	}
	dropdown := kind == "custom_dropdown" || kind == "nested_field"
	if dropdown && s != "" && len(choices) > 0 && !slices.Contains(choices, s) {
		return nil, oneOfMessage(choices)
	}
	if kind == "custom_url" && s != "" && !strings.HasPrefix(s, "http://") && !strings.HasPrefix(s, "https://") {
		return nil, "It should be a valid URL"
	}
	return s, ""
}

func checkMany(kind string, choices []string, v any, loose bool) (any, string) {
	values, ok := v.([]any)
	if !ok {
		return nil, msgArray
	}
	out := make([]any, 0, len(values))
	for _, e := range values {
		switch e := e.(type) {
		case json.Number:
			if kind != "custom_multi_lookup" {
				return nil, oneOfMessage(choices)
			}
			n, _ := toInt(e, loose)
			out = append(out, n)
		case string:
			if kind != "custom_multi_lookup" && !slices.Contains(choices, e) {
				return nil, oneOfMessage(choices)
			}
			out = append(out, e)
		default:
			return nil, msgString
		}
	}
	return out, ""
}
