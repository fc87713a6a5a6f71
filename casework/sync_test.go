package casework_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"pgregory.net/rapid"

	"latchkey/casework"
)

// world is both sides' values, and what a transform makes of the owner's.
type world struct {
	okta, desk map[string]string
	attributes []casework.SyncAttribute
	transforms map[string]func(string) string
}

func (w world) side(s casework.Side) map[string]string {
	if s == casework.SideOkta {
		return w.okta
	}
	return w.desk
}

func (w world) readings() []casework.SyncReading {
	var list []casework.SyncReading
	for _, a := range w.attributes {
		list = append(list, casework.SyncReading{
			Attribute: a, Wanted: w.transforms[a.Name](w.side(a.Owner)[a.Field(a.Owner)]), Has: w.side(a.Target())[a.Field(a.Target())],
		})
	}
	return list
}

func draw(t *rapid.T) world {
	value := rapid.SampledFrom([]string{"", " ", "Sales", "sales", "Sales  EMEA", "+49 30 1234", "+49301234", "0", "ada@acme.example", "Ünïcödé"})
	field := rapid.SampledFrom([]string{"a", "b", "c", "d", "e"}) // few, so that attributes meet on one field
	transforms := []func(string) string{
		func(s string) string { return s },
		strings.ToUpper, strings.TrimSpace,
		func(string) string { return "always" },
		func(string) string { return "" },
		func(s string) string { return s + s },
	}
	w := world{okta: map[string]string{}, desk: map[string]string{}, transforms: map[string]func(string) string{}}
	for _, f := range []string{"a", "b", "c", "d", "e"} {
		w.okta[f], w.desk[f] = value.Draw(t, "okta "+f), value.Draw(t, "desk "+f)
	}
	for i := range rapid.IntRange(1, 6).Draw(t, "attributes") {
		name := string(rune('p' + i))
		w.attributes = append(w.attributes, casework.SyncAttribute{
			Name: name, Owner: rapid.SampledFrom([]casework.Side{casework.SideOkta, casework.SideDesk}).Draw(t, "owner"),
			Okta: field.Draw(t, "okta field"), Desk: field.Draw(t, "desk field"), Blank: rapid.Bool().Draw(t, "blank"),
			Compare:    rapid.SampledFrom([]casework.Comparison{casework.CompareExact, casework.CompareFold, casework.ComparePhone}).Draw(t, "compare"),
			RoleChange: rapid.Bool().Draw(t, "role change"),
		})
		w.transforms[name] = transforms[rapid.IntRange(0, len(transforms)-1).Draw(t, "transform")]
	}
	return w
}

// apply does what a sync does with a plan: it writes.
func (w world) apply(drifts []casework.Drift) {
	for _, side := range []casework.Side{casework.SideOkta, casework.SideDesk} {
		for _, d := range casework.Writes(drifts, side) {
			w.side(side)[d.Attribute.Field(side)] = d.Wanted
		}
	}
}

func TestAPlanThatWasCarriedOutLeavesNothingToWrite(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := draw(t)
		first := casework.PlanSync(w.readings())
		okta, desk := maps.Clone(w.okta), maps.Clone(w.desk)
		w.apply(first)
		for _, d := range first {
			if d.Kind != casework.DriftWrite {
				continue
			}
			if !d.Attribute.Blank && d.Attribute.Normal(d.Wanted) == "" {
				t.Fatalf("%s is overwritten with a blank", d.Attribute.Name)
			}
			before := map[casework.Side]map[string]string{casework.SideOkta: okta, casework.SideDesk: desk}[d.Attribute.Owner]
			field := d.Attribute.Field(d.Attribute.Owner)
			if w.side(d.Attribute.Owner)[field] != before[field] {
				t.Fatalf("%s was written on the side that owns it", d.Attribute.Name)
			}
		}
		for _, d := range casework.PlanSync(w.readings()) {
			if d.Kind == casework.DriftWrite {
				t.Fatalf("%s would be written again: wants %q, has %q", d.Attribute.Name, d.Wanted, d.Has)
			}
		}
	})
}

func TestPlanSync(t *testing.T) {
	t.Parallel()
	title := casework.SyncAttribute{Name: "title", Owner: casework.SideOkta, Okta: "title", Desk: "job_title"}
	deskTitle := title
	deskTitle.Owner = casework.SideDesk
	roleTitle := deskTitle
	roleTitle.RoleChange = true
	blankTitle := title
	blankTitle.Blank = true
	phone := casework.SyncAttribute{Name: "phone", Owner: casework.SideOkta, Okta: "mobilePhone", Desk: "mobile_phone_number", Compare: casework.ComparePhone}
	for name, test := range map[string]struct {
		reading casework.SyncReading
		want    casework.DriftKind
	}{
		"alike":                              {casework.SyncReading{Attribute: title, Wanted: "Engineer", Has: "Engineer"}, ""},
		"blanks do not count":                {casework.SyncReading{Attribute: title, Wanted: " Site  Engineer ", Has: "Site Engineer"}, ""},
		"a phone in another form":            {casework.SyncReading{Attribute: phone, Wanted: "+49 (30) 12-34", Has: "+49301234"}, ""},
		"differs":                            {casework.SyncReading{Attribute: title, Wanted: "Engineer", Has: "Analyst"}, casework.DriftWrite},
		"the other side has none":            {casework.SyncReading{Attribute: title, Wanted: "Engineer"}, casework.DriftWrite},
		"an empty value takes nothing":       {casework.SyncReading{Attribute: title, Has: "Analyst"}, casework.DriftBlank},
		"an empty value where policy allows": {casework.SyncReading{Attribute: blankTitle, Has: "Analyst"}, casework.DriftWrite},
		"a role change towards Okta":         {casework.SyncReading{Attribute: roleTitle, Wanted: "Engineer", Has: "Analyst"}, casework.DriftRoleChange},
		"towards Okta":                       {casework.SyncReading{Attribute: deskTitle, Wanted: "Engineer", Has: "Analyst"}, casework.DriftWrite},
		"no transform":                       {casework.SyncReading{Attribute: title, Unusable: "no number", Has: "x"}, casework.DriftUnusable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			drifts := casework.PlanSync([]casework.SyncReading{test.reading})
			if test.want == "" {
				assert.Empty(t, drifts)
				return
			}
			assert.Len(t, drifts, 1)
			assert.Equal(t, test.want, drifts[0].Kind)
			assert.Equal(t, test.want == casework.DriftWrite || test.want == casework.DriftRoleChange, casework.Work(drifts))
		})
	}
}
