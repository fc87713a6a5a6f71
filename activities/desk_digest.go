package activities

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// digestLines bounds one section of the digest: a reader who meets more looks into the Temporal UI.
const digestLines = 100

// overdueAfter is how long a case may be past its time before it is overdue: timers fire at once, a turn may be waited
// for a little.
const overdueAfter = 15 * time.Minute

// DailyDigest opens one ticket a day for IT that lists the cases and the time-bound grants which are parked, blocked, overdue and due
// tomorrow. A day with nothing to say gets none, and so does an installation that names no group for it.
func (d *Desk) DailyDigest(ctx context.Context, in contract.DigestInput) error {
	return d.failed(ctx, "writing the daily digest", d.digest(ctx, in))
}

func (d *Desk) digest(ctx context.Context, in contract.DigestInput) error {
	p := d.Policy.Current()
	desk := p.Desk()
	if desk.DigestGroup == "" {
		return nil
	}
	zone, err := time.LoadLocation(desk.DigestZone)
	if err != nil {
		return problemf(casework.Invalid, "desk.yaml names the zone %q for the digest, which is none", desk.DigestZone)
	}
	cases, err := d.Cluster.OpenCases(ctx)
	if err != nil {
		return err
	}
	grants, err := d.Cluster.OpenGrants(ctx)
	if err != nil {
		return err
	}
	now := orNow(in.Now, d.now()).In(zone)
	sections := digestOf(waitingOf(cases, grants), now)
	if len(sections) == 0 {
		return nil
	}
	body, err := p.Text("digest", policy.DigestFacts{Day: now.Format("2 January 2006"), Sections: sections})
	if err != nil {
		return problemText("digest", err)
	}
	body, _ = fitBody(body, bodyLimit)
	_, err = d.ensureTicket(ctx, ownTicket{
		marker:   "latchkey-digest-" + now.Format(time.DateOnly),
		subject:  "Latchkey: what waits for somebody",
		body:     body,
		group:    desk.DigestGroup,
		setting:  "desk.yaml: digest group",
		priority: freshservice.PriorityLow,
		since:    time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone),
	})
	return err
}

// waiting is what the digest looks at: a case, or a time-bound grant.
type waiting struct {
	OpenCase
	grant string // the workflow ID of a grant
}

// waitingOf puts both into one list. A grant stands under the ticket that claimed it last.
func waitingOf(cases []OpenCase, grants []OpenGrant) []waiting {
	all := make([]waiting, 0, len(cases)+len(grants))
	for _, c := range cases {
		all = append(all, waiting{OpenCase: c})
	}
	for _, g := range grants {
		ticket, err := contract.ParseTicket(g.Ticket)
		if err != nil {
			ticket = 0 // one that has not heard its claim yet
		}
		all = append(all, waiting{
			OpenCase: OpenCase{Ticket: ticket, State: g.State, DueAt: g.DueAt, StartedAt: g.StartedAt, UseCase: "time-bound grant"},
			grant:    g.Workflow,
		})
	}
	return all
}

// digestOf sorts what runs into the digest's sections; those with nothing in them are left out. A case stands in
// the first section that fits.
func digestOf(running []waiting, now time.Time) []policy.DigestSection {
	tomorrow := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
	after := time.Date(now.Year(), now.Month(), now.Day()+2, 0, 0, 0, 0, now.Location())
	sections := []struct {
		title string
		holds func(waiting) bool
	}{
		{"Parked: a person has to retry, skip or abort", func(c waiting) bool { return c.State == casework.StateNeedsAttention }},
		{"Blocked or held", func(c waiting) bool {
			return slices.Contains([]casework.State{
				casework.StateBlocked, casework.StateUnavailable, casework.StateFrozen, casework.StateHeld,
			}, c.State)
		}},
		{"Overdue", func(c waiting) bool { return !c.DueAt.IsZero() && c.DueAt.Before(now.Add(-overdueAfter)) }},
		{"Due tomorrow", func(c waiting) bool { return !c.DueAt.Before(tomorrow) && c.DueAt.Before(after) }},
	}
	lines := make([][]policy.DigestLine, len(sections))
	for _, c := range slices.SortedFunc(slices.Values(running), func(a, b waiting) int {
		return cmp.Or(cmp.Compare(a.Ticket, b.Ticket), cmp.Compare(a.grant, b.grant))
	}) {
		for i, s := range sections {
			if s.holds(c) {
				lines[i] = append(lines[i], policy.DigestLine{Ticket: c.Ticket, Text: digestText(c, now.Location())})
				break
			}
		}
	}
	var out []policy.DigestSection
	for i, s := range sections {
		if len(lines[i]) == 0 {
			continue
		}
		if more := len(lines[i]) - digestLines; more > 0 {
			lines[i] = append(lines[i][:digestLines], policy.DigestLine{Text: fmt.Sprintf("and %d more; see the Temporal UI", more)})
		}
		out = append(out, policy.DigestSection{Title: s.title, Lines: lines[i]})
	}
	return out
}

func digestText(c waiting, zone *time.Location) string {
	const moment = "2 January 15:04"
	words := []string{cmp.Or(string(c.UseCase), "not classified yet"), strings.ReplaceAll(string(c.State), "_", " ")}
	if !c.StartedAt.IsZero() {
		words = append(words, "since "+c.StartedAt.In(zone).Format(moment))
	}
	if !c.DueAt.IsZero() {
		words = append(words, "due "+c.DueAt.In(zone).Format(moment))
	}
	if c.grant != "" {
		words = append(words, c.grant)
	}
	return strings.Join(words, ", ")
}
