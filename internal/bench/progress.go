package main

import (
	"fmt"
	"io"
)

// progress says what is being measured, for a person who waits.
type progress struct {
	out      io.Writer
	terminal bool
	shown    bool // a line that will be replaced is on the screen
}

// say prints a line that stays.
func (p *progress) say(format string, args ...any) {
	p.wipe()
	_, _ = fmt.Fprintf(p.out, format+"\n", args...)
}

// step shows what goes on now, in place. Without a terminal it says nothing.
func (p *progress) step(format string, args ...any) {
	if !p.terminal {
		return
	}
	p.wipe()
	_, _ = fmt.Fprintf(p.out, "  … "+format, args...)
	p.shown = true
}

func (p *progress) wipe() {
	if p.shown {
		_, _ = io.WriteString(p.out, "\r\x1b[K")
		p.shown = false
	}
}
