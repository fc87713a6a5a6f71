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
}

func (s *Server) mail(u *user, kind string) {
	s.mails = append(s.mails, Mail{At: s.now(), Kind: kind, UserID: u.id, To: u.text("email")})
}

// Mails returns what the org has mailed so far, oldest first.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail{}, s.mails...)
}
