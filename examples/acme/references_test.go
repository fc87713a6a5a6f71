package acme_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"latchkey/examples/acme"
)

func TestEveryRuleMatchesSomebody(t *testing.T) {
	t.Parallel()
	c := load(t)
	literal := regexp.MustCompile(`"([^"]*)"`)
	for _, rule := range c.Rules {
		matches := literal.FindAllStringSubmatch(rule.Expression, -1)
		require.NotEmpty(t, matches, rule.Expression)
		for _, match := range matches {
			assert.True(t, slices.ContainsFunc(c.People, func(p acme.Person) bool {
				profile := c.OktaProfile(p)
				return strings.Contains(profile["title"], match[1]) ||
					slices.Contains([]string{profile["department"], profile["city"], profile["userType"]}, match[1])
			}), "rule %q asks for %q, which nobody is", rule.Name, match[1])
		}
	}
}

func TestTheChoicesOnFormsAreRealThings(t *testing.T) {
	t.Parallel()
	c := load(t)
	known := map[string]func(string) bool{
		"application":    func(name string) bool { _, ok := c.App(name); return ok },
		"group_name":     func(name string) bool { g, ok := c.Group(name); return ok && g.Type == "OKTA_GROUP" },
		"department":     func(name string) bool { _, ok := c.Department(name); return ok },
		"new_department": func(name string) bool { _, ok := c.Department(name); return ok },
		"location":       func(name string) bool { _, ok := c.Location(name); return ok },
		"new_location":   func(name string) bool { _, ok := c.Location(name); return ok },
	}
	asked := make(map[string]int)
	for _, item := range c.Items {
		for _, field := range item.Fields {
			if is, ok := known[field.Name]; ok {
				for _, choice := range field.Choices {
					assert.True(t, is(choice), "%s, %s: %q", item.Name, field.Name, choice)
					asked[field.Name]++
				}
			}
		}
	}
	assert.Equal(t, map[string]int{
		"application": len(c.Apps), "group_name": 14,
		"department": len(c.Departments), "new_department": len(c.Departments),
		"location": len(c.Locations), "new_location": len(c.Locations),
	}, asked)
}

func TestNoFormHandsOutAdministratorsOrRuleManagedGroups(t *testing.T) {
	t.Parallel()
	c := load(t)
	for _, item := range c.Items {
		for _, field := range item.Fields {
			if field.Name != "group_name" {
				continue
			}
			for _, choice := range field.Choices {
				g, _ := c.Group(choice)
				assert.Contains(t, []string{"role", "project"}, g.Kind, choice)
				for _, rule := range c.Rules {
					assert.NotContains(t, rule.Groups, choice)
				}
			}
		}
	}
}
