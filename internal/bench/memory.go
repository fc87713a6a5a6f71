package main

import (
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
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return
	}
	for line := range strings.Lines(string(raw)) {
		rest, found := strings.CutPrefix(line, "VmHWM:")
		if !found {
			continue
		}
		kib, err := strconv.ParseFloat(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 64)
		if err != nil {
			return
		}
		if !p.fromNow {
			note += "; since the process began"
		}
		r.add(name, kib/1024, "MiB", "%s", note)
	}
}
