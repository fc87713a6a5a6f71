package freshservice

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fetchOne makes the call and reads one object under one of the root keys.
func fetchOne[T any](ctx context.Context, c *Client, k *call, keys ...string) (T, error) {
	var zero T
	a, err := c.send(ctx, k)
	if err != nil {
		return zero, err
	}
	v, err := decodeOne[T](a.body, keys...)
	if err != nil {
		return zero, c.unreadable(k, a, err)
	}
	return v, nil
}

// unreadable judges a 2xx whose body cannot be read. A write was applied, or an edge page hides what became of it; a
// read that is not JSON at all came from the edge; a read in a shape we do not know will be so again.
func (c *Client) unreadable(k *call, a *answer, err error) *Error {
	kind := Invalid
	switch {
	case k.writes():
		kind = Ambiguous
	case !json.Valid(a.body):
		kind = Unavailable
	}
	e := c.newError(k, kind, nil)
	e.Status = a.status
	e.RequestID = clip(a.header.Get("X-Request-Id"), 80)
	e.Message = c.clean("cannot read the answer: " + err.Error())
	return e
}

// decodeOne reads the object under the first of keys that is present; the vendor wraps in a singular or a plural key
// (reference §1), and a list stands for its first element. With no such key a lone key of any name is taken (§6.2).
func decodeOne[T any](body []byte, keys ...string) (T, error) {
	var v T
	raw, err := rootValue(body, keys)
	if err != nil {
		return v, err
	}
	if raw[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return v, err
		}
		if len(list) == 0 {
			return v, fmt.Errorf("the list of %s is empty", keys[0])
		}
		raw = list[0]
	}
	if bytes.TrimSpace(raw)[0] != '{' {
		return v, fmt.Errorf("%s is not an object", keys[0])
	}
	return decode[T](raw)
}

// decodeMany reads the list under the first of keys that is present. null is an empty list and an object a list of one;
// a missing key is an error, so that a change of shape never reads as "none".
func decodeMany[T any](body []byte, keys ...string) ([]T, error) {
	raw, err := rootValue(body, keys)
	if err != nil {
		return nil, err
	}
	if string(raw) == "null" {
		return nil, nil
	}
	if raw[0] == '{' {
		raw = slices.Concat([]byte("["), raw, []byte("]"))
	}
	return decode[[]T](raw)
}

func rootValue(body []byte, keys []string) (json.RawMessage, error) {
	body = bytes.TrimSpace(body)
	if len(body) > 0 && body[0] == '[' {
		return checked(body)
	}
	var root map[string]json.RawMessage
	if err := json.Unmarshal(body, &root); err != nil {
		return nil, errors.New("it is not a JSON object")
	}
	for _, key := range keys {
		if raw, ok := root[key]; ok {
			return raw, nil
		}
	}
	if len(root) == 1 {
		for _, raw := range root {
			if raw[0] == '{' || raw[0] == '[' {
				return raw, nil
			}
		}
	}
	if _, bare := root["id"]; bare {
		return checked(body)
	}
	return nil, fmt.Errorf("expected %s, found %s", strings.Join(keys, " or "),
		strings.Join(slices.Sorted(maps.Keys(root)), ", "))
}

func checked(body []byte) (json.RawMessage, error) {
	if !json.Valid(body) {
		return nil, errors.New("it is not JSON")
	}
	return body, nil
}

// decode reads raw, first as it stands and, where types differ, with its scalars bent to T's types.
func decode[T any](raw []byte) (T, error) {
	var v T
	strict := json.Unmarshal(raw, &v)
	if strict == nil {
		return v, nil
	}
	// A fresh value: json would leave half-read parts of the first try in the elements of slices.
	var bent T
	loose, err := loosen(raw, bent)
	if err != nil {
		return bent, strict
	}
	err = json.Unmarshal(loose, &bent)
	return bent, err
}
