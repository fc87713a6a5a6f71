package activities

import (
	"context"

	"latchkey/clients/okta"
	"latchkey/identity"
)

// PersonOf is an account in the field's words, whole, as the planners see it.
func PersonOf(u okta.User) identity.Person { return personOf(u) }

// AccessOf reads everything one account holds and where each part comes from, for a person who asks at a terminal. It is
// no activity: it changes nothing, and it neither paces itself nor tries again. The notes say what could not be read.
func AccessOf(ctx context.Context, client *okta.Client, userID string) (access identity.Access, notes []string, err error) {
	h, err := (&Okta{Client: client}).readHoldings(ctx, userID)
	return h.access, h.notes, err
}
