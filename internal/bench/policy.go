package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"latchkey/casework"
	"latchkey/examples/acme"
	"latchkey/identity"
	"latchkey/policy"
)

// measurePolicy asks Acme's policy about tickets that are in memory: expressions only, no vendor.
func measurePolicy(_ context.Context, b *bench) error {
	p, err := policy.Load(b.policies)
	if err != nil {
		return err
	}
	hr := policy.PersonFacts{Person: identity.Person{Email: acme.Farah}, Groups: []string{"HR Operations"}, IsAgent: true, Active: true}
	ben := policy.PersonFacts{Person: identity.Person{Email: acme.Ben, Department: "Sales"}, Active: true}
	now := time.Now()
	for _, one := range []struct {
		name  string
		facts policy.IntakeFacts
		want  casework.UseCase
	}{
		{"policy_access_us", policy.IntakeFacts{Now: now, Requester: ben, Ticket: serviceRequest("Tableau access", map[string]any{"business_justification": "reports"})}, casework.AccessRequest},
		{"policy_leaver_us", policy.IntakeFacts{Now: now, Requester: hr, Ticket: serviceRequest("Employee offboarding", map[string]any{
			"employee_email": acme.Ada, "last_working_day": now.Format(time.DateOnly), "separation_type": "Voluntary separation",
		})}, casework.Offboarding},
		{"policy_unwanted_us", policy.IntakeFacts{Now: now, Requester: ben, Ticket: policy.TicketFacts{
			ID: 1, Type: "Incident", Subject: "Printer", Text: "the printer on the third floor is out of paper again", Status: 2, Source: 1, Priority: 1, CreatedAt: now, UpdatedAt: now,
		}}, ""},
	} {
		b.step("%s", one.name)
		per, err := perAnswer(func() error {
			c, err := p.Classify(one.facts)
			if err == nil && c.UseCase != one.want {
				err = fmt.Errorf("policy takes it for %q, not %q", c.UseCase, one.want)
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
		b.report.add(one.name, per, "µs", "classify one ticket and read its answers, by Acme's rules")
	}
	b.step("policy_route_us")
	tableau, ok := p.Item("tableau")
	if !ok {
		return errors.New("the catalogue has no tableau any more")
	}
	per, err := perAnswer(func() error {
		route, err := p.Route(policy.RouteFacts{UseCase: casework.AccessRequest, Requester: ben, Subject: ben, Item: &tableau, Now: now})
		if err == nil && len(route.Levels) != 2 {
			err = fmt.Errorf("the route %q has %d levels, not 2", route.Name, len(route.Levels))
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("policy_route_us: %w", err)
	}
	b.report.add("policy_route_us", per, "µs", "who approves one item: the last but one of Acme's routes")
	return nil
}

func serviceRequest(item string, answers map[string]any) policy.TicketFacts {
	now := time.Now()
	return policy.TicketFacts{
		ID: 1, Type: "Service Request", Subject: "Request for " + item, Text: "request for " + item, Status: 2, Source: 2, Priority: 1, CreatedAt: now, UpdatedAt: now,
		Items: []policy.ItemFacts{{ID: 1, ItemID: 1, Name: item, Quantity: 1, Fields: answers}},
	}
}

// perAnswer is how many microseconds one answer takes, over about a second of asking.
func perAnswer(ask func() error) (float64, error) {
	var wrong error
	result := testing.Benchmark(func(b *testing.B) {
		b.Helper()
		for b.Loop() {
			if err := ask(); err != nil {
				wrong = err
				return
			}
		}
	})
	return float64(result.NsPerOp()) / 1000, wrong
}
