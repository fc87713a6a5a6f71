package oktasim

import (
	"fmt"
	"strings"
	"time"
)

// each calls check for every comparison until one fails.
func (n *filterNode) each(check func(*filterNode) error) error {
	if n.op == "cmp" {
		return check(n)
	}
	for _, k := range n.kids {
		if err := k.each(check); err != nil {
			return err
		}
	}
	return nil
}

// eval decides the filter for one thing. fields gives the values of an attribute (none when unset); fold ignores case.
func (n *filterNode) eval(fields func(attr string) []any, fold bool) bool {
	switch n.op {
	case "and":
		for _, k := range n.kids {
			if !k.eval(fields, fold) {
				return false
			}
		}
		return true
	case "or":
		for _, k := range n.kids {
			if k.eval(fields, fold) {
				return true
			}
		}
		return false
	case "not":
		return !n.kids[0].eval(fields, fold)
	}
	values := fields(n.attr)
	if n.cmp == "pr" {
		return len(values) > 0
	}
	if n.cmp == "ne" { // nothing equals it
		for _, v := range values {
			if compareValue("eq", v, n.value, fold) {
				return false
			}
		}
		return true
	}
	for _, v := range values {
		if compareValue(n.cmp, v, n.value, fold) {
			return true
		}
	}
	return false
}

func compareValue(op string, have, want any, fold bool) bool {
	h, haveText := have.(string)
	w, wantText := want.(string)
	if !haveText || !wantText {
		return compareOther(op, have, want)
	}
	if ht, err := time.Parse(time.RFC3339Nano, h); err == nil {
		if wt, err := time.Parse(time.RFC3339Nano, w); err == nil {
			return ordered(op, ht.Compare(wt))
		}
	}
	if fold {
		h, w = strings.ToLower(h), strings.ToLower(w)
	}
	switch op {
	case "sw":
		return strings.HasPrefix(h, w)
	case "ew":
		return strings.HasSuffix(h, w)
	case "co":
		return strings.Contains(h, w)
	}
	return ordered(op, strings.Compare(h, w))
}

func compareOther(op string, have, want any) bool {
	hf, haveNumber := toFloat(have)
	wf, wantNumber := toFloat(want)
	if haveNumber && wantNumber {
		switch {
		case hf < wf:
			return ordered(op, -1)
		case hf > wf:
			return ordered(op, 1)
		}
		return ordered(op, 0)
	}
	if op != "eq" {
		return false
	}
	return fmt.Sprint(have) == fmt.Sprint(want)
}

func toFloat(v any) (float64, bool) {
	switch n := v.(type) {
	case float64:
		return n, true
	case int:
		return float64(n), true
	}
	return 0, false
}

func ordered(op string, sign int) bool {
	switch op {
	case "eq":
		return sign == 0
	case "gt":
		return sign > 0
	case "ge":
		return sign >= 0
	case "lt":
		return sign < 0
	case "le":
		return sign <= 0
	}
	return false
}
