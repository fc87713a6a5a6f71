package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/internal/playground"
)

const (
	crowdRequests = 100
	crowdLeavers  = 50
	// askers is how many people use the desk at the same moment.
	askers = 10
)

// measureCrowd files many tickets at once, with nobody to ask and the mass-change guard out of the way, and sees how long
// the last of them takes.
func measureCrowd(ctx context.Context, b *bench) (err error) {
	s, err := newStage(ctx, b.policies, map[string][]playground.Edit{
		"approvals.yaml": {nobodyAsked("true")},
		"guards.yaml":    {{Old: "mass_change: {people: 20, percent: 15,", New: "mass_change: {people: 1000, percent: 100,"}},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()

	people := s.ordinary()
	var askFor, leave []string
	for _, login := range people {
		u, _ := s.Okta.User(login)
		has := false
		for _, a := range u.Apps {
			has = has || a.Label == "Miro"
		}
		if !has && len(askFor) < crowdRequests {
			askFor = append(askFor, login)
		}
	}
	leave = people[max(0, len(people)-crowdLeavers):]
	if len(askFor) < crowdRequests || len(leave) < crowdLeavers {
		return fmt.Errorf("too few people: %d can ask and %d can leave; %d and %d are needed", len(askFor), len(leave), crowdRequests, crowdLeavers)
	}
	err = s.crowd(ctx, b, "crowd_access", askFor, func(ctx context.Context, login string) (int64, error) {
		return item("Miro access", login)(ctx, s)
	}, casework.EndDone)
	if err != nil {
		return err
	}
	return s.crowd(ctx, b, "crowd_leavers", leave, func(ctx context.Context, login string) (int64, error) {
		return leaver(acme.Farah, login, false)(ctx, s)
	}, casework.EndDone, casework.EndResiduals)
}

// ordinary lists people who may come and go without anybody having to look: employees with an account that works, who
// administer nothing, are nobody's story and share no address.
func (s *stage) ordinary() []string {
	special := []string{acme.Farah, acme.Ivo, acme.Reception}
	var list []string
	for _, p := range s.Company.People {
		u, ok := s.Okta.User(p.Login)
		if ok && p.UserType == acme.UserTypeEmployee && u.Status == "ACTIVE" && p.Email == p.Login && len(u.AdminRoles) == 0 && !slices.Contains(special, p.Login) {
			list = append(list, p.Login)
		}
	}
	return list
}

// crowd files one ticket for each person, waits until all cases have ended and reports how it went.
func (s *stage) crowd(ctx context.Context, b *bench, name string, people []string, ask func(context.Context, string) (int64, error), ends ...casework.End) error {
	s.okta.take()
	s.desk.take()
	b.report.section = name
	memory := newPeak()
	began := time.Now()
	var (
		wait    sync.WaitGroup
		done    atomic.Int32
		slots   = make(chan struct{}, askers)
		errs    = make([]error, len(people))
		took    = make([]time.Duration, len(people))
		lastEnd = make([]time.Time, len(people))
	)
	for i, login := range people {
		wait.Go(func() {
			slots <- struct{}{}
			asked := time.Now()
			ticket, err := ask(ctx, login)
			<-slots
			if err != nil {
				errs[i] = err
				return
			}
			status, err := s.ended(ctx, ticket)
			if err == nil && !slices.Contains(ends, status.Case.Reported.End) {
				err = fmt.Errorf("FS-%d about %s ended as %q: %s", ticket, login, status.Case.Reported.End, status.Case.Reported.Summary)
			}
			errs[i], took[i], lastEnd[i] = err, status.Case.IdleAt.Sub(asked), status.Case.IdleAt
			done.Add(1)
		})
	}
	finished := make(chan struct{})
	go func() { wait.Wait(); close(finished) }()
	for tick := time.NewTicker(500 * time.Millisecond); ; {
		select {
		case <-tick.C:
			b.step("%s: %d of %d cases have ended", name, done.Load(), len(people))
			continue
		case <-finished:
			tick.Stop()
		}
		break
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	n := len(people)
	wall := slices.MaxFunc(lastEnd, time.Time.Compare).Sub(began)
	slices.Sort(took)
	b.report.add(name+"_cases_per_minute", float64(n)/wall.Minutes(), "cases/min", "%d cases filed at once, all reported after %.1f s; Temporal, simulators, bridge and one worker on this machine", n, wall.Seconds())
	b.report.add(name+"_p50_s", took[n/2].Seconds(), "s", "from the asking to the report")
	b.report.add(name+"_p95_s", took[n*95/100].Seconds(), "s", "from the asking to the report")
	toOkta, toDesk := s.okta.take(), s.desk.take()
	b.report.add(name+"_okta_calls_per_case", float64(len(toOkta))/float64(n), "calls", "the worker's own")
	b.report.add(name+"_desk_calls_per_case", float64(len(toDesk))/float64(n), "calls", "the worker's own")
	if b.verbose {
		b.say("%s\n  Okta: %s\n  desk: %s", name, toOkta.by(endpoint), toDesk.by(endpoint))
	}
	memory.add(b.report, name+"_peak_rss_mib", "worker, bridge, both simulators and the measuring in one process; Temporal is another")
	return nil
}
