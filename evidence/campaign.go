package evidence

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"time"

	"latchkey/review"
)

// ReviewItem is one item of a certification campaign with everything that became of it: one row of the evidence pack.
type ReviewItem struct {
	review.Item
	ReviewerName string         `json:"reviewer_name,omitempty"`
	Answer       review.Answer  `json:"answer,omitempty"` // empty: nobody answered
	Reason       string         `json:"reason,omitempty"`
	By           string         `json:"by,omitempty"` // Okta user ID of who answered
	ByName       string         `json:"by_name,omitempty"`
	AnsweredVia  review.Via     `json:"answered_via,omitempty"`
	AnsweredAt   time.Time      `json:"answered_at,omitzero"`
	Bulk         int            `json:"bulk,omitempty"`
	Outcome      review.Outcome `json:"outcome"` // zero for a certified item: it stays as it is
	Unassigned   bool           `json:"unassigned,omitempty"`
}

// Row states beside those of review.OutcomeState.
const (
	stateStays      = "stays"
	stateUnassigned = "unassigned"
	statePending    = "pending" // revoked, and what became of it was never kept
)

// State says in one word what became of the item.
func (r ReviewItem) State() string {
	switch {
	case r.Unassigned:
		return stateUnassigned
	case r.Outcome.State != "":
		return string(r.Outcome.State)
	case r.Answer == review.Certify:
		return stateStays
	case r.Answer == review.Revoke:
		return statePending
	default:
		return string(review.OutcomeNoAnswer)
	}
}

// ReviewCount is items by what became of them.
type ReviewCount struct {
	Items      int `json:"items"`
	Certified  int `json:"certified"`
	Revoked    int `json:"revoked"` // by a reviewer
	Silent     int `json:"silent"`  // nobody answered
	Gone       int `json:"gone"`    // read back: it is not there
	Left       int `json:"left"`    // still there: a residual with an owner, or not proved gone
	Unassigned int `json:"unassigned"`
}

func (c *ReviewCount) add(r ReviewItem) {
	c.Items++
	switch r.Answer {
	case review.Certify:
		c.Certified++
	case review.Revoke:
		c.Revoked++
	default:
		c.Silent++
	}
	switch r.State() {
	case string(review.OutcomeGone):
		c.Gone++
	case string(review.OutcomeLeft), statePending:
		c.Left++
	case stateUnassigned:
		c.Unassigned++
	}
}

// ReviewerResult is one reviewer's part.
type ReviewerResult struct {
	Reviewer review.Reviewer `json:"reviewer"`
	ReviewCount
	Marks []review.MarkCount `json:"marks,omitempty"`
	// Bulk is how many items were answered by clicks on several at once: a sign of rubber-stamping.
	Bulk int `json:"bulk"`
}

// ReviewRecord is a campaign without its items: campaign.json of the pack.
type ReviewRecord struct {
	Campaign  string             `json:"campaign"`
	Title     string             `json:"title"`
	Digest    string             `json:"digest"`
	Policy    string             `json:"policy"`
	Scope     string             `json:"scope,omitempty"`
	Previous  string             `json:"previous,omitempty"`
	ReadBegun time.Time          `json:"read_begun"`
	ReadEnded time.Time          `json:"read_ended"`
	Assigned  time.Time          `json:"assigned"`
	Due       time.Time          `json:"due"`
	Written   time.Time          `json:"written"`
	Snapshot  string             `json:"snapshot"`  // digest of what was read of Okta
	Employees string             `json:"employees"` // digest of the list of employees
	Source    string             `json:"source"`    // of the employees
	Partial   []string           `json:"partial"`   // what could not be read; empty: nothing is missing
	Changed   []string           `json:"changed"`   // what changed while it was read
	People    int                `json:"people"`
	Counts    ReviewCount        `json:"counts"`
	Marks     []review.MarkCount `json:"marks"`
	Reviewers []ReviewerResult   `json:"reviewers"`
	Orphans   []review.Person    `json:"orphans"`
}

// reviewDigest is the digest of a campaign: the SHA-256 over what was asked, of whom, what was answered, by whom and why,
// and what became of it, in the order of the pack; then the accounts without an employee and what could not be read. It
// is over content. When something was read, answered or proved, how often a step was tried, tickets and last sign-ins
// are no part of it: a campaign that was killed and resumed has the digest of one that was left alone, if the same
// people decided the same about the same access. The files' own SHA-256 in the manifest cover the times too.
type reviewDigest struct{ sum hash.Hash }

const reviewDigestForm = "latchkey review digest 1\n"

func newReviewDigest(campaign string) *reviewDigest {
	d := &reviewDigest{sum: sha256.New()}
	fmt.Fprintf(d.sum, "%s%q\n", reviewDigestForm, campaign)
	return d
}

// digested is what the digest knows of an item.
type digested struct {
	ID       string        `json:"id"`
	User     string        `json:"user"`
	Login    string        `json:"login"`
	Employee bool          `json:"employee"`
	Object   string        `json:"object"`
	Name     string        `json:"name"`
	Origin   string        `json:"origin"`
	Via      []string      `json:"via"`
	Given    bool          `json:"given"`
	Marks    []review.Mark `json:"marks"`
	Reviewer string        `json:"reviewer"`
	Answer   review.Answer `json:"answer"`
	Reason   string        `json:"reason"`
	By       string        `json:"by"`
	AsWhom   review.Via    `json:"as_whom"`
	State    string        `json:"state"`
	Silent   bool          `json:"silent"`
	Owner    string        `json:"owner"`
}

func (d *reviewDigest) item(r ReviewItem) error {
	one := digested{
		ID: r.ID, User: r.Person.OktaUserID, Login: r.Person.Login, Employee: r.Person.Employee, Object: r.Object.Key(), Name: r.Object.Name,
		Origin: string(r.Origin), Given: r.Birthright, Marks: r.Marks, Reviewer: r.Reviewer, Answer: r.Answer, Reason: r.Reason, By: r.By,
		AsWhom: r.AnsweredVia, State: r.State(), Silent: r.Outcome.Unanswered, Owner: r.Outcome.Owner,
	}
	for _, v := range r.Via {
		one.Via = append(one.Via, v.ID)
	}
	return d.line(one)
}

func (d *reviewDigest) line(value any) error {
	raw, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("evidence: digest a review: %w", err)
	}
	d.sum.Write(append(raw, '\n'))
	return nil
}

// end closes the digest.
func (d *reviewDigest) end(orphans []review.Person, partial []string) (string, error) {
	for _, o := range orphans {
		if err := d.line([]string{"orphan", o.OktaUserID, o.Login}); err != nil {
			return "", err
		}
	}
	if err := d.line(append([]string{"partial"}, partial...)); err != nil {
		return "", err
	}
	return hex.EncodeToString(d.sum.Sum(nil)), nil
}
