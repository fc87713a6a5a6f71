package policy

import (
	"fmt"
	"math"
	"net/mail"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// text reads a string that is not empty. A number or a boolean is not taken for one: `time: 18:00` without quotes would
// be something else to the next reader.
func (v value) text() string {
	if v.draws(textLeaf()) {
		return ""
	}
	switch v.node.(type) {
	case *ast.StringNode, *ast.LiteralNode:
	default:
		v.problem("has to be a text, found %s; put it in quotes if it is one", v.kind())
		return ""
	}
	s := strings.TrimSpace(v.raw())
	if s == "" {
		v.problem("has to be a text, found an empty one")
	}
	return s
}

// whole reads a whole number within bounds.
func (v value) whole(least, most int) int {
	if v.draws(wholeLeaf(least, most)) {
		return 0
	}
	n, ok := v.node.(*ast.IntegerNode)
	if ok {
		if i, err := strconv.Atoi(fmt.Sprint(n.Value)); err == nil && i >= least && i <= most {
			return i
		}
	}
	bounds := fmt.Sprintf("from %d to %d", least, most)
	if most == math.MaxInt {
		bounds = fmt.Sprintf("of %d or more", least)
	}
	v.problem("has to be a whole number %s, found %s", bounds, v.kind())
	return 0
}

// number reads a number from least to most.
func (v value) number(least, most float64) float64 {
	if v.draws(leaf{schema: schema{"type": "number", "minimum": least, "maximum": most}}) {
		return 0
	}
	f := math.NaN()
	switch n := v.node.(type) {
	case *ast.IntegerNode:
		if parsed, err := strconv.ParseFloat(fmt.Sprint(n.Value), 64); err == nil {
			f = parsed
		}
	case *ast.FloatNode:
		f = n.Value
	default:
	}
	if math.IsNaN(f) || f < least || f > most {
		v.problem("has to be a number from %g to %g, found %s", least, most, v.kind())
		return 0
	}
	return f
}

// flag reads true or false.
func (v value) flag() bool {
	if v.draws(leaf{schema: schema{"type": "boolean"}}) {
		return false
	}
	n, ok := v.node.(*ast.BoolNode)
	if !ok {
		v.problem("has to be true or false, found %s", v.kind())
		return false
	}
	return n.Value
}

// oneOf reads a word of a fixed list.
func (v value) oneOf(allowed ...string) string {
	if v.draws(leaf{schema: schema{"enum": allowed}}) {
		return ""
	}
	word := v.raw()
	if b, ok := v.node.(*ast.BoolNode); ok { // `mode: off` is a boolean to some YAML readers
		word = b.GetToken().Value
	}
	if !slices.Contains(allowed, word) {
		v.problem("unknown value %s; allowed: %s", v.shown(), strings.Join(allowed, ", "))
		return ""
	}
	return word
}

func (v value) shown() string {
	if s := v.raw(); s != "" {
		return quote(s)
	}
	return v.kind()
}

var spanPart = regexp.MustCompile(`^(\d+(?:\.\d+)?)(d|h|m|s)`)

// span reads a duration such as 30d, 36h, 1d12h, 90m or 0s. A day is 24 hours.
func (v value) span() time.Duration {
	if v.draws(spanLeaf()) {
		return 0
	}
	d, ok := parseSpan(v.raw())
	if !ok {
		v.problem("has to be a duration such as 30d, 36h, 1d12h, 90m or 0s, found %s", v.kind())
	}
	return d
}

// positive reads a duration above zero.
func (v value) positive() time.Duration {
	if v.draws(positiveLeaf()) {
		return 0
	}
	s := v.raw()
	d, ok := parseSpan(s)
	if !ok || d <= 0 {
		v.problem("has to be a duration above zero such as 30d, 36h or 90m, found %s", v.kind())
		return 0
	}
	return d
}

func parseSpan(s string) (time.Duration, bool) { return parseSpanOf(s, 24*time.Hour) }

// parseSpanOf reads a duration whose days have a given length.
func parseSpanOf(s string, day time.Duration) (time.Duration, bool) {
	units := map[string]time.Duration{"d": day, "h": time.Hour, "m": time.Minute, "s": time.Second}
	const longest = 10 * 366 * 24 * time.Hour
	if s == "" {
		return 0, false
	}
	var total time.Duration
	for s != "" {
		part := spanPart.FindStringSubmatch(s)
		if part == nil {
			return 0, false
		}
		n, err := strconv.ParseFloat(part[1], 64)
		if err != nil || n*float64(units[part[2]]) > float64(longest) {
			return 0, false
		}
		total += time.Duration(n * float64(units[part[2]]))
		s = s[len(part[0]):]
	}
	return total, total <= longest
}

// clock reads a time of day, "18:00".
func (v value) clock() string {
	if v.draws(clockLeaf()) {
		return ""
	}
	s := v.raw()
	if _, err := time.Parse("15:04", s); err != nil || len(s) != 5 {
		v.problem(`has to be a time of day in quotes such as "18:00", found %s`, v.kind())
		return ""
	}
	return s
}

// zone reads an IANA time zone.
func (v value) zone() string {
	if v.draws(zoneLeaf()) {
		return ""
	}
	s := v.raw()
	if s == "" || s == "Local" {
		v.problem("has to be a time zone such as Europe/Berlin or UTC, found %s", v.kind())
		return ""
	}
	if _, err := time.LoadLocation(s); err != nil {
		v.problem("unknown time zone %s; allowed: IANA names such as Europe/Berlin or UTC", quote(s))
		return ""
	}
	return s
}

// address reads a bare e-mail address.
func (v value) address() string {
	if v.draws(addressLeaf()) {
		return ""
	}
	s := strings.TrimSpace(v.raw())
	if !isAddress(s) {
		v.problem("has to be an e-mail address, found %s", v.kind())
		return ""
	}
	return s
}

func isAddress(s string) bool {
	parsed, err := mail.ParseAddress(s)
	return err == nil && parsed.Address == s && !strings.ContainsAny(s, "\"\\ \t\r\n,;<>()")
}

// date reads the end of a hold: a day ("2027-03-31", to its end in UTC) or an instant.
func (v value) date() time.Time {
	if v.draws(dateLeaf()) {
		return time.Time{}
	}
	s := v.raw()
	if day, err := time.Parse(time.DateOnly, s); err == nil {
		return day.AddDate(0, 0, 1).Add(-time.Second)
	}
	if at, err := time.Parse(time.RFC3339, s); err == nil {
		return at.UTC()
	}
	v.problem("has to be a date such as 2027-03-31 or 2027-03-31T18:00:00Z, found %s", v.kind())
	return time.Time{}
}

// instant reads a moment in RFC 3339.
func (v value) instant() time.Time {
	if v.draws(instantLeaf()) {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, v.raw())
	if err != nil {
		v.problem("has to be a moment such as 2026-11-24T09:00:00Z, found %s", v.kind())
	}
	return at.UTC()
}

// texts reads a list of texts.
func (v value) texts(what string) []string {
	var list []string
	for _, one := range v.items(what) {
		list = append(list, one.text())
	}
	return list
}

// addresses reads a list of e-mail addresses, each named once.
func (v value) addresses(what string) []string {
	var list []string
	for _, one := range v.items(what) {
		a := one.address()
		if slices.ContainsFunc(list, func(b string) bool { return strings.EqualFold(a, b) }) {
			one.problem("%s is named twice", a)
			continue
		}
		list = append(list, a)
	}
	return list
}

// free reads any plain value: text, number, boolean, null, or lists and mappings of these.
func (v value) free(what string) any {
	if v.draws(leaf{schema: schema{}}) {
		return nil
	}
	switch n := v.node.(type) {
	case *ast.StringNode, *ast.LiteralNode:
		return v.raw()
	case *ast.IntegerNode:
		i, err := strconv.ParseInt(fmt.Sprint(n.Value), 10, 64)
		if err != nil {
			v.problem("%s: the number is too large", what)
		}
		return i
	case *ast.FloatNode:
		return n.Value
	case *ast.BoolNode:
		return n.Value
	case *ast.NullNode:
		return nil
	case *ast.SequenceNode:
		list := []any{}
		for _, one := range v.items(what) {
			list = append(list, one.free(what))
		}
		return list
	case *ast.MappingNode, *ast.MappingValueNode:
		m := map[string]any{}
		for _, e := range v.entries(what) {
			m[e.key] = e.value.free(what)
		}
		return m
	default:
		v.problem("%s has to be a plain value, found %s", what, v.kind())
		return nil
	}
}
