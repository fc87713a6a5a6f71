package activities

import (
	"errors"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
)

// faultOf reads the error of either client. Both keep addresses, logins and secrets out of their errors.
func faultOf(err error) (fault, bool) {
	if e, ok := errors.AsType[*okta.Error](err); ok {
		return oktaFault(e), true
	}
	if e, ok := errors.AsType[*freshservice.Error](err); ok {
		return deskFault(e), true
	}
	return fault{}, false
}

func oktaFault(e *okta.Error) fault {
	text := e.Summary
	if len(e.Causes) > 0 {
		text = strings.TrimSpace(text + ": " + strings.Join(e.Causes, "; "))
	}
	return fault{
		vendor: "Okta", kind: oktaKind(e.Kind), call: e.Op, status: e.Status, code: e.Code, text: text,
		requestID: e.RequestID, retryAt: e.ResetAt,
	}
}

func oktaKind(k okta.Kind) casework.ErrKind {
	switch k {
	case okta.RateLimited:
		return casework.RateLimited
	case okta.Unavailable:
		return casework.Unavailable
	case okta.Ambiguous:
		return casework.Ambiguous
	case okta.NotFound:
		return casework.NotFound
	case okta.Conflict:
		return casework.Conflict
	case okta.Invalid:
		return casework.Invalid
	case okta.Denied:
		return casework.Denied
	case okta.Unauthorized:
		return casework.Unauthorized
	}
	return casework.Unavailable
}

func deskFault(e *freshservice.Error) fault {
	f := fault{
		vendor: "Freshservice", kind: deskKind(e.Kind), call: e.Op, status: e.Status, code: e.Code, text: e.Message,
		requestID: e.RequestID,
	}
	// A write that ended in a 5xx may have been applied: the next attempt reads first, as after a lost answer.
	if e.MayHaveApplied() {
		f.kind = casework.Ambiguous
	}
	var fields []string
	for _, field := range e.Fields {
		fields = append(fields, field.Field+": "+field.Message)
	}
	if len(fields) > 0 {
		f.text = strings.TrimPrefix(f.text+": "+strings.Join(fields, "; "), ": ")
	}
	if e.RetryAfter > 0 {
		f.wait = max(e.RetryAfter, time.Second)
	}
	return f
}

func deskKind(k freshservice.Kind) casework.ErrKind {
	switch k {
	case freshservice.RateLimited:
		return casework.RateLimited
	case freshservice.Unavailable:
		return casework.Unavailable
	case freshservice.Ambiguous:
		return casework.Ambiguous
	case freshservice.NotFound:
		return casework.NotFound
	case freshservice.Conflict:
		return casework.Conflict
	case freshservice.Invalid:
		return casework.Invalid
	case freshservice.Denied:
		return casework.Denied
	case freshservice.Unauthorized:
		return casework.Unauthorized
	}
	return casework.Unavailable
}
