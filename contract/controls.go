package contract

import (
	"time"

	"latchkey/casework"
)

// Controls is the state every worker asks before it writes: one workflow in the namespace holds it, so freezing means
// the whole cluster.
type Controls struct {
	Frozen  []Freeze                           `json:"frozen,omitempty"`
	Since   map[casework.UseCase]time.Time     `json:"since,omitempty"` // when a use case last entered act
	Modes   map[casework.UseCase]casework.Mode `json:"modes,omitempty"`
	Shrinks []Shrink                           `json:"shrinks,omitempty"` // people whose access shrank within the window
	Release *ReleaseCommand                    `json:"release,omitempty"`
	Tripped *Tripped                           `json:"tripped,omitempty"`
	Alarms  []Alarm                            `json:"alarms,omitempty"`
}

// Freeze is one standing order to write nothing. UseCase empty means all of them.
type Freeze struct {
	UseCase string    `json:"use_case,omitempty"`
	By      Operator  `json:"by"`
	At      time.Time `json:"at"`
}

// FrozenFor finds the order that stops a use case.
func (c Controls) FrozenFor(useCase casework.UseCase) (Freeze, bool) {
	for _, f := range c.Frozen {
		if f.UseCase == "" || f.UseCase == string(useCase) {
			return f, true
		}
	}
	return Freeze{}, false
}

// Shrink is one person whose access shrinks, whatever asked for it.
type Shrink struct {
	OktaUserID string    `json:"okta_user_id"`
	Ticket     int64     `json:"ticket"`
	At         time.Time `json:"at"`
}

// Tripped says that the mass-change guard is holding cases.
type Tripped struct {
	At     time.Time `json:"at"`
	Count  int       `json:"count"`
	Limit  int       `json:"limit"`
	Ticket int64     `json:"ticket,omitempty"` // the ticket that asks a person, opened once
}

// Alarm is one vendor that refuses our own credential.
type Alarm struct {
	Vendor string    `json:"vendor"`
	Text   string    `json:"text"`
	At     time.Time `json:"at"`
	Last   time.Time `json:"last"`
	Count  int       `json:"count"`
}

// AlarmSignal reports a refused credential; repeats within the hour are one alarm.
type AlarmSignal struct {
	Vendor string `json:"vendor"`
	Text   string `json:"text"`
}

// ModesReport says what policy allows now.
type ModesReport struct {
	Modes        map[casework.UseCase]casework.Mode `json:"modes"`
	PolicyDigest string                             `json:"policy_digest"`
}

// ModesSince answers ModesReport: since when each use case that may act has been in act.
type ModesSince struct {
	Since map[casework.UseCase]time.Time `json:"since"`
}

// AdmitRequest asks the mass-change guard to let one person's access shrink. Asking again for the same person and
// ticket is free.
type AdmitRequest struct {
	OktaUserID string        `json:"okta_user_id"`
	Ticket     int64         `json:"ticket"`
	Limit      int           `json:"limit"`  // people within the window
	Window     time.Duration `json:"window"` // an hour by default
}

// AdmitVerdict is the guard's answer.
type AdmitVerdict struct {
	Admitted bool      `json:"admitted"`
	Count    int       `json:"count"`
	Limit    int       `json:"limit"`
	First    bool      `json:"first,omitempty"` // this request tripped the guard: ask a person, once
	RetryAt  time.Time `json:"retry_at,omitzero"`
}
