package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"latchkey/casework"
	"latchkey/contract"
)

const (
	// syncIdle is how long a person's sync waits for further nudges: one edit on a vendor's page is often several events.
	syncIdle = time.Minute
	// syncQuiet is how long a nudge that came later is left to be followed by its like, before both sides are read again.
	syncQuiet = 2 * time.Second
	// syncWithin bounds one step: what takes longer is left to the next nudge or walk.
	syncWithin = time.Hour
	// syncHeldFor and syncHeldTries are how often a sync that a guard holds looks again before it leaves it to the next walk.
	syncHeldFor   = 5 * time.Minute
	syncHeldTries = 12
)

// ProfileSync keeps the two profiles of one person alike: it reads both sides, writes what differs on the side that does
// not own it, reads back, and ends when no further nudge comes. Nudges carry nothing: they are coalesced, and one that is
// our own echo costs a reading. Runbook: docs/runbooks/profile-sync.md.
func ProfileSync(ctx workflow.Context, in contract.SyncInput) (contract.SyncResult, error) {
	s := &syncRun{in: in, state: casework.StatePlanning}
	if in.Last != nil {
		s.result = *in.Last
	}
	s.nudges = workflow.GetSignalChannelWithOptions(ctx, contract.SignalNudge, workflow.SignalChannelOptions{Description: "Something changed on either side: compare again."})
	must(workflow.SetQueryHandlerWithOptions(ctx, contract.QuerySync, func() (contract.SyncResult, error) { return s.result, nil },
		workflow.QueryHandlerOptions{Description: "What differed at the last look, and what became of it."}))
	for held := 0; ; {
		for s.nudges.Len() > 0 { // coalesced: one look answers them all
			s.nudges.ReceiveAsync(nil)
		}
		if err := s.look(ctx); err != nil {
			return s.result, err
		}
		wait, what := s.idle(), "Waiting for further nudges"
		if held++; s.held && wait > 0 && held <= syncHeldTries {
			wait, what = syncHeldFor, "Held: asking the guards again"
		} else {
			s.held = false
		}
		nudged, err := s.rest(ctx, wait, what)
		switch {
		case err != nil:
			return s.result, err
		case nudged:
			held = 0
			if err := workflow.NewTimerWithOptions(ctx, syncQuiet, workflow.TimerOptions{Summary: "More nudges may follow"}).Get(ctx, nil); err != nil {
				return s.result, err
			}
		case !s.held:
			return s.result, nil
		}
		if info := workflow.GetInfo(ctx); info.GetContinueAsNewSuggested() || info.GetCurrentHistoryLength() > continueAfter {
			s.in.Last = &s.result
			return s.result, workflow.NewContinueAsNewError(ctx, string(casework.ProfileSync), s.in)
		}
	}
}

// syncRun is one person's sync.
type syncRun struct {
	in     contract.SyncInput
	state  casework.State
	result contract.SyncResult
	nudges workflow.ReceiveChannel
	held   bool
	wrote  map[string]string
}

func (s *syncRun) idle() time.Duration {
	if s.in.Idle == 0 {
		return syncIdle
	}
	return s.in.Idle
}

// rest waits for a nudge for a while; a negative time waits for none.
func (s *syncRun) rest(ctx workflow.Context, d time.Duration, what string) (nudged bool, err error) {
	if d <= 0 {
		return s.nudges.Len() > 0, nil
	}
	scope, cancel := workflow.WithCancel(ctx)
	defer cancel()
	return workflow.AwaitWithOptions(scope, workflow.AwaitOptions{Timeout: d, TimerOptions: workflow.TimerOptions{Summary: what}},
		func() bool { return s.nudges.Len() > 0 })
}

// look compares both sides once and does what is to be done. A step that fails for good ends the look, not the workflow:
// the result says what failed, and the next nudge or walk tries again.
func (s *syncRun) look(ctx workflow.Context) error {
	s.result, s.held, s.wrote = contract.SyncResult{OktaUserID: s.in.OktaUserID, At: workflow.Now(ctx)}, false, map[string]string{}
	if err := s.publish(ctx, casework.StatePlanning); err != nil {
		return err
	}
	if err := s.sync(ctx); err != nil {
		if temporal.IsCanceledError(err) {
			return err
		}
		s.result.End, s.result.Why = contract.SyncFailed, messageOf(err)
	}
	return s.publish(ctx, casework.StateIdle)
}

// syncStep runs one step of a sync.
func syncStep[Out any](ctx workflow.Context, s step, summary string, in any) (Out, error) {
	var out Out
	err := workflow.ExecuteActivity(s.with(ctx, syncWithin, casework.PriorityBulk, summary), s.name, in).Get(ctx, &out)
	return out, err
}

func (s *syncRun) sync(ctx workflow.Context) error {
	who, err := syncStep[contract.SyncWhoResult](ctx, syncWho, "Okta: who is it", contract.SyncWhoInput{OktaUserID: s.in.OktaUserID})
	if err != nil {
		return err
	}
	s.result.Mode = who.Mode
	switch {
	case who.OktaUserID == "":
		s.result.End, s.result.Why = contract.SyncNobody, who.Why
		return nil
	case who.Mode == casework.ModeOff && !s.in.Look:
		s.result.End, s.result.Why = contract.SyncOut, "policy switches the sync off"
		return nil
	case !who.Takes || who.Email == "":
		s.result.End, s.result.Why = contract.SyncOut, who.Why
		return nil
	}
	both, err := s.compare(ctx, who)
	if err != nil {
		return err
	}
	s.lines(both.Drifts)
	act := both.Mode == casework.ModeAct && !s.in.Look
	switch {
	case both.Gone:
		s.result.End, s.result.Why = contract.SyncNobody, "the account is gone from Okta"
	case both.DeskID == 0 && both.Create && act:
		return s.create(ctx, both)
	case both.DeskID == 0:
		if s.result.End = contract.SyncMissing; both.Report {
			s.result.Why = "nobody active on the desk fits this account"
		}
	case !casework.Work(both.Drifts):
		s.result.End = contract.SyncAlike
	case !act:
		s.result.End = contract.SyncObserved
	default:
		return s.write(ctx, who, both)
	}
	return nil
}

// compare reads the desk and puts both sides next to each other.
func (s *syncRun) compare(ctx workflow.Context, who contract.SyncWhoResult) (contract.SyncCompareResult, error) {
	key := "sync/desk/" + s.in.OktaUserID + ".json"
	if _, err := syncStep[contract.SyncReadDeskResult](ctx, syncReadDesk, "Freshservice: read the person", contract.SyncReadDeskInput{
		Key: key, Email: who.Email, EmployeeNumber: who.EmployeeNumber,
	}); err != nil {
		return contract.SyncCompareResult{}, err
	}
	return syncStep[contract.SyncCompareResult](ctx, syncCompare, "Okta: compare both sides", contract.SyncCompareInput{
		OktaUserID: s.in.OktaUserID, Desk: key, Wrote: s.wrote,
	})
}

func (s *syncRun) lines(drifts []casework.Drift) {
	s.result.Lines = nil
	for _, d := range drifts {
		s.result.Lines = append(s.result.Lines, contract.SyncLineOf(s.in.OktaUserID, d))
	}
}

// publish shows operators where the sync stands. Neither holds a name.
func (s *syncRun) publish(ctx workflow.Context, state casework.State) error {
	s.state = state
	workflow.SetCurrentDetails(ctx, s.details())
	return workflow.UpsertTypedSearchAttributes(ctx, attrOktaUser.ValueSet(s.in.OktaUserID), attrState.ValueSet(string(state)))
}

func (s *syncRun) details() string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Profile sync of one person: %s**\n\n", stateWords(s.state))
	if s.result.End != "" {
		fmt.Fprintf(&b, "Last look at %s: %s. %s\n\n", s.result.At.UTC().Format("2006-01-02 15:04:05 MST"), s.result.End, plain(s.result.Why))
	}
	syncTable(&b, s.result.Lines)
	return clip(b.String(), detailsLimit)
}

// syncTable shows differences without their values: details are not encrypted.
func syncTable(b *strings.Builder, lines []contract.SyncLine) {
	if len(lines) == 0 {
		return
	}
	b.WriteString("| person | attribute | owner | what becomes of it | done | why |\n|---|---|---|---|---|---|\n")
	for _, l := range lines {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %t | %s |\n", plain(l.OktaUserID), plain(l.Attribute), l.Owner, l.Kind, l.Done, plain(l.Why))
	}
}
