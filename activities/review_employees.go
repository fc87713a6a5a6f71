package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gocloud.dev/blob"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
	"latchkey/review"
)

// employeePages is how many pages of the desk one activity reads before it returns.
const employeePages = 40

// employee is one line of the list of employees.
type employee struct {
	ID         int64    `json:"id,omitempty"` // on the desk
	Emails     []string `json:"emails,omitempty"`
	Number     string   `json:"number,omitempty"`
	Active     bool     `json:"active,omitempty"`
	ManagerID  int64    `json:"manager_id,omitempty"` // on the desk
	Manager    string   `json:"manager,omitempty"`    // address, of an export
	Department string   `json:"department,omitempty"`
}

// The lists of the desk, in the order in which they are read.
const (
	employeeAgents     = "agents"
	employeeRequesters = "requesters"
	employeeHeads      = "heads"
)

// employeesPlace is how far the list of employees is read, as snapPlace is for Okta.
type employeesPlace struct {
	Campaign string     `json:"campaign"`
	List     string     `json:"list"`
	Page     int        `json:"page"`
	Parts    []snapPart `json:"parts"`
	People   int        `json:"people"`
	Active   int        `json:"active"`
	Partial  []string   `json:"partial,omitempty"`
}

// employeesContent is the list of employees. Its digest does not know when it was read.
type employeesContent struct {
	Source  policy.ReviewSource `json:"source"`
	Parts   []snapPart          `json:"parts"`
	People  int                 `json:"people"`
	Active  int                 `json:"active"`
	Partial []string            `json:"partial,omitempty"`
	Heads   map[string]int64    `json:"heads,omitempty"` // head of a department on the desk, by its name in lower case
}

type employeesManifest struct {
	Content employeesContent `json:"content"`
	Digest  string           `json:"digest"`
	ReadAt  time.Time        `json:"read_at"`
}

func employeesKey(campaign string) string {
	return review.SnapshotFolder(campaign) + "employees.json"
}

func employeesPlaceKey(campaign string) string {
	return review.SnapshotFolder(campaign) + "employees-place.json"
}

func (m employeesManifest) ref(campaign string) contract.EmployeesRef {
	c := m.Content
	return contract.EmployeesRef{
		Key: employeesKey(campaign), Digest: m.Digest, Source: string(c.Source), People: c.People, Active: c.Active,
		ReadAt: m.ReadAt, Partial: c.Partial, Done: true,
	}
}

// ReviewEmployees reads who is employed: the agents and requesters of the desk, at a call for a hundred, or the export of
// an HR system that policy names. It returns after employeePages pages or at the end (Done); how far it is lies in the
// blob store. A source without a single active employee is refused: it would make an orphan of everybody.
func (d *Desk) ReviewEmployees(ctx context.Context, in contract.ReviewEmployeesInput) (contract.EmployeesRef, error) {
	if err := review.CheckCampaign(in.Campaign); err != nil {
		return contract.EmployeesRef{}, d.failed(ctx, "reading who is employed", problemf(casework.Invalid, "%v", err))
	}
	ref, err := d.reviewEmployees(ctx, in.Campaign)
	return ref, d.failed(ctx, "reading who is employed, for the review "+in.Campaign, err)
}

func (d *Desk) reviewEmployees(ctx context.Context, campaign string) (contract.EmployeesRef, error) {
	var done employeesManifest
	if there, err := readBlob(ctx, d.Blobs, employeesKey(campaign), &done); err != nil || there {
		return done.ref(campaign), err
	}
	p := d.Policy.Current()
	r := employeesReader{desk: d, policy: p, settings: p.Review().Employees, place: employeesPlace{Campaign: campaign, List: employeeAgents, Page: 1}}
	if _, err := readBlob(ctx, d.Blobs, employeesPlaceKey(campaign), &r.place); err != nil {
		return contract.EmployeesRef{}, err
	}
	if r.settings.Source == policy.ReviewFromCSV {
		if err := r.export(ctx); err != nil {
			return contract.EmployeesRef{}, err
		}
		r.place.List = employeeHeads
	}
	for pages := 0; r.place.List != employeeHeads; pages++ {
		if pages == employeePages {
			return contract.EmployeesRef{Source: string(r.settings.Source), People: r.place.People, Active: r.place.Active, Partial: r.place.Partial}, nil
		}
		if err := r.page(ctx); err != nil {
			return contract.EmployeesRef{}, err
		}
		if err := writeBlob(ctx, d.Blobs, employeesPlaceKey(campaign), r.place); err != nil {
			return contract.EmployeesRef{}, err
		}
		if err := beat(ctx, r.place.People); err != nil {
			return contract.EmployeesRef{}, err
		}
	}
	return r.finish(ctx)
}

// employeesReader is one attempt.
type employeesReader struct {
	desk     *Desk
	policy   *policy.Policy
	settings policy.ReviewEmployees
	place    employeesPlace
	names    map[int64]string // departments by ID
}

// page reads one page of the desk.
func (r *employeesReader) page(ctx context.Context) error {
	p := &r.place
	ask := freshservice.PageRequest{Page: p.Page, PerPage: listPage}
	var page freshservice.Page[freshservice.Person]
	var err error
	if p.List == employeeAgents {
		page, err = r.desk.Client.ListAgents(ctx, freshservice.AgentList{PageRequest: ask})
		if errors.Is(err, freshservice.Denied) && p.Page == 1 {
			p.Partial = append(p.Partial, "the agents of the desk could not be read: Freshservice refuses them to Latchkey's key")
			page, err = freshservice.Page[freshservice.Person]{}, nil
		}
	} else {
		page, err = r.desk.Client.ListRequesters(ctx, freshservice.RequesterList{PageRequest: ask})
	}
	if err != nil {
		return err
	}
	lines := make([]employee, 0, len(page.Items))
	for _, one := range page.Items {
		line, err := r.line(ctx, one)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	if err := r.add(ctx, lines); err != nil {
		return err
	}
	switch {
	case page.HasNext:
		p.Page++
	case p.List == employeeAgents:
		p.List, p.Page = employeeRequesters, 1
	default:
		p.List, p.Page = employeeHeads, 1
	}
	return nil
}

func (r *employeesReader) line(ctx context.Context, p freshservice.Person) (employee, error) {
	line := employee{ID: p.ID, Active: p.Active, ManagerID: p.ReportingManagerID, Number: p.ExternalID}
	if r.settings.Number != "" {
		line.Number = customText(p, strings.TrimPrefix(r.settings.Number, policy.SyncCustom))
	}
	for _, e := range append([]string{p.Email}, p.SecondaryEmails...) {
		if e != "" {
			line.Emails = append(line.Emails, strings.ToLower(e))
		}
	}
	switch {
	case len(p.DepartmentNames) > 0:
		line.Department = p.DepartmentNames[0]
	case len(p.DepartmentIDs) > 0 && r.policy.ReviewUsesHeads():
		if err := r.readDepartments(ctx); err != nil {
			return line, err
		}
		line.Department = r.names[p.DepartmentIDs[0]]
	}
	return line, nil
}

func (r *employeesReader) readDepartments(ctx context.Context) error {
	if r.names != nil {
		return nil
	}
	list, err := r.desk.departmentList(ctx)
	if err != nil {
		return err
	}
	r.names = map[int64]string{}
	for _, d := range list {
		r.names[d.ID] = d.Name
	}
	return nil
}

// add keeps a part of the list.
func (r *employeesReader) add(ctx context.Context, lines []employee) error {
	p := &r.place
	packed, digest, err := packLines(lines)
	if err != nil {
		return err
	}
	key := fmt.Sprintf("%sparts/employees/%05d-%s.gz", review.SnapshotFolder(p.Campaign), len(p.Parts), digest[:16])
	if err := r.desk.Blobs.WriteAll(ctx, key, packed, &blob.WriterOptions{ContentType: "application/gzip"}); err != nil {
		return fmt.Errorf("write %s: %w", key, err)
	}
	p.Parts = append(p.Parts, snapPart{Key: key, Digest: digest, Lines: len(lines)})
	p.People += len(lines)
	for _, e := range lines {
		if e.Active {
			p.Active++
		}
	}
	return nil
}

// finish reads the departments' heads, where policy may ask them, and writes the manifest.
func (r *employeesReader) finish(ctx context.Context) (contract.EmployeesRef, error) {
	p := r.place
	if p.Active == 0 {
		return contract.EmployeesRef{}, problemf(casework.Invalid,
			"there is not one active employee in %s, so every account would be an orphan: look at employees in review.yaml, and at what Latchkey may read there", sourceWords(r.settings))
	}
	m := employeesManifest{ReadAt: r.desk.now(), Content: employeesContent{
		Source: r.settings.Source, Parts: p.Parts, People: p.People, Active: p.Active, Partial: p.Partial, Heads: map[string]int64{},
	}}
	if r.policy.ReviewUsesHeads() {
		departments, err := r.desk.departmentList(ctx)
		if err != nil {
			return contract.EmployeesRef{}, err
		}
		for _, d := range departments {
			if d.HeadUserID != 0 {
				m.Content.Heads[strings.ToLower(strings.TrimSpace(d.Name))] = d.HeadUserID
			}
		}
	}
	var err error
	if m.Digest, err = contentDigest(m.Content); err != nil {
		return contract.EmployeesRef{}, err
	}
	return m.ref(p.Campaign), writeBlob(ctx, r.desk.Blobs, employeesKey(p.Campaign), m)
}

func sourceWords(e policy.ReviewEmployees) string {
	switch {
	case e.Source == policy.ReviewFromDesk:
		return "Freshservice"
	case e.Blob != "":
		return "the export " + e.Blob
	default:
		return "the employees' export"
	}
}
