package policy

import "time"

// ReviewFacts is what the texts about an access review say: review_campaign, review_ticket, review_reminder,
// review_let_in, review_second_round, review_closed and review_result.
type ReviewFacts struct {
	Title    string
	Reviewer string // name
	Why      string // how policy came to the reviewer
	Subject  string // whom or what this ticket is about; empty: everything the reviewer is asked
	Items    int
	People   int
	Due      time.Time
	Link     string // empty: no page is known
	LetIn    string // name of who may answer beside the reviewer
	Counts   ReviewCounts

	// Of a campaign that has ended.
	Ended    string // why it ended early; empty: it did not
	Manifest string // of the evidence pack
	Digest   string
	Partial  []string
	Sources  []ReviewAtSource
}

// ReviewCounts are items by what became of them.
type ReviewCounts struct {
	Items, Certified, Revoked, Open, Gone, Left int
}

// Answered is how many items have an answer.
func (c ReviewCounts) Answered() int { return c.Certified + c.Revoked }

// ReviewAtSource is one thing that has to be taken away where it comes from.
type ReviewAtSource struct {
	Object string
	Owner  string
	Why    string
	People int
}
