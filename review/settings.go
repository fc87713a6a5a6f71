package review

// TicketPer says what one ticket of a campaign is about.
type TicketPer string

// The ways to cut tickets.
const (
	TicketPerReviewer TicketPer = "reviewer" // one ticket for everything that a reviewer is asked; the default
	TicketPerUser     TicketPer = "user"     // one for each person reviewed
	TicketPerGroup    TicketPer = "group"    // one for each group or application
)

// NoResponse says what becomes of items that nobody answered when the time is over.
type NoResponse string

// What becomes of them. Nothing is revoked for silence unless policy says so in this very word.
const (
	NoResponseEscalate NoResponse = "escalate" // a second round goes to whom policy escalates to; the default
	NoResponseKeep     NoResponse = "keep"
	NoResponseRevoke   NoResponse = "revoke"
)

// Settings are what policy says of a campaign, frozen when it begins. Days are whole days in Zone.
type Settings struct {
	Title     string    `json:"title"`
	Zone      string    `json:"zone"`     // IANA
	DueDays   int       `json:"due_days"` // from the opening to the due day, at its DueHour
	DueHour   string    `json:"due_hour"` // "17:00"
	TicketPer TicketPer `json:"ticket_per"`
	// RemindDays are the days before the due day on which who is not done is reminded, the earliest reminder first.
	RemindDays []int `json:"remind_days,omitempty"`
	// EscalateDays is how many days before the due day whom policy escalates to is let in beside the reviewer; negative:
	// not before the end.
	EscalateDays int        `json:"escalate_days"`
	NoResponse   NoResponse `json:"no_response"`
	// SecondRoundDays is how long a second round is open for what nobody answered; 0: there is none.
	SecondRoundDays int `json:"second_round_days"`
	// ReasonFor are the marks that need a reason also to certify.
	ReasonFor []Mark `json:"reason_for,omitempty"`
	Stamp     Stamp  `json:"stamp"`
	// RetainDays is how long working files of a campaign are kept after its end; the evidence pack is kept for good.
	RetainDays int `json:"retain_days"`
}

// Stamp says when a review looks rubber-stamped: of at least Items items, Percent or more were certified by clicks
// that answered Bulk items or more at once.
type Stamp struct {
	Items   int `json:"items"`
	Percent int `json:"percent"`
	Bulk    int `json:"bulk"`
}
