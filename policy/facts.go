package policy

import (
	"time"

	"latchkey/casework"
	"latchkey/identity"
)

// TicketFacts is what an expression may know of a ticket. Times are UTC. Every text in it is untrusted data.
type TicketFacts struct {
	ID      int64
	Subject string
	Text    string // description and subject as plain text, lower case, for keywords
	// Own is the description without quoted blocks, line by line, as it was written; empty: not known, and Text counts.
	Own         string
	Type        string
	Status      int
	StatusName  string
	Source      int // Freshservice's number: 13 onboarding, 18 offboarding
	Priority    int
	Category    string
	Group       string // agent group name, empty when unassigned
	Tags        []string
	Custom      map[string]any // the ticket form's custom fields
	Items       []ItemFacts    // requested items with their answers
	Onboarding  map[string]any // context of an onboarding request, lookups resolved to readable values
	Offboarding map[string]any
	CreatedAt   time.Time
	UpdatedAt   time.Time
	Approval    string // the ticket's own approval status in words: requested, approved, rejected, cancelled, not_requested
}

// ItemFacts is one requested item of a ticket.
type ItemFacts struct {
	ID       int64
	ItemID   int64 // display ID of the service item
	Name     string
	Quantity int
	Fields   map[string]any
}

// PersonFacts is what an expression may know of a person on the desk or in Okta.
type PersonFacts struct {
	Person  identity.Person
	Groups  []string // agent groups of the desk, and requester groups, by name
	Roles   []string // agent roles of the desk, by name
	IsAgent bool
	Active  bool
}

// IntakeFacts is the input of classification.
type IntakeFacts struct {
	Ticket    TicketFacts
	Requester PersonFacts
	Now       time.Time
}

// RouteFacts is the input of approval routing and of separation checks.
type RouteFacts struct {
	UseCase   casework.UseCase
	Ticket    TicketFacts
	Requester PersonFacts
	Subject   PersonFacts // the leaver, or the beneficiary
	Item      *CatalogueItem
	Fields    map[string]any // what intake extracted, by policy's names
	Protected bool           // the subject is a protected account
	Emergency bool
	// BreakGlass says that the chain is of a review: the access was granted before anybody approved it.
	BreakGlass bool
	Now        time.Time
}

// ProfileFacts is the input of the attribute mapping.
type ProfileFacts struct {
	UseCase casework.UseCase // Onboarding or RoleChange
	Fields  map[string]any   // what intake extracted, by policy's names
	Subject PersonFacts      // the account as it is; empty for a joiner whom nobody knows yet
	Manager PersonFacts      // the manager to be; empty where nobody was found
}

// TaskFacts is the input of the tasks of an onboarding.
type TaskFacts struct {
	Fields map[string]any // what intake extracted, by policy's names
	Person PersonFacts    // the joiner as the profile mapping makes them
}
