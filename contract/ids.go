package contract

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
)

// ControlsID is the one controls workflow of a namespace.
const ControlsID = "controls"

// TicketWorkflowID is the workflow of a ticket, whatever its use case.
func TicketWorkflowID(ticket int64) string { return fmt.Sprintf("ticket/FS-%d", ticket) }

// PersonWorkflowID is the workflow that gives turns to the cases about one person.
func PersonWorkflowID(oktaUserID string) string { return "person/" + oktaUserID }

// TicketLabel is what people call the ticket, and the value of the search attribute LatchkeyTicket.
func TicketLabel(ticket int64) string { return fmt.Sprintf("FS-%d", ticket) }

// ErrTicketNumber is returned for a text that names no ticket.
var ErrTicketNumber = errors.New(`not a ticket number: write it as 12, SR-12, INC-12 or #SR-12`)

var ticketText = regexp.MustCompile(`^#?(?:[A-Za-z]{2,5}-)?([1-9][0-9]{0,17})$`)

// ParseTicket reads a ticket number in any of the forms Freshservice prints: 12, SR-12, INC-12, #SR-12. It returns
// ErrTicketNumber for anything else.
func ParseTicket(text string) (int64, error) {
	m := ticketText.FindStringSubmatch(text)
	if m == nil {
		return 0, ErrTicketNumber
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	if err != nil {
		return 0, ErrTicketNumber
	}
	return n, nil
}
