package freshservice

import (
	"bytes"
	"context"
	"encoding/json"
	"net/mail"
	"strings"
	"time"
)

// Boarding is one of the two kinds of staff requests; the vendor serves both with the same calls (reference §7).
type Boarding string

// The kinds.
const (
	Onboarding  Boarding = "onboarding"
	Offboarding Boarding = "offboarding"
)

func (b Boarding) path(rest string) string { return "/" + string(b) + "_requests" + rest }
func (b Boarding) root() string            { return string(b) + "_request" }

// States of a boarding request.
const (
	BoardingAwaiting   = 1 // information
	BoardingCancelled  = 2
	BoardingInProgress = 3
	BoardingCompleted  = 4 // offboarding only
)

// BoardingRequest is what HR filled in about a person who comes or goes.
type BoardingRequest struct {
	ID          int64  `json:"id"`
	Status      int    `json:"status"`
	Subject     string `json:"subject"`
	RequesterID int64  `json:"requester_id"`
	// TicketID is 0 at first: the vendor makes the ticket later (reference §7.1).
	TicketID     int64                    `json:"ticket_id"`
	Actors       map[string]BoardingActor `json:"actors"` // by role, such as "HR Manager"
	Fields       Fields                   `json:"fields"` // keys carry cf_ or msf_; dates have the day first
	LookupValues LookupValues             `json:"lookup_values"`
	CreatedAt    time.Time                `json:"created_at"`
	UpdatedAt    time.Time                `json:"updated_at"`
}

// Context is the request's answers, as a ticket's context shows them.
func (r BoardingRequest) Context() BoardingContext {
	return BoardingContext{Fields: r.Fields, LookupValues: r.LookupValues}
}

// BoardingActor is one of the people who fill in a part of the form.
type BoardingActor struct {
	Name           string `json:"name"`
	Email          string `json:"email"`
	ResponseStatus string `json:"response_status"` // Pending or Completed
}

// BoardingContext is the form's answers on the ticket.
type BoardingContext struct {
	Fields       Fields       `json:"fields"`
	LookupValues LookupValues `json:"lookup_values"`
}

// Text gives an answer as people read it: the looked-up record's name where the answer is an id.
func (b BoardingContext) Text(field string) string {
	if found := b.LookupValues[field]; len(found) > 0 {
		if t := found[0].Label(); t != "" {
			return t
		}
	}
	return b.Fields.Text(field)
}

// Email gives an answer that names a person by lookup or by address, as an address; "" where there is none.
func (b BoardingContext) Email(field string) string {
	if found := b.LookupValues[field]; len(found) > 0 {
		return found[0].Email
	}
	addr, err := mail.ParseAddress(b.Fields.Text(field))
	if err != nil {
		return ""
	}
	return addr.Address
}

// Lookup is the record that an answer points to.
type Lookup struct {
	ID        int64
	Name      string
	FirstName string
	LastName  string
	Email     string
}

// Label is the record's name, or the person's.
func (l Lookup) Label() string {
	return firstText(l.Name, strings.TrimSpace(l.FirstName+" "+l.LastName), l.Email)
}

// LookupValues holds the records by field, several for multi-lookups.
type LookupValues map[string][]Lookup

// UnmarshalJSON reads one object or a list of them per field, and passes over what is neither.
func (l *LookupValues) UnmarshalJSON(raw []byte) error {
	*l = nil
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '{' {
		return nil // null, or an empty list for an empty object
	}
	var byField map[string]json.RawMessage
	if err := json.Unmarshal(raw, &byField); err != nil {
		return err
	}
	out := LookupValues{}
	for field, value := range byField {
		found, err := readLookups(bytes.TrimSpace(value))
		if err != nil {
			return err
		}
		if len(found) > 0 {
			out[field] = found
		}
	}
	*l = out
	return nil
}

func readLookups(raw []byte) ([]Lookup, error) {
	if raw[0] != '{' && raw[0] != '[' {
		return nil, nil
	}
	type wire struct {
		ID           int64  `json:"id"`
		Name         string `json:"name"`
		FirstName    string `json:"first_name"`
		LastName     string `json:"last_name"`
		Email        string `json:"email"`
		PrimaryEmail string `json:"primary_email"`
	}
	if raw[0] == '{' {
		raw = bytes.Join([][]byte{{'['}, raw, {']'}}, nil)
	}
	list, err := decode[[]wire](raw)
	if err != nil {
		return nil, err
	}
	var out []Lookup
	for _, w := range list {
		out = append(out, Lookup{
			ID: w.ID, Name: w.Name, FirstName: w.FirstName, LastName: w.LastName, Email: firstText(w.Email, w.PrimaryEmail),
		})
	}
	return out, nil
}

// BoardingField is one question of the form.
type BoardingField struct {
	Name       string  `json:"name"`
	Label      string  `json:"label"`
	Type       string  `json:"field_type"`
	Required   bool    `json:"required"`
	Default    bool    `json:"default"`
	Position   int     `json:"position"`
	DataSource int     `json:"data_source"` // 1 locations, 2 requesters, 3 agents, 4 assets, 5 all users, 6 departments
	Choices    Choices `json:"choices"`
}

// BoardingTicket is a ticket that a boarding request made: the parent and one child per kit item.
type BoardingTicket struct {
	ID             int64     `json:"id"`
	Subject        string    `json:"subject"`
	ResponderEmail string    `json:"responder_email"`
	Status         string    `json:"status"`
	Parent         bool      `json:"parent"`
	CreatedAt      time.Time `json:"created_at"`
	UpdatedAt      time.Time `json:"updated_at"`
}

// BoardingForm reads the questions of the form.
func (c *Client) BoardingForm(ctx context.Context, kind Boarding) ([]BoardingField, error) {
	return fetchAll[BoardingField](ctx, c, get("view "+string(kind)+" form", kind.path("/form")), 0, "fields")
}

// CreateBoardingRequest files a request. Dates go as YYYY-MM-DD, lookups as id, e-mail or name. initiator is the person
// who files it, for admin keys only; 0 is the key's owner.
func (c *Client) CreateBoardingRequest(ctx context.Context, kind Boarding, initiator int64, fields Fields) (BoardingRequest, error) {
	k := post("create "+string(kind)+" request", kind.path(""), struct {
		InitiatorID int64  `json:"initiator_id,omitempty"`
		Fields      Fields `json:"fields"`
	}{initiator, fields})
	return fetchOne[BoardingRequest](ctx, c, k, kind.root(), kind.root()+"s")
}

// GetBoardingRequest views one request.
func (c *Client) GetBoardingRequest(ctx context.Context, kind Boarding, id int64) (BoardingRequest, error) {
	k := get("view "+string(kind)+" request", kind.path("/{id}")).at("id", id)
	return fetchOne[BoardingRequest](ctx, c, k, kind.root(), kind.root()+"s")
}

// ListBoardingRequests reads one page of requests.
func (c *Client) ListBoardingRequests(ctx context.Context, kind Boarding, p PageRequest) (Page[BoardingRequest], error) {
	k := get("list "+string(kind)+" requests", kind.path(""))
	return fetchPage[BoardingRequest](ctx, c, k, p, kind.root()+"s", kind.root())
}

// BoardingTickets reads the tickets of a request; empty until the vendor has made them.
func (c *Client) BoardingTickets(ctx context.Context, kind Boarding, id int64) ([]BoardingTicket, error) {
	k := get("list "+string(kind)+" tickets", kind.path("/{id}/tickets")).at("id", id)
	return fetchAll[BoardingTicket](ctx, c, k, 0, string(kind)+"_tickets", string(kind)+"_ticket")
}
