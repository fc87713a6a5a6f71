package activities

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// listPage is the vendor's largest page (reference/freshservice-api.md §4.6).
const listPage = 100

// SweepTickets makes good for webhooks that never came. It reads every ticket changed since the last completed sweep
// began, however long ago that was, and nudges those that a case has not seen: wanted tickets without a case, cases
// whose ticket changed (also those that were closed, deleted or marked as spam), cases some of whose approvals were
// answered, and all that await one when policy's absences were edited. Nudges carry no decision, so nudging once too often costs a read. It also sees to it that the controls
// workflow knows today's modes.
func (d *Desk) SweepTickets(ctx context.Context, in contract.SweepInput) (contract.SweepResult, error) {
	s := &sweep{desk: d, policy: d.Policy.Current()}
	if err := s.run(ctx, in); err != nil {
		return contract.SweepResult{}, d.failed(ctx, "sweeping for missed tickets", err)
	}
	return s.at.Result, nil
}

// sweep is one pass.
type sweep struct {
	desk   *Desk
	policy *policy.Policy
	state  sweepState
	open   map[int64]OpenCase // the cases that run
	me     int64              // our own agent
	at     sweepCursor
}

// sweepCursor is how far a sweep has come: a later attempt goes on from the last heartbeat.
type sweepCursor struct {
	Started time.Time            `json:"started"` // the sweep it belongs to
	Since   time.Time            `json:"since"`
	Page    int                  `json:"page"`
	Plain   bool                 `json:"plain"`  // the account does not order by time of change
	Listed  bool                 `json:"listed"` // every changed ticket was looked at
	Nudged  map[int64]time.Time  `json:"nudged"`
	Result  contract.SweepResult `json:"result"`
}

func (s *sweep) run(ctx context.Context, in contract.SweepInput) error {
	started := orNow(in.Now, s.desk.now()).UTC()
	var err error
	if s.state, err = readSweepState(ctx, s.desk.Blobs); err != nil {
		return err
	}
	s.begin(ctx, started)
	me, err := s.desk.self(ctx)
	if err != nil {
		return err
	}
	s.me = me.ID
	if _, err := s.desk.inAct(ctx, s.policy); err != nil {
		return err
	}
	cases, err := s.desk.Cluster.OpenCases(ctx)
	if err != nil {
		return err
	}
	s.open = make(map[int64]OpenCase, len(cases))
	for _, c := range cases {
		s.open[c.Ticket] = c
	}
	if err := s.changed(ctx); err != nil {
		return err
	}
	if err := s.ended(ctx); err != nil {
		return err
	}
	open, err := s.answered(ctx)
	if err != nil {
		return err
	}
	absences, err := s.absent(ctx)
	if err != nil {
		return err
	}
	next := s.state.after(started, s.at.Nudged, open)
	next.Absences = absences
	return next.write(ctx, s.desk.Blobs)
}

// begin starts at the last completed sweep, or where an earlier attempt of this one left off.
func (s *sweep) begin(ctx context.Context, started time.Time) {
	since := s.state.since(started)
	s.at = sweepCursor{Started: started, Since: since, Page: 1, Result: contract.SweepResult{Since: since}}
	var earlier sweepCursor
	if activity.HasHeartbeatDetails(ctx) && activity.GetHeartbeatDetails(ctx, &earlier) == nil && earlier.Started.Equal(started) {
		s.at = earlier
	}
	if s.at.Nudged == nil {
		s.at.Nudged = map[int64]time.Time{}
	}
}

// changed walks the tickets that changed, the oldest change first, each page from where the last one ended: tickets that
// change or vanish meanwhile shift pages, and a walk by page number would pass some over. updated_since is always given:
// without it the vendor hides what is older than 30 days (reference/freshservice-api.md §11.2).
func (s *sweep) changed(ctx context.Context) error {
	for !s.at.Listed {
		page, err := s.page(ctx)
		if err != nil {
			return err
		}
		for _, t := range page.Items {
			if err := s.consider(ctx, t); err != nil {
				return err
			}
		}
		s.advance(page)
		if err := beat(ctx, s.at); err != nil {
			return err
		}
	}
	return nil
}

func (s *sweep) page(ctx context.Context) (freshservice.Page[freshservice.Ticket], error) {
	list := freshservice.TicketList{UpdatedSince: s.at.Since, Page: s.at.Page, PerPage: listPage}
	if !s.at.Plain {
		list.OrderBy, list.OrderType = "updated_at", "asc"
	}
	page, err := s.desk.Client.ListTickets(ctx, list)
	if vendor, ok := errors.AsType[*freshservice.Error](err); ok && vendor.Kind == freshservice.Invalid && !s.at.Plain {
		// Ordering is in wide use but not documented for tickets (reference/freshservice-api.md §4.5).
		if _, refused := vendor.Field("order_by"); refused {
			s.at.Plain = true
			return s.page(ctx)
		}
	}
	return page, err
}

// advance moves the cursor behind a page. Times are in whole seconds, so the next page begins a second before the last
// change that was seen; a page that holds nothing but one second is followed by its number.
func (s *sweep) advance(page freshservice.Page[freshservice.Ticket]) {
	if !page.HasNext || len(page.Items) == 0 {
		s.at.Listed = true
		return
	}
	last := page.Items[len(page.Items)-1].UpdatedAt.UTC().Add(-time.Second)
	s.trim(last)
	if s.at.Plain || !last.After(s.at.Since) {
		s.at.Page++
		return
	}
	s.at.Since, s.at.Page = last, 1
}

// trim forgets what was nudged too long ago for a later page or a later sweep to meet it again: the heartbeat carries
// the rest, and has to stay small however long the outage was.
func (s *sweep) trim(next time.Time) {
	oldest := s.at.Started.Add(-sweepOverlap - seenFor)
	maps.DeleteFunc(s.at.Nudged, func(_ int64, at time.Time) bool {
		return !s.at.Plain && at.Before(next) && at.Before(oldest)
	})
}

// consider nudges a ticket if a case has to hear of it.
func (s *sweep) consider(ctx context.Context, t freshservice.Ticket) error {
	if at, nudged := s.at.Nudged[t.ID]; nudged && !t.UpdatedAt.After(at.Add(time.Second)) {
		return nil // the overlap of two pages
	}
	s.at.Result.Read++
	if !t.UpdatedAt.After(s.state.Seen[t.ID]) {
		return nil
	}
	if id := incidentOf(t, s.me); id != "" {
		return s.incident(ctx, t, id)
	}
	_, running := s.open[t.ID]
	over := slices.Contains(s.policy.Desk().ClosedSet, t.Status)
	if !running && (over || !s.policy.MaybeWanted(ticketFacts(t, "", ""))) {
		return nil
	}
	was, err := s.desk.Cluster.Nudge(ctx, t.ID, !over)
	if err != nil {
		return err
	}
	s.remember(t)
	switch {
	case was:
		s.at.Result.Nudged++
	case !over:
		s.at.Result.Started++
	}
	return nil
}

// incident tells an incident of ours that its ticket changed.
func (s *sweep) incident(ctx context.Context, t freshservice.Ticket, workflow string) error {
	was, err := s.desk.Cluster.NudgeIncident(ctx, workflow)
	if err != nil {
		return err
	}
	s.remember(t)
	if was {
		s.at.Result.Nudged++
	}
	return nil
}

// remember keeps which change of a ticket was nudged. The vendor tells time in whole seconds, so another change may yet
// bear the same time, and a case that reads at once may read an older state: a change that is still fresh is remembered
// as a second older, and the next sweep nudges it once more.
func (s *sweep) remember(t freshservice.Ticket) {
	at := t.UpdatedAt.UTC()
	if s.at.Started.Sub(at) < freshFor {
		at = at.Add(-time.Second)
	}
	s.at.Nudged[t.ID] = at
}

// ended nudges running cases whose ticket was deleted or marked as spam: the plain list hides those.
func (s *sweep) ended(ctx context.Context) error {
	if len(s.open) == 0 && s.policy.Mode(casework.SecurityAlert) != casework.ModeAct {
		return nil
	}
	for _, filter := range []string{"deleted", "spam"} {
		for page := 1; ; page++ {
			found, err := s.desk.Client.ListTickets(ctx, freshservice.TicketList{
				Filter: filter, UpdatedSince: s.at.Result.Since, Page: page, PerPage: listPage,
			})
			if err != nil {
				return err
			}
			for _, t := range found.Items {
				if err := s.bury(ctx, t); err != nil {
					return err
				}
			}
			if err := beat(ctx, s.at); err != nil {
				return err
			}
			if !found.HasNext {
				break
			}
		}
	}
	return nil
}

func (s *sweep) bury(ctx context.Context, t freshservice.Ticket) error {
	if id := incidentOf(t, s.me); id != "" && t.UpdatedAt.After(s.state.Seen[t.ID]) {
		return s.incident(ctx, t, id)
	}
	if _, running := s.open[t.ID]; !running || !t.UpdatedAt.After(s.state.Seen[t.ID]) || !t.UpdatedAt.After(s.at.Nudged[t.ID].Add(time.Second)) {
		return nil
	}
	was, err := s.desk.Cluster.Nudge(ctx, t.ID, false)
	if err != nil {
		return err
	}
	s.remember(t)
	if was {
		s.at.Result.Nudged++
	}
	return nil
}

// answered lists the account's open approvals once and nudges each case whose own are not those of the last sweep, and
// once more a sweep later: a case that reads at once may read an older state. A case that awaits an approval and was not
// looked at before is nudged as well: what it asked may have been answered in between. It returns what the next sweep
// compares with.
func (s *sweep) answered(ctx context.Context) (map[int64]string, error) {
	watched := map[int64]OpenCase{}
	for ticket, c := range s.open {
		if _, before := s.state.Open[ticket]; before || c.State == casework.StateAwaitingApproval {
			watched[ticket] = c
		}
	}
	if len(watched) == 0 {
		return nil, nil
	}
	byTicket, err := s.requested(ctx, watched)
	if err != nil {
		return nil, err
	}
	prints := map[int64]string{}
	for ticket, c := range watched {
		now, before := openPrint(byTicket[ticket]), s.state.Open[ticket]
		changed := strings.TrimPrefix(before, freshPrint) != now
		if changed {
			prints[ticket] = freshPrint + now
		} else if c.State == casework.StateAwaitingApproval || len(byTicket[ticket]) > 0 {
			prints[ticket] = now
		}
		if _, nudged := s.at.Nudged[ticket]; nudged || before == now {
			continue
		}
		was, err := s.desk.Cluster.Nudge(ctx, ticket, false)
		if err != nil {
			return nil, err
		}
		if was {
			s.at.Result.Answers++
		}
		if err := beat(ctx, s.at); err != nil {
			return nil, err
		}
	}
	return prints, nil
}

// absent has every open level looked at when policy's absences are not those of the last sweep: somebody who is asked may
// be away now. Twice, because the worker that looks may take the edited policy up a little later. It returns what the next
// sweep compares with.
func (s *sweep) absent(ctx context.Context) (string, error) {
	now, before := s.policy.AbsencesDigest(), s.state.Absences
	if before == now || s.state.Completed.IsZero() {
		return now, nil
	}
	for ticket, c := range s.open {
		if _, nudged := s.at.Nudged[ticket]; nudged || c.State != casework.StateAwaitingApproval {
			continue
		}
		was, err := s.desk.Cluster.Nudge(ctx, ticket, false)
		if err != nil {
			return "", err
		}
		if was {
			s.at.Result.Absences++
		}
		if err := beat(ctx, s.at); err != nil {
			return "", err
		}
	}
	if strings.TrimPrefix(before, freshPrint) != now {
		return freshPrint + now, nil
	}
	return now, nil
}

// requested lists the open approvals by ticket: of the whole account at once or, where it has more than the vendor
// serves in one list, of each watched ticket.
func (s *sweep) requested(ctx context.Context, watched map[int64]OpenCase) (map[int64][]int64, error) {
	byTicket := map[int64][]int64{}
	all, _, err := s.desk.Client.ListApprovalsByStatus(ctx, "ticket", freshservice.ApprovalRequested)
	if err == nil {
		for _, a := range all {
			byTicket[a.ParentID] = append(byTicket[a.ParentID], a.ID)
		}
		return byTicket, nil
	}
	if !isRefused(err) {
		return nil, err
	}
	for ticket := range watched {
		approvals, err := s.desk.Client.ListApprovals(ctx, ticket)
		if err != nil && !isMissing(err) {
			return nil, err
		}
		for _, a := range approvals {
			if a.Status == freshservice.ApprovalRequested {
				byTicket[ticket] = append(byTicket[ticket], a.ID)
			}
		}
		if err := beat(ctx, s.at); err != nil {
			return nil, err
		}
	}
	return byTicket, nil
}
