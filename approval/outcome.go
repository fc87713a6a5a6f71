package approval

// Status is where a level or a group stands.
type Status string

// The states of a level and of a group.
const (
	StatusOpen       Status = "open"
	StatusApproved   Status = "approved"
	StatusRejected   Status = "rejected"
	StatusImpossible Status = "impossible" // nobody who may answer is left: a person has to name another approver
)

// Reason says in one word why a vote did not count.
type Reason string

// Why votes are struck out.
const (
	ReasonBanned    Reason = "banned"     // requester, beneficiary or banned by policy
	ReasonRepeat    Reason = "repeat"     // this person decided an earlier level
	ReasonStranger  Reason = "stranger"   // not an approver of this group and no delegate of one
	ReasonDuplicate Reason = "duplicate"  // this person has a vote in this group already; the first one counts
	ReasonLate      Reason = "late"       // given after the group was decided
	ReasonStale     Reason = "stale"      // given before the plan changed
	ReasonCancelled Reason = "cancelled"  // the request was withdrawn
	ReasonUnknown   Reason = "not_opened" // an approval this case did not open
)

// Ignored is a vote that did not count, and why.
type Ignored struct {
	Vote   Vote   `json:"vote"`
	Reason Reason `json:"reason"`
	Detail string `json:"detail,omitempty"` // for people: "asked for this access"
}

// GroupOutcome is what one group has decided so far.
type GroupOutcome struct {
	Group    string     `json:"group"`
	Status   Status     `json:"status"`
	Why      string     `json:"why"` // "2 of 3 approved, 2 needed"
	Approved []Vote     `json:"approved,omitempty"`
	Rejected []Vote     `json:"rejected,omitempty"`
	Waiting  []Approver `json:"waiting,omitempty"` // who may still answer, bans struck out
}

// Outcome is what a level has decided so far.
type Outcome struct {
	Status  Status         `json:"status"`
	Why     string         `json:"why"`
	Groups  []GroupOutcome `json:"groups"`
	Ignored []Ignored      `json:"ignored,omitempty"`
}

// Deciders lists everybody whose vote counted, in the order of the groups: the bans of later levels.
func (o Outcome) Deciders() []Approver {
	var all []Approver
	for _, g := range o.Groups {
		for _, v := range g.Approved {
			all = append(all, v.By)
		}
		for _, v := range g.Rejected {
			all = append(all, v.By)
		}
	}
	return all
}
