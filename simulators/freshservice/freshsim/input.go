package freshsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
)

// input reads a request body field by field and collects every complaint, so that one 400 names them all.
// A field that nobody asked for is refused at the end as the vendor does (reference §2).
type input struct {
	values map[string]any
	loose  bool // a form: numbers and booleans arrive as text
	files  []upload
	seen   map[string]bool
	errs   []fieldError
}

// upload is a file of a multipart form.
type upload struct {
	name        string
	contentType string
	data        []byte
}

// readInput decodes the call's body. An empty body is an empty object.
func readInput(contentType string, body []byte) (*input, error) {
	in := &input{values: map[string]any{}, seen: map[string]bool{}}
	if len(bytes.TrimSpace(body)) == 0 {
		return in, nil
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return nil, &apiError{status: http.StatusUnsupportedMediaType}
	}
	switch kind {
	case "application/json":
		dec := json.NewDecoder(bytes.NewReader(body))
		dec.UseNumber()
		if err := dec.Decode(&in.values); err != nil || in.values == nil || !errors.Is(dec.Decode(new(any)), io.EOF) {
			return nil, &apiError{status: http.StatusBadRequest, code: "invalid_json", message: "Request body has invalid json format"}
		}
	case "multipart/form-data":
		return in, in.readForm(multipart.NewReader(bytes.NewReader(body), params["boundary"]))
	default:
		return nil, &apiError{status: http.StatusUnsupportedMediaType}
	}
	return in, nil
}

// readForm turns Rails-style names (custom_fields[x], cc_emails[]) into the JSON shape (reference §4.10).
func (in *input) readForm(r *multipart.Reader) error {
	bad := &apiError{status: http.StatusBadRequest, code: "invalid_json", message: "Request body is not a valid multipart form"}
	in.loose = true
	for {
		part, err := r.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return bad
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return bad
		}
		name := part.FormName()
		if part.FileName() != "" {
			if name != "attachments[]" {
				in.fail(name, codeInvalidField, msgUnexpected)
				continue
			}
			ct := part.Header.Get("Content-Type")
			if ct == "" {
				ct = http.DetectContentType(data)
			}
			in.files = append(in.files, upload{part.FileName(), ct, data})
			continue
		}
		text := string(data)
		base, rest, nested := strings.Cut(name, "[")
		switch {
		case !nested:
			in.values[name] = text
		case rest == "]":
			list, _ := in.values[base].([]any)
			in.values[base] = append(list, text)
		default:
			m, ok := in.values[base].(map[string]any)
			if !ok {
				m = map[string]any{}
				in.values[base] = m
			}
			m[strings.TrimSuffix(rest, "]")] = text
		}
	}
}

func (in *input) fail(field, code, message string) {
	in.errs = append(in.errs, fieldError{field, message, code})
}

// has says whether the field was sent at all, null included.
func (in *input) has(name string) bool {
	in.seen[name] = true
	_, ok := in.values[name]
	return ok
}

// value gives a field that was sent with something other than null.
func (in *input) value(name string) (any, bool) {
	in.seen[name] = true
	v, ok := in.values[name]
	return v, ok && v != nil
}

// require complains about each field that is absent, null or blank.
func (in *input) require(message string, names ...string) {
	for _, name := range names {
		v, ok := in.value(name)
		if s, text := v.(string); !ok || text && strings.TrimSpace(s) == "" {
			in.fail(name, codeMissing, message)
		}
	}
}

func (in *input) str(name string) string {
	v, ok := in.value(name)
	if !ok {
		return ""
	}
	s, ok := v.(string)
	if !ok {
		in.fail(name, codeDatatype, msgString)
	}
	return s
}

// email is a lower-cased address.
func (in *input) email(name string) string {
	s := strings.ToLower(strings.TrimSpace(in.str(name)))
	if s != "" && !validEmail(s) {
		in.fail(name, codeInvalidValue, "It should be a valid email address")
	}
	return s
}

func validEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func (in *input) int(name string) int64 {
	v, ok := in.value(name)
	if !ok {
		return 0
	}
	n, ok := toInt(v, in.loose)
	if !ok || n < 0 {
		in.fail(name, codeDatatype, msgPositive)
		return 0
	}
	return n
}

func toInt(v any, loose bool) (int64, bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return n, err == nil
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, loose && err == nil
	case int64:
		return v, true
	case int:
		return int64(v), true
	}
	return 0, false
}

// oneOf is an integer from a closed list; def when it was not sent.
func (in *input) oneOf(name string, def int, allowed ...int) int {
	v, ok := in.value(name)
	if !ok {
		return def
	}
	n, ok := toInt(v, in.loose)
	if !ok || !slices.Contains(allowed, int(n)) {
		in.fail(name, codeInvalidValue, oneOfMessage(allowed))
		return def
	}
	return int(n)
}

func (in *input) bool(name string, def bool) bool {
	v, ok := in.value(name)
	if !ok {
		return def
	}
	switch v := v.(type) {
	case bool:
		return v
	case string:
		if in.loose && (v == "true" || v == "false") {
			return v == "true"
		}
	}
	in.fail(name, codeDatatype, msgBoolean)
	return def
}

func (in *input) strs(name string) []string {
	v, ok := in.value(name)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		in.fail(name, codeDatatype, msgArray)
		return nil
	}
	out := make([]string, 0, len(list))
	for _, e := range list {
		s, ok := e.(string)
		if !ok {
			in.fail(name, codeDatatype, "It should contain elements of type String only")
			return nil
		}
		out = append(out, s)
	}
	return out
}

func (in *input) ints(name string) []int64 {
	v, ok := in.value(name)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		in.fail(name, codeDatatype, msgArray)
		return nil
	}
	out := make([]int64, 0, len(list))
	for _, e := range list {
		n, ok := toInt(e, in.loose)
		if !ok || n < 0 {
			in.fail(name, codeDatatype, "It should contain elements of type Positive Integer only")
			return nil
		}
		out = append(out, n)
	}
	return out
}

func (in *input) object(name string) map[string]any {
	v, ok := in.value(name)
	if !ok {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		in.fail(name, codeDatatype, msgObject)
	}
	return m
}

// objects is a list of objects, each to be read as an input of its own.
func (in *input) objects(name string) []*input {
	v, ok := in.value(name)
	if !ok {
		return nil
	}
	list, ok := v.([]any)
	if !ok {
		in.fail(name, codeDatatype, msgArray)
		return nil
	}
	out := make([]*input, 0, len(list))
	for _, e := range list {
		m, ok := e.(map[string]any)
		if !ok {
			in.fail(name, codeDatatype, msgObject)
			return nil
		}
		out = append(out, &input{values: m, seen: map[string]bool{}, loose: in.loose})
	}
	return out
}

func (in *input) date(name string) time.Time {
	v, ok := in.value(name)
	if !ok {
		return time.Time{}
	}
	s, _ := v.(string)
	t, ok := parseTime(s)
	if !ok {
		in.fail(name, codeDatatype, msgDate)
	}
	return t
}

// done refuses what nobody asked for and answers with every complaint, in a stable order.
func (in *input) done() error {
	for _, name := range slices.Sorted(maps.Keys(in.values)) {
		if !in.seen[name] {
			in.fail(name, codeInvalidField, msgUnexpected)
		}
	}
	if len(in.errs) == 0 {
		return nil
	}
	return &apiError{status: http.StatusBadRequest, fields: in.errs}
}

// text renders a JSON scalar as people read it.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case []any:
		words := make([]string, len(v))
		for i, e := range v {
			words[i] = text(e)
		}
		return strings.Join(words, ", ")
	}
	return fmt.Sprint(v)
}
