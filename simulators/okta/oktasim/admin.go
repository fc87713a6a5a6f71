package oktasim

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"
)

// serveAdmin is our own surface, outside the vendor's paths and without authentication: for tests and demos. It never
// counts against limits and no fault touches it. docs/simulators/okta.md has an example of each call.
func (s *Server) serveAdmin(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	s.adminMux().ServeHTTP(w, r)
}

func (s *Server) adminMux() *http.ServeMux {
	mux := http.NewServeMux()
	get := func(path string, f func(*http.Request) (any, error)) {
		mux.HandleFunc("GET /admin/"+path, adminHandler(f))
	}
	post := func(path string, f func(*http.Request) (any, error)) {
		mux.HandleFunc("POST /admin/"+path, adminHandler(f))
	}
	del := func(path string, f func(*http.Request) (any, error)) {
		mux.HandleFunc("DELETE /admin/"+path, adminHandler(f))
	}

	get("state", func(*http.Request) (any, error) { return s.Summary(), nil })
	get("users/{user}", s.adminUser)
	post("users/{user}/status", s.adminStatus)
	post("users/{user}/sign-in", s.adminSignIn)
	get("log", func(r *http.Request) (any, error) { return s.rawLog(r.URL.Query().Get("eventType")), nil })
	post("log", s.adminInject)
	get("mails", func(*http.Request) (any, error) { return s.Mails(), nil })
	get("counters", func(*http.Request) (any, error) { return s.Counters(), nil })
	del("counters", func(*http.Request) (any, error) { s.ResetCounters(); return object{}, nil })
	get("limits", func(*http.Request) (any, error) { return s.limitsView(), nil })
	post("limits", s.adminConsume)
	get("faults", func(*http.Request) (any, error) { return s.faultsView(), nil })
	post("faults", s.adminSetFault)
	del("faults", func(*http.Request) (any, error) { s.ClearFaults(); return object{}, nil })
	del("faults/{id}", func(r *http.Request) (any, error) { s.ClearFault(r.PathValue("id")); return object{}, nil })
	post("clock", s.adminClock)
	post("settle", func(*http.Request) (any, error) { s.Settle(); return object{}, nil })
	post("settings", s.adminSettings)
	post("reset", func(*http.Request) (any, error) { return object{}, s.Reset() })
	post("clients", s.adminClient)
	post("web-apps", s.adminWebApp)
	post("tokens", s.adminToken)
	get("hooks/deliveries", func(*http.Request) (any, error) { return s.Deliveries(), nil })
	return mux
}

type adminError struct {
	status int
	text   string
}

func (e *adminError) Error() string { return e.text }

func adminHandler(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		status := http.StatusOK
		body, err := f(r)
		if err != nil {
			status = http.StatusBadRequest
			if known, ok := errors.AsType[*adminError](err); ok {
				status = known.status
			}
			body = object{"error": err.Error()}
		}
		b, err := json.MarshalIndent(body, "", "  ")
		if err != nil {
			status, b = http.StatusInternalServerError, []byte(`{"error":"the answer cannot be written as JSON"}`)
		}
		writeRaw(w, status, jsonType, append(b, '\n'))
	}
}

// adminBody reads a JSON body and refuses unknown keys, so that a misspelt knob is noticed.
func adminBody[T any](r *http.Request) (T, error) {
	var v T
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	return v, dec.Decode(&v)
}

func (s *Server) adminUser(r *http.Request) (any, error) {
	u, found := s.User(r.PathValue("user"))
	if !found {
		return nil, &adminError{http.StatusNotFound, "no such user"}
	}
	return u, nil
}

func (s *Server) adminStatus(r *http.Request) (any, error) {
	body, err := adminBody[struct {
		Status string `json:"status"`
	}](r)
	if err != nil {
		return nil, err
	}
	return object{}, s.SetStatus(r.PathValue("user"), body.Status)
}

func (s *Server) adminSignIn(r *http.Request) (any, error) {
	id, err := s.SignIn(r.PathValue("user"))
	if err != nil {
		return nil, &adminError{http.StatusForbidden, err.Error()}
	}
	return object{"sessionId": id}, nil
}

// rawLog is the whole System Log in the vendor's form, oldest first, optionally of one event type.
func (s *Server) rawLog(eventType string) json.RawMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.settle()
	list := make([]*logEvent, 0, len(s.log.events))
	for _, ev := range s.log.events {
		if eventType == "" || ev.EventType == eventType {
			list = append(list, ev)
		}
	}
	b, err := json.Marshal(list)
	if err != nil {
		return json.RawMessage("[]")
	}
	return b
}

// adminInject takes one event or a list of them.
func (s *Server) adminInject(r *http.Request) (any, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		list = []json.RawMessage{raw}
	}
	uuids := make([]string, 0, len(list))
	for _, one := range list {
		id, err := s.Inject(one)
		if err != nil {
			return nil, err
		}
		uuids = append(uuids, id)
	}
	return object{"uuids": uuids}, nil
}

func (s *Server) limitsView() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := plans[s.opts.Limits].perMinute
	if s.opts.Limits == LimitsOff {
		names = plans[LimitsWorkforce].perMinute // what the headers show
	}
	out := object{"plan": s.opts.Limits, "tokenShare": s.opts.TokenShare}
	buckets := object{}
	for b, limit := range names {
		used, reset := 0, ""
		if cd := s.buckets.org[b]; cd != nil && s.now().Before(cd.reset) {
			used, reset = cd.used, formatTime(cd.reset)
		}
		buckets[string(b)] = object{"limit": limit, "used": used, "reset": reset}
	}
	out["buckets"] = buckets
	return out
}

func (s *Server) adminConsume(r *http.Request) (any, error) {
	body, err := adminBody[struct {
		Bucket string `json:"bucket"`
		Count  int    `json:"count"`
	}](r)
	if err != nil {
		return nil, err
	}
	if _, known := plans[LimitsWorkforce].perMinute[bucketName(body.Bucket)]; !known {
		return nil, &adminError{http.StatusBadRequest, "unknown bucket: GET /admin/limits lists them"}
	}
	s.Consume(body.Bucket, body.Count)
	return object{}, nil
}

func (s *Server) faultsView() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []object{}
	for _, f := range s.faults.list {
		list = append(list, object{"fault": f, "hits": s.faults.hits[f.ID]})
	}
	return list
}

func (s *Server) adminSetFault(r *http.Request) (any, error) {
	f, err := adminBody[Fault](r)
	if err != nil {
		return nil, err
	}
	id, err := s.SetFault(f)
	return object{"id": id}, err
}

func (s *Server) adminClock(r *http.Request) (any, error) {
	body, err := adminBody[struct {
		Advance Duration `json:"advance"`
	}](r)
	if err != nil {
		return nil, err
	}
	s.Advance(time.Duration(body.Advance))
	return s.Summary(), nil
}

// adminSettings changes lags and delays; what is left out stays.
func (s *Server) adminSettings(r *http.Request) (any, error) {
	body, err := adminBody[struct {
		SearchLag   *Duration `json:"search_lag"`
		RuleDelay   *Duration `json:"rule_delay"`
		FanOutDelay *Duration `json:"fan_out_delay"`
		LogLag      *Duration `json:"log_lag"`
		Activation  *Duration `json:"activation_delay"`
	}](r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, one := range []struct {
		from *Duration
		to   *time.Duration
	}{{body.SearchLag, &s.opts.SearchLag}, {body.RuleDelay, &s.opts.RuleDelay}, {body.FanOutDelay, &s.opts.FanOutDelay}, {body.LogLag, &s.opts.LogLag}, {body.Activation, &s.opts.ActivationDelay}} {
		if one.from != nil {
			*one.to = max(time.Duration(*one.from), 0)
		}
	}
	return object{
		"search_lag": Duration(s.opts.SearchLag), "rule_delay": Duration(s.opts.RuleDelay),
		"fan_out_delay": Duration(s.opts.FanOutDelay), "log_lag": Duration(s.opts.LogLag), "activation_delay": Duration(s.opts.ActivationDelay),
	}, nil
}

func (s *Server) adminClient(r *http.Request) (any, error) {
	client, err := adminBody[OAuthClient](r)
	if err != nil {
		return nil, err
	}
	return object{"id": client.ID}, s.RegisterClient(client)
}

func (s *Server) adminWebApp(r *http.Request) (any, error) {
	app, err := adminBody[WebApp](r)
	if err != nil {
		return nil, err
	}
	return object{"id": app.ID}, s.RegisterWebApp(app)
}

func (s *Server) adminToken(r *http.Request) (any, error) {
	body, err := adminBody[struct {
		Owner string `json:"owner"`
		Name  string `json:"name"`
		Token string `json:"token"`
	}](r)
	if err != nil {
		return nil, err
	}
	id, err := s.AddToken(body.Owner, body.Name, body.Token)
	return object{"id": id}, err
}
