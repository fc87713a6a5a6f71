package activities

import (
	"context"
	"errors"
	"time"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
)

// now is the desk's clock, in UTC.
func (d *Desk) now() time.Time { return clock(d.Now) }

// failed is what an activity of the desk returns for an error; doing completes "while …".
func (d *Desk) failed(ctx context.Context, doing string, err error) error {
	return report(ctx, d.Cluster, d.Log, d.now(), doing, err)
}

// about names a ticket in a failure: "reading FS-12".
func about(doing string, ticket int64) string { return doing + " " + contract.TicketLabel(ticket) }

// isMissing says that the vendor has no such record.
func isMissing(err error) bool { return errors.Is(err, freshservice.NotFound) }

// isRefused says that the vendor will not do it as things stand, and that asking again would bring the same.
func isRefused(err error) bool {
	return errors.Is(err, freshservice.Invalid) || errors.Is(err, freshservice.Conflict) || errors.Is(err, freshservice.NotFound)
}

// problemText says that a text of policy cannot be rendered.
func problemText(name string, err error) error {
	return problemf(casework.Invalid, "the text %q cannot be rendered: %s", name, err)
}

// orNow is the time given, or now where none was.
func orNow(at, now time.Time) time.Time {
	if at.IsZero() {
		return now
	}
	return at
}
