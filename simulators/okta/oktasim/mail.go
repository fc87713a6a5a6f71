package oktasim

import "time"

// Kinds of mail the vendor sends to people.
const (
	MailActivation    = "activation"
	MailPasswordReset = "password-reset"
	MailDeactivation  = "deactivation"
)

// Mail is a message the org sent to a person. Links are not kept: nobody but the person should see them.
type Mail struct {
	At     time.Time `json:"at"`
	Kind   string    `json:"kind"`
	UserID string    `json:"userId"`
	To     string    `json:"to"`
	// Second is the secondary address, which an activation goes to as well; empty is none.
	Second string `json:"second,omitempty"`
}

func (s *Server) mail(u *user, kind string) {
	m := Mail{At: s.now(), Kind: kind, UserID: u.id, To: u.text("email")}
	if kind == MailActivation {
		m.Second = u.text("secondEmail")
	}
	s.mails = append(s.mails, m)
}

// Mails returns what the org has mailed so far, oldest first.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail{}, s.mails...)
}
