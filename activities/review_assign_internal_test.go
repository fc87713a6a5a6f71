package activities

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"gocloud.dev/blob"
	"gocloud.dev/blob/memblob"
	"pgregory.net/rapid"

	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
	"latchkey/review"
)

type onePolicy struct{ p *policy.Policy }

func (o onePolicy) Current() *policy.Policy { return o.p }

// reviewPolicies are policies that differ in who reviews.
func reviewPolicies(t *testing.T) []*policy.Policy {
	t.Helper()
	var list []*policy.Policy
	for _, text := range []string{
		"reviewers: [{name: all, who: [manager]}]\nfallback: [{person: u0@x.example}, {person: u1@x.example}]\n",
		"reviewers: [{name: apps, when: 'grant.kind == \"app\"', who: [owner]}, {name: rest, who: [manager]}]\nfallback: [{person: u2@x.example}]\nowners: [{apps: ['*'], owner: u3@x.example}]\n",
		"reviewers: [{name: all, who: [owner]}]\n",
	} {
		dir := t.TempDir()
		require.NoError(t, os.CopyFS(dir, os.DirFS("testdata/desk")))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "review.yaml"), []byte(text), 0o600))
		p, err := policy.Load(dir)
		require.NoError(t, err)
		list = append(list, p)
	}
	return list
}

// lines keeps a list of a snapshot, in two parts.
func lines[T any](t *rapid.T, bucket *blob.Bucket, place *snapPlace, name string, items []T) {
	place.Section.Name = name
	half := len(items) / 2
	for _, part := range [][]T{items[:half], items[half:]} {
		packed, digest, err := packLines(part)
		require.NoError(t, err)
		require.NoError(t, place.add(t.Context(), bucket, packed, digest, len(part)))
	}
	require.NoError(t, place.close(t.Context(), bucket))
}

// Whatever people, managers, grants and policy there are: every grant in scope is asked about exactly once, or said to
// be nobody's to review; nobody reviews themself; whoever reviews can sign in.
func TestEveryGrantIsAskedAboutOnceAndNobodyAnswersForThemself(t *testing.T) {
	t.Parallel()
	policies := reviewPolicies(t)
	statuses := []identity.UserStatus{identity.StatusActive, identity.StatusActive, identity.StatusActive, identity.StatusSuspended, identity.StatusStaged, identity.StatusLockedOut}
	rapid.Check(t, func(t *rapid.T) {
		bucket := memblob.OpenBucket(nil)
		place := snapPlace{Campaign: "c"}
		people := rapid.IntRange(1, 12).Draw(t, "people")
		var users []snapUser
		var staff []employee
		for i := range people {
			email := fmt.Sprintf("u%d@x.example", i)
			manager := rapid.IntRange(-1, people).Draw(t, "manager") // nobody, anybody, themself, a stranger
			users = append(users, snapUser{Person: identity.Person{
				OktaUserID: fmt.Sprintf("00u%d", i), Status: rapid.SampledFrom(statuses).Draw(t, "status"), Login: email, Email: email,
				FirstName: rapid.SampledFrom([]string{"Ada", "ada\x01", "Bo\nb", "=1+1"}).Draw(t, "name"), ManagerEmail: fmt.Sprintf("u%d@x.example", manager),
				Department: "D", Title: rapid.SampledFrom([]string{"", "T", "S"}).Draw(t, "title"),
			}})
			staff = append(staff, employee{Emails: []string{email}, Active: rapid.Bool().Draw(t, "employed")})
		}
		users = append(users, users[0]) // a page seen twice
		lines(t, bucket, &place, "users", users)
		lines(t, bucket, &place, "rules", []okta.GroupRule{})
		want := map[string]bool{}
		grants := func(object identity.Entitlement) []string {
			var holders []string
			for range rapid.IntRange(0, 15).Draw(t, "holders") {
				n := rapid.IntRange(0, people).Draw(t, "holder") // the last is a stranger
				id := fmt.Sprintf("00u%d", n)
				holders = append(holders, id)
				if n < people {
					want[review.ItemID(id, object)] = true
				}
			}
			return holders
		}
		var groups []snapGroup
		var apps []snapApp
		for i := range rapid.IntRange(0, 3).Draw(t, "groups") {
			groups = append(groups, snapGroup{ID: fmt.Sprintf("00g%d", i), Name: "G", Type: okta.OktaGroup})
		}
		for i := range rapid.IntRange(0, 3).Draw(t, "apps") {
			apps = append(apps, snapApp{ID: fmt.Sprintf("0oa%d", i), Label: "A"})
		}
		lines(t, bucket, &place, "groups", groups)
		lines(t, bucket, &place, "apps", apps)
		for _, g := range groups {
			var members []snapMember
			for _, id := range grants(identity.Entitlement{Kind: identity.KindGroup, ID: g.ID}) {
				members = append(members, snapMember{User: id})
			}
			lines(t, bucket, &place, "members/"+g.ID, members)
		}
		for _, a := range apps {
			var holders []snapAppUser
			for _, id := range grants(identity.Entitlement{Kind: identity.KindApp, ID: a.ID}) {
				holders = append(holders, snapAppUser{User: id, Scope: rapid.SampledFrom([]okta.Scope{okta.UserScope, okta.GroupScope}).Draw(t, "scope")})
			}
			lines(t, bucket, &place, "app_users/"+a.ID, holders)
		}
		packed, digest, err := packLines(staff)
		require.NoError(t, err)
		require.NoError(t, bucket.WriteAll(t.Context(), "staff", packed, nil))
		require.NoError(t, writeBlob(t.Context(), bucket, employeesKey("c"), employeesManifest{Content: employeesContent{Parts: []snapPart{{Key: "staff", Digest: digest}}}}))
		p := rapid.SampledFrom(policies).Draw(t, "policy")
		o := &Okta{Policy: onePolicy{p}, Blobs: bucket}
		s := snapshot{okta: o, place: place}
		_, err = s.finish(t.Context())
		require.NoError(t, err)
		result, err := o.reviewAssign(t.Context(), contract.ReviewAssignInput{Campaign: "c", Due: time.Now()})
		require.NoError(t, err)
		checkPackets(t, o, result, want, users)
	})
}

func checkPackets(t *rapid.T, o *Okta, result contract.ReviewAssignResult, want map[string]bool, users []snapUser) {
	index, err := indexOf(t.Context(), o.Blobs, "c")
	require.NoError(t, err)
	met := map[string]bool{}
	for _, ref := range index.Packets {
		var packet review.Packet
		there, err := readBlob(t.Context(), o.Blobs, ref.Key, &packet)
		require.NoError(t, err)
		require.True(t, there)
		require.Len(t, packet.Items, ref.Items)
		at := slices.IndexFunc(users, func(u snapUser) bool { return u.Person.OktaUserID == ref.Reviewer.ID })
		require.GreaterOrEqual(t, at, 0)
		status := users[at].Person.Status
		assert.True(t, status == identity.StatusActive || status == identity.StatusLockedOut, "a reviewer is %s", status)
		for _, i := range packet.Items {
			assert.NotEqual(t, ref.Reviewer.ID, i.Person.OktaUserID)
			assert.False(t, met[i.ID], "asked about twice")
			met[i.ID] = true
		}
		if ref.Escalate != nil {
			assert.NotEqual(t, ref.Reviewer.ID, ref.Escalate.ID)
			assert.False(t, slices.ContainsFunc(packet.Items, func(i review.Item) bool { return i.Person.OktaUserID == ref.Escalate.ID }), "whoever stands in is not reviewed in the packet")
		}
	}
	unassigned := 0
	for i, err := range readItems[review.Item](t.Context(), o.Blobs, review.UnassignedKey("c")) {
		require.NoError(t, err)
		assert.False(t, met[i.ID])
		assert.Contains(t, i.Why, "nobody may review it")
		met[i.ID] = true
		unassigned++
	}
	assert.Equal(t, want, met)
	assert.Equal(t, result.Unassigned, unassigned)
	assert.Equal(t, len(want), result.Items+result.Unassigned)
}
