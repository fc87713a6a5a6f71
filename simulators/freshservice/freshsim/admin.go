package freshsim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// mountAdmin serves the tests' surface under /admin. It asks for no credential.
func (s *Server) mountAdmin() {
	for pattern, h := range map[string]func(*http.Request) (any, error){
		"GET /admin/state":                             s.adminState,
		"GET /admin/tickets/{id}":                      s.adminTicket,
		"POST /admin/reset":                            func(*http.Request) (any, error) { return done(s.Reset()) },
		"GET /admin/clock":                             s.adminClock,
		"POST /admin/clock/advance":                    s.adminAdvance,
		"GET /admin/faults":                            func(*http.Request) (any, error) { return obj{"faults": s.Faults()}, nil },
		"POST /admin/faults":                           s.adminAddFault,
		"DELETE /admin/faults":                         func(*http.Request) (any, error) { s.ClearFaults(""); return obj{}, nil },
		"DELETE /admin/faults/{name}":                  s.adminRemoveFault,
		"GET /admin/knobs":                             s.adminKnobs,
		"PUT /admin/knobs":                             s.adminSetKnobs,
		"GET /admin/requests":                          func(*http.Request) (any, error) { return obj{"requests": s.Requests()}, nil },
		"DELETE /admin/requests":                       s.adminClearRequests,
		"GET /admin/automator/rules":                   s.adminRules,
		"POST /admin/automator/rules":                  s.adminAddRule,
		"PUT /admin/automator/rules":                   s.adminSetRules,
		"GET /admin/automator/deliveries":              func(*http.Request) (any, error) { return obj{"deliveries": s.Deliveries()}, nil },
		"GET /admin/automator/trouble":                 s.adminTrouble,
		"PUT /admin/automator/trouble":                 s.adminSetTrouble,
		"POST /admin/approvals/{id}/decision":          s.adminDecision,
		"POST /admin/people/{id}/delegate":             s.adminDelegate,
		"POST /admin/people/{id}/external-id":          s.adminExternalID,
		"POST /admin/api-keys":                         s.adminAPIKey,
		"POST /admin/service-items":                    s.adminServiceItem,
		"POST /admin/service-requests":                 s.adminServiceRequest,
		"POST /admin/tickets/{id}/requested-items":     s.adminAddItem,
		"POST /admin/tickets/{id}/spam":                s.adminSpam,
		"POST /admin/tickets/{id}/created-at":          s.adminBackdate,
		"POST /admin/ticket-fields":                    s.adminTicketField,
		"POST /admin/requester-fields":                 s.adminRequesterField,
		"POST /admin/statuses":                         s.adminStatus,
		"POST /admin/onboarding-form":                  s.adminForm(false),
		"POST /admin/offboarding-form":                 s.adminForm(true),
		"POST /admin/onboarding-requests":              s.adminLifecycle(false),
		"POST /admin/offboarding-requests":             s.adminLifecycle(true),
		"POST /admin/tickets/{id}/onboarding-context":  s.adminContext(false),
		"POST /admin/tickets/{id}/offboarding-context": s.adminContext(true),
	} {
		s.mux.Handle(pattern, adminHandler(h))
	}
}

// adminError is a refusal of the admin surface with its status.
type adminError struct {
	status int
	err    error
}

func (e *adminError) Error() string { return e.err.Error() }

func (e *adminError) Unwrap() error { return e.err }

func missing(what string) error {
	return &adminError{http.StatusNotFound, errors.New("there is no such " + what)}
}

// adminHandler answers JSON: 200 with what h gives, 400 with {"error"} unless h says which status.
func adminHandler(h func(*http.Request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxJSONBody)
		status := http.StatusOK
		body, err := h(r)
		if err != nil {
			status, body = http.StatusBadRequest, obj{"error": err.Error()}
			var adm *adminError
			var api *apiError
			switch {
			case errors.As(err, &adm):
				status = adm.status
			case errors.As(err, &api):
				body = obj{"error": "the vendor's validation refused it", "detail": api.body()}
			}
		}
		raw, err := encode(body)
		if err != nil {
			status, raw = http.StatusInternalServerError, []byte(`{"error":"the answer could not be encoded"}`)
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.WriteHeader(status)
		if _, err := w.Write(raw); err != nil {
			return // the caller has gone
		}
	})
}

// decode reads a strict JSON body: an unknown key is refused. An empty body leaves v as it is.
func decode(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	return nil
}

func done(err error) (any, error) { return obj{}, err }

func pathID(r *http.Request) int64 {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

func (s *Server) adminClock(*http.Request) (any, error) { return obj{"now": s.Now().UTC()}, nil }

// adminAdvance moves time: {"seconds":n} or {"duration":"3m"}.
func (s *Server) adminAdvance(r *http.Request) (any, error) {
	var in struct {
		Seconds  float64 `json:"seconds"`
		Duration string  `json:"duration"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	d := time.Duration(in.Seconds * float64(time.Second))
	if in.Duration != "" {
		var err error
		if d, err = time.ParseDuration(in.Duration); err != nil {
			return nil, err
		}
	}
	if d < 0 {
		return nil, errors.New("time goes forward only")
	}
	s.Advance(d)
	return s.adminClock(r)
}

func (s *Server) adminAddFault(r *http.Request) (any, error) {
	var f Fault
	if err := decode(r, &f); err != nil {
		return nil, err
	}
	id, err := s.AddFault(f)
	return obj{"id": id}, err
}

func (s *Server) adminRemoveFault(r *http.Request) (any, error) {
	if !s.ClearFaults(r.PathValue("name")) {
		return nil, missing("fault")
	}
	return obj{}, nil
}

// knobsWire is Knobs with durations in milliseconds.
type knobsWire struct {
	IndexLagMillis          *int64  `json:"index_lag_millis"`
	OnboardingDelayMillis   *int64  `json:"onboarding_delay_millis"`
	PeerStatus              *string `json:"peer_status"`
	RefuseInactiveApprovers *bool   `json:"refuse_inactive_approvers"`
	PriorityMatrix          *bool   `json:"priority_matrix"`
	ChildContext            *bool   `json:"child_context"`
}

func (s *Server) adminKnobs(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.knobs
	lag, delay := k.IndexLag.Milliseconds(), k.OnboardingDelay.Milliseconds()
	return knobsWire{&lag, &delay, &k.PeerStatus, &k.RefuseInactiveApprovers, &k.PriorityMatrix, &k.ChildContext}, nil
}

// adminSetKnobs changes the knobs that are named and leaves the rest.
func (s *Server) adminSetKnobs(r *http.Request) (any, error) {
	var in knobsWire
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if in.PeerStatus != nil && *in.PeerStatus != PeerResponded && *in.PeerStatus != PeerRequested && *in.PeerStatus != PeerCancelled {
		return nil, errors.New("peer_status is peer_responded, requested or cancelled")
	}
	s.SetKnobs(func(k *Knobs) {
		if in.IndexLagMillis != nil {
			k.IndexLag = time.Duration(*in.IndexLagMillis) * time.Millisecond
		}
		if in.OnboardingDelayMillis != nil {
			k.OnboardingDelay = time.Duration(*in.OnboardingDelayMillis) * time.Millisecond
		}
		if in.PeerStatus != nil {
			k.PeerStatus = *in.PeerStatus
		}
		if in.RefuseInactiveApprovers != nil {
			k.RefuseInactiveApprovers = *in.RefuseInactiveApprovers
		}
		if in.PriorityMatrix != nil {
			k.PriorityMatrix = *in.PriorityMatrix
		}
		if in.ChildContext != nil {
			k.ChildContext = *in.ChildContext
		}
	})
	return s.adminKnobs(r)
}

// SetKnobs changes the switches of the account.
func (s *Server) SetKnobs(change func(*Knobs)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.knobs)
}

func (s *Server) adminClearRequests(*http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts = newCounters()
	return obj{}, nil
}

// adminRules lists the rules with header values and passwords masked.
func (s *Server) adminRules(*http.Request) (any, error) {
	rules := []Rule{}
	for _, r := range s.automator.rulesNow() {
		actions := make([]Action, 0, len(r.Actions))
		for _, a := range r.Actions {
			if a.Webhook != nil {
				w := *a.Webhook
				w.Headers = map[string]string{}
				for name := range a.Webhook.Headers {
					w.Headers[name] = "***"
				}
				if w.Password != "" {
					w.Password = "***"
				}
				a.Webhook = &w
			}
			actions = append(actions, a)
		}
		r.Actions = actions
		rules = append(rules, r)
	}
	return obj{"rules": rules}, nil
}

func (s *Server) adminAddRule(r *http.Request) (any, error) {
	var rule Rule
	if err := decode(r, &rule); err != nil {
		return nil, err
	}
	if err := s.AddRule(rule); err != nil {
		return nil, err
	}
	return s.adminRules(r)
}

// AddRule adds a workflow rule; a rule of the same name is replaced.
func (s *Server) AddRule(rule Rule) error {
	if err := rule.Check(); err != nil {
		return err
	}
	s.automator.mu.Lock()
	defer s.automator.mu.Unlock()
	rules := slices.DeleteFunc(slices.Clone(s.automator.rules), func(r Rule) bool { return r.Name == rule.Name })
	rules = append(rules, rule)
	s.automator.rules = rules
	return nil
}

// adminSetRules replaces all rules: {"rules":[...]}.
func (s *Server) adminSetRules(r *http.Request) (any, error) {
	var in struct {
		Rules []Rule `json:"rules"`
	}
	if err := decode(r, &in); err != nil {
		return nil, err
	}
	if err := s.SetRules(in.Rules); err != nil {
		return nil, err
	}
	return s.adminRules(r)
}

func (s *Server) adminTrouble(*http.Request) (any, error) {
	s.automator.mu.Lock()
	defer s.automator.mu.Unlock()
	return s.automator.trouble, nil
}

func (s *Server) adminSetTrouble(r *http.Request) (any, error) {
	var t WebhookTrouble
	if err := decode(r, &t); err != nil {
		return nil, err
	}
	if t.Duplicate < 0 || t.LateMillis < 0 || t.Lose < -1 || t.LoseEvery < 0 {
		return nil, errors.New("duplicate, late_millis and lose_every must not be negative; lose is -1 for all")
	}
	s.SetWebhookTrouble(t)
	return s.adminTrouble(r)
}

func (s *Server) adminDecision(r *http.Request) (any, error) {
	var dec Decision
	if err := decode(r, &dec); err != nil {
		return nil, err
	}
	err := s.Decide(pathID(r), dec)
	if errors.Is(err, ErrNoApproval) {
		return nil, &adminError{http.StatusNotFound, err}
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.db.approvals.get(pathID(r))
	return obj{"approval": s.view(r).approvalView(a, true), "ticket_approval_status": approvalStatusName(a.group.chain.ticket.approvalStatus())}, nil
}

// view is a call for building views outside the API. The caller holds the mutex.
func (s *Server) view(r *http.Request) *call {
	return &call{s: s, db: s.db, req: r, now: s.db.clockNow(), origin: s.origin(r)}
}

// decodeNumbers reads a JSON object and keeps its numbers exact.
func decodeNumbers(r *http.Request, v *map[string]any) error {
	dec := json.NewDecoder(r.Body)
	dec.UseNumber()
	return dec.Decode(v)
}
