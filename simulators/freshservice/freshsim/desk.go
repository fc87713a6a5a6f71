package freshsim

import "html/template"

func parsePages() (*template.Template, error) { return template.New("desk"), nil }
func (s *Server) mountDesk()                  {}
