package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// peak measures the most memory that this process holds, where the system tells (Linux).
type peak struct{ fromNow bool }

// newPeak forgets the peak so far, where the system lets us; else the peak is since the process began.
func newPeak() peak {
	const forgetPeak = "5" // proc_pid_clear_refs(5): reset the peak resident set size
	return peak{fromNow: os.WriteFile("/proc/self/clear_refs", []byte(forgetPeak), 0) == nil}
}

// add reports it; on a system that does not tell there is no figure.
func (p peak) add(r *report, name, note string) {
	mib, err := peakOf("self")
	if err != nil {
		return
	}
	if !p.fromNow {
		note += "; since the process began"
	}
	r.add(name, mib, "MiB", "%s", note)
}

// peakOf is the most memory in MiB that a process has held since it began, where the system tells.
func peakOf[P int | string](pid P) (float64, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%v/status", pid))
	if err != nil {
		return 0, fmt.Errorf("the system does not tell the memory of a process: %w", err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, found := strings.CutPrefix(line, "VmHWM:"); found {
			kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
			return kib / 1024, err
		}
	}
	return 0, errors.New("the system does not tell the memory of a process")
}
