package policy

import (
	"strconv"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"

	"latchkey/casework"
)

// latestStart is how far ahead access may be asked for.
const latestStart = 366 * 24 * time.Hour

// readTerm reads for how long an item is asked for, and from when. What was not answered is left to the catalogue.
func (r *itemsRule) readTerm(item *casework.Item, f IntakeFacts, vars map[string]any, c *Classification) {
	missing := func(field, label, why string) {
		c.Missing = append(c.Missing, casework.Missing{Field: field, Label: label, Why: why + " for " + quote(item.Name)})
	}
	if text, ok := r.term(r.days, vars, func() { missing("days", "For how many days", "cannot be read") }); ok {
		days, err := strconv.ParseFloat(plainText(types.DefaultTypeAdapter.NativeToValue(text)), 64)
		if err != nil || !(days > 0 && days <= 3660) {
			missing("days", "For how many days", "is not a number of days: "+quote(plainText(types.DefaultTypeAdapter.NativeToValue(text))))
		} else {
			item.Days = days
		}
	}
	item.From = r.moment(r.from, 0, vars, func(why string) { missing("from", "From when", why) })
	item.Until = r.moment(r.until, 1, vars, func(why string) { missing("until", "Until when", why) })
	// A day is given or taken for the person's time zone, which nobody knows yet.
	const slack = 14 * time.Hour
	if at, ok := roughly(item.From); ok && !f.Now.IsZero() && at.After(f.Now.Add(latestStart)) {
		missing("from", "From when", "is more than a year ahead")
	}
	if at, ok := roughly(item.Until); ok {
		if !f.Now.IsZero() && at.Before(f.Now.Add(-slack)) {
			missing("until", "Until when", "has passed already")
		}
		if from, ok := roughly(item.From); ok && !at.After(from) {
			missing("until", "Until when", "is not after its beginning")
		}
	}
}

// term evaluates an expression that may be absent or answer nothing.
func (r *itemsRule) term(e *expr, vars map[string]any, failed func()) (any, bool) {
	if e == nil {
		return nil, false
	}
	v, err := e.value(vars)
	if err != nil {
		failed()
		return nil, false
	}
	if s, is := v.(string); v == nil || is && strings.TrimSpace(s) == "" {
		return nil, false
	}
	return v, true
}

// moment reads a date: an instant as RFC 3339, else a wall-clock time without a zone. A day without an hour means its
// beginning, or with days the beginning of the day so many days later: until the 4th includes the 4th.
func (r *itemsRule) moment(e *expr, days int, vars map[string]any, failed func(why string)) string {
	v, ok := r.term(e, vars, func() { failed("cannot be read") })
	if !ok {
		return ""
	}
	at, err := parseMoment(v)
	switch {
	case err != nil:
		failed(err.Error())
		return ""
	case at.exact:
		return at.rfc3339()
	case at.clock:
		return at.time.Format(localLayout)
	}
	return at.time.AddDate(0, 0, days).Format(localLayout)
}

// roughly is the moment of an item's from or until as if the person lived in UTC.
func roughly(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, localLayout} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
