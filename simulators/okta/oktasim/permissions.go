package oktasim

import (
	"net/http"
	"slices"
)

// power is an area of the API that admin roles open. Coarser than the vendor's permissions: enough to refuse a call that a
// role plainly does not cover.
type power string

const (
	powerUsers       power = "users"       // profiles and lifecycle
	powerCredentials power = "credentials" // passwords, factors, unlock, sessions
	powerGroups      power = "groups"      // groups and rules
	powerMembers     power = "members"     // who is in a group
	powerApps        power = "apps"        // apps and assignments
	powerRoles       power = "roles"       // admin roles
	powerLogs        power = "logs"        // System Log
	powerOrg         power = "org"         // schema, hooks, rate limits
)

// rolePowers says what each standard role may write. Every role reads users, groups and apps.
var rolePowers = map[string][]power{
	"SUPER_ADMIN":                 {powerUsers, powerCredentials, powerGroups, powerMembers, powerApps, powerRoles, powerLogs, powerOrg},
	"ORG_ADMIN":                   {powerUsers, powerCredentials, powerGroups, powerMembers, powerApps, powerLogs, powerOrg},
	"USER_ADMIN":                  {powerUsers, powerCredentials, powerGroups, powerMembers},
	"GROUP_MEMBERSHIP_ADMIN":      {powerMembers},
	"HELP_DESK_ADMIN":             {powerCredentials},
	"APP_ADMIN":                   {powerApps},
	"API_ACCESS_MANAGEMENT_ADMIN": {},
	"REPORT_ADMIN":                {},
	"READ_ONLY_ADMIN":             {},
	"MOBILE_ADMIN":                {},
}

// roleLabels are the names the vendor shows for standard roles.
var roleLabels = map[string]string{
	"SUPER_ADMIN":                 "Super Administrator",
	"ORG_ADMIN":                   "Organizational Administrator",
	"USER_ADMIN":                  "Group Administrator",
	"GROUP_MEMBERSHIP_ADMIN":      "Group Membership Administrator",
	"HELP_DESK_ADMIN":             "Help Desk Administrator",
	"APP_ADMIN":                   "Application Administrator",
	"API_ACCESS_MANAGEMENT_ADMIN": "API Access Management Administrator",
	"REPORT_ADMIN":                "Report Administrator",
	"READ_ONLY_ADMIN":             "Read Only Administrator",
	"MOBILE_ADMIN":                "Mobile Administrator",
}

// logReaders may read the System Log without writing to it.
var logReaders = []string{"SUPER_ADMIN", "ORG_ADMIN", "READ_ONLY_ADMIN", "REPORT_ADMIN"}

// mayDo says whether any of the roles covers the area with this method.
func mayDo(roles []string, area power, method string) bool {
	if len(roles) == 0 {
		return false
	}
	if method == http.MethodGet {
		switch area {
		case powerUsers, powerCredentials, powerGroups, powerMembers, powerApps:
			return true
		case powerLogs:
			return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(logReaders, r) })
		case powerRoles, powerOrg:
			return slices.ContainsFunc(roles, func(r string) bool {
				return r == "READ_ONLY_ADMIN" || r == "ORG_ADMIN" || slices.Contains(rolePowers[r], area)
			})
		}
	}
	return slices.ContainsFunc(roles, func(r string) bool { return slices.Contains(rolePowers[r], area) })
}
