package acme

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

//go:embed company
var files embed.FS

// Load reads the company from the files that are built in, fills in the defaults and checks it with
// [Company.Validate]. Every call returns a copy of its own.
func Load() (Company, error) {
	c := Company{Name: "Acme", Domain: "acme.example"}
	if err := errors.Join(
		loadDepartments(&c, "company/departments.csv"),
		loadLocations(&c, "company/locations.csv"),
		loadPeople(&c, "company/people.csv"),
		decodeFile("company/groups.json", &c.Groups),
		decodeFile("company/rules.json", &c.Rules),
		decodeFile("company/apps.json", &c.Apps),
		decodeFile("company/agent_groups.json", &c.AgentGroups),
		decodeFile("company/catalogue.json", &c.Items),
		loadForms(&c, "company/forms.json"),
	); err != nil {
		return Company{}, err
	}
	for i := range c.Groups {
		if c.Groups[i].Type == "" {
			c.Groups[i].Type = "OKTA_GROUP"
		}
	}
	if err := c.Validate(); err != nil {
		return Company{}, fmt.Errorf("the Acme company contradicts itself: %w", err)
	}
	return c, nil
}

// forms is the file of everything that the desk's own forms ask.
type forms struct {
	TicketFields []TicketField  `json:"ticket_fields"`
	Statuses     []TicketStatus `json:"statuses"`
	Onboarding   []ItemField    `json:"onboarding"`
	Offboarding  []ItemField    `json:"offboarding"`
}

func loadForms(c *Company, path string) error {
	var f forms
	if err := decodeFile(path, &f); err != nil {
		return err
	}
	c.Forms, c.Statuses, c.Onboarding, c.Offboarding = f.TicketFields, f.Statuses, f.Onboarding, f.Offboarding
	return nil
}

// decodeFile reads one JSON value strictly: an unknown key or anything after the value is an error.
func decodeFile(path string, into any) error {
	raw, err := files.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: something follows the end of the value; one file holds one value", path)
	}
	return nil
}
