package freshservice

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// FieldTypeStatus is the form field whose choices are the account's ticket states.
const FieldTypeStatus = "default_status"

// TicketField is one field of the ticket form.
type TicketField struct {
	ID                 int64   `json:"id"`
	WorkspaceID        int64   `json:"workspace_id"`
	Name               string  `json:"name"`
	Label              string  `json:"label"`
	Type               string  `json:"field_type"`
	Default            bool    `json:"default_field"`
	RequiredForClosure bool    `json:"required_for_closure"` // must be filled before status 4 or 5
	RequiredForAgents  bool    `json:"required_for_agents"`
	Choices            Choices `json:"choices"`
}

// TicketFields reads the ticket form, custom fields included.
func (c *Client) TicketFields(ctx context.Context) ([]TicketField, error) {
	k := get("list ticket fields", "/ticket_form_fields").withInt("workspace_id", c.workspace)
	return fetchAll[TicketField](ctx, c, k, 0, "ticket_fields", "ticket_form_fields")
}

// StatusNames maps each ticket state of the account to its label.
func StatusNames(fields []TicketField) map[int]string {
	names := map[int]string{}
	for _, f := range fields {
		if f.Type != FieldTypeStatus {
			continue
		}
		for _, choice := range f.Choices {
			if id, err := strconv.Atoi(choice.ID); err == nil {
				names[id] = choice.Value
			}
		}
	}
	return names
}

// RequiredForClosure names the fields that the desk demands before a ticket can be resolved or closed.
func RequiredForClosure(fields []TicketField) []string {
	var names []string
	for _, f := range fields {
		if f.RequiredForClosure {
			names = append(names, f.Name)
		}
	}
	return names
}

// Choice is one option of a dropdown.
type Choice struct {
	ID     string // a number or a uuid in text, "" where the vendor gives none
	Value  string // the label, which is also what the vendor takes back (reference §5.1)
	Nested Choices
}

// Choices are the options of a dropdown. The vendor writes them as objects, as plain strings, as pairs of text and id,
// or as an object from id to label (reference §4.11, §5.1).
type Choices []Choice

// UnmarshalJSON reads every one of those shapes.
func (cs *Choices) UnmarshalJSON(raw []byte) error {
	*cs = nil
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || raw[0] != '[' && raw[0] != '{' {
		return nil // null, "" and false all mean none
	}
	if raw[0] == '{' {
		var byID map[string]json.RawMessage
		if err := json.Unmarshal(raw, &byID); err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(byID)) {
			*cs = append(*cs, Choice{ID: id, Value: label(byID[id])})
		}
		return nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	for _, one := range list {
		choice, err := readChoice(bytes.TrimSpace(one))
		if err != nil {
			return err
		}
		*cs = append(*cs, choice)
	}
	return nil
}

func readChoice(raw []byte) (Choice, error) {
	switch raw[0] {
	case '[':
		var pair []json.RawMessage
		if err := json.Unmarshal(raw, &pair); err != nil || len(pair) == 0 {
			return Choice{}, err
		}
		choice := Choice{Value: scalarText(pair[0])}
		if len(pair) > 1 {
			choice.ID = scalarText(pair[1])
		}
		return choice, nil
	case '{':
		var o struct {
			ID            json.RawMessage `json:"id"`
			Value         json.RawMessage `json:"value"`
			Name          json.RawMessage `json:"name"`
			NestedOptions Choices         `json:"nested_options"`
			Choices       Choices         `json:"choices"`
		}
		if err := json.Unmarshal(raw, &o); err != nil {
			return Choice{}, err
		}
		return Choice{
			ID:     scalarText(o.ID),
			Value:  firstText(scalarText(o.Value), scalarText(o.Name)),
			Nested: slices.Concat(o.NestedOptions, o.Choices),
		}, nil
	}
	return Choice{Value: scalarText(raw)}, nil
}

// label reads a label that is a string or a list with the agents' label first.
func label(raw json.RawMessage) string {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil && len(list) > 0 {
		return scalarText(list[0])
	}
	return scalarText(raw)
}

// scalarText gives a string, number or flag as text; "" for null, lists and objects.
func scalarText(raw json.RawMessage) string {
	raw = bytes.TrimSpace(raw)
	if len(raw) == 0 || string(raw) == "null" || raw[0] == '[' || raw[0] == '{' {
		return ""
	}
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
