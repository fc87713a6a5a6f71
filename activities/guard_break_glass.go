package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
)

const glassPrefix = "break-glass/"

// barredFor is how long an unreviewed or rejected break-glass keeps the same person from breaking the same glass again.
// The ordinary approval is always open.
const barredFor = 30 * 24 * time.Hour

// glass is the mark that one person broke the glass of one entitlement. It lies in the blob store, which all workers
// share, until the review confirmed it.
type glass struct {
	Ticket int64                `json:"ticket"`
	Run    int                  `json:"run"`
	Unit   string               `json:"unit"`
	At     time.Time            `json:"at"`
	Answer contract.GlassAnswer `json:"answer,omitempty"`
}

func (g glass) of(ticket int64, run int, unit string) bool {
	return g.Ticket == ticket && g.Run == run && g.Unit == unit
}

func glassKey(oktaUserID string, object identity.Entitlement) string {
	return fmt.Sprintf("%s%s/%s-%s.json", glassPrefix, oktaUserID, object.Kind, object.ID)
}

// breakGlass lets nobody break the same glass twice before the first time was reviewed and confirmed: else a rejection
// could be answered by asking again. It is asked last, so that a change which another guard stops leaves no mark.
func (g *guards) breakGlass(ctx context.Context, _ contract.Controls) (*contract.ApplyResult, error) {
	if !g.in.BreakGlass || !g.in.Change.Verb.Grants() {
		return nil, nil // no stop
	}
	unreadable := g.hold(contract.GuardBreakGlass, time.Time{}, "earlier break-glass of this person could not be read; the case goes on when it can")
	key := glassKey(g.person.OktaUserID, g.in.Change.Object)
	mine := glass{Ticket: g.in.Ticket, Run: g.in.Run, Unit: g.in.Unit, At: g.now}
	for range 2 {
		err := g.okta.writeGlass(ctx, key, mine, true)
		if err == nil {
			return nil, nil // no stop
		}
		if gcerrors.Code(err) != gcerrors.FailedPrecondition {
			return unreadable, nil
		}
		there, err := g.okta.readGlass(ctx, key)
		switch {
		case gcerrors.Code(err) == gcerrors.NotFound:
			continue // it was confirmed a moment ago
		case err != nil:
			return unreadable, nil //nolint:nilerr // a guard that cannot be asked holds
		case there.of(mine.Ticket, mine.Run, mine.Unit) && there.Answer == "":
			return nil, nil // no stop
		case g.now.Sub(there.At) < barredFor:
			return g.refuse(contract.GuardBreakGlass, "%s", there.bars()), nil
		}
		if err := g.okta.Blobs.Delete(ctx, key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return unreadable, nil
		}
	}
	return unreadable, nil
}

// bars says why the mark keeps somebody from breaking the glass.
func (g glass) bars() string {
	last := contract.TicketLabel(g.Ticket)
	if g.Answer == contract.GlassRejected {
		return fmt.Sprintf("the review of %s rejected the same; break-glass of it is barred until %s", last, g.At.Add(barredFor).Format("2 January 2006"))
	}
	return fmt.Sprintf("the same was granted by break-glass in %s, and its review has not confirmed that", last)
}

func (o *Okta) readGlass(ctx context.Context, key string) (glass, error) {
	raw, err := o.Blobs.ReadAll(ctx, key)
	if err != nil {
		return glass{}, err
	}
	var there glass
	return there, json.Unmarshal(raw, &there)
}

func (o *Okta) writeGlass(ctx context.Context, key string, mark glass, first bool) error {
	raw, err := json.Marshal(mark)
	if err != nil {
		return err
	}
	return o.Blobs.WriteAll(ctx, key, raw, &blob.WriterOptions{ContentType: "application/json", IfNotExist: first})
}

// CloseGlass remembers how the review of a break-glass ended, for the next time the same person asks for the same. A
// mark of another case is left alone.
func (o *Okta) CloseGlass(ctx context.Context, in contract.CloseGlassInput) error {
	doing := "closing the review of " + contract.TicketLabel(in.Ticket)
	if in.OktaUserID == "" || in.Object.ID == "" {
		return o.failed(ctx, doing, problemf(casework.Invalid, "a review is of an Okta user and an entitlement"))
	}
	key := glassKey(in.OktaUserID, in.Object)
	there, err := o.readGlass(ctx, key)
	switch {
	case gcerrors.Code(err) == gcerrors.NotFound && (in.Answer == contract.GlassConfirmed || in.Answer == ""):
		return nil
	case gcerrors.Code(err) == gcerrors.NotFound:
	case err != nil:
		return o.failed(ctx, doing, problemf(casework.Unavailable, "the blob store does not say: %v", err))
	case !there.of(in.Ticket, in.Run, in.Unit):
		return nil
	case in.Answer == there.Answer && in.Answer != "":
		return nil
	}
	if in.Answer == contract.GlassConfirmed || in.Answer == "" {
		err = o.Blobs.Delete(ctx, key)
	} else {
		err = o.writeGlass(ctx, key, glass{Ticket: in.Ticket, Run: in.Run, Unit: in.Unit, At: o.now(), Answer: in.Answer}, false)
	}
	if err != nil && gcerrors.Code(err) != gcerrors.NotFound {
		return o.failed(ctx, doing, problemf(casework.Unavailable, "the blob store does not take it: %v", err))
	}
	return nil
}
