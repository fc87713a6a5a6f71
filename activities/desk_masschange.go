package activities

import (
	"context"
	"fmt"

	"latchkey/clients/freshservice"
	"latchkey/contract"
)

// massFacts is what the text "mass_change" says.
type massFacts struct {
	Verdict contract.AdmitVerdict
	Ticket  int64
	Text    string
}

// AskMassChange opens the one ticket that asks a person about a tripped mass-change guard: one an hour, however many
// cases trip it and however often an answer is lost.
func (d *Desk) AskMassChange(ctx context.Context, in contract.AskMassChangeInput) (contract.AskMassChangeResult, error) {
	number, err := d.askMassChange(ctx, in)
	if err != nil {
		return contract.AskMassChangeResult{}, d.failed(ctx, "asking a person about the mass-change guard", err)
	}
	return contract.AskMassChangeResult{Ticket: number}, nil
}

func (d *Desk) askMassChange(ctx context.Context, in contract.AskMassChangeInput) (int64, error) {
	p := d.Policy.Current()
	at := orNow(in.At, d.now()).UTC()
	body, err := p.Text("mass_change", massFacts{
		Verdict: in.Verdict,
		Ticket:  in.Ticket,
		Text: "To let the held cases go on, after you have looked at them: " +
			"starter guard release --until 2h --reason \"why this is meant\"",
	})
	if err != nil {
		return 0, problemText("mass_change", err)
	}
	body, _ = fitBody(body, bodyLimit)
	return d.ensureTicket(ctx, ownTicket{
		marker:   "latchkey-mass-" + at.Format("2006010215"),
		subject:  fmt.Sprintf("Latchkey: %d people are losing access, the limit is %d", in.Verdict.Count, in.Verdict.Limit),
		body:     body,
		group:    p.MassChange().Ask,
		setting:  "guards.yaml: mass_change",
		priority: freshservice.PriorityUrgent,
		since:    at,
	})
}
