package activities

import (
	"context"
	"fmt"

	"latchkey/clients/freshservice"
	"latchkey/contract"
)

// AskSecurity opens the one ticket that asks security about a reset that the tripwire holds: one a case, however often it
// is planned and however often an answer is lost.
func (d *Desk) AskSecurity(ctx context.Context, in contract.AskSecurityInput) (contract.AskSecurityResult, error) {
	number, err := d.askSecurity(ctx, in)
	if err != nil {
		return contract.AskSecurityResult{}, d.failed(ctx, about("asking security about the reset in", in.Ticket), err)
	}
	return contract.AskSecurityResult{Ticket: number}, nil
}

func (d *Desk) askSecurity(ctx context.Context, in contract.AskSecurityInput) (int64, error) {
	p := d.Policy.Current()
	body, err := p.Text("reset_alarm", in)
	if err != nil {
		return 0, problemText("reset_alarm", err)
	}
	body, _ = fitBody(body, bodyLimit)
	return d.ensureTicket(ctx, ownTicket{
		marker:   fmt.Sprintf("latchkey-reset-%s-%d", contract.TicketLabel(in.Ticket), in.Run),
		subject:  "Latchkey: a reset of sign-in data is held, in " + contract.TicketLabel(in.Ticket),
		body:     body,
		group:    p.Credentials().TripwireAsk,
		setting:  "credentials.yaml: tripwire",
		priority: freshservice.PriorityUrgent,
		since:    orNow(in.At, d.now()).UTC(),
	})
}
