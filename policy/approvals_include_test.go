package policy_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestARouteIncludesTheLevelsOfAnother(t *testing.T) {
	t.Parallel()
	r := firstRoute(t, office+`
routes:
  - name: strict
    include: security
    ban: [c@acme.example]
    levels: [{name: board, `+asks+`}]
  - name: security
    when: "false"
    allow_repeat: true
    include: standard
    ban: [b@acme.example]
    levels: [{name: security, `+asks+`}]
  - {name: standard, calendar: office, ban: [a@acme.example], levels: [{name: manager, `+asks+`}, {name: owner, `+asks+`}]}
  - {name: alias, include: standard}
`)
	var names []string
	for _, l := range r.Levels {
		names = append(names, l.Name)
	}
	assert.Equal(t, []string{"manager", "owner", "security", "board"}, names)
	assert.Equal(t, []string{"a@acme.example", "b@acme.example", "c@acme.example"}, r.BanExtra)
	assert.False(t, r.AllowRepeat, "that is the route's own")
	assert.Equal(t, "office", r.Levels[1].Calendar.Name)
	assert.Nil(t, r.Levels[2].Calendar)
}

func TestIncludesAreRefusedWithPlaceAndWayOut(t *testing.T) {
	t.Parallel()
	levels := "levels: [{name: a, " + asks + "}]"
	tests := map[string]struct {
		text string
		want []string
	}{
		"of nothing": {"routes:\n  - {name: r, include: s}\n  - {name: t, " + levels + "}\n  - {name: d, mode: desk}\n", []string{`approvals.yaml:2:24: unknown route "s"; allowed: t`}},
		"of itself":  {"routes:\n  - {name: r, include: r}\n", []string{"approvals.yaml:2:24: routes include each other in a circle: r → r"}},
		"in a circle": {
			"routes:\n  - {name: r, include: s}\n  - {name: s, include: t, " + levels + "}\n  - {name: t, include: s}\n",
			[]string{"approvals.yaml:4:24: routes include each other in a circle: s → t → s"},
		},
		"of the desk's chain": {"routes:\n  - {name: r, include: d}\n  - {name: d, mode: desk}\n", []string{`approvals.yaml:2:24: the route "d" has mode: desk and no levels to include; allowed: `}},
		"by the desk's chain": {"routes:\n  - {name: d, mode: desk, include: r}\n  - {name: r, " + levels + "}\n", []string{"approvals.yaml:2:5: include belongs to mode: levels, and this route has mode: desk"}},
		"of a level twice":    {"routes:\n  - {name: r, include: s, " + levels + "}\n  - {name: s, " + levels + "}\n", []string{`approvals.yaml:2:24: the route "s" has a level "a" as well; give each level a name of its own`}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := withApprovals(t, tt.text)
			refused(t, err, tt.want)
		})
	}
}
