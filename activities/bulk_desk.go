package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// bulkMarker is the tag of a batch's own ticket; routes may look for it.
func bulkMarker(batch string) string { return "latchkey-bulk-" + batch }

// batchOf is the batch that a ticket belongs to; empty for any other ticket. The tag is ours or an agent's, and a subject
// counts on a ticket of our own account only. It decides nothing: the batch is only told to look.
func batchOf(t freshservice.Ticket, me int64) string {
	for _, tag := range t.Tags {
		if batch, ok := strings.CutPrefix(tag, bulkMarker("")); ok && contract.CheckBatch(batch) == nil {
			return batch
		}
	}
	if me == 0 || t.RequesterID != me {
		return ""
	}
	_, marked, ok := strings.Cut(strings.TrimSpace(t.Subject), "["+bulkMarker(""))
	batch, closed := strings.CutSuffix(marked, "]")
	if !ok || !closed || contract.CheckBatch(batch) != nil {
		return ""
	}
	return batch
}

// BulkTicket opens the ticket of a batch, or checks the one that was named, and reads from policy what the batch needs.
// A named ticket has to be open and may not be one that has a case of its own.
func (d *Desk) BulkTicket(ctx context.Context, in contract.BulkTicketInput) (contract.BulkTicketResult, error) {
	out, err := d.bulkTicket(ctx, in)
	if err != nil {
		return contract.BulkTicketResult{}, d.failed(ctx, "opening the ticket of batch "+in.Batch, err)
	}
	return out, nil
}

func (d *Desk) bulkTicket(ctx context.Context, in contract.BulkTicketInput) (contract.BulkTicketResult, error) {
	p := d.Policy.Current()
	file, err := bulkFile(ctx, d.Blobs, in.Batch)
	if err != nil {
		return contract.BulkTicketResult{}, err
	}
	out := contract.BulkTicketResult{
		Times: times(p.Times()), Owner: p.Offboarding().ResidualOwner[""], Mode: p.Mode(file.UseCase), Window: p.Desk().BulkWindow,
	}
	number := in.Ticket
	if number == 0 {
		if number, err = d.openBulkTicket(ctx, p, in, file); err != nil {
			return out, err
		}
	}
	r, _, err := d.readTicket(ctx, p, number, func(policy.TicketFacts) bool { return true })
	if isMissing(err) || err == nil && (r.ticket.Gone || r.ticket.Closed) {
		return out, problemf(casework.Invalid, "%s is closed or gone: abort the batch, and start it again with an open ticket", contract.TicketLabel(number))
	}
	if err != nil {
		return out, err
	}
	if in.Ticket != 0 {
		c, err := p.Classify(policy.IntakeFacts{Ticket: r.facts, Requester: r.requester, Now: d.now()})
		if err != nil {
			return out, err
		}
		if c.UseCase != "" {
			return out, problemf(casework.Invalid, "%s has a case of its own (intake rule %q), and a batch needs a ticket to itself: abort it, and name another or none", contract.TicketLabel(number), c.Rule)
		}
	}
	out.Ticket = r.ticket
	return out, d.tagBatch(ctx, r.vendor, bulkMarker(in.Batch))
}

func (d *Desk) openBulkTicket(ctx context.Context, p *policy.Policy, in contract.BulkTicketInput, file contract.BulkFile) (int64, error) {
	body, err := p.Text("bulk_ticket", policy.BulkFacts{
		Batch: in.Batch, Offboards: file.UseCase == casework.Offboarding, File: file.Name, Rows: len(file.Rows), Digest: file.Digest,
	})
	if err != nil {
		return 0, problemText("bulk_ticket", err)
	}
	body, _ = fitBody(body, bodyLimit)
	return d.ensureTicket(ctx, ownTicket{
		marker: bulkMarker(in.Batch), subject: "Latchkey: " + bulkTitle(file), body: body,
		group: p.Desk().BulkGroup, setting: "desk.yaml: bulk group", priority: freshservice.PriorityMedium, since: in.Begun,
	})
}

// tagBatch lets a named ticket say which batch it belongs to, so that what happens on it is heard.
func (d *Desk) tagBatch(ctx context.Context, t freshservice.Ticket, tag string) error {
	if slices.Contains(t.Tags, tag) {
		return nil
	}
	tags := append(slices.Clone(t.Tags), tag)
	_, err := d.Client.UpdateTicket(ctx, t.ID, freshservice.TicketUpdate{Tags: &tags})
	return demanded(err)
}

// bulkTitle is what people call a batch.
func bulkTitle(file contract.BulkFile) string {
	people := "people"
	if len(file.Rows) == 1 {
		people = "person"
	}
	return fmt.Sprintf("%s %d %s", bulkVerb(file.UseCase), len(file.Rows), people)
}

func bulkVerb(u casework.UseCase) casework.Verb {
	if u == casework.Offboarding {
		return "offboard"
	}
	return "onboard"
}

// BulkReport says on the batch's ticket how it goes. When it has ended it attaches the result of every row, and resolves
// the ticket when nothing is left for a person.
func (d *Desk) BulkReport(ctx context.Context, in contract.BulkReportInput) error {
	return d.failed(ctx, "reporting batch "+in.Batch, d.bulkReport(ctx, in))
}

// mostFailedShown is how many rows a text names; the result file has all.
const mostFailedShown = 50

func (d *Desk) bulkReport(ctx context.Context, in contract.BulkReportInput) error {
	facts := policy.BulkFacts{
		Batch: in.Batch, Rows: in.Rows, Done: in.Tally.Done, Residuals: in.Tally.Residuals, Failed: in.Tally.Failed, Open: in.Open,
		FailedRows: in.Tally.Rows[:min(len(in.Tally.Rows), mostFailedShown)], ETA: in.ETA, Ended: in.Why,
	}
	if in.Paused != nil {
		facts.PausedBy, facts.PausedWhy = in.Paused.By, in.Paused.Reason
	}
	name := "bulk_progress"
	if in.Ended {
		name = "bulk_result"
		facts.Open = max(in.Rows-in.Tally.Done-in.Tally.Residuals-in.Tally.Failed, 0)
	}
	text, err := d.Policy.Current().Text(name, facts)
	if err != nil {
		return problemText(name, err)
	}
	if err := d.bulkNote(ctx, in, text); err != nil || !in.Ended {
		return err
	}
	wish := contract.WishWaiting
	if facts.Well() {
		wish = contract.WishResolved
	}
	_, err = d.setTicket(ctx, contract.SetTicketInput{Ticket: in.Ticket, Wish: wish, Note: "The batch is over; the result of every person is attached."})
	return err
}

// bulkNote answers on the ticket unless the marker says that it was done.
func (d *Desk) bulkNote(ctx context.Context, in contract.BulkReportInput, text string) error {
	key := markerKey(0, in.Key)
	there, err := d.told(ctx, in.Ticket, key)
	if isMissing(err) || there {
		return nil
	}
	if err != nil {
		return err
	}
	var files []freshservice.File
	if in.Ended {
		csv, err := bulkCSV(ctx, d.Blobs, in.Batch)
		if err != nil {
			return err
		}
		files = append(files, freshservice.File{Name: "bulk-" + in.Batch + ".csv", ContentType: "text/csv; charset=utf-8", Content: csv})
	}
	what := "the reply " + key + " on " + contract.TicketLabel(in.Ticket)
	if done, err := d.mayWrite(ctx, what); done || err != nil {
		return err
	}
	marker := markerHTML(key)
	body, _ := fitBody(text, bodyLimit-len(marker))
	_, err = d.Client.Reply(ctx, in.Ticket, freshservice.Reply{BodyHTML: body + marker, Attachments: slices.Clip(files)})
	return d.wrote(ctx, what, err)
}
