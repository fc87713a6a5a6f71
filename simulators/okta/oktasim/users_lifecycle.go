package oktasim

import (
	"net/http"
	"slices"
)

// onUser is a lifecycle operation: the caller's user and what to do with it.
func onUser(op func(c *call, u *user) (answer, error)) handler {
	return func(c *call) (answer, error) {
		u, err := c.user()
		if err != nil {
			return answer{}, err
		}
		if u.transition != "" {
			return answer{}, stillActivating()
		}
		return op(c, u)
	}
}

// beginTransition marks a user that was just activated; u must not be shared yet. It ends by itself.
func (s *Server) beginTransition(u *user) {
	if s.opts.ActivationDelay <= 0 {
		return
	}
	u.transition = u.status
	id := u.id
	s.later(s.opts.ActivationDelay, "activated "+id, func(s *Server) {
		if s.st.users[id] != nil {
			s.st.editUser(id).transition = ""
			s.reindex(id)
		}
	})
}

// activateUser is legal from STAGED and DEPROVISIONED; it mails unless told not to (§3.4).
func activateUser(c *call, u *user) (answer, error) {
	if u.status != statusStaged && u.status != statusDeprovisioned {
		return answer{}, fail(http.StatusForbidden, "E0000016", "Activation failed because the user is already active")
	}
	e := c.st.editUser(u.id)
	e.activated = c.now
	e.setStatus(statusProvisioned, c.now)
	if e.hasPassword {
		e.setStatus(statusActive, c.now)
	}
	c.s.beginTransition(e)
	c.s.reindex(u.id)
	c.s.emit(c.by(), "user.lifecycle.activate", e.target())
	// Groups were kept over deactivation, so they grant their apps again (§5.1).
	c.s.userChanged(u.id)
	c.s.grantThroughAll(u.id)
	return activationAnswer(c, e, c.flag("sendEmail", true))
}

func activationAnswer(c *call, u *user, mail bool) (answer, error) {
	if mail {
		c.s.mail(u, MailActivation)
		return emptyObject()
	}
	token := randomText(20)
	return ok(object{"activationUrl": c.base + "/welcome/" + token, "activationToken": token})
}

// reactivateUser is legal from PROVISIONED and RECOVERY; it does not mail unless told to (§3.4).
func reactivateUser(c *call, u *user) (answer, error) {
	if u.status != statusProvisioned && u.status != statusRecovery {
		return answer{}, wrongStatus()
	}
	c.s.emit(c.by(), "user.lifecycle.reactivate", u.target())
	return activationAnswer(c, u, c.flag("sendEmail", false))
}

// deactivateUser is legal from every status but DEPROVISIONED.
func deactivateUser(c *call, u *user) (answer, error) {
	if u.status == statusDeprovisioned {
		return answer{}, wrongStatus()
	}
	if err := c.s.deactivate(c.by(), u); err != nil {
		return answer{}, err
	}
	if c.flag("sendEmail", false) {
		c.s.mail(u, MailDeactivation)
	}
	return emptyObject()
}

// deactivate ends what the vendor ends: sign-in, sessions, API tokens the user made and, some time later, assignments to
// active apps. Groups, roles, factors and OAuth tokens stay (§5.1).
func (s *Server) deactivate(by act, u *user) error {
	if s.st.isLastSuper(u.id) {
		return denied()
	}
	e := s.st.editUser(u.id)
	e.setStatus(statusDeprovisioned, by.now)
	e.hasPassword = false
	s.reindex(u.id)
	s.emit(by, "user.lifecycle.deactivate", e.target())
	s.endSessions(u.id)
	for secret, tok := range s.st.tokens {
		if tok.owner == u.id {
			delete(s.st.tokens, secret)
			s.emit(by, "system.api_token.revoke", logTarget{ID: tok.id, Type: "Token", AlternateID: "unknown", DisplayName: tok.name})
		}
	}
	id := u.id
	s.later(s.opts.FanOutDelay, "deactivated "+id, func(s *Server) { s.removeActiveApps(id) })
	return nil
}

// suspendUser is legal from ACTIVE; groups and apps are kept, sessions end (§3.4).
func suspendUser(c *call, u *user) (answer, error) {
	if u.status != statusActive {
		return answer{}, invalid("suspendUser", "Cannot suspend a user that is not active")
	}
	e := c.st.editUser(u.id)
	e.setStatus(statusSuspended, c.now)
	c.s.reindex(u.id)
	c.s.emit(c.by(), "user.lifecycle.suspend", e.target())
	c.s.endSessions(u.id)
	return emptyObject()
}

// unsuspendUser is legal from SUSPENDED.
func unsuspendUser(c *call, u *user) (answer, error) {
	if u.status != statusSuspended {
		return answer{}, invalid("unsuspendUser", "Cannot unsuspend a user that is not suspended")
	}
	e := c.st.editUser(u.id)
	e.setStatus(statusActive, c.now)
	c.s.reindex(u.id)
	c.s.emit(c.by(), "user.lifecycle.unsuspend", e.target())
	return emptyObject()
}

// unlockUser is legal from LOCKED_OUT.
func unlockUser(c *call, u *user) (answer, error) {
	if u.status != statusLockedOut {
		return answer{}, fail(http.StatusForbidden, "E0000032", "Unlock is not allowed for this user.", "The user is not locked out.")
	}
	e := c.st.editUser(u.id)
	e.setStatus(statusActive, c.now)
	c.s.reindex(u.id)
	c.s.emit(c.by(), "user.account.unlock_by_admin", e.target())
	return emptyObject()
}

// resetPassword leads to RECOVERY; with sendEmail=false the caller gets the link instead (§3.4).
func resetPassword(c *call, u *user) (answer, error) {
	legal := []userStatus{statusActive, statusExpired, statusProvisioned, statusLockedOut, statusRecovery}
	if !slices.Contains(legal, u.status) {
		return answer{}, wrongStatus()
	}
	e := c.st.editUser(u.id)
	e.setStatus(statusRecovery, c.now)
	e.hasPassword = false
	c.s.reindex(u.id)
	c.s.emit(c.by(), "user.account.reset_password", e.target())
	if c.flag("revokeSessions", false) {
		c.s.endSessions(u.id)
	}
	if c.flag("sendEmail", true) {
		c.s.mail(e, MailPasswordReset)
		return emptyObject()
	}
	return ok(object{"resetPasswordUrl": c.base + "/reset_password/" + randomText(20)})
}

// expirePassword answers with the whole user; with tempPassword=true, the legacy form, with a temporary password.
func expirePassword(c *call, u *user) (answer, error) {
	if c.flag("tempPassword", false) {
		return expireWithTemporary(c, u)
	}
	if u.status != statusActive {
		return answer{}, wrongStatus()
	}
	c.s.expire(c.by(), u)
	return ok(c.st.users[u.id].wire(c, true))
}

// expireWithTemporary answers with a temporary password of 12 characters, as recorded in 2025.
func expireWithTemporary(c *call, u *user) (answer, error) {
	if u.status != statusActive {
		return answer{}, wrongStatus()
	}
	c.s.expire(c.by(), u)
	if c.flag("revokeSessions", false) {
		c.s.endSessions(u.id)
	}
	return ok(object{"tempPassword": randomText(12)})
}

func (s *Server) expire(by act, u *user) {
	e := s.st.editUser(u.id)
	e.hasPassword = true
	e.setStatus(statusExpired, by.now)
	s.reindex(u.id)
	s.emit(by, "user.account.expire_password", e.target())
}

// forgotPassword needs ACTIVE and keeps the status (§3.4).
func forgotPassword(c *call, u *user) (answer, error) {
	if u.status != statusActive {
		return answer{}, fail(http.StatusForbidden, "E0000034", "Forgot password not allowed on specified user.")
	}
	c.s.emit(c.by(), "user.account.reset_password", u.target())
	if c.flag("sendEmail", true) {
		c.s.mail(u, MailPasswordReset)
		return emptyObject()
	}
	return ok(object{"resetPasswordUrl": c.base + "/signin/reset-password/" + randomText(20)})
}
