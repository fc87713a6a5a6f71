package stories_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/testkit"
)

func TestWithEveryAnswerLostOnceThereIsOneOfEverything(t *testing.T) {
	p := server.Playground(t, nil)
	require.NoError(t, p.LoseAnswers())
	ctx := testkit.Soon(t)
	mark := p.Mark()

	leaver, err := p.Leaver(ctx, acme.Farah, acme.Ada, yesterday(), nil)
	require.NoError(t, err)
	emergency, err := p.Leaver(ctx, acme.Grace, acme.Emil, time.Time{}, map[string]any{"emergency": true})
	require.NoError(t, err)
	access := ask(t, p, "Tableau access", acme.Ben)
	require.NoError(t, p.Approve(ctx, leaver, managerOf(t, p, acme.Ada), "ok"))
	require.NoError(t, p.Approve(ctx, emergency, "xochitl.ramirez@acme.example", "ok"))
	require.NoError(t, p.Approve(ctx, access, acme.Mara, "ok"))
	require.NoError(t, p.Approve(ctx, access, acme.Omar, "ok"))
	ends(t, p, leaver, casework.EndDone)
	ends(t, p, emergency, casework.EndResiduals)
	ends(t, p, access, casework.EndDone)

	for login, ticket := range map[string]int64{acme.Ada: leaver, acme.Emil: emergency, acme.Ben: access} {
		assert.NotEmpty(t, changes(t, p, login, mark), "one System Log event per change")
		resolved(t, p, ticket) // one note per marker
		groups, err := p.Approvals(ctx, ticket)
		require.NoError(t, err)
		want := 1
		if ticket == access {
			want = 2
		}
		assert.Len(t, groups, want, "one approval group per level of FS-%d: %+v", ticket, groups)
	}
}
