package freshservice

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"
)

const (
	maxQuery       = 512 // characters of a filter query, quotes included (reference §4.7)
	maxFilterPages = 40  // where the vendor stops serving a filter (reference §4.7, §8.1)
	filterPerPage  = 30
)

// FilterTickets reads one page, 30 tickets, of those that match query, such as
//
//	status:2 AND tag:'latchkey'
//
// without the outer quotes, which this method adds. Build values with [FilterTerm]. Served from an index that lags by
// minutes: never look here for what was just written (reference §11.1).
func (c *Client) FilterTickets(ctx context.Context, query string, page int) (Page[Ticket], error) {
	k := get("filter tickets", "/tickets/filter")
	quoted, err := c.quoteQuery(k, query, page)
	if err != nil {
		return Page[Ticket]{}, err
	}
	k.with("query", quoted).withInt("workspace_id", c.workspace)
	return fetchCounted[Ticket](ctx, c, k, page, filterPerPage, "tickets", "ticket")
}

func (c *Client) quoteQuery(k *call, query string, page int) (string, error) {
	quoted := `"` + query + `"`
	switch {
	case strings.TrimSpace(query) == "":
		return "", c.invalid(k, "query", "it is empty")
	case strings.Contains(query, `"`):
		return "", c.invalid(k, "query", `it holds a double quote; strings take single quotes and the outer ones are added here`)
	case len([]rune(quoted)) > maxQuery:
		return "", c.invalid(k, "query", fmt.Sprintf("it has %d characters; allowed are %d", len([]rune(quoted)), maxQuery))
	case page > maxFilterPages:
		return "", c.invalid(k, "page", fmt.Sprintf("%d is beyond page %d, where the vendor stops; narrow the query", page, maxFilterPages))
	}
	return quoted, nil
}

// FilterTerm writes one comparison of the filter language for a value that people may have written. op is ":", ":>"
// (at least) or ":<" (at most). A string that could leave its quotes is refused: the vendor documents no escape.
func FilterTerm(field, op string, value any) (string, error) {
	if field == "" || strings.ContainsFunc(field, func(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		return "", fmt.Errorf("freshservice: %q is no field name of the filter language", field)
	}
	if op != ":" && op != ":>" && op != ":<" {
		return "", fmt.Errorf("freshservice: %q is no operator of the filter language; allowed are : :> :<", op)
	}
	switch v := value.(type) {
	case nil:
		return field + op + "null", nil
	case bool:
		return field + op + strconv.FormatBool(v), nil
	case int:
		return field + op + strconv.Itoa(v), nil
	case int64:
		return field + op + strconv.FormatInt(v, 10), nil
	case time.Time:
		return field + op + "'" + wireTime(v) + "'", nil
	case string:
		if !quotable(v) {
			return "", fmt.Errorf("freshservice: the value of %s holds a quote, a backslash or a control character, which the filter language cannot carry", field)
		}
		return field + op + "'" + v + "'", nil
	}
	return "", fmt.Errorf("freshservice: the filter language has no way to write a %T", value)
}

func quotable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool {
		return r == '\'' || r == '"' || r == '\\' || unicode.IsControl(r)
	})
}
