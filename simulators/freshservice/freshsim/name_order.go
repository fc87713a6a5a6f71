package freshsim

import (
	"cmp"
	"slices"
	"strings"
)

// nameOrder keeps people by first name. It is built when a list first asks and kept up from then on, so that seeding
// thousands and listing thousands are both quick.
type nameOrder struct {
	keys map[int64]nameKey // nil until built
	ids  []int64
}

type nameKey struct {
	first string // lower case
	id    int64
}

func (k nameKey) compare(o nameKey) int {
	return cmp.Or(strings.Compare(k.first, o.first), cmp.Compare(k.id, o.id))
}

func keyOf(p *person) nameKey { return nameKey{strings.ToLower(p.first), p.id} }

func (n *nameOrder) all(people *table[person]) []int64 {
	if n.keys != nil {
		return n.ids
	}
	n.keys = make(map[int64]nameKey, people.len())
	sorted := make([]nameKey, 0, people.len())
	for p := range people.all() {
		k := keyOf(p)
		n.keys[p.id] = k
		sorted = append(sorted, k)
	}
	slices.SortFunc(sorted, nameKey.compare)
	n.ids = make([]int64, 0, len(sorted))
	for _, k := range sorted {
		n.ids = append(n.ids, k.id)
	}
	return n.ids
}

func (n *nameOrder) place(k nameKey) (int, bool) {
	return slices.BinarySearchFunc(n.ids, k, func(id int64, k nameKey) int { return n.keys[id].compare(k) })
}

// put files a person who is new or has changed.
func (n *nameOrder) put(p *person) {
	if n.keys == nil {
		return
	}
	k := keyOf(p)
	if old, known := n.keys[p.id]; known {
		if old == k {
			return
		}
		n.remove(p.id)
	}
	i, _ := n.place(k)
	n.keys[p.id] = k
	n.ids = slices.Insert(n.ids, i, p.id)
}

func (n *nameOrder) remove(id int64) {
	k, known := n.keys[id]
	if !known {
		return
	}
	if i, found := n.place(k); found {
		n.ids = slices.Delete(n.ids, i, i+1)
	}
	delete(n.keys, id)
}
