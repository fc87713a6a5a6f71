package activities

import (
	"context"
	"errors"
	"sync"

	"latchkey/clients/okta"
)

// owner remembers whose API token we use. The zero value knows nothing.
type owner struct {
	mu    sync.Mutex
	id    string
	known bool
}

// own is the ID of the account that owns our API token; empty for a service app, which is nobody's.
func (o *Okta) own(ctx context.Context) (string, error) {
	o.owner.mu.Lock()
	defer o.owner.mu.Unlock()
	if o.owner.known {
		return o.owner.id, nil
	}
	me, err := o.Client.Me(ctx)
	switch {
	case err == nil:
		o.owner.id, o.owner.known = me.ID, true
	case errors.Is(err, okta.Unauthorized): // a service app, or a credential that is refused: then so is the next call
	case kindOf(err).Retried():
		return "", err
	default:
		o.owner.known = true
	}
	return o.owner.id, nil
}
