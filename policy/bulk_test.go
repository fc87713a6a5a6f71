package policy_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/policy"
)

func acmeForm(t *testing.T, u casework.UseCase) policy.BulkForm {
	t.Helper()
	p, err := policy.Load("../examples/acme/policies")
	require.NoError(t, err)
	form, err := p.BulkForm(u)
	require.NoError(t, err)
	return form
}

// readBulk reads a file and gives its problems as lines.
func readBulk(t *testing.T, u casework.UseCase, text string) ([]policy.BulkRow, []string) {
	t.Helper()
	rows, problems, err := acmeForm(t, u).ReadBulk(strings.NewReader(text))
	require.NoError(t, err)
	var lines []string
	for _, p := range problems {
		lines = append(lines, p.String())
	}
	return rows, lines
}

const joiners = "first_name,last_name,personal_email,title,department,location,manager_email,date\n"

func TestARowOfAFileIsReadAsAFormIs(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"commas":          joiners + "Noa,Lindqvist,NOA@home.example,Account Executive,Sales,Berlin,mara.delacroix@acme.example,2027-01-11\n",
		"semicolons, BOM": "\ufeff" + strings.ReplaceAll(joiners, ",", ";") + "Noa;Lindqvist;NOA@home.example;Account Executive;Sales;Berlin;mara.delacroix@acme.example;11-01-2027\n",
		"labels, order":   "First working day,Last name,First name,Department,Location,Job title,Private e-mail address,Manager's e-mail address\n2027-01-11,Lindqvist,Noa,Sales,Berlin,Account Executive,NOA@home.example,mara.delacroix@acme.example\n\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			rows, problems := readBulk(t, casework.Onboarding, text)
			require.Empty(t, problems)
			require.Len(t, rows, 1)
			c := rows[0].Read
			assert.Equal(t, map[string]any{
				"first_name": "Noa", "last_name": "Lindqvist", "personal_email": "noa@home.example", "title": "Account Executive",
				"department": "Sales", "location": "Berlin", "manager_email": "mara.delacroix@acme.example",
			}, c.Fields)
			assert.Equal(t, "2027-01-11T08:00", c.LocalEffective, "the hour is policy's")
			assert.Equal(t, 2, rows[0].Line)
		})
	}
}

func TestEverythingThatIsWrongWithAFileIsSaidAtOnceWithItsPlace(t *testing.T) {
	t.Parallel()
	_, problems := readBulk(t, casework.Onboarding, joiners+
		"Noa,Lindqvist,noa@home.example,Engineer,Sales,Berlin,,2027-01-11\n"+
		"Ola,,ola at home,Engineer,Sales,Berlin,,soon\n"+
		"\n"+
		"Noa,Özil,noa@home.example,Engineer,Sales,Berlin,,2027-01-11,extra\n")
	assert.Equal(t, []string{
		"line 3, column 5 (last_name): is empty",
		`line 3, column 6 (personal_email): is not an e-mail address: "ola at home"`,
		`line 3, column 41 (date): is not a date such as 2026-12-04 or 04-12-2026: "soon"`,
		"line 5, column 61: 9 cells, and 8 headings",
		"line 5: the same person as in line 2",
	}, problems)
}

func TestAFileThatCannotBeAskedForIsRefusedAtItsHeading(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ text, want string }{
		"empty":           {"", "line 1: the file has no line of headings; it needs person, date"},
		"unknown column":  {"person,date,shoe size\n", `line 1, column 13 (shoe size): no such column; there are person, separation_type, mailbox_delegate, date, time`},
		"twice":           {"person,date,Person\n", "line 1, column 13 (Person): the column stands twice"},
		"missing column":  {"person\nx@acme.example\n", "line 1 (date): the column is missing (Last working day)"},
		"nobody":          {"person,date\n,\n", "line 1: the file names nobody"},
		"a broken quote":  {"person,date\n\"x@acme.example,2027-01-11\n", "cannot be read as CSV"},
		"the same leaver": {"person,date\nx@acme.example,2027-01-11\nX@acme.example,2027-01-12\n", "line 3: the same person as in line 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := readBulk(t, casework.Offboarding, test.text)
			require.NotEmpty(t, problems)
			assert.Contains(t, problems[0], test.want)
		})
	}
}
