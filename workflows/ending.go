package workflows

import (
	"errors"

	"latchkey/casework"
)

// ending ends the case from wherever it is: it travels up as an error and finish turns it into a report.
type ending struct {
	end casework.End
	why string
}

// Error says how and why the case ends.
func (e *ending) Error() string { return string(e.end) + ": " + e.why }

// endWith makes an ending.
func endWith(end casework.End, why string) error { return &ending{end: end, why: why} }

// endingOf finds an ending in an error.
func endingOf(err error) (*ending, bool) {
	var e *ending
	ok := errors.As(err, &e)
	return e, ok
}

// errSkipped says that an operator skipped the step that failed.
var errSkipped = errors.New("an operator skipped this step")
