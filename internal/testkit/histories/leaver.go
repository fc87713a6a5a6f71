package main

import (
	"context"
	"time"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/examples/acme"
	"latchkey/simulators/okta/oktasim"
)

const (
	enzo    = "enzo.guidi@acme.example"      // Security Operations
	xochitl = "xochitl.ramirez@acme.example" // Security Operations
)

func leaverScenarios() []scenario {
	list := []scenario{
		leaves("clean", acme.Ada, yesterday(), managerApproves(acme.Ada), casework.EndDone),
		leaves("residuals", acme.Lena, yesterday(), managerApproves(acme.Lena), casework.EndResiduals),
		leaves("legal_hold", acme.Ivo, yesterday(), managerApproves(acme.Ivo), casework.EndResiduals),
		leaves("future_expedited", acme.Ada, time.Now().AddDate(0, 0, 14), expedited, casework.EndDone),
		leaves("frozen_thawed", acme.Ada, yesterday(), frozenAndThawed, casework.EndDone),
		leaves("skipped_change", acme.Ada, yesterday(), parkedAndSkipped, casework.EndDone),
		leaves("cancelled", acme.Ada, time.Now().AddDate(0, 0, 14), deleted, casework.EndCancelled),
		emergency("emergency_approved", approvals(xochitl), casework.EndResiduals),
		emergency("emergency_rejected", rejectedByBoth, casework.EndRejected),
	}
	for i := range list {
		if list[i].name == "frozen_thawed" {
			list[i].saves = append(list[i].saves, "Controls.freeze_thaw_admit")
			list[i].play = thenControls(list[i].play)
		}
	}
	observed := leaves("observed", acme.Ada, yesterday(), nil, casework.EndObserved)
	observed.name = "leaver_observed"
	observed.edits = observing("offboarding")
	return append(list, observed)
}

// leaves is a scenario about one person who leaves on a day.
func leaves(name, who string, day time.Time, act func(context.Context, *player, int64) error, end casework.End) scenario {
	files := []string{"Offboarding." + name}
	return scenario{name: name, saves: files, play: func(ctx context.Context, p *player) error {
		ticket, err := p.Leaver(ctx, acme.Farah, who, day, nil)
		if err != nil {
			return err
		}
		return p.follow(ctx, ticket, act, end, files...)
	}}
}

// thenControls saves what every worker is told as well.
func thenControls(play func(context.Context, *player) error) func(context.Context, *player) error {
	return func(ctx context.Context, p *player) error {
		if err := play(ctx, p); err != nil {
			return err
		}
		return p.keep(ctx, contract.ControlsID, "Controls.freeze_thaw_admit")
	}
}

// expedited brings a leaver forward once it waits for its day.
func expedited(ctx context.Context, p *player, ticket int64) error {
	if err := managerApproves(acme.Ada)(ctx, p, ticket); err != nil {
		return err
	}
	return expedites(ctx, p, ticket)
}

// expedites brings the date of an approved case forward.
func expedites(ctx context.Context, p *player, ticket int64) error {
	if _, err := p.WaitState(ctx, ticket, casework.StateWaitingDate); err != nil {
		return err
	}
	_, err := p.Command(ctx, ticket, contract.UpdateExpedite, contract.OperatorCommand{Operator: operator("left today")})
	return err
}

// frozenAndThawed freezes every write before the leaver begins.
func frozenAndThawed(ctx context.Context, p *player, ticket int64) error {
	if err := p.Freeze(ctx, "an incident at Okta"); err != nil {
		return err
	}
	if err := managerApproves(acme.Ada)(ctx, p, ticket); err != nil {
		return err
	}
	if _, err := p.WaitState(ctx, ticket, casework.StateFrozen); err != nil {
		return err
	}
	return p.Thaw(ctx, "it is over")
}

// parkedAndSkipped has Okta refuse one removal, which an operator then leaves to a person.
func parkedAndSkipped(ctx context.Context, p *player, ticket int64) error {
	if _, err := p.Okta.SetFault(oktasim.Fault{Kind: oktasim.FaultRefuse, Method: "write", Objects: []string{"Miro"}}); err != nil {
		return err
	}
	if err := managerApproves(acme.Ada)(ctx, p, ticket); err != nil {
		return err
	}
	if _, err := p.WaitState(ctx, ticket, casework.StateNeedsAttention); err != nil {
		return err
	}
	_, err := p.Command(ctx, ticket, contract.UpdateSkip, contract.OperatorCommand{Operator: operator("Miro's owner does it by hand")})
	return err
}

func deleted(ctx context.Context, p *player, ticket int64) error {
	if _, err := p.WaitState(ctx, ticket, casework.StateAwaitingApproval); err != nil {
		return err
	}
	return p.Delete(ctx, ticket)
}

// emergency files the emergency about Emil.
func (p *player) emergency(ctx context.Context) (int64, error) {
	return p.Leaver(ctx, acme.Grace, acme.Emil, time.Time{}, map[string]any{"emergency": true})
}

func emergency(name string, act func(context.Context, *player, int64) error, end casework.End) scenario {
	files := []string{"Offboarding." + name}
	return scenario{name: name, saves: files, play: func(ctx context.Context, p *player) error {
		ticket, err := p.emergency(ctx)
		if err != nil {
			return err
		}
		return p.follow(ctx, ticket, act, end, files...)
	}}
}

// rejectedByBoth: any one of the two could have approved, so it is rejected only when both have.
func rejectedByBoth(ctx context.Context, p *player, ticket int64) error {
	if err := p.Reject(ctx, ticket, enzo, "false alarm"); err != nil {
		return err
	}
	return p.Reject(ctx, ticket, xochitl, "false alarm")
}
