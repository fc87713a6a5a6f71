package cli_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"latchkey/internal/cli"
)

// desk is a Freshservice as far as doctor looks: these fields on the ticket form, and these agent groups.
func desk(t *testing.T, fields, groups string) string {
	t.Helper()
	answers := map[string]string{
		"/api/v2/agents/me":          `{"agent":{"id":7,"first_name":"Latchkey","active":true}}`,
		"/api/v2/ticket_form_fields": `{"ticket_fields":[` + fields + `]}`,
		"/api/v2/groups":             `{"groups":[` + groups + `]}`,
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		body, known := answers[r.URL.Path]
		if !known {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte(body))
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestDoctorComparesTheDeskWithThePolicy(t *testing.T) {
	const (
		statuses = `{"name":"status","field_type":"default_status","default_field":true,"choices":[{"id":2,"value":"Open"},{"id":3,"value":"Pending"},{"id":4,"value":"Resolved"},{"id":5,"value":"Closed"}]}`
		odd      = `{"name":"status","field_type":"default_status","default_field":true,"choices":[{"id":2,"value":"Open"},{"id":4,"value":"Resolved"}]}`
		demanded = `,{"name":"invoice_number","field_type":"custom_text","required_for_closure":true}`
		others   = `{"id":2,"name":"Security Operations"},{"id":3,"name":"IT Service Desk"}`
		group    = `{"id":1,"name":"Identity Team"},` + others
	)
	tests := []struct {
		name, fields, groups string
		code                 cli.Exit
		failed               []string
		says                 string
	}{
		{"everything fits", statuses, group, cli.OK, nil, ""},
		{"a status that the account lacks", odd, group, cli.Failed, []string{"status waiting"}, "2 Open, 4 Resolved"},
		{"a field for closing that policy does not fill", statuses + demanded, group, cli.Failed, []string{"fields for closing"}, "invoice_number"},
		{"a group that is not there", statuses, others, cli.Failed, []string{"agent group"}, "Identity Team"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("FRESHSERVICE_URL", desk(t, test.fields, test.groups))
			t.Setenv("FRESHSERVICE_API_KEY", "the-key-of-the-desk")
			t.Setenv("FRESHSERVICE_ALLOW_HTTP", "true")
			t.Setenv("LATCHKEY_POLICY_DIR", "../../examples/acme/policies")
			code, out, words := starter(t, nil, "doctor", "--json", "--without", "temporal,policy,okta,webhooks,storage")
			require.Equal(t, test.code, code, out+words)
			var found []struct {
				Check string `json:"check"`
				Grade string `json:"grade"`
				Fix   string `json:"fix"`
			}
			require.NoError(t, json.Unmarshal([]byte(out), &found))
			failed := map[string]bool{}
			for _, f := range found {
				if f.Grade == "failed" {
					failed[f.Check] = true
					require.NotEmpty(t, f.Fix, "what failed says how to mend it")
				}
			}
			require.Len(t, failed, len(test.failed), out)
			for _, name := range test.failed {
				require.True(t, failed[name], out)
			}
			require.Contains(t, out, test.says)
			require.NotContains(t, out+words, "the-key-of-the-desk")
		})
	}
}
