package activities

import (
	"context"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"latchkey/contract"
)

// Links are the addresses of pages for people; an empty one makes no link.
type Links struct {
	OktaAdmin  string // Okta's admin console, such as https://acme-admin.okta.com
	TemporalUI string // such as https://temporal.acme.example
}

// oktaLogPage is the System Log of the admin console. Its parameters are widely used and not documented by the vendor:
// search takes a filter of the API, fromTime and toTime bound it.
const oktaLogPage = "/report/system_log_2"

// around is how much before and after the events the page shows.
const around = 15 * time.Minute

func (l Links) oktaLog(f contract.IncidentFacts, filter string) string {
	if l.OktaAdmin == "" || filter == "" {
		return ""
	}
	query := url.Values{"search": {filter}}
	if !f.First.IsZero() {
		query.Set("fromTime", f.First.UTC().Add(-around).Format(time.RFC3339))
		query.Set("toTime", f.Last.UTC().Add(around).Format(time.RFC3339))
	}
	return strings.TrimRight(l.OktaAdmin, "/") + oktaLogPage + "?" + strings.ReplaceAll(query.Encode(), "+", "%20")
}

// workflow is the page of a workflow in Temporal's UI.
func (l Links) workflow(ctx context.Context, id string) string {
	if l.TemporalUI == "" || id == "" {
		return ""
	}
	return strings.TrimRight(l.TemporalUI, "/") + "/namespaces/" + url.PathEscape(activity.GetInfo(ctx).WorkflowNamespace) + "/workflows/" + url.PathEscape(id)
}

// eventID is what an ID of Okta is made of. Nothing else of an event goes into a filter.
var eventID = regexp.MustCompile(`^[A-Za-z0-9_-]{4,64}$`)

// logFilter finds the events of an incident in the System Log: by whom or where its key names, else by the first of
// them. Values of events are only used where they are an ID or an address.
func logFilter(f contract.IncidentFacts) string {
	for _, p := range f.Key.Parts {
		id, isAddress := p.Value, false
		if addr, err := netip.ParseAddr(p.Value); err == nil {
			id, isAddress = addr.String(), true
		}
		switch {
		case p.Name == "ip" && isAddress:
			return `client.ipAddress eq "` + id + `"`
		case !eventID.MatchString(id):
		case p.Name == "subject", p.Name == "user":
			return `target.id eq "` + id + `" or actor.id eq "` + id + `"`
		case p.Name == "actor":
			return `actor.id eq "` + id + `"`
		case p.Name == "app", p.Name == "group", strings.HasPrefix(p.Name, "target."):
			return `target.id eq "` + id + `"`
		case p.Name == "session":
			return `authenticationContext.externalSessionId eq "` + id + `"`
		case p.Name == "transaction":
			return `transaction.id eq "` + id + `"`
		}
	}
	const most = 5
	var parts []string
	for _, e := range f.Evidence {
		if len(parts) < most && eventID.MatchString(e.UUID) {
			parts = append(parts, `uuid eq "`+e.UUID+`"`)
		}
	}
	return strings.Join(parts, " or ")
}
