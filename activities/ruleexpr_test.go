package activities

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"latchkey/identity"
)

func TestARulesConditionIsReadOnlyAsFarAsItIsPlain(t *testing.T) {
	t.Parallel()
	person := identity.Person{Attributes: map[string]any{"department": "Sales", "city": "São Paulo", "title": `Head and "tail"`}}
	tests := map[string]ruleAnswer{
		`user.department=="Sales"`:                                          ruleYes,
		`user.department == "IT"`:                                           ruleNo,
		`user.department=="sales"`:                                          ruleUnknown, // differs only in case
		`user.department!="IT"`:                                             ruleYes,
		`user.department!="Sales"`:                                          ruleNo,
		`user.division=="EMEA"`:                                             ruleNo, // has none
		`user.city=="New York" or user.city=="São Paulo"`:                   ruleYes,
		`user.city=="New York" OR user.city=="Berlin"`:                      ruleNo,
		`user.city=="New York" || user.department=="Sales"`:                 ruleYes,
		`user.department=="Sales" and user.city=="Berlin"`:                  ruleNo,
		`user.department=="Sales" && user.city=="São Paulo"`:                ruleYes,
		`user.department=="Sales and IT"`:                                   ruleNo, // the word is inside the text
		`String.stringContains(user.title,"Head")`:                          ruleUnknown,
		`user.department=="IT" AND isMemberOfGroup("x")`:                    ruleUnknown, // parentheses: not read at all
		`user.department=="IT" AND user.title matches "x"`:                  ruleNo,      // one side is false, whatever the other says
		`user.department=="Sales" AND user.title matches "x"`:               ruleUnknown,
		`user.department=="Sales" OR user.title matches "x"`:                ruleYes,
		`user.department=="IT" OR user.title matches "x"`:                   ruleUnknown,
		`user.status=="ACTIVE"`:                                             ruleUnknown,
		``:                                                                  ruleUnknown,
		`user.city=="Berlin" or user.department=="Sales" and user.city==""`: ruleNo, // and binds closer
	}
	for expression, want := range tests {
		assert.Equal(t, want, ruleHolds(expression, person), expression)
	}
}
