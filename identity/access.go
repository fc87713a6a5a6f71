package identity

import "time"

// Access is everything one person holds at one moment, as read from the identity provider. Slices are ordered by
// kind and ID, so two equal states are equal values.
type Access struct {
	Person  Person    `json:"person"`
	Groups  []Grant   `json:"groups,omitempty"`
	Apps    []Grant   `json:"apps,omitempty"`
	Roles   []Grant   `json:"roles,omitempty"`
	Factors []Grant   `json:"factors,omitempty"`
	ReadAt  time.Time `json:"read_at"`
}

// All lists every grant, groups first.
func (a Access) All() []Grant {
	all := make([]Grant, 0, len(a.Groups)+len(a.Apps)+len(a.Roles)+len(a.Factors))
	all = append(all, a.Groups...)
	all = append(all, a.Apps...)
	all = append(all, a.Roles...)
	return append(all, a.Factors...)
}

// Holds finds the grant of one entitlement.
func (a Access) Holds(e Entitlement) (Grant, bool) {
	for _, g := range a.All() {
		if g.Entitlement.Key() == e.Key() {
			return g, true
		}
	}
	return Grant{}, false
}
