package cli

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"latchkey/clients/freshservice"
	"latchkey/policy"
)

// compareCategories checks that the ticket form has the categories that alerts.yaml names. An incident opens without one
// that is not there, so it is only a warning. A form that shows no choices proves nothing.
func compareCategories(f *findings, fields []freshservice.TicketField, wanted map[string]policy.AlertCategory) {
	there := map[string]bool{}
	for _, field := range fields {
		if field.Name != "category" {
			continue
		}
		for _, c := range field.Choices {
			there[c.Value] = true
		}
	}
	if len(there) == 0 {
		return
	}
	for _, where := range slices.Sorted(maps.Keys(wanted)) {
		if name := wanted[where].Category; there[name] {
			f.ok("category", "%s (%s)", name, where)
		} else {
			f.warn("category", fmt.Sprintf("the ticket form has no %q (%s)", name, where),
				"correct the policy, or add the category; the form has "+strings.Join(slices.Sorted(maps.Keys(there)), ", "))
		}
	}
}
