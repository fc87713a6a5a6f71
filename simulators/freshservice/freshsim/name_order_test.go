package freshsim

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestOrderByNameIsKeptThroughChanges(t *testing.T) {
	t.Parallel()
	people := newTable[person]()
	var order nameOrder
	file := func(p *person) {
		people.put(p.id, p)
		order.put(p)
	}
	fresh := func() []int64 {
		var again nameOrder
		return again.all(people)
	}
	for i := range 50 {
		file(&person{id: int64(i + 1), first: fmt.Sprintf("N%02d", (i*7)%50)})
	}
	assert.Equal(t, fresh(), order.all(people))
	for i := range 50 {
		p := people.get(int64(i + 1))
		switch i % 3 {
		case 0:
			p.first = fmt.Sprintf("n%02d", (i*11)%50)
			order.put(p)
		case 1:
			people.remove(p.id)
			order.remove(p.id)
			order.remove(p.id)
		default:
			file(&person{id: int64(100 + i), first: "Same"})
		}
		assert.Equal(t, fresh(), order.all(people))
	}
	assert.True(t, slices.IsSortedFunc(order.all(people), func(a, b int64) int { return keyOf(people.get(a)).compare(keyOf(people.get(b))) }))
}
