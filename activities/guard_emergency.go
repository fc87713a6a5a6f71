package activities

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"latchkey/casework"
	"latchkey/contract"
)

const (
	emergencyPrefix = "emergencies/"
	// emergencyWindow is what policy's cap counts within (offboarding.yaml, "emergency_cap").
	emergencyWindow = time.Hour
	// relist is how often a listing is begun again because a file vanished under it.
	relist = 20
)

// emergency is the mark that one emergency was acted on. It lies in the blob store, which all workers share.
type emergency struct {
	Ticket int64     `json:"ticket"`
	User   string    `json:"user"`
	At     time.Time `json:"at"`
}

// emergencyCap stops a flood: no more than the cap of emergencies an hour act before their approval. An emergency that
// was let through stays so for all its changes. Once approved, a change is no emergency any more.
func (g *guards) emergencyCap(ctx context.Context, _ contract.Controls) (*contract.ApplyResult, error) {
	if !g.in.Emergency || g.in.Undo || len(g.in.Deciders) > 0 {
		return nil, nil // no stop
	}
	limit := g.policy.Offboarding().EmergencyCap
	mine := emergency{Ticket: g.in.Ticket, User: g.person.OktaUserID, At: g.now}
	raw, err := json.Marshal(mine)
	if err != nil {
		return nil, err
	}
	// The mark is set before the count, so that two at once cannot both be the last that fits.
	key := fmt.Sprintf("%s%s-%s.json", emergencyPrefix, contract.TicketLabel(mine.Ticket), mine.User)
	err = g.okta.Blobs.WriteAll(ctx, key, raw, &blob.WriterOptions{ContentType: "application/json", IfNotExist: true})
	if err != nil && gcerrors.Code(err) != gcerrors.FailedPrecondition {
		return g.hold(contract.GuardEmergency, time.Time{}, "the cap on emergencies could not be read; the case goes on when it can"), nil
	}
	marks, err := g.emergencies(ctx)
	for try := 1; gcerrors.Code(err) == gcerrors.NotFound && try < relist; try++ {
		marks, err = g.emergencies(ctx) // a mark vanished under the listing
	}
	if err != nil {
		return g.hold(contract.GuardEmergency, time.Time{}, "the cap on emergencies could not be read; the case goes on when it can"), nil //nolint:nilerr // a guard that cannot be asked holds
	}
	place := slices.IndexFunc(marks, func(m emergency) bool { return m.Ticket == mine.Ticket && m.User == mine.User })
	if place >= 0 && place < limit {
		return nil, nil // no stop
	}
	// One that did not fit does not use up the cap of the next hour.
	if err := g.okta.Blobs.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		logger(g.okta.Log).WarnContext(ctx, "the mark of a refused emergency could not be removed")
	}
	return g.refuse(contract.GuardEmergency, "%d emergencies within %s have been acted on, which is the cap; this one waits for its approval",
		limit, casework.Span(emergencyWindow)), nil
}

// emergencies lists the marks within the window, oldest first, and drops those that are past it.
func (g *guards) emergencies(ctx context.Context) ([]emergency, error) {
	var marks []emergency
	list := g.okta.Blobs.List(&blob.ListOptions{Prefix: emergencyPrefix})
	for {
		object, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if !strings.HasSuffix(object.Key, ".json") {
			continue
		}
		raw, err := g.okta.Blobs.ReadAll(ctx, object.Key)
		if gcerrors.Code(err) == gcerrors.NotFound {
			continue
		}
		if err != nil {
			return nil, err
		}
		var m emergency
		if err := json.Unmarshal(raw, &m); err != nil {
			return nil, err
		}
		if g.now.Sub(m.At) < emergencyWindow || m.Ticket == g.in.Ticket {
			marks = append(marks, m)
			continue
		}
		if err := g.okta.Blobs.Delete(ctx, object.Key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return nil, err
		}
	}
	slices.SortFunc(marks, func(a, b emergency) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Ticket, b.Ticket))
	})
	return marks, nil
}
