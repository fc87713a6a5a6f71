package okta

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// Schema is the attributes that a profile of the default user type may hold.
type Schema struct {
	Attributes map[string]Attribute // by variable name
}

// Names lists the attributes' names, sorted.
func (s Schema) Names() []string { return slices.Sorted(maps.Keys(s.Attributes)) }

// Attribute is one attribute of the schema.
type Attribute struct {
	Title     string `json:"title"`
	Type      string `json:"type"` // "string", "boolean", "number", "integer", "array"
	Required  bool   `json:"required"`
	Enum      []any  `json:"enum"`
	MinLength int    `json:"minLength"` // 0: none
	MaxLength int    `json:"maxLength"` // 0: none
	// Unique is "UNIQUE_VALIDATED" or "PENDING_UNIQUENESS" where no two people may have one value.
	Unique string `json:"unique"`
	Custom bool   `json:"-"` // the org added it
	// Mastered is "PROFILE_MASTER", "OKTA" or "OVERRIDE": who sets the value.
	Mastered string `json:"-"`
}

// UnmarshalJSON reads Okta's form.
func (a *Attribute) UnmarshalJSON(data []byte) error {
	type plain Attribute
	wire := struct {
		*plain
		Master struct {
			Type string `json:"type"`
		} `json:"master"`
	}{plain: (*plain)(a)}
	if err := json.Unmarshal(data, &wire); err != nil {
		return err
	}
	a.Mastered = wire.Master.Type
	return nil
}

// GetUserSchema reads the schema of the default user type.
func (c *Client) GetUserSchema(ctx context.Context) (Schema, error) {
	type part struct {
		Properties map[string]Attribute `json:"properties"`
		Required   []string             `json:"required"`
	}
	var wire struct {
		Definitions struct {
			Base   part `json:"base"`
			Custom part `json:"custom"`
		} `json:"definitions"`
	}
	if err := c.exchange(ctx, newCall("GetUserSchema", http.MethodGet, "/api/v1/meta/schemas/user/default"), nil, &wire); err != nil {
		return Schema{}, err
	}
	schema := Schema{Attributes: map[string]Attribute{}}
	add := func(p part, custom bool) {
		for name, a := range p.Properties {
			a.Custom = custom
			a.Required = a.Required || slices.Contains(p.Required, name)
			schema.Attributes[name] = a
		}
	}
	add(wire.Definitions.Base, false)
	add(wire.Definitions.Custom, true)
	return schema, nil
}
