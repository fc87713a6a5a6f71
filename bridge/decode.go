package bridge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"latchkey/contract"
)

// nudge is all that is taken from a webhook. Event and delivery are names for the log and the metrics: nothing is
// decided by them.
type nudge struct {
	Ticket   int64
	Person   int64 // a requester's or an agent's number, where no ticket is meant
	Event    string
	Delivery string
}

// ticketID is a ticket number as text or number: "SR-12", "#SR-12", "INC-12", "12" or 12.
type ticketID string

// UnmarshalJSON implements json.Unmarshaler.
func (t *ticketID) UnmarshalJSON(raw []byte) error {
	if len(raw) > 0 && raw[0] == '"' {
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return err
		}
		*t = ticketID(strings.TrimSpace(text))
		return nil
	}
	var number json.Number
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	if err := d.Decode(&number); err != nil {
		return errors.New("ticket_id is neither a text nor a number")
	}
	*t = ticketID(number.String())
	return nil
}

// ours is the body that docs/freshservice-setup.md tells to paste. Unknown fields are refused: they mean that somebody
// expects us to use them.
type ours struct {
	Event       string    `json:"event"`
	TicketID    *ticketID `json:"ticket_id"`
	RequesterID *ticketID `json:"requester_id"` // of a person whose profile changed; then no ticket_id
	Delivery    string    `json:"delivery"`
}

// simple is what Freshservice sends for the content type Simple: an object of the attributes that were ticked. Which
// ones is the sender's business, so unknown fields are passed over.
type simple struct {
	TicketID  *ticketID `json:"ticket_id"`
	Event     string    `json:"triggered_event"`
	IDNumeric *ticketID `json:"ticket_id_numeric"`
}

// decodeNudge reads a webhook's body: exactly one JSON object, in our shape or in Freshservice's wrapped one
// (freshservice-api.md §9.1). Its errors say what would be accepted and quote nothing of the body but field names.
func decodeNudge(body []byte) (nudge, error) {
	var outer map[string]json.RawMessage
	if err := strictly(body, &outer, false); err != nil {
		return nudge{}, err
	}
	if outer == nil {
		return nudge{}, errors.New("the body is null, not a JSON object")
	}
	inner, wrapped := outer["freshservice_webhook"]
	if !wrapped {
		var o ours
		if err := strictly(body, &o, true); err != nil {
			return nudge{}, err
		}
		if o.RequesterID != nil {
			return person(o)
		}
		return named(o.TicketID, o.Event, o.Delivery)
	}
	if len(outer) > 1 {
		return nudge{}, errors.New(`beside "freshservice_webhook" no other field is accepted`)
	}
	var s simple
	if err := strictly(inner, &s, false); err != nil {
		return nudge{}, err
	}
	if s.TicketID == nil {
		s.TicketID = s.IDNumeric
	}
	return named(s.TicketID, s.Event, "")
}

// person reads a webhook about somebody's profile. Workflow Automator sends none by itself (freshservice-api.md §8.5); an
// app of the tenant can.
func person(o ours) (nudge, error) {
	if o.TicketID != nil {
		return nudge{}, errors.New(`"ticket_id" and "requester_id" are both there: send the one that changed`)
	}
	id, err := strconv.ParseInt(string(*o.RequesterID), 10, 64)
	if err != nil || id <= 0 {
		return nudge{}, errors.New("requester_id is not the number of a requester or an agent")
	}
	return nudge{Person: id, Event: o.Event, Delivery: o.Delivery}, nil
}

func named(id *ticketID, event, delivery string) (nudge, error) {
	if id == nil {
		return nudge{}, errors.New(`"ticket_id" is missing: send {"event":"…","ticket_id":"{{ticket.id_numeric}}"}`)
	}
	ticket, err := contract.ParseTicket(string(*id))
	if err != nil {
		return nudge{}, fmt.Errorf("ticket_id is %w; a test from Freshservice's editor does not fill in placeholders", err)
	}
	return nudge{Ticket: ticket, Event: event, Delivery: delivery}, nil
}

// strictly decodes exactly one JSON value. Texts of the body never come back in the error.
func strictly(raw []byte, into any, known bool) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if known {
		d.DisallowUnknownFields()
	}
	if err := d.Decode(into); err != nil {
		return explain(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return nil
}

// explain puts a decoding error into words that quote no value of the body.
func explain(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("the body is not JSON (at byte %d): set the webhook's encoding to JSON and quote every placeholder", syntax.Offset)
	case errors.As(err, &kind) && kind.Field != "":
		return fmt.Errorf("%q is a JSON %s, which is not accepted", kind.Field, shape(kind.Value))
	case errors.As(err, &kind):
		return fmt.Errorf("the body is a JSON %s, not an object", shape(kind.Value))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the body is empty or cut short")
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return errors.New(`a field is not known: only "event", "ticket_id" or "requester_id", and "delivery" are accepted`)
	}
	return errors.New(`the body does not fit: send {"event":"…","ticket_id":"SR-12","delivery":"…"}`)
}

// shape is the first word of what encoding/json calls a value: it may go on with the value itself.
func shape(value string) string {
	word, _, _ := strings.Cut(value, " ")
	return word
}
