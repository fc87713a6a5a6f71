package detection

import (
	"cmp"
	"container/heap"
	"slices"
)

type timerKind int

const (
	timerAbsence timerKind = iota + 1
	timerWaiting
)

// timer is a moment at which something is looked at again. One whose cause is gone does nothing.
type timer struct {
	due  int64
	kind timerKind
	rule string // absence
	key  string
}

func (t timer) compare(o timer) int {
	return cmp.Or(cmp.Compare(t.due, o.due), cmp.Compare(t.kind, o.kind), cmp.Compare(t.rule, o.rule), cmp.Compare(t.key, o.key))
}

// timers is a heap. Its order is total, so how it came about does not show.
type timers struct{ list timerHeap }

type timerHeap []timer

// Len is part of heap.Interface.
func (h *timerHeap) Len() int { return len(*h) }

// Less is part of heap.Interface.
func (h *timerHeap) Less(i, j int) bool { return (*h)[i].compare((*h)[j]) < 0 }

// Swap is part of heap.Interface.
func (h *timerHeap) Swap(i, j int) { (*h)[i], (*h)[j] = (*h)[j], (*h)[i] }

// Push is part of heap.Interface.
func (h *timerHeap) Push(x any) {
	if t, is := x.(timer); is {
		*h = append(*h, t)
	}
}

// Pop is part of heap.Interface.
func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = timer{}
	*h = (*h)[:last]
	return t
}

func (t *timers) add(one timer) { heap.Push(&t.list, one) }

// next takes the first timer that is due.
func (t *timers) next(clock int64) (timer, bool) {
	if len(t.list) == 0 || t.list[0].due > clock {
		return timer{}, false
	}
	one, is := heap.Pop(&t.list).(timer)
	return one, is
}

// keep drops the timers whose cause is gone, once they are the most.
func (t *timers) keep(wanted []timer) {
	if len(t.list) <= 2*len(wanted)+64 {
		return
	}
	t.set(wanted)
}

func (t *timers) set(wanted []timer) {
	t.list = slices.Clone(timerHeap(wanted))
	heap.Init(&t.list)
}
