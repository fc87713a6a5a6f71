package activities

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"latchkey/clients/freshservice"
	"latchkey/contract"
)

// incidentMarker ends the subject of an incident's ticket and is a tag of it: the key and the checkpoint of its
// crossing, so that each incident of a key has its own.
func incidentMarker(hash string, opening uint64) string {
	return fmt.Sprintf("latchkey-alert-%s-%d", hash[:min(len(hash), 12)], opening)
}

// incidentSubject finds the marker in a subject; it is shown in lists, where tags are not.
var incidentSubject = regexp.MustCompile(`\[latchkey-alert-([0-9a-f]{12})-\d+\]$`)

// incidentMark is the marker in the description: the workflow that the ticket belongs to.
func incidentMark(workflow string) string { return "incident/" + workflow }

// incidentOf is the workflow that a ticket is the incident or the batch of; empty for any other ticket. Only a ticket of our own
// account counts, and the two markers have to agree. It decides nothing: the workflow is only told to look.
func incidentOf(t freshservice.Ticket, me int64) string {
	if batch := batchOf(t, me); batch != "" {
		return contract.BulkWorkflowID(batch)
	}
	subject := incidentSubject.FindStringSubmatch(strings.TrimSpace(t.Subject))
	if subject == nil || me == 0 || t.RequesterID != me {
		return ""
	}
	text := t.DescriptionText
	if strings.TrimSpace(text) == "" {
		text = freshservice.HTMLToText(t.Description)
	}
	marks := markerText.FindAllStringSubmatch(text, -1)
	if len(marks) == 0 {
		return ""
	}
	workflow, ok := strings.CutPrefix(marks[len(marks)-1][1], "incident/")
	if _, is := contract.AlertFolder(workflow); !ok || !is || !strings.HasPrefix(workflow[strings.LastIndexByte(workflow, '/')+1:], subject[1]) {
		return ""
	}
	return workflow
}

// ownTickets lists the tickets of our own account that carry a marker.
func (d *Desk) ownTickets(ctx context.Context, t ownTicket) ([]int64, error) {
	me, err := d.self(ctx)
	if err != nil {
		return nil, err
	}
	var all []int64
	for page := 1; ; page++ {
		found, err := d.Client.ListTickets(ctx, freshservice.TicketList{
			UpdatedSince: t.since.Add(-sweepOverlap), RequesterID: me.ID, Page: page, PerPage: listPage,
		})
		if err != nil {
			return nil, err
		}
		for _, one := range found.Items {
			if one.RequesterID == me.ID && strings.HasSuffix(strings.TrimSpace(one.Subject), "["+t.marker+"]") && !slices.Contains(all, one.ID) {
				all = append(all, one.ID)
			}
		}
		if !found.HasNext {
			return all, nil
		}
	}
}
