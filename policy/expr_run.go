package policy

import (
	"errors"
	"fmt"
	"strings"

	"cel.dev/cel-go/common/types"
)

var errNotBool = errors.New("the expression gave no true or false")

// holds evaluates a condition. A nil expression holds.
func (e *expr) holds(vars map[string]any) (bool, error) {
	if e == nil {
		return true, nil
	}
	v, _, err := e.whole.Eval(vars)
	if err != nil {
		return false, fmt.Errorf("evaluate %q: %w", short(e.source), err)
	}
	b, ok := v.(types.Bool)
	if !ok {
		return false, fmt.Errorf("evaluate %q: %w", short(e.source), errNotBool)
	}
	return bool(b), nil
}

// value evaluates an expression to a Go value: nil, bool, int64, float64, string or time. A nil expression is nil.
func (e *expr) value(vars map[string]any) (any, error) {
	if e == nil {
		return nil, nil //nolint:nilnil // no expression has no value, and that is no error
	}
	v, _, err := e.whole.Eval(vars)
	if err != nil {
		return nil, fmt.Errorf("evaluate %q: %w", short(e.source), err)
	}
	switch x := v.(type) {
	case types.Null:
		return nil, nil //nolint:nilnil // an answer that was not given
	case types.Bool:
		return bool(x), nil
	case types.Int:
		return int64(x), nil
	case types.Uint:
		return float64(x), nil
	case types.Double:
		return float64(x), nil
	case types.String:
		return strings.TrimSpace(string(x)), nil
	case types.Timestamp:
		return x.UTC(), nil
	default:
		return plainText(v), nil // a list or a looked-up record from a form
	}
}

// text evaluates an expression to a text; what is not there is empty.
func (e *expr) text(vars map[string]any) (string, error) {
	v, err := e.value(vars)
	if err != nil || v == nil {
		return "", err
	}
	return plainText(types.DefaultTypeAdapter.NativeToValue(v)), nil
}

func short(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
