package freshservice_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/clients/freshservice"
)

func TestGroupsRolesAndWorkspaces(t *testing.T) {
	t.Parallel()
	d := newDesk(t).
		on("GET /groups", answer(200, `{"groups":[{"id":8,"name":"IT","members":null}]}`)).
		on("GET /groups/8", answer(200, `{"group":{"id":8,"name":"IT","members":[3,4],"created_at":"2026-01-02T03:04:05+05:30"}}`)).
		on("GET /roles", answer(200, `{"roles":[{"id":1,"name":"Account Admin","role_type":1,"scopes":{"ticket":null}}]}`)).
		on("GET /workspaces", answer(200, `{"workspaces":[{"id":2,"name":"IT","primary":true}]}`)).
		on("GET /requester_groups", answer(200, `{"requester_groups":[{"id":5,"name":"Staff","type":"manual"}]}`)).
		on("GET /requester_groups/5/members", answer(200, `{"requesters":[{"id":3,"email":"jane@acme.test"}]}`)).
		on("POST /requester_groups/5/members/3", answer(200, ``)).
		on("DELETE /requester_groups/5/members/3", answer(204, ``))
	c := d.client(func(cfg *freshservice.Config) { cfg.WorkspaceID = 2 })
	groups, err := c.ListGroups(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "IT", groups[0].Name)
	assert.Equal(t, "2", d.last().query.Get("workspace_id"))
	group, err := c.GetGroup(t.Context(), 8)
	require.NoError(t, err)
	assert.Equal(t, []int64{3, 4}, group.Members)
	roles, err := c.ListRoles(t.Context())
	require.NoError(t, err)
	assert.Equal(t, 1, roles[0].Type)
	workspaces, err := c.ListWorkspaces(t.Context())
	require.NoError(t, err)
	assert.True(t, workspaces[0].Primary)
	rg, err := c.ListRequesterGroups(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "manual", rg[0].Type)
	members, err := c.RequesterGroupMembers(t.Context(), 5)
	require.NoError(t, err)
	assert.Equal(t, "jane@acme.test", members[0].Email)
	require.NoError(t, c.AddRequesterGroupMember(t.Context(), 5, 3))
	require.NoError(t, c.RemoveRequesterGroupMember(t.Context(), 5, 3))
}

func TestALocationHidesUnderAPluralKey(t *testing.T) {
	t.Parallel()
	d := newDesk(t).on("GET /locations/2", answer(200, `{"locations":{"id":2,"name":"Oslo","address":{"line1":"x","zipcode":150}}}`)).
		on("GET /departments/11", answer(200, `{"department":{"id":11,"name":"Sales","head_user_id":null,"domains":[]}}`))
	l, err := d.client().GetLocation(t.Context(), 2)
	require.NoError(t, err)
	assert.Equal(t, "Oslo", l.Name)
	assert.Equal(t, "150", l.Address.Zipcode)
	dep, err := d.client().GetDepartment(t.Context(), 11)
	require.NoError(t, err)
	assert.Zero(t, dep.HeadUserID)
}

func TestFindingByName(t *testing.T) {
	t.Parallel()
	const all = `{"departments":[{"id":11,"name":"Sales"},{"id":12,"name":"R&D 'Lab'"},{"id":13,"name":"Ops"},{"id":14,"name":"ops "}]}`
	none := answer(200, `{"departments":[],"total":0}`)
	for name, tt := range map[string]struct {
		ask     string
		answers []string
		calls   int
		want    int64
		kind    freshservice.Kind
	}{
		"by the query":              {"sales", []string{`{"departments":[{"id":11,"name":"Sales"}],"total":1}`}, 1, 11, 0},
		"the query ignored":         {"Sales", []string{all}, 1, 11, 0},
		"not indexed yet":           {"Sales", []string{`{"departments":[]}`, all}, 2, 11, 0},
		"a name no query can carry": {"R&D 'Lab'", []string{all}, 1, 12, 0},
		"none":                      {"Legal", []string{`{"departments":[]}`, all}, 2, 0, freshservice.NotFound},
		"several":                   {"Ops", []string{all}, 1, 0, freshservice.Conflict},
		"empty":                     {" ", nil, 0, 0, freshservice.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			for _, a := range tt.answers {
				d.on("GET /departments", answer(200, a))
			}
			got, err := d.client().FindDepartmentByName(t.Context(), tt.ask)
			assert.Len(t, d.requests(), tt.calls)
			if tt.kind != 0 {
				require.ErrorIs(t, err, tt.kind)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.want, got.ID)
		})
	}

	d := newDesk(t).on("GET /departments", answer(400, `{"description":"Validation failed","errors":[{"field":"query","code":"invalid_field"}]}`), answer(200, all)).
		on("GET /locations", none, answer(200, `{"locations":[{"id":2,"name":"Oslo"}]}`))
	got, err := d.client().FindDepartmentByName(t.Context(), "Sales")
	require.NoError(t, err)
	assert.Equal(t, int64(11), got.ID)

	d = newDesk(t).on("GET /departments", answer(503, ``))
	_, err = d.client().FindDepartmentByName(t.Context(), "Sales")
	require.ErrorIs(t, err, freshservice.Unavailable)

	d = newDesk(t).on("GET /locations", answer(200, `{"locations":[{"id":2,"name":"Oslo"}]}`))
	loc, err := d.client().FindLocationByName(t.Context(), "oslo")
	require.NoError(t, err)
	assert.Equal(t, int64(2), loc.ID)
	assert.Equal(t, `"name:'oslo'"`, d.last().query.Get("query"))
}
