package activities

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/contract"
	"latchkey/policy"
)

// SyncWriteDesk brings a person on the desk to some values, and makes the person where policy wants it. The mode and a
// freeze are asked right before; what is so already is not written. Departments, locations and managers have to exist.
func (d *Desk) SyncWriteDesk(ctx context.Context, in contract.SyncWriteDeskInput) (contract.SyncWriteDeskResult, error) {
	result, err := d.syncWrite(ctx, in)
	return result, d.failed(ctx, "writing a profile on the desk", err)
}

func (d *Desk) syncWrite(ctx context.Context, in contract.SyncWriteDeskInput) (contract.SyncWriteDeskResult, error) {
	if why := d.syncHeld(ctx); why != "" {
		return contract.SyncWriteDeskResult{Outcome: contract.OutcomeHeld, Detail: why, DeskID: in.DeskID}, nil
	}
	w := deskWriter{desk: d, reader: deskReader{desk: d, policy: d.Policy.Current().Sync(), boss: map[int64]string{}}, left: map[string]string{}}
	person, there, err := w.person(ctx, in)
	if err != nil {
		return contract.SyncWriteDeskResult{}, err
	}
	if !there && in.DeskID != 0 {
		return contract.SyncWriteDeskResult{Outcome: contract.OutcomeGone, Detail: "the person is not on the desk any more"}, nil
	}
	now := map[string]string{}
	if there {
		one, err := w.reader.profile(ctx, person)
		if err != nil {
			return contract.SyncWriteDeskResult{}, err
		}
		now = one.Values
	}
	if err := w.fill(ctx, in.Values, now, person); err != nil {
		return contract.SyncWriteDeskResult{}, err
	}
	result := contract.SyncWriteDeskResult{Outcome: contract.OutcomeAlready, Detail: "the desk says so", DeskID: person.ID, Left: w.left}
	switch {
	case !there:
		w.input.Email = &in.Email
		person, err = d.Client.CreateRequester(ctx, w.input)
		if errors.Is(err, freshservice.Conflict) {
			return result, problemf(casework.Ambiguous, "somebody on the desk has the address by now; it is read again")
		}
	case w.count == 0:
		return result, nil
	case person.IsAgent:
		_, err = d.Client.UpdateAgent(ctx, person.ID, w.input)
	default:
		_, err = d.Client.UpdateRequester(ctx, person.ID, w.input)
	}
	if err != nil {
		return result, err
	}
	result.Outcome, result.Detail, result.DeskID = contract.OutcomeDone, "", person.ID
	return result, nil
}

// syncHeld says why nothing may be written on the desk now; empty when it may.
func (d *Desk) syncHeld(ctx context.Context) string {
	if mode := d.Policy.Current().Mode(casework.ProfileSync); mode != casework.ModeAct {
		return "policy sets the sync to " + string(mode) + "; only act writes"
	}
	controls, err := d.Cluster.Controls(ctx)
	if err != nil {
		return "whether writes are frozen could not be asked, so nothing is written; it is asked again"
	}
	if f, frozen := controls.FrozenFor(casework.ProfileSync); frozen {
		return f.By.By + " froze writes: " + f.By.Reason
	}
	return ""
}

type deskWriter struct {
	desk   *Desk
	reader deskReader
	input  freshservice.PersonInput
	count  int
	left   map[string]string
}

// person reads who is to be written. A person to be made may be there by now: an answer was lost.
func (w *deskWriter) person(ctx context.Context, in contract.SyncWriteDeskInput) (freshservice.Person, bool, error) {
	switch {
	case in.DeskID == 0:
		return w.desk.personByEmail(ctx, in.Email)
	case in.Agent:
		p, err := w.desk.Client.GetAgent(ctx, in.DeskID)
		if !isMissing(err) {
			return p, err == nil, err
		}
	}
	return w.desk.personByID(ctx, in.DeskID)
}

// fill puts in what differs. What the desk cannot take is left, and said.
func (w *deskWriter) fill(ctx context.Context, values, now map[string]string, person freshservice.Person) error {
	for _, field := range slices.Sorted(maps.Keys(values)) {
		a := casework.SyncAttribute{Desk: field, Compare: policy.SyncDeskFields()[field]}
		if a.Same(values[field], now[field]) {
			continue
		}
		why, err := w.set(ctx, field, values[field], person)
		switch {
		case err != nil:
			return err
		case why != "":
			w.left[field] = why
		default:
			w.count++
		}
	}
	return nil
}

func (w *deskWriter) set(ctx context.Context, field, value string, person freshservice.Person) (why string, err error) {
	if custom, is := strings.CutPrefix(field, policy.SyncCustom); is {
		if w.input.CustomFields == nil {
			w.input.CustomFields = freshservice.Fields{}
		}
		w.input.CustomFields[custom] = value
		return "", nil
	}
	switch field {
	case "first_name":
		w.input.FirstName = &value
	case "last_name":
		w.input.LastName = &value
	case "job_title":
		w.input.JobTitle = &value
	case "work_phone_number":
		w.input.WorkPhone = &value
	case "mobile_phone_number":
		w.input.MobilePhone = &value
	case "language":
		w.input.Language = &value
	case "address":
		w.input.Address = &value
	case "time_zone":
		zone, ok := freshservice.RailsZone(value)
		if !ok {
			return "the desk knows no time zone " + value, nil
		}
		w.input.TimeZone = &zone
	case "department":
		return w.setDepartment(ctx, value, person)
	case "location":
		return w.setLocation(ctx, value)
	case "reporting_manager":
		return w.setManager(ctx, value)
	default:
		return "it is no field of a person on the desk", nil
	}
	return "", nil
}

// setDepartment puts a department in the place of the first, which is the one the desk shows; others stay.
func (w *deskWriter) setDepartment(ctx context.Context, name string, person freshservice.Person) (string, error) {
	var ids []int64
	if name != "" {
		found, err := w.desk.Client.FindDepartmentByName(ctx, name)
		if isRefused(err) {
			return "the desk has no department, or several, of the name " + name + ": make it, or rename one", nil
		}
		if err != nil {
			return "", err
		}
		w.desk.known.departments.forget() // it may be newer than the list that is remembered
		ids = append(ids, found.ID)
	}
	for i, id := range person.DepartmentIDs {
		if i > 0 && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	w.input.DepartmentIDs = &ids
	return "", nil
}

func (w *deskWriter) setLocation(ctx context.Context, name string) (string, error) {
	var id int64
	if name != "" {
		found, err := w.desk.Client.FindLocationByName(ctx, name)
		if isRefused(err) {
			return "the desk has no location, or several, of the name " + name + ": make it, or rename one", nil
		}
		if err != nil {
			return "", err
		}
		w.desk.known.locations.forget()
		id = found.ID
	}
	w.input.LocationID = &id
	return "", nil
}

func (w *deskWriter) setManager(ctx context.Context, address string) (string, error) {
	var id int64
	if address != "" {
		boss, there, err := w.desk.personByEmail(ctx, address)
		if err != nil && kindOf(err).Retried() {
			return "", err
		}
		if err != nil || !there || !boss.Active {
			return "nobody active on the desk has the manager's address", nil //nolint:nilerr // several people with one address are said so
		}
		id = boss.ID
	}
	w.input.ReportingManagerID = &id
	return "", nil
}
