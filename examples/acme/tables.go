package acme

import (
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// row is one line of a table, by column name.
type row map[string]string

// list splits a cell that holds several values, separated by semicolons.
func (r row) list(column string) []string {
	cell := r[column]
	if cell == "" {
		return nil
	}
	return strings.Split(cell, ";")
}

// readTable reads a CSV file whose first line must be exactly the given columns.
func readTable(path string, columns ...string) ([]row, error) {
	file, err := files.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	records, err := csv.NewReader(file).ReadAll()
	if err := errors.Join(err, file.Close()); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(records) == 0 || !slices.Equal(records[0], columns) {
		return nil, fmt.Errorf("read %s: the first line must be %q", path, strings.Join(columns, ","))
	}
	rows := make([]row, 0, len(records)-1)
	for _, record := range records[1:] {
		r := make(row, len(columns))
		for i, column := range columns {
			r[column] = record[i]
		}
		rows = append(rows, r)
	}
	return rows, nil
}

func loadDepartments(c *Company, path string) error {
	rows, err := readTable(path, "name", "head", "description")
	for _, r := range rows {
		c.Departments = append(c.Departments, Department{
			Name: r["name"], HeadEmail: r["head"], Description: r["description"],
		})
	}
	return err
}

func loadLocations(c *Company, path string) error {
	rows, err := readTable(path, "name", "city", "country", "time_zone", "desk_time_zone")
	for _, r := range rows {
		c.Locations = append(c.Locations, Location{
			Name: r["name"], City: r["city"], Country: r["country"],
			TimeZone: r["time_zone"], DeskTimeZone: r["desk_time_zone"],
		})
	}
	return err
}

func loadPeople(c *Company, path string) error {
	rows, err := readTable(path, "employee_number", "first_name", "last_name", "email", "login", "title", "department",
		"location", "manager", "user_type", "status", "mobile_phone", "desk_role", "groups", "apps", "admin_roles",
		"factors")
	for _, r := range rows {
		p := Person{
			EmployeeNumber: r["employee_number"],
			FirstName:      r["first_name"],
			LastName:       r["last_name"],
			Email:          r["email"],
			Login:          r["login"],
			Title:          r["title"],
			Department:     r["department"],
			Location:       r["location"],
			ManagerEmail:   r["manager"],
			MobilePhone:    r["mobile_phone"],
			UserType:       r["user_type"],
			Status:         r["status"],
			Agent:          r["desk_role"] != "",
			DeskRole:       r["desk_role"],
			Groups:         r.list("groups"),
			Apps:           r.list("apps"),
			AdminRoles:     r.list("admin_roles"),
			Factors:        r.list("factors"),
		}
		if p.Login == "" {
			p.Login = p.Email
		}
		if p.Status == "" {
			p.Status = "ACTIVE"
		}
		c.People = append(c.People, p)
	}
	return err
}
