package casework_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"latchkey/casework"
	"latchkey/identity"
)

func TestAPlanAboutSomebodyElseNeverKeepsItsApprovals(t *testing.T) {
	t.Parallel()
	about := func(id string) casework.Plan {
		return casework.Plan{UseCase: casework.Offboarding, Person: identity.Person{OktaUserID: id}, Changes: []casework.Change{
			{Verb: casework.VerbSuspend, Object: identity.Entitlement{Kind: identity.KindAccount, ID: id}},
		}}
	}
	d := casework.Compare(about("00u1"), about("00u2"))
	assert.False(t, d.Empty())
	assert.True(t, d.Reopens(casework.Offboarding), "a leaver that was approved for one person is not another's")
	assert.False(t, casework.Compare(about("00u1"), about("00u1")).Reopens(casework.Offboarding))
}
