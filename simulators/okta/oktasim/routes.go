package oktasim

// routeTable is every endpoint the simulator knows. Everything else answers as an unknown path or method.
func routeTable() []route {
	var table []route
	add := func(scope string, p power, method, pattern string, h handler) {
		table = append(table, route{method: method, pattern: pattern, scope: scope, power: p, handle: h})
	}
	userRoutes(add)
	groupRoutes(add)
	appRoutes(add)
	orgRoutes(add)
	return table
}

type addRoute func(scope string, p power, method, pattern string, h handler)

func userRoutes(add addRoute) {
	const scope = "users"
	add(scope, powerUsers, "GET", "/users", listUsers)
	add(scope, powerUsers, "POST", "/users", createUser)
	add(scope, powerUsers, "GET", "/users/{user}", getUser)
	add(scope, powerUsers, "POST", "/users/{user}", updateUser)
	add(scope, powerUsers, "PUT", "/users/{user}", replaceUser)
	add(scope, powerUsers, "DELETE", "/users/{user}", deleteUser)

	lifecycle := func(p power, op string, h func(*call, *user) (answer, error)) {
		add(scope, p, "POST", "/users/{user}/lifecycle/"+op, onUser(h))
	}
	lifecycle(powerUsers, "activate", activateUser)
	lifecycle(powerUsers, "reactivate", reactivateUser)
	lifecycle(powerUsers, "deactivate", deactivateUser)
	lifecycle(powerUsers, "suspend", suspendUser)
	lifecycle(powerUsers, "unsuspend", unsuspendUser)
	lifecycle(powerCredentials, "unlock", unlockUser)
	lifecycle(powerCredentials, "reset_password", resetPassword)
	lifecycle(powerCredentials, "expire_password", expirePassword)
	lifecycle(powerCredentials, "expire_password_with_temp_password", expireWithTemporary)
	lifecycle(powerCredentials, "reset_factors", resetFactors)
	add(scope, powerCredentials, "POST", "/users/{user}/credentials/forgot_password", onUser(forgotPassword))
	add(scope, powerCredentials, "DELETE", "/users/{user}/sessions", clearSessions)

	add(scope, powerUsers, "GET", "/users/{user}/groups", listUserGroups)
	add(scope, powerUsers, "GET", "/users/{user}/appLinks", listAppLinks)
	add(scope, powerUsers, "GET", "/users/{user}/blocks", func(*call) (answer, error) { return answer{}, notLicensed() })
	add(scope, powerCredentials, "GET", "/users/{user}/factors", listFactors)
	add(scope, powerCredentials, "POST", "/users/{user}/factors", enrolFactor)
	add(scope, powerCredentials, "GET", "/users/{user}/factors/catalog", listFactorCatalogue)
	add(scope, powerCredentials, "GET", "/users/{user}/factors/{factor}", getFactor)
	add(scope, powerCredentials, "DELETE", "/users/{user}/factors/{factor}", deleteFactor)
	add(scope, powerCredentials, "POST", "/users/{user}/factors/{factor}/lifecycle/activate", activateFactor)

	add("roles", powerRoles, "GET", "/users/{user}/roles", listUserRoles)
	add("roles", powerRoles, "POST", "/users/{user}/roles", assignUserRole)
	add("roles", powerRoles, "DELETE", "/users/{user}/roles/{role}", unassignUserRole)
	add("roles", powerRoles, "GET", "/iam/assignees/users", listAssignees)

	add("sessions", powerCredentials, "POST", "/sessions", createSession)
	add("sessions", powerCredentials, "GET", "/sessions/{session}", getSession)
	add("sessions", powerCredentials, "DELETE", "/sessions/{session}", endSession)
}

func groupRoutes(add addRoute) {
	const scope = "groups"
	add(scope, powerGroups, "GET", "/groups", listGroups)
	add(scope, powerGroups, "POST", "/groups", createGroup)
	add(scope, powerGroups, "GET", "/groups/{group}", getGroup)
	add(scope, powerGroups, "PUT", "/groups/{group}", replaceGroup)
	add(scope, powerGroups, "DELETE", "/groups/{group}", deleteGroup)
	add(scope, powerMembers, "GET", "/groups/{group}/users", listMembers)
	add(scope, powerMembers, "PUT", "/groups/{group}/users/{user}", putMember)
	add(scope, powerMembers, "DELETE", "/groups/{group}/users/{user}", removeMember)
	add(scope, powerGroups, "GET", "/groups/{group}/apps", listGroupApps)
	add("roles", powerRoles, "GET", "/groups/{group}/roles", listGroupRoles)
	add("roles", powerRoles, "POST", "/groups/{group}/roles", assignGroupRole)
	add("roles", powerRoles, "DELETE", "/groups/{group}/roles/{role}", unassignGroupRole)

	add(scope, powerGroups, "GET", "/groups/rules", listRules)
	add(scope, powerGroups, "POST", "/groups/rules", createRule)
	add(scope, powerGroups, "GET", "/groups/rules/{rule}", getRule)
	add(scope, powerGroups, "PUT", "/groups/rules/{rule}", replaceRule)
	add(scope, powerGroups, "DELETE", "/groups/rules/{rule}", deleteRule)
	add(scope, powerGroups, "POST", "/groups/rules/{rule}/lifecycle/activate", activateRule)
	add(scope, powerGroups, "POST", "/groups/rules/{rule}/lifecycle/deactivate", deactivateRule)
}

func appRoutes(add addRoute) {
	const scope = "apps"
	add(scope, powerApps, "GET", "/apps", listApps)
	add(scope, powerApps, "POST", "/apps", createApp)
	add(scope, powerApps, "GET", "/apps/{app}", getApp)
	add(scope, powerApps, "PUT", "/apps/{app}", replaceApp)
	add(scope, powerApps, "DELETE", "/apps/{app}", deleteApp)
	add(scope, powerApps, "POST", "/apps/{app}/lifecycle/activate", activateApp)
	add(scope, powerApps, "POST", "/apps/{app}/lifecycle/deactivate", deactivateApp)
	add(scope, powerApps, "GET", "/apps/{app}/users", listAppUsers)
	add(scope, powerApps, "POST", "/apps/{app}/users", assignAppUser)
	add(scope, powerApps, "GET", "/apps/{app}/users/{user}", getAppUser)
	add(scope, powerApps, "POST", "/apps/{app}/users/{user}", updateAppUser)
	add(scope, powerApps, "DELETE", "/apps/{app}/users/{user}", unassignAppUser)
	add(scope, powerApps, "GET", "/apps/{app}/groups", listAppGroups)
	add(scope, powerApps, "GET", "/apps/{app}/groups/{group}", getAppGroup)
	add(scope, powerApps, "PUT", "/apps/{app}/groups/{group}", putAppGroup)
	add(scope, powerApps, "DELETE", "/apps/{app}/groups/{group}", deleteAppGroup)
	add(scope, powerApps, "GET", "/apps/{app}/group-push/mappings", listPushMappings)
	add(scope, powerApps, "POST", "/apps/{app}/group-push/mappings", createPushMapping)
	add(scope, powerApps, "GET", "/apps/{app}/group-push/mappings/{mapping}", getPushMapping)
	add(scope, powerApps, "PATCH", "/apps/{app}/group-push/mappings/{mapping}", patchPushMapping)
	add(scope, powerApps, "DELETE", "/apps/{app}/group-push/mappings/{mapping}", deletePushMapping)
}

func orgRoutes(add addRoute) {
	add("logs", powerLogs, "GET", "/logs", listLogs)

	add("schemas", powerOrg, "GET", "/meta/schemas/user/{schema}", getSchema)
	add("schemas", powerOrg, "POST", "/meta/schemas/user/{schema}", updateSchema)
	add("userTypes", powerOrg, "GET", "/meta/types/user", listUserTypes)
	add("userTypes", powerOrg, "GET", "/meta/types/user/{type}", getUserType)
	add("orgs", powerOrg, "GET", "/org", getOrg)

	const hooks = "eventHooks"
	add(hooks, powerOrg, "GET", "/eventHooks", listHooks)
	add(hooks, powerOrg, "POST", "/eventHooks", createHook)
	add(hooks, powerOrg, "GET", "/eventHooks/{hook}", getHook)
	add(hooks, powerOrg, "PUT", "/eventHooks/{hook}", replaceHook)
	add(hooks, powerOrg, "DELETE", "/eventHooks/{hook}", deleteHook)
	add(hooks, powerOrg, "POST", "/eventHooks/{hook}/lifecycle/activate", setHookStatus(ruleActive, "event_hook.activated"))
	add(hooks, powerOrg, "POST", "/eventHooks/{hook}/lifecycle/deactivate", setHookStatus(ruleInactive, "event_hook.deactivated"))
	add(hooks, powerOrg, "POST", "/eventHooks/{hook}/lifecycle/verify", verifyHook)

	const limits = "principalRateLimits"
	add(limits, powerOrg, "GET", "/principal-rate-limits", listPrincipalLimits)
	add(limits, powerOrg, "POST", "/principal-rate-limits", createPrincipalLimit)
	add(limits, powerOrg, "GET", "/principal-rate-limits/{limit}", getPrincipalLimit)
	add(limits, powerOrg, "PUT", "/principal-rate-limits/{limit}", replacePrincipalLimit)
}
