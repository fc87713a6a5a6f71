package activities

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"latchkey/casework"
	"latchkey/contract"
	"latchkey/identity"
	"latchkey/policy"
)

// BulkPlan says what a batch will do as far as policy knows without asking Okta about each person. Its one change stands
// for all rows: the digest that people approve covers them, and whatever differs when a row's turn comes ends that row.
func (o *Okta) BulkPlan(ctx context.Context, in contract.BulkPlanInput) (contract.BulkPlanResult, error) {
	out, err := o.bulkPlan(ctx, in)
	return out, o.failed(ctx, "planning batch "+in.Batch, err)
}

// bulkUnit is the key of the one unit of a batch.
const bulkUnit = leaverUnit

func (o *Okta) bulkPlan(ctx context.Context, in contract.BulkPlanInput) (contract.BulkPlanResult, error) {
	file, err := bulkFile(ctx, o.Blobs, in.Batch)
	if err != nil {
		return contract.BulkPlanResult{}, err
	}
	p := o.Policy.Current()
	s := bulkSummary{policy: p, departments: map[string]int{}, groups: map[string]int{}}
	for i, row := range file.Rows {
		s.add(row)
		if err := beat(ctx, i); err != nil {
			return contract.BulkPlanResult{}, err
		}
	}
	plan := casework.Seal(casework.Plan{
		UseCase: file.UseCase, PolicyDigest: p.Digest(), Notes: s.notes(file),
		Changes: []casework.Change{{
			ID: "batch", Phase: casework.PhaseGrant, Verb: bulkVerb(file.UseCase),
			Object: identity.Entitlement{Kind: "everybody in", ID: file.Digest, Name: file.Name},
			Reason: fmt.Sprintf("%d rows, digest %.12s", len(file.Rows), file.Digest),
		}},
	})
	return contract.BulkPlanResult{Digest: file.Digest, Unit: contract.Unit{Key: bulkUnit, Title: "Batch: " + bulkTitle(file), Plan: plan}}, nil
}

// bulkSummary counts what approvers want to know of a file.
type bulkSummary struct {
	policy      *policy.Policy
	departments map[string]int
	groups      map[string]int
	first, last string // dates
	now         int    // without a date
	unknown     int    // whose birthright is not known before Okta is asked
}

func (s *bulkSummary) add(row casework.Request) {
	if date, _, _ := strings.Cut(row.LocalEffective, "T"); date == "" {
		s.now++
	} else {
		if s.first == "" || date < s.first {
			s.first = date
		}
		s.last = max(s.last, date)
	}
	if row.UseCase != casework.Onboarding {
		return
	}
	department, _ := row.Fields["department"].(string)
	s.departments[cmp.Or(department, "no department")]++
	values, _ := s.policy.Profile(policy.ProfileFacts{UseCase: casework.Onboarding, Fields: row.Fields})
	rights, err := s.policy.Birthright(policy.PersonFacts{Person: policy.Become(identity.Person{}, values)})
	if err != nil {
		s.unknown++
	}
	for _, r := range rights {
		s.groups[r.Entitlement.Label()]++
	}
}

func (s *bulkSummary) notes(file contract.BulkFile) []string {
	notes := []string{fmt.Sprintf("%s out of the file %q, read by the intake rule %q.", bulkTitle(file), file.Name, file.Rule)}
	notes[0] = strings.ToUpper(notes[0][:1]) + notes[0][1:]
	switch s.first {
	case "":
		notes = append(notes, "No row names a date: they begin at once.")
	case s.last:
		notes = append(notes, "Date: "+s.first+".")
	default:
		notes = append(notes, "Dates: from "+s.first+" to "+s.last+".")
	}
	if s.now > 0 && s.first != "" {
		notes = append(notes, fmt.Sprintf("%d of them name no date: they begin at once.", s.now))
	}
	if len(s.departments) > 0 {
		notes = append(notes, "By department: "+counted(s.departments)+".")
	}
	if len(s.groups) > 0 {
		notes = append(notes, "By birthright they get: "+counted(s.groups)+". What Okta's own group rules give comes on top.")
	}
	if s.unknown > 0 {
		notes = append(notes, fmt.Sprintf("For %d of them birthright is known only when their row is planned.", s.unknown))
	}
	if file.UseCase == casework.Offboarding {
		notes = append(notes, "Each leaver loses what `starter plan` shows for a ticket about them; protected accounts, legal holds and the mass-change guard count as always.")
	}
	return notes
}

// counted is a list of names with how many people each is about, the most first.
func counted(n map[string]int) string {
	names := slices.SortedFunc(maps.Keys(n), func(a, b string) int {
		return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b))
	})
	const most = 30
	var list []string
	for _, name := range names[:min(len(names), most)] {
		list = append(list, fmt.Sprintf("%s %d", name, n[name]))
	}
	if len(names) > most {
		list = append(list, fmt.Sprintf("and %d more", len(names)-most))
	}
	return strings.Join(list, ", ")
}
