package activities

import (
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/policy"
)

const (
	walkMost  = 1000 // people of one part; a part ends with the page that reaches it
	walkWork  = 200  // people with something to do, of one part
	walkLines = 100  // differences that a part's result shows; its report holds all
)

// walkAt is how far one part has come: a later attempt goes on from the last heartbeat.
type walkAt struct {
	Cursor string                  `json:"cursor"`
	Page   int                     `json:"page"`
	Result contract.SyncWalkResult `json:"result"`
}

// SyncWalk compares part of everybody in Okta with what was read of the desk. It changes nothing; what it finds is
// written into the report page by page, and an attempt that broke off is taken up at its last whole page.
func (o *Okta) SyncWalk(ctx context.Context, in contract.SyncWalkInput) (contract.SyncWalkResult, error) {
	result, err := o.syncWalk(ctx, in)
	return result, o.failed(ctx, "comparing everybody on both sides", err)
}

// reportFolder is where one walk's report is kept.
func reportFolder(started time.Time) string {
	return reportsPrefix + started.UTC().Format(reportTime)
}

func (o *Okta) syncWalk(ctx context.Context, in contract.SyncWalkInput) (contract.SyncWalkResult, error) {
	w := syncWalk{okta: o, in: in, reader: o.birthright(o.Policy.Current()), at: walkAt{Cursor: in.Cursor}}
	w.policy = w.reader.policy.Sync()
	var earlier walkAt
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &earlier) == nil {
		w.at = earlier
	}
	w.at.Result.Mode, w.at.Result.Report = w.policy.Mode, reportFolder(in.Started)
	if there, err := readBlob(ctx, o.Blobs, in.Desk, &w.side); err != nil || !there {
		if err == nil {
			err = problemf(casework.Unavailable, "what was read of the desk is not in the blob store any more; the next walk reads it again")
		}
		return w.at.Result, err
	}
	if err := w.readSeen(ctx); err != nil {
		return w.at.Result, err
	}
	for {
		page, err := o.Client.SearchUsers(ctx, okta.UserSearch{After: w.at.Cursor})
		if err != nil {
			return w.at.Result, err
		}
		if err := w.page(ctx, page.Items); err != nil {
			return w.at.Result, err
		}
		w.at.Cursor = page.Next
		if page.Next == "" {
			return w.finish(ctx)
		}
		if w.at.Result.Counts.People >= walkMost || len(w.at.Result.Work) >= walkWork {
			w.at.Result.Next = page.Next
			return w.at.Result, nil
		}
		if err := beat(ctx, w.at); err != nil {
			return w.at.Result, err
		}
	}
}

// syncWalk is one part of a walk.
type syncWalk struct {
	okta    *Okta
	in      contract.SyncWalkInput
	policy  policy.SyncPolicy
	reader  *birthrightReader
	side    deskSide
	byEmail map[string][]int
	byNo    map[string][]int
	seen    map[int64]bool
	at      walkAt
}

func (w *syncWalk) seenKey() string { return path.Join(reportFolder(w.in.Started), "seen.json") }

func (w *syncWalk) readSeen(ctx context.Context) error {
	w.seen = map[int64]bool{}
	var ids []int64
	if w.in.Part > 0 || w.at.Page > 0 {
		if _, err := readBlob(ctx, w.okta.Blobs, w.seenKey(), &ids); err != nil {
			return err
		}
	}
	for _, id := range ids {
		w.seen[id] = true
	}
	w.byEmail, w.byNo = map[string][]int{}, map[string][]int{}
	number := numberField(w.policy)
	for i, p := range w.side.People {
		for _, e := range p.Emails {
			w.byEmail[fold(e)] = append(w.byEmail[fold(e)], i)
		}
		if n := p.Values[number]; n != "" {
			w.byNo[fold(n)] = append(w.byNo[fold(n)], i)
		}
	}
	return nil
}

func fold(s string) string { return (casework.SyncAttribute{Compare: casework.CompareFold}).Normal(s) }

// find narrows the desk to who may be meant before it is searched, so that a walk over many stays quick.
func (w *syncWalk) find(user okta.User) []deskProfile {
	var near deskSide
	met := map[int]bool{}
	for _, i := range slices.Concat(w.byEmail[fold(user.Email())], w.byNo[fold(user.Attr("employeeNumber"))]) {
		if !met[i] {
			met[i] = true
			near.People = append(near.People, w.side.People[i])
		}
	}
	found, _ := near.find(w.policy.Match, numberField(w.policy), user.Email(), user.Attr("employeeNumber"))
	return found
}

// page compares one page of people and writes its part of the report.
func (w *syncWalk) page(ctx context.Context, users []okta.User) error {
	var lines []contract.SyncLine
	r := &w.at.Result
	for _, user := range users {
		found := w.find(user)
		for _, f := range found {
			w.seen[f.ID] = true
		}
		if !w.reader.policy.Syncs(personOf(user)) {
			continue
		}
		r.Counts.People++
		one, work, err := w.compare(ctx, user, found)
		if err != nil {
			return err
		}
		if work {
			r.Counts.Differ++
			r.Work = append(r.Work, user.ID)
		}
		lines = append(lines, one...)
	}
	return w.report(ctx, lines)
}

// report writes the lines of one page, and keeps the first of them for the result.
func (w *syncWalk) report(ctx context.Context, lines []contract.SyncLine) error {
	w.at.Result.Lines = append(w.at.Result.Lines, lines[:min(len(lines), walkLines-len(w.at.Result.Lines))]...)
	w.at.Page++
	key := path.Join(reportFolder(w.in.Started), fmt.Sprintf("%04d-%04d.json", w.in.Part, w.at.Page))
	if err := writeBlob(ctx, w.okta.Blobs, key, lines); err != nil {
		return err
	}
	ids := make([]int64, 0, len(w.seen))
	for id := range w.seen {
		ids = append(ids, id)
	}
	return writeBlob(ctx, w.okta.Blobs, w.seenKey(), ids)
}

func (w *syncWalk) compare(ctx context.Context, user okta.User, found []deskProfile) (lines []contract.SyncLine, work bool, err error) {
	counts := &w.at.Result.Counts
	switch {
	case len(found) > 1:
		counts.Unsure++
		return []contract.SyncLine{{OktaUserID: user.ID, Why: fmt.Sprintf("%d people on the desk fit this account; merge them in Freshservice", len(found))}}, false, nil
	case len(found) == 0 || !found[0].Active:
		counts.NotDesk++
		if w.policy.OnDesk == policy.MissingIgnore {
			return nil, false, nil
		}
		why := "in Okta and not on the desk"
		if len(found) > 0 {
			why = "usable in Okta and deactivated on the desk"
		}
		return []contract.SyncLine{{OktaUserID: user.ID, Why: why}}, w.policy.OnDesk == policy.MissingCreate && len(found) == 0, nil
	}
	drifts, err := w.okta.drifts(ctx, w.reader, user, found[0])
	if err != nil {
		return nil, false, err
	}
	if casework.Work(drifts) {
		if why, err := w.okta.contested(ctx, user, found); err != nil || why != "" {
			counts.Unsure++
			return []contract.SyncLine{{OktaUserID: user.ID, Why: why}}, false, err
		}
	}
	for _, d := range drifts {
		lines = append(lines, contract.SyncLineOf(user.ID, d))
	}
	if work = casework.Work(drifts); !work && len(drifts) > 0 {
		counts.Reported++
	}
	return lines, work, nil
}

// finish looks for who is on the desk and not in Okta, and removes reports that policy keeps no longer.
func (w *syncWalk) finish(ctx context.Context) (contract.SyncWalkResult, error) {
	var lines []contract.SyncLine
	for _, p := range w.side.People {
		if !p.Active || w.seen[p.ID] || w.policy.InOkta == policy.MissingIgnore {
			continue
		}
		w.at.Result.Counts.NotOkta++
		lines = append(lines, contract.SyncLine{Why: fmt.Sprintf("on the desk (%d) and not in Okta", p.ID)})
	}
	if err := w.report(ctx, lines); err != nil {
		return w.at.Result, err
	}
	w.okta.pruneReports(ctx, w.policy.KeepReports, w.in.Started)
	return w.at.Result, nil
}
