package oktasim

import (
	"testing"
)

// Parsers of text that strangers send must neither panic nor accept what they cannot evaluate.
func FuzzParseFilter(f *testing.F) {
	for _, seed := range []string{
		`status eq "ACTIVE"`, `profile.a sw "x" and (b pr or not (c gt 3))`, `a eq "\"`, `((((`, `not not a pr`, `a eq null or b eq true`, `"`, `a eqq "x"`,
	} {
		f.Add(seed)
	}
	u := &user{id: "00u", profile: map[string]any{"a": "x", "b": []any{"y", 1.5, true, nil}}}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parseFilter(text)
		if err != nil {
			return
		}
		if err := n.each(func(*filterNode) error { return nil }); err != nil {
			t.Fatal(err)
		}
		n.eval(u.fields, true)
		n.eval(u.fields, false)
	})
}

func FuzzParseRule(f *testing.F) {
	for _, seed := range []string{
		`user.department=="Sales"`, `!(user.a == null) && String.startsWith(user.title, "S")`, `isMemberOfAnyGroup("a","b") OR user.x >= 3`,
		`((((`, `"`, `user.`, `Arrays.contains(user.b, 'y')`, `not not true`,
	} {
		f.Add(seed)
	}
	st := newState()
	st.everyoneID = "00gE"
	st.groups["00gE"] = &group{id: "00gE", profile: map[string]any{"name": "Everyone"}}
	u := &user{id: "00u", profile: map[string]any{"a": "x", "b": []any{"y"}, "n": 2.0}}
	f.Fuzz(func(_ *testing.T, text string) {
		e, err := parseRule(text)
		if err != nil {
			return
		}
		e.eval(&ruleScope{st, u})
	})
}
