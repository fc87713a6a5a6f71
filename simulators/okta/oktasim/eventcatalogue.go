package oktasim

import (
	_ "embed"
	"strings"
)

// eventTypesTSV is Okta's catalogue of System Log event types, release 2026.08.1: name, and whether event hooks may
// subscribe ("yes" or "no") (§7).
//
//go:embed eventtypes.tsv
var eventTypesTSV string

// hookEligible says whether an event type is in the catalogue, and whether hooks may subscribe to it.
func hookEligible(eventType string) (eligible, known bool) {
	for line := range strings.Lines(eventTypesTSV) {
		name, flag, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if name == eventType {
			return flag == "yes", true
		}
	}
	return false, false
}

// eventText is how the vendor words an event that this simulator writes.
type eventText struct {
	message  string
	severity string // INFO when empty
	legacy   string
}

var eventTexts = map[string]eventText{
	"user.lifecycle.create":                            {message: "Create okta user", legacy: "core.user.config.user_creation.success"},
	"user.lifecycle.activate":                          {message: "Activate okta user", legacy: "core.user.config.user_activated"},
	"user.lifecycle.deactivate":                        {message: "Deactivate okta user", legacy: "core.user.config.user_deactivated"},
	"user.lifecycle.suspend":                           {message: "Suspend okta user", legacy: "core.user.config.user_status.suspended"},
	"user.lifecycle.unsuspend":                         {message: "Unsuspend okta user", legacy: "core.user.config.user_status.unsuspended"},
	"user.lifecycle.reactivate":                        {message: "Reactivate okta user", legacy: "core.user.config.user_status.reactivated"},
	"user.lifecycle.delete.initiated":                  {message: "Delete okta user initiated"},
	"user.lifecycle.delete.completed":                  {message: "Delete okta user completed"},
	"user.account.update_profile":                      {message: "Update user profile for okta", legacy: "core.user.config.profile_update.success"},
	"user.account.update_password":                     {message: "User update password for okta", legacy: "core.user.config.password_update.success"},
	"user.account.reset_password":                      {message: "User reset password for okta (by admin)", legacy: "core.user.config.password_reset.success"},
	"user.account.expire_password":                     {message: "User password expired", legacy: "core.user.config.password_expired"},
	"user.account.unlock_by_admin":                     {message: "Unlock user account for okta (by admin)", legacy: "core.user.config.account_unlocked_by_admin"},
	"user.account.lock":                                {message: "Max sign in attempts exceeded", severity: "DEBUG", legacy: "core.user_auth.account_locked"},
	"user.account.privilege.grant":                     {message: "Grant user privilege", legacy: "core.user.admin_privilege.granted"},
	"user.account.privilege.revoke":                    {message: "Revoke user privilege", legacy: "core.user.admin_privilege.revoked"},
	"user.mfa.factor.activate":                         {message: "Activate factor or authenticator enrollment for user", legacy: "core.user.factor.activate"},
	"user.mfa.factor.deactivate":                       {message: "Reset factor for user", legacy: "core.user.factor.reset"},
	"user.mfa.factor.reset_all":                        {message: "Reset all factors for user", legacy: "core.user.factor.reset_all"},
	"user.session.clear":                               {message: "Clear user session", legacy: "core.user.clear_session"},
	"user.session.start":                               {message: "User login to Okta", legacy: "core.user_auth.login_success"},
	"user.session.end":                                 {message: "User logout from Okta", legacy: "core.user_auth.logout_success"},
	"group.lifecycle.create":                           {message: "Okta group creation", legacy: "core.user_group.create"},
	"group.lifecycle.delete":                           {message: "Okta group deletion", legacy: "core.user_group.delete"},
	"group.profile.update":                             {message: "Okta group update", legacy: "core.user_group.update"},
	"group.user_membership.add":                        {message: "Add user to group membership", legacy: "core.user_group_member.user_add"},
	"group.user_membership.remove":                     {message: "Remove user from group membership", legacy: "core.user_group_member.user_remove"},
	"group.user_membership.rule.add_exclusion":         {message: "Add user to group rule exclusion list"},
	"group.user_membership.rule.deactivated":           {message: "Group rule deactivated"},
	"group.user_membership.rule.invalidate":            {message: "Group rule invalidated", severity: "WARN"},
	"group.privilege.grant":                            {message: "Grant group privilege"},
	"group.privilege.revoke":                           {message: "Revoke group privilege"},
	"group.application_assignment.add":                 {message: "Assign application to group"},
	"group.application_assignment.update":              {message: "Update application assignment of group"},
	"group.application_assignment.remove":              {message: "Remove application assignment of group"},
	"application.lifecycle.create":                     {message: "Create application", legacy: "app.generic.config.app_created"},
	"application.lifecycle.update":                     {message: "Update application", legacy: "app.generic.config.app_updated"},
	"application.lifecycle.activate":                   {message: "Activate application", legacy: "app.generic.config.app_activated"},
	"application.lifecycle.deactivate":                 {message: "Deactivate application", legacy: "app.generic.config.app_deactivated"},
	"application.lifecycle.delete":                     {message: "Delete application", legacy: "app.generic.config.app_deleted"},
	"application.user_membership.add":                  {message: "Add user to application membership", legacy: "app.generic.provision.assign_user_to_app"},
	"application.user_membership.update":               {message: "Update user's application membership", legacy: "app.generic.provision.update_user_in_app"},
	"application.user_membership.remove":               {message: "Remove user's application membership", legacy: "app.generic.provision.deassign_user_from_app"},
	"application.user_membership.provision":            {message: "User's application account is provisioned"},
	"application.user_membership.deprovision":          {message: "User's application account is deprovisioned"},
	"application.provision.group_push.mapping.created": {message: "Group push mapping created"},
	"event_hook.created":                               {message: "Event hook created"},
	"event_hook.updated":                               {message: "Event hook updated"},
	"event_hook.verified":                              {message: "Event hook verified"},
	"event_hook.activated":                             {message: "Event hook activated"},
	"event_hook.deactivated":                           {message: "Event hook deactivated"},
	"event_hook.deleted":                               {message: "Event hook deleted"},
	"event_hook.delivery":                              {message: "Event hook delivery failed", severity: "WARN"},
	"system.api_token.create":                          {message: "Create API token", legacy: "api.token.create"},
	"system.api_token.revoke":                          {message: "Revoke API token", legacy: "api.token.revoke"},
	"system.org.rate_limit.warning":                    {message: "Rate limit warning", severity: "WARN", legacy: "core.framework.ratelimit.warning"},
	"system.org.rate_limit.violation":                  {message: "Rate limit violation", severity: "WARN", legacy: "core.framework.ratelimit.violation"},
	"core.concurrency.org.limit.violation":             {message: "Concurrency limit violation", severity: "WARN"},
	"app.oauth2.token.grant.access_token":              {message: "OAuth2 access token is granted"},
}
