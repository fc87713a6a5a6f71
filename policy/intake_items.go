package policy

import (
	"maps"
	"strconv"
	"strings"

	"latchkey/casework"
)

// readItems finds what an access request asks for: each requested item the rule wants, or the ticket itself. The
// beneficiary is the requester unless the rule says otherwise; an item's catalogue entry is found by the key, the name
// or one of the entry's asked_as words, whatever the case.
func (p *Policy) readItems(r *itemsRule, f IntakeFacts, vars map[string]any, c *Classification) {
	if r.ticket {
		if wanted, err := r.when.holds(vars); err == nil && wanted {
			p.readItem(r, "ticket", f.Ticket.Subject, nil, f, vars, c)
		}
	} else {
		for _, i := range f.Ticket.Items {
			one := maps.Clone(vars)
			one["item"] = itemOf(i)
			if wanted, err := r.when.holds(one); err != nil || !wanted {
				continue
			}
			p.readItem(r, strconv.FormatInt(i.ID, 10), i.Name, i.Fields, f, one, c)
		}
	}
	if len(c.Items) == 0 {
		c.Missing = append(c.Missing, casework.Missing{Field: "items", Label: "Requested item", Why: "the ticket asks for nothing that can be granted"})
	}
}

func (p *Policy) readItem(r *itemsRule, key, name string, fields map[string]any, f IntakeFacts, vars map[string]any, c *Classification) {
	item := casework.Item{Key: key, Name: name, Fields: fields}
	if named, err := r.name.text(vars); err == nil && named != "" {
		item.Name = named
	}
	asked := item.Name
	if r.catalogue != nil {
		var err error
		if asked, err = r.catalogue.text(vars); err != nil {
			asked = ""
		}
	}
	if entry, known := p.findItem(asked); known {
		item.Catalogue = entry.Key
		item.Name = entry.Name
	} else if r.catalogue != nil && asked != "" {
		item.Name = asked
	}
	item.Beneficiary = strings.ToLower(strings.TrimSpace(f.Requester.Person.Email))
	if r.beneficiary != nil {
		whom, err := r.beneficiary.text(vars)
		switch {
		case err != nil:
			c.Missing = append(c.Missing, casework.Missing{Field: "beneficiary", Label: "For whom", Why: "cannot be read from " + quote(item.Name)})
		case whom != "":
			item.Beneficiary = strings.ToLower(whom)
		}
	}
	switch {
	case item.Beneficiary == "":
		c.Missing = append(c.Missing, casework.Missing{Field: "beneficiary", Label: "For whom", Why: "is empty for " + quote(item.Name)})
	case !isAddress(item.Beneficiary):
		c.Missing = append(c.Missing, casework.Missing{Field: "beneficiary", Label: "For whom", Why: "is not an e-mail address: " + quote(item.Beneficiary)})
	}
	if why, err := r.justification.text(vars); err == nil {
		item.Justification = why
	}
	r.readTerm(&item, f, vars, c)
	c.Items = append(c.Items, item)
}
