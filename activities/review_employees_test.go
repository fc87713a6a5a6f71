package activities_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/review"
	"latchkey/simulators/freshservice/freshsim"
)

// exported is a review whose employees come from an export.
func exported(t *testing.T, w *reviewWorld, text, more string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "staff.csv")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	w.policy(acmePolicy(t, map[string]string{"review.yaml": `
reviewers: [{name: all, who: [manager]}]
fallback: [{person: eleanor.marsh@acme.example}, {person: farah.nasser@acme.example}]
employees: {source: csv, path: "` + file + `", match: [email, employee_number], columns: {email: Mail, employee_number: No, manager: Boss}, active: 'row.State == "on" && int(row.Days) >= 0'` + more + `}
`}))
}

func TestEmployeesComeFromAnExport(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	exported(t, w, "\ufeffMail;No;Boss;State;Days\n"+
		"BEN.WHITAKER@acme.example;;Eleanor.Marsh@acme.example;on;1\n"+
		";A1001;;on;2\n"+ // Eleanor, by number
		"rosa.ferreira@acme.example;;;off;3\n"+
		"mara.delacroix@acme.example;;;on;soon\n", `, comma: ";"`)
	ref := w.employees("a")
	assert.Equal(t, "csv", ref.Source)
	assert.Equal(t, 4, ref.People)
	assert.Equal(t, 2, ref.Active)
	assert.Equal(t, []string{"line 5 of the employees' export: whether it is an active employee could not be judged, so it counts as none"}, ref.Partial)
	_, result := w.assign("a", `person.login in ["ben.whitaker@acme.example", "eleanor.marsh@acme.example", "rosa.ferreira@acme.example"]`)
	require.Positive(t, result.Items)
	for key, i := range w.items("a") {
		switch i.Person.Login {
		case acme.Ben:
			assert.False(t, i.Has(review.MarkOrphan), key)
			assert.Equal(t, w.user("eleanor.marsh@acme.example").ID, i.Reviewer, "the export's manager comes before Okta's")
		case "rosa.ferreira@acme.example":
			assert.True(t, i.Has(review.MarkOrphan), "somebody who left: %s", key)
		}
	}
}

func TestAnExportThatCannotBeTrustedIsRefused(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ text, more, says string }{
		"empty":       {"", "", "is empty"},
		"no column":   {"Mail,No,State,Days\n", "", `no column "Boss"; it has Mail, No, State, Days`},
		"a hole":      {"Mail,No,Boss,State,Days\na@b.example,1,,on,1\nbroken,2\n", "", "line 3"},
		"a quote":     {"Mail,No,Boss,State,Days\n\"a,1,,on,1\n", "", "at line"},
		"nobody":      {"Mail,No,Boss,State,Days\na@b.example,1,,off,1\n", "", "not one active employee"},
		"wrong comma": {"Mail,No,Boss,State,Days\n", `, comma: tab`, "no column"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newReviewWorld(t, nil)
			exported(t, w, tt.text, tt.more)
			_, _, err := do[contract.EmployeesRef](t, w.desk, w.desk.desk.ReviewEmployees, contract.ReviewEmployeesInput{Campaign: "a"})
			require.Equal(t, casework.Invalid, kind(err), "%v", err)
			assert.Contains(t, err.Error(), tt.says)
			assert.NotContains(t, err.Error(), os.TempDir(), "no path of the machine")
		})
	}
}

func TestAnExportThatIsNotThereSaysWhatToDo(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	for _, where := range []string{"path: /nowhere/staff.csv", "blob: hr/staff.csv"} {
		w.policy(acmePolicy(t, map[string]string{"review.yaml": "employees: {source: csv, " + where + ", columns: {email: Mail}, active: 'row.a == \"1\"'}\n"}))
		_, _, err := do[contract.EmployeesRef](t, w.desk, w.desk.desk.ReviewEmployees, contract.ReviewEmployeesInput{Campaign: "a"})
		require.Equal(t, casework.Invalid, kind(err))
		assert.Contains(t, err.Error(), "review.yaml")
	}
}

func TestEmployeesOfTheDeskAreReadOnAfterTheBudgetIsBack(t *testing.T) {
	t.Parallel()
	w := newReviewWorld(t, nil)
	whole := w.employees("whole")
	w.desk.fault(t, freshsim.Fault{Kind: freshsim.FaultRateLimited, Path: "/requesters", Once: true})
	ref, attempts, err := do[contract.EmployeesRef](t, w.desk, w.desk.desk.ReviewEmployees, contract.ReviewEmployeesInput{Campaign: "cut"})
	require.NoError(t, err)
	assert.Greater(t, attempts, 2, "each page was refused once")
	assert.Equal(t, whole.People, ref.People)
	assert.Equal(t, whole.Active, ref.Active)
	parts, err := w.blobs.ReadAll(t.Context(), ref.Key)
	require.NoError(t, err)
	assert.NotContains(t, strings.ToLower(string(parts)), "@acme.example", "addresses stay in the parts")
}
