package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"latchkey/policy"
)

// printDiff writes what another policy would change for people to read.
func printDiff(w io.Writer, r policy.DiffReport) error {
	var rows [][]string
	for _, c := range r.Access {
		rows = append(rows, []string{effectWords(c.Effect), strings.TrimSpace(c.Kind + " " + c.Name), people(c.People), "rule " + c.Rule + ": " + c.Reason, firstOf(c)})
	}
	for _, t := range r.Unevaluated {
		rows = append(rows, []string{"cannot be evaluated", "rule " + t.Rule, people(t.People), t.Policy + ": " + t.Why})
	}
	for _, m := range r.Modes {
		rows = append(rows, []string{"mode", string(m.UseCase), fmt.Sprintf("%s → %s", m.Before, m.After)})
	}
	for _, p := range r.Parts {
		rows = append(rows, []string{string(p.Change), strings.TrimSpace(p.File + " " + p.Part), p.Name, keyWords(p.Keys)})
	}
	return table(w, rows)
}

func effectWords(e policy.Effect) string {
	switch e {
	case policy.EffectGain:
		return "gain"
	case policy.EffectLose:
		return "lose"
	case policy.EffectUnclear:
		return "cannot be said"
	}
	return string(e)
}

// firstOf names the first people, and says how many more there are.
func firstOf(c policy.AccessChange) string {
	names := make([]string, 0, len(c.First)+1)
	for _, p := range c.First {
		names = append(names, p.Name)
	}
	if more := c.People - len(c.First); more > 0 && len(names) > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

// keyWords says which keys changed, with the values where these are short.
func keyWords(keys []policy.KeyChange) string {
	list := make([]string, 0, len(keys))
	for _, k := range keys {
		was, short := shortValue(k.Before)
		is, shortToo := shortValue(k.After)
		switch {
		case short && shortToo:
			list = append(list, strings.TrimSpace(k.Key+" "+was+" → "+is))
		case k.Key != "":
			list = append(list, k.Key)
		}
	}
	return strings.Join(list, ", ")
}

func shortValue(v any) (string, bool) {
	const most = 40
	if v == nil {
		return "nothing", true
	}
	if s, is := v.(string); is {
		return s, len(s) <= most
	}
	text, err := json.Marshal(v)
	return string(text), err == nil && len(text) <= most
}
