package main

import "crypto/rand"

// aim adds a figure beside its goal; an empty goal is a figure to compare with.
func (r *report) aim(name string, value float64, unit, goal, note string, args ...any) {
	before := len(r.figures)
	r.add(name, value, unit, note, args...)
	if goal == "" || len(r.figures) == before {
		return
	}
	f := &r.figures[len(r.figures)-1]
	f.goal = goal
	f.Note = "goal " + goal + "; " + f.Note
}

func atMost(v float64) string { return "at most " + number(v) }

func atLeast(v float64) string { return "at least " + number(v) }

// randomText is a secret for one run.
func randomText() string { return rand.Text() }
