package activities

import (
	"context"
	"encoding/json"
	"strings"

	"gocloud.dev/blob"

	"latchkey/identity"
	"latchkey/policy"
	"latchkey/review"
)

// account is as much of a person as has to be known of everybody at once: it is all that grows with the people. What
// grows with their grants is never held whole.
type account struct {
	id, name, email, login string
	department, title      string
	number                 string
	manager                string // as Okta names them: an address, a login or an ID
	status                 identity.UserStatus
	employee               int // index of employees; -1: nobody fits
}

// mayReview says whether the account can sign in and answer, and is not one of somebody who left.
func (p *people) mayReview(a *account) bool {
	switch a.status {
	case identity.StatusActive, identity.StatusPasswordExpired, identity.StatusLockedOut, identity.StatusRecovery, identity.StatusProvisioned:
	case identity.StatusStaged, identity.StatusSuspended, identity.StatusDeprovisioned:
		return false
	default:
		return false
	}
	return a.employee < 0 || p.employees[a.employee].Active
}

// people are all accounts of a snapshot and all employees, found in every way that policy knows.
type people struct {
	policy   *policy.Policy
	accounts []account
	byID     map[string]int
	byName   map[string]int // by login and e-mail address, in lower case; an address that two accounts share is a login first

	employees  []employee
	byEmail    map[string]int
	byNumber   map[string]int
	byDeskID   map[int64]int
	heads      map[string]int64
	peerGroups map[string]*peerSet // by department and title
}

func newPeople(p *policy.Policy) *people {
	return &people{
		policy: p, byID: map[string]int{}, byName: map[string]int{}, byEmail: map[string]int{}, byNumber: map[string]int{},
		byDeskID: map[int64]int{}, peerGroups: map[string]*peerSet{},
	}
}

// readEmployees takes in the list of employees. Of two that share an address or a number the active one counts.
func (p *people) readEmployees(ctx context.Context, bucket *blob.Bucket, m employeesManifest) error {
	p.heads = m.Content.Heads
	put := func(key string, into map[string]int, at int) {
		if key == "" {
			return
		}
		if before, taken := into[key]; !taken || !p.employees[before].Active {
			into[key] = at
		}
	}
	for _, part := range m.Content.Parts {
		for e, err := range readItems[employee](ctx, bucket, part.Key) {
			if err != nil {
				return err
			}
			at := len(p.employees)
			p.employees = append(p.employees, e)
			for _, email := range e.Emails {
				put(email, p.byEmail, at)
			}
			put(strings.ToLower(e.Number), p.byNumber, at)
			if e.ID != 0 {
				p.byDeskID[e.ID] = at
			}
		}
	}
	return nil
}

// readAccounts takes in the people of a snapshot, and hands each on once, with their line.
func (p *people) readAccounts(ctx context.Context, bucket *blob.Bucket, section snapSection, each func(id string, line []byte) error) error {
	for _, part := range section.Parts {
		for line, err := range readLines(ctx, bucket, part.Key) {
			if err != nil {
				return err
			}
			var u snapUser
			if err := json.Unmarshal(line, &u); err != nil {
				return err
			}
			if _, twice := p.byID[u.Person.OktaUserID]; twice {
				continue // the list moved while it was read
			}
			p.add(u.Person)
			if err := each(u.Person.OktaUserID, line); err != nil {
				return err
			}
		}
		if err := beat(ctx, "people"); err != nil {
			return err
		}
	}
	return nil
}

func (p *people) add(one identity.Person) {
	a := account{
		id: one.OktaUserID, name: one.DisplayName(), email: one.Email, login: one.Login, department: one.Department, title: one.Title,
		number: one.EmployeeNumber, status: one.Status, manager: one.ManagerEmail, employee: -1,
	}
	for _, name := range []string{"managerId", "manager"} { // plain strings without a check (okta-api.md §3.3)
		if v, ok := one.Attributes[name].(string); ok && a.manager == "" {
			a.manager = v
		}
	}
	a.employee = p.employeeOf(&a)
	at := len(p.accounts)
	p.accounts = append(p.accounts, a)
	p.byID[a.id] = at
	p.byName[strings.ToLower(a.login)] = at
	if _, taken := p.byName[strings.ToLower(a.email)]; !taken && a.email != "" {
		p.byName[strings.ToLower(a.email)] = at
	}
	if g := peerGroup(a.department, a.title); g != "" {
		if p.peerGroups[g] == nil {
			p.peerGroups[g] = &peerSet{index: int32(len(p.peerGroups))} //nolint:gosec // fewer than people
		}
		p.peerGroups[g].size++
	}
}

// peerSet is one group of peers.
type peerSet struct {
	index int32
	size  int
}

// peersOf are the peers of somebody, themself among them; nil where there are no others.
func (p *people) peersOf(one identity.Person) *peerSet {
	if set := p.peerGroups[peerGroup(one.Department, one.Title)]; set != nil && set.size > 1 {
		return set
	}
	return nil
}

// peerGroup names those who do the same work; empty where the profile does not say.
func peerGroup(department, title string) string {
	if department == "" || title == "" {
		return ""
	}
	return strings.ToLower(department) + keyCut + strings.ToLower(title)
}

// employeeOf looks for the employee behind an account, in the ways and the order of policy; an active one first.
func (p *people) employeeOf(a *account) int {
	found := -1
	for _, way := range p.policy.Review().Employees.Match {
		var keys []string
		from := p.byEmail
		if way == policy.SyncByEmployeeNumber {
			keys, from = []string{a.number}, p.byNumber
		} else {
			keys = []string{a.email, a.login}
		}
		for _, key := range keys {
			at, ok := from[strings.ToLower(key)]
			if !ok || key == "" {
				continue
			}
			if p.employees[at].Active {
				return at
			}
			if found < 0 {
				found = at
			}
		}
	}
	return found
}

// employed says whether an active employee fits the account.
func (p *people) employed(a *account) bool { return a.employee >= 0 && p.employees[a.employee].Active }

// named finds an account by an address, a login or an Okta ID.
func (p *people) named(name string) *account {
	if at, ok := p.byName[strings.ToLower(strings.TrimSpace(name))]; ok && name != "" {
		return &p.accounts[at]
	}
	if at, ok := p.byID[name]; ok {
		return &p.accounts[at]
	}
	return nil
}

// ofEmployee finds the account of somebody on the desk.
func (p *people) ofEmployee(deskID int64) *account {
	at, ok := p.byDeskID[deskID]
	if !ok {
		return nil
	}
	for _, email := range p.employees[at].Emails {
		if a := p.named(email); a != nil {
			return a
		}
	}
	return nil
}

// managerOf is the reporting manager: as the employees' list says, where it says one, else as the Okta profile does.
func (p *people) managerOf(a *account) *account {
	if a.employee >= 0 {
		e := p.employees[a.employee]
		if m := p.ofEmployee(e.ManagerID); m != nil && e.ManagerID != 0 {
			return m
		}
		if m := p.named(e.Manager); m != nil {
			return m
		}
	}
	return p.named(a.manager)
}

// headOf is the head of the person's department.
func (p *people) headOf(a *account) *account {
	names := []string{a.department}
	if a.employee >= 0 {
		names = append(names, p.employees[a.employee].Department)
	}
	for _, name := range names {
		if id := p.heads[strings.ToLower(strings.TrimSpace(name))]; id != 0 {
			return p.ofEmployee(id)
		}
	}
	return nil
}

func (a *account) reviewer() review.Reviewer {
	return review.Reviewer{ID: a.id, Name: a.name, Email: a.email}
}
