package freshservice

import (
	"context"
	"errors"
	"strings"
)

// Department is a part of the company.
type Department struct {
	ID           int64    `json:"id"`
	Name         string   `json:"name"`
	Description  string   `json:"description"`
	HeadUserID   int64    `json:"head_user_id"`
	PrimeUserID  int64    `json:"prime_user_id"`
	Domains      []string `json:"domains"`
	CustomFields Fields   `json:"custom_fields"`
}

// ListDepartments reads every department.
func (c *Client) ListDepartments(ctx context.Context) ([]Department, error) {
	return fetchAll[Department](ctx, c, get("list departments", "/departments"), maxPerPage, "departments", "department")
}

// GetDepartment views one department.
func (c *Client) GetDepartment(ctx context.Context, id int64) (Department, error) {
	k := get("view department", "/departments/{id}").at("id", id)
	return fetchOne[Department](ctx, c, k, "department", "departments")
}

// FindDepartmentByName finds the one department of this name, whatever its case.
func (c *Client) FindDepartmentByName(ctx context.Context, name string) (Department, error) {
	return findByName(ctx, c, get("find department", "/departments"), name, c.ListDepartments,
		func(d Department) string { return d.Name }, "departments", "department")
}

// Location is a site of the company.
type Location struct {
	ID               int64   `json:"id"`
	Name             string  `json:"name"`
	ParentLocationID int64   `json:"parent_location_id"`
	PrimaryContactID int64   `json:"primary_contact_id"`
	Address          Address `json:"address"`
	Email            string  `json:"email"`
	Phone            string  `json:"phone"`
	ContactName      string  `json:"contact_name"`
}

// Address is where a location stands.
type Address struct {
	Line1   string `json:"line1"`
	Line2   string `json:"line2"`
	City    string `json:"city"`
	State   string `json:"state"`
	Country string `json:"country"`
	Zipcode string `json:"zipcode"`
}

// ListLocations reads every location.
func (c *Client) ListLocations(ctx context.Context) ([]Location, error) {
	return fetchAll[Location](ctx, c, get("list locations", "/locations"), maxPerPage, "locations", "location")
}

// GetLocation views one location.
func (c *Client) GetLocation(ctx context.Context, id int64) (Location, error) {
	// The vendor documents the root "locations" here, holding an object (reference §1).
	return fetchOne[Location](ctx, c, get("view location", "/locations/{id}").at("id", id), "location", "locations")
}

// FindLocationByName finds the one location of this name, whatever its case.
func (c *Client) FindLocationByName(ctx context.Context, name string) (Location, error) {
	return findByName(ctx, c, get("find location", "/locations"), name, c.ListLocations,
		func(l Location) string { return l.Name }, "locations", "location")
}

// findByName asks the vendor's query first and, where that finds nothing, because its index lags or because the name
// cannot be written in a query, reads the whole list. NotFound for none, Conflict for several.
func findByName[T any](ctx context.Context, c *Client, k *call, name string, list func(context.Context) ([]T, error),
	nameOf func(T) string, keys ...string,
) (T, error) {
	var zero T
	name = strings.TrimSpace(name)
	if name == "" {
		return zero, c.invalid(k, "name", "it is empty")
	}
	matching := func(all []T) (out []T) {
		for _, one := range all {
			if strings.EqualFold(strings.TrimSpace(nameOf(one)), name) {
				out = append(out, one)
			}
		}
		return out
	}
	var found []T
	if term, err := FilterTerm("name", ":", name); err == nil && len(term) < maxQuery-2 {
		page, err := fetchPage[T](ctx, c, k.copyOf().with("query", `"`+term+`"`), PageRequest{}, keys...)
		if err != nil && !errors.Is(err, Invalid) {
			return zero, err
		}
		found = matching(page.Items)
	}
	if len(found) == 0 {
		all, err := list(ctx)
		if err != nil {
			return zero, err
		}
		found = matching(all)
	}
	if len(found) == 1 {
		return found[0], nil
	}
	e := c.newError(k, NotFound, nil)
	e.Message = "there is none of the name " + name
	if len(found) > 1 {
		e.Kind = Conflict
		e.Message = "several have the name " + name + "; rename one in Freshservice"
	}
	e.Message = c.clean(e.Message)
	return zero, e
}
