package detection

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestUuidsAreForgottenByAgeAndByNumberAndNeverTheLatest(t *testing.T) {
	t.Parallel()
	m := newMemory()
	id := func(n int) string { return fmt.Sprintf("%032x", n) }
	add := func(n int, clock int64, most int) (bool, bool) { return m.add(id(n), most, clock, clock-60*minuteLong) }
	for n := range 10_000 { // a quiet log: five a minute
		known, forgot := add(n, int64(n/5)*minuteLong, 65_536)
		assert.False(t, known || forgot, "age is no loss")
	}
	size := func() int { return len(m.set) } // a failure that lists them all helps nobody
	assert.Equal(t, rememberedLeast+5, size(), "the latest are kept whatever their age")
	known, _ := add(9_999, 2_000*minuteLong, 65_536)
	assert.True(t, known)
	for n := range 50_000 { // a burst within a minute
		add(100_000+n, 2_001*minuteLong, 65_536)
	}
	assert.Equal(t, 50_000+59*5, size(), "those of the last hour are kept, whatever their number")
	for n := range 50_000 {
		add(200_000+n, 2_002*minuteLong, 65_536)
	}
	assert.Equal(t, 65_536, size(), "up to the bound")
	_, forgot := add(300_000, 2_002*minuteLong, 65_536)
	assert.True(t, forgot)
	assert.LessOrEqual(t, cap(m.ids), 3*65_536)
	assert.Len(t, m.ordered(), size())
}
