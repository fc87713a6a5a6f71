package playground

import (
	"latchkey/simulators/freshservice/freshsim"
	"latchkey/simulators/okta/oktasim"
)

// LoseAnswers makes both vendors do every write to tickets and people and then drop the connection, once for each
// distinct write, so that a retry gets its answer.
func (p *Playground) LoseAnswers() error {
	if _, err := p.Okta.SetFault(oktasim.Fault{Kind: oktasim.FaultAnswerLost, Method: "write", PerWrite: true, First: 1}); err != nil {
		return err
	}
	_, err := p.Desk.AddFault(freshsim.Fault{Kind: freshsim.FaultAnswerLost, Method: "write", Path: "/tickets/**", Once: true})
	return err
}
