package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"latchkey/clients/freshservice"
	"latchkey/clients/okta"
	"latchkey/internal/config"
	"latchkey/policy"
)

// settings adds what is wrong with the settings of a part, and says whether it is none.
func (f *findings) settings(err error) bool {
	for _, p := range config.Problems(err) {
		f.fail(p.Name, p.Why, "set "+p.Name)
	}
	return err == nil
}

// read is one harmless read of a vendor and what it stands for.
type read struct {
	check string
	needs string // the scope or privilege
	call  func(ctx context.Context) (string, error)
}

// lookAtOkta tries the credential with one small read for each scope. A scope that was not granted to the service app
// makes the very first fail, because the token asks for all of them.
func lookAtOkta(ctx context.Context, f *findings) {
	settings, err := config.LoadOkta()
	if !f.settings(err) {
		return
	}
	c, err := okta.New(settings.Client())
	if err != nil {
		f.fail("settings", err.Error(), "correct the OKTA_… variables")
		return
	}
	reads := []read{
		{"users", "the scope okta.users.manage", func(ctx context.Context) (string, error) {
			page, err := c.SearchUsers(ctx, okta.UserSearch{Limit: 1})
			if err == nil && len(page.Items) == 0 {
				return "", errors.New("nobody is visible")
			}
			return "readable", err
		}},
		{"groups", "the scope okta.groups.manage", func(ctx context.Context) (string, error) {
			page, err := c.ListGroups(ctx, okta.PageRequest{Limit: 1})
			if err == nil && len(page.Items) == 0 {
				return "", errors.New("no group is visible")
			}
			return "readable", err
		}},
		{"apps", "the scope okta.apps.manage", func(ctx context.Context) (string, error) {
			_, err := c.ListApps(ctx, okta.PageRequest{Limit: 1})
			return "readable", err
		}},
		{"group rules", "the scope okta.groups.manage", func(ctx context.Context) (string, error) {
			rules, err := c.ListRules(ctx)
			return count(len(rules), "rule"), err
		}},
		{"administrators", "the scope okta.roles.manage", func(ctx context.Context) (string, error) {
			admins, err := c.ListAdminAssignees(ctx)
			if err == nil && len(admins) == 0 {
				return "", errors.New("no administrator is visible: the last-admin guard cannot count them")
			}
			return count(len(admins), "administrator"), err
		}},
		{"System Log", "the scope okta.logs.read", func(ctx context.Context) (string, error) {
			_, err := c.ListLogs(ctx, okta.LogQuery{Limit: 1, SortOrder: "DESCENDING"})
			return "readable", err
		}},
	}
	if settings.Token.Set() {
		reads = append([]read{{"token's owner", "a token of an active administrator", func(ctx context.Context) (string, error) {
			return oktaOwner(ctx, c)
		}}}, reads...)
	}
	for _, r := range reads {
		found, err := r.call(ctx)
		switch {
		case err == nil:
			f.ok(r.check, "%s", found)
		case errors.Is(err, okta.Unauthorized):
			f.refused(r.check, err.Error(), "renew the credential: "+r.needs)
			return // the others would say the same
		case errors.Is(err, okta.Denied):
			f.fail(r.check, err.Error(), "this needs "+r.needs+", and an administrator role that covers it")
		case errors.Is(err, okta.Unavailable):
			f.fail(r.check, err.Error(), "check OKTA_ORG_URL and that the org can be reached from here")
			return
		default:
			f.fail(r.check, err.Error(), "look at the call named")
		}
	}
}

// oktaOwner is whom an API token belongs to: it dies with that person's account.
func oktaOwner(ctx context.Context, c *okta.Client) (string, error) {
	me, err := c.Me(ctx)
	if err != nil {
		return "", err
	}
	roles, err := c.ListAdminRoles(ctx, me.ID)
	if err != nil {
		return "", err
	}
	types := make([]string, 0, len(roles))
	for _, r := range roles {
		types = append(types, r.Type)
	}
	if len(types) == 0 {
		return "", fmt.Errorf("the token's owner %s has no administrator role", me.ID)
	}
	return fmt.Sprintf("%s (%s), %s", me.ID, me.Status, strings.Join(types, ", ")), nil
}

// lookAtDesk tries the key, and compares what the desk demands with what policy gives.
func lookAtDesk(ctx context.Context, f *findings) {
	settings, err := config.LoadFreshservice()
	if !f.settings(err) {
		return
	}
	c, err := freshservice.New(settings.Client())
	if err != nil {
		f.fail("settings", err.Error(), "correct the FRESHSERVICE_… variables")
		return
	}
	me, err := c.Me(ctx)
	switch {
	case errors.Is(err, freshservice.Unauthorized):
		f.refused("API key", err.Error(), "copy the key again from the profile settings of the agent made for Latchkey")
		return
	case err != nil:
		f.fail("API key", err.Error(), "check FRESHSERVICE_URL and the roles of the key's agent")
		return
	}
	f.ok("API key", "agent %d", me.ID)
	fields, err := c.TicketFields(ctx)
	if err != nil {
		f.fail("ticket form", err.Error(), "give the key's agent a role that may read the ticket form")
		return
	}
	p, err := policy.Load(os.Getenv("LATCHKEY_POLICY_DIR"))
	if err != nil {
		f.warn("ticket form", "cannot be compared: the policy does not load", "see the part policy")
		return
	}
	compareStatuses(f, freshservice.StatusNames(fields), p.Desk())
	compareClosing(f, freshservice.RequiredForClosure(fields), p.Desk())
	compareCategories(f, fields, p.AlertCategories())
	groups, err := c.ListGroups(ctx)
	if err != nil {
		f.fail("agent groups", err.Error(), "give the key's agent a role that may read groups")
		return
	}
	compareGroups(f, groups, p)
}

// compareStatuses checks that every status policy names is one the account has.
func compareStatuses(f *findings, there map[int]string, desk policy.DeskPolicy) {
	wanted := map[string]int{"waiting": desk.Waiting, "resolved": desk.Resolved, "open": desk.Open}
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		if label, ok := there[wanted[name]]; ok {
			f.ok("status "+name, "%d (%s)", wanted[name], label)
		} else {
			f.fail("status "+name, fmt.Sprintf("the account has no status %d", wanted[name]), "correct desk.yaml, \"statuses\"; the account has "+statusList(there))
		}
	}
}

func statusList(there map[int]string) string {
	list := make([]string, 0, len(there))
	for _, id := range slices.Sorted(maps.Keys(there)) {
		list = append(list, fmt.Sprintf("%d %s", id, there[id]))
	}
	return strings.Join(list, ", ")
}

// compareClosing checks that policy fills in what the desk demands before a ticket may be resolved: else the last step of
// every case fails.
func compareClosing(f *findings, required []string, desk policy.DeskPolicy) {
	var missing []string
	for _, name := range required {
		_, plain := desk.Closing[name]
		_, custom := desk.Closing["custom_fields."+name]
		if !plain && !custom && !alwaysSet(name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		f.fail("fields for closing", "the desk demands "+strings.Join(missing, ", ")+", and policy gives no value", "add them to desk.yaml, \"closing\", or make them optional in the ticket form")
		return
	}
	f.ok("fields for closing", "%d demanded, all of them given", len(required))
}

// alwaysSet says whether every ticket has the field anyway.
func alwaysSet(name string) bool {
	return slices.Contains([]string{"status", "priority", "source", "requester", "subject", "description", "ticket_type"}, name)
}

// compareGroups checks that the agent groups policy names exist.
func compareGroups(f *findings, there []freshservice.Group, p *policy.Policy) {
	wanted := map[string]string{
		"desk.yaml, parked":        p.Desk().ParkedGroup,
		"desk.yaml, digest":        p.Desk().DigestGroup,
		"guards.yaml, mass change": p.MassChange().Ask,
	}
	maps.Copy(wanted, p.AlertGroups())
	for _, where := range slices.Sorted(maps.Keys(wanted)) {
		name := wanted[where]
		if name == "" {
			continue
		}
		if slices.ContainsFunc(there, func(g freshservice.Group) bool { return strings.EqualFold(g.Name, name) }) {
			f.ok("agent group", "%s (%s)", name, where)
		} else {
			f.fail("agent group", fmt.Sprintf("%q (%s) does not exist, or this workspace does not show it", name, where), "correct the policy, or make the group")
		}
	}
}
