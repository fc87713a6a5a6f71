package oktasim

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

const duplicateText = "An object with this field already exists in the current organization"

// checkProfile validates a whole profile as it would be after the write. self is the user's own id, empty on create;
// changed says which attributes the request named, and where is the object the summary names when none is at fault.
func (st *state) checkProfile(profile map[string]any, self, where string) error {
	for name := range profile {
		isBase := isBaseAttribute(name)
		if _, isCustom := st.schema.custom[name]; !isBase && !isCustom {
			return invalid(where, fmt.Sprintf("Property name '%s' is not defined in profile", name))
		}
	}
	for _, a := range baseAttributes {
		if cause := a.problemWith(profile[a.name]); cause != "" {
			return invalid(a.name, a.name+": "+cause)
		}
	}
	for _, name := range st.schema.order {
		if cause := customProblem(st.schema.custom[name], profile[name]); cause != "" {
			return invalid(name, name+": "+cause)
		}
	}
	return st.checkUnique(profile, self)
}

func (st *state) checkUnique(profile map[string]any, self string) error {
	login, _ := profile["login"].(string)
	// Deactivated users keep their login (§3.7).
	if id, taken := st.logins[strings.ToLower(login)]; taken && id != self {
		return invalid("login", "login: "+duplicateText)
	}
	for _, name := range st.schema.order {
		if st.schema.custom[name]["unique"] != "UNIQUE_VALIDATED" || profile[name] == nil {
			continue
		}
		for _, id := range st.userIDs.all() {
			if id != self && reflect.DeepEqual(st.users[id].profile[name], profile[name]) {
				return invalid(name, name+": "+duplicateText)
			}
		}
	}
	return nil
}

// problemWith says what the vendor objects to, or nothing.
func (a attribute) problemWith(value any) string {
	if value == nil {
		if a.required {
			return "The field cannot be left blank"
		}
		return ""
	}
	text, isText := value.(string)
	if !isText {
		return "The field must be a string"
	}
	n := utf8.RuneCountInString(text)
	switch {
	case strings.TrimSpace(text) == "" && a.required:
		return "The field cannot be left blank"
	case text == "":
		return "" // clears an optional attribute
	case hasSupplementary(text):
		return "Supplementary characters are not supported"
	case a.check != nil && !a.check(text):
		return a.problem
	case n < a.min:
		return fmt.Sprintf("String is too short (%d chars), minimum %d", n, a.min)
	case a.max > 0 && n > a.max:
		return fmt.Sprintf("String is too long (%d chars), maximum %d", n, a.max)
	}
	return ""
}

// hasSupplementary says whether a rune needs four bytes of UTF-8, which the vendor does not take (§0).
func hasSupplementary(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return r > 0xffff })
}

func customProblem(property object, value any) string {
	if value == nil {
		if property["required"] == true {
			return "The field cannot be left blank"
		}
		return ""
	}
	switch property["type"] {
	case "string":
		text, isText := value.(string)
		if !isText {
			return "The field must be a string"
		}
		if most, bounded := toFloat(property["maxLength"]); bounded && float64(utf8.RuneCountInString(text)) > most {
			return "String is too long"
		}
		if least, bounded := toFloat(property["minLength"]); bounded && float64(utf8.RuneCountInString(text)) < least {
			return "String is too short"
		}
	case "boolean":
		if _, isBool := value.(bool); !isBool {
			return "The field must be a boolean"
		}
	case "number", "integer":
		n, isNumber := value.(float64)
		if !isNumber || property["type"] == "integer" && n != math.Trunc(n) {
			return "The field must be of type " + fmt.Sprint(property["type"])
		}
	case "array":
		if _, isArray := value.([]any); !isArray {
			return "The field must be an array"
		}
	}
	if allowed, isList := property["enum"].([]any); isList && len(allowed) > 0 {
		values, isArray := value.([]any)
		if !isArray {
			values = []any{value}
		}
		for _, v := range values {
			if !slices.Contains(allowed, v) {
				return "The value is not one of the allowed values"
			}
		}
	}
	return ""
}

// cleanProfile drops attributes that are null or empty: the vendor does not keep those (§3.2).
func cleanProfile(profile map[string]any) {
	for k, v := range profile {
		if v == nil || v == "" {
			delete(profile, k)
		}
	}
}
