package activities

import (
	"context"
	"slices"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/identity"
)

// mailSeen is what Okta shows of an activation mail.
type mailSeen struct {
	status identity.UserStatus
	event  okta.LogEvent
	sent   bool
}

// readMail reads whether Okta mailed the activation that a plan asks for by itself; nil when it asks for none.
func (o *Okta) readMail(ctx context.Context, plan casework.Plan) (*mailSeen, error) {
	if !slices.ContainsFunc(plan.Changes, func(c casework.Change) bool { return c.Verb == casework.VerbMailActivation }) {
		return nil, nil // nothing to read
	}
	user, err := o.Client.GetUser(ctx, plan.Person.OktaUserID)
	if err != nil {
		return nil, err
	}
	seen := mailSeen{status: identity.UserStatus(user.Status)}
	if begun, _ := hasBegun(seen.status); !begun {
		seen.event, seen.sent, err = o.activationMailed(ctx, user)
	}
	return &seen, err
}

// mailed proves that the activation went out after the profile was set, or that the person is past needing it.
func (v *personProof) mailed(c casework.Change) {
	const what = "Okta mailed the activation to the address of the ticket"
	begun, how := hasBegun(v.mail.status)
	switch {
	case begun:
		v.proved(what, "the account is "+string(v.mail.status)+": "+how)
	case v.mail.sent:
		v.proved(what, "System Log event "+v.mail.event.UUID+" of "+v.mail.event.Published.UTC().Format("2006-01-02 15:04:05 MST"))
	default:
		v.differs(c.Object, what, "the System Log does not show it since the profile was set; resend it from Okta"+v.detail(c.ID))
	}
}
