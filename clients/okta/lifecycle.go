package okta

import (
	"context"
	"net/http"
)

// The lifecycle operations (okta-api.md §3.4). None answers with links or tokens: where Okta hands out an activation or
// reset link instead of mailing it, the link is dropped unread.

// lifecycle runs one of the SDK's lifecycle methods on a person.
func (c *Client) lifecycle(ctx context.Context, op, operation, userID string, send func(ctx context.Context, escapedID string) error) error {
	call := newCall(op, http.MethodPost, "/api/v1/users/{id}/lifecycle/"+operation, userID)
	return c.run(ctx, call, func(ctx context.Context) error { return send(ctx, call.args[0]) })
}

// Suspend keeps a person from signing in and ends their sessions; groups and apps stay. Legal only from ACTIVE;
// otherwise NotActive.
func (c *Client) Suspend(ctx context.Context, userID string) error {
	return c.lifecycle(ctx, opSuspend, "suspend", userID, func(ctx context.Context, id string) error {
		_, err := c.sdk.User.SuspendUser(ctx, id)
		return err
	})
}

// Unsuspend lets a suspended person sign in again. Legal only from SUSPENDED; otherwise NotActive.
func (c *Client) Unsuspend(ctx context.Context, userID string) error {
	return c.lifecycle(ctx, opUnsuspend, "unsuspend", userID, func(ctx context.Context, id string) error {
		_, err := c.sdk.User.UnsuspendUser(ctx, id)
		return err
	})
}

// Deactivate ends an account: sign-in and assignments to active apps. Group memberships stay, so take them away as well
// (okta-api.md §5.1). Legal from any status but DEPROVISIONED. sendEmail tells the org's admins.
func (c *Client) Deactivate(ctx context.Context, userID string, sendEmail bool) error {
	return c.lifecycle(ctx, "Deactivate", "deactivate", userID, func(ctx context.Context, id string) error {
		_, err := c.sdk.User.DeactivateUser(ctx, id, mail(sendEmail))
		return err
	})
}

// Activate makes a STAGED or DEPROVISIONED account usable: ACTIVE if it has a password, else PROVISIONED. With sendEmail
// Okta mails the person how to begin. Groups it still has grant their apps again. An account that is active already is
// refused (AlreadyActive).
func (c *Client) Activate(ctx context.Context, userID string, sendEmail bool) error {
	return c.lifecycle(ctx, "Activate", "activate", userID, func(ctx context.Context, id string) error {
		_, _, err := c.sdk.User.ActivateUser(ctx, id, mail(sendEmail))
		return err
	})
}

// Reactivate sends a PROVISIONED or RECOVERY person a new activation mail, if sendEmail; the status stays.
func (c *Client) Reactivate(ctx context.Context, userID string, sendEmail bool) error {
	return c.lifecycle(ctx, "Reactivate", "reactivate", userID, func(ctx context.Context, id string) error {
		_, _, err := c.sdk.User.ReactivateUser(ctx, id, mail(sendEmail))
		return err
	})
}

// Unlock frees a locked-out person. One who is not locked out is refused (NotLockedOut), one from AD is
// MasteredElsewhere or NotLockedOut.
func (c *Client) Unlock(ctx context.Context, userID string) error {
	return c.lifecycle(ctx, "Unlock", "unlock", userID, func(ctx context.Context, id string) error {
		_, err := c.sdk.User.UnlockUser(ctx, id)
		return err
	})
}

// ResetPassword moves the person to RECOVERY, where the old password no longer works. With sendEmail Okta mails a link
// for a new one; without, nobody gets a link.
func (c *Client) ResetPassword(ctx context.Context, userID string, sendEmail bool) error {
	return c.lifecycle(ctx, "ResetPassword", "reset_password", userID, func(ctx context.Context, id string) error {
		_, _, err := c.sdk.User.ResetPassword(ctx, id, mail(sendEmail))
		return err
	})
}

// ExpirePassword makes an ACTIVE person choose a new password at the next sign-in.
func (c *Client) ExpirePassword(ctx context.Context, userID string) error {
	// The SDK's method adds tempPassword, of an older form of this call.
	return c.exchange(ctx, newCall("ExpirePassword", http.MethodPost, "/api/v1/users/{id}/lifecycle/expire_password", userID), nil, nil)
}

// ResetFactors removes all of a person's authenticators. It is not an error if there are none.
func (c *Client) ResetFactors(ctx context.Context, userID string) error {
	return c.lifecycle(ctx, "ResetFactors", "reset_factors", userID, func(ctx context.Context, id string) error {
		_, err := c.sdk.User.ResetFactors(ctx, id)
		return err
	})
}
