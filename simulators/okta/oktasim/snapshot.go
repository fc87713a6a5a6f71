package oktasim

import "time"

// snapshot is the org as it was until a write began.
type snapshot struct {
	until time.Time
	st    *state
}

// staleWindow is the longest look back any stale-read fault asks for.
func (s *Server) staleWindow() time.Duration {
	var w time.Duration
	for _, f := range s.faults.list {
		if f.Kind == FaultStale {
			w = max(w, time.Duration(f.Delay))
		}
	}
	return w
}

// keepSnapshot remembers the state before a write while a stale-read fault is set. Memory grows with the number of writes
// inside the fault's window and with the size of the org: meant for hundreds of people, not for 20,000.
func (s *Server) keepSnapshot() {
	w := s.staleWindow()
	if w == 0 {
		s.snapshots = nil
		return
	}
	now := s.now()
	first := 0
	for first < len(s.snapshots) && s.snapshots[first].until.Before(now.Add(-w)) {
		first++
	}
	s.snapshots = append(s.snapshots[first:len(s.snapshots):len(s.snapshots)], snapshot{now, s.st.clone()})
}

// snapshotAt is the org as it was at this moment: the oldest snapshot that was still true then.
func (s *Server) snapshotAt(at time.Time) *state {
	for _, snap := range s.snapshots {
		if snap.until.After(at) {
			return snap.st
		}
	}
	return s.st
}
