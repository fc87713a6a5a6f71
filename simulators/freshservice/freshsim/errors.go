package freshsim

import (
	"fmt"
	"net/http"
	"strings"
)

// fieldError is one entry of the vendor's validation shape (reference §2).
type fieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
	Code    string `json:"code"`
}

// apiError is a refusal: validation shape when fields are given, {code,message} when a code is, otherwise no body.
type apiError struct {
	status  int
	fields  []fieldError
	code    string
	message string
	header  http.Header
}

func (e *apiError) Error() string {
	return fmt.Sprintf("%d %s %s %v", e.status, e.code, e.message, e.fields)
}

// body is what goes on the wire, nil for an empty body.
func (e *apiError) body() any {
	switch {
	case len(e.fields) > 0:
		return obj{"description": "Validation failed", "errors": e.fields}
	case e.code != "":
		return obj{"code": e.code, "message": e.message}
	case e.message != "":
		return obj{"message": e.message}
	}
	return nil
}

// The vendor's validation codes that this simulator uses (reference §2).
const (
	codeMissing      = "missing_field"
	codeInvalidValue = "invalid_value"
	codeDuplicate    = "duplicate_value"
	codeDatatype     = "datatype_mismatch"
	codeInvalidField = "invalid_field"
	codeReadonly     = "readonly_field"
	codeIncompatible = "incompatible_field"
	codeInvalidSize  = "invalid_size"
)

const (
	msgUnexpected = "Unexpected/invalid field in request"
	msgString     = "It should be a/an String"
	msgPositive   = "It should be a/an Positive Integer"
	msgBoolean    = "It should be a/an Boolean"
	msgArray      = "It should be a/an Array"
	msgObject     = "It should be a/an key/value pair"
	msgDate       = "It should be in the 'combined date and time ISO8601' format"
	msgUnknownID  = "There is no record matching the given id"
)

// notFound is the vendor's 404: no body at all (reference §2, medium confidence).
func notFound() error { return &apiError{status: http.StatusNotFound} }

// invalid is a validation failure on one field.
func invalid(field, code, message string) error {
	return &apiError{status: http.StatusBadRequest, fields: []fieldError{{field, message, code}}}
}

// denied is the 403 of a key whose role lacks a privilege (reference §2).
func denied() error {
	return &apiError{status: http.StatusForbidden, code: "access_denied", message: "You are not authorized to perform this action."}
}

// oneOfMessage is the vendor's wording for a closed list (reference §2).
func oneOfMessage[T any](allowed []T) string {
	words := make([]string, len(allowed))
	for i, v := range allowed {
		words[i] = fmt.Sprint(v)
	}
	return "It should be one of these values: '" + strings.Join(words, ",") + "'"
}
