package freshsim

import "fmt"

// Populate makes n tickets of the first n people, tagged t0, t1 and so on. It is for tests only.
func (s *Server) Populate(n int) error {
	var err error
	s.update(func(d *database) {
		for i := range n {
			p := d.personByEmail(fmt.Sprintf("p%d@crowd.example", i))
			if p == nil {
				err = fmt.Errorf("person %d is missing", i)
				return
			}
			t := d.blankTicket()
			t.subject, t.description, t.requesterID, t.requestedForID, t.tags = "S", "<div>D</div>", p.id, p.id, []string{fmt.Sprintf("t%d", i)}
			d.addTicket(t, p)
		}
	})
	return err
}
