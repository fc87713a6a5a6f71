package activities

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	"latchkey/detection"
)

// The journal of our own changes is how an event of the System Log is known for the work of a case: right before a
// change is sent to Okta, after approvals and guards, what it is and whose is written down; an event of our own
// credential that fits an entry is that change. What our credential does without an entry is nobody's approved change.

const (
	journalFolder = "alerts/own/"    // by day and person
	journalBefore = time.Minute      // how far Okta's clock may be behind ours
	journalAfter  = 10 * time.Minute // how long a change may take to be in the log, by its published time
	journalKept   = logKept + 24*time.Hour
)

// journalEntry is one change that is about to be made.
type journalEntry struct {
	Case   string        `json:"case"` // workflow ID
	Change string        `json:"change"`
	Verb   casework.Verb `json:"verb"`
	Object string        `json:"object,omitempty"` // the ID of a group, an app or a role
	At     time.Time     `json:"at"`
}

// intend writes down a change that is about to be made. A journal that cannot be written stops no change: the alert that
// comes of it is the lesser harm, and the log says why.
func (o *Okta) intend(ctx context.Context, in contract.ApplyInput, who string) {
	if o.Blobs == nil {
		return
	}
	entry := journalEntry{
		Case: contract.TicketWorkflowID(in.Ticket), Change: in.Change.ID, Verb: in.Change.Verb, Object: in.Change.Object.ID, At: o.now(),
	}
	if in.Ticket == 0 {
		entry.Case = contract.SyncWorkflowID(in.Person.OktaUserID)
	}
	sum := sha256.Sum256([]byte(entry.Case + "\x00" + in.Unit + "\x00" + entry.Change + "\x00" + entry.At.String()))
	key := journalPlace(entry.At, who) + hex.EncodeToString(sum[:8]) + ".json"
	if err := writeBlob(ctx, o.Blobs, key, entry); err != nil {
		logger(o.Log).WarnContext(ctx, "the journal of our own changes cannot be written: an alert may come of this change", "case", entry.Case, "change", entry.Change, "error", err)
	}
}

// journalPlace is where a person's entries of a day lie.
func journalPlace(at time.Time, who string) string {
	return journalFolder + at.UTC().Format(time.DateOnly) + "/" + who + "/"
}

// byLogin names somebody who has no ID yet, without the address.
func byLogin(login string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(login)))
	return "login-" + hex.EncodeToString(sum[:10])
}

// ownVerbs are the changes of ours that leave an event of a type (okta-api §7).
func ownVerbs(eventType string) []casework.Verb {
	switch eventType {
	case eventSuspend:
		return []casework.Verb{casework.VerbSuspend}
	case eventUnsuspend:
		return []casework.Verb{casework.VerbUnsuspend}
	case eventDeactivate:
		return []casework.Verb{casework.VerbDeactivate, casework.VerbSuspend}
	case eventSessionClear:
		return []casework.Verb{casework.VerbEndSessions}
	case eventFactorReset, "user.mfa.factor.deactivate":
		return []casework.Verb{casework.VerbResetFactors}
	case "user.account.privilege.revoke":
		return []casework.Verb{casework.VerbRevokeRole}
	case profileUpdated:
		return []casework.Verb{casework.VerbClearAttributes, casework.VerbUpdateProfile}
	case "group.user_membership.add":
		return []casework.Verb{casework.VerbAddMember, casework.VerbCreateAccount}
	case "group.user_membership.remove":
		return []casework.Verb{casework.VerbRemoveMember}
	case "application.user_membership.add", "application.provision.user.push":
		return []casework.Verb{casework.VerbAssignApp}
	case "application.user_membership.remove", "application.user_membership.deprovision":
		return []casework.Verb{casework.VerbUnassignApp}
	case "user.lifecycle.create":
		return []casework.Verb{casework.VerbCreateAccount}
	case "user.lifecycle.activate", "user.lifecycle.reactivate":
		return []casework.Verb{casework.VerbActivate}
	}
	return nil
}

const profileUpdated = "user.account.update_profile"

// ownChanges finds, among the events that rules want, those that are our own approved changes: our credential made them,
// and the journal has an entry about that person, that change and that object at that time.
func (o *Okta) ownChanges(ctx context.Context, engine *detection.Engine, events []*detection.Event) (map[string]journalEntry, error) {
	var ours []*detection.Event
	for _, e := range events {
		if engine.Wants(e.Type) && e.Outcome == "SUCCESS" && len(ownVerbs(e.Type)) > 0 && (e.ClientID != "" || e.TokenID != "") {
			ours = append(ours, e)
		}
	}
	if len(ours) == 0 {
		return nil, nil
	}
	owner, err := o.own(ctx)
	if err != nil {
		return nil, err
	}
	found, known := map[string]journalEntry{}, map[string][]journalEntry{}
	for _, e := range ours {
		if client := o.Client.ClientID(); (client == "" || e.ClientID != client) && (owner == "" || e.Actor.ID != owner || e.TokenID == "") {
			continue
		}
		if err := beat(ctx); err != nil {
			return nil, err
		}
		entry, is, err := o.explain(ctx, e, known)
		if err != nil {
			return nil, err
		}
		if is {
			found[e.UUID] = entry
		}
	}
	return found, nil
}

// explain finds the entry of an event.
func (o *Okta) explain(ctx context.Context, e *detection.Event, known map[string][]journalEntry) (journalEntry, bool, error) {
	for _, t := range e.Targets {
		if t.Type != "User" {
			continue
		}
		for _, who := range []string{t.ID, byLogin(t.Login)} {
			for _, day := range days(e.Published.Add(-journalAfter), e.Published.Add(journalBefore)) {
				entries, err := o.journal(ctx, journalPlace(day, who), known)
				if err != nil {
					return journalEntry{}, false, err
				}
				for _, entry := range entries {
					if entry.fits(e) {
						return entry, true, nil
					}
				}
			}
		}
	}
	return journalEntry{}, false, nil
}

// fits says whether the event is the entry's change.
func (j journalEntry) fits(e *detection.Event) bool {
	if !slices.Contains(ownVerbs(e.Type), j.Verb) || e.Published.Before(j.At.Add(-journalBefore)) || e.Published.After(j.At.Add(journalAfter)) {
		return false
	}
	onObject := []casework.Verb{casework.VerbAddMember, casework.VerbRemoveMember, casework.VerbAssignApp, casework.VerbUnassignApp}
	return !slices.Contains(onObject, j.Verb) || slices.ContainsFunc(e.Targets, func(t detection.Party) bool { return t.ID == j.Object })
}

// days lists the days that a span touches.
func days(from, to time.Time) []time.Time {
	from, to = from.UTC(), to.UTC()
	if from.Format(time.DateOnly) == to.Format(time.DateOnly) {
		return []time.Time{from}
	}
	return []time.Time{from, to}
}

// journal reads the entries of a person and day, once a page.
func (o *Okta) journal(ctx context.Context, place string, known map[string][]journalEntry) ([]journalEntry, error) {
	if entries, read := known[place]; read {
		return entries, nil
	}
	var entries []journalEntry
	list := o.Blobs.List(&blob.ListOptions{Prefix: place})
	for {
		one, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		if gcerrors.Code(err) == gcerrors.NotFound { // a folder shows the temporary files of writers for a moment
			return nil, problemf(casework.Unavailable, "the journal of our own changes is being written")
		}
		if err != nil {
			return nil, fmt.Errorf("list %s: %w", place, err)
		}
		if !strings.HasSuffix(one.Key, ".json") {
			continue
		}
		var entry journalEntry
		if there, err := readBlob(ctx, o.Blobs, one.Key, &entry); err != nil {
			return nil, err
		} else if there {
			entries = append(entries, entry)
		}
	}
	known[place] = entries
	return entries, nil
}

// pruneJournal forgets the days of which Okta itself keeps no event.
func pruneJournal(ctx context.Context, bucket *blob.Bucket, now time.Time) error {
	oldest := journalFolder + now.Add(-journalKept).UTC().Format(time.DateOnly)
	list := bucket.List(&blob.ListOptions{Prefix: journalFolder})
	for {
		one, err := list.Next(ctx)
		if err != nil {
			return pruned(err)
		}
		if one.Key >= oldest {
			return nil // keys sort by day
		}
		if err := bucket.Delete(ctx, one.Key); err != nil && gcerrors.Code(err) != gcerrors.NotFound {
			return fmt.Errorf("delete %s: %w", one.Key, err)
		}
		if err := beat(ctx); err != nil {
			return err
		}
	}
}

// annotate puts the events of our own changes beside the evidence of their cases. Each is a file of its own, named by
// the event: writing it again changes nothing, the record of the case is left alone, and a case that has ended long ago
// is annotated like any other.
func (o *Okta) annotate(ctx context.Context, own map[string]journalEntry, events []*detection.Event) error {
	for _, e := range events {
		entry, is := own[e.UUID]
		if !is {
			continue
		}
		key := contract.LogNoteFolder(entry.Case) + e.UUID + ".json"
		if err := writeBlob(ctx, o.Blobs, key, contract.LogNote{Case: entry.Case, Change: entry.Change, UUID: e.UUID, Type: e.Type, Published: e.Published}); err != nil {
			return err
		}
	}
	return nil
}

// caseLabels names the case of each own change, for the engine.
func caseLabels(own map[string]journalEntry) map[string]string {
	if len(own) == 0 {
		return nil
	}
	labels := make(map[string]string, len(own))
	for uuid, entry := range own {
		labels[uuid] = entry.Case
	}
	return labels
}
