package activities

import (
	"context"
	"slices"
	"strings"
	"time"

	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/policy"
)

// Okta's names of what the tripwire looks at (okta-api.md §7).
const (
	eventReported   = "user.account.report_suspicious_activity_by_enduser"
	eventFactorNew  = "user.mfa.factor.activate"
	eventSignIn     = "user.session.start"
	eventSignOn     = "policy.evaluate_sign_on"
	eventMFA        = "user.authentication.auth_via_mfa"
	tripwirePages   = 5
	tripwireLimit   = 500
	behaviorsField  = "behaviors"
	threatSuspected = "threatSuspected"
)

// trips asks the System Log whether something speaks against doing a reset of this person now. It costs one call, where
// policy sets a tripwire.
func (o *Okta) trips(ctx context.Context, p *policy.Policy, userID string) (string, error) {
	within := p.Credentials().TripwireWithin
	if within <= 0 {
		return "", nil
	}
	now := o.now()
	types := make([]string, 0, 5)
	for _, t := range []string{eventReported, eventFactorNew, eventSignIn, eventSignOn, eventMFA} {
		types = append(types, okta.Eq("eventType", t))
	}
	page, err := o.Client.ListLogs(ctx, okta.LogQuery{
		Since: now.Add(-within), Until: now.Add(logSkew), Limit: tripwireLimit,
		Filter: "(" + okta.Eq("actor.id", userID) + " or " + okta.Eq("target.id", userID) + ") and (" + strings.Join(types, " or ") + ")",
	})
	var signs []casework.Sign
	for n := 1; err == nil; n++ {
		for _, e := range page.Events {
			if kind, is := signOf(e); is {
				signs = append(signs, casework.Sign{Kind: kind, At: e.Published})
			}
		}
		if page.Next == "" || len(page.Events) == 0 || n == tripwirePages {
			break
		}
		page, err = o.Client.FollowLogs(ctx, page.Next)
	}
	if err != nil {
		return "", err
	}
	return casework.JudgeSigns(signs, now.Add(time.Second), within), nil
}

// signOf reads one event. Behaviours are POSITIVE where they are new for the person; what Okta does not know is no sign.
func signOf(e okta.LogEvent) (casework.SignKind, bool) {
	switch e.Type {
	case eventReported:
		return casework.SignReported, true
	case eventFactorNew:
		return casework.SignFactor, e.Outcome.Result == "SUCCESS"
	}
	behaviors := strings.ReplaceAll(e.Debug(behaviorsField), " ", "")
	unusual := slices.ContainsFunc([]string{"NewGeo-Location=POSITIVE", "NewCountry=POSITIVE", "Velocity=POSITIVE"}, func(b string) bool {
		return strings.Contains(behaviors, b)
	})
	return casework.SignPlace, unusual || e.Debug(threatSuspected) == "true" || strings.Contains(e.Debug("risk"), "level=HIGH")
}
