package activities

import (
	"maps"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/policy"
)

// textLimit bounds the text that keywords are looked for in, in bytes. What stands further down is quoted mail.
const textLimit = 32 << 10

// ticketFacts is what policy may know of a ticket by the ticket alone. Every text in it is data that somebody wrote.
func ticketFacts(t freshservice.Ticket, statusName, group string) policy.TicketFacts {
	text := t.DescriptionText
	if text == "" {
		text = freshservice.HTMLToText(t.Description)
	}
	facts := policy.TicketFacts{
		ID:         t.ID,
		Subject:    t.Subject,
		Text:       strings.ToLower(firstBytes(t.Subject+"\n"+text, textLimit)),
		Own:        firstBytes(ownText(t, text), textLimit),
		Type:       t.Type,
		Status:     t.Status,
		StatusName: statusName,
		Source:     t.Source,
		Priority:   t.Priority,
		Category:   t.Category,
		Group:      group,
		Tags:       slices.Clone(t.Tags),
		Custom:     maps.Clone(t.CustomFields),
		CreatedAt:  t.CreatedAt.UTC(),
		UpdatedAt:  t.UpdatedAt.UTC(),
		Approval:   string(t.ApprovalStatus),
	}
	if t.OnboardingContext != nil {
		facts.Onboarding = boardingFacts(*t.OnboardingContext)
	}
	if t.OffboardingContext != nil {
		facts.Offboarding = boardingFacts(*t.OffboardingContext)
	}
	return facts
}

// ownText is what the writer wrote: without the blocks that HTML marks as quoted, which plain text does not show. Nothing
// of one's own is a blank: an empty text would leave the whole description to count.
func ownText(t freshservice.Ticket, text string) string {
	if t.Description == "" {
		return text
	}
	if own := freshservice.UnquotedText(t.Description); own != "" {
		return own
	}
	return " "
}

// boardingFacts are the answers of an onboarding or offboarding form. A looked-up person becomes the e-mail address, any
// other looked-up record its name, and a date with the day first (reference/freshservice-api.md §7.1) an ISO date, so
// that policy never sees an internal ID or has to guess which number is the month.
func boardingFacts(b freshservice.BoardingContext) map[string]any {
	facts := make(map[string]any, len(b.Fields))
	for field, value := range b.Fields {
		if text, ok := value.(string); ok {
			value = isoDate(text)
		}
		facts[field] = value
	}
	for field, found := range b.LookupValues {
		var names []any
		for _, one := range found {
			name := one.Email
			if name == "" {
				name = one.Label()
			}
			if name != "" {
				names = append(names, name)
			}
		}
		switch len(names) {
		case 0:
		case 1:
			facts[field] = names[0]
		default:
			facts[field] = names
		}
	}
	return facts
}

// isoDate turns DD-MM-YYYY into YYYY-MM-DD; any other text stays.
func isoDate(text string) string {
	day, err := time.Parse("02-01-2006", text)
	if err != nil {
		return text
	}
	return day.Format(time.DateOnly)
}

// itemFacts is one requested item with its answers.
func itemFacts(i freshservice.RequestedItem, name string) policy.ItemFacts {
	return policy.ItemFacts{
		ID: i.ID, ItemID: i.ServiceItemID, Name: name, Quantity: i.Quantity, Fields: maps.Clone(i.CustomFields),
	}
}

// caseTicket is what Latchkey keeps of a ticket, by policy's words for its status.
func caseTicket(t freshservice.Ticket, statusName, url string, desk policy.DeskPolicy) casework.Ticket {
	return casework.Ticket{
		Number:      t.ID,
		Subject:     t.Subject,
		Type:        t.Type,
		Status:      t.Status,
		StatusName:  statusName,
		Closed:      slices.Contains(desk.ClosedSet, t.Status),
		Gone:        t.Deleted || t.Spam,
		Pending:     t.Status == desk.Waiting,
		Requester:   casework.Asker{DeskID: t.RequesterID},
		CreatedAt:   t.CreatedAt.UTC(),
		UpdatedAt:   t.UpdatedAt.UTC(),
		URL:         url,
		DeskOutcome: string(t.ApprovalStatus),
	}
}

// firstBytes is the beginning of a text, cut on a rune boundary.
func firstBytes(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "")
}
