package activities

import (
	"context"
	"slices"
	"strings"

	"latchkey/approval"
	"latchkey/casework"
	"latchkey/clients/freshservice"
	"latchkey/policy"
)

// resolver turns the approvers that policy names into people of the desk, for one unit of one request.
type resolver struct {
	desk    *Desk
	facts   policy.RouteFacts
	subject freshservice.Person // zero when the subject is not on the desk
	bans    []approval.Ban
}

// group finds the people of one group: everybody whom its specifications name, each once, with why they were asked.
func (r *resolver) group(ctx context.Context, specs []policy.Approvers) ([]approval.Approver, error) {
	var all []approval.Approver
	for _, spec := range specs {
		found, err := r.one(ctx, spec)
		if err != nil {
			return nil, err
		}
		all = merge(all, found)
	}
	return all, nil
}

// one finds the people of one specification, falling back in order while nobody is found who is active and not banned.
func (r *resolver) one(ctx context.Context, spec policy.Approvers) ([]approval.Approver, error) {
	people, why, err := r.named(ctx, spec)
	if err != nil {
		return nil, err
	}
	var usable []approval.Approver
	for _, p := range people {
		a := approval.Approver{DeskID: p.ID, Email: strings.ToLower(p.Email), Name: p.Name(), Why: why}
		if p.Active && !r.banned(a) {
			usable = append(usable, a)
		}
	}
	if len(usable) > 0 {
		return merge(nil, usable), nil
	}
	for _, next := range spec.Fallback {
		found, err := r.one(ctx, next)
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

func (r *resolver) banned(a approval.Approver) bool {
	return slices.ContainsFunc(r.bans, func(b approval.Ban) bool { return b.Strikes(a) })
}

// named finds whom a specification names, active or not, and says why in words.
func (r *resolver) named(ctx context.Context, spec policy.Approvers) ([]freshservice.Person, string, error) {
	whose := r.facts.Subject.Person.DisplayName()
	switch spec.Kind {
	case policy.ApproverManager:
		p, err := r.manager(ctx)
		return p, "manager of " + whose, err
	case policy.ApproverSecondManager:
		p, err := r.secondManager(ctx)
		return p, "manager of the manager of " + whose, err
	case policy.ApproverOwner:
		if r.facts.Item == nil {
			return nil, "", nil
		}
		p, err := r.byEmail(ctx, r.facts.Item.OwnerEmail)
		return p, "owner of " + r.facts.Item.Name, err
	case policy.ApproverDepartmentHead:
		return r.departmentHead(ctx, spec.Value)
	case policy.ApproverAgentGroup:
		p, err := r.members(ctx, spec.Value)
		return p, "member of the agent group " + spec.Value, err
	case policy.ApproverPerson:
		p, err := r.byEmail(ctx, spec.Value)
		return p, "named by policy", err
	case policy.ApproverField:
		p, err := r.byEmail(ctx, spec.Value)
		return p, "named on the ticket (" + strings.ReplaceAll(spec.Field, "_", " ") + ")", err
	}
	return nil, "", problemf(casework.Invalid, "policy names an approver of the kind %q, which this version does not know: correct approvals.yaml", spec.Kind)
}

// manager is the subject's on the desk, or else the one the identity provider names.
func (r *resolver) manager(ctx context.Context) ([]freshservice.Person, error) {
	if p, ok, err := r.desk.personByID(ctx, r.subject.ReportingManagerID); err != nil || ok {
		return []freshservice.Person{p}, err
	}
	return r.byEmail(ctx, r.facts.Subject.Person.ManagerEmail)
}

func (r *resolver) secondManager(ctx context.Context) ([]freshservice.Person, error) {
	first, err := r.manager(ctx)
	if err != nil || len(first) == 0 {
		return nil, err
	}
	return r.byID(ctx, first[0].ReportingManagerID)
}

// departmentHead is the head of the named department, or of the subject's.
func (r *resolver) departmentHead(ctx context.Context, name string) ([]freshservice.Person, string, error) {
	if name == "" {
		name = r.facts.Subject.Person.Department
	}
	all, err := r.desk.departmentList(ctx)
	if err != nil {
		return nil, "", err
	}
	for _, department := range all {
		if name != "" && strings.EqualFold(strings.TrimSpace(department.Name), strings.TrimSpace(name)) {
			p, err := r.byID(ctx, department.HeadUserID)
			return p, "head of the department " + department.Name, err
		}
	}
	return nil, "", nil
}

// members are the people of an agent group. A group that policy got wrong is found by nobody, so that a fallback may
// still be asked; RouteApproval says so when none is.
func (r *resolver) members(ctx context.Context, group string) ([]freshservice.Person, error) {
	g, err := r.desk.agentGroup(ctx, group, "approvals.yaml")
	if err != nil && kindOf(err) == casework.Invalid {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var people []freshservice.Person
	for _, id := range g.Members {
		p, err := r.byID(ctx, id)
		if err != nil {
			return nil, err
		}
		people = append(people, p...)
	}
	return people, nil
}

func (r *resolver) byID(ctx context.Context, id int64) ([]freshservice.Person, error) {
	p, ok, err := r.desk.personByID(ctx, id)
	if err != nil || !ok {
		return nil, err
	}
	return []freshservice.Person{p}, nil
}

func (r *resolver) byEmail(ctx context.Context, email string) ([]freshservice.Person, error) {
	p, ok, err := r.desk.personByEmail(ctx, email)
	if err != nil || !ok {
		return nil, err
	}
	return []freshservice.Person{p}, nil
}

// merge adds people to a list, each once; somebody found twice keeps both reasons.
func merge(list, more []approval.Approver) []approval.Approver {
	for _, a := range more {
		i := slices.IndexFunc(list, a.Same)
		switch {
		case i < 0:
			list = append(list, a)
		case !strings.Contains(list[i].Why, a.Why):
			list[i].Why += "; " + a.Why
		}
	}
	return list
}
