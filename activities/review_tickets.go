package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
	"latchkey/review"
)

// reviewTicket is one ticket of a reviewer, as the campaign remembers it.
type reviewTicket struct {
	About  string `json:"about,omitempty"` // the person's Okta user ID or the entitlement's key; empty: everything
	Ticket int64  `json:"ticket"`
}

// ticketsKey is where the tickets of a reviewer are remembered.
func ticketsKey(campaign, reviewer string) string {
	return review.Folder(campaign) + "tickets/" + reviewer + ".json"
}

// ReviewCampaignTicket opens the campaign's own ticket, or finds it.
func (d *Desk) ReviewCampaignTicket(ctx context.Context, in contract.ReviewCampaignTicketInput) (contract.ReviewTicketResult, error) {
	p := d.Policy.Current()
	body, err := p.Text("review_campaign", policy.ReviewFacts{Title: in.Title, Link: d.campaignLink(in.Campaign)})
	if err != nil {
		return contract.ReviewTicketResult{}, d.failed(ctx, "opening the campaign's ticket", problemText("review_campaign", err))
	}
	body, _ = fitBody(body, bodyLimit)
	number, err := d.ensureTicket(ctx, ownTicket{
		marker:   "latchkey-review-" + in.Campaign,
		subject:  "Latchkey: " + in.Title,
		body:     body,
		group:    p.Review().Ask,
		setting:  "review.yaml: ask",
		priority: freshservice.PriorityMedium,
		since:    in.Begun,
	})
	return contract.ReviewTicketResult{Ticket: number}, d.failed(ctx, "opening the campaign's ticket", err)
}

// ReviewOpenTickets opens the tickets of one reviewer and remembers them. Where the desk does not know the reviewer, they
// are ours, in the group that answers for the campaign: somebody has to tell the reviewer.
func (d *Desk) ReviewOpenTickets(ctx context.Context, in contract.ReviewOpenTicketsInput) (contract.ReviewTicketsResult, error) {
	tickets, err := d.openReviewTickets(ctx, in)
	if err != nil {
		return contract.ReviewTicketsResult{}, d.failed(ctx, "opening the tickets of a reviewer in campaign "+in.Campaign, err)
	}
	return contract.ReviewTicketsResult{First: tickets[0].Ticket, Count: len(tickets)}, nil
}

func (d *Desk) openReviewTickets(ctx context.Context, in contract.ReviewOpenTicketsInput) ([]reviewTicket, error) {
	key := ticketsKey(in.Campaign, in.Packet.Reviewer.ID)
	known, err := readTickets(ctx, d.Blobs, key)
	if err != nil {
		return nil, err
	}
	subjects, err := d.reviewSubjects(ctx, in)
	if err != nil {
		return nil, err
	}
	for _, s := range subjects {
		if slices.ContainsFunc(known, func(t reviewTicket) bool { return t.About == s.about }) {
			continue
		}
		number, err := d.openReviewTicket(ctx, in, s)
		if err != nil {
			return nil, err
		}
		known = append(known, reviewTicket{About: s.about, Ticket: number})
		if err := writeTickets(ctx, d.Blobs, key, known); err != nil {
			return nil, err
		}
		if err := beat(ctx, len(known)); err != nil {
			return nil, err
		}
	}
	return known, nil
}

// reviewSubject is what one ticket is about.
type reviewSubject struct {
	about string // key; empty: everything
	label string
	items int
}

// reviewSubjects cuts a packet into what policy wants a ticket for.
func (d *Desk) reviewSubjects(ctx context.Context, in contract.ReviewOpenTicketsInput) ([]reviewSubject, error) {
	if in.Per == review.TicketPerReviewer || in.Per == "" {
		return []reviewSubject{{items: in.Packet.Items}}, nil
	}
	raw, err := d.Blobs.ReadAll(ctx, in.Packet.Key)
	if err != nil {
		return nil, problemf(casework.Unavailable, "the blob store does not give the packet: %v", err)
	}
	var packet review.Packet
	if err := json.Unmarshal(raw, &packet); err != nil {
		return nil, problemf(casework.Invalid, "the packet %s cannot be read: %v", in.Packet.Key, err)
	}
	var list []reviewSubject
	at := map[string]int{}
	for _, item := range packet.Items {
		about, label := item.Person.OktaUserID, item.Person.Name
		if in.Per == review.TicketPerGroup {
			about, label = item.Object.Key(), item.Object.Label()
		}
		i, seen := at[about]
		if !seen {
			i = len(list)
			at[about] = i
			list = append(list, reviewSubject{about: about, label: label})
		}
		list[i].items++
	}
	return list, nil
}

func (d *Desk) openReviewTicket(ctx context.Context, in contract.ReviewOpenTicketsInput, s reviewSubject) (int64, error) {
	reviewer, there, err := d.personByEmail(ctx, in.Packet.Reviewer.Email)
	if err != nil {
		return 0, err
	}
	p := d.Policy.Current()
	body, err := p.Text("review_ticket", policy.ReviewFacts{
		Title: in.Title, Reviewer: in.Packet.Reviewer.Name, Why: in.Packet.Reviewer.Why, Subject: s.label, Items: s.items,
		People: in.Packet.People, Due: in.Due, Link: d.reviewLink(in.Campaign),
	})
	if err != nil {
		return 0, problemText("review_ticket", err)
	}
	body, _ = fitBody(body, bodyLimit)
	marker, subject := "latchkey-review-"+in.Campaign+"-"+in.Packet.Reviewer.ID, in.Title
	if s.about != "" {
		marker += "-" + strings.ReplaceAll(s.about, ":", "-")
		subject += ": " + s.label
	}
	ticket := ownTicket{
		marker: marker, subject: subject, body: body, requester: reviewer.ID, priority: freshservice.PriorityMedium, since: in.Begun,
	}
	if !there {
		ticket.requester, ticket.group, ticket.setting = 0, p.Review().Ask, "review.yaml: ask"
		ticket.subject += " (the desk does not know " + in.Packet.Reviewer.Name + ")"
	}
	return d.ensureTicket(ctx, ticket)
}

func readTickets(ctx context.Context, blobs *blob.Bucket, key string) ([]reviewTicket, error) {
	raw, err := blobs.ReadAll(ctx, key)
	if gcerrors.Code(err) == gcerrors.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, problemf(casework.Unavailable, "the blob store does not say which tickets a reviewer has: %v", err)
	}
	var list []reviewTicket
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, problemf(casework.Invalid, "%s cannot be read: %v", key, err)
	}
	return list, nil
}

func writeTickets(ctx context.Context, blobs *blob.Bucket, key string, list []reviewTicket) error {
	raw, err := json.Marshal(list)
	if err != nil {
		return fmt.Errorf("encode the tickets of a reviewer: %w", err)
	}
	if err := blobs.WriteAll(ctx, key, raw, nil); err != nil {
		return problemf(casework.Unavailable, "the blob store does not keep which tickets a reviewer has: %v", err)
	}
	return nil
}
