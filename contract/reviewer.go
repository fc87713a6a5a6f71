package contract

import "time"

// ReviewerInput starts one reviewer's part of a campaign (WorkflowReviewer), and carries it over continue-as-new. A
// fresh start sets State's Campaign, Reviewer, Items, Due and Deputies, and the packet is in the blob store by then.
type ReviewerInput struct {
	State ReviewerState `json:"state"`
	// Linger is how long answers may still be changed once everything is answered. Zero is ReviewerLinger.
	Linger time.Duration `json:"linger,omitempty"`
	// Taken are the batches that counted, oldest first, so that one which comes again counts once.
	Taken []TakenBatch `json:"taken,omitempty"`
	// AnsweredAt is when the latest answer came; zero before the first.
	AnsweredAt time.Time `json:"answered_at,omitzero"`
	// Tend is what the reviewer's tickets need; nil: somebody else looks after them.
	Tend *ReviewTending `json:"tend,omitempty"`
	// Told is the progress that the campaign was last told of.
	Told int `json:"told,omitempty"`
}

// ReviewerLinger is how long answers may still be changed once everything is answered, unless the campaign says
// otherwise.
const ReviewerLinger = 15 * time.Minute

// FailReviewClosed is the type of the failure with which an update of a closed review is refused.
const FailReviewClosed = "ReviewClosed"

// TakenBatch is a batch that counted.
type TakenBatch struct {
	ID string `json:"id"`
	N  int    `json:"n"` // decisions in it
}

// ReviewerResult is how a reviewer's part ended.
type ReviewerResult struct {
	Counts  ReviewerCounts `json:"counts"`
	Answers string         `json:"answers,omitempty"` // key of the review.Answers; empty: none
	End     ReviewerEnd    `json:"end"`
}

// ReviewerEnd is why a reviewer's part ended.
type ReviewerEnd string

// The ends.
const (
	ReviewerAnswered ReviewerEnd = "answered" // everything was answered
	ReviewerDue      ReviewerEnd = "due"      // the time was over
	ReviewerClosed   ReviewerEnd = "closed"   // the campaign closed it
)

// Counts is the progress that a state shows.
func (s ReviewerState) Counts() ReviewerCounts {
	return ReviewerCounts{
		Reviewer: s.Reviewer, Items: s.Items, Certified: s.Certified, Revoked: s.Revoked, Ticket: s.Ticket,
		Ended: !s.Open, Answers: s.Answers, Stamped: s.Stamped,
	}
}

// Link finds a link of the state.
func (s ReviewerState) Link(id string) (ReviewLink, bool) {
	for _, l := range s.Links {
		if l.ID == id {
			return l, true
		}
	}
	return ReviewLink{}, false
}

// Opens says whether a link lets its holder in at a moment.
func (l ReviewLink) Opens(now time.Time) bool { return !l.Revoked && now.Before(l.Expires) }

// TakeReviewBatchInput asks for a batch to be verified and taken in (ActTakeReviewBatch).
type TakeReviewBatchInput struct {
	Campaign string `json:"campaign"`
	Reviewer string `json:"reviewer"`
	Batch    string `json:"batch"`
	// HandedIn is when the reviewer's workflow was asked: what is due, expired or too old is so at this moment, however
	// often the activity is tried.
	HandedIn time.Time    `json:"handed_in"`
	Due      time.Time    `json:"due"`
	Answers  string       `json:"answers,omitempty"` // key of the answers so far
	Deputies []string     `json:"deputies,omitempty"`
	Links    []ReviewLink `json:"links,omitempty"`
}

// TakeReviewBatchResult is what became of it. Refused is set or the rest.
type TakeReviewBatchResult struct {
	Refused   string `json:"refused,omitempty"` // why nothing of it counts
	Taken     int    `json:"taken"`
	Answers   string `json:"answers,omitempty"` // key of the answers with the batch in them
	Certified int    `json:"certified"`
	Revoked   int    `json:"revoked"`
	Stamped   bool   `json:"stamped,omitempty"`
}
