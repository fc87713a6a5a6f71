package contract

import (
	"time"

	"latchkey/casework"
)

// ReadRequestInput names the ticket to read and classify.
type ReadRequestInput struct {
	Ticket int64     `json:"ticket"`
	Named  *Operator `json:"named,omitempty"`
	// UseCase is set once the case is classified: later reads keep it, so an edited ticket or policy cannot turn a
	// leaver into something else half way.
	UseCase casework.UseCase `json:"use_case,omitempty"`
	Rule    string           `json:"rule,omitempty"`
	// Answers reads the ticket's notes as well, for answers to the question who a joiner is.
	Answers bool `json:"answers,omitempty"`
}

// ReadRequestResult is what the ticket says now, by the policy in force now.
type ReadRequestResult struct {
	Request casework.Request   `json:"request"` // Request.UseCase is empty when no rule wants the ticket
	Missing []casework.Missing `json:"missing,omitempty"`
	Earlier *RecordRef         `json:"earlier,omitempty"` // the newest evidence record of this ticket
	Runs    int                `json:"runs,omitempty"`    // how many records it has
	Times   Times              `json:"times"`
	// Owner is policy's owner of what is left where nothing names another (residual_owner.default).
	Owner string `json:"owner,omitempty"`
	// Incident is the workflow that opened the ticket as an incident of its own: it is told, and the ticket is no case.
	Incident string `json:"incident,omitempty"`
}

// Times are the waits of a case, from policy (desk.yaml, "times"); frozen when the case begins.
type Times struct {
	Idle          time.Duration `json:"idle"`           // after the report, absorbing late nudges; default 1h
	SettleEvery   time.Duration `json:"settle_every"`   // between two looks at a vendor's own job; default 10s
	SettleFor     time.Duration `json:"settle_for"`     // until what still stands is a residual; default 10m
	ParkRemind    time.Duration `json:"park_remind"`    // between reminders of a parked case; default 24h
	HoldRecheck   time.Duration `json:"hold_recheck"`   // backstop between two looks at a guard that holds; default 5m
	BlockedEvery  time.Duration `json:"blocked_every"`  // between two tries while our credential is refused; default 5m
	UnavailableIn time.Duration `json:"unavailable_in"` // how long a vendor may be away before the case says so; default 1h
}

// TellInput posts one note or reply. Key makes it one note however often it is asked for.
type TellInput struct {
	Ticket   int64     `json:"ticket"`
	Key      string    `json:"key"` // marker, unique within the ticket and run
	Template string    `json:"template"`
	Public   bool      `json:"public,omitempty"` // a reply to the requester; otherwise a private note
	Notify   bool      `json:"notify,omitempty"` // also mail the group that policy names for parked cases
	CC       []string  `json:"cc,omitempty"`     // of a reply
	To       []string  `json:"to,omitempty"`     // also mail these addresses
	Facts    TellFacts `json:"facts"`
}

// TellFacts is what a template may say. Every text in it is data: it is escaped, never parsed.
type TellFacts struct {
	Case     Case               `json:"case"`
	Unit     *Unit              `json:"unit,omitempty"`
	Missing  []casework.Missing `json:"missing,omitempty"`
	End      casework.End       `json:"end,omitempty"`
	Problem  *Problem           `json:"problem,omitempty"`
	Verify   *VerifyResult      `json:"verify,omitempty"`
	Evidence *RecordRef         `json:"evidence,omitempty"`
	Text     string             `json:"text,omitempty"`
	Grant    *GrantFacts        `json:"grant,omitempty"` // what a time-bound grant says of itself
}

// Problem is why a case parked: what failed, why, what to do.
type Problem struct {
	Step string           `json:"step"`
	Kind casework.ErrKind `json:"kind,omitempty"`
	Why  string           `json:"why"`
	Todo string           `json:"todo"`
	// Skippable says whether `skip` may pass it: a failed change may be skipped; a level, a guard or a verification
	// never.
	Skippable bool `json:"skippable,omitempty"`
}

// TellResult says whether the note was there already.
type TellResult struct {
	Already bool `json:"already,omitempty"`
}

// TicketWish is what a case wants its ticket to be.
type TicketWish string

// The wishes. The numbers behind them are policy's (desk.yaml, "statuses").
const (
	WishWaiting  TicketWish = "waiting"  // default Pending, so that no SLA runs
	WishResolved TicketWish = "resolved" // with the fields the desk demands for closing
	WishOpen     TicketWish = "open"
)

// SetTicketInput brings the ticket to a wish. A ticket that a person closed, deleted or marked as spam is left alone.
type SetTicketInput struct {
	Ticket int64      `json:"ticket"`
	Wish   TicketWish `json:"wish"`
	Note   string     `json:"note,omitempty"` // resolution note, where the desk demands one
	// Urgent raises the priority to the desk's highest. Without a Wish nothing else is changed.
	Urgent bool `json:"urgent,omitempty"`
}

// SetTicketResult is the ticket afterwards.
type SetTicketResult struct {
	Already   bool      `json:"already,omitempty"`
	LeftAlone bool      `json:"left_alone,omitempty"` // a person had ended the ticket
	UpdatedAt time.Time `json:"updated_at,omitzero"`
}
