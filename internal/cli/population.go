package cli

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"latchkey/activities"
	"latchkey/casework"
	"latchkey/clients/okta"
	"latchkey/identity"
	"latchkey/internal/config"
)

// population reads people one after the other, and gives those whose account is active to each. It stops at each's error.
type population func(ctx context.Context, each func(identity.Person) error) error

// active says whether an account is one that its owner works with. A person without a status is taken to have one.
func active(s okta.UserStatus) bool {
	switch s {
	case okta.Active, okta.PasswordExpired, okta.LockedOut, okta.Recovery, "":
		return true
	case okta.Staged, okta.Provisioned, okta.Suspended, okta.Deprovisioned:
	}
	return false
}

// everybody reads the people of an Okta org by pages. It leaves half of the rate budget to the workers, and waits where
// Okta says so; words go to say.
func everybody(settings config.Okta, say io.Writer, now func() time.Time) population {
	return func(ctx context.Context, each func(identity.Person) error) error {
		const leave = 0.5
		gate := activities.NewOktaGate(activities.GateOptions{Reserves: activities.Reserves{casework.PriorityPeople: leave}, Now: now})
		c := settings.Client()
		c.Admit, c.OnRate, c.OnLost, c.Now = gate.Admit, gate.OnRate, gate.OnLost, now
		client, err := okta.New(c)
		if err != nil {
			return err
		}
		expression := make([]string, 0, 4)
		for _, s := range []okta.UserStatus{okta.Active, okta.PasswordExpired, okta.LockedOut, okta.Recovery} {
			expression = append(expression, okta.Eq("status", string(s)))
		}
		ask := func(after string) (okta.Page[okta.User], error) {
			return patiently(ctx, say, now, func() (okta.Page[okta.User], error) {
				return client.SearchUsers(ctx, okta.UserSearch{Expression: strings.Join(expression, " or "), After: after})
			})
		}
		for user, err := range okta.Pages(ask) {
			if err != nil {
				return err
			}
			if !active(user.Status) { // changed since the search index was written
				continue
			}
			if err := each(activities.PersonOf(user)); err != nil {
				return err
			}
		}
		return nil
	}
}

// patiently makes a read again when its rate budget is there again, and a few times where Okta cannot answer.
func patiently[T any](ctx context.Context, say io.Writer, now func() time.Time, call func() (T, error)) (T, error) {
	const mostWaits, mostOutages, unknown, outage, margin = 20, 3, 30 * time.Second, 5 * time.Second, time.Second
	for waits, outages := 0, 0; ; {
		answer, err := call()
		refused, is := errors.AsType[*okta.Error](err)
		wait := unknown
		switch {
		case is && refused.Kind == okta.RateLimited && waits < mostWaits:
			waits++
			if !refused.ResetAt.IsZero() {
				wait = max(refused.ResetAt.Sub(now()), 0) + margin
			}
			fmt.Fprintf(say, "Okta's rate budget is used up; going on in %s\n", wait.Round(time.Second))
		case is && refused.Kind == okta.Unavailable && outages < mostOutages:
			outages++
			wait = outage
			fmt.Fprintf(say, "Okta cannot answer at the moment; trying again in %s\n", wait)
		default:
			return answer, err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return answer, ctx.Err()
		case <-timer.C:
		}
	}
}

// peopleIn reads people from a file: CSV where its name ends so, else JSON, one object after the other.
func peopleIn(name string) population {
	return func(ctx context.Context, each func(identity.Person) error) error {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		defer file.Close()
		read := jsonPeople
		if strings.EqualFold(filepath.Ext(name), ".csv") {
			read = csvPeople
		}
		n := 0
		err = read(file, func(u okta.User) error {
			n++
			if err := ctx.Err(); err != nil {
				return err
			}
			if u.Login() == "" && u.Email() == "" {
				return fmt.Errorf("person %d has neither login nor email", n)
			}
			if !active(u.Status) {
				return nil
			}
			return each(activities.PersonOf(u))
		})
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
}

// jsonPeople reads accounts as Okta's API writes them ({"id":…,"status":…,"profile":{…}}), or flat objects of attributes.
func jsonPeople(r io.Reader, each func(okta.User) error) error {
	d := json.NewDecoder(r)
	for n := 1; ; n++ {
		var one map[string]any
		switch err := d.Decode(&one); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("object %d: %w", n, err)
		}
		if profile, is := one["profile"].(map[string]any); is {
			profile["id"], profile["status"] = one["id"], one["status"]
			one = profile
		}
		if err := each(accountOf(one)); err != nil {
			return err
		}
	}
}

// csvPeople reads a table with a header of attributes.
func csvPeople(r io.Reader, each func(okta.User) error) error {
	table := csv.NewReader(r)
	header, err := table.Read()
	if err != nil {
		return fmt.Errorf("header: %w", err)
	}
	for {
		row, err := table.Read()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		one := map[string]any{}
		for i, cell := range row {
			if cell != "" {
				one[strings.TrimPrefix(header[i], "\ufeff")] = cell // spreadsheets begin a file with a mark
			}
		}
		if err := each(accountOf(one)); err != nil {
			return err
		}
	}
}

// accountOf is an account from a flat list of attributes. Beside Okta's names it knows those that policy uses for a
// person.
func accountOf(attributes map[string]any) okta.User {
	names := map[string]string{
		"first_name": "firstName", "last_name": "lastName", "location": "city", "employee_number": "employeeNumber",
		"manager_email": "managerEmail", "time_zone": "timezone", "second_email": "secondEmail", "user_type": "userType",
		"okta_user_id": "id",
	}
	u := okta.User{Profile: map[string]any{}}
	for name, v := range attributes {
		if known, is := names[name]; is {
			name = known
		}
		text, isText := v.(string)
		switch {
		case v == nil:
		case name == "id" && isText:
			u.ID = text
		case name == "status" && isText:
			u.Status = okta.UserStatus(strings.ToUpper(text))
		default:
			u.Profile[name] = v
		}
	}
	if u.Login() == "" && u.Email() != "" {
		u.Profile["login"] = u.Email()
	}
	return u
}
