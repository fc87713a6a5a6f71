package freshsim

import (
	"errors"
	"net/http"
)

// adminTicketField makes or changes a field of the ticket form:
// {"name","label","field_type","choices":[],"required_for_agents","required_for_closure"}.
func (s *Server) adminTicketField(r *http.Request) (any, error) {
	var in struct {
		Name               string   `json:"name"`
		Label              string   `json:"label"`
		FieldType          string   `json:"field_type"`
		Choices            []string `json:"choices"`
		RequiredForAgents  bool     `json:"required_for_agents"`
		RequiredForClosure bool     `json:"required_for_closure"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Name == "" {
		return nil, errors.New("a field needs a name")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.db.field(in.Name)
	if f == nil {
		f = &ticketField{id: s.db.id(), name: in.Name, label: in.Label, kind: in.FieldType}
		if f.kind == "" {
			f.kind = "custom_text"
		}
		if f.label == "" {
			f.label = fieldTitle(in.Name)
		}
		s.db.fields = append(s.db.fields, f)
	}
	if in.Choices != nil && !f.builtin {
		f.choices = nil
		for i, v := range in.Choices {
			f.choices = append(f.choices, choice{id: int64(i + 1), value: v})
		}
	}
	f.requiredForAgents, f.requiredToClose = in.RequiredForAgents, in.RequiredForClosure
	return obj{"ticket_field": f.view(len(s.db.fields))}, nil
}

// adminStatus adds a custom ticket status: {"id":8,"value":"Waiting on vendor"}.
func (s *Server) adminStatus(r *http.Request) (any, error) {
	var in struct {
		ID    int64  `json:"id"`
		Value string `json:"value"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.ID <= statusClosed || in.Value == "" || s.db.label("status", int(in.ID)) != "" || s.db.hasChoice("status", in.Value) {
		return nil, errors.New("a custom status needs a free id above 5 and a new value")
	}
	f := s.db.field("status")
	f.choices = append(f.choices, choice{id: in.ID, value: in.Value})
	return obj{}, nil
}

// adminRequesterField defines a custom field of requesters and agents:
// {"name":"okta_id","label":"Okta ID","field_type":"custom_text","choices":[]}.
func (s *Server) adminRequesterField(r *http.Request) (any, error) {
	var in struct {
		Name      string   `json:"name"`
		Label     string   `json:"label"`
		FieldType string   `json:"field_type"`
		Choices   []string `json:"choices"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.Name == "" || in.FieldType == "" {
		return nil, errors.New("a requester field needs a name and a field_type")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f := &ticketField{id: s.db.id(), name: in.Name, label: in.Label, kind: in.FieldType}
	for i, v := range in.Choices {
		f.choices = append(f.choices, choice{id: int64(i + 1), value: v})
	}
	s.db.personForm = append(s.db.personForm, f)
	return obj{}, nil
}

// adminForm adds a field to the onboarding or offboarding form:
// {"name":"cf_x","label","field_type","required","choices":[],"data_source":0}.
func (s *Server) adminForm(off bool) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		var in struct {
			Name       string   `json:"name"`
			Label      string   `json:"label"`
			FieldType  string   `json:"field_type"`
			Required   bool     `json:"required"`
			Choices    []string `json:"choices"`
			DataSource int      `json:"data_source"`
		}
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		if in.Name == "" || in.FieldType == "" {
			return nil, errors.New("a form field needs a name and a field_type")
		}
		f := formField{name: in.Name, label: in.Label, kind: in.FieldType, required: in.Required, choices: in.Choices, source: in.DataSource}
		s.mu.Lock()
		defer s.mu.Unlock()
		if off {
			s.db.offForm = append(s.db.offForm, f)
		} else {
			s.db.onForm = append(s.db.onForm, f)
		}
		return obj{}, nil
	}
}

// adminLifecycle opens an onboarding or offboarding request as a person would: {"initiator":"a@b.c","fields":{...}}.
func (s *Server) adminLifecycle(off bool) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		in, err := vendorBody(r)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		initiator := s.db.personByEmail(in.email("initiator"))
		if initiator == nil {
			return nil, missing("initiator")
		}
		values, lookups := s.db.readForm(in, s.db.form(off), in.object("fields"))
		if err := in.done(); err != nil {
			return nil, err
		}
		req := s.openLifecycle(lifecycleOf(off), initiator, values, lookups)
		return obj{"request": s.view(r).lifecycleView(req)}, nil
	}
}

// adminContext hangs an onboarding or offboarding context on an existing ticket: {"fields":{...}}.
func (s *Server) adminContext(off bool) func(*http.Request) (any, error) {
	kind := lifecycleOf(off)
	return func(r *http.Request) (any, error) {
		in, err := vendorBody(r)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		t := s.db.tickets.get(pathID(r))
		if t == nil {
			return nil, missing("ticket")
		}
		values, lookups := s.db.readForm(in, s.db.form(off), in.object("fields"))
		if err := in.done(); err != nil {
			return nil, err
		}
		now := s.db.clockNow()
		t.lifecycle = &lifecycleRequest{
			id: s.db.id(), offboarding: off, status: lifecycleInProgress, subject: t.subject, requesterID: t.requesterID, ticketID: t.id,
			fields: values, lookups: lookups, created: now, updated: now,
		}
		s.db.lifecycles.put(t.lifecycle.id, t.lifecycle)
		next := *t
		next.source = kind.source
		s.db.saveTicket(t, &next, nil)
		s.automator.settle()
		return obj{"request": s.view(r).lifecycleView(t.lifecycle)}, nil
	}
}
