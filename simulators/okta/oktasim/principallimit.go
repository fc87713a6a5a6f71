package oktasim

import (
	"slices"
	"time"
)

// principalLimit is a credential's own share of the rate limits (§6.2).
type principalLimit struct {
	id          string
	principalID string
	kind        string // SSWS_TOKEN or OAUTH_CLIENT
	percent     int
	concurrency int
	created     time.Time
	lastUpdated time.Time
	createdBy   string
}

func (l *principalLimit) wire(c *call) object {
	return object{
		"id": l.id, "orgId": c.st.orgID, "principalId": l.principalID, "principalType": l.kind,
		"defaultPercentage": l.percent, "defaultConcurrencyPercentage": l.concurrency,
		"createdDate": formatSeconds(l.created), "lastUpdate": formatSeconds(l.lastUpdated), "createdBy": l.createdBy, "lastUpdatedBy": l.createdBy,
	}
}

// listPrincipalLimits wants filter=principalType eq "SSWS_TOKEN" or "OAUTH_CLIENT".
func listPrincipalLimits(c *call) (answer, error) {
	n, err := parseFilter(c.query.Get("filter"))
	if err != nil || n.op != "cmp" && n.op != "and" {
		return answer{}, badSearch("filter: principalType eq \"SSWS_TOKEN\" or \"OAUTH_CLIENT\" is required")
	}
	list := []object{}
	for _, l := range c.st.limits {
		if n.eval(func(attr string) []any {
			switch attr {
			case "principalType":
				return []any{l.kind}
			case "principalId":
				return []any{l.principalID}
			}
			return nil
		}, false) {
			list = append(list, l.wire(c))
		}
	}
	slices.SortFunc(list, func(a, b object) int {
		x, _ := a["id"].(string)
		y, _ := b["id"].(string)
		return compareText(x, y)
	})
	return ok(list)
}

func getPrincipalLimit(c *call) (answer, error) {
	l, found := c.st.limits[c.params[0]]
	if !found {
		return answer{}, notFound(c.params[0], typePrincipal)
	}
	return ok(l.wire(c))
}

type limitBody struct {
	PrincipalID string `json:"principalId"`
	Kind        string `json:"principalType"`
	Percent     *int   `json:"defaultPercentage"`
	Concurrency *int   `json:"defaultConcurrencyPercentage"`
}

func (c *call) limitBody() (*limitBody, error) {
	var b limitBody
	if err := c.decode(&b); err != nil {
		return nil, err
	}
	for _, p := range []*int{b.Percent, b.Concurrency} {
		if p != nil && (*p < 1 || *p > 100) {
			return nil, invalid("defaultPercentage", "defaultPercentage: must be between 1 and 100")
		}
	}
	if b.Kind != kindToken && b.Kind != kindClient || b.PrincipalID == "" {
		return nil, invalid("principalType", "principalType: must be SSWS_TOKEN or OAUTH_CLIENT, with a principalId")
	}
	return &b, nil
}

func createPrincipalLimit(c *call) (answer, error) {
	b, err := c.limitBody()
	if err != nil {
		return answer{}, err
	}
	l := &principalLimit{id: c.st.newID(prefixPrincipal), principalID: b.PrincipalID, kind: b.Kind, created: c.now, createdBy: c.by().actor.ID, percent: 50, concurrency: 50}
	for id, have := range c.st.limits { // one per principal
		if have.principalID == b.PrincipalID {
			l.id, l.created = id, have.created
		}
	}
	c.storeLimit(l, b)
	return created(l.wire(c))
}

func replacePrincipalLimit(c *call) (answer, error) {
	have, found := c.st.limits[c.params[0]]
	if !found {
		return answer{}, notFound(c.params[0], typePrincipal)
	}
	b, err := c.limitBody()
	if err != nil {
		return answer{}, err
	}
	l := *have
	c.storeLimit(&l, b)
	return ok(l.wire(c))
}

func (c *call) storeLimit(l *principalLimit, b *limitBody) {
	l.lastUpdated = c.now
	if b.Percent != nil {
		l.percent = *b.Percent
	}
	if b.Concurrency != nil {
		l.concurrency = *b.Concurrency
	}
	c.st.limits[l.id] = l
}
