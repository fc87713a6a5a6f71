package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Problem is one setting that cannot be used, and what to set.
type Problem struct {
	Name string // the variable
	Why  string // what is wrong and what is accepted; never the value of a secret
}

// String is the problem as a line.
func (p *Problem) String() string { return p.Name + ": " + p.Why }

// Error is everything that is wrong with the settings.
type Error struct{ Problems []*Problem }

// Error lists the problems, one a line.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("the settings are not complete:")
	for _, p := range e.Problems {
		b.WriteString("\n  " + p.String())
	}
	return b.String()
}

// Problems lists what is wrong in an error of this package.
func Problems(err error) []*Problem {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Problems
	}
	return nil
}

type problems []*Problem

func (p *problems) add(name, format string, args ...any) {
	*p = append(*p, &Problem{Name: name, Why: fmt.Sprintf(format, args...)})
}

func (p *problems) err() error {
	if len(*p) == 0 {
		return nil
	}
	// By name: a person looks for a variable, and checks run in no fixed order.
	slices.SortStableFunc(*p, func(a, b *Problem) int { return strings.Compare(a.Name, b.Name) })
	return &Error{Problems: *p}
}
