package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
)

// sample is one case whose cost is counted.
type sample struct {
	name string
	ask  func(context.Context, *stage) (int64, error)
	act  func(context.Context, *stage, int64) error // may be nil
	end  casework.End
}

func samples() []sample {
	return []sample{
		{name: "access_0_levels", ask: item("Miro access", acme.Ben), end: casework.EndDone},
		{name: "access_1_level", ask: item("Figma access", acme.Ben), act: approve(acme.Mara), end: casework.EndDone},
		{name: "access_2_levels", ask: item("Tableau access", acme.Ben), act: approve(acme.Mara, acme.Omar), end: casework.EndDone},
		{name: "access_rejected", ask: item("Figma access", acme.Clara), act: func(ctx context.Context, s *stage, ticket int64) error {
			return s.Reject(ctx, ticket, acme.Mara, "no")
		}, end: casework.EndRejected},
		{name: "leaver_clean", ask: leaver(acme.Farah, acme.Ada, false), act: approveByManager(acme.Ada), end: casework.EndDone},
		{name: "leaver_residuals", ask: leaver(acme.Farah, acme.Lena, false), act: approveByManager(acme.Lena), end: casework.EndResiduals},
		{name: "leaver_emergency", ask: leaver(acme.Grace, acme.Emil, true), act: approve("xochitl.ramirez@acme.example"), end: casework.EndResiduals},
	}
}

func item(name, by string) func(context.Context, *stage) (int64, error) {
	return func(ctx context.Context, s *stage) (int64, error) {
		return s.Ask(ctx, name, by, "", map[string]any{"business_justification": "my work needs it"})
	}
}

func leaver(by, who string, emergency bool) func(context.Context, *stage) (int64, error) {
	return func(ctx context.Context, s *stage) (int64, error) {
		if emergency {
			return s.Leaver(ctx, by, who, time.Time{}, map[string]any{"emergency": true})
		}
		return s.Leaver(ctx, by, who, time.Now().AddDate(0, 0, -1), nil)
	}
}

func approve(people ...string) func(context.Context, *stage, int64) error {
	return func(ctx context.Context, s *stage, ticket int64) error {
		for _, who := range people {
			if err := s.Approve(ctx, ticket, who, "yes"); err != nil {
				return err
			}
		}
		return nil
	}
}

func approveByManager(login string) func(context.Context, *stage, int64) error {
	return func(ctx context.Context, s *stage, ticket int64) error {
		person, ok := s.Company.PersonByLogin(login)
		if !ok {
			return fmt.Errorf("nobody at Acme signs in as %s", login)
		}
		return s.Approve(ctx, ticket, person.ManagerEmail, "yes")
	}
}

// nobodyAsked lets one catalogue item through without any approval.
func nobodyAsked(when string) playground.Edit {
	return playground.Edit{Old: "\nroutes:\n", New: "\nroutes:\n  - {name: measured, mode: none, reason: measured without approvals, when: '" + when + "'}\n"}
}

// measureCalls runs cases one after the other and counts what each costs. The figures depend on the plan, not on the
// machine; only how often Okta is asked whether its own jobs have ended may differ by one or two.
func measureCalls(ctx context.Context, b *bench) (err error) {
	s, err := newStage(ctx, b.policies, map[string][]playground.Edit{
		"approvals.yaml": {nobodyAsked(`use_case == "access_request" && item.key == "miro"`)},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	for _, one := range samples() {
		b.step("%s", one.name)
		b.report.section = one.name
		if err := one.measure(ctx, b, s); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	return nil
}

func (one sample) measure(ctx context.Context, b *bench, s *stage) error {
	s.okta.take()
	s.desk.take()
	ticket, err := one.ask(ctx, s)
	if err != nil {
		return err
	}
	if one.act != nil {
		if err := one.act(ctx, s, ticket); err != nil {
			return err
		}
	}
	status, err := s.ended(ctx, ticket)
	if err != nil {
		return err
	}
	if end := status.Case.Reported.End; end != one.end {
		return fmt.Errorf("it ended as %q (%s); it should end as %q", end, status.Case.Reported.Summary, one.end)
	}
	toOkta, toDesk := s.okta.take(), s.desk.take()
	reads, writes := toOkta.split()
	b.report.add(one.name+"_okta_calls", float64(len(toOkta)), "calls", "%d reads, %d writes; by bucket: %s", reads, writes,
		toOkta.by(func(c call) string { return string(okta.BucketOf(c.method, c.path)) }))
	reads, writes = toDesk.split()
	b.report.add(one.name+"_desk_calls", float64(len(toDesk)), "calls", "%d reads, %d writes", reads, writes)
	if err := s.measureHistory(ctx, b, one.name, ticket); err != nil {
		return err
	}
	notes, err := s.Notes(ctx, ticket)
	if err != nil {
		return err
	}
	b.report.add(one.name+"_notes", float64(len(notes)), "notes", "notes and replies on the ticket")
	if b.verbose {
		b.say("%s\n  Okta: %s\n  desk: %s", one.name, toOkta.by(endpoint), toDesk.by(endpoint))
		for _, line := range slices.Concat(toOkta.again(), toDesk.again()) {
			b.say("    %s", line)
		}
	}
	return nil
}

// measureHistory adds up the runs of a ticket's workflow.
func (s *stage) measureHistory(ctx context.Context, b *bench, name string, ticket int64) error {
	id := contract.TicketWorkflowID(ticket)
	var events, bytes, activities int64
	var runs []string
	for run := ""; ; {
		described, err := s.Temporal.DescribeWorkflowExecution(ctx, id, run)
		if err != nil {
			return err
		}
		info := described.GetWorkflowExecutionInfo()
		run = info.GetExecution().GetRunId()
		events += info.GetHistoryLength()
		bytes += info.GetHistorySizeBytes()
		runs = append([]string{fmt.Sprintf("%s %d", info.GetType().GetName(), info.GetHistoryLength())}, runs...)
		before := ""
		history := s.Temporal.GetWorkflowHistory(ctx, id, run, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for history.HasNext() {
			event, err := history.Next()
			if err != nil {
				return err
			}
			switch event.GetEventType() { //nolint:exhaustive // two kinds of some fifty are counted
			case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED:
				before = event.GetWorkflowExecutionStartedEventAttributes().GetContinuedExecutionRunId()
			case enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED:
				activities++
			}
		}
		if before == "" {
			break
		}
		run = before
	}
	b.report.add(name+"_events", float64(events), "events", "%s; %d activities", strings.Join(runs, " + "), activities)
	b.report.add(name+"_history_kib", float64(bytes)/1024, "KiB", "all runs of the case")
	return nil
}
