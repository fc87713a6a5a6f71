package cli

import (
	"errors"
	"fmt"

	"latchkey/internal/temporal"
)

// Exit is how a command ended, for scripts (docs/cli.md).
type Exit int

// The exit codes. They never change their meaning.
const (
	OK           Exit = 0
	Failed       Exit = 1 // something went wrong, or a check did not pass
	Usage        Exit = 2 // the command was not understood
	NotFound     Exit = 3 // no such case, record or workflow
	Unauthorised Exit = 4 // a credential was refused
	Refused      Exit = 5 // the case, the controls or policy said no, and why
	Differs      Exit = 6 // not an error: what was compared differs
	Pending      Exit = 8 // not an error: it is not done yet
)

// exitError is an error with an exit code.
type exitError struct {
	code Exit
	err  error
}

// Error implements error.
func (e *exitError) Error() string { return e.err.Error() }

// Unwrap gives the cause.
func (e *exitError) Unwrap() error { return e.err }

// exit gives an error its code.
func exit(code Exit, format string, args ...any) error {
	return &exitError{code: code, err: fmt.Errorf(format, args...)}
}

// errSilent ends a command whose words have been said.
var errSilent = errors.New("already said")

// silent ends a command with a code and no further words.
func silent(code Exit) error { return &exitError{code: code, err: errSilent} }

// usage is a mistake in the command line.
func usage(format string, args ...any) error { return exit(Usage, format, args...) }

// codeOf is the exit code of an error.
func codeOf(err error) Exit {
	if err == nil {
		return OK
	}
	if e, ok := errors.AsType[*exitError](err); ok {
		return e.code
	}
	if temporal.IsDenied(err) {
		return Unauthorised
	}
	return Failed
}
