package detection

import "slices"

// seenValue is a value of a key and when it was last there.
type seenValue struct {
	value uint64
	at    int64
}

// firstSeen are the values that one key had. A key is forgotten only for the bound on keys: somebody who comes back after
// a long time, from elsewhere, is what such a rule is for.
type firstSeen struct {
	since  int64 // when the key was first there
	values []seenValue
}

// see notes a value and says whether it is new: not there within the horizon before, and the key no longer learning.
func (f *firstSeen) see(value uint64, at, horizon, learning int64, most int) (isNew bool, forgotten int) {
	if f.since == 0 || at < f.since {
		f.since = at
	}
	isNew = at-f.since >= learning
	for i := range f.values {
		if v := &f.values[i]; v.value == value {
			isNew = isNew && at-v.at > horizon
			v.at = max(v.at, at)
			return isNew, 0
		}
	}
	f.values = append(f.values, seenValue{value, at})
	for len(f.values) > most {
		oldest := 0
		for i, v := range f.values {
			if v.at < f.values[oldest].at {
				oldest = i
			}
		}
		f.values = slices.Delete(f.values, oldest, oldest+1)
		forgotten++
	}
	return isNew, forgotten
}
