package config

import "slices"

// LoadWorker reads the settings of a worker. Only what its roles need is demanded: a worker without the role okta needs
// no credential of Okta. Roles given by flag win over LATCHKEY_ROLES.
func LoadWorker(roles []string) (Worker, error) {
	var w Worker
	var found problems
	for _, part := range []any{&w.Okta, &w.Freshservice, &w.Storage, &w.Policy, &w.Queues, &w.Alerts, &w.Incidents, &w.Reviews, &w.Logging, &w.Process} {
		read(part, &found)
	}
	if len(roles) > 0 {
		w.Process.Roles = roles
	}
	known, err := ParseRoles(w.Process.Roles)
	if err != nil {
		found.add("LATCHKEY_ROLES", "%v", err)
	}
	w.Process.Roles = known
	if slices.Contains(known, RoleOkta) {
		w.Okta.check(&found)
	}
	if slices.Contains(known, RoleFreshservice) {
		w.Freshservice.check(&found)
	}
	w.Policy.check(&found)
	w.Queues.check(&found)
	w.Alerts.check(&found)
	w.Incidents.check(&found)
	w.Reviews.check(&found)
	w.Logging.check(&found)
	if w.Process.StopWait < 0 {
		found.add("LATCHKEY_STOP_WAIT", "is negative")
	}
	return w, found.err()
}

// LoadBridge reads the settings of `starter serve`.
func LoadBridge() (Bridge, error) {
	var b Bridge
	var found problems
	for _, part := range []any{&b.Webhooks, &b.Reviews, &b.Links, &b.Storage, &b.Logging} {
		read(part, &found)
	}
	b.Webhooks.check(&found)
	b.checkReviews(&found)
	b.Logging.check(&found)
	return b, found.err()
}

// LoadLogging reads how to log.
func LoadLogging() (Logging, error) { return load[Logging]() }

// LoadStorage reads where evidence is kept.
func LoadStorage() (Storage, error) { return load[Storage]() }

// LoadSchedules reads how often the schedules run.
func LoadSchedules() (Schedules, error) { return load[Schedules]() }

// LoadPolicy reads where the policy is.
func LoadPolicy() (Policy, error) { return load[Policy]() }

// LoadOkta reads how to reach Okta.
func LoadOkta() (Okta, error) { return load[Okta]() }

// LoadFreshservice reads how to reach Freshservice.
func LoadFreshservice() (Freshservice, error) { return load[Freshservice]() }

// LoadWebhooks reads who may call the bridge.
func LoadWebhooks() (Webhooks, error) { return load[Webhooks]() }

// section is one struct of settings.
type section interface{ check(found *problems) }

func (s Storage) check(*problems) {}

func load[T section]() (T, error) {
	var t T
	var found problems
	read(&t, &found)
	t.check(&found)
	return t, found.err()
}
