package contract

// HandOverInput asks who else waits for the account that a joiner's case made, when that case is called off.
type HandOverInput struct {
	Ticket     int64  `json:"ticket"` // of the case that is called off
	OktaUserID string `json:"okta_user_id"`
}

// HandOverResult names the ticket whose case has the account now; zero is nobody's.
type HandOverResult struct {
	Heir int64 `json:"heir,omitempty"`
}

// InheritCommand is the argument of UpdateInherit. A case that does not wait for the account refuses it.
type InheritCommand struct {
	From       int64  `json:"from"` // the ticket that was called off
	OktaUserID string `json:"okta_user_id"`
}

// InheritResult is the answer of a case that took the account over, or had it before.
type InheritResult struct{}
