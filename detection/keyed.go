package detection

// keyed is a map with a bound: what was touched longest ago goes first. Its order is part of the state, so that a
// restored one forgets the same things.
type keyed[T any] struct {
	items      map[string]*entry[T]
	head, tail *entry[T] // head was touched longest ago
	removed    func(*entry[T])
}

type entry[T any] struct {
	key        string
	touched    int64 // the latest event time, milliseconds
	value      T
	prev, next *entry[T]
}

func newKeyed[T any]() *keyed[T] { return &keyed[T]{items: map[string]*entry[T]{}} }

func (k *keyed[T]) get(key string) *entry[T] { return k.items[key] }

// touch finds or makes the value of a key and moves it to the end.
func (k *keyed[T]) touch(key string, at int64) (e *entry[T], made bool) {
	if e = k.items[key]; e == nil {
		e, made = &entry[T]{key: key, touched: at}, true
		k.items[key] = e
	} else {
		k.unlink(e)
	}
	e.touched = max(e.touched, at)
	e.prev = k.tail
	if k.tail != nil {
		k.tail.next = e
	} else {
		k.head = e
	}
	k.tail = e
	return e, made
}

func (k *keyed[T]) unlink(e *entry[T]) {
	if e.prev != nil {
		e.prev.next = e.next
	} else {
		k.head = e.next
	}
	if e.next != nil {
		e.next.prev = e.prev
	} else {
		k.tail = e.prev
	}
	e.prev, e.next = nil, nil
}

func (k *keyed[T]) remove(key string) {
	if e := k.items[key]; e != nil {
		k.unlink(e)
		delete(k.items, key)
		if k.removed != nil {
			k.removed(e)
		}
	}
}

// expire forgets, from the one touched longest ago on, what was last touched before a moment.
func (k *keyed[T]) expire(before int64) {
	for k.head != nil && k.head.touched < before {
		k.remove(k.head.key)
	}
}

// trim forgets what is too many and says how much.
func (k *keyed[T]) trim(most int) (forgotten int) {
	for len(k.items) > most {
		k.remove(k.head.key)
		forgotten++
	}
	return forgotten
}

// all lists the entries, the one touched longest ago first.
func (k *keyed[T]) all() []*entry[T] {
	list := make([]*entry[T], 0, len(k.items))
	for e := k.head; e != nil; e = e.next {
		list = append(list, e)
	}
	return list
}
