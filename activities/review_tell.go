package activities

import (
	"context"
	"fmt"

	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// ReviewTell says something on all tickets of a reviewer, each exactly once for its key; the last word resolves them. A
// ticket that a person closed or deleted is left alone.
func (d *Desk) ReviewTell(ctx context.Context, in contract.ReviewTellInput) error {
	return d.failed(ctx, fmt.Sprintf("telling a reviewer (%s) in campaign %s", in.Word, in.Campaign), d.reviewTell(ctx, in))
}

func (d *Desk) reviewTell(ctx context.Context, in contract.ReviewTellInput) error {
	text, err := d.reviewText(in)
	if err != nil {
		return err
	}
	tickets, err := readTickets(ctx, d.Blobs, ticketsKey(in.Campaign, in.Counts.Reviewer.ID))
	if err != nil {
		return err
	}
	var cc []string
	if in.LetIn != nil && in.LetIn.Email != "" {
		cc = []string{in.LetIn.Email}
	}
	for _, t := range tickets {
		if err := d.replyOnce(ctx, t.Ticket, markerKey(0, in.Key), text, cc); err != nil {
			return err
		}
		if in.Word == contract.ReviewClosed {
			if _, err := d.setTicket(ctx, contract.SetTicketInput{Ticket: t.Ticket, Wish: contract.WishResolved, Note: "The review is over."}); err != nil {
				return err
			}
		}
		if err := beat(ctx, t.Ticket); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) reviewText(in contract.ReviewTellInput) (string, error) {
	name := map[contract.ReviewWord]string{
		contract.ReviewReminder: "review_reminder", contract.ReviewLetIn: "review_let_in",
		contract.ReviewSecondRound: "review_second_round", contract.ReviewClosed: "review_closed",
	}[in.Word]
	n := in.Counts
	facts := policy.ReviewFacts{
		Title: in.Title, Reviewer: n.Reviewer.Name, Items: n.Items, Due: in.Due, Link: d.reviewLink(in.Campaign),
		Counts: policy.ReviewCounts{Items: n.Items, Certified: n.Certified, Revoked: n.Revoked, Open: max(n.Items-n.Certified-n.Revoked, 0)},
	}
	if in.LetIn != nil {
		facts.LetIn = in.LetIn.Name
	}
	text, err := d.Policy.Current().Text(name, facts)
	if err != nil {
		return "", problemText(name, err)
	}
	return text, nil
}

// replyOnce answers on a ticket unless the marker says that it was done. A ticket that is not there any more has nobody
// to be told.
func (d *Desk) replyOnce(ctx context.Context, ticket int64, key, text string, cc []string) error {
	there, err := d.told(ctx, ticket, key)
	if isMissing(err) || there {
		return nil
	}
	if err != nil {
		return err
	}
	what := "the reply " + key + " on " + contract.TicketLabel(ticket)
	if done, err := d.mayWrite(ctx, what); done || err != nil {
		return err
	}
	marker := markerHTML(key)
	body, _ := fitBody(text, bodyLimit-len(marker))
	_, err = d.Client.Reply(ctx, ticket, freshservice.Reply{BodyHTML: body + marker, CCEmails: cc})
	return d.wrote(ctx, what, err)
}

// reviewLink is the page where reviewers decide. It names the campaign only: every agent of the desk can read a ticket.
func (d *Desk) reviewLink(campaign string) string {
	if d.ReviewURL == "" {
		return ""
	}
	return d.ReviewURL + "/review/" + campaign
}

// campaignLink is the campaign's own page.
func (d *Desk) campaignLink(campaign string) string {
	if link := d.reviewLink(campaign); link != "" {
		return link + "/progress"
	}
	return ""
}

// ReviewReport writes how a campaign ended on its own ticket, opens the tasks for what has to be taken away at its
// source, and resolves the ticket when nothing is left to do.
func (d *Desk) ReviewReport(ctx context.Context, in contract.ReviewReportInput) error {
	return d.failed(ctx, "reporting campaign "+in.Campaign, d.reviewReport(ctx, in))
}

func (d *Desk) reviewReport(ctx context.Context, in contract.ReviewReportInput) error {
	p := d.Policy.Current()
	tasks := make([]contract.Task, 0, len(in.Sources))
	for _, s := range in.Sources {
		tasks = append(tasks, contract.Task{
			Name: s.Object, Title: fmt.Sprintf("Take away at its source: %s (%s)", s.Object, s.Owner),
			Text: fmt.Sprintf("%d people: %s", s.People, s.Why), Group: p.Review().Ask,
		})
	}
	if len(tasks) > 0 {
		if _, err := d.tendTasks(ctx, contract.TendTasksInput{Ticket: in.Ticket, Tasks: tasks}); err != nil && !isMissing(err) {
			return err
		}
	}
	n := in.Evidence.Counts
	facts := policy.ReviewFacts{
		Title: in.Title, Link: d.campaignLink(in.Campaign), Ended: in.Why, Manifest: in.Evidence.Manifest, Digest: in.Evidence.Digest, Partial: in.Partial,
		Counts: policy.ReviewCounts{Items: n.Items, Certified: n.Certified, Revoked: n.Revoked, Open: n.Open, Gone: n.Gone, Left: n.Left},
	}
	for _, source := range in.Sources {
		facts.Sources = append(facts.Sources, policy.ReviewAtSource(source))
	}
	text, err := p.Text("review_result", facts)
	if err != nil {
		return problemText("review_result", err)
	}
	if err := d.replyOnce(ctx, in.Ticket, markerKey(0, "review-result"), text, nil); err != nil {
		return err
	}
	wish := contract.WishResolved
	if in.Evidence.Counts.Left+len(in.Sources) > 0 || in.Why != "" {
		wish = contract.WishWaiting
	}
	_, err = d.setTicket(ctx, contract.SetTicketInput{Ticket: in.Ticket, Wish: wish, Note: "The campaign is over; its evidence pack is stored."})
	return err
}
