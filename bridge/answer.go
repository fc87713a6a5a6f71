package bridge

import (
	"encoding/json"
	"io"
	"net/http"
)

// accepted answers a nudge that Temporal has.
type accepted struct {
	Accepted  bool   `json:"accepted"`
	Ticket    string `json:"ticket,omitempty"`
	Requester int64  `json:"requester,omitempty"`
}

// refusal answers what was not accepted, and why.
type refusal struct {
	Error string `json:"error"`
}

func refuse(w http.ResponseWriter, status int, why string) { answer(w, status, refusal{Error: why}) }

// answer writes JSON. A caller that hung up is nobody's error.
func answer(w http.ResponseWriter, status int, body any) {
	head(w, "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}

func say(w http.ResponseWriter, status int, text string) {
	head(w, "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

func head(w http.ResponseWriter, contentType string) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
}
