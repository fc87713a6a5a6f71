package reviews

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"latchkey/review"
)

// perPage is how many items a page shows.
const perPage = 50

// filter is which items are shown, as the address says it.
type filter struct {
	Mark  review.Mark
	Todo  bool // only what is not answered
	Text  string
	Group string
	Page  int // from 1
}

// filterOf reads an address. What makes no sense is left out.
func filterOf(q url.Values) filter {
	f := filter{Todo: q.Get("todo") == "1", Text: strings.TrimSpace(q.Get("q")), Group: q.Get("group"), Page: 1}
	if m := review.Mark(q.Get("mark")); slices.Contains(review.Marks(), m) {
		f.Mark = m
	}
	if n, err := strconv.Atoi(q.Get("page")); err == nil && n > 0 {
		f.Page = n
	}
	if len(f.Text) > 100 {
		f.Text = f.Text[:100]
	}
	return f
}

// values is the filter as an address, on a page.
func (f filter) values(page int) url.Values {
	q := url.Values{}
	if f.Mark != "" {
		q.Set("mark", string(f.Mark))
	}
	if f.Todo {
		q.Set("todo", "1")
	}
	if f.Text != "" {
		q.Set("q", f.Text)
	}
	if f.Group != "" {
		q.Set("group", f.Group)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	return q
}

// Any says whether anything is left out.
func (f filter) Any() bool { return f.Mark != "" || f.Todo || f.Text != "" || f.Group != "" }

// pick lists the items that are shown, in the packet's order.
func (f filter) pick(d *desk) []review.Item {
	text := strings.ToLower(f.Text)
	var list []review.Item
	for _, i := range d.Packet.Items {
		_, answered := d.Answers.Decisions[i.ID]
		switch {
		case f.Mark != "" && !i.Has(f.Mark):
		case f.Todo && answered:
		case f.Group != "" && groupKey(d.Packet.Grouping, i) != f.Group:
		case text != "" && !strings.Contains(strings.ToLower(strings.Join([]string{
			i.Person.Name, i.Person.Login, i.Person.Department, i.Person.Title, i.Object.Name,
		}, "\n")), text):
		default:
			list = append(list, i)
		}
	}
	return list
}

// groupKey names the group of an item: the person in a manager's review, the object in an owner's.
func groupKey(by review.Grouping, i review.Item) string {
	if by == review.ByObject {
		return i.Object.Key()
	}
	return i.Person.OktaUserID
}
