package oktasim

import (
	"container/heap"
	"time"
)

// job is work the vendor does some time after the request that caused it.
type job struct {
	due time.Time
	seq uint64 // keeps jobs of the same moment in the order they were made
	key string // jobs with the same non-empty key collapse into the earliest
	run func(s *Server)
}

// jobQueue orders jobs by time, then by age.
type jobQueue struct {
	heap jobHeap
	seq  uint64
	keys map[string]bool
}

func (q *jobQueue) push(due time.Time, key string, run func(s *Server)) {
	if key != "" {
		if q.keys[key] {
			return
		}
		if q.keys == nil {
			q.keys = map[string]bool{}
		}
		q.keys[key] = true
	}
	q.seq++
	heap.Push(&q.heap, &job{due: due, seq: q.seq, key: key, run: run})
}

// pop returns the first job due at now.
func (q *jobQueue) pop(now time.Time) (*job, bool) {
	if len(q.heap) == 0 || q.heap[0].due.After(now) {
		return nil, false
	}
	j, isJob := heap.Pop(&q.heap).(*job)
	if !isJob {
		return nil, false
	}
	delete(q.keys, j.key)
	return j, true
}

type jobHeap []*job

func (h *jobHeap) Len() int { return len(*h) }

func (h *jobHeap) Less(i, j int) bool {
	a, b := (*h)[i], (*h)[j]
	if a.due.Equal(b.due) {
		return a.seq < b.seq
	}
	return a.due.Before(b.due)
}

func (h *jobHeap) Swap(i, j int) { (*h)[i], (*h)[j] = (*h)[j], (*h)[i] }

func (h *jobHeap) Push(x any) {
	if j, isJob := x.(*job); isJob {
		*h = append(*h, j)
	}
}

func (h *jobHeap) Pop() any {
	old := *h
	j := old[len(old)-1]
	old[len(old)-1] = nil
	*h = old[:len(old)-1]
	return j
}

// later runs work after delay. No delay means before the answer is sent. Callers hold the lock.
func (s *Server) later(delay time.Duration, key string, run func(s *Server)) {
	s.jobs.push(s.now().Add(delay), key, run)
}

// settle does the work that is due. Callers hold the lock.
func (s *Server) settle() {
	for {
		j, found := s.jobs.pop(s.now())
		if !found {
			return
		}
		s.keepSnapshot()
		j.run(s)
	}
}

// settleAll does all work, due or not, including what that work brings about.
func (s *Server) settleAll() {
	for len(s.jobs.heap) > 0 {
		j, found := s.jobs.pop(s.jobs.heap[0].due)
		if !found {
			return
		}
		s.keepSnapshot()
		j.run(s)
	}
	s.log.revealAll()
}
