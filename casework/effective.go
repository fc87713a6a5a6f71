package casework

import (
	"fmt"
	"time"
)

// localLayout is how Request.LocalEffective writes a wall-clock time.
const localLayout = "2006-01-02T15:04"

// Effective is when a leaver's changes may begin. Zones are tried in order: the person's own, then policy's default; an
// empty one is passed over, and one that is no IANA zone is passed over with a note for people. An emergency, and a
// ticket that names no date, begin at once: the zero time. A wall-clock time that a clock change skips counts as the
// same distance after the change; one that happens twice is the later, so that nobody is locked out early.
func Effective(r Request, zones ...string) (at time.Time, notes []string, err error) {
	switch {
	case r.Emergency:
		return time.Time{}, nil, nil
	case !r.EffectiveAt.IsZero():
		return r.EffectiveAt.UTC(), nil, nil
	case r.LocalEffective == "":
		return time.Time{}, []string{"The ticket names no date: the changes begin as soon as they may."}, nil
	}
	at, notes, err = inZone(r.LocalEffective, zones)
	if err != nil {
		return time.Time{}, notes, err
	}
	notes = append(notes, fmt.Sprintf("Takes effect on %s.", at.Format("Monday, 2 January 2006 15:04 MST (-07:00)")))
	return at.UTC(), notes, nil
}

// inZone is the moment of a wall-clock time in the first zone that is one.
func inZone(local string, zones []string) (at time.Time, notes []string, err error) {
	zone := time.UTC
	for _, name := range zones {
		if name == "" {
			continue
		}
		loaded, loadErr := time.LoadLocation(name)
		if loadErr == nil {
			zone = loaded
			break
		}
		notes = append(notes, fmt.Sprintf("The time zone %q is not one: the next best is used.", name))
	}
	at, err = time.ParseInLocation(localLayout, local, zone)
	if err != nil {
		return time.Time{}, notes, fmt.Errorf("the date %q is not of the form %s", local, localLayout)
	}
	for _, shift := range []time.Duration{time.Hour, 30 * time.Minute} { // Lord Howe Island shifts by half an hour
		if later := at.Add(shift); later.Format(localLayout) == local {
			at = later
			break
		}
	}
	return at, notes, nil
}
