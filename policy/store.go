package policy

import (
	"log/slog"
	"sync"
	"time"
)

// pollEvery is the most a store looks at its folder.
const pollEvery = 2 * time.Second

// Store holds the policy in force and takes up edits of its folder. A broken edit keeps the last good policy and is
// reported by Problem. Safe for concurrent use.
type Store struct {
	dir string
	log *slog.Logger

	mu      sync.Mutex
	good    *Policy
	problem error
	seen    string // digest of what was looked at last, good or not
	looked  time.Time
}

// Open loads a policy folder. A folder that does not load is an error: there is no policy to fall back on.
func Open(dir string, log *slog.Logger) (*Store, error) {
	p, err := Load(dir)
	if err != nil {
		return nil, err
	}
	return &Store{dir: dir, log: log, good: p, seen: p.Digest(), looked: time.Now()}, nil
}

// Current is the policy in force. It looks at the folder at most every two seconds.
func (s *Store) Current() *Policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.looked) >= pollEvery {
		s.reload()
	}
	return s.good
}

// Reload looks at the folder at once, for a caller that knows of an edit. The error is the one Problem reports.
func (s *Store) Reload() (*Policy, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reload()
	return s.good, s.problem
}

// Problem says why the folder as it is now is not in force; nil when it is.
func (s *Store) Problem() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.problem
}

func (s *Store) reload() {
	s.looked = time.Now()
	found, err := readFolder(s.dir)
	if err != nil {
		s.broken("", err)
		return
	}
	digest := found.digest()
	if digest == s.seen {
		return
	}
	p, err := load(found)
	if err != nil {
		s.broken(digest, err)
		return
	}
	s.log.Info("policy changed", "digest", digest, "was", s.good.Digest())
	s.good, s.problem, s.seen = p, nil, digest
}

// broken keeps the last good policy and says so once for each edit.
func (s *Store) broken(digest string, err error) {
	if s.problem == nil || s.seen != digest {
		s.log.Error("policy does not load; the last good one stays in force", "error", err, "in_force", s.good.Digest())
	}
	s.problem, s.seen = err, digest
}
