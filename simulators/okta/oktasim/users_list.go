package oktasim

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

var userPages = pageQuery{known: []string{"q", "filter", "search", "sortBy", "sortOrder"}, limit: 200, most: 200}

// listUsers is GET /users with its four ways of asking (§3.6). All read the index, which may trail behind.
func listUsers(c *call) (answer, error) {
	switch {
	case c.query.Get("search") != "":
		return searchUsers(c)
	case c.query.Get("filter") != "":
		return filterUsers(c)
	case c.query.Get("q") != "":
		return quickUsers(c)
	}
	limit, err := userPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	after := c.query.Get("after")
	if after != "" {
		if !strings.HasPrefix(after, "0") || !isID(after[1:], prefixUser) {
			return answer{}, badCursor()
		}
		after = after[1:]
	}
	items, next := walk(c.st.index.ids.after(after), limit, func(id string) (userWire, bool) {
		u := c.st.index.views[id]
		if u.status == statusDeprovisioned { // hidden unless asked for by filter or search
			return userWire{}, false
		}
		return u.wire(c, false), true
	})
	if next != "" {
		next = "0" + next // the recorded form of plain lists
	}
	return listOf(items, userPages.linkLines(c, limit, next))
}

// quickUsers is q: a prefix of first name, last name or e-mail; ten by default and never a next page.
func quickUsers(c *call) (answer, error) {
	p := userPages
	p.limit = 10
	limit, err := p.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	want := strings.ToLower(c.query.Get("q"))
	items, _ := walk(c.st.index.ids.all(), limit, func(id string) (userWire, bool) {
		u := c.st.index.views[id]
		if u.status == statusDeprovisioned {
			return userWire{}, false
		}
		for _, attr := range []string{"firstName", "lastName", "email"} {
			if strings.HasPrefix(strings.ToLower(u.text(attr)), want) {
				return u.wire(c, false), true
			}
		}
		return userWire{}, false
	})
	return listOf(items, p.linkLines(c, limit, ""))
}

var filterableUserFields = []string{
	"status", "lastUpdated", "id", "profile.login", "profile.email", "profile.firstName", "profile.lastName",
}

// filterUsers is filter: few attributes, eq only (lastUpdated also by order), case-sensitive.
func filterUsers(c *call) (answer, error) {
	n, err := parseFilter(c.query.Get("filter"))
	if err != nil {
		return answer{}, badSearch(err.Error())
	}
	err = n.each(func(n *filterNode) error {
		byTime := n.attr == "lastUpdated" && slices.Contains([]string{"eq", "gt", "ge", "lt", "le"}, n.cmp)
		if !slices.Contains(filterableUserFields, n.attr) || n.cmp != "eq" && !byTime {
			return badSearch(fmt.Sprintf("The attribute '%s' does not support operator '%s' in a filter.", n.attr, n.cmp))
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	return pageOfUsers(c, n, false)
}

// searchUsers is search: every attribute, case-insensitive values (§3.6).
func searchUsers(c *call) (answer, error) {
	n, err := parseFilter(c.query.Get("search"))
	if err != nil {
		return answer{}, badSearch(err.Error())
	}
	if err := n.each(c.st.searchable); err != nil {
		return answer{}, err
	}
	if c.query.Get("sortBy") != "" {
		return sortedUsers(c, n)
	}
	return pageOfUsers(c, n, true)
}

var (
	searchableUserFields = []string{"id", "status", "created", "activated", "statusChanged", "lastUpdated", "type.id"}
	containsUserFields   = []string{"profile.firstName", "profile.lastName", "profile.email", "profile.login"}
)

func (st *state) searchable(n *filterNode) error {
	name, isProfile := strings.CutPrefix(n.attr, "profile.")
	isBase := isBaseAttribute(name)
	_, isCustom := st.schema.custom[name]
	if !slices.Contains(searchableUserFields, n.attr) && (!isProfile || !isBase && !isCustom) {
		return badSearch(fmt.Sprintf("The attribute '%s' is not searchable.", n.attr))
	}
	switch n.cmp {
	case "eq", "sw", "gt", "ge", "lt", "le", "pr":
		return nil
	case "co":
		if slices.Contains(containsUserFields, n.attr) {
			return nil
		}
	}
	return badSearch(fmt.Sprintf("Unsupported operator '%s' for attribute '%s'.", n.cmp, n.attr))
}

func pageOfUsers(c *call, n *filterNode, fold bool) (answer, error) {
	limit, err := userPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	after := c.query.Get("after")
	if after != "" && !isID(after, prefixUser) {
		return answer{}, badCursor()
	}
	items, next := walk(c.st.index.candidates(n).after(after), limit, func(id string) (userWire, bool) {
		u := c.st.index.views[id]
		if u == nil || !n.eval(u.fields, fold) {
			return userWire{}, false
		}
		return u.wire(c, false), true
	})
	return listOf(items, userPages.linkLines(c, limit, next))
}

// sortedUsers orders all matches by an attribute, ties by id, and then pages.
func sortedUsers(c *call, n *filterNode) (answer, error) {
	by := c.query.Get("sortBy")
	if err := c.st.searchable(&filterNode{op: "cmp", attr: by, cmp: "pr"}); err != nil {
		return answer{}, err
	}
	limit, err := userPages.limitFrom(c.query)
	if err != nil {
		return answer{}, err
	}
	var found []*user
	for _, id := range c.st.index.candidates(n).all() {
		if u := c.st.index.views[id]; u != nil && n.eval(u.fields, true) {
			found = append(found, u)
		}
	}
	sign := 1
	if strings.HasPrefix(strings.ToLower(c.query.Get("sortOrder")), "desc") {
		sign = -1
	}
	slices.SortFunc(found, func(a, b *user) int {
		return cmp.Or(sign*strings.Compare(sortText(a, by), sortText(b, by)), strings.Compare(a.id, b.id))
	})
	if after := c.query.Get("after"); after != "" {
		at := slices.IndexFunc(found, func(u *user) bool { return u.id == after })
		if at < 0 {
			return answer{}, badCursor()
		}
		found = found[at+1:]
	}
	next := ""
	if len(found) > limit {
		found, next = found[:limit], found[limit-1].id
	}
	items := make([]userWire, 0, len(found))
	for _, u := range found {
		items = append(items, u.wire(c, false))
	}
	return listOf(items, userPages.linkLines(c, limit, next))
}

func sortText(u *user, attr string) string {
	values := u.fields(attr)
	if len(values) == 0 {
		return ""
	}
	return strings.ToLower(fmt.Sprint(values[0]))
}
