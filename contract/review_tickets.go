package contract

import (
	"time"

	"latchkey/review"
)

// Activities of a campaign at the desk, all on QueueFreshservice. All find what they made before by a marker.
const (
	ActReviewCampaignTicket = "ReviewCampaignTicket" // ReviewCampaignTicketInput → ReviewTicketResult
	ActReviewOpenTickets    = "ReviewOpenTickets"    // ReviewOpenTicketsInput → ReviewTicketsResult
	ActReviewTell           = "ReviewTell"           // ReviewTellInput → nothing
	ActReviewReport         = "ReviewReport"         // ReviewReportInput → nothing
)

// ReviewCampaignTicketInput opens the campaign's own ticket, for whoever answers for the campaign.
type ReviewCampaignTicketInput struct {
	Campaign string    `json:"campaign"`
	Title    string    `json:"title"`
	Begun    time.Time `json:"begun"`
}

// ReviewTicketResult names a ticket.
type ReviewTicketResult struct {
	Ticket int64 `json:"ticket"`
}

// ReviewOpenTicketsInput opens the tickets of one reviewer: the reviewer is their requester, because managers are rarely
// agents of the desk.
type ReviewOpenTicketsInput struct {
	Campaign string           `json:"campaign"`
	Title    string           `json:"title"`
	Packet   review.PacketRef `json:"packet"`
	Per      review.TicketPer `json:"per"`
	Begun    time.Time        `json:"begun"` // no ticket of the campaign is older
	Due      time.Time        `json:"due"`
}

// ReviewTicketsResult says which tickets a reviewer has: the first of them, and how many.
type ReviewTicketsResult struct {
	First int64 `json:"first"`
	Count int   `json:"count"`
}

// ReviewWord is what a reviewer is told on their tickets.
type ReviewWord string

// The words.
const (
	ReviewReminder    ReviewWord = "reminder"     // it is not finished, and due soon
	ReviewLetIn       ReviewWord = "let_in"       // somebody else may answer beside the reviewer now
	ReviewSecondRound ReviewWord = "second_round" // the time was over; what nobody answered is asked again
	ReviewClosed      ReviewWord = "closed"       // nothing more counts: how it ended; the tickets are resolved
)

// ReviewTellInput says something on all tickets of a reviewer, once for its key.
type ReviewTellInput struct {
	Campaign string         `json:"campaign"`
	Title    string         `json:"title"`
	Word     ReviewWord     `json:"word"`
	Key      string         `json:"key"`
	Due      time.Time      `json:"due"`
	Counts   ReviewerCounts `json:"counts"`
	// LetIn is who may answer beside the reviewer; the reply goes to them as well.
	LetIn *review.Reviewer `json:"let_in,omitempty"`
}

// ReviewTending is what a reviewer's workflow needs to look after the reviewer's tickets, and how far it is with that.
type ReviewTending struct {
	Title    string           `json:"title"`
	Begun    time.Time        `json:"begun"` // the campaign
	Packet   review.PacketRef `json:"packet"`
	Settings review.Settings  `json:"settings"`

	Opened   bool `json:"opened,omitempty"`   // the tickets are open
	Reminded int  `json:"reminded,omitempty"` // how many of Settings.RemindDays have passed
	LetIn    bool `json:"let_in,omitempty"`   // whom policy escalates to may answer
	Round    int  `json:"round,omitempty"`    // 1 in the second round
	// NextTry is when something that the desk did not take is tried again; zero: nothing is left over.
	NextTry time.Time `json:"next_try,omitzero"`
}

// ReviewReportInput writes how the campaign ended on its own ticket, opens a task for each thing that has to be taken
// away at its source, and resolves the ticket when nothing is left to do.
type ReviewReportInput struct {
	Ticket   int64                `json:"ticket"`
	Campaign string               `json:"campaign"`
	Title    string               `json:"title"`
	Evidence ReviewEvidenceResult `json:"evidence"`
	Partial  []string             `json:"partial,omitempty"` // what the snapshot could not read
	Why      string               `json:"why,omitempty"`     // why it ended early; empty: it did not
	// Sources are things that were revoked and have to be taken away where they come from, each with how many people.
	Sources []ReviewSource `json:"sources,omitempty"`
}

// ReviewSource is one thing that has to be taken away at its source.
type ReviewSource struct {
	Object string `json:"object"` // for people: "app Salesforce"
	Owner  string `json:"owner"`
	Why    string `json:"why"`
	People int    `json:"people"`
}
