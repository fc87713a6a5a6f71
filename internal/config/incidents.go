package config

import (
	"net/url"
	"strings"

	"latchkey/clients/chat"
)

// Incidents is what incidents at the desk link to, and where their notices go.
type Incidents struct {
	// OktaAdmin is Okta's admin console, such as https://acme-admin.okta.com. Empty makes it from OKTA_ORG_URL where that
	// is an address of Okta's own.
	OktaAdmin string `envconfig:"LATCHKEY_OKTA_ADMIN_URL"`
	// TemporalUI is the UI of Temporal, such as https://temporal.acme.example; empty makes no links.
	TemporalUI string `envconfig:"LATCHKEY_TEMPORAL_UI_URL"`
	// Chat are the addresses of channels' incoming webhooks, each as name=https://…, by the names of alerts.yaml.
	Chat Secrets `envconfig:"LATCHKEY_CHAT_WEBHOOKS"`
}

func (i Incidents) check(found *problems) {
	for name, address := range map[string]string{"LATCHKEY_OKTA_ADMIN_URL": i.OktaAdmin, "LATCHKEY_TEMPORAL_UI_URL": i.TemporalUI} {
		if address == "" {
			continue
		}
		if u, err := url.Parse(address); err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" {
			found.add(name, "is no http or https address")
		}
	}
	names := map[string]bool{}
	for n, one := range i.Chat {
		name, address, cut := strings.Cut(one.Reveal(), "=")
		name = strings.TrimSpace(name)
		switch {
		case !cut || name == "" || strings.Contains(name, "/"):
			found.add("LATCHKEY_CHAT_WEBHOOKS", "entry %d has no name: write each as name=https://…", n+1)
		case names[name]:
			found.add("LATCHKEY_CHAT_WEBHOOKS", "the channel %q is there twice", name)
		default:
			if err := chat.CheckAddress(strings.TrimSpace(address), false); err != nil {
				found.add("LATCHKEY_CHAT_WEBHOOKS", "the address of %q %v", name, err)
			}
		}
		names[name] = true
	}
}

// Channels are the webhooks' addresses by the channels' names. They are secrets.
func (i Incidents) Channels() map[string]string {
	channels := map[string]string{}
	for _, one := range i.Chat {
		if name, address, cut := strings.Cut(one.Reveal(), "="); cut {
			channels[strings.TrimSpace(name)] = strings.TrimSpace(address)
		}
	}
	return channels
}

// Admin is the address of the admin console of an org: the one that is set, or Okta's own for the org; empty where it
// cannot be told, as for a domain of the customer's own.
func (i Incidents) Admin(orgURL string) string {
	if i.OktaAdmin != "" {
		return strings.TrimRight(i.OktaAdmin, "/")
	}
	u, err := url.Parse(orgURL)
	if err != nil {
		return ""
	}
	org, domain, cut := strings.Cut(u.Host, ".")
	if !cut || org == "" {
		return ""
	}
	switch domain {
	case "okta.com", "oktapreview.com", "okta-emea.com", "okta-gov.com", "okta.mil":
		return "https://" + strings.TrimSuffix(org, "-admin") + "-admin." + domain
	}
	return ""
}
