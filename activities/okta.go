package activities

import (
	"context"
	"errors"
	"time"

	"latchkey/clients/okta"
)

// now is the receiver's clock, in UTC.
func (o *Okta) now() time.Time { return clock(o.Now) }

// failed is what an activity of Okta returns for an error; doing completes "while …".
func (o *Okta) failed(ctx context.Context, doing string, err error) error {
	return report(ctx, o.Cluster, o.Log, o.now(), doing, err)
}

// goneFromOkta says that Okta has no such object.
func goneFromOkta(err error) bool { return errors.Is(err, okta.NotFound) }
