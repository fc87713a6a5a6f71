package activities

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// SyncFindDesk says which address a requester or an agent has.
func (d *Desk) SyncFindDesk(ctx context.Context, in contract.SyncFindInput) (contract.SyncFindDeskResult, error) {
	person, _, err := d.personByID(ctx, in.DeskID)
	return contract.SyncFindDeskResult{Email: person.Email}, d.failed(ctx, "looking who changed on the desk", err)
}

// SyncReadDesk reads the desk's side of one person, or of everybody, into the blob store. Everybody costs a call for a
// hundred people, one person two or three.
func (d *Desk) SyncReadDesk(ctx context.Context, in contract.SyncReadDeskInput) (contract.SyncReadDeskResult, error) {
	mode := d.Policy.Current().Mode(casework.ProfileSync)
	if in.Unless && mode == casework.ModeOff {
		return contract.SyncReadDeskResult{Mode: mode}, nil
	}
	side, err := d.readSide(ctx, in)
	if err == nil {
		err = writeBlob(ctx, d.Blobs, in.Key, side)
	}
	return contract.SyncReadDeskResult{People: len(side.People), Mode: mode}, d.failed(ctx, "reading people on the desk", err)
}

func (d *Desk) readSide(ctx context.Context, in contract.SyncReadDeskInput) (deskSide, error) {
	r := deskReader{desk: d, policy: d.Policy.Current().Sync()}
	number := numberField(r.policy)
	for _, way := range r.policy.Match {
		if in.Email == "" || way != policy.SyncByEmail {
			continue
		}
		found, err := d.Client.FindPeopleByEmail(ctx, in.Email)
		if err != nil || len(found) > 0 {
			if err != nil {
				return deskSide{}, err
			}
			return r.side(ctx, found)
		}
	}
	byNumber := false
	for _, way := range r.policy.Match {
		byNumber = byNumber || way == policy.SyncByEmployeeNumber && in.EmployeeNumber != ""
	}
	if in.Email != "" && !byNumber {
		return deskSide{}, nil
	}
	everybody, err := d.everybody(ctx)
	if err != nil {
		return deskSide{}, err
	}
	if in.Email == "" {
		return r.side(ctx, everybody)
	}
	// The desk cannot be asked for a custom field of requesters and agents at once, so everybody is read and one kept.
	var one []freshservice.Person
	custom := strings.TrimPrefix(number, policy.SyncCustom)
	for _, p := range everybody {
		if strings.EqualFold(customText(p, custom), in.EmployeeNumber) {
			one = append(one, p)
		}
	}
	return r.side(ctx, one)
}

// everybody reads all requesters and agents, page by page. A key that may not see agents sees the requesters.
func (d *Desk) everybody(ctx context.Context) ([]freshservice.Person, error) {
	var all []freshservice.Person
	met := map[int64]bool{}
	for _, list := range []func(freshservice.PageRequest) (freshservice.Page[freshservice.Person], error){
		func(p freshservice.PageRequest) (freshservice.Page[freshservice.Person], error) {
			return d.Client.ListAgents(ctx, freshservice.AgentList{PageRequest: p})
		},
		func(p freshservice.PageRequest) (freshservice.Page[freshservice.Person], error) {
			return d.Client.ListRequesters(ctx, freshservice.RequesterList{PageRequest: p})
		},
	} {
		for page := 1; ; page++ {
			got, err := list(freshservice.PageRequest{Page: page, PerPage: listPage})
			if errors.Is(err, freshservice.Denied) && len(all) == 0 && page == 1 {
				break
			}
			if err != nil {
				return nil, err
			}
			for _, p := range got.Items {
				if !met[p.ID] {
					met[p.ID] = true
					all = append(all, p)
				}
			}
			if err := beat(ctx, len(all)); err != nil {
				return nil, err
			}
			if !got.HasNext {
				break
			}
		}
	}
	return all, nil
}

// deskReader turns people of the desk into what sync.yaml maps.
type deskReader struct {
	desk   *Desk
	policy policy.SyncPolicy
	boss   map[int64]string // address by ID
}

func (r *deskReader) side(ctx context.Context, people []freshservice.Person) (deskSide, error) {
	r.boss = map[int64]string{}
	for _, p := range people {
		r.boss[p.ID] = p.Email
	}
	side := deskSide{People: make([]deskProfile, 0, len(people))}
	for _, p := range people {
		one, err := r.profile(ctx, p)
		if err != nil {
			return deskSide{}, err
		}
		side.People = append(side.People, one)
	}
	return side, nil
}

func (r *deskReader) profile(ctx context.Context, p freshservice.Person) (deskProfile, error) {
	one := deskProfile{ID: p.ID, Agent: p.IsAgent, Active: p.Active, Values: map[string]string{}}
	for _, e := range append([]string{p.Email}, p.SecondaryEmails...) {
		if e != "" {
			one.Emails = append(one.Emails, e)
		}
	}
	for _, a := range r.policy.Attributes {
		value, err := r.value(ctx, p, a.Desk)
		if err != nil {
			return one, err
		}
		if value != "" {
			one.Values[a.Desk] = value
		}
	}
	return one, nil
}

// value is one field of a person on the desk, as people read it: names and addresses rather than IDs.
func (r *deskReader) value(ctx context.Context, p freshservice.Person, field string) (string, error) {
	if custom, is := strings.CutPrefix(field, policy.SyncCustom); is {
		return customText(p, custom), nil
	}
	switch field {
	case "first_name":
		return p.FirstName, nil
	case "last_name":
		return p.LastName, nil
	case "job_title":
		return p.JobTitle, nil
	case "work_phone_number":
		return p.WorkPhone, nil
	case "mobile_phone_number":
		return p.MobilePhone, nil
	case "language":
		return p.Language, nil
	case "address":
		return p.Address, nil
	case "time_zone":
		if zone, ok := p.IANA(); ok {
			return zone, nil
		}
		return p.TimeZone, nil
	case "department":
		department, _, err := r.desk.departmentOf(ctx, p)
		return department.Name, err
	case "location":
		if p.LocationName != "" || p.LocationID == 0 {
			return p.LocationName, nil
		}
		names, err := r.desk.locationNames(ctx)
		return names[p.LocationID], err
	case "reporting_manager":
		if p.ReportingManagerID == 0 {
			return "", nil
		}
		if known, ok := r.boss[p.ReportingManagerID]; ok {
			return known, nil
		}
		boss, _, err := r.desk.personByID(ctx, p.ReportingManagerID)
		r.boss[p.ReportingManagerID] = boss.Email
		return boss.Email, err
	}
	return "", problemf(casework.Invalid, "sync.yaml maps %q, which is no field of a person on the desk", field)
}

func customText(p freshservice.Person, name string) string {
	switch v := p.CustomFields[name].(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	default:
		return fmt.Sprint(v)
	}
}
