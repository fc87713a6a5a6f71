package playground

import "fmt"

// ProcessEnv is the environment that makes one of our programs, as a process of its own, part of this playground. The
// secrets in it are this playground's and die with it.
func (p *Playground) ProcessEnv() []string {
	return []string{
		"TEMPORAL_ADDRESS=" + p.options.Address, "TEMPORAL_NAMESPACE=" + p.options.Namespace,
		"OKTA_ORG_URL=" + p.OktaURL, "OKTA_API_TOKEN=" + p.Secrets.OktaToken, "OKTA_ALLOW_HTTP=true",
		"FRESHSERVICE_URL=" + p.DeskURL, "FRESHSERVICE_API_KEY=" + p.Secrets.DeskKey, "FRESHSERVICE_ALLOW_HTTP=true",
		"LATCHKEY_POLICY_DIR=" + p.policyDir, "LATCHKEY_BLOB_URL=" + p.BlobURL(),
		"LATCHKEY_ALERTS_POLL=2s",
		fmt.Sprintf("LATCHKEY_OKTA_PER_SECOND=%d", 200), fmt.Sprintf("LATCHKEY_FRESHSERVICE_PER_SECOND=%d", 200),
	}
}
